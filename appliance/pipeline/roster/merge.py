"""How an import meets what is on record: pure. It may add, tighten and renew; it never overrides a no by itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from appliance.domain.consent import DECIDED, Consent, Decision, Kind, Person, age_on, is_adult
from appliance.domain.policy import ConsentPolicy

NOT_IN_COMPLETE_FILE = "not in a complete import"
"""The evidence of a fact that ends a grant because a complete file no longer has it."""

Matter = tuple[str, str, str]
"""Subject, party and scope: what consents are about."""


# ---- people


def loosened(old: Person, new: Person, parties: Iterable[str], policy: ConsentPolicy, today: date) -> dict[str, str]:
    """Each field of a person whose new value would ask for fewer people's word than the old, with what is on record.

    parties: those with anything on record about this person: a parent who was heard is a parent.
    """
    found = {}
    if (old.kind is Kind.PUPIL) != (new.kind is Kind.PUPIL) and old.kind is Kind.PUPIL:
        found["kind"] = f"{old.kind} is on record, for whom parents speak"
    elif _makes_adult(old, replace(old, kind=new.kind), today):
        found["kind"] = f"{old.kind} is on record, who may be a child"
    if _makes_adult(old, replace(old, birth_on=new.birth_on), today) or _makes_young(old, new, policy, today):
        found["birth_on"] = f"{old.birth_on or 'nothing'} is on record, by which somebody else has to be asked"
    known = old.parents if old.parents is not None else _most_heard(parties)
    if new.parents is not None and new.parents != old.parents and new.parents < known:
        found["parents"] = f"{known} {'are' if known != 1 else 'is'} on record"
    return found


def _makes_adult(old: Person, new: Person, today: date) -> bool:
    return is_adult(new, today) and not is_adult(old, today)


def _makes_young(old: Person, new: Person, policy: ConsentPolicy, today: date) -> bool:
    age = policy.own_consent_age
    if age is None or old.birth_on is None or new.birth_on is None:
        return False
    return age_on(old.birth_on, today) >= age > age_on(new.birth_on, today)


def _most_heard(parties: Iterable[str]) -> int:
    return max((int(party.partition(":")[2]) for party in parties if party.startswith("parent:")), default=0)


# ---- consents


def matter(consent: Consent) -> Matter:
    """What it is about."""
    return consent.subject, consent.party, consent.scope


def last_word(said: Iterable[Consent]) -> Consent | None:
    """What a party said with effect from the latest day, a no before a grant, the shorter grant before the longer."""
    decided = [c for c in said if c.decision in DECIDED]
    return max(decided, key=lambda c: (c.from_on, c.is_no, -c.last_on.toordinal()), default=None)


def overridden(said: Sequence[Consent], grant: Consent) -> Consent | None:
    """Return the no on record that this grant would go against: what stands on the day it begins, or at the end."""
    before = [c for c in said if c.from_on <= grant.from_on]
    words = (last_word(before), last_word(said))
    return next((word for word in words if word is not None and word.is_no), None)


def prevailing(grant: Consent, no: Consent, evidence: str) -> Consent:
    """The grant as it holds against this no, by evidence that somebody named has seen: from the day after it.

    It never ends later than the row says. A row without evidence of its own counts from its second day, because of
    two on one day the lesser holds.
    """
    begins = max(grant.from_on, no.from_on + timedelta(days=1))
    if begins == grant.from_on and not grant.evidence.strip():
        begins += timedelta(days=1)
    return replace(grant, from_on=begins, until_on=grant.last_on, evidence=evidence)


def ended(grant: Consent, today: date) -> Consent:
    """The fact that ends a grant today: of the same day as the grant, and shorter. It is nobody's withdrawal."""
    return replace(grant, until_on=today - timedelta(days=1), evidence=NOT_IN_COMPLETE_FILE)


def renewed(said: Sequence[Consent], grant: Consent, today: date) -> Consent | None:
    """The fact that takes up again a grant of the file that only its absence from a complete file had ended."""
    last = last_word(said)
    if last is None or last.evidence != NOT_IN_COMPLETE_FILE or grant.last_on < today:
        return None
    return replace(grant, from_on=max(today, last.from_on + timedelta(days=1)), until_on=grant.last_on)


def is_in(rows: Iterable[Consent], word: Consent) -> bool:
    """Whether a file says what this word on record says; the day it began may have been put off by a resolution."""
    return any(r.decision is word.decision and (r == word or r.last_on == word.last_on) for r in rows)


# ---- rows that cannot be read


@dataclass(frozen=True, slots=True)
class Block:
    """What unreadable rows block: a subject's scope (blank: every scope) for a party (blank: nobody knows which)."""

    subject: str
    scope: str
    party: str

    def concerns(self, subject: str, scope: str, party: str) -> bool:
        """Whether a row about this may be, or may replace, what could not be read. Blank is whatever it may be."""
        pairs = ((self.scope, scope), (self.party, party))
        return self.subject == subject and all(mine == its or not mine or not its for mine, its in pairs)


def standing_blocks(said: Iterable[Consent]) -> dict[Block, int]:
    """Blocks on record that nothing has lifted yet, with the number of rows that the file had on the matter."""
    marked: dict[Block, Consent] = {}
    for c in said:
        if c.decision in (Decision.UNREADABLE, Decision.READABLE):
            marked[Block(c.subject, c.scope, c.party)] = c
    return {b: _rows_of(c) for b, c in marked.items() if c.decision is Decision.UNREADABLE}


def block_marker(block: Block, rows: int, today: date, reason: str) -> Consent:
    """The fact that blocks. `basis` keeps how many rows the file had on the matter: with fewer, one is missing."""
    return Consent(block.subject, block.party, block.scope, Decision.UNREADABLE, today, None, str(rows), reason)


def lifting_marker(block: Block, today: date) -> Consent:
    """The fact that lifts a block."""
    return Consent(block.subject, block.party, block.scope, Decision.READABLE, today, None, "0", "read again")


def _rows_of(marker: Consent) -> int:
    return int(marker.basis) if marker.basis.isdecimal() else 1


def by_matter(consents: Iterable[Consent]) -> Mapping[Matter, list[Consent]]:
    """Group what was said by what it is about, in order."""
    found: dict[Matter, list[Consent]] = {}
    for consent in consents:
        found.setdefault(matter(consent), []).append(consent)
    return found
