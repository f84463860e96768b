"""All services of one box in the foreground: the page, the workers, and the sender at night or when it is asked for."""

from __future__ import annotations

import os
import secrets
import signal
import socket
import sqlite3
import threading
import time
from pathlib import Path

import uvicorn

from appliance import log
from appliance.cli.line import take_in
from appliance.cli.night import Sender
from appliance.cli.output import Output
from appliance.cli.tidying import Daily
from appliance.errors import ApplianceError, Refusal
from appliance.store.home import Home
from appliance.store.jobs import ClaimLock
from appliance.web.app import create_app
from appliance.worker import Crew, sweep

LOOPBACK = "127.0.0.1"
TICK_S = 0.1
SWEEP_S = 1.0
BUSY_SWEEP_S = 10.0
AFTER_FAILURE_S = 5.0


def serve(root: Path, port: int, out: Output) -> None:
    """Run until interrupted. Raises Refusal if the port is taken; a fault of one service does not end the others."""
    home = Home.open(root)
    token = secrets.token_urlsafe(18)
    listener = _listen(port)
    crew = Crew(home, home.config.workers or os.cpu_count() or 1)
    app = create_app(home.root, token=token)
    settings = uvicorn.Config(
        app, log_level="warning", access_log=False, server_header=False, ws="none", proxy_headers=False
    )
    server = uvicorn.Server(settings)
    page = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    page.start()
    _greet(port, token, out)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        _take_up_intakes(home, out)
        _tend(home, crew)
    except KeyboardInterrupt:
        out.say("\nStopping; whatever is under way is finished or taken up again next time.")
    finally:
        server.should_exit = True
        crew.stop()
        page.join(5)


def _greet(port: int, token: str, out: Output) -> None:
    url = f"http://{LOOPBACK}:{port}/?token={token}"
    out.row(
        {"url": url},
        f"""
  The review page is open at  {url}
  (the link works once; stop everything with Ctrl-C)

  What to do there: open a photo, look at who is shown and who is covered and why; drag a cover over a face that was
  missed, name somebody you know, approve. Then press "Sync now" and find the safe pictures in
  {Path("published")}/ of the home. A card is taken in with:  appliance ingest /path/to/card --event "Sports day"
""",
    )


def _listen(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((LOOPBACK, port))
    except OSError as error:
        listener.close()
        raise Refusal(
            "port_taken", f"port {port} is in use: is the appliance running already? Else: --port N."
        ) from error
    return listener


def _take_up_intakes(home: Home, out: Output) -> None:
    for intake in home.ledger.unfinished_intakes():
        if Path(intake.path).is_dir():
            take_in(home, Path(intake.path), intake.event)
        else:
            out.say(f"{intake.path} was not taken in completely; put the card in again to finish it.")


def _tend(home: Home, crew: Crew) -> None:
    """Until interrupted. What fails is logged and tried again; it ends neither the page nor the sender."""
    lock, sender, swept, daily = ClaimLock(home.claims), Sender(home), 0.0, Daily(home)
    while True:
        try:
            busy = crew.tend()
            if time.monotonic() - swept > (BUSY_SWEEP_S if busy else SWEEP_S):
                sweep(home, crew.model)
                swept = time.monotonic()
            daily.tend()
            _send_if_due(home, lock.token, sender)
        except (ApplianceError, OSError, sqlite3.Error) as error:
            log.event("service_failed", error=type(error).__name__, code=getattr(error, "code", ""))
            time.sleep(AFTER_FAILURE_S)
        time.sleep(TICK_S)


def _send_if_due(home: Home, token: str, sender: Sender) -> None:
    job = home.ledger.jobs.claim(token, stages=("sync",))
    try:
        sender.tend(asked=job is not None)
    finally:
        if job:
            home.ledger.jobs.complete(job)
