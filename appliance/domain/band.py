"""Age bands: strangers of one age pass for each other more often than others do, so rates are told apart by age."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from enum import StrEnum

from appliance.domain.consent import Kind, Person, age_on


class Band(StrEnum):
    """Completed years of age. The first holds everybody under six; an adult is 18, or on the roster as staff."""

    INFANT = "3-5"
    CHILD = "6-11"
    TEEN = "12-17"
    ADULT = "adult"
    UNKNOWN = "unknown"


IN_WORDS = {
    Band.INFANT: "under 6 years", Band.CHILD: "6 to 11 years", Band.TEEN: "12 to 17 years", Band.ADULT: "adults",
    Band.UNKNOWN: "pupils of unknown age",
}  # fmt: skip


def band_of(person: Person, today: date) -> Band:
    """Where this person belongs on this day; a pupil without a day of birth nowhere."""
    if person.birth_on is None:
        return Band.UNKNOWN if person.kind is Kind.PUPIL else Band.ADULT
    age = age_on(person.birth_on, today)
    return Band.INFANT if age < 6 else Band.CHILD if age < 12 else Band.TEEN if age < 18 else Band.ADULT


def members(people: Iterable[Person], bands: Iterable[Band], today: date) -> frozenset[str]:
    """The subjects among them who belong to one of these bands."""
    among = frozenset(bands)
    return frozenset(p.subject for p in people if band_of(p, today) in among)
