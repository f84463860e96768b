"""Takes in what a party says at the console, where somebody stands for it by name."""

from __future__ import annotations

from collections.abc import Sequence
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
    consent = heard(people, subject, scope, decision, party, from_on, until_on, evidence, today)
    if not who.strip():
        raise Refusal("who_is_missing", "say who records this: --as WHO.")
    with people.transaction():
        recorded = people.consents(subject)
        for fact in facts_of_word(recorded, consent, today):
            if fact not in recorded or fact.decision is Decision.READABLE:
                people.record_consent(fact, who.strip())
    return consent


def facts_of_word(recorded: Sequence[Consent], said: Consent, today: date) -> list[Consent]:
    """What is recorded of a word: itself, the end of grants for days to come, the lifting of what was unreadable."""
    facts = [said]
    if said.is_no:
        ahead = {c.from_on for c in recorded if matter(c) == matter(said) and c.decision is Decision.GRANTED}
        facts += [replace(said, from_on=d, until_on=None) for d in sorted(ahead) if d > max(today, said.from_on)]
    block = Block(said.subject, said.scope, said.party)
    if block in standing_blocks(recorded):
        facts.append(lifting_marker(block, today))
    return facts


def heard(
    people: People, subject: str, scope: str, decision: str, party: str, from_on: str | None, until_on: str | None,
    evidence: str, today: date,
) -> Consent:  # fmt: skip
    """Return what was said, not recorded yet. Raises Refusal where it makes no sense."""
    consent = _said_at_console(subject, scope, decision, party, from_on, until_on, evidence, today)
    if subject not in people.names():
        raise Refusal("no_such_subject", f"there is nobody {subject!r} on the roster.")
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
