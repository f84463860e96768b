"""Copies that have to be gone: why, by when, who has to see to it; and what never comes back."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

BY_HAND = "by_hand"
"""The target of a copy that somebody may have carried on from a channel, to where this box cannot look."""
SENDER = "sender"
"""Who ended a takedown that nobody had to see to."""


class Why(StrEnum):
    """Why a copy has to be gone. Nothing here tells who is in the picture, or that anybody is protected."""

    SHOWN_OTHERWISE = "shown_otherwise"
    WITHHELD = "withheld"
    QUARANTINED = "quarantined"
    PICTURE_GONE = "picture_gone"
    BURIED = "buried"
    CAME_BACK = "came_back"

    @property
    def words(self) -> str:
        """The same for a person."""
        return _WORDS[self]

    @property
    def is_for_good(self) -> bool:
        """Whether the same picture never goes out again, whatever is said later."""
        return self is Why.QUARANTINED


_WORDS = {
    Why.SHOWN_OTHERWISE: "it is another picture now, or somebody in it may not be shown there any more",
    Why.WITHHELD: "it may not go there any more",
    Why.QUARANTINED: "it is quarantined",
    Why.PICTURE_GONE: "it was removed from this box",
    Why.BURIED: "somebody said that it never goes there again",
    Why.CAME_BACK: "it was there again after it had been taken down",
}


@dataclass(frozen=True, slots=True)
class Takedown:
    """One place that has to be cleared; times are ISO 8601 in UTC. who, evidence, ended_at: blank while it is open."""

    id: int
    derivative: str
    photo: str
    channel: str
    target: str
    path: str
    why: Why
    at: str
    due_at: str
    who: str = ""
    evidence: str = ""
    ended_at: str = ""

    @property
    def is_open(self) -> bool:
        """Whether nobody has shown yet that it is gone."""
        return not self.ended_at

    def needs_a_person(self, target: str, now: str) -> bool:
        """Whether the sender cannot do it, or has not in time. target: the one that it sends to now."""
        return self.is_open and (self.target != target or now > self.due_at)


@dataclass(frozen=True, slots=True)
class Tombstone:
    """A picture that never goes out again. derivative, channel: blank for all of the photo's, and for every channel."""

    photo: str
    derivative: str
    channel: str
    why: str
    who: str
    at: str
