"""What a person said about a photo: a fact with who and when, never edited; the latest word on a matter counts."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from appliance.domain.face import Box
from appliance.domain.photo import PhotoId


class RulingKind(StrEnum):
    """The things a person can say. There is no "just show": showing means naming, or attesting a group."""

    COVER = "cover"
    UNCOVER = "uncover"
    NAME = "name"
    ATTEST = "attest"
    WITHHOLD = "withhold"
    OFFER = "offer"
    APPROVE = "approve"
    QUARANTINE = "quarantine"
    LOOKED = "looked"


@dataclass(frozen=True, slots=True)
class Ruling:
    """One statement. `id` grows with time.

    cover: `box`, and `face` holds the new cover's own id · uncover: `face` is the id of a hand-drawn cover or of a
    detection that is no face · name: `face` and `subject` (None: this is nobody we know) · attest: `group` (None:
    taken back) and its `members` that day · withhold, offer: `channel`, `reason` · approve: `channel` and `derivative`,
    exactly those bytes · looked: the safeguarding lead has seen it, with these `members` for whose sake it waited.
    """

    id: int
    photo: PhotoId
    kind: RulingKind
    who: str
    at: str
    box: Box | None = None
    face: str | None = None
    subject: str | None = None
    group: str | None = None
    channel: str | None = None
    derivative: str | None = None
    reason: str | None = None
    members: tuple[str, ...] = ()
