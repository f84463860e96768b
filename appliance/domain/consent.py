"""Consent: facts with history in, "may this person be shown there on that day?" out. Silence is never yes."""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import StrEnum
from functools import cached_property

from appliance.domain.policy import ConsentPolicy

BIOMETRIC = "biometric"
CHANNELS = ("website", "social", "newsletter", "press", "display", "family")
SCOPES = (BIOMETRIC, *CHANNELS)
ANY_SCOPE = ""
"""The scope of a marker for a row whose scope could not be read: it concerns every scope of its subject."""
ADULT_AGE = 18


class Kind(StrEnum):
    """What a person is to the school; decides who may speak for them."""

    PUPIL = "pupil"
    STAFF = "staff"
    VISITOR = "visitor"


class Decision(StrEnum):
    """What a party said; the last two are markers, not words of a party.

    `unreadable`: a row of this party (blank: of nobody knows whom) could not be read, and blocks the scope until
    `readable` says for the same party and scope that it has been replaced.
    """

    NOTIFIED = "notified"
    GRANTED = "granted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    UNREADABLE = "unreadable"
    READABLE = "readable"


NO = frozenset({Decision.REFUSED, Decision.WITHDRAWN})
DECIDED = NO | {Decision.GRANTED}
TELLING = DECIDED | {Decision.NOTIFIED}


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

    @property
    def is_no(self) -> bool:
        """Whether it refuses or withdraws."""
        return self.decision in NO


@dataclass(frozen=True)
class Roster:
    """Everybody, with everything that was ever said about them. Answers by person, scope and day.

    removed_before: whoever asked for their pictures from before a time (ISO 8601 in UTC) to go, without ending a
    consent. lead_allows: channels on which the safeguarding lead allows a protected person. second_look: people whose
    pictures wait for the lead; the protected are among them, and others too. grace_days: for how long a grant that has
    ended counts all the same; never when something new is shown.
    """

    people: Mapping[str, Person]
    consents: Iterable[Consent]
    policy: ConsentPolicy = field(default_factory=ConsentPolicy)
    removed_before: Mapping[str, str] = field(default_factory=dict)
    lead_allows: Mapping[str, frozenset[str]] = field(default_factory=dict)
    second_look: frozenset[str] = frozenset()
    grace_days: int = 0

    def __post_init__(self) -> None:
        if self.policy.yearly_renewal:
            object.__setattr__(self, "consents", tuple(_at_most_a_year(c) for c in self.consents))

    @cached_property
    def _said(self) -> Mapping[tuple[str, str], list[Consent]]:
        said: dict[tuple[str, str], list[Consent]] = {}
        for consent in self.consents:
            said.setdefault((consent.subject, consent.scope), []).append(consent)
        return said

    def said(self, subject: str, scope: str) -> list[Consent]:
        """Everything that was said about this person and scope, in the order it was recorded."""
        return self._said.get((subject, scope), [])

    def allows(self, subject: str, scope: str, today: date) -> bool:
        """Whether `scope` is allowed for this person on this day, by INTERFACE's rules; unknown people: no."""
        person = self.people.get(subject)
        if person is None or not self._exists(scope) or has_left(person, today):
            return False
        rows = self._said.get((subject, scope), [])
        if _is_unreadable(rows) or _is_unreadable(self._said.get((subject, ANY_SCOPE), [])):
            return False
        force = in_force(rows, today, self.grace_days)
        if any(row.is_no for row in force.values()):
            return False
        if scope == BIOMETRIC:
            return _biometric_allowed(person, rows, force, today)
        return _channel_allowed(person, scope, force, today, self.policy)

    def may_show(self, subject: str, channel: str, today: date, admitted_at: str) -> bool:
        """Whether this person may be shown there, in a photo taken in at that time (blank: not known), if they allow.

        A protected person only where the lead allows it; nobody in pictures from before the time they named.
        """
        person = self.people.get(subject)
        if person is None or admitted_at < self.removed_before.get(subject, ""):
            return False
        if person.protected and channel not in self.lead_allows.get(subject, frozenset()):
            return False
        return self.allows(subject, channel, today)

    def is_secret(self, subject: str) -> bool:
        """Whether nobody may be told that this person was recognised: protected, and the lead allows no channel."""
        person = self.people.get(subject)
        return person is None or (person.protected and not self.lead_allows.get(subject))

    def members(self, group: str, today: date) -> list[Person]:
        """Everybody who is in this group and has not left."""
        return [p for p in self.people.values() if group and p.group == group and not has_left(p, today)]

    def siblings(self, subject: str) -> set[str]:
        """The others of the same family (twins among them), enrolled or not."""
        family = self.people[subject].family if subject in self.people else ""
        return {p.subject for p in self.people.values() if family and p.family == family and p.subject != subject}

    def _exists(self, scope: str) -> bool:
        if scope == BIOMETRIC:
            return self.policy.biometrics
        return scope in CHANNELS and (self.policy.channels is None or scope in self.policy.channels)


def has_left(person: Person, today: date) -> bool:
    """The leaving day itself is still in school."""
    return person.leaving_on is not None and today > person.leaving_on


def in_force(rows: Iterable[Consent], today: date, grace_days: int = 0) -> dict[str, Consent]:
    """The word that counts today of each party on one person and scope; a grant until so many days after its end.

    The latest that has begun; of several on the same day what shows less; `notified` only notifies. A grant that has
    ended stays the latest word, but says nothing any more: it is left out.
    """
    latest: dict[str, list[Consent]] = {}
    for row in rows:
        if row.decision in DECIDED and row.from_on <= today:
            held = latest.get(row.party, [])
            if not held or row.from_on > held[0].from_on:
                latest[row.party] = [row]
            elif row.from_on == held[0].from_on:
                held.append(row)
    words = {party: _least(said) for party, said in latest.items()}
    last = today - timedelta(grace_days)
    return {party: word for party, word in words.items() if word.is_no or word.last_on >= last}


def age_on(birth_on: date, today: date) -> int:
    """Completed years; a birthday on 29 February is kept on 1 March."""
    return today.year - birth_on.year - ((today.month, today.day) < (birth_on.month, birth_on.day))


def is_adult(person: Person, today: date) -> bool:
    """By birthday where it is known; else staff are, pupils are not, and a visitor may be a child."""
    if person.birth_on is not None:
        return age_on(person.birth_on, today) >= ADULT_AGE
    return person.kind is Kind.STAFF


def _least(said: list[Consent]) -> Consent:
    """What a party's rows of one day come to: a no if there is one, else a grant with the limits of all of them."""
    no = next((row for row in said if row.is_no), None)
    if no is not None:
        return no
    first = min(said, key=lambda row: row.last_on)
    evidence = first.evidence if all(row.evidence.strip() for row in said) else ""
    return replace(first, evidence=evidence, basis=first.basis if len({r.basis for r in said}) == 1 else "consent")


def _channel_allowed(
    person: Person, channel: str, force: Mapping[str, Consent], today: date, policy: ConsentPolicy
) -> bool:
    if person.kind is not Kind.PUPIL:
        return "self" in force
    parents = [party for party in force if _is_parent_of(person, party)]
    all_asked = not policy.every_parent or (person.parents is not None and len(parents) >= person.parents)
    granted = bool(parents) and all_asked
    return (granted or _school_grants(force, channel, policy)) and _own_word_given(person, force, today, policy)


def _is_parent_of(person: Person, party: str) -> bool:
    """Whether the party is one of the person's parents 1 … n; where n is not known, whether it is called a parent."""
    return party in _parents(person.parents) if person.parents is not None else party.startswith("parent:")


def _parents(number: int) -> list[str]:
    return [f"parent:{n}" for n in range(1, number + 1)]


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


def _biometric_allowed(person: Person, rows: list[Consent], force: Mapping[str, Consent], today: date) -> bool:
    if is_adult(person, today):
        return _evidenced(force.get("self"))
    if person.parents is None or person.parents < 1:
        return False
    parents = _parents(person.parents)
    told = {row.party for row in rows if row.decision in TELLING and row.from_on <= today}
    return all(p in told for p in parents) and any(_evidenced(force.get(p)) for p in parents)


def _evidenced(row: Consent | None) -> bool:
    return row is not None and bool(row.evidence.strip())


def _is_unreadable(rows: Iterable[Consent]) -> bool:
    """Rows come in the order they were recorded: each party's last marker says whether something of it still blocks."""
    markers = {row.party: row.decision for row in rows if row.decision not in TELLING}
    return Decision.UNREADABLE in markers.values()


def _at_most_a_year(consent: Consent) -> Consent:
    if consent.decision is not Decision.GRANTED:
        return consent
    return replace(consent, until_on=min(consent.last_on, _a_year_after(consent.from_on)))


def _a_year_after(day: date) -> date:
    if day.year >= date.max.year:
        return date.max
    last = calendar.monthrange(day.year + 1, day.month)[1]
    return date(day.year + 1, day.month, min(day.day, last))
