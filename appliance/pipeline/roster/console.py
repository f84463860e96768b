"""Takes in what a party says at the console, where somebody stands for it by name."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from appliance.domain.consent import SCOPES, Consent, Decision
from appliance.errors import Refusal
from appliance.pipeline.roster.merge import Block, lifting_marker, matter, standing_blocks
from appliance.pipeline.roster.rows import DECISIONS, PARTY, parse_day
from appliance.store.people import People


def set_consent(
    *, people: People, subject: str, scope: str, decision: str, party: str, from_on: str | None, until_on: str | None,
    evidence: str, who: str, today: date,
) -> Consent:  # fmt: skip
    """Record what a party said, from `from_on` (today if None). A no also ends what was granted for days to come.

    It replaces what an import could not read of the same party and scope. Raises Refusal where it makes no sense.
    """
    consent = _said_at_console(subject, scope, decision, party, from_on, until_on, evidence, today)
    if subject not in people.names():
        raise Refusal("no_such_subject", f"there is nobody {subject!r} on the roster.")
    if not who.strip():
        raise Refusal("who_is_missing", "say who records this: --as WHO.")
    with people.transaction():
        recorded = people.consents(subject)
        facts = [consent]
        if consent.is_no:
            ahead = {c.from_on for c in recorded if matter(c) == matter(consent) and c.decision is Decision.GRANTED}
            facts += [
                replace(consent, from_on=d, until_on=None) for d in sorted(ahead) if d > max(today, consent.from_on)
            ]
        if Block(subject, scope, party) in standing_blocks(recorded):
            facts.append(lifting_marker(Block(subject, scope, party), today))
        for fact in facts:
            if fact not in recorded or fact.decision is Decision.READABLE:
                people.record_consent(fact, who.strip())
    return consent


def _said_at_console(
    subject: str, scope: str, decision: str, party: str, from_on: str | None, until_on: str | None, evidence: str,
    today: date,
) -> Consent:  # fmt: skip
    if scope not in SCOPES:
        raise Refusal("no_such_scope", f"there is no scope {scope!r}. Scopes: {', '.join(SCOPES)}.")
    if decision not in DECISIONS:
        raise Refusal("no_such_decision", f"{decision!r} is none of {', '.join(DECISIONS)}.")
    if not PARTY.fullmatch(party):
        raise Refusal("no_such_party", f"{party!r} is none of parent:1, parent:2, …, self, school.")
    try:
        begins = parse_day("--from", from_on) if from_on else today
        ends = parse_day("--until", until_on) if until_on else None
    except ValueError as error:
        raise Refusal("no_such_day", f"{error}.") from error
    if decision == Decision.GRANTED and ends is not None and ends < begins:
        raise Refusal("ends_before_it_begins", f"--until {ends} is before --from {begins}.")
    return Consent(subject, party, scope, Decision(decision), begins, ends, evidence=evidence.strip())
