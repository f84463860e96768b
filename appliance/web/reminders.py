"""The reminders: who and what, for whoever is at the box; by e-mail only their number goes out."""

from __future__ import annotations

from collections.abc import Hashable

from fastapi import APIRouter, Request
from fastapi.responses import Response

from appliance.pipeline.records.reminders import Reminder, reminders
from appliance.web.page import page
from appliance.web.visit import AtVisit, Visit

router = APIRouter()
MOST = 200
_kept: dict[str, tuple[Hashable, list[Reminder]]] = {}
"""The last answer of each home: at the end of a year a thousand consents end at once, and reckoning takes a second."""


@router.get("/reminders")
def reminders_page(request: Request, visit: AtVisit) -> Response:
    """What ends soon, and what is due, the most pressing first."""
    found, names = _found(visit), {s: n.full for s, n in visit.home.people.names().items()}
    return page(request, "reminders.html", found=found[:MOST], total=len(found), names=names, today=visit.today)


def _found(visit: Visit) -> list[Reminder]:
    home, root = visit.home, str(visit.home.root)
    publications = home.ledger.publications
    version = (visit.today, home.people.version(), home.people.newest_portraits(), home.ledger.register.counted(),
               publications.last_finished_at(), publications.first_out_at())  # fmt: skip
    if root not in _kept or _kept[root][0] != version:
        _kept[root] = (version, reminders(home, visit.today))
    return _kept[root][1]
