"""The heart: for each face SHOW or COVER, for each channel OFFER or WITHHOLD, and the plan that follows.

The same function decides when a picture is rendered and again when it is released, with that day's facts. It shows a
face only where every single condition for showing holds; anything unknown, ambiguous or contradictory is covered.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import astuple, dataclass
from datetime import date
from enum import StrEnum

from appliance.domain.consent import BIOMETRIC, Person, Roster
from appliance.domain.face import Box, Detection, FaceId, head
from appliance.domain.identify import Ambiguous, Identification, Match
from appliance.domain.photo import PhotoId
from appliance.domain.ruling import Ruling, RulingKind

DISMISSABLE_SCORE = 0.6
"""Above this detector score it takes two people to say that a detection is no face."""


class Treatment(StrEnum):
    """What happens to one face on one channel."""

    SHOW = "show"
    COVER = "cover"


class Disposition(StrEnum):
    """What happens to one photo on one channel; OFFER still waits for a person's approval."""

    OFFER = "offer"
    WITHHOLD = "withhold"


class IdentityKind(StrEnum):
    """How a face came by its identity, if it has one."""

    MATCH = "match"
    NO_MATCH = "no_match"
    AMBIGUOUS = "ambiguous"
    NAMED = "named"
    ATTESTED = "attested"
    BY_HAND = "by_hand"


class Why(StrEnum):
    """The reason for a treatment, stable for machines; the page puts it into words."""

    CONSENTED = "consented"
    GROUP_CONSENTED = "group_consented"
    NO_MATCH = "no_match"
    AMBIGUOUS = "ambiguous"
    NO_CONSENT = "no_consent"
    COVERED_BY_HAND = "covered_by_hand"


@dataclass(frozen=True, slots=True)
class SeenFace:
    """A detection with what the matcher said of it."""

    id: FaceId
    detection: Detection
    identification: Identification


@dataclass(frozen=True, slots=True)
class PhotoFacts:
    """Everything that is known about one analysed photo. width, height: the upright full-size original."""

    id: PhotoId
    width: int
    height: int
    faces: Sequence[SeenFace]
    rulings: Sequence[Ruling]


@dataclass(frozen=True, slots=True)
class Look:
    """How a channel's pictures are made. Two channels with the same look and the same covers share a derivative."""

    long_side_px: int = 1600
    quality: int = 85
    watermark: str = ""
    cover_rgb: tuple[int, int, int] = (96, 103, 112)


@dataclass(frozen=True, slots=True)
class Plan:
    """What to make of a photo. covers: (left, top, right, bottom) in whole pixels of the upright original, sorted."""

    photo: PhotoId
    width: int
    height: int
    covers: tuple[tuple[int, int, int, int], ...]
    look: Look

    @property
    def id(self) -> str:
        """SHA-256 of the plan: equal plans make equal pictures."""
        everything = (self.photo, self.width, self.height, self.covers, astuple(self.look))
        return hashlib.sha256(json.dumps(everything).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class FaceDecision:
    """One face and, for each channel, what happens to it and why. `subject` only where a person is known."""

    id: str
    box: Box
    detection: Detection | None
    identity: IdentityKind
    subject: str | None
    comparison: float | None
    treatment: Mapping[str, Treatment]
    whys: Mapping[str, Why]

    @property
    def why(self) -> Why:
        """One reason: the first that covers the face anywhere, or why it is shown."""
        covering = [self.whys[c] for c, t in self.treatment.items() if t is Treatment.COVER]
        return covering[0] if covering else next(iter(self.whys.values()), Why.NO_MATCH)


@dataclass(frozen=True, slots=True)
class ChannelDecision:
    """One channel's disposition, with the plan of the picture that would be offered there."""

    disposition: Disposition
    why: str | None
    plan: Plan


@dataclass(frozen=True, slots=True)
class Decision:
    """The whole answer for one photo."""

    faces: tuple[FaceDecision, ...]
    channels: Mapping[str, ChannelDecision]


def decide(photo: PhotoFacts, roster: Roster, channels: Mapping[str, Look], today: date) -> Decision:
    """Treat every face on every channel, and plan each channel's picture, by the facts of `today`."""
    said = _Said(photo.rulings)
    seen = [f for f in photo.faces if not said.dismisses(f)]
    group = _group_allowed(seen, said, roster, channels, today)
    faces = [_treat(f, said, roster, group, today) for f in seen]
    faces += [_by_hand(r, channels) for r in said.covers]
    return Decision(tuple(faces), {c: _channel(c, look, photo, faces, said) for c, look in channels.items()})


class _Said:
    """The rulings of one photo, by what they are about; the latest on each matter counts."""

    def __init__(self, rulings: Sequence[Ruling]) -> None:
        ordered = sorted(rulings, key=lambda r: r.id)
        self.names = {r.face: r for r in ordered if r.kind is RulingKind.NAME}
        self._uncovers = [r for r in ordered if r.kind is RulingKind.UNCOVER]
        self.covers = [r for r in ordered if r.kind is RulingKind.COVER and not self._uncovered_by(r.face, since=r)]
        attested = [r for r in ordered if r.kind is RulingKind.ATTEST]
        self.group = attested[-1].group if attested else None
        self.members = frozenset(attested[-1].members if attested else ())
        self.held = {r.channel: r for r in ordered if r.kind in (RulingKind.WITHHOLD, RulingKind.OFFER)}
        self.quarantined = any(r.kind is RulingKind.QUARANTINE for r in ordered)

    def dismisses(self, face: SeenFace) -> bool:
        """Whether enough people said that this detection is no face, since anybody last said whose it is."""
        needed = 2 if face.detection.score >= DISMISSABLE_SCORE else 1
        return len(self._uncovered_by(face.id, since=self.names.get(face.id))) >= needed

    def is_named(self, subject: str) -> bool:
        """Whether some face of the photo was named as this subject's."""
        return any(r.subject == subject for r in self.names.values())

    def _uncovered_by(self, face: str | None, *, since: Ruling | None) -> set[str]:
        return {r.who for r in self._uncovers if r.face == face and (since is None or r.id > since.id)}


def _treat(face: SeenFace, said: _Said, roster: Roster, group: Mapping[str, bool], today: date) -> FaceDecision:
    identity, subject, comparison = _identity(face, said, roster, today)
    verdicts = {c: _verdict(identity, subject, c, roster, today, attested=allowed) for c, allowed in group.items()}
    return FaceDecision(
        face.id, face.detection.box, face.detection, identity, subject, comparison,
        {c: t for c, (t, _) in verdicts.items()}, {c: w for c, (_, w) in verdicts.items()},
    )  # fmt: skip


def _identity(
    face: SeenFace, said: _Said, roster: Roster, today: date
) -> tuple[IdentityKind, str | None, float | None]:
    """Who this is, as far as it may be told. A protected person who was only matched reads like a stranger."""
    named = said.names.get(face.id)
    if named is not None:
        return (IdentityKind.NAMED, named.subject, None) if named.subject else (IdentityKind.NO_MATCH, None, None)
    if isinstance(face.identification, Match) and not _is_hidden(face, said, roster, today):
        if said.is_named(face.identification.subject):
            return IdentityKind.AMBIGUOUS, None, None
        return IdentityKind.MATCH, face.identification.subject, face.identification.comparison
    if said.group is not None:
        return IdentityKind.ATTESTED, None, None
    ambiguous = isinstance(face.identification, Ambiguous)
    return (IdentityKind.AMBIGUOUS if ambiguous else IdentityKind.NO_MATCH), None, None


def _is_hidden(face: SeenFace, said: _Said, roster: Roster, today: date) -> bool:
    """Whether the matcher knows somebody here of whom it may not tell: protected, or without biometric consent."""
    if face.id in said.names or not isinstance(face.identification, Match):
        return False
    person = roster.people.get(face.identification.subject)
    return person is None or person.protected or not roster.allows(person.subject, BIOMETRIC, today)


def _verdict(
    identity: IdentityKind, subject: str | None, channel: str, roster: Roster, today: date, *, attested: bool
) -> tuple[Treatment, Why]:
    if subject is not None:
        if _may_show(roster.people.get(subject), channel, roster, today):
            return Treatment.SHOW, Why.CONSENTED
        return Treatment.COVER, Why.NO_CONSENT
    if identity is IdentityKind.ATTESTED:
        return (Treatment.SHOW, Why.GROUP_CONSENTED) if attested else (Treatment.COVER, Why.NO_CONSENT)
    return Treatment.COVER, Why.AMBIGUOUS if identity is IdentityKind.AMBIGUOUS else Why.NO_MATCH


def _may_show(person: Person | None, channel: str, roster: Roster, today: date) -> bool:
    return person is not None and not person.protected and roster.allows(person.subject, channel, today)


def _group_allowed(
    faces: Sequence[SeenFace], said: _Said, roster: Roster, channels: Mapping[str, Look], today: date
) -> dict[str, bool]:
    """For each channel whether the attested group's word shows the unknown faces.

    Somebody of whom the matcher may not tell makes it void: were that face alone covered, it would stand out.
    """
    if said.group is None or any(_is_hidden(f, said, roster, today) for f in faces):
        return dict.fromkeys(channels, False)
    return {c: whole_group_allowed(said.group, c, roster, today, said.members) for c in channels}


def whole_group_allowed(
    group: str, channel: str, roster: Roster, today: date, members_then: AbstractSet[str] = frozenset()
) -> bool:
    """Whether every member of the group may be shown there. An empty group vouches for nobody.

    Whoever has left is a member still, and may not be shown: a picture from before they left may well show them. So is
    whoever was a member when the group was attested, and is in another class now or has been erased.
    """
    members_now = {p.subject for p in roster.people.values() if group and p.group == group}
    people = [roster.people.get(subject) for subject in sorted(members_now | members_then)]
    return bool(members_now) and all(_may_show(person, channel, roster, today) for person in people)


def _by_hand(ruling: Ruling, channels: Mapping[str, Look]) -> FaceDecision:
    box = ruling.box or Box(0, 0, 0, 0)
    treatment = dict.fromkeys(channels, Treatment.COVER)
    whys = dict.fromkeys(channels, Why.COVERED_BY_HAND)
    return FaceDecision(str(ruling.face), box, None, IdentityKind.BY_HAND, None, None, treatment, whys)


def _channel(
    channel: str, look: Look, photo: PhotoFacts, faces: Sequence[FaceDecision], said: _Said
) -> ChannelDecision:
    covered = [f for f in faces if f.treatment[channel] is Treatment.COVER]
    covers = tuple(sorted({cover_box(_concealed(f), photo.width, photo.height) for f in covered}))
    plan = Plan(photo.id, photo.width, photo.height, covers, look)
    held = said.held.get(channel)
    if said.quarantined:
        return ChannelDecision(Disposition.WITHHOLD, "quarantined", plan)
    if held is not None and held.kind is RulingKind.WITHHOLD:
        return ChannelDecision(Disposition.WITHHOLD, held.reason or "withheld", plan)
    return ChannelDecision(Disposition.OFFER, None, plan)


def _concealed(face: FaceDecision) -> Box:
    return face.box if face.detection is None else head(face.detection)


def cover_box(box: Box, width: int, height: int) -> tuple[int, int, int, int]:
    """Whole pixels, rounded so that nothing of the box is left out, clipped to the picture."""
    inside = box.clipped(width, height)
    right, bottom = math.ceil(inside.x + inside.w), math.ceil(inside.y + inside.h)
    return math.floor(inside.x), math.floor(inside.y), right, bottom
