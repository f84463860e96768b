"""What is known about each photo today, put together for whoever shows it: the command line and the page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from appliance.domain.decide import Decision, Disposition, FaceDecision, Look, PhotoFacts, decide
from appliance.domain.identify import NoMatch
from appliance.domain.item import role_of
from appliance.domain.photo import PhotoId, PhotoState
from appliance.domain.release import approved
from appliance.domain.ruling import RulingKind
from appliance.errors import Refusal
from appliance.store.ledger import Ledger, PhotoRow
from appliance.store.people import People


@dataclass(frozen=True, slots=True)
class ChannelView:
    """One photo on one channel: `derivative` is the SHA-256 of the file that would leave, once it is rendered."""

    disposition: Disposition
    why: str | None
    derivative: str | None
    approved: bool
    published: bool


@dataclass(frozen=True, slots=True)
class PhotoView:
    """A photo with today's decision. width, height: the upright original in pixels; 0 where it was never decoded."""

    row: PhotoRow
    state: PhotoState
    width: int
    height: int
    decision: Decision | None
    channels: Mapping[str, ChannelView]

    @property
    def faces(self) -> tuple[FaceDecision, ...]:
        """Every face and every cover drawn by hand."""
        return self.decision.faces if self.decision else ()


def facts_of(photo: PhotoId, ledger: Ledger, people: People) -> PhotoFacts | None:
    """What `decide` needs to know about a photo; None if it was not analysed.

    While matching is off nobody is matched, whatever an earlier analysis said.
    """
    analysis = ledger.analysis(photo)
    if analysis is None:
        return None
    faces = analysis.faces
    if not people.matching().is_on:
        faces = tuple(replace(f, identification=NoMatch()) for f in faces)
    rulings = people.rulings(photo)
    return PhotoFacts(photo, analysis.width, analysis.height, faces, rulings, analysis.admitted_at)


def view(row: PhotoRow, ledger: Ledger, people: People, looks: Mapping[str, Look], today: date) -> PhotoView:
    """One photo as it stands today."""
    if any(r.kind is RulingKind.QUARANTINE for r in people.rulings(row.id)):
        return PhotoView(row, PhotoState.QUARANTINED, 0, 0, None, {})
    facts = None if row.state in (PhotoState.PARKED, PhotoState.REFUSED) else facts_of(row.id, ledger, people)
    if facts is None:
        return PhotoView(row, row.state, 0, 0, None, {})
    decision = decide(facts, people.roster(), looks, today)
    channels = _channels(facts, decision, ledger)
    offered = [c for c in channels.values() if c.disposition is Disposition.OFFER]
    rendered = row.state is PhotoState.RENDERED and all(c.derivative for c in offered)
    state = PhotoState.RENDERED if rendered else PhotoState.ANALYSED
    return PhotoView(row, state, facts.width, facts.height, decision, channels)


def views(ledger: Ledger, people: People, looks: Mapping[str, Look], today: date) -> Iterator[PhotoView]:
    """Every photo and refused file, in the order they came."""
    for row in ledger.photos():
        yield view(row, ledger, people, looks, today)


def the_photo(given: str, ledger: Ledger) -> PhotoRow:
    """The photo whose id is, or begins with, what the user gave. Raises Refusal if it is none or several."""
    found = ledger.find_photo(given) if len(given) >= 4 else []
    if len(found) != 1:
        what = f"{len(found)} photos begin with" if found else "there is no photo"
        raise Refusal("no_such_photo", f"{what} {given!r}. `appliance photos --json` lists them.")
    row = ledger.photo(found[0])
    if row is None:
        raise Refusal("no_such_photo", f"there is no photo {given!r}.")
    return row


def as_json(seen: PhotoView) -> dict[str, Any]:
    """The object that `appliance photos --json` prints."""
    row = seen.row
    return {
        "photo": row.id, "names": list(row.names), "event": row.event, "state": seen.state, "reason": row.reason,
        "width": seen.width, "height": seen.height, "faces": [_face_json(f) for f in seen.faces],
        "channels": {
            name: {"disposition": c.disposition, "derivative": c.derivative, "why": c.why, "crop": None,
                   "approved": c.approved, "published": c.published}
            for name, c in seen.channels.items()
        },
        "companions": [{"photo": c.id, "names": list(c.names), "kind": role_of(c.names[0])} for c in row.companions],
        "remarks": list(row.remarks),
    }  # fmt: skip


def _channels(facts: PhotoFacts, decision: Decision, ledger: Ledger) -> dict[str, ChannelView]:
    copies = ledger.register.copies(facts.id)
    seen = {}
    for channel, decided in decision.channels.items():
        derivative = ledger.derivative(facts.id, decided.plan.id)
        rulings = [r for r in facts.rulings if r.channel == channel]
        here = [c for c in copies if c.channel == channel]
        is_approved = derivative is not None and approved(derivative, rulings, here)
        published = any(c.is_out and c.derivative == derivative for c in here)
        seen[channel] = ChannelView(decided.disposition, decided.why, derivative, is_approved, published)
    return seen


def _face_json(face: FaceDecision) -> dict[str, Any]:
    landmarks = face.detection.landmarks if face.detection else []
    return {
        "face": face.id, "box": [round(v, 1) for v in (face.box.x, face.box.y, face.box.w, face.box.h)],
        "landmarks": [[round(x, 1), round(y, 1)] for x, y in landmarks],
        "score": round(face.detection.score, 3) if face.detection else None,
        "identity": face.identity, "subject": face.subject,
        "comparison": round(face.comparison, 3) if face.comparison is not None else None,
        "treatment": dict(face.treatment), "why": face.why, "whys": dict(face.whys),
    }  # fmt: skip
