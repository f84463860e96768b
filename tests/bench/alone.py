"""One worker against the floor, photo by photo: runs `walk` in processes of their own and puts their lines together."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, median
from typing import Any

from tests.bench.card import Tick, part
from tests.bench.child import lines_of
from tests.bench.school import School
from tests.bench.stages import NETWORKS, STAGES


@dataclass(frozen=True, slots=True)
class Photo:
    """One photo, walked once. All in milliseconds; floor_cpu, whole_cpu: of processor time."""

    floor: float
    floor_cpu: float
    whole: float
    whole_cpu: float
    faces: int
    stages: dict[str, float]

    @property
    def networks(self) -> float:
        return sum(self.stages.get(n, 0.0) for n in NETWORKS)


@dataclass(frozen=True, slots=True)
class Alone:
    """walks[r][i]: photo i in repeat r."""

    walks: list[list[Photo]]
    peak_mb: float

    @property
    def whole(self) -> float:
        """Times the floor: the median over every pair measured back to back."""
        return median(p.whole / p.floor for walk in self.walks for p in walk)

    @property
    def besides(self) -> float:
        """The same of everything but the two networks."""
        return median((p.whole - p.networks) / p.floor for walk in self.walks for p in walk)

    @property
    def whole_cpu(self) -> float:
        """Times the floor in processor time, which other work on the machine hardly touches; waiting is not in it."""
        return median(p.whole_cpu / p.floor_cpu for walk in self.walks for p in walk)

    @property
    def faces(self) -> float:
        """Found on one photo, on average."""
        return fmean(p.faces for p in self.walks[0])

    def floor_ms(self) -> float:
        return self._typical(lambda p: p.floor)

    def whole_ms(self) -> float:
        return self._typical(lambda p: p.whole)

    def stages_ms(self) -> dict[str, float]:
        """By stage, in the order of the line."""
        return {s: self._typical(lambda p, s=s: p.stages.get(s, 0.0)) for s in STAGES}

    def _typical(self, of: Any) -> float:
        """Mean over the photos (they differ) of the median over the repeats (the machine is noisy)."""
        return fmean(median(of(p) for p in same) for same in zip(*self.walks, strict=True))


def alone(school: School, photos: int, repeats: int, tick: Tick) -> Alone:
    """Walk the card `repeats` times against the floor, and once more for the memory."""
    walks = []
    for r in range(repeats):
        lines = _walk(school.home(), photos, part(tick, r, repeats + 1), "--floor")
        walks.append([Photo(**p) for p in lines[:-1]])
    memory = _walk(school.home(), photos, part(tick, repeats, repeats + 1))[-1]
    return Alone(walks, memory["peak_mb"])


def _walk(home: Path, photos: int, tick: Tick, *options: str) -> list[dict[str, Any]]:
    lines: list[dict[str, Any]] = []
    for line in lines_of([sys.executable, "-m", "tests.bench.walk", str(home), *options]):
        lines.append(json.loads(line))
        tick(min(1.0, len(lines) / photos))
    return lines
