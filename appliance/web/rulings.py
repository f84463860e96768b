"""What a person says on the photo page, handed to the reviewer; each answer leads back to a page."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from appliance.domain.face import Box
from appliance.errors import Refusal
from appliance.store.ledger import PhotoRow
from appliance.web.album import Album
from appliance.web.queue import ChannelState, Place, Show, channel_state, queue
from appliance.web.trail import OnTrail, Trail
from appliance.web.visit import AtVisit, Sha, Visit

Text = Annotated[str, Form()]
Reason = Annotated[str, Form(max_length=200)]
Several = Annotated[list[str], Form()]
Number = Annotated[float, Form(ge=-1e6, le=1e6)]

router = APIRouter(prefix="/photo/{photo}")


@router.post("/cover")
def cover(
    visit: AtVisit, trail: OnTrail, photo: Sha, x: Number, y: Number, w: Number, h: Number,
    channel: Text = "", seen: Text = "",
) -> Response:  # fmt: skip
    """Cover a place. x, y, w, h: pixels of the upright original."""
    visit.reviewer.cover(_row(visit, photo), Box(x, y, w, h))
    return _back(trail, photo, "covered", channel, seen)


@router.post("/uncover")
def uncover(visit: AtVisit, trail: OnTrail, photo: Sha, face: Several, channel: Text = "", seen: Text = "") -> Response:
    """Take back covers drawn by hand, or say that detections are no faces."""
    for one in face:
        visit.reviewer.uncover(_row(visit, photo), one)
    return _back(trail, photo, "uncovered", channel, seen)


@router.post("/name")
def name(
    visit: AtVisit, trail: OnTrail, photo: Sha, face: Text, subject: Text = "", nobody: Text = "",
    channel: Text = "", seen: Text = "",
) -> Response:  # fmt: skip
    """Say who a face is: somebody on the roster, or, if `nobody` is given, nobody on it."""
    if not subject and not nobody:
        raise Refusal("nobody_chosen", "choose somebody from the list, or say that it is nobody you know.")
    visit.reviewer.name(_row(visit, photo), face, None if nobody else subject)
    return _back(trail, photo, "named", channel, seen)


@router.post("/attest")
def attest(
    visit: AtVisit, trail: OnTrail, photo: Sha, group: Text = "", channel: Text = "", seen: Text = ""
) -> Response:  # fmt: skip
    """Say that everybody here is from one group; no group takes that back."""
    visit.reviewer.attest(_row(visit, photo), group or None)
    return _back(trail, photo, "attested", channel, seen)


@router.post("/withhold")
def withhold(visit: AtVisit, trail: OnTrail, photo: Sha, channel: Text, reason: Reason = "") -> Response:
    """Keep the photo from a channel."""
    visit.reviewer.withhold(_row(visit, photo), channel, reason)
    return _back(trail, photo, "withheld", channel)


@router.post("/offer")
def offer(visit: AtVisit, trail: OnTrail, photo: Sha, channel: Text) -> Response:
    """Take a withholding back."""
    visit.reviewer.offer(_row(visit, photo), channel)
    return _back(trail, photo, "offered", channel)


@router.post("/quarantine")
def quarantine(visit: AtVisit, trail: OnTrail, photo: Sha, confirm: Text = "") -> Response:
    """Nobody sees this photo from now on; only when it was confirmed."""
    if confirm != "yes":
        raise Refusal("not_confirmed", "quarantine cannot be undone from this page, so it has to be confirmed.")
    visit.reviewer.quarantine(_row(visit, photo))
    return RedirectResponse(trail.queue(said="quarantined"), 303)


@router.post("/approve")
def approve(
    request: Request, visit: AtVisit, trail: OnTrail, photo: Sha, derivative: Text, channel: Several
) -> Response:  # fmt: skip
    """Approve exactly the picture that was displayed, for each of these channels."""
    row = _row(visit, photo)
    if visit.home.ledger.plan_of(row.id, derivative) is None:
        raise HTTPException(404)
    for one in channel:
        visit.reviewer.approve(derivative, one)
    return RedirectResponse(_onward(request, visit, trail, photo), 303)


def _row(visit: Visit, photo: str) -> PhotoRow:
    return visit.photo(photo).row


def _back(trail: Trail, photo: str, said: str, channel: str, seen: str = "") -> Response:
    return RedirectResponse(trail.photo(photo, trail.at, channel=channel, said=said, old=seen), 303)


def _onward(request: Request, visit: Visit, trail: Trail, photo: str) -> str:
    """After an approval: this photo while a channel of it waits, else the next of the queue, round to its beginning."""
    view = visit.photo(photo)
    waiting = [
        n for n, c in view.channels.items()
        if trail.only in (None, n) and channel_state(c) in (ChannelState.OFFERED, ChannelState.RENDERING)
    ]  # fmt: skip
    if waiting:
        return trail.photo(photo, trail.at, channel=waiting[0], said="approved_channel")
    album: Album = request.app.state.album
    left = queue(album.items(visit.home, visit.today), trail.show, trail.only)
    if trail.show is not Show.REVIEW or not left.items:
        return trail.queue(said="all_done" if trail.show is Show.REVIEW else "approved_here")
    after = left.around(view.row.id, trail.at)[2] or Place(left.items[0].view.row.id, 1)
    return trail.photo(after.photo, after.at, said="approved")
