"""Takes in the school's roster, consents and portraits, and what a party says at the console: all or nothing.

An import may add, tighten and renew. It never overrides a no by itself, and what it cannot read it does not guess.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date
from pathlib import Path

from appliance.domain.consent import SCOPES, Consent, Decision
from appliance.errors import Refusal
from appliance.pipeline.portraits import Found, portraits_kept
from appliance.pipeline.roster_consents import take_consents
from appliance.pipeline.roster_csv import (
    DECISIONS,
    PARTY,
    ConsentsFile,
    PeopleFile,
    parse_day,
    read_consents,
    read_people,
)
from appliance.pipeline.roster_desk import Desk
from appliance.pipeline.roster_merge import Block, lifting_marker, matter, standing_blocks
from appliance.pipeline.roster_people import take_people
from appliance.pipeline.roster_report import Change, ImportReport
from appliance.store.people import People
from appliance.store.vault import Vault

LARGEST_CSV = 100_000_000
NOT_A_NAME = ("", "console")


class _Undone(Exception):
    """How a dry run leaves its transaction."""


def import_roster(
    *, people: People, vault: Vault, people_csv: Path | None, consents_csv: Path | None, portraits: Path | None,
    who: str, today: date, dry_run: bool = False, complete: bool = False, resolve: Sequence[str] = (),
    evidence: str = "",
) -> ImportReport:  # fmt: skip
    """Take in what is given, in one transaction; the same files again change nothing. Returns what became of each row.

    dry_run: the same report, and nothing is written. complete: who is not in the files has left, and grants that are
    not in them end. resolve: conflicts in which the row holds after all, by `evidence` that `who` has seen. Raises
    Refusal, and nothing has changed, where a file is not what it should be or a row does not say of whom it speaks.
    """
    if resolve and (who.strip() in NOT_A_NAME or not evidence.strip()):
        raise Refusal("resolution_incomplete", "--resolve needs --as WHO, a person's name, and --evidence TEXT.")
    persons = read_people(_bytes(people_csv), people_csv.name, today) if people_csv else None
    consents = read_consents(_bytes(consents_csv), consents_csv.name) if consents_csv else None
    if complete and ((persons and not persons.rows) or (consents and not (consents.rows or consents.bad))):
        raise Refusal("complete_file_empty", "a file without a row is no complete file: it would end everything.")
    desk = Desk(
        people, people.roster().policy, who.strip() or "console", today, complete, frozenset(resolve), evidence.strip(),
        ImportReport(dry_run),
    )  # fmt: skip
    subjects = set(people.names()) | {row.person.subject for row in (persons.rows if persons else ())}
    with portraits_kept(portraits, subjects, vault=vault, people=people, dry_run=dry_run) as found:
        _take(desk, persons, consents, found)
    return desk.report


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


def _take(desk: Desk, persons: PeopleFile | None, consents: ConsentsFile | None, found: Found) -> None:
    """All of it or, if it is refused or only tried, nothing."""
    with suppress(_Undone), desk.people.transaction():
        if persons is not None:
            take_people(persons, desk)
        if consents is not None:
            take_consents(consents, desk)
        _take_portraits(found, desk)
        if desk.report.dry_run:
            raise _Undone
    for conflict in sorted(desk.resolve - desk.resolved):
        desk.report.warnings.append(f"there is no conflict {conflict!r} in these files; it resolved nothing")


def _take_portraits(found: Found, desk: Desk) -> None:
    for portrait in found.portraits:
        is_new = desk.people.add_portrait(portrait.subject, portrait.sha256)
        change = Change("portrait", portrait.subject, None, portrait.sha256)
        (desk.report.added if is_new else desk.report.unchanged).append(change)
    desk.report.warnings.extend(found.left_out)


def _bytes(path: Path) -> bytes:
    try:
        if path.stat().st_size > LARGEST_CSV:
            raise Refusal("file_too_large", f"{path} is larger than any roster. Nothing was changed.")
        return path.read_bytes()
    except OSError as error:
        raise Refusal("file_unreadable", f"{path} cannot be read: {error.strerror}. Nothing was changed.") from error


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
