"""One face or cover as the page shows it: where, shown or covered, who, and why in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from appliance.domain.decide import DISMISSABLE_SCORE, FaceDecision, IdentityKind, Treatment
from appliance.domain.face import Box, head
from appliance.domain.ruling import Ruling, RulingKind
from appliance.store.people import Name
from appliance.web import say
from appliance.web.album import Item
from appliance.web.queue import is_doubtful, open_faces

THUMB_MARGIN = 1.2


@dataclass(frozen=True, slots=True)
class FaceCard:
    """box: the face or hand-drawn cover. head: what a cover of it has to hide. thumb: a square around it.

    All in pixels of the upright original. is_doubtful: perhaps no face at all. needs_person: nobody has said yet who
    this is. doubt: who has said that this is no face, where a second person has to agree.
    """

    number: int
    id: str
    box: Box
    head: Box
    thumb: Box
    is_shown: bool
    is_drawn: bool
    is_doubtful: bool
    needs_person: bool
    name: str | None
    group: str
    reason: str
    doubt: str


def face_cards(item: Item, channel: str, names: Mapping[str, Name], groups: Mapping[str, str]) -> list[FaceCard]:
    """A photo's faces on one channel, numbered from left to right; then covers drawn by hand, then places of doubt."""
    ordered = sorted(item.view.faces, key=is_doubtful)
    return [_card(number, face, channel, item, names, groups) for number, face in enumerate(ordered, 1)]


def _card(
    number: int, face: FaceDecision, channel: str, item: Item, names: Mapping[str, Name], groups: Mapping[str, str]
) -> FaceCard:  # fmt: skip
    said = item.rulings
    whole = head(face.detection) if face.detection else face.box
    known = names.get(face.subject) if face.subject else None
    name = (known.full if known else face.subject) if face.subject else None
    reason = say.face(
        face,
        channel,
        name=name,
        group=_attested(said),
        nobody=_nobody(face, said),
        is_doubtful=is_doubtful(face),
        drawn_by=_drawn_by(face, said),
    )
    return FaceCard(
        number, face.id, face.box, whole, _square(whole), face.treatment[channel] is Treatment.SHOW,
        face.identity is IdentityKind.BY_HAND, is_doubtful(face), face in open_faces(item), name,
        groups.get(face.subject or "", ""), reason, _doubt(face, said),
    )  # fmt: skip


def _square(box: Box) -> Box:
    side = max(box.w, box.h) * THUMB_MARGIN
    return Box(box.x + (box.w - side) / 2, box.y + (box.h - side) / 2, side, side)


def _attested(rulings: tuple[Ruling, ...]) -> str | None:
    said = [r.group for r in rulings if r.kind is RulingKind.ATTEST]
    return said[-1] if said else None


def _nobody(face: FaceDecision, rulings: tuple[Ruling, ...]) -> bool:
    said = [r for r in rulings if r.kind is RulingKind.NAME and r.face == face.id]
    return bool(said) and said[-1].subject is None


def _drawn_by(face: FaceDecision, rulings: tuple[Ruling, ...]) -> str:
    return next((r.who for r in rulings if r.kind is RulingKind.COVER and r.face == face.id), "")


def _doubt(face: FaceDecision, rulings: tuple[Ruling, ...]) -> str:
    who = {r.who for r in rulings if r.kind is RulingKind.UNCOVER and r.face == face.id}
    if not who or face.detection is None or face.detection.score < DISMISSABLE_SCORE:
        return ""
    return f"{', '.join(sorted(who))} said that this is no face. It stays covered until a second person says so."
