"""How the box is, for whoever stands at it."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from appliance.domain.far_end import state_sentence
from appliance.outbox import Outbox
from appliance.store.database import utc_now
from appliance.web.page import page
from appliance.web.visit import AtVisit

router = APIRouter()


@router.get("/status")
def status_page(request: Request, visit: AtVisit) -> Response:
    """Counts, matching and its assessment, enrolment, open conflicts, and what is unprotected."""
    home, people = visit.home, visit.home.people
    matching, names = people.matching(), people.names()
    takedowns, sending = home.ledger.takedowns.still_open(), Outbox(home.outbox).noted("state")
    failures = [(names[s].full if s in names else s, r) for s, r in home.gallery.failures().items()]
    return page(
        request, "status.html", counts=home.ledger.counts(), quarantined=len(people.quarantined()),
        due=home.ledger.jobs.due(), given_up=home.ledger.jobs.parked(), matching=matching, failures=failures,
        enrolled=len(home.gallery.templates().subjects), conflicts=len(people.imports.conflicts()), people=len(names),
        out=home.ledger.register.counted()[0], open=len(takedowns),
        tasks=sum(t.needs_a_person(home.config.target, utc_now()) for t in takedowns), sending=sending,
        sending_words=state_sentence(sending), config=home.config, zone=home.config.zone,
    )  # fmt: skip
