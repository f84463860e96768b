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

from appliance.domain.consent import BIOMETRIC, Roster
from appliance.domain.face import Box, Detection, FaceId, head
from appliance.domain.identify import Ambiguous, Identification, Match
from appliance.domain.photo import PhotoId
from appliance.domain.ruling import Ruling, RulingKind

DISMISSABLE_SCORE = 0.6
"""Above this detector score it takes two people to say that a detection is no face."""


SECOND_LOOK = "second_look"
"""Why a photo is withheld until the safeguarding lead has looked at it."""


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
    """The reason for a treatment, stable for machines; the page puts it into words.

    no_consent is also said of whoever is protected or asked to be covered: one word for all of them tells on nobody.
    """

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
    """Everything that is known about one analysed photo. width, height: the upright full-size original.

    admitted_at: when it was taken in, ISO 8601 in UTC; blank where that is not known, which counts as long ago.
    """

    id: PhotoId
    width: int
    height: int
    faces: Sequence[SeenFace]
    rulings: Sequence[Ruling]
    admitted_at: str = ""


@dataclass(frozen=True, slots=True)
class Look:
    """How a channel's pictures are made. Two channels with the same look and the same covers share a derivative.

    watermark: text for the corner. mark: SHA-256 of the file of a picture for the corner.
    """

    long_side_px: int = 1600
    quality: int = 85
    watermark: str = ""
    cover_rgb: tuple[int, int, int] = (96, 103, 112)
    mark: str = ""


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
    group = _group_allowed(photo, seen, said, roster, channels, today)
    faces = [_treat(f, photo, said, roster, group, today) for f in seen]
    faces += [_by_hand(r, channels) for r in said.covers]
    waits = bool(awaited(photo, roster, today))
    heads = [cover_box(_concealed(f), photo.width, photo.height) for f in faces]
    decided = {}
    for channel, look in channels.items():
        covers = {b for f, b in zip(faces, heads, strict=True) if f.treatment[channel] is Treatment.COVER}
        plan = Plan(photo.id, photo.width, photo.height, tuple(sorted(covers)), look)
        decided[channel] = _channel(plan, said, said.held.get(channel), waits=waits)
    return Decision(tuple(faces), decided)


def awaited(photo: PhotoFacts, roster: Roster, today: date) -> set[str]:
    """Those in this photo, recognised or named, for whose sake it waits for the safeguarding lead to look at it."""
    said = _Said(photo.rulings)
    seen = [f for f in photo.faces if not said.dismisses(f)]
    there = {r.subject for f in seen if (r := said.names.get(f.id)) is not None and r.subject}
    there |= {f.identification.subject for f in seen if _is_recognised(f, said, roster, today)}  # type: ignore[union-attr]  # a match
    return (there & roster.second_look) - said.looked


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
        self.looked = {m for r in ordered if r.kind is RulingKind.LOOKED for m in r.members}
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


def _treat(
    face: SeenFace, photo: PhotoFacts, said: _Said, roster: Roster, group: Mapping[str, bool], today: date
) -> FaceDecision:
    identity, subject, comparison = _identity(face, said, roster, today)
    known = photo if subject not in roster.second_look - said.looked else None
    verdicts = {
        c: _verdict(identity, subject, c, known, roster, today, attested=allowed) for c, allowed in group.items()
    }
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
    """Whether the matcher knows somebody here of whom it may not tell (yet): that reads like a stranger.

    Protected, without biometric consent, or one of those whose pictures wait for the lead, protected or not.
    """
    if face.id in said.names or not isinstance(face.identification, Match):
        return False
    subject = face.identification.subject
    waits = subject in roster.second_look and subject not in said.looked
    return waits or roster.is_secret(subject) or not roster.allows(subject, BIOMETRIC, today)


def _is_recognised(face: SeenFace, said: _Said, roster: Roster, today: date) -> bool:
    """Whether the matcher knows somebody here, and has their consent to."""
    is_match = face.id not in said.names and isinstance(face.identification, Match)
    return is_match and roster.allows(face.identification.subject, BIOMETRIC, today)  # type: ignore[union-attr]  # a match


def _verdict(
    identity: IdentityKind, subject: str | None, channel: str, photo: PhotoFacts | None, roster: Roster, today: date,
    *, attested: bool,
) -> tuple[Treatment, Why]:  # fmt: skip
    """photo: None while the lead has not looked at it for this person's sake."""
    if subject is not None:
        if photo is not None and roster.may_show(subject, channel, today, photo.admitted_at):
            return Treatment.SHOW, Why.CONSENTED
        return Treatment.COVER, Why.NO_CONSENT
    if identity is IdentityKind.ATTESTED:
        return (Treatment.SHOW, Why.GROUP_CONSENTED) if attested else (Treatment.COVER, Why.NO_CONSENT)
    return Treatment.COVER, Why.AMBIGUOUS if identity is IdentityKind.AMBIGUOUS else Why.NO_MATCH


def _group_allowed(
    photo: PhotoFacts, faces: Sequence[SeenFace], said: _Said, roster: Roster, channels: Mapping[str, Look], today: date
) -> dict[str, bool]:
    """For each channel whether the attested group's word shows the unknown faces.

    Somebody of whom the matcher may not tell makes it void: were that face alone covered, it would stand out.
    """
    if said.group is None or any(_is_hidden(f, said, roster, today) for f in faces):
        return dict.fromkeys(channels, False)
    at = photo.admitted_at
    return {c: whole_group_allowed(said.group, c, roster, today, said.members, admitted_at=at) for c in channels}


def whole_group_allowed(
    group: str, channel: str, roster: Roster, today: date, members_then: AbstractSet[str] = frozenset(),
    admitted_at: str = "9999",
) -> bool:  # fmt: skip
    """Whether every member of the group may be shown there, in a photo taken in at that time (of late if left out).

    An empty group vouches for nobody. Whoever has left is a member still, and may not be shown: a picture from before
    they left may well show them. So is whoever was a member when the group was attested, and is in another class now
    or has been erased.
    """
    members_now = {p.subject for p in roster.people.values() if group and p.group == group}
    people = sorted(members_now | members_then)
    return bool(members_now) and all(roster.may_show(subject, channel, today, admitted_at) for subject in people)


def _by_hand(ruling: Ruling, channels: Mapping[str, Look]) -> FaceDecision:
    box = ruling.box or Box(0, 0, 0, 0)
    treatment = dict.fromkeys(channels, Treatment.COVER)
    whys = dict.fromkeys(channels, Why.COVERED_BY_HAND)
    return FaceDecision(str(ruling.face), box, None, IdentityKind.BY_HAND, None, None, treatment, whys)


def _channel(plan: Plan, said: _Said, held: Ruling | None, *, waits: bool) -> ChannelDecision:
    """held: what was last said about keeping the photo from this channel."""
    if said.quarantined:
        return ChannelDecision(Disposition.WITHHOLD, "quarantined", plan)
    if held is not None and held.kind is RulingKind.WITHHOLD:
        return ChannelDecision(Disposition.WITHHOLD, held.reason or "withheld", plan)
    if waits:
        return ChannelDecision(Disposition.WITHHOLD, SECOND_LOOK, plan)
    return ChannelDecision(Disposition.OFFER, None, plan)


def _concealed(face: FaceDecision) -> Box:
    return face.box if face.detection is None else head(face.detection)


def cover_box(box: Box, width: int, height: int) -> tuple[int, int, int, int]:
    """Whole pixels, rounded so that nothing of the box is left out, clipped to the picture."""
    inside = box.clipped(width, height)
    right, bottom = math.ceil(inside.x + inside.w), math.ceil(inside.y + inside.h)
    return math.floor(inside.x), math.floor(inside.y), right, bottom
