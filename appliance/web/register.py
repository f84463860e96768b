"""The register: every copy that was ever published, and whether it is still out there."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from appliance.web.page import page
from appliance.web.visit import AtVisit

router = APIRouter()
SHEET = 60


@router.get("/register")
def register_page(request: Request, visit: AtVisit, sheet: int = 1) -> Response:
    """Copies that are or may be out there first, newest first. No picture of a quarantined photo."""
    out, total = visit.home.ledger.register.counted()
    sheets = max(1, -(-total // SHEET))
    sheet = min(max(sheet, 1), sheets)
    return page(
        request, "register.html", copies=visit.home.ledger.register.sheet(sheet, SHEET), out=out, total=total,
        sheet=sheet, sheets=sheets,
        hidden=visit.home.people.quarantined(), zone=visit.home.config.zone,
    )  # fmt: skip
