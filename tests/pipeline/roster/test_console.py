"""What a party says at the console."""

from __future__ import annotations

import pytest

from appliance.errors import Refusal
from appliance.pipeline.roster.console import set_consent
from tests.pipeline.roster.school import (
    TODAY,
    Cells,
    School,
    day,
    person,
    row,
)


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
