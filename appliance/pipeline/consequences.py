"""What follows from a change before it is made: templates, pictures, items in the outbox, published copies.

Pure of effects: it decides twice, by the facts as they are and as they would be, and says where the answers differ.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from appliance.domain.consent import BIOMETRIC, CHANNELS, Roster
from appliance.domain.decide import Decision, Disposition, decide
from appliance.domain.photo import PhotoId, PhotoState
from appliance.domain.release import Copy
from appliance.errors import Damaged, Refusal
from appliance.outbox import OrderKind, Outbox, load_public_key, verify_item
from appliance.pipeline.grace import may_stay
from appliance.pipeline.listing import facts_of
from appliance.store.home import Home

Line = tuple[dict[str, Any], str]


@dataclass(frozen=True, slots=True)
class Turn:
    """A scope that is not allowed any more for somebody, or is from now on."""

    subject: str
    scope: str
    allowed: bool


@dataclass(frozen=True, slots=True)
class Redone:
    """A photo whose picture changes on these channels."""

    photo: PhotoId
    channels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pulled:
    """An item in the outbox that must not be sent any more."""

    item: str
    channel: str
    derivative: str


@dataclass(slots=True)
class Consequences:
    """Everything that follows. takedowns: copies that are, or may be, out there and have to come back."""

    turns: list[Turn] = field(default_factory=list)
    templates: list[str] = field(default_factory=list)
    photos: list[Redone] = field(default_factory=list)
    outbox: list[Pulled] = field(default_factory=list)
    takedowns: list[Copy] = field(default_factory=list)

    def lines(self) -> Iterator[Line]:
        """Each consequence, and at last how many there are of each."""
        for t in self.turns:
            words = f"{t.subject}: {t.scope} {'is allowed' if t.allowed else 'is not allowed any more'}"
            yield {"result": "allowed" if t.allowed else "ended", "subject": t.subject, "scope": t.scope}, words
        for subject in self.templates:
            yield {"result": "template", "subject": subject}, f"template of {subject} is deleted"
        for p in self.photos:
            words = f"photo {p.photo[:12]} is made again for {', '.join(p.channels)}"
            yield {"result": "photo", "photo": p.photo, "channels": list(p.channels)}, words
        for item in self.outbox:
            yield {"result": "outbox", **asdict(item)}, f"item {item.item} is pulled from the outbox ({item.channel})"
        for c in self.takedowns:
            known = {"derivative": c.derivative, "photo": c.photo, "channel": c.channel, "target": c.target}
            yield {"result": "takedown", **known, "path": c.path, "since": c.since}, f"{c.path} is taken down"
        yield {"result": "summary", **self.counts()}, self.summary()

    def counts(self) -> dict[str, int]:
        """How many there are of each."""
        ended = sum(not t.allowed for t in self.turns)
        return {
            "ended": ended, "allowed": len(self.turns) - ended, "templates": len(self.templates),
            "photos": len(self.photos), "outbox": len(self.outbox), "takedowns": len(self.takedowns),
        }  # fmt: skip

    def summary(self) -> str:
        """In one sentence."""
        return (
            f"What follows: {len(self.templates)} templates deleted, {len(self.photos)} photos made again, "
            f"{len(self.outbox)} items pulled from the outbox, {len(self.takedowns)} published copies taken down."
        )


def consequences(home: Home, after: Roster, today: date, about: str | None = None) -> Consequences:
    """What follows if the roster were `after` from now on, with today's pictures and copies.

    about: the one person whom the change concerns, where it is one. A gallery that has changed makes every photo be
    looked at again; what that may find is not foretold.
    """
    before = home.people.roster()
    found = Consequences(_turns(before, after, today, about))
    made = home.gallery.made_of()
    found.templates = sorted(s for s in made if about in (None, s) and not after.allows(s, BIOMETRIC, today))
    changed = {t.subject for t in found.turns} | _treated_otherwise(before, after)
    gone = after.policy.channels is not None and after.policy.channels < (before.policy.channels or set(CHANNELS))
    photos = {row.id for row in home.ledger.photos()} if gone else photos_with(home, changed)
    queued = _queued(home)
    for photo in sorted(photos):
        _follow(photo, home, (before, after), today, queued, found)
    return found


def photos_with(home: Home, subjects: set[str]) -> set[PhotoId]:
    """Photos in which these people are, as far as anybody or the matcher ever said so."""
    found: set[PhotoId] = set()
    for subject in subjects:
        found.update(home.ledger.traces.photos_with(subject), home.people.photos_about(subject))
    return found


def _turns(before: Roster, after: Roster, today: date, about: str | None) -> list[Turn]:
    turns = []
    for subject in sorted(before.people.keys() | after.people.keys()) if about is None else [about]:
        for scope in (BIOMETRIC, *CHANNELS):
            will = after.allows(subject, scope, today)
            if will is not before.allows(subject, scope, today):
                turns.append(Turn(subject, scope, will))
    return turns


def _treated_otherwise(before: Roster, after: Roster) -> set[str]:
    """Those of whom something else than a consent changes."""
    removed = {s for s, at in after.removed_before.items() if at != before.removed_before.get(s)}
    return removed | {s for s, p in after.people.items() if before.people.get(s) != p}


def _queued(home: Home) -> dict[tuple[str, str], str]:
    """Pictures in the outbox that are not sent yet: (target, path) → item."""
    try:
        key = load_public_key(home.root / "keys")
    except Refusal:
        return {}
    found = {}
    for item in Outbox(home.outbox).pending():
        try:
            order = verify_item(item, key).order
        except Damaged:
            continue
        if order.kind is OrderKind.PUBLISH:
            found[order.target, order.path] = item.id
    return found


def _follow(
    photo: PhotoId, home: Home, rosters: tuple[Roster, Roster], today: date, queued: dict[tuple[str, str], str],
    found: Consequences,
) -> None:  # fmt: skip
    row, facts = home.ledger.photo(photo), facts_of(photo, home.ledger, home.people)
    if row is None or facts is None or row.state in (PhotoState.PARKED, PhotoState.REFUSED):
        return
    before, after = rosters
    looks = home.looks
    kept = {c: look for c, look in looks.items() if after.policy.channels is None or c in after.policy.channels}
    was, will = decide(facts, before, looks, today), decide(facts, after, kept, today)
    channels = tuple(c for c in looks if _differs(c, was, will))
    if channels:
        found.photos.append(Redone(photo, channels))
    for copy in home.ledger.register.copies(photo):
        if copy.channel not in channels or not copy.is_out:
            continue
        if may_stay(copy, facts, after, kept, home.ledger, today, home.config.expiry_grace_days):
            continue
        item = queued.get((copy.target, copy.path))
        if item is not None:
            found.outbox.append(Pulled(item, copy.channel, copy.derivative))
        else:
            found.takedowns.append(copy)


def _differs(channel: str, was: Decision, will: Decision) -> bool:
    before, after = was.channels.get(channel), will.channels.get(channel)
    if before is None or after is None:
        return before is not after
    if before.disposition is Disposition.WITHHOLD and after.disposition is Disposition.WITHHOLD:
        return False
    return (before.disposition, before.plan) != (after.disposition, after.plan)
