"""What only the safeguarding lead sees and says: who is protected, where they may be shown, which pictures may go on.

Who the lead is stands in config.toml. The audit log says that the lead said something, and of nobody.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from appliance.domain.consent import CHANNELS
from appliance.domain.decide import awaited
from appliance.domain.photo import PhotoId, PhotoState
from appliance.domain.ruling import Ruling, RulingKind
from appliance.errors import Refusal
from appliance.pipeline.listing import facts_of
from appliance.store.home import Home
from appliance.store.ledger import PhotoRow


@dataclass(frozen=True, slots=True)
class Protected:
    """Somebody who is protected, with the channels on which the lead allows them."""

    subject: str
    channels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Waiting:
    """A photo that waits for the lead: for whose sake, and which of them are protected."""

    photo: PhotoId
    event: str
    subjects: tuple[str, ...]
    protected: tuple[str, ...]


class Lead:
    """The safeguarding lead at work. Raises Refusal at once for anybody else."""

    def __init__(self, who: str, home: Home, today: date) -> None:
        if who.strip() not in home.config.safeguarding_leads:
            raise Refusal(
                "not_the_lead",
                "only the safeguarding lead may do this. Who that is stands in config.toml: safeguarding_leads.",
            )
        self._who, self._home, self._today = who.strip(), home, today

    def protected(self) -> list[Protected]:
        """Everybody who is protected."""
        people, allowed = self._home.people.roster().people, self._home.people.requests.lead_allows()
        self._record("lead_listed")
        return [Protected(s, tuple(sorted(allowed.get(s, ())))) for s, p in sorted(people.items()) if p.protected]

    def protect(self, subject: str, *, protected: bool) -> None:
        """From now on this person is protected, or not any more."""
        known = {p.subject: (p, n) for p, n in self._home.people.persons()}
        if subject not in known:
            raise Refusal("no_such_subject", f"there is nobody {subject!r} on the roster.")
        person, name = known[subject]
        if person.protected is not protected:
            self._home.people.record_person(replace(person, protected=protected), name, self._who)
        self._record("lead_decided")

    def allow(self, subject: str, channel: str, *, allowed: bool) -> None:
        """Whether a protected person may be shown on a channel, if everybody else allows it too."""
        if subject not in self._home.people.roster().people:
            raise Refusal("no_such_subject", f"there is nobody {subject!r} on the roster.")
        if channel not in CHANNELS:
            raise Refusal("no_such_channel", f"there is no channel {channel!r}. Channels: {', '.join(CHANNELS)}.")
        self._home.people.requests.lead_says(subject, channel, self._who, allowed=allowed)
        self._record("lead_decided")

    def waiting(self) -> Iterator[Waiting]:
        """Every photo that waits for the lead, in the order they came."""
        roster = self._home.people.roster()
        for row in self._home.ledger.photos():
            subjects = tuple(sorted(self._awaited(row)))
            if subjects:
                protected = tuple(s for s in subjects if s in roster.people and roster.people[s].protected)
                yield Waiting(row.id, row.event, subjects, protected)

    def passes(self, row: PhotoRow) -> Ruling:
        """The lead has looked at this photo: it goes on as it is, covers and all, to whoever approves it."""
        subjects = tuple(sorted(self._awaited(row)))
        if not subjects:
            raise Refusal("does_not_wait", f"photo {row.id[:12]}… does not wait for the safeguarding lead.")
        said = self._home.people.rule(Ruling(0, row.id, RulingKind.LOOKED, self._who, "", members=subjects))
        self._home.audit.record("ruling_looked", photo=row.id, who=self._who)
        self._home.ledger.ask("render", row.id)
        return said

    def _awaited(self, row: PhotoRow) -> set[str]:
        if row.state in (PhotoState.PARKED, PhotoState.REFUSED):
            return set()
        facts = facts_of(row.id, self._home.ledger, self._home.people)
        return awaited(facts, self._home.people.roster(), self._today) if facts is not None else set()

    def _record(self, event: str) -> None:
        self._home.audit.record(event, who=self._who)
