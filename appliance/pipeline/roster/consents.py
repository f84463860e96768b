"""Takes in consents.csv: adds, tightens and renews; lists what would override a no; blocks what it cannot read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from appliance.domain.consent import DECIDED, TELLING, Consent, Decision
from appliance.errors import Refusal
from appliance.pipeline.roster.desk import Desk
from appliance.pipeline.roster.merge import (
    NOT_IN_COMPLETE_FILE,
    Block,
    block_marker,
    by_matter,
    ended,
    is_in,
    last_word,
    lifting_marker,
    matter,
    overridden,
    prevailing,
    renewed,
    standing_blocks,
)
from appliance.pipeline.roster.report import Absence, Blocked, Change
from appliance.pipeline.roster.rows import BadConsent, ConsentRow, ConsentsFile
from appliance.pipeline.roster.table import lines_in_words

Row = TypeVar("Row", Consent, BadConsent)


def take_consents(file: ConsentsFile, desk: Desk) -> None:
    """Record what is new. Raises Refusal if a row is about somebody who is not on the roster."""
    _check_subjects(file, desk)
    desk.report.warnings.extend(file.warnings)
    recorded = desk.people.consents()
    matters = {about: _Matter(list(said), desk) for about, said in by_matter(recorded).items()}
    for row in file.rows:
        matters.setdefault(matter(row.consent), _Matter([], desk)).rows.append(row)
    for one in matters.values():
        one.take()
    _take_unreadable(file, recorded, desk)
    blocked = _by_subject(file.bad)
    for (subject, party, scope), one in matters.items():
        if file.about is not None and (party, scope) not in file.about:
            continue
        if not any(_block(b).concerns(subject, scope, party) for b in blocked.get(subject, ())):
            one.look_for_what_is_missing()


@dataclass(slots=True)
class _Matter:
    """What one party said about one person and scope: on record, oldest first, and in the file."""

    said: list[Consent]
    desk: Desk
    rows: list[ConsentRow] = field(default_factory=list)
    is_disputed: bool = False

    def take(self) -> None:
        """Take the rows in the order of their days. On a matter without a decision on record they are one history."""
        is_first = not any(c.decision in DECIDED for c in self.said)
        self.rows = [self._dated(row) for row in self.rows]
        last = last_word(row.consent for row in self.rows)
        for row in sorted(self.rows, key=lambda r: (r.consent.from_on, not r.consent.is_no)):
            no = None if is_first else self._no_against(row.consent, is_last=row.consent == last)
            self._take_row(row, no)
        if last is not None and not last.is_no:
            again = renewed(self.said, last, self.desk.today)
            if again is not None:
                self._record(again, None)

    def _dated(self, row: ConsentRow) -> ConsentRow:
        """A row that does not say from when: it is the last word on record if it says the same, and renews nothing."""
        word = last_word(self.said)
        is_same = word is not None and word.decision is row.consent.decision and word.evidence != NOT_IN_COMPLETE_FILE
        if row.is_dated or word is None or not is_same:
            return row
        if not word.is_no and word.last_on < self.desk.today:
            note = (
                f"{word.subject}: the yes for {word.scope} on line {row.line} has no day, and ended on {word.last_on}"
            )
            self.desk.report.warnings.append(f"{note}; ask again")
        return replace(row, consent=word)

    def _no_against(self, consent: Consent, *, is_last: bool) -> Consent | None:
        """Return the no on record against a grant; against one on record itself, if it is all that the file says."""
        if consent.decision is not Decision.GRANTED:
            return None
        if consent not in self.said:
            return overridden(self.said, consent)
        word = last_word(self.said)
        return word if is_last and word is not None and word.is_no else None

    def _take_row(self, row: ConsentRow, no: Consent | None) -> None:
        consent, desk = row.consent, self.desk
        if no is not None:
            why = f"{no.party} {no.decision} from {no.from_on}"
            if not desk.resolves(consent.subject, consent.scope, row.line, dict(row.cells), why):
                self.is_disputed = True
                return
        if consent not in self.said:
            self._record(consent, row.line)
        elif no is None:
            desk.report.unchanged.append(Change("consent", consent.subject, row.line, _words(consent)))
        if no is not None:
            self._record(prevailing(consent, no, desk.evidence), row.line)

    def look_for_what_is_missing(self) -> None:
        """See whether the word that counts is in the file; if the file is complete, a grant that is not ends today."""
        told = [c for c in self.said if c.decision in TELLING]
        word = last_word(told) or max(told, key=lambda c: c.from_on, default=None)
        consents, today = [row.consent for row in self.rows], self.desk.today
        if word is None or self.is_disputed or is_in(consents, word):
            return
        is_grant = word.decision is Decision.GRANTED
        if is_grant and word.last_on < today:
            return
        newest = last_word(consents)
        ends = self.desk.complete and is_grant and (newest is None or newest.is_no or newest.last_on < today)
        if ends:
            self.desk.people.record_consent(ended(word, today), self.desk.who)
        self.desk.report.absent.append(Absence("consent", word.subject, _words(word), ends))

    def _record(self, consent: Consent, line: int | None) -> None:
        self.desk.people.record_consent(consent, self.desk.who)
        self.said.append(consent)
        self.desk.report.added.append(Change("consent", consent.subject, line, _words(consent)))


def _take_unreadable(file: ConsentsFile, recorded: Sequence[Consent], desk: Desk) -> None:
    """What cannot be read blocks; a block is lifted once the file has as many rows on the matter, all readable."""
    desk.report.blocked.extend(Blocked(b.line, b.subject, b.scope, b.reason) for b in file.bad)
    standing = standing_blocks(recorded)
    readable, unreadable = _by_subject([row.consent for row in file.rows]), _by_subject(file.bad)
    for block, bad in {_block(bad): bad for bad in reversed(file.bad)}.items():
        rows = _count(block, readable) + _count(block, unreadable)
        if standing.get(block, 0) < rows:
            reason = f"line {bad.line}: {bad.reason}"
            desk.people.record_consent(block_marker(block, rows, desk.today, reason), desk.who)
    for block, rows in standing.items():
        if not _count(block, unreadable):
            _lift(block, desk, is_replaced=desk.complete or _count(block, readable) >= rows)


def _lift(block: Block, desk: Desk, *, is_replaced: bool) -> None:
    if is_replaced:
        desk.people.record_consent(lifting_marker(block, desk.today), desk.who)
        detail = f"{block.scope or 'every scope'} can be read again"
        desk.report.changed.append(Change("consent", block.subject, None, detail))
    else:
        reason = "a row that could not be read has not been replaced"
        desk.report.blocked.append(Blocked(None, block.subject, block.scope, reason))


def _check_subjects(file: ConsentsFile, desk: Desk) -> None:
    known = set(desk.people.names())
    about = [(r.line, r.consent.subject) for r in file.rows] + [(b.line, b.subject) for b in file.bad]
    strange = sorted(line for line, subject in about if subject not in known)
    if strange:
        raise Refusal(
            "unknown_subject",
            f"consents: nobody on the roster has the subject_id on {lines_in_words(strange)}. Nothing was changed; add "
            "them to the roster or mend these rows, and import again.",
        )


def _block(bad: BadConsent) -> Block:
    return Block(bad.subject, bad.scope, bad.party)


def _by_subject(rows: Iterable[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row.subject, []).append(row)
    return found


def _count(block: Block, rows: Mapping[str, Sequence[Consent | BadConsent]]) -> int:
    return sum(block.concerns(r.subject, r.scope, r.party) for r in rows.get(block.subject, ()))


def _words(consent: Consent) -> str:
    c = consent
    ends = f" until {c.last_on}" if c.decision is Decision.GRANTED else ""
    return f"{c.scope} {c.decision} by {c.party} from {c.from_on}{ends}"
