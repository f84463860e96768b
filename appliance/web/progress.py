"""How far the box is, with an estimate of the time left; and the button that sends approved pictures now."""

from __future__ import annotations

import threading
import time
from collections import deque
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from appliance.domain.far_end import state_sentence
from appliance.domain.photo import PhotoId, PhotoState
from appliance.outbox import Outbox
from appliance.web import say
from appliance.web.visit import AtVisit, Visit

SYNC = PhotoId("now")
WINDOW_S = 90.0
SHORTEST_S = 4.0

router = APIRouter()


class Pace:
    """How fast work gets done, from what was left at each look. Times are seconds of a clock that never goes back."""

    def __init__(self) -> None:
        self._looks: deque[tuple[float, int]] = deque(maxlen=120)
        self._lock = threading.Lock()

    def left_s(self, now: float, left: int) -> float | None:
        """Seconds until `left` jobs are done; None while that cannot be told."""
        with self._lock:
            if self._looks and left > self._looks[-1][1]:
                self._looks.clear()
            self._looks.append((now, left))
            while now - self._looks[0][0] > WINDOW_S:
                self._looks.popleft()
            since, then = self._looks[0]
        if now - since < SHORTEST_S or then == left:
            return None
        return left * (now - since) / (then - left)


@router.get("/progress")
def progress(request: Request, visit: AtVisit) -> dict[str, Any]:
    """What the queue shows and keeps asking for. percent: None where nothing is being worked on."""
    ledger, pace = visit.home.ledger, request.app.state.pace
    counts, due = ledger.counts(), {s: n for s, n in ledger.jobs.due().items() if s != "sync"}
    admitted, analysed = counts.get(PhotoState.ADMITTED, 0), counts.get(PhotoState.ANALYSED, 0)
    rendered = counts.get(PhotoState.RENDERED, 0)
    total, left = admitted + analysed + rendered, 2 * due.get("analyse", 0) + due.get("render", 0) + due.get("enrol", 0)
    is_busy = bool(left)
    percent = round(100 * (analysed + 2 * rendered) / (2 * total)) if total and admitted + analysed else None
    return {
        "admitted": admitted, "analysed": analysed, "rendered": rendered, "due": due,
        "percent": percent, "busy": is_busy,
        "line": _line(rendered, total, percent, pace.left_s(time.monotonic(), left)) if is_busy else "",
        "announce": f"{percent // 10 * 10} % of the photos are ready" if percent is not None else "",
        "intakes": [f"Copying “{i.event or 'no event'}” from {i.path}" for i in ledger.unfinished_intakes()],
        "sync": sync_line(visit),
        "stamp": f"{counts}",
    }  # fmt: skip


@router.post("/sync")
def sync(visit: AtVisit) -> Response:
    """Ask for approved pictures to be sent now; whoever runs the services does it."""
    visit.home.ledger.ask("sync", SYNC)
    return RedirectResponse("/?said=sync_asked", 303)


def sync_line(visit: Visit) -> str:
    """What can be said of sending while it is going on; nothing otherwise."""
    return "Sending approved pictures…" if "sync" in visit.home.ledger.jobs.due() else ""


def sending_trouble(visit: Visit) -> str:
    """What was wrong when pictures were last sent; nothing if all went well."""
    state = Outbox(visit.home.outbox).noted("state")
    went_wrong = state.get("trouble") or state.get("left") or state.get("altered")
    words = state_sentence(state) if went_wrong else ""
    return words[:1].upper() + words[1:]


def _line(rendered: int, total: int, percent: int | None, left_s: float | None) -> str:
    if percent is None:
        return f"Bringing pictures up to date: {say.time_left(left_s)}"
    return f"{rendered} of {say.photos(total)} ready: {say.time_left(left_s)}"
