"""What the figures are held against. A target that is missed is said, and fails nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tests.bench.result import Result
from tests.bench.rival import Rival


@dataclass(frozen=True, slots=True)
class Target:
    """at_most: whether less is better."""

    what: str
    wanted: float
    measured: float
    unit: str
    at_most: bool

    @property
    def is_met(self) -> bool:
        return self.measured <= self.wanted if self.at_most else self.measured >= self.wanted

    def row(self) -> list[str]:
        bound = "≤" if self.at_most else "≥"
        digits = 0 if self.unit in ("MB", "%") else 2
        wanted, measured = f"{bound} {self.wanted:g} {self.unit}", f"{self.measured:.{digits}f} {self.unit}"
        return [self.what, wanted, measured, "yes" if self.is_met else "**no**"]


def targets(r: Result) -> Iterator[Target]:
    """Every target with what was measured."""
    for alone, size in ((r.alone_24, "24 MP"), (r.alone_12, "12 MP")):
        yield Target(f"{size}: one worker, whole", 6, alone.whole, "× floor", True)
        yield Target(f"{size}: everything but the two networks", 1.8, alone.besides, "× floor", True)
        yield Target(f"{size}: peak memory of the worker", 550, alone.peak_mb, "MB", True)
    yield Target("two workers against one", 1.9, r.crews.gain, "×", False)
    for pairs, what in ((r.intakes.cold, "cold"), (r.intakes.warm, "warm")):
        speed = 100 * pairs.speed(pairs.plain)
        yield Target(f"taking in against `cp -r` + `sha256sum`, {what} files", 80, speed, "%", False)
    if isinstance(r.rival, Rival):
        yield from _against(r.rival)


def _against(r: Rival) -> Iterator[Target]:
    scaled, default, most_mb = r.scaled, r.default, max(run.all_mb for run in r.ours)
    yield Target("throughput against `deface --scale 1280x720`", 1.8, scaled.gain, "×", False)
    leak = 100 * scaled.ours_bare.leaked / max(scaled.bare.leaked, 1)
    yield Target("leak against its leak", 10, leak, "%", True)
    yield Target("throughput against `deface` at its default scale", 12, default.gain, "×", False)
    memory = 100 * max(run.workers_mb for run in r.ours) / default.peak_mb
    yield Target("memory of a worker against its memory", 20, memory, "%", True)
    yield Target("memory of parent and both workers against its memory", 20, 100 * most_mb / default.peak_mb, "%", True)
