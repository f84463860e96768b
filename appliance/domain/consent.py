"""Consent: facts with history in, "may this person be shown there on that day?" out. Silence is never yes."""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cached_property

BIOMETRIC = "biometric"
CHANNELS = ("website", "social", "newsletter", "press", "display", "family")
SCOPES = (BIOMETRIC, *CHANNELS)
ADULT_AGE = 18


class Kind(StrEnum):
    """What a person is to the school; decides who may speak for them."""

    PUPIL = "pupil"
    STAFF = "staff"
    VISITOR = "visitor"


class Decision(StrEnum):
    """What a party said. `unreadable` stands for a row that could not be read: it blocks until it is replaced."""

    NOTIFIED = "notified"
    GRANTED = "granted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    UNREADABLE = "unreadable"
    READABLE = "readable"


NO = frozenset({Decision.REFUSED, Decision.WITHDRAWN})


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody on the roster. `parents` is None where unknown; a name is not needed to decide and is not here."""

    subject: str
    kind: Kind
    group: str = ""
    family: str = ""
    birth_on: date | None = None
    leaving_on: date | None = None
    parents: int | None = None
    protected: bool = False


@dataclass(frozen=True, slots=True)
class Consent:
    """One statement of one party about one scope. Days are inclusive, in the school's time zone."""

    subject: str
    party: str
    scope: str
    decision: Decision
    from_on: date
    until_on: date | None = None
    basis: str = "consent"
    evidence: str = ""

    @property
    def last_on(self) -> date:
        """The last day of a grant: as stated, or 12 months after it began."""
        return self.until_on or _a_year_after(self.from_on)


@dataclass(frozen=True, slots=True)
class ConsentPolicy:
    """Where schools differ. The defaults are the strictest.

    own_consent_age: from this age a pupil must have granted too. school_basis_channels: channels on which a grant by
    the school itself (public task, legitimate interest) may stand in for a parent's.
    """

    own_consent_age: int | None = None
    school_basis_channels: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Roster:
    """Everybody, with everything that was ever said about them. Answers by person, scope and day."""

    people: Mapping[str, Person]
    consents: Iterable[Consent]
    policy: ConsentPolicy = field(default_factory=ConsentPolicy)

    @cached_property
    def _said(self) -> Mapping[tuple[str, str], list[Consent]]:
        said: dict[tuple[str, str], list[Consent]] = {}
        for consent in self.consents:
            said.setdefault((consent.subject, consent.scope), []).append(consent)
        return said

    def allows(self, subject: str, scope: str, today: date) -> bool:
        """Whether `scope` is allowed for this person on this day, by INTERFACE's rules; unknown people: no."""
        person = self.people.get(subject)
        if person is None or scope not in SCOPES or has_left(person, today):
            return False
        rows = self._said.get((subject, scope), [])
        if scope == BIOMETRIC:
            return _biometric_allowed(person, rows, today)
        return _channel_allowed(person, scope, rows, today, self.policy)

    def members(self, group: str, today: date) -> list[Person]:
        """Everybody who is in this group and has not left."""
        return [p for p in self.people.values() if group and p.group == group and not has_left(p, today)]

    def siblings(self, subject: str) -> set[str]:
        """The others of the same family (twins among them), enrolled or not."""
        family = self.people[subject].family if subject in self.people else ""
        return {p.subject for p in self.people.values() if family and p.family == family and p.subject != subject}


def has_left(person: Person, today: date) -> bool:
    """The leaving day itself is still in school."""
    return person.leaving_on is not None and today > person.leaving_on


def in_force(rows: Iterable[Consent], today: date) -> dict[str, Consent]:
    """The row that counts today for each party of one person and scope.

    The latest that has begun; of two on the same day the one that shows less; `notified` only notifies. A grant that
    has ended stays the latest word, but says nothing any more: it is left out.
    """
    latest: dict[str, Consent] = {}
    for row in rows:
        if row.decision in (Decision.GRANTED, *NO) and row.from_on <= today:
            held = latest.get(row.party)
            if held is None or _precedence(row) > _precedence(held):
                latest[row.party] = row
    return {p: r for p, r in latest.items() if r.decision in NO or r.last_on >= today}


def age_on(birth_on: date, today: date) -> int:
    """Completed years; a birthday on 29 February is kept on 1 March."""
    return today.year - birth_on.year - ((today.month, today.day) < (birth_on.month, birth_on.day))


def _precedence(row: Consent) -> tuple[date, bool, int]:
    return row.from_on, row.decision in NO, -row.last_on.toordinal()


def _channel_allowed(person: Person, channel: str, rows: list[Consent], today: date, policy: ConsentPolicy) -> bool:
    if _is_unreadable(rows):
        return False
    force = in_force(rows, today)
    if any(row.decision in NO for row in force.values()):
        return False
    if person.kind is not Kind.PUPIL:
        return "self" in force or _school_grants(force, channel, policy)
    parent = any(party.startswith("parent:") for party in force)
    return (parent or _school_grants(force, channel, policy)) and _own_word_given(person, force, today, policy)


def _school_grants(force: Mapping[str, Consent], channel: str, policy: ConsentPolicy) -> bool:
    row = force.get("school")
    return (
        row is not None
        and row.basis in ("public_task", "legitimate_interest")
        and channel in policy.school_basis_channels
    )


def _own_word_given(person: Person, force: Mapping[str, Consent], today: date, policy: ConsentPolicy) -> bool:
    if policy.own_consent_age is None:
        return True
    old_enough = person.birth_on is None or age_on(person.birth_on, today) >= policy.own_consent_age
    return "self" in force or not old_enough


def _biometric_allowed(person: Person, rows: list[Consent], today: date) -> bool:
    if _is_unreadable(rows):
        return False
    force = in_force(rows, today)
    if any(row.decision in NO for row in force.values()):
        return False
    if _is_adult(person, today):
        return _evidenced(force.get("self"))
    if person.parents is None or person.parents < 1:
        return False
    parents = [f"parent:{n}" for n in range(1, person.parents + 1)]
    told = {row.party for row in rows if row.from_on <= today}
    return all(p in told for p in parents) and any(_evidenced(force.get(p)) for p in parents)


def _is_adult(person: Person, today: date) -> bool:
    """By birthday where it is known; else staff and visitors are, and pupils are not."""
    if person.birth_on is not None:
        return age_on(person.birth_on, today) >= ADULT_AGE
    return person.kind is not Kind.PUPIL


def _evidenced(row: Consent | None) -> bool:
    return row is not None and bool(row.evidence.strip())


def _is_unreadable(rows: Iterable[Consent]) -> bool:
    """Rows come in the order they were recorded: the last marker says whether something unreadable still stands."""
    markers = [row.decision for row in rows if row.decision in (Decision.UNREADABLE, Decision.READABLE)]
    return bool(markers) and markers[-1] is Decision.UNREADABLE


def _a_year_after(day: date) -> date:
    last = calendar.monthrange(day.year + 1, day.month)[1]
    return date(day.year + 1, day.month, min(day.day, last))
