"""Who and what is not in a later file."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from appliance.errors import Refusal
from tests.pipeline.roster.school import (
    GOOD_CONSENTS,
    GOOD_ROSTER,
    TODAY,
    School,
    day,
    person,
    row,
)


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
