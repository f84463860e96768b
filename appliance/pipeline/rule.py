"""What a person may say about a photo, checked and recorded; the picture follows by walking the line again."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from datetime import date

from appliance.domain.consent import CHANNELS
from appliance.domain.decide import Disposition, IdentityKind, Look
from appliance.domain.face import Box
from appliance.domain.photo import PhotoId, PhotoState
from appliance.domain.ruling import Ruling, RulingKind
from appliance.errors import Refusal
from appliance.pipeline.listing import PhotoView, view, views
from appliance.store.audit import Audit
from appliance.store.ledger import Ledger, PhotoRow
from appliance.store.people import People

SMALLEST_COVER_PX = 4


class Reviewer:
    """One person reviewing one home's photos. Every method raises Refusal with what to do where it cannot be done."""

    def __init__(
        self, who: str, *, ledger: Ledger, people: People, audit: Audit, looks: Mapping[str, Look], today: date
    ) -> None:
        if not who.strip():
            raise Refusal("who_is_missing", "say who you are: a ruling without a person is no ruling.")
        self._who, self._ledger, self._people, self._audit, self._looks, self._today = (
            who.strip(), ledger, people, audit, looks, today,
        )  # fmt: skip

    def cover(self, row: PhotoRow, box: Box) -> Ruling:
        """Draw a cover by hand. box: pixels of the upright original; what lies outside the picture is cut off."""
        seen = self._reviewable(row)
        if not all(math.isfinite(v) for v in (box.x, box.y, box.w, box.h)):
            raise Refusal("not_a_box", "a cover needs four finite numbers: x, y, width, height.")
        inside = box.clipped(seen.width, seen.height)
        if inside.w < SMALLEST_COVER_PX or inside.h < SMALLEST_COVER_PX:
            raise Refusal(
                "cover_too_small", f"that cover is outside the picture ({seen.width} × {seen.height}) or too small."
            )
        where = f"{row.id}:hand:{inside.x:.0f},{inside.y:.0f},{inside.w:.0f},{inside.h:.0f}"
        face = hashlib.sha256(where.encode()).hexdigest()[:16]
        if any(f.id == face for f in seen.faces):
            raise Refusal("cover_exists", "there is a cover in exactly that place already.")
        face = _unused(face, self._people.rulings(row.id))
        return self._say(row, RulingKind.COVER, box=inside, face=face)

    def uncover(self, row: PhotoRow, cover: str) -> Ruling:
        """Take back a cover drawn by hand, or say that a detection is no face."""
        self._known_face(row, cover)
        return self._say(row, RulingKind.UNCOVER, face=cover)

    def name(self, row: PhotoRow, face: str, subject: str | None) -> Ruling:
        """Say who a face is; None says that it is nobody on the roster."""
        if self._known_face(row, face) is IdentityKind.BY_HAND:
            raise Refusal("not_a_face", "that is a cover drawn by hand; only a face that was found can be named.")
        if subject is not None and subject not in self._people.roster().people:
            raise Refusal("no_such_subject", f"there is nobody {subject!r} on the roster.")
        return self._say(row, RulingKind.NAME, face=face, subject=subject)

    def attest(self, row: PhotoRow, group: str | None) -> Ruling:
        """Say that everybody in the picture belongs to this group; None takes it back."""
        self._reviewable(row)
        members = self._people.roster().members(group, self._today) if group is not None else []
        if group is not None and not members:
            raise Refusal("no_such_group", f"nobody on the roster is in a group {group!r}.")
        return self._say(row, RulingKind.ATTEST, group=group, members=tuple(sorted(m.subject for m in members)))

    def withhold(self, row: PhotoRow, channel: str, reason: str) -> Ruling:
        """Keep a photo from a channel, whatever its picture shows."""
        self._reviewable(row)
        if not reason.strip():
            raise Refusal("reason_is_missing", "say why it is withheld.")
        return self._say(row, RulingKind.WITHHOLD, channel=_channel(channel), reason=reason.strip())

    def offer(self, row: PhotoRow, channel: str) -> Ruling:
        """Take a withholding back; the picture waits for approval again."""
        self._reviewable(row)
        return self._say(row, RulingKind.OFFER, channel=_channel(channel))

    def quarantine(self, row: PhotoRow) -> Ruling:
        """Nobody sees, copies, sends or deletes this photo from now on."""
        return self._say(row, RulingKind.QUARANTINE)

    def approve(self, derivative: str, channel: str) -> list[Ruling]:
        """Approve exactly these bytes for one channel. Raises Refusal unless they are what would leave today."""
        channel = _channel(channel)
        current = [
            row for photo in self._ledger.photos_of(derivative)
            if (row := self._ledger.photo(photo)) and self._view(row).channels.get(channel)
            and self._view(row).channels[channel].derivative == derivative
        ]  # fmt: skip
        if not current:
            raise Refusal(
                "derivative_is_not_current",
                f"{derivative[:12]}… is not a picture that would go to {channel} today: it was never made, or "
                "something has changed since. Look at the photo again and approve what is there now.",
            )
        for row in current:
            if self._view(row).channels[channel].disposition is not Disposition.OFFER:
                raise Refusal("withheld", f"photo {row.id[:12]}… is withheld from {channel}; offer it again first.")
            why = self._ledger.takedowns.buried(row.id, derivative, channel)
            if why is not None:
                raise Refusal("buried", f"that picture never goes to {channel} again: {why}.")
        return [self._say(row, RulingKind.APPROVE, channel=channel, derivative=derivative) for row in current]

    def approve_all(self, channel: str) -> list[Ruling]:
        """Approve everything that is rendered, offered on this channel and not approved yet."""
        channel = _channel(channel)
        said = []
        for seen in list(views(self._ledger, self._people, self._looks, self._today)):
            here = seen.channels.get(channel)
            if here and here.derivative and here.disposition is Disposition.OFFER and not here.approved:
                if self._ledger.takedowns.buried(seen.row.id, here.derivative, channel) is not None:
                    continue
                said.append(self._say(seen.row, RulingKind.APPROVE, channel=channel, derivative=here.derivative))
        return said

    def _view(self, row: PhotoRow) -> PhotoView:
        return view(row, self._ledger, self._people, self._looks, self._today)

    def _reviewable(self, row: PhotoRow) -> PhotoView:
        seen = self._view(row)
        if seen.state is PhotoState.QUARANTINED:
            raise Refusal("quarantined", "that photo is quarantined; the safeguarding lead decides what happens to it.")
        if seen.decision is None:
            raise Refusal(
                "not_analysed",
                f"that photo cannot be reviewed: it is {seen.state} ({row.reason or 'not analysed yet'}).",
            )
        return seen

    def _known_face(self, row: PhotoRow, face: str) -> IdentityKind:
        for known in self._reviewable(row).faces:
            if known.id == face:
                return known.identity
        analysis = self._ledger.analysis(row.id)
        if analysis is not None and any(known.id == face for known in analysis.faces):
            return IdentityKind.NO_MATCH
        raise Refusal("no_such_face", f"photo {row.id[:12]}… has no face or cover {face!r}.")

    def _say(
        self, row: PhotoRow, kind: RulingKind, *, box: Box | None = None, face: str | None = None,
        subject: str | None = None, group: str | None = None, channel: str | None = None,
        derivative: str | None = None, reason: str | None = None, members: tuple[str, ...] = (),
    ) -> Ruling:  # fmt: skip
        ruling = Ruling(
            0, PhotoId(row.id), kind, self._who, "", box, face, subject, group, channel, derivative, reason, members
        )
        said = self._people.rule(ruling)
        self._audit.record(
            f"ruling_{kind}", photo=row.id, who=self._who, channel=channel, derivative=derivative, face=face
        )
        if kind is not RulingKind.APPROVE:
            self._ledger.ask("render", row.id)
        return said


def _unused(face: str, rulings: list[Ruling]) -> str:
    """A cover drawn again where one was taken back is a new cover with a new id."""
    times = sum(r.kind is RulingKind.COVER and str(r.face).startswith(face) for r in rulings)
    return f"{face}{times:x}" if times else face


def _channel(name: str) -> str:
    if name not in CHANNELS:
        raise Refusal("no_such_channel", f"there is no channel {name!r}. Channels: {', '.join(CHANNELS)}.")
    return name
