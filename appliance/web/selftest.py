"""The self-test's page: what it found, in words and as a curve; asking for a new one; stating a rate."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from appliance.domain.selftest import FEWEST
from appliance.errors import Refusal
from appliance.pipeline.selftest_report import Report
from appliance.pipeline.state_rate import state_rate
from appliance.web.det import chart
from appliance.web.page import page
from appliance.web.visit import AtVisit

JOB = "roster"

router = APIRouter(prefix="/selftest")


@router.get("")
def selftest_page(request: Request, visit: AtVisit) -> Response:
    """The newest self-test, and what is in force."""
    home, row = visit.home, visit.home.ledger.selftests.newest()
    report = Report.of_json(row.report) if row else None
    return page(
        request, "selftest.html", report=report, at=row.at if row else "", in_force=home.fpir,
        stated=home.people.stated_rate(), refused=sorted(home.ledger.selftests.refused_bands(home.fpir)),
        is_running="selftest" in home.ledger.jobs.due(), rates=home.ledger.selftests.tested_rates(),
        is_old=row is not None and row.gallery != home.gallery.version(), matching=home.people.matching(),
        enrolled=len(home.gallery.made_of()) - len(home.gallery.failures()), zone=home.config.zone, fewest=FEWEST,
        chart=chart(report.curves, report.portraits) if report else None,
    )  # fmt: skip


@router.post("/run")
def run(visit: AtVisit) -> Response:
    """Ask for the roster to be tested; a worker does it. Refuses where there is nobody to test."""
    home = visit.home
    if not home.people.matching().is_on:
        raise Refusal("matching_off", "matching is off: there is nobody to test it on.")
    if len(home.gallery.made_of()) - len(home.gallery.failures()) < FEWEST:
        raise Refusal("too_few_enrolled", "at least two people have to be enrolled before the box can test itself.")
    home.ledger.jobs.request_all("selftest", [JOB])
    home.audit.record("selftest_asked", who=visit.session.who)
    return RedirectResponse("/selftest?said=selftest_asked", 303)


@router.post("/rate")
def state(visit: AtVisit, fpir: Annotated[float, Form()], confirm: Annotated[str, Form()] = "") -> Response:
    """State a rate that the newest self-test tried as the school's; only when it was confirmed."""
    if confirm != "yes":
        raise Refusal("not_confirmed", "tick that you want all photos to be identified anew at this rate.")
    home = visit.home
    state_rate(fpir, visit.session.who, people=home.people, ledger=home.ledger, audit=home.audit)
    return RedirectResponse("/selftest?said=rate_stated", 303)
