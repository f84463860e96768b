"""What a person should look at first, and where each photo belongs in the meantime. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum, StrEnum

from appliance.domain.decide import DISMISSABLE_SCORE, Disposition, FaceDecision, IdentityKind
from appliance.domain.photo import PhotoId, PhotoState
from appliance.domain.ruling import RulingKind
from appliance.pipeline.listing import ChannelView, PhotoView
from appliance.web.album import Item


class Show(StrEnum):
    """The queue's filters. A photo can belong to several: approved for one channel, still to review for another."""

    REVIEW = "review"
    APPROVED = "approved"
    PUBLISHED = "published"
    ASIDE = "aside"
    ALL = "all"


class Need(IntEnum):
    """What a photo needs of a person, most pressing first."""

    DECIDE_BETWEEN = 0
    NAME = 1
    APPROVE = 2
    WAIT = 3
    NOTHING = 4


class ChannelState(StrEnum):
    """How one photo stands on one channel."""

    PUBLISHED = "published"
    APPROVED = "approved"
    OFFERED = "offered"
    RENDERING = "rendering"
    WITHHELD = "withheld"


UNKNOWN = (IdentityKind.AMBIGUOUS, IdentityKind.NO_MATCH)
ENDS = (PhotoState.PARKED, PhotoState.REFUSED, PhotoState.QUARANTINED)


@dataclass(frozen=True, slots=True)
class Place:
    """A photo and its place in the queue, from 1."""

    photo: PhotoId
    at: int


@dataclass(frozen=True, slots=True)
class Queue:
    """The photos of one filter, in the order in which to look at them. only: one channel, or None for all."""

    items: Sequence[Item]
    show: Show
    only: str | None

    def around(self, photo: PhotoId, at: int) -> tuple[Place | None, Place, Place | None]:
        """The photos before and after this one, and its own place.

        at: its place when it was opened, or 0. What is said about a photo moves it down the queue, or out of it; for
        whoever walks along the queue it stays where it was.
        """
        places = [Place(i.view.row.id, n) for n, i in enumerate(self.items, 1)]
        here = next((p for p in places if p.photo == photo), Place(photo, 1))
        others = [p for p in places if p.photo != photo]
        at = min(at or here.at, len(others) + 1)
        return (
            others[at - 2] if at > 1 else None,
            Place(photo, at),
            others[at - 1] if at <= len(others) else None,
        )


def queue(items: Iterable[Item], show: Show, only: str | None) -> Queue:
    """What belongs to the filter, most pressing first and otherwise in the order in which the photos came."""
    chosen = [i for i in items if belongs(i.view, show, only)]
    return Queue(sorted(chosen, key=lambda i: need(i, only)), show, only)


def belongs(view: PhotoView, show: Show, only: str | None) -> bool:
    """Whether a photo is shown under this filter."""
    states = {channel_state(c) for c in on(view, only)}
    if show is Show.ALL:
        return True
    if show is Show.ASIDE:
        return view.state in ENDS or states == {ChannelState.WITHHELD}
    if show is Show.REVIEW:
        return bool(states & {ChannelState.OFFERED, ChannelState.RENDERING})
    return (ChannelState.APPROVED if show is Show.APPROVED else ChannelState.PUBLISHED) in states


def need(item: Item, only: str | None) -> Need:
    """What this photo needs of a person."""
    view = item.view
    if view.state in ENDS:
        return Need.NOTHING
    if view.decision is None:
        return Need.WAIT
    if not belongs(view, Show.REVIEW, only):
        return Need.NOTHING
    kinds = {f.identity for f in open_faces(item)}
    if IdentityKind.AMBIGUOUS in kinds:
        return Need.DECIDE_BETWEEN
    return Need.NAME if IdentityKind.NO_MATCH in kinds else Need.APPROVE


def open_faces(item: Item) -> list[FaceDecision]:
    """Faces that nobody has said anything about and the machine could not name; places of doubt wait for nobody."""
    said = {r.face for r in item.rulings if r.kind is RulingKind.NAME}
    return [f for f in item.view.faces if f.identity in UNKNOWN and f.id not in said and not is_doubtful(f)]


def is_doubtful(face: FaceDecision) -> bool:
    """Whether the detector itself was far from sure: covered all the same, but nobody need be asked who it is."""
    is_unsure = face.detection is not None and face.detection.score < DISMISSABLE_SCORE
    return is_unsure and face.identity in UNKNOWN


def on(view: PhotoView, only: str | None) -> list[ChannelView]:
    """The photo's channels, or the one that is asked for."""
    return [c for name, c in view.channels.items() if only in (None, name)]


def channel_state(channel: ChannelView) -> ChannelState:
    """One word for how a photo stands on a channel."""
    if channel.published:
        return ChannelState.PUBLISHED
    if channel.disposition is Disposition.WITHHOLD:
        return ChannelState.WITHHELD
    if channel.derivative is None:
        return ChannelState.RENDERING
    return ChannelState.APPROVED if channel.approved else ChannelState.OFFERED


def first_channel(view: PhotoView) -> str | None:
    """Where to begin: the first channel that waits for approval, else the first that offers, else the first."""
    by_state = {name: channel_state(c) for name, c in view.channels.items()}
    for wanted in (ChannelState.OFFERED, ChannelState.RENDERING, ChannelState.APPROVED, ChannelState.PUBLISHED):
        for name, state in by_state.items():
            if state is wanted:
                return name
    return next(iter(by_state), None)
