"""What will end by itself in the days to come: consents, templates, and the published copies that rest on them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any

from appliance.domain.consent import BIOMETRIC, CHANNELS, has_left
from appliance.domain.decide import PhotoFacts
from appliance.domain.explain import explain
from appliance.domain.forecast import last_day
from appliance.domain.photo import PhotoState
from appliance.domain.release import Copy, holds_until
from appliance.pipeline.consequences import Line, photos_with
from appliance.pipeline.grace import may_stay
from appliance.pipeline.listing import facts_of
from appliance.store.home import Home


@dataclass(frozen=True, slots=True)
class Ending:
    """A scope that is allowed for somebody until and with `last_on`. template: one goes with it."""

    subject: str
    scope: str
    last_on: date
    why: str
    template: bool


@dataclass(frozen=True, slots=True)
class Going:
    """A copy that shows somebody until whose consent ends with `last_on`, and is taken down on `down_on`."""

    derivative: str
    photo: str
    channel: str
    target: str
    path: str
    last_on: date
    down_on: date


@dataclass(frozen=True, slots=True)
class Forecast:
    """What ends by itself until a day."""

    until: date
    endings: list[Ending]
    copies: list[Going]

    def lines(self) -> Iterator[Line]:
        """Each ending, soonest first; then copies; at last how many there are of each."""
        for e in self.endings:
            yield _line("ending", e), f"{e.last_on}  {e.subject} {e.scope}: from then on {e.why}"
        for c in self.copies:
            yield _line("copy", c), f"{c.last_on}  {c.path} is taken down on {c.down_on} unless consents are renewed"
        counts = {"endings": len(self.endings), "copies": len(self.copies)}
        words = f"Until {self.until}: {len(self.endings)} consents end, {len(self.copies)} published copies with them."
        yield {"result": "summary", "until": self.until.isoformat(), **counts}, words


def expiring(home: Home, today: date, days: int) -> Forecast:
    """Return what ends by itself in the next so many days, by what is known today."""
    until = today + timedelta(days)
    found = sorted(endings(home, today, until), key=lambda e: (e.last_on, e.subject, e.scope))
    copies = list(_copies(home, {e.subject for e in found}, today, until))
    return Forecast(until, found, sorted(copies, key=lambda c: (c.down_on, c.path)))


def endings(home: Home, today: date, until: date) -> Iterator[Ending]:
    """Every scope that is allowed for somebody today and will not be on a day before or on `until`."""
    roster, enrolled = home.people.roster(), home.gallery.made_of()
    for subject, person in roster.people.items():
        if has_left(person, today):
            continue
        for scope in (BIOMETRIC, *CHANNELS):
            last = last_day(roster, subject, scope, today, until)
            if last is not None:
                why = explain(roster, subject, scope, last + timedelta(1)).removeprefix("not allowed: ")
                yield Ending(subject, scope, last, why, scope == BIOMETRIC and subject in enrolled)


def _copies(home: Home, subjects: set[str], today: date, until: date) -> Iterator[Going]:
    roster, looks = home.people.roster(), home.looks
    for photo in sorted(photos_with(home, subjects)):
        out = [c for c in home.ledger.register.copies(photo) if c.is_out and c.channel in looks]
        row = home.ledger.photo(photo) if out else None
        facts = facts_of(photo, home.ledger, home.people) if row is not None else None
        if row is None or facts is None or row.state in (PhotoState.PARKED, PhotoState.REFUSED):
            continue
        for copy in out:
            last = holds_until(facts, roster, copy.channel, looks[copy.channel], today)
            if last is not None and last < until:
                c = copy
                down = _down_on(home, copy, facts, last)
                yield Going(c.derivative, c.photo, c.channel, c.target, c.path, last, down)


def _down_on(home: Home, copy: Copy, facts: PhotoFacts, last: date) -> date:
    """Return the first day after `last` on which the copy may not stay any more."""
    roster, grace = home.people.roster(), home.config.expiry_grace_days
    day = last + timedelta(1)
    while day <= last + timedelta(grace) and may_stay(copy, facts, roster, home.looks, home.ledger, day, grace):
        day += timedelta(1)
    return day


def _line(result: str, thing: Ending | Going) -> dict[str, Any]:
    data = {k: v.isoformat() if isinstance(v, date) else v for k, v in asdict(thing).items()}
    return {"result": result, **data}
