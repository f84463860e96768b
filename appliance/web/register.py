"""The register: every copy that was ever published, and whether it is still out there."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from appliance.web.page import page
from appliance.web.visit import AtVisit

router = APIRouter()


@router.get("/register")
def register_page(request: Request, visit: AtVisit) -> Response:
    """Copies that are or may be out there first, newest first. No picture of a quarantined photo."""
    copies = sorted(visit.home.ledger.copies(), key=lambda c: c.since, reverse=True)
    copies.sort(key=lambda c: not c.is_out)
    return page(
        request, "register.html", copies=copies, out=sum(c.is_out for c in copies),
        hidden=visit.home.people.quarantined(), zone=visit.home.config.zone,
    )  # fmt: skip
