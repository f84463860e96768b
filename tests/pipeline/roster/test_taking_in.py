"""What an import records, and that it does so once."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

from tests.pipeline.roster.school import (
    School,
    day,
    person,
    portraits,
    row,
)


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
