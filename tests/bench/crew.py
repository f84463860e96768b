"""Workers as they really run: `appliance process --workers N`, its pace by the ledger's own timestamps."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from tests.bench.card import Tick, part
from tests.bench.memory import family, peak_mb
from tests.bench.school import School, command

LOOK_S = 0.5
"""Looking costs the very processors that are measured; the peaks are the kernel's own and do not slip by."""


@dataclass(frozen=True, slots=True)
class Run:
    """One card, processed. start_up_s: from the command to the first finished photo; rate: photos a second after it.

    cpu_s: processor time of all processes for each photo, start-up among it; other work hardly touches it.
    workers_mb: peak of the largest worker; all_mb: peaks of all processes added up, shared pages counted each time.
    """

    start_up_s: float
    rate: float
    cpu_s: float
    workers_mb: float
    all_mb: float


@dataclass(frozen=True, slots=True)
class Crews:
    """The same card by one worker and by two, in turns."""

    one: list[Run] = field(default_factory=list)
    two: list[Run] = field(default_factory=list)

    @property
    def gain(self) -> float:
        """Throughput of two workers over that of one: median over the turns."""
        return median(b.rate / a.rate for a, b in zip(self.one, self.two, strict=True))


def crews(school: School, repeats: int, tick: Tick) -> Crews:
    """Let one worker and then two process a fresh home, `repeats` times."""
    runs = Crews()
    turns = [(1, runs.one), (2, runs.two)] * repeats
    for i, (workers, kept) in enumerate(turns):
        kept.append(run(school.home(), workers, part(tick, i, len(turns))))
    return runs


def run(home: Path, workers: int, tick: Tick = lambda _: None) -> Run:
    """Process everything in this home; what it took."""
    began, photos, peaks = datetime.now(UTC), _asked(home), dict[int, float]()
    before = sum(os.times()[2:4])
    with subprocess.Popen(
        command(home, "process", "--workers", workers), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as parent:
        while parent.poll() is None:
            for pid in family(parent.pid):
                peaks[pid] = max(peaks.get(pid, 0.0), peak_mb(pid))
            tick(len(finished(home)) / photos)
            time.sleep(LOOK_S)
    done = finished(home)
    if parent.returncode or len(done) != photos:
        raise SystemExit(f"appliance process finished {len(done)} of {photos} photos, status {parent.returncode}")
    first, rate = steady(done, workers)
    children = [mb for pid, mb in peaks.items() if pid != parent.pid]
    cpu_s = (sum(os.times()[2:4]) - before) / photos
    return Run(first - began.timestamp(), rate, cpu_s, max(children), sum(peaks.values()))


def finished(home: Path) -> list[float]:
    """When each photo was rendered, in seconds since 1970, in order."""
    return [datetime.fromisoformat(at).timestamp() for (at,) in _query(home, "SELECT at FROM renders ORDER BY at")]


def _asked(home: Path) -> int:
    return len(_query(home, "SELECT key FROM jobs WHERE stage = 'analyse' AND done < wanted"))


def _query(home: Path, sql: str) -> list[tuple[str]]:
    with closing(sqlite3.connect(f"file:{home / 'ledger.db'}?mode=ro", uri=True)) as ledger:
        return ledger.execute(sql).fetchall()


def steady(finished_at: Sequence[float], workers: int) -> tuple[float, float]:
    """When the first photo was done, and photos a second while every worker was busy and warm.

    Left out: each worker's first two photos, and the end, where one has nothing left while another finishes.
    """
    inner = finished_at[2 * workers - 1 : len(finished_at) - workers + 1]
    return finished_at[0], (len(inner) - 1) / (inner[-1] - inner[0])
