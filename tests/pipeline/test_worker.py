"""Real workers, ended while they work: what ends them from outside is never held against a photo."""

import os
import signal
import time
from pathlib import Path

import pytest

from appliance.domain.photo import PhotoState
from appliance.pipeline.admit import admit
from appliance.store.home import Home
from appliance.worker import Crew, sweep
from tests.vision.hard import noise, saved


def ends_its_workers(crew: Crew, signal_number: int, times: int) -> None:
    """Send each worker that has begun a job this signal, so many times in all."""
    until = time.monotonic() + 60
    while times and time.monotonic() < until:
        crew.tend()
        for hand in crew._hands:
            if hand.began.value and hand.process.pid and hand.process.is_alive():
                os.kill(hand.process.pid, signal_number)
                hand.process.join()
                times -= 1
                break
        time.sleep(0.001)
    assert not times, "no worker was caught at work"


@pytest.mark.timeout(200)
def test_a_box_that_is_switched_off_again_and_again_parks_no_photo(tmp_path: Path) -> None:
    home, card = Home.create(tmp_path / "home"), tmp_path / "card"
    card.mkdir()
    (card / "IMG_1.JPG").write_bytes(saved(noise(3000, 2000), "JPEG", quality=95))
    admit(card, "", ledger=home.ledger, vault=home.vault, audit=home.audit)
    crew = Crew(home, 1)
    sweep(home, crew.model)
    ends_its_workers(crew, signal.SIGTERM, times=4)
    assert home.ledger.jobs.parked() == []
    try:
        while crew.tend():
            time.sleep(0.01)
    finally:
        crew.stop()
    (row,) = home.ledger.photos()
    assert (row.state, row.reason) == (PhotoState.RENDERED, None)
