"""One worker, one thread, in a process of its own: every photo of a home from stored original to stored pictures.

usage: python -m tests.bench.walk HOME [--floor]

Writes a JSON line for each photo; with --floor the photo's floor is measured right before it, in the same process.
The last line is the peak memory of the process and its decoder, which without --floor is the worker's own.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

from appliance.domain.photo import PhotoId
from appliance.store.home import Home
from appliance.store.jobs import ClaimLock
from appliance.vision.decode import Picture, decode
from appliance.worker import Desk
from tests.bench.floor import floor_of
from tests.bench.memory import peak_mb
from tests.bench.stages import REST, instrument
from tests.bench.stopwatch import Stopwatch, timed


def walk(root: Path, *, with_floor: bool) -> None:
    """Do what `worker.work` does, but count and time each photo."""
    home, watch = Home.open(root), Stopwatch()
    instrument(watch)
    desk, lock = Desk(home), ClaimLock(home.claims)
    waiting = home.ledger.analysed_otherwise("no model yet", "")
    if with_floor:  # a small worker is asked for its memory, a warm one for its time
        _warm(desk, waiting[0])
    for photo in waiting:
        _say(_measured(photo, desk, lock.token, watch, with_floor=with_floor))
    _say({"peak_mb": peak_mb() + peak_mb(desk.decoder.pid)})
    lock.release()


def _warm(desk: Desk, photo: PhotoId) -> None:
    """Builds the interpreters for both ways of holding the camera, which a worker does once."""
    height, width = decode(desk.home.vault.read("originals", photo)).pixels.shape[:2]
    for blank in (np.zeros((height, width, 3), np.uint8), np.zeros((width, height, 3), np.uint8)):
        desk.eyes.detect(Picture(blank, blank.shape[1], blank.shape[0]))


def _measured(photo: PhotoId, desk: Desk, token: str, watch: Stopwatch, *, with_floor: bool) -> dict[str, Any]:
    read = desk.home.vault.read
    floor, floor_cpu = timed(floor_of, read("originals", photo)) if with_floor else (0.0, 0.0)
    watch.lap()
    whole, whole_cpu = timed(_finish, photo, desk, token)
    stages = watch.lap()
    stages[REST] = whole - sum(stages.values())
    return {
        "floor": floor, "floor_cpu": floor_cpu, "whole": whole, "whole_cpu": whole_cpu,
        "faces": _faces(desk.home, photo), "stages": stages,
    }  # fmt: skip


def _finish(photo: PhotoId, desk: Desk, token: str) -> None:
    """Both jobs of one photo, claimed and completed."""
    jobs = desk.home.ledger.jobs
    for stage in ("analyse", "render"):
        job = jobs.claim(token, prefer=photo, stages=(stage,))
        if job is None or job.key != photo:
            raise SystemExit(f"the {stage} job that was due is not")
        desk.do(job)
        jobs.complete(job)


def _faces(home: Home, photo: PhotoId) -> int:
    analysis = home.ledger.analysis(photo)
    return len(analysis.faces) if analysis else 0


def _say(line: dict[str, Any]) -> None:
    print(json.dumps(line), flush=True)


if __name__ == "__main__":
    walk(Path(sys.argv[1]), with_floor="--floor" in sys.argv)
