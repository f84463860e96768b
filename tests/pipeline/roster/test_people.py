"""A roster may change a person, and never by itself so that fewer people are asked."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.pipeline.roster.school import (
    Cells,
    School,
    day,
    person,
    row,
)


@pytest.mark.parametrize(
    ("before", "after", "field"),
    [
        pytest.param({}, {"kind": "staff"}, "kind", id="a pupil becomes staff"),
        pytest.param({}, {"kind": "visitor"}, "kind", id="a pupil becomes a visitor"),
        pytest.param(
            {"kind": "visitor", "birth_on": ""}, {"kind": "staff", "birth_on": ""}, "kind", id="an adult by kind"
        ),
        pytest.param({"parents": "2"}, {"parents": "1"}, "parents", id="fewer parents"),
        pytest.param({}, {"birth_on": "2006-05-01"}, "birth_on", id="an adult overnight"),
        pytest.param({"birth_on": ""}, {"birth_on": "2006-05-01"}, "birth_on", id="an adult, of unknown age so far"),
    ],
)  # fmt: skip
def test_a_roster_that_asks_fewer_people_is_a_conflict(school: School, before: Cells, after: Cells, field: str) -> None:
    school.take([person(**before)])
    old = school.person()
    file = [person(**after, group="5B")]
    report = school.take(file)
    (conflict,) = report.conflicts
    assert (conflict.line, conflict.subject, conflict.scope) == (2, "P1", "roster")
    assert conflict.why.startswith(f"{field}: ")
    assert getattr(school.person(), field) == getattr(old, field)
    assert school.person().group == "5B"
    assert school.take(file).conflicts == [conflict]
    school.take(file, resolve=[conflict.conflict], evidence="letter of the DSL")
    assert getattr(school.person(), field) != getattr(old, field)
    assert len(school.take(file).unchanged) == 1
    school.take([person(**before)])
    (again,) = school.take(file).conflicts
    assert again.conflict != conflict.conflict


def test_a_parent_who_was_heard_is_a_parent(school: School) -> None:
    school.take([person(parents="")], [row("refused", party="parent:2")])
    assert [c.why for c in school.take([person(parents="1")]).conflicts] == ["parents: 2 are on record"]
    assert school.take([person(parents="2")]).conflicts == []
    assert school.person().parents == 2


def test_a_younger_age_is_a_conflict_where_the_childs_own_word_is_asked(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "config.toml").write_text("own_consent_age = 13\n", encoding="utf-8")
    school = School(tmp_path)
    school.take([person(birth_on="2012-05-01")])
    assert len(school.take([person(birth_on="2016-05-01")]).conflicts) == 1


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param({}, {"parents": "2"}, id="more parents"),
        pytest.param({"parents": "2"}, {"parents": ""}, id="parents unknown now"),
        pytest.param({"parents": ""}, {"parents": "1"}, id="parents known now"),
        pytest.param({"kind": "staff"}, {"kind": "pupil"}, id="staff becomes a pupil"),
        pytest.param({"leaving_on": day(-1)}, {}, id="back again"),
        pytest.param({"birth_on": ""}, {}, id="birthday known now"),
    ],
)
def test_other_changes_are_applied(school: School, before: Cells, after: Cells) -> None:
    school.take([person(**before)])
    report = school.take([person(**after)])
    assert (len(report.changed), report.conflicts) == (1, [])
    assert school.take([person(**after)]).changed == []


@pytest.mark.parametrize("then", ["yes", ""])
@pytest.mark.parametrize("now", ["yes", "no", ""])
def test_whoever_is_protected_stays_so_and_no_report_tells(school: School, then: str, now: str) -> None:
    school.take([person(protected=then), person("P2")])
    reports = [school.take([person(protected=now), person("P2")]), school.take([person("P2"), person(protected=now)])]
    assert school.person().protected
    for report in reports:
        assert (report.changed, report.conflicts) == ([], [])
        assert sorted(c.subject for c in report.unchanged) == ["P1", "P2"]
        lines = json.dumps([data for data, _ in report.lines() if data["result"] != "note"])
        assert "protected" not in lines


def test_who_becomes_protected_by_a_file_is_recorded_and_not_told(school: School) -> None:
    school.take([person()])
    report = school.take([person(protected="yes")])
    assert school.person().protected
    assert (report.changed, [c.subject for c in report.unchanged]) == ([], ["P1"])
