"""An import never overrides a no by itself."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.domain.consent import Consent, Decision
from appliance.errors import Refusal
from tests.pipeline.roster.school import (
    TODAY,
    Cells,
    School,
    day,
    person,
    row,
)


@pytest.mark.parametrize("begins", [-60, -31, -30, -29, -1, 0, 5])
@pytest.mark.parametrize("no", ["refused", "withdrawn"])
@pytest.mark.parametrize("by", ["import", "console"])
def test_a_grant_against_a_no_on_record_is_a_conflict(school: School, by: str, no: str, begins: int) -> None:
    school.take([person()])
    if by == "import":
        school.take(None, [row(no)])
    else:
        school.say(no, -30)
    report = school.take(None, [row(begins=begins, evidence="a newer form")])
    (conflict,) = report.conflicts
    assert (conflict.line, conflict.subject, conflict.scope) == (2, "P1", "website")
    assert conflict.why == f"parent:1 {no} from {day(-30)}"
    assert report.added == []
    assert not any(school.shows(later=n) for n in range(20))
    assert [c["id"] for c in school.people.imports.conflicts()] == [conflict.conflict]
    assert school.take(None, [row(begins=begins, evidence="a newer form")]).conflicts == [conflict]


def test_an_old_file_does_not_revive_what_was_withdrawn_since(school: School) -> None:
    school.take([person()], [row()])
    school.say("withdrawn")
    assert [c.why for c in school.take(None, [row()]).conflicts] == [f"parent:1 withdrawn from {TODAY}"]
    assert not any(school.shows(later=n) for n in range(20))


def test_a_grant_cannot_slip_in_before_one_for_days_to_come(school: School) -> None:
    school.take([person()], [row(begins=30)])
    school.people.record_consent(Consent("P1", "parent:1", "website", Decision.WITHDRAWN, TODAY - timedelta(5)), "Ann")
    assert len(school.take(None, [row(begins=30), row(begins=-2)]).conflicts) == 1
    assert not school.shows()


def test_the_history_in_a_first_import_is_one_record(school: School) -> None:
    history = [row(begins=-300), row("withdrawn", -200), row(begins=-100)]
    report = school.take([person()], history[::-1])
    assert report.conflicts == []
    assert school.shows()
    ending_in_no = [row(begins=-300, subject="P2"), row("refused", -200, subject="P2")]
    school.take([person("P2")], ending_in_no)
    assert not school.shows("P2")
    assert school.take(None, ending_in_no).conflicts == []


def test_history_is_no_excuse_where_something_is_on_record(school: School) -> None:
    school.take([person()], [row(begins=-300)])
    report = school.take(None, [row(begins=-300), row("refused", -20), row(begins=-10)])
    assert [c.line for c in report.conflicts] == [4]
    assert not school.shows()


def test_another_partys_grant_is_applied_and_shows_nothing_over_a_refusal(school: School) -> None:
    school.take([person(parents="2")])
    school.say("refused")
    report = school.take(None, [row(party="parent:2")])
    assert (len(report.added), report.conflicts) == (1, [])
    assert not school.shows()


def test_an_import_may_always_tighten(school: School) -> None:
    school.take([person()], [row()])
    assert len(school.take(None, [row(), row("withdrawn", -1)]).added) == 1
    assert not school.shows()


@pytest.mark.parametrize(
    ("no", "grant", "first_day"),
    [
        pytest.param(-30, -10, -10, id="a later form holds from its own day"),
        pytest.param(-30, -60, -29, id="an older form holds from the day after the no"),
        pytest.param(-30, -30, -29, id="one of the same day too"),
        pytest.param(0, -10, 1, id="said no today: from tomorrow"),
    ],
)
def test_a_resolved_conflict_holds(school: School, no: int, grant: int, first_day: int) -> None:
    school.take([person()])
    school.say("withdrawn", no)
    file = [row(begins=grant)]
    (conflict,) = school.take(None, file).conflicts
    report = school.take(None, file, resolve=[conflict.conflict], who="Ann", evidence="new form seen")
    assert report.conflicts == []
    assert report.warnings == []
    assert school.people.imports.conflicts() == []
    assert [school.shows(later=n) for n in (first_day - 1, first_day)] == [False, True]
    assert not school.shows(later=grant + 366)
    assert school.people.consents("P1")[-1].evidence == "new form seen"
    before = school.record()
    assert len(school.take(None, file).unchanged) == 1
    again = school.take(None, file, resolve=[conflict.conflict], who="Ann", evidence="new form seen")
    assert len(again.warnings) == 1
    assert school.record() == before


def test_a_no_after_a_resolution_is_a_conflict_of_its_own(school: School) -> None:
    school.take([person()])
    school.say("withdrawn", -30)
    file = [row(begins=-10)]
    (first,) = school.take(None, file).conflicts
    school.take(None, file, resolve=[first.conflict], evidence="form")
    school.say("withdrawn", -1)
    (second,) = school.take(None, file, resolve=[first.conflict], evidence="form").conflicts
    assert second.conflict != first.conflict
    assert not school.shows()
    school.take(None, file, resolve=[second.conflict], evidence="form")
    assert school.shows()


def test_a_resolution_brings_evidence_to_a_row_without(school: School) -> None:
    school.take([person()])
    school.say("refused", -30, scope="biometric")
    file = [row(begins=-10, scope="biometric", evidence="")]
    (conflict,) = school.take(None, file).conflicts
    school.take(None, file, resolve=[conflict.conflict], evidence="form seen")
    assert school.shows(scope="biometric")
    assert len(school.take(None, file).unchanged) == 1


@pytest.mark.parametrize(("who", "evidence"), [("", "form"), ("console", "form"), ("Ann", ""), ("Ann", "  ")])
def test_a_resolution_needs_a_name_and_evidence(school: School, who: str, evidence: str) -> None:
    with pytest.raises(Refusal, match="--evidence"):
        school.take([person()], [row()], resolve=["abc"], who=who, evidence=evidence)
    assert school.people.names() == {}


rows = st.builds(
    row, st.sampled_from(["granted", "granted", "notified", "refused", "withdrawn", "grnted"]),
    st.integers(-400, 40), party=st.sampled_from(["parent:1", "parent:2", "self", "school", "mother"]),
    scope=st.sampled_from(["website", "website", "biometric", "web"]), until_on=st.sampled_from(["", day(90), day(-9)]),
    basis=st.sampled_from(["consent", "public_task", ""]), evidence=st.sampled_from(["form", "letter", ""]),
)  # fmt: skip
files = st.lists(st.tuples(st.lists(rows, min_size=1, max_size=5), st.booleans()), min_size=1, max_size=4)


@settings(max_examples=40, deadline=None)
@given(files, st.integers(-100, 0), st.sampled_from(["refused", "withdrawn"]))
def test_no_files_in_any_order_override_a_no_and_each_twice_changes_nothing(
    tmp_path_factory: pytest.TempPathFactory, given_: list[tuple[list[Cells], bool]], begins: int, no: str
) -> None:
    school = School(tmp_path_factory.mktemp("school"))
    school.take([person(parents="")])
    school.say(no, begins)
    for consents, complete in given_:
        school.take(None, consents, complete=complete)
        before = school.record()
        school.take(None, consents, complete=complete)
        assert school.record() == before
        assert not any(school.shows(later=n) for n in range(begins, 45))
