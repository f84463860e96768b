"""What will be over soon, or is overdue: consents, templates, portraits, takedowns, the audit of what is published."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from appliance.domain.consent import BIOMETRIC, CHANNELS
from appliance.store.home import Home

AHEAD = timedelta(days=60)
NEARLY_A_YEAR = timedelta(days=365) - AHEAD, timedelta(days=367)
"""How long ago a grant without an end began, if that end is near: spares reckoning it for all others."""
PORTRAIT_AGE = timedelta(days=365)
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
    found = [*_ending(home, today), *_old_portraits(home, today), *_takedowns(home, today), *_audit(home, today)]
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
    "portrait_old": ("portrait is older than a year", "portraits are older than a year"),
    "takedown_due": ("published picture has to come down", "published pictures have to come down"),
    "audit_due": ("termly audit of what is published is due", "audits of what is published are due"),
}


def words(kind: str) -> str:
    """One of it, in words."""
    return _WORDS[kind][0]


def _ending(home: Home, today: date) -> Iterator[Reminder]:
    """Whoever may be shown (or recognised) today, and will not be when a grant ends, if nobody renews it."""
    roster = home.people.roster()
    said: dict[tuple[str, str], list[date]] = {}
    for consent in roster.consents:
        if consent.until_on is None and not today - NEARLY_A_YEAR[1] <= consent.from_on <= today - NEARLY_A_YEAR[0]:
            continue
        if not consent.is_no and today <= consent.last_on <= today + AHEAD and consent.scope in (BIOMETRIC, *CHANNELS):
            said.setdefault((consent.subject, consent.scope), []).append(consent.last_on)
    for (subject, scope), days in said.items():
        if not roster.allows(subject, scope, today):
            continue
        last = next((d for d in sorted(days) if not roster.allows(subject, scope, d + timedelta(days=1))), None)
        if last is not None:
            yield Reminder("template_ends" if scope == BIOMETRIC else "consent_ends", last, subject, scope)


def _old_portraits(home: Home, today: date) -> Iterator[Reminder]:
    for subject, at in home.people.newest_portraits().items():
        over = datetime.fromisoformat(at).date() + PORTRAIT_AGE
        if over < today and subject in home.people.roster().people:
            yield Reminder("portrait_old", over, subject)


def _takedowns(home: Home, today: date) -> Iterator[Reminder]:
    """Copies that are or may be out and show somebody whose consent there is over."""
    roster = home.people.roster()
    allowed: dict[tuple[str, str], bool] = {}
    for photo, channel, subject in home.ledger.publications.shown_out():
        if (subject, channel) not in allowed:
            allowed[subject, channel] = roster.allows(subject, channel, today)
        if not allowed[subject, channel]:
            yield Reminder("takedown_due", today, subject, channel, photo)


def _audit(home: Home, today: date) -> Iterator[Reminder]:
    since = home.ledger.publications.last_finished_at() or home.ledger.publications.first_out_at()
    if since and (over := datetime.fromisoformat(since).date() + TERM) < today:
        yield Reminder("audit_due", over)
