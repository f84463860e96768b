"""Switched off at the wall at any moment: one `process` later everything is as if nothing had happened."""

import random
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.box import Box, demo, school

MOMENTS = 20


def state(box: Box) -> tuple[list[dict[str, Any]], dict[str, bytes]]:
    photos = sorted(box.photos(), key=lambda p: str(p["photo"]))
    files = {p.name: p.read_bytes() for p in (box.home / "derivatives").glob("??/*")}
    return photos, files


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_twenty_power_cuts_change_nothing(tmp_path: Path) -> None:
    files = demo(tmp_path / "demo", photos=10)
    calm = Box(tmp_path / "calm")
    school(calm, files)
    calm.run("ingest", files / "card", "--event", "Fair")
    calm.run("process")

    shaken = Box(tmp_path / "shaken")
    school(shaken, files)
    rng, cuts = random.Random(7), 0
    for _ in range(MOMENTS):
        command = ("ingest", files / "card", "--event", "Fair") if not shaken.photos() else ("process",)
        cuts += shaken.kill_after(rng.uniform(0.2, 3.0), *command)
    shaken.run("process")

    assert cuts >= 3, "the box was hardly ever caught at work: the test shows nothing"
    expected, got = state(calm), state(shaken)
    assert got[0] == expected[0]
    assert got[1].keys() >= expected[1].keys()
    assert all(got[1][name] == data for name, data in expected[1].items())
    assert not [p for p in got[0] if p["reason"] == "decoder_died"]
    assert shaken.run("verify") == [{"faults": 0}]


@pytest.mark.slow
def test_an_interrupted_intake_is_finished_by_process(tmp_path: Path) -> None:
    files = demo(tmp_path / "demo", photos=10)
    for delay in (0.25, 0.35, 0.45, 0.6):
        box = Box(tmp_path / f"box{delay}")
        box.run("init")
        box.kill_after(delay, "ingest", files / "card")
        known = len(box.photos())
        box.run("process")
        if known or box.photos():
            assert len({p["photo"] for p in box.photos()}) >= 10
        shutil.rmtree(box.home)
