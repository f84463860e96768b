"""Whether one derivative may leave for one channel, now; and which published copies have to come back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from appliance.domain.consent import Roster
from appliance.domain.decide import ChannelDecision, Disposition, FaceDecision, Look, PhotoFacts, Treatment, decide
from appliance.domain.forecast import days_that_matter
from appliance.domain.identify import Match
from appliance.domain.ruling import Ruling, RulingKind


class Held(StrEnum):
    """Why something may not leave.

    names_only: the channel takes names, hence no pictures. name_in_event, perhaps_a_name: the event it would be filed
    under holds somebody's full name, or a first name that nobody has said is just a word.
    """

    WITHHELD = "withheld"
    OUT_OF_DATE = "out_of_date"
    NOT_APPROVED = "not_approved"
    TOMBSTONED = "tombstoned"
    NAMES_ONLY = "names_only"
    NAME_IN_EVENT = "name_in_event"
    PERHAPS_A_NAME = "perhaps_a_name"


class CopyState(StrEnum):
    """What is known of one published copy. Until a receipt says otherwise it may be out there."""

    PUBLISHED = "published"
    TAKEN_DOWN = "taken_down"
    POSSIBLY_PUBLISHED = "possibly_published"
    TOMBSTONED = "tombstoned"


@dataclass(frozen=True, slots=True)
class Copy:
    """One derivative on one channel of one target: a row of the register. `until` is None while it is out there."""

    derivative: str
    photo: str
    channel: str
    target: str
    path: str
    since: str
    until: str | None
    state: CopyState

    @property
    def is_out(self) -> bool:
        """Whether the far end has it, or may have it."""
        return self.state in (CopyState.PUBLISHED, CopyState.POSSIBLY_PUBLISHED)


def may_release(
    decision: ChannelDecision, rendered_plan: str, derivative: str, rulings: Iterable[Ruling], copies: Iterable[Copy]
) -> Held | None:
    """None if the derivative may leave for its channel today, else what holds it.

    decision: today's, for this photo and channel. rendered_plan: id of the plan that `derivative` was made by.
    rulings, copies: those of this photo on this channel. An approval counts for exactly these bytes, and only if it
    was given after the last time they were taken down, and after the photo was last withheld: neither is undone by an
    old approval. Bytes under a tombstone never leave again.
    """
    copies = list(copies)
    if any(c.derivative == derivative and c.state is CopyState.TOMBSTONED for c in copies):
        return Held.TOMBSTONED
    if decision.disposition is not Disposition.OFFER:
        return Held.WITHHELD
    if decision.plan.id != rendered_plan:
        return Held.OUT_OF_DATE
    if not approved(derivative, rulings, copies):
        return Held.NOT_APPROVED
    return None


def approved(derivative: str, rulings: Iterable[Ruling], copies: Iterable[Copy]) -> bool:
    """Whether a person approved exactly these bytes since they were last taken down or withheld.

    rulings, copies: those of this photo on this channel; times are ISO 8601 in UTC.
    """
    return approval(derivative, rulings, copies) is not None


def approval(derivative: str, rulings: Iterable[Ruling], copies: Iterable[Copy]) -> Ruling | None:
    """The newest approval that still counts, as `approved` says."""
    rulings = list(rulings)
    taken_down = max((c.until or "" for c in copies if c.derivative == derivative), default="")
    withheld = max((r.id for r in rulings if r.kind is RulingKind.WITHHOLD), default=-1)
    approvals = [r for r in rulings if r.kind is RulingKind.APPROVE and r.derivative == derivative]
    return max((r for r in approvals if r.at > taken_down and r.id > withheld), key=lambda r: r.id, default=None)


def must_come_back(copy: Copy, decision: ChannelDecision | None, current: str | None) -> bool:
    """Whether a copy is out that may not be out any more.

    decision: today's, for the copy's photo and channel; None if there is none (erased, set aside). current: the
    derivative that today's plan made; None if it was not rendered yet.
    """
    if not copy.is_out:
        return False
    return decision is None or decision.disposition is not Disposition.OFFER or copy.derivative != current


def holds_until(photo: PhotoFacts, roster: Roster, channel: str, look: Look, today: date) -> date | None:
    """Return the last day on which everybody shown on this channel today may still be; None if no end is known.

    By what is known today: consents that end, refusals that begin, people who leave or come of age.
    """
    shown = _shown(photo, roster, channel, look, today)
    groups = {r.group for r in photo.rulings if r.kind is RulingKind.ATTEST and r.group}
    behind = {f.subject for f in shown.values()} | {p.subject for p in roster.people.values() if p.group in groups}
    behind |= {f.identification.subject for f in photo.faces if isinstance(f.identification, Match)}
    days = days_that_matter(roster, behind, channel) if shown else set()
    for day in sorted(d for d in days if d > today):
        if not shown.keys() <= _shown(photo, roster, channel, look, day).keys():
            return day - timedelta(days=1)
    return None


def _shown(photo: PhotoFacts, roster: Roster, channel: str, look: Look, day: date) -> dict[str, FaceDecision]:
    faces = decide(photo, roster, {channel: look}, day).faces
    return {f.id: f for f in faces if f.treatment[channel] is Treatment.SHOW}
