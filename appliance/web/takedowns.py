"""Copies that have to be gone: what the sender does by itself, and what a person has to see to and show."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from appliance.domain.takedown import BY_HAND
from appliance.pipeline.takedown import close
from appliance.store.database import utc_now
from appliance.web.page import page
from appliance.web.visit import AtVisit

SHOWN_CLOSED = 100
Evidence = Annotated[str, Form(max_length=500)]

router = APIRouter()


@router.get("/takedowns")
def takedowns_page(request: Request, visit: AtVisit) -> Response:
    """What a person has to do, what the sender does, and what is done. No picture of a quarantined photo."""
    home, now = visit.home, utc_now()
    found, target = home.ledger.takedowns.all(), home.config.target
    tasks = [t for t in found if t.needs_a_person(target, now)]
    sender = [t for t in found if t.is_open and t not in tasks]
    closed = sorted((t for t in found if not t.is_open), key=lambda t: t.ended_at, reverse=True)
    return page(
        request, "takedowns.html", tasks=tasks, sender=sender, closed=closed[:SHOWN_CLOSED], count=len(closed),
        hidden=home.people.quarantined(), pictures=set(home.ledger.all_derivatives()), zone=home.config.zone, now=now,
        by_hand=BY_HAND,
    )  # fmt: skip


@router.post("/takedowns/{takedown}/close")
def close_takedown(visit: AtVisit, takedown: int, evidence: Evidence = "") -> Response:
    """Record how somebody knows that a copy is gone."""
    home = visit.home
    close(takedown, evidence, visit.session.who, ledger=home.ledger, audit=home.audit, target=home.config.target)
    return RedirectResponse("/takedowns?said=takedown_closed", 303)
