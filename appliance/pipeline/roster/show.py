"""What was believed of a person on a day, and why: by what was on record then, or is on record by another day.

Protection, and requests to be covered, are no part of it: they are the safeguarding lead's.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta, tzinfo
from typing import Any

from appliance.domain.consent import SCOPES, TELLING, Consent, Roster, in_force
from appliance.domain.explain import explain
from appliance.errors import Refusal
from appliance.pipeline.roster.clear import midnight
from appliance.store.history import ConsentFact, PersonFact
from appliance.store.people import People


def show(people: People, subject: str, on: date, known: date, zone: tzinfo) -> dict[str, Any]:
    """Return everything about a subject for the day `on`, as recorded by the end of the day `known`.

    Rules that the school has settled are today's. Raises Refusal if nobody of that id was on record by then.
    """
    by = midnight(known + timedelta(1), zone)
    persons, consents = people.history.persons(subject, by), people.history.consents(subject, by)
    if not persons:
        raise Refusal("no_such_subject", f"nobody {subject!r} was on the roster by the end of {known}.")
    now = persons[-1]
    roster = Roster({subject: now.person}, [f.consent for f in consents], people.roster().policy)
    return {
        "subject": subject, "on": on.isoformat(), "known": known.isoformat(), **_person(now),
        "scopes": {scope: _scope(roster, subject, scope, on, consents) for scope in SCOPES},
        "history": _history(persons, consents),
    }  # fmt: skip


def in_words(shown: dict[str, Any]) -> str:
    """Return the same for people to read."""
    lines = [
        f"{shown['subject']}  {shown['name']}, {shown['kind']} {shown['group']}".rstrip(),
        f"On {shown['on']}, by what was on record at the end of {shown['known']}:",
        *(f"  {scope:11s} {said['why']}" for scope, said in shown["scopes"].items()),
        "How that came about:",
        *(f"  {f['at'][:16]}  {f['what']}  (recorded by {f['who']})" for f in shown["history"]),
    ]
    return "\n".join(lines)


def _scope(roster: Roster, subject: str, scope: str, on: date, consents: list[ConsentFact]) -> dict[str, Any]:
    rows = [f for f in consents if f.consent.scope == scope]
    force = in_force([f.consent for f in rows], on)
    counting = [f for f in rows if f.consent in force.values()]
    return {
        "consented": roster.allows(subject, scope, on), "why": explain(roster, subject, scope, on),
        "in_force": [{**_consent(f.consent), "who": f.who, "at": f.at} for f in counting],
    }  # fmt: skip


def _history(persons: list[PersonFact], consents: list[ConsentFact]) -> list[dict[str, Any]]:
    """Return what was recorded, oldest first; a fact about protection alone leaves no line."""
    lines, before = [], None
    for fact in persons:
        seen = (replace(fact.person, protected=False), fact.name)
        if seen != before:
            p = fact.person
            what = f"{p.kind} {p.group}, {'?' if p.parents is None else p.parents} with parental responsibility"
            leaving = f", leaving {p.leaving_on}" if p.leaving_on else ""
            lines.append({"at": fact.at, "who": fact.who, "what": what + leaving, **_person(fact)})
        before = seen
    for said in consents:
        c = said.consent
        ends = f" until {c.last_on}" if c.decision == "granted" else ""
        evidence = f": {c.evidence}" if c.evidence.strip() else ""
        what = f"{c.scope or 'every scope'} {c.decision} by {c.party or 'nobody knows whom'} from {c.from_on}{ends}"
        lines.append({"at": said.at, "who": said.who, "what": what + evidence, **_consent(c)})
    return sorted(lines, key=lambda line: line["at"])


def _person(fact: PersonFact) -> dict[str, Any]:
    p = fact.person
    return {
        "name": fact.name.full, "kind": p.kind, "group": p.group, "family": p.family, "birth_on": _iso(p.birth_on),
        "leaving_on": _iso(p.leaving_on), "parents": p.parents,
    }  # fmt: skip


def _consent(c: Consent) -> dict[str, Any]:
    last = c.last_on.isoformat() if c.decision in TELLING and c.decision == "granted" else _iso(c.until_on)
    return {
        "party": c.party, "scope": c.scope, "decision": c.decision, "from_on": c.from_on.isoformat(), "until_on": last,
        "basis": c.basis, "evidence": c.evidence,
    }  # fmt: skip


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
