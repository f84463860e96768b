"""What will be over soon, or is overdue: consents, templates, portraits, takedowns, the audit of what is published."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from appliance.domain.consent import BIOMETRIC
from appliance.pipeline.expiring import endings
from appliance.store.home import Home

AHEAD = timedelta(days=60)
TERM = timedelta(days=120)
"""A term with its holidays: the register is gone through once in each."""


@dataclass(frozen=True, slots=True)
class Reminder:
    """One thing to see to. kind: consent_ends, template_ends, portrait_old, takedown_due, audit_due."""

    kind: str
    due_on: date
    subject: str | None = None
    scope: str | None = None
    photo: str | None = None


def reminders(home: Home, today: date) -> list[Reminder]:
    """Everything to see to, the most pressing first."""
    found = [*_ending(home, today), *_old_portraits(home, today), *_takedowns(home), *_audit(home, today)]
    return sorted(found, key=lambda r: (r.due_on, r.kind, r.subject or "", r.scope or ""))


def counts(found: list[Reminder]) -> dict[str, int]:
    """How many of each kind."""
    return dict(sorted(Counter(r.kind for r in found).items()))


def letter(found: dict[str, int], address: str) -> tuple[str, str]:
    """Subject and text of a message: numbers only, never who."""
    total = sum(found.values())
    lines = [f"  {n:5d}  {_WORDS[kind][n != 1]}" for kind, n in found.items()]
    text = "\n".join(["The school's photo box has something for you:", "", *lines, "", f"Who and what: {address}", ""])
    return f"School photos: {total} reminder{'s' * (total != 1)}", text


_WORDS = {
    "consent_ends": ("consent ends within 60 days", "consents end within 60 days"),
    "template_ends": ("person will not be recognised any more", "people will not be recognised any more"),
    "portrait_old": ("portrait is old: a new one is due", "portraits are old: new ones are due"),
    "takedown_due": ("published picture has to come down", "published pictures have to come down"),
    "audit_due": ("termly audit of what is published is due", "audits of what is published are due"),
}


def words(kind: str) -> str:
    """One of it, in words."""
    return _WORDS[kind][0]


def _ending(home: Home, today: date) -> Iterator[Reminder]:
    """Whoever may be shown (or recognised) today, and will not be soon, if nobody does anything."""
    for e in endings(home, today, today + AHEAD):
        yield Reminder("template_ends" if e.scope == BIOMETRIC else "consent_ends", e.last_on, e.subject, e.scope)


def _old_portraits(home: Home, today: date) -> Iterator[Reminder]:
    roster, taken, terms = home.people.roster(), home.gallery.taken_on(), home.terms
    for subject, added in home.people.portraits_added().items():
        due = max(terms.due_on(taken.get(portrait), day) for portrait, day in added.items())
        if due <= today and subject in roster.people:
            yield Reminder("portrait_old", due, subject)


def _takedowns(home: Home) -> Iterator[Reminder]:
    """Copies that have to be gone, and that nobody has shown to be."""
    for takedown in home.ledger.takedowns.still_open():
        due = datetime.fromisoformat(takedown.due_at).astimezone(home.config.zone).date()
        yield Reminder("takedown_due", due, None, takedown.channel, takedown.photo)


def _audit(home: Home, today: date) -> Iterator[Reminder]:
    since = home.ledger.publications.last_finished_at() or home.ledger.publications.first_out_at()
    if since and (over := datetime.fromisoformat(since).date() + TERM) < today:
        yield Reminder("audit_due", over)
