"""When what is allowed today will end by itself, by what is known today."""

from __future__ import annotations

from datetime import date, timedelta

from appliance.domain.consent import ADULT_AGE, BIOMETRIC, Consent, Person, Roster


def last_day(roster: Roster, subject: str, scope: str, today: date, until: date) -> date | None:
    """Return the last day on which a scope that is allowed today still is; None if that is `until` or later."""
    days = sorted(d for d in days_that_matter(roster, {subject}, scope) if today < d <= until)
    if not days or not roster.allows(subject, scope, today):
        return None
    for day in days:
        if not roster.allows(subject, scope, day):
            return day - timedelta(days=1)
    return None


def days_that_matter(roster: Roster, subjects: set[str | None], channel: str) -> set[date]:
    """Every day on which what may be done with one of these people may change by itself."""
    days: set[date] = set()
    for subject in subjects:
        if subject is None or subject not in roster.people:
            continue
        days |= _days_of(roster.people[subject], roster.policy.own_consent_age)
        for consent in (c for scope in {channel, BIOMETRIC} for c in roster.said(subject, scope)):
            days |= {consent.from_on, _after(consent)}
    return days


def _after(consent: Consent) -> date:
    return consent.last_on + timedelta(days=1) if consent.last_on < date.max else date.max


def _days_of(person: Person, own_consent_age: int | None) -> set[date]:
    days = {person.leaving_on + timedelta(days=1)} if person.leaving_on and person.leaving_on < date.max else set()
    if person.birth_on:
        days |= {_birthday(person.birth_on, age) for age in (own_consent_age, ADULT_AGE) if age is not None}
    return days


def _birthday(birth_on: date, age: int) -> date:
    year = min(birth_on.year + age, date.max.year)
    try:
        return birth_on.replace(year=year)
    except ValueError:  # born on 29 February: kept on 1 March, as `age_on` does
        return date(year, 3, 1)
