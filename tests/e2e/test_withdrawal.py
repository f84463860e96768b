"""A withdrawn biometric consent ends the template within a minute, while the box runs and is busy with a card."""

import signal
import socket
import sqlite3
import subprocess
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.e2e.box import Box, demo, school

A_MINUTE_S = 60.0


def enrolled(box: Box) -> dict[str, tuple[str, bytes]]:
    """Subject → key and sealed template, as another process sees them in the file."""
    address = f"{(box.home / 'gallery.db').as_uri()}?mode=ro"
    with closing(sqlite3.connect(address, uri=True, timeout=10)) as db:
        return {s: (key, sealed) for s, key, sealed in db.execute("SELECT subject, key, vector FROM templates")}


def waited(until: Callable[[], object], longest_s: float) -> float:
    """Seconds until it is so. Fails the test if it takes longer."""
    began = time.monotonic()
    while not until():
        assert time.monotonic() - began < longest_s, "it took too long"
        time.sleep(0.1)
    return time.monotonic() - began


@pytest.mark.slow
def test_a_running_box_forgets_a_template_within_a_minute_of_the_withdrawal(tmp_path: Path) -> None:
    files, box = demo(tmp_path / "demo", photos=12), Box(tmp_path / "home")
    school(box, files)
    box.run("ingest", files / "card", "--event", "Fair")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    running = subprocess.Popen(
        box.command("run", "--port", port), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )  # fmt: skip
    try:
        waited(lambda: "V001" in enrolled(box), 180)
        key, sealed = enrolled(box)["V001"]
        assert (box.home / "keys" / "templates" / key).exists()
        box.run("consent", "set", "V001", "biometric", "withdrawn", "--party", "self", "--as", "Ann")
        took_s = waited(lambda: "V001" not in enrolled(box), A_MINUTE_S)
        assert not (box.home / "keys" / "templates" / key).exists(), f"gone after {took_s:.1f} s, but its key is not"
        left = b"".join(p.read_bytes() for p in box.home.glob("gallery.db*"))
        print(f"gone after {took_s:.1f} s")
        assert sealed not in left and sealed[12:60] not in left
        assert running.poll() is None, "the box was running all the time"
    finally:
        running.send_signal(signal.SIGTERM)
        running.wait(60)
    assert {"V003", "S002"} <= enrolled(box).keys()
    states = {p["subject"]: p["state"] for p in box.run("portraits")}
    assert states["V001"] == "no_consent" and states["S002"] == "used"
