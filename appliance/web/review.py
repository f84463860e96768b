"""The queue and the photo page: what waits, the very picture that would leave, and why each face is as it is."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from appliance.domain.consent import CHANNELS
from appliance.domain.decide import Treatment
from appliance.domain.photo import PhotoId, PhotoState
from appliance.domain.ruling import Ruling, RulingKind
from appliance.domain.wording import Verdict
from appliance.pipeline.listing import PhotoView
from appliance.pipeline.wording import wording_of
from appliance.web import say
from appliance.web.album import Album, Item
from appliance.web.faces import face_cards
from appliance.web.page import page
from appliance.web.progress import sending_trouble, sync_line
from appliance.web.queue import (
    ChannelState,
    Show,
    belongs,
    channel_state,
    first_channel,
    is_doubtful,
    need,
    open_faces,
    queue,
)
from appliance.web.trail import OnTrail, Trail
from appliance.web.visit import AtVisit, Sha, Visit

PAGE = 60

router = APIRouter()


@router.get("/")
def queue_page(request: Request, visit: AtVisit, trail: OnTrail, sheet: int = 1) -> Response:
    """The queue: what needs a person first."""
    items = _items(request, visit)
    chosen = queue(items, trail.show, trail.only)
    sheets = max(1, -(-len(chosen.items) // PAGE))
    sheet = min(max(sheet, 1), sheets)
    start = (sheet - 1) * PAGE
    cards = [_queue_card(i, at, trail) for at, i in enumerate(chosen.items[start : start + PAGE], start + 1)]
    return page(
        request, "queue.html", trail=trail, cards=cards, sheet=sheet, sheets=sheets, channels=CHANNELS,
        filters=[(s, sum(belongs(i.view, s, trail.only) for i in items)) for s in Show],
        links={s: replace(trail, show=s).queue() for s in Show}, sync=sync_line(visit), trouble=sending_trouble(visit),
        ready=sum(channel_state(c) is ChannelState.APPROVED for i in items for c in i.view.channels.values()),
        is_empty=not items,
    )  # fmt: skip


@router.get("/ahead")
def ahead() -> Response:
    """Speculation rules, which the photo page's header points to: a browser may make the next photo ready meanwhile."""
    rules = {"prerender": [{"where": {"selector_matches": "a[rel=next]"}, "eagerness": "immediate"}]}
    return JSONResponse(rules, media_type="application/speculationrules+json")


@router.get("/photo/{photo}")
def photo_page(
    request: Request, visit: AtVisit, trail: OnTrail, photo: Sha, channel: str = "", old: str = ""
) -> Response:
    """One photo. A quarantined one shows nothing of itself; a file that was set aside shows why."""
    view = visit.photo(photo)
    item = Item(view, tuple(visit.home.people.rulings(view.row.id)))
    before, place, after = queue(_items(request, visit), trail.show, trail.only).around(view.row.id, trail.at)
    around: dict[str, Any] = {
        "trail": replace(trail, at=place.at),
        "before": trail.photo(before.photo, before.at) if before else None,
        "after": trail.photo(after.photo, after.at) if after else None,
    }
    if view.decision is None:
        return page(request, "aside.html", view=view, title=_title(view), **around)
    selected = channel if channel in view.channels else trail.only or first_channel(view) or CHANNELS[0]
    answer = page(request, "photo.html", **around, **_photo(visit, item, selected, old))
    answer.headers["Speculation-Rules"] = '"/ahead"'
    return answer


@router.get("/photo/{photo}/state")
def photo_state(visit: AtVisit, photo: Sha) -> dict[str, Any]:
    """What the page asks for again and again: whether anything about the photo is other than what it shows."""
    view = visit.photo(photo)
    return {"state": view.state, "version": _version(visit, view), "rendering": view.state is PhotoState.ANALYSED}


def _items(request: Request, visit: Visit) -> list[Item]:
    album: Album = request.app.state.album
    return album.items(visit.home, visit.today)


def _queue_card(item: Item, at: int, trail: Trail) -> dict[str, Any]:
    view, channel = item.view, trail.only or first_channel(item.view)
    card: dict[str, Any] = {"view": view, "title": _title(view), "derivative": None, "groups": []}
    if channel is None or channel not in view.channels:
        return card | {"href": trail.photo(view.row.id, at)}
    states: dict[ChannelState, list[str]] = {}
    for name, seen in view.channels.items():
        states.setdefault(channel_state(seen), []).append(name)
    return card | {
        "href": trail.photo(view.row.id, at, channel=channel),
        "derivative": view.channels[channel].derivative, "need": need(item, trail.only), "open": len(open_faces(item)),
        "faces": say.faces(*_counted(view, channel)),
        "groups": [(s, [n for n in names if trail.only in (None, n)]) for s, names in states.items()],
    }  # fmt: skip


def _photo(visit: Visit, item: Item, channel: str, old: str) -> dict[str, Any]:
    view, home = item.view, visit.home
    here = view.channels[channel]
    states = {name: channel_state(c) for name, c in view.channels.items()}
    waiting = [n for n, s in states.items() if s is ChannelState.OFFERED]
    names, roster = home.people.names(), home.people.roster()
    is_ours = bool(old) and home.ledger.plan_of(view.row.id, old) is not None
    return {
        "view": view, "title": _title(view), "channel": channel, "here": here, "states": states,
        "faces": face_cards(item, channel, names, {s: p.group for s, p in roster.people.items()}),
        "same": [n for n in waiting if view.channels[n].derivative == here.derivative],
        "counted": say.faces(*_counted(view, channel)),
        "different": [n for n in waiting if view.channels[n].derivative != here.derivative],
        "approval": _approval(item.rulings, channel, here.derivative) if here.approved else None,
        "withheld": states[channel] is ChannelState.WITHHELD,
        "group": next((r.group for r in reversed(item.rulings) if r.kind is RulingKind.ATTEST), None),
        "rulings": list(reversed(item.rulings)), "zone": home.config.zone,
        "has_proof": home.vault.has("proofs", view.row.id), "old": old if is_ours and not here.derivative else "",
        "is_stuck": any(j.stage == "render" and j.key == view.row.id for j in home.ledger.jobs.parked()),
        "version": _version(visit, view), "event_held": say.event_held(_event(visit, view, channel)),
    }  # fmt: skip


def _event(visit: Visit, view: PhotoView, channel: str) -> Verdict:
    """Whether the event's name may go out to this channel."""
    audience = visit.home.config.channels[channel].audience
    return wording_of(visit.home.people).event(view.row.event).verdict(audience)


def _counted(view: PhotoView, channel: str) -> tuple[int, int, int]:
    """Faces shown, faces covered, and places of doubt, which are covered too."""
    doubtful = sum(is_doubtful(f) for f in view.faces)
    shown = sum(f.treatment[channel] is Treatment.SHOW for f in view.faces)
    return shown, len(view.faces) - shown - doubtful, doubtful


def _approval(rulings: tuple[Ruling, ...], channel: str, derivative: str | None) -> Ruling | None:
    given = [r for r in rulings if r.kind is RulingKind.APPROVE and (r.channel, r.derivative) == (channel, derivative)]
    return given[-1] if given else None


def _title(view: PhotoView) -> str:
    """The file's own name; nothing at all of a quarantined photo."""
    if view.state is PhotoState.QUARANTINED:
        return "Quarantined photo"
    return PurePosixPath(view.row.names[0]).name if view.row.names else view.row.id[:12]


def _version(visit: Visit, view: PhotoView) -> str:
    """Differs whenever the page would."""
    rulings = [r.id for r in visit.home.people.rulings(PhotoId(view.row.id))]
    facts = (view.state, sorted(view.channels.items()), rulings, visit.home.people.version(), visit.today)
    return hashlib.sha256(repr(facts).encode()).hexdigest()[:16]
