"""Why a scope is allowed for somebody on a day, or why it is not, in words. It never speaks of anything but consent."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from appliance.domain.consent import (
    ANY_SCOPE,
    BIOMETRIC,
    DECIDED,
    TELLING,
    Consent,
    Decision,
    Kind,
    Person,
    Roster,
    age_on,
    has_left,
    in_force,
    is_adult,
)


def explain(roster: Roster, subject: str, scope: str, today: date) -> str:
    """One sentence; it begins with `allowed` exactly where the roster allows the scope."""
    person = roster.people.get(subject)
    rows = roster.said(subject, scope)
    said = [*rows, *roster.said(subject, ANY_SCOPE)]
    if roster.allows(subject, scope, today):
        force = in_force(rows, today)
        return "allowed: " + "; ".join(_grant(force[party]) for party in sorted(force))
    if person is None:
        return "not allowed: not on the roster"
    if has_left(person, today):
        return f"not allowed: left on {person.leaving_on}"
    force = in_force(rows, today)
    no = next((force[party] for party in sorted(force) if force[party].is_no), None)
    if no is not None:
        return f"not allowed: {no.party} {no.decision} from {no.from_on}"
    if any(c.decision is Decision.UNREADABLE for c in said):
        return "not allowed: a row of the school's file could not be read"
    return f"not allowed: {_missing(roster, subject, scope, rows, today)}"


def _grant(row: Consent) -> str:
    evidence = f", {row.evidence}" if row.evidence.strip() else ""
    return f"{row.party} granted from {row.from_on} until {row.last_on}{evidence}"


def _missing(roster: Roster, subject: str, scope: str, rows: list[Consent], today: date) -> str:
    begun = [r for r in rows if r.from_on <= today and r.decision in DECIDED]
    force, person = in_force(rows, today), roster.people[subject]
    if scope == BIOMETRIC and not is_adult(person, today) and (untold := _untold(person, rows, today)):
        return untold
    if force:
        return _whose_word(roster, person, scope, force, today)
    if begun:
        last = max(begun, key=lambda r: r.last_on)
        return f"the last grant, by {last.party}, ended on {last.last_on}"
    return "nothing that has begun is on record" if rows else "nothing is on record"


def _untold(person: Person, rows: list[Consent], today: date) -> str:
    """Which of the parents nothing is on record for; blank if there is none."""
    if person.parents is None:
        return "how many people have parental responsibility is not known"
    told = {r.party for r in rows if r.decision in TELLING and r.from_on <= today}
    untold = [p for p in (f"parent:{n}" for n in range(1, person.parents + 1)) if p not in told]
    return f"nothing is on record for {', '.join(untold)}" if untold else ""


def _whose_word(roster: Roster, person: Person, scope: str, force: Mapping[str, Consent], today: date) -> str:
    """What is missing beside the grants that are in force."""
    age = roster.policy.own_consent_age
    asked = scope != BIOMETRIC and person.kind is Kind.PUPIL and age is not None and "self" not in force
    if asked and (person.birth_on is None or age_on(person.birth_on, today) >= (age or 0)):
        return "the pupil is of an age to be asked, and has not granted"
    said = ", ".join(sorted(force))
    return f"a grant by {said} alone is not enough: somebody else's word is needed, or evidence"
