"""What was believed on a day, and why: by what was on record then."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest

from appliance.domain.consent import Consent, Decision, Kind, Person
from appliance.errors import Refusal
from appliance.pipeline.roster.clear import clear_before
from appliance.pipeline.roster.show import in_words, show
from appliance.store import people as store
from appliance.store import requests
from appliance.store.people import Name
from tests.pipeline.roster.school import School

ADA = Person("P1", Kind.PUPIL, "4B", birth_on=date(2016, 5, 1), parents=1)


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Sets the time at which facts are recorded."""

    def set_time(day: date) -> None:
        moment = datetime(day.year, day.month, day.day, 12, tzinfo=UTC).isoformat(timespec="microseconds")
        for module in (store, requests):
            monkeypatch.setattr(module, "utc_now", lambda: moment)

    return set_time


def said(decision: Decision, begins: date) -> Consent:
    return Consent("P1", "parent:1", "website", decision, begins, None, evidence="form")


@pytest.fixture
def history(school: School, at: Any) -> School:
    """Granted in March; withdrawn with effect from 1 May, which reached the box on 10 May; moved to 5B in June."""
    at(date(2026, 3, 2))
    school.people.record_person(ADA, Name("Ada", "Byron"), "Ann")
    school.people.record_consent(said(Decision.GRANTED, date(2026, 3, 1)), "Ann")
    at(date(2026, 5, 10))
    school.people.record_consent(said(Decision.WITHDRAWN, date(2026, 5, 1)), "Bob")
    at(date(2026, 6, 1))
    school.people.record_person(Person("P1", Kind.PUPIL, "5B", parents=1), Name("Ada", "Byron"), "Ann")
    return school


@pytest.mark.parametrize(
    ("on", "known", "consented"),
    [
        pytest.param(date(2026, 5, 3), date(2026, 5, 3), True, id="on 3 May, as known then"),
        pytest.param(date(2026, 5, 3), date(2026, 5, 9), True, id="on 3 May, as known the day before it came in"),
        pytest.param(date(2026, 5, 3), date(2026, 5, 10), False, id="on 3 May, as known since 10 May"),
        pytest.param(date(2026, 4, 30), date(2026, 7, 1), True, id="before it took effect, as known now"),
        pytest.param(date(2026, 2, 28), date(2026, 7, 1), False, id="before it was granted"),
    ],
)
def test_what_we_believed_depends_on_the_day_and_on_what_was_known(
    history: School, on: date, known: date, *, consented: bool
) -> None:
    shown = show(history.people, "P1", on, known, history.home.config.zone)
    assert shown["scopes"]["website"]["consented"] is consented
    assert shown["scopes"]["newsletter"]["why"] == "not allowed: nothing is on record"


def test_it_says_why_by_whom_and_when_it_was_recorded(history: School) -> None:
    shown = show(history.people, "P1", date(2026, 5, 11), date(2026, 5, 11), history.home.config.zone)
    website = shown["scopes"]["website"]
    assert website["why"] == "not allowed: parent:1 withdrawn from 2026-05-01"
    assert [(w["decision"], w["who"], w["at"][:10]) for w in website["in_force"]] == [
        ("withdrawn", "Bob", "2026-05-10")
    ]
    assert (shown["group"], shown["name"]) == ("4B", "Ada Byron")
    assert [line["at"][:10] for line in shown["history"]] == ["2026-03-02", "2026-03-02", "2026-05-10"]
    assert "withdrawn by parent:1 from 2026-05-01" in in_words(shown)


def test_nobody_is_known_before_they_were_recorded(history: School) -> None:
    with pytest.raises(Refusal, match="by the end of 2026-03-01"):
        show(history.people, "P1", date(2026, 5, 3), date(2026, 3, 1), history.home.config.zone)


def test_neither_protection_nor_removal_leaves_a_trace_in_it(history: School, at: Any) -> None:
    def everything() -> str:
        return json.dumps(show(history.people, "P1", date(2026, 7, 1), date(2026, 8, 1), history.home.config.zone))

    before = everything()
    at(date(2026, 6, 20))
    (person, name) = history.people.persons()[0]
    history.people.record_person(Person(**{**_fields(person), "protected": True}), name, "Dana")
    history.people.requests.lead_says("P1", "website", "Dana", allowed=True)
    clear_before(history.people, "P1", date(2026, 6, 1), history.home.config.zone, evidence="asked", who="Dana")
    assert everything() == before


def _fields(person: Person) -> dict[str, Any]:
    return {name: getattr(person, name) for name in Person.__slots__}
