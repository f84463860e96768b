"""Imports of the school's files into a real home: they add, tighten and renew, and never override a no."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.domain.consent import CHANNELS, Consent, Decision, Person
from appliance.errors import Refusal
from appliance.pipeline.portraits import LARGEST_PORTRAIT
from appliance.pipeline.roster import import_roster, set_consent
from appliance.pipeline.roster_csv import CONSENT_COLUMNS, PEOPLE_COLUMNS
from appliance.pipeline.roster_report import ImportReport
from appliance.store.home import Home

TODAY = date(2026, 11, 20)
Cells = dict[str, str]


def day(days: int) -> str:
    """So many days from today, as in a file."""
    return (TODAY + timedelta(days)).isoformat()


def person(subject: str = "P1", **cells: str) -> Cells:
    return {
        "subject_id": subject, "given_name": f"Given{subject}", "family_name": f"Family{subject}", "known_as": "",
        "group": "4B", "kind": "pupil", "birth_on": "2016-05-01", "leaving_on": "", "family": "", "parents": "1",
        "protected": "no", **cells,
    }  # fmt: skip


def row(decision: str = "granted", begins: int | str = -30, subject: str = "P1", **cells: str) -> Cells:
    return {
        "subject_id": subject, "party": "parent:1", "scope": "website", "decision": decision,
        "from_on": day(begins) if isinstance(begins, int) else begins, "until_on": "", "basis": "consent",
        "evidence": "form", **cells,
    }  # fmt: skip


class School:
    """A home, and a desk on which the school's files lie."""

    def __init__(self, folder: Path) -> None:
        self.home, self.desk, self.today = Home.create(folder / "home"), folder, TODAY
        self.people = self.home.people

    def take(
        self, people: Sequence[Cells] | None = None, consents: Sequence[Cells] | None = None,
        portraits: Path | None = None, **options: Any,
    ) -> ImportReport:  # fmt: skip
        people_csv = None if people is None else write(self.desk / "roster.csv", PEOPLE_COLUMNS, people)
        consents_csv = None if consents is None else write(self.desk / "consents.csv", CONSENT_COLUMNS, consents)
        return self.take_files(people_csv, consents_csv, portraits, **options)

    def take_files(
        self, people_csv: Path | None, consents_csv: Path | None, portraits: Path | None = None, **options: Any
    ) -> ImportReport:
        return import_roster(
            people=self.people, vault=self.home.vault, people_csv=people_csv, consents_csv=consents_csv,
            portraits=portraits, today=self.today, **{"who": "Ann", **options},
        )  # fmt: skip

    def say(self, decision: str, begins: int | None = None, scope: str = "website", party: str = "parent:1") -> Consent:
        """At the console, about P1."""
        return set_consent(
            people=self.people, subject="P1", scope=scope, decision=decision, party=party,
            from_on=None if begins is None else day(begins), until_on=None, evidence="letter", who="Ann",
            today=self.today,
        )  # fmt: skip

    def shows(self, subject: str = "P1", scope: str = "website", later: int = 0) -> bool:
        return self.people.roster().allows(subject, scope, self.today + timedelta(later))

    def person(self, subject: str = "P1") -> Person:
        return self.people.roster().people[subject]

    def record(self) -> str:
        """Everything in the database of people, and every file of the vault."""
        db = [list(self.people._db.query(f"SELECT * FROM {t} ORDER BY 1")) for t in TABLES]
        return json.dumps([db, sorted(self.home.vault.names("portraits"))])


TABLES = ("persons", "consents", "conflicts", "resolutions", "portraits")


def write(path: Path, columns: Sequence[str], rows: Sequence[Cells]) -> Path:
    with path.open("w", newline="", encoding="utf-8-sig") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows(rows)
    return path


@pytest.fixture
def school(tmp_path: Path) -> School:
    return School(tmp_path)


# ---- taking in


def test_a_first_import_records_everybody_and_what_was_said(school: School) -> None:
    report = school.take(
        [person(), person("S1", kind="staff", birth_on="", parents="")], [row(), row(subject="S1", party="self")]
    )
    assert [(c.what, c.subject, c.line) for c in report.added] == [
        ("person", "P1", 2), ("person", "S1", 3), ("consent", "P1", 2), ("consent", "S1", 3),
    ]  # fmt: skip
    assert school.shows("P1")
    assert school.shows("S1")
    assert school.people.names()["P1"].full == "GivenP1 FamilyP1"
    assert (school.person().parents, school.person("S1").parents) == (1, None)


def test_the_same_files_again_change_nothing(school: School) -> None:
    people = [person(), person("P2", parents="2")]
    consents = [
        row(begins=-400), row("withdrawn", -90), row(begins=-30), row(), row("notified", scope="biometric", basis=""),
        row("refused", subject="P2", party="self", until_on=day(3)), row(subject="P2", scope="prss"),
    ]  # fmt: skip
    school.take(people, consents)
    before = school.record()
    report = school.take(people, consents)
    assert school.record() == before
    assert (report.added, report.changed, report.absent, report.conflicts) == ([], [], [], [])
    assert len(report.unchanged) == 8


def test_a_change_on_the_roster_is_a_new_fact(school: School) -> None:
    school.take([person()])
    report = school.take([person(group="5B", known_as="Bee", leaving_on=day(10))])
    assert [(c.subject, c.detail) for c in report.changed] == [("P1", "group, leaving_on, known_as")]
    assert (school.person().group, school.people.names()["P1"].full) == ("5B", "Bee FamilyP1")


def test_a_renewal_is_applied(school: School) -> None:
    school.take([person()], [row(begins=-380)])
    assert not school.shows()
    assert len(school.take(None, [row(begins=-380), row(begins=-1)]).added) == 1
    assert school.shows()


def test_a_dry_run_says_what_it_would_do_and_writes_nothing(school: School, tmp_path: Path) -> None:
    school.take([person()], [row()])
    school.say("withdrawn")
    folder = portraits(tmp_path, "P1.jpg")
    files = ([person(group="5B"), person("P2")], [row(begins=-2), row(subject="P2"), row(subject="P2", scope="x")])
    before = school.record()
    tried = school.take(*files, folder, dry_run=True)
    assert school.record() == before
    assert not any(school.shows(s) for s in ("P1", "P2"))
    done = school.take(*files, folder)
    assert asdict(tried) | {"dry_run": False} == asdict(done)
    assert (len(done.added), len(done.changed), len(done.conflicts), len(done.blocked)) == (3, 1, 1, 1)


def test_the_report_speaks_in_lines_and_without_names(school: School) -> None:
    school.take([person()], [row(), row(scope="x")])
    school.say("withdrawn")
    report = school.take([person(group="5B"), person("P2", protected="")], [row(begins=-2), row(scope="x")])
    lines = [(data, words) for data, words in report.lines()]
    assert [data["result"] for data, _ in lines] == ["added", "changed", "conflict", "blocked", "note", "summary"]
    assert lines[2][0]["conflict"] == report.conflicts[0].conflict
    assert lines[-1][0]["conflicts"] == 1
    assert not any("Given" in words or "Family" in words or "Given" in json.dumps(data) for data, words in lines)
    assert report.summary() == "Imported: 1 added, 1 changed, 0 unchanged, 0 absent, 1 conflicts, 1 blocked, 1 notes."


# ---- a no is not overridden


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
    assert list(school.people.open_conflicts()) == [conflict.conflict]
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
    assert school.people.open_conflicts() == {}
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


# ---- a roster loosens nothing


@pytest.mark.parametrize(
    ("before", "after", "field"),
    [
        pytest.param({"protected": "yes"}, {}, "protected", id="protected no more"),
        pytest.param({"protected": ""}, {}, "protected", id="protected was blank"),
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
        pytest.param({}, {"protected": "yes"}, id="protected"),
        pytest.param({}, {"protected": ""}, id="protected is blank now"),
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


# ---- rows that cannot be read

UNREADABLE = [
    pytest.param({"decision": "yes"}, "decision 'yes'", id="decision"),
    pytest.param({"decision": "Granted"}, "decision 'Granted'", id="decision in capitals"),
    pytest.param({"decision": ""}, "decision ''", id="decision blank"),
    pytest.param({"decision": "unreadable"}, "decision 'unreadable'", id="a marker is no decision"),
    pytest.param({"from_on": ""}, "from_on ''", id="from_on blank"),
    pytest.param({"from_on": "01/09/2026"}, "from_on '01/09/2026'", id="another way to write a day"),
    pytest.param({"from_on": "2026-02-30"}, "from_on '2026-02-30'", id="no such day"),
    pytest.param({"from_on": "0026-09-01"}, "from_on '0026-09-01'", id="an absurd year"),
    pytest.param({"until_on": "soon"}, "until_on 'soon'", id="until_on"),
    pytest.param({"until_on": "2020-01-01"}, "until_on '2020-01-01' is before", id="ends before it begins"),
    pytest.param({"party": "mother"}, "party 'mother'", id="party"),
    pytest.param({"party": "parent:0"}, "party 'parent:0'", id="no such parent"),
    pytest.param({"party": ""}, "party ''", id="party blank"),
    pytest.param({"basis": ""}, "basis ''", id="a grant without a basis"),
    pytest.param({"basis": "because"}, "basis 'because'", id="basis"),
]


@pytest.mark.parametrize(("cells", "reason"), UNREADABLE)
def test_a_row_that_cannot_be_read_blocks_its_scope_until_it_can(school: School, cells: Cells, reason: str) -> None:
    good = [row(), row(scope="newsletter"), row(subject="P2")]
    school.take([person(), person("P2")], good)
    bad = [row(begins=-20, **cells) if "from_on" not in cells else row(**cells), *good]
    report = school.take(None, bad)
    assert [(b.line, b.subject, b.scope) for b in report.blocked] == [(2, "P1", "website")]
    assert report.blocked[0].reason.startswith(reason)
    assert [school.shows(), school.shows(scope="newsletter"), school.shows("P2")] == [False, True, True]
    mended = school.take(None, [row(begins=-20), *good])
    assert [c.detail for c in mended.changed] == ["website can be read again"]
    assert mended.blocked == []
    assert school.shows()


def test_an_unreadable_scope_blocks_every_scope(school: School) -> None:
    good = [row(scope=c) for c in CHANNELS]
    school.take([person(), person("P2")], [*good, row(subject="P2")])
    school.take(None, [*good, row(scope="web site")])
    assert not any(school.shows(scope=c) for c in CHANNELS)
    assert school.shows("P2")
    school.take(None, [*good, row(scope="biometric")])
    assert all(school.shows(scope=c) for c in CHANNELS)


def test_a_row_with_too_many_or_too_few_cells_blocks_every_scope(school: School) -> None:
    school.take([person()], [row()])
    for line in ("P1,parent:1,website,granted,2026-11-01,,consent,form, page 2", "P1,parent:1,website,granted"):
        path = school.desk / "consents.csv"
        path.write_text(f"{','.join(CONSENT_COLUMNS)}\n{line}\n", encoding="utf-8")
        report = school.take_files(None, path)
        assert [(b.scope, b.reason) for b in report.blocked] == [("", "more or fewer cells than the header")]
        assert not school.shows()
        school.take(None, [row(), row(scope="press")])
        assert school.shows()


def test_a_row_that_is_gone_is_not_a_row_that_can_be_read(school: School) -> None:
    other = row(party="parent:2")
    school.take([person(parents="2")], [row(), row("refusd", -5), other])
    report = school.take(None, [row(), other])
    assert [(b.line, b.reason) for b in report.blocked] == [
        (None, "a row that could not be read has not been replaced")
    ]
    assert not school.shows()
    school.take(None, [row(), row("granted", -5), other])
    assert school.shows()


def test_good_then_unreadable_then_good_again_is_good(school: School) -> None:
    school.take([person()], [row()])
    school.take(None, [row("grnted")])
    assert not school.shows()
    school.take(None, [row()])
    assert school.shows()


def test_a_complete_file_without_the_unreadable_row_lifts_the_block(school: School) -> None:
    school.take([person()], [row(), row("refusd", -5)])
    school.take(None, [row()], complete=True)
    assert school.shows()


def test_what_was_unreadable_may_turn_out_to_be_a_no(school: School) -> None:
    school.take([person()], [row(), row("refusd", -5)])
    school.take(None, [row(), row("refused", -5)])
    assert not school.shows()
    assert school.take(None, [row()]).conflicts != []


def test_the_console_replaces_what_could_not_be_read_of_the_same_party(school: School) -> None:
    school.take([person(parents="2")], [row("grnted"), row("x", party="parent:2"), row("x", scope="press")])
    school.say("granted")
    assert not school.shows()
    school.say("granted", party="parent:2")
    assert school.shows()
    assert not school.shows(scope="press")


# ---- files that are refused

GOOD_ROSTER, GOOD_CONSENTS = [person(), person("P2")], [row(), row(subject="P2")]


@pytest.mark.parametrize(
    ("consents", "lines"),
    [
        pytest.param([row(), row(subject="")], "line 3", id="blank subject"),
        pytest.param([row(), row("bad", subject="")], "line 3", id="nothing can be read"),
        pytest.param([row(), row(subject="P\x00")], "line 3", id="unprintable subject"),
        pytest.param([row(), row(subject="P9"), row("bad", subject="P8")], "line 3, 4", id="nobody on the roster"),
    ],
)
def test_consents_of_nobody_refuse_the_whole_import(school: School, consents: list[Cells], lines: str) -> None:
    school.take([person("P0")])
    before = school.record()
    with pytest.raises(Refusal, match=lines):
        school.take(GOOD_ROSTER, consents, portraits(school.desk, "P1.jpg"))
    assert school.record() == before
    assert list(school.people.roster().people) == ["P0"]


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        pytest.param({"subject_id": ""}, "subject_id is blank", id="subject blank"),
        pytest.param({"subject_id": "P\n1"}, "runs on into the next line", id="subject over two lines"),
        pytest.param({"kind": "pupl"}, "kind 'pupl' is none of pupil, staff, visitor", id="kind"),
        pytest.param({"kind": ""}, "kind ''", id="kind blank"),
        pytest.param({"birth_on": "1/5/2016"}, "birth_on '1/5/2016'", id="birthday"),
        pytest.param({"birth_on": "1901-05-01"}, "nobody's birthday", id="too old to be true"),
        pytest.param({"birth_on": day(1)}, "nobody's birthday", id="born tomorrow"),
        pytest.param({"leaving_on": "July"}, "leaving_on 'July'", id="leaving day"),
        pytest.param({"parents": "two"}, "parents 'two'", id="parents"),
        pytest.param({"parents": "-1"}, "parents '-1'", id="parents below none"),
        pytest.param({"parents": "99"}, "parents '99'", id="too many parents"),
        pytest.param({"protected": "maybe"}, "protected 'maybe' is none of yes, no", id="protected"),
        pytest.param({"protected": "No"}, "protected 'No'", id="protected in capitals"),
        pytest.param({"subject_id": "P2"}, "line 2: subject_id 'P2' is there twice", id="the same person twice"),
    ],
)
def test_a_roster_row_that_cannot_be_read_refuses_the_whole_import(school: School, cells: Cells, reason: str) -> None:
    with pytest.raises(Refusal, match=reason):
        school.take([person("P2"), person(**cells)], [row(subject="P2")])
    assert school.people.names() == {}


def test_every_fault_is_listed_with_its_line(school: School) -> None:
    with pytest.raises(Refusal) as refusal:
        school.take([person("P0", kind="x"), person(), person("P2", parents="x")])
    assert "line 2: kind" in str(refusal.value)
    assert "line 4: parents" in str(refusal.value)


def test_blank_parents_and_dates_are_unknown_and_blank_protected_is_yes(school: School) -> None:
    report = school.take([person(parents="", birth_on="", leaving_on="", protected="", group="", family="")], [row()])
    assert (school.person().parents, school.person().birth_on, school.person().protected) == (None, None, True)
    assert report.warnings == ["roster.csv: protected is blank on line 2; taken for yes, nobody is shown"]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        pytest.param(b"", "column_missing", id="empty"),
        pytest.param(b"subject_id;party;scope\nP1;parent:1;website\n", "column_missing", id="semicolons"),
        pytest.param(",".join(CONSENT_COLUMNS[:-1]).encode(), "column_missing", id="a column is missing"),
        pytest.param(",".join([*CONSENT_COLUMNS, "scope"]).encode(), "column_twice", id="a column twice"),
        pytest.param(",".join(CONSENT_COLUMNS).encode("utf-16"), "not_utf8", id="UTF-16"),
        pytest.param((",".join(CONSENT_COLUMNS) + '\n"P1,a,b\nP2,c').encode(), "rows_unreadable", id="open quote"),
        pytest.param((",".join(CONSENT_COLUMNS) + '\n"P1\nP2",b').encode(), "rows_unreadable", id="two lines in one"),
    ],
)
def test_a_file_that_is_no_such_table_is_refused(school: School, data: bytes, code: str) -> None:
    path = school.desk / "consents.csv"
    path.write_bytes(data)
    with pytest.raises(Refusal) as refusal:
        school.take_files(write(school.desk / "roster.csv", PEOPLE_COLUMNS, GOOD_ROSTER), path)
    assert refusal.value.code == code
    assert school.people.names() == {}


def test_a_file_that_is_not_there_is_refused(school: School) -> None:
    with pytest.raises(Refusal, match="cannot be read"):
        school.take_files(school.desk / "roster.csv", None)


def test_more_columns_blank_lines_and_spaces_do_no_harm(school: School) -> None:
    path = school.desk / "roster.csv"
    columns = ["house", *reversed(PEOPLE_COLUMNS)]
    cells = {**person(), "house": "Red"}
    lines = [" , ".join(columns), "," * 11, " , ".join(cells[c] for c in columns), ""]
    path.write_bytes("\r\n".join(lines).encode())
    report = school.take_files(path, None)
    assert report.warnings == ["roster.csv: columns that are not used: 'house'"]
    assert [(c.subject, c.line) for c in report.added] == [("P1", 3)]
    assert school.person().parents == 1


# ---- who and what is not in a later file


def test_whoever_is_absent_stays_and_is_listed(school: School) -> None:
    school.take(
        [person(), person("P2"), person("P3", leaving_on=day(-9))],
        [row(), row(subject="P2"), row("refused", subject="P3")],
    )
    report = school.take([person()], [row()])
    assert [(a.what, a.subject, a.ended) for a in report.absent] == [
        ("person", "P2", False), ("consent", "P2", False), ("consent", "P3", False),
    ]  # fmt: skip
    assert school.shows("P2")


def test_a_complete_file_ends_what_it_does_not_have(school: School) -> None:
    consents = [
        row(),
        row(subject="P2"),
        row(scope="press"),
        row("refused", scope="family"),
        row("notified", scope="biometric"),
    ]
    school.take([person(), person("P2")], consents)
    report = school.take([person()], [row()], complete=True)
    assert [(a.what, a.subject, a.ended) for a in report.absent] == [
        ("person", "P2", True), ("consent", "P2", True), ("consent", "P1", True), ("consent", "P1", False),
        ("consent", "P1", False),
    ]  # fmt: skip
    assert school.person("P2").leaving_on == TODAY - timedelta(1)
    assert school.shows()
    assert not any(school.shows(s, scope) for s, scope in (("P2", "website"), ("P1", "press")))
    before = school.record()
    again = school.take([person()], [row()], complete=True)
    assert school.record() == before
    assert not any(a.ended for a in again.absent)


def test_an_earlier_leaving_day_stays_in_a_complete_import(school: School) -> None:
    school.take([person(), person("P2", leaving_on=day(-30))])
    school.take([person()], complete=True)
    assert school.person("P2").leaving_on == TODAY - timedelta(30)


def test_what_only_absence_had_ended_is_taken_up_again(school: School) -> None:
    both = ([person(), person("P2")], [row(), row(subject="P2", until_on=day(90))])
    school.take(*both)
    school.take([person()], [row()], complete=True)
    assert not school.shows("P2")
    report = school.take(*both)
    assert report.conflicts == []
    assert school.shows("P2", later=90)
    assert not school.shows("P2", later=91)
    before = school.record()
    school.take(*both)
    assert school.record() == before


def test_a_complete_file_ends_a_grant_for_days_to_come_and_never_a_refusal(school: School) -> None:
    school.take([person()], [row(begins=10), row("refused", scope="press")])
    school.take(None, [row(scope="family")], complete=True)
    assert not school.shows(later=20)
    assert school.take(None, [row(scope="press")]).conflicts != []


def test_a_resolved_grant_survives_a_complete_import_of_the_same_file(school: School) -> None:
    school.take([person()])
    school.say("withdrawn", -30)
    file = [row(begins=-60)]
    (conflict,) = school.take(None, file).conflicts
    school.take(None, file, resolve=[conflict.conflict], evidence="form")
    assert school.take(None, file, complete=True).absent == []
    assert school.shows()


@pytest.mark.parametrize("files", [([], None), (None, []), ([person()], [])])
def test_an_empty_file_is_not_complete(school: School, files: tuple[Any, Any]) -> None:
    school.take(GOOD_ROSTER, GOOD_CONSENTS)
    with pytest.raises(Refusal, match="complete"):
        school.take(*files, complete=True)
    assert school.shows()


# ---- portraits


def portraits(folder: Path, *names: str) -> Path:
    root = folder / "portraits"
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(f"not decoded here: {name}".encode())
    return root


def test_portraits_are_kept_under_their_hash_with_whose_they_are(school: School, tmp_path: Path) -> None:
    folder = portraits(tmp_path, "P1.jpg", "P1_left.JPG", "P1/any name.heic", "P2/a.jpg")
    report = school.take(GOOD_ROSTER, None, folder)
    assert {s: len(p) for s, p in school.people.portraits().items()} == {"P1": 3, "P2": 1}
    assert {c.detail for c in report.portraits} == set(school.home.vault.names("portraits"))
    assert school.take(None, None, folder).portraits == []


def test_files_that_are_nobodys_are_listed_and_left(school: School, tmp_path: Path) -> None:
    folder = portraits(tmp_path, "P9.jpg", "P1.png", "P1_2.jpg", "P1/deep/a.jpg", "P1/.hidden", "P10.jpg", "notes")
    (folder / "P2.jpg").symlink_to(folder / "P9.jpg")
    (folder / "P2").symlink_to(folder / "P1")
    (folder / "P1_empty.jpg").touch()
    with (folder / "P1_huge.jpg").open("wb") as file:
        file.truncate(LARGEST_PORTRAIT + 1)
    report = school.take([*GOOD_ROSTER, person("P1_2")], None, folder)
    assert school.people.portraits() == {}
    assert list(school.home.vault.names("portraits")) == []
    assert [w.removeprefix("portrait ") for w in sorted(report.warnings)] == [
        "P1.png belongs to nobody", "P1/.hidden belongs to nobody", "P1/deep/a.jpg belongs to nobody",
        "P10.jpg belongs to nobody", "P1_2.jpg belongs to more than one person",
        "P1_empty.jpg is empty or larger than 30 MB", "P1_huge.jpg is empty or larger than 30 MB",
        "P2 is a link or a device", "P2.jpg is a link or a device", "P9.jpg belongs to nobody",
        "notes belongs to nobody",
    ]  # fmt: skip


def test_a_folder_that_is_not_there_is_refused(school: School, tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="folder"):
        school.take(GOOD_ROSTER, None, tmp_path / "nowhere")
    assert school.people.names() == {}


# ---- at the console


def test_a_word_at_the_console_counts_from_today(school: School) -> None:
    school.take([person()])
    assert school.say("granted").from_on == TODAY
    assert school.shows()
    assert not school.shows(later=-1)
    school.say("withdrawn")
    assert not school.shows()


def test_a_withdrawal_ends_what_was_granted_for_days_to_come(school: School) -> None:
    school.take([person()], [row(), row(begins=10)])
    school.say("withdrawn")
    assert not any(school.shows(later=n) for n in range(40))


def test_the_same_word_twice_is_recorded_once(school: School) -> None:
    school.take([person()])
    school.say("granted")
    before = school.record()
    school.say("granted")
    assert school.record() == before


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        pytest.param({"subject": "P9"}, "no_such_subject", id="subject"),
        pytest.param({"scope": "poster"}, "no_such_scope", id="scope"),
        pytest.param({"scope": ""}, "no_such_scope", id="no scope"),
        pytest.param({"decision": "yes"}, "no_such_decision", id="decision"),
        pytest.param({"decision": "readable"}, "no_such_decision", id="a marker"),
        pytest.param({"party": "parent"}, "no_such_party", id="party"),
        pytest.param({"party": "Parent:1"}, "no_such_party", id="party in capitals"),
        pytest.param({"from_on": "yesterday"}, "no_such_day", id="from"),
        pytest.param({"until_on": "2026-13-01"}, "no_such_day", id="until"),
        pytest.param({"until_on": day(-1)}, "ends_before_it_begins", id="until before from"),
        pytest.param({"who": " "}, "who_is_missing", id="who"),
    ],
)
def test_what_makes_no_sense_is_refused_at_the_console(school: School, changed: Cells, code: str) -> None:
    school.take([person()])
    said = {
        "subject": "P1", "scope": "website", "decision": "granted", "party": "parent:1", "from_on": None,
        "until_on": None, "evidence": "", "who": "Ann", **changed,
    }  # fmt: skip
    with pytest.raises(Refusal) as refusal:
        set_consent(people=school.people, today=TODAY, **said)  # type: ignore[arg-type]  # by name
    assert refusal.value.code == code
    assert "\n" not in str(refusal.value)
    assert school.people.consents() == []
