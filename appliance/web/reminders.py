"""The reminders: who and what, for whoever is at the box; by e-mail only their number goes out."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from appliance.pipeline.records.reminders import reminders
from appliance.web.page import page
from appliance.web.visit import AtVisit

router = APIRouter()
MOST = 200


@router.get("/reminders")
def reminders_page(request: Request, visit: AtVisit) -> Response:
    """What ends soon, and what is due, the most pressing first."""
    found = reminders(visit.home, visit.today)
    names = {s: n.full for s, n in visit.home.people.names().items()}
    return page(
        request, "reminders.html", found=found[:MOST], total=len(found), names=names, today=visit.today,
    )  # fmt: skip
