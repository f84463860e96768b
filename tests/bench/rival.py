"""deface 1.5.0 from PyPI, in an environment of its own, on the same upright photos as two of our workers, in turns."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from statistics import fmean, median

from tests.bench import crew, leak
from tests.bench.card import BUILD, Card, Tick
from tests.bench.child import lines_of
from tests.bench.school import School
from tests.evaluate.source import CHECKOUT

PINNED = "deface==1.5.0"
VENV = CHECKOUT / "build" / "deface-venv"
WORK = BUILD / "deface"
SCALED = ("--scale", "1280x720")


@dataclass(slots=True)
class Side:
    """What one way of running deface takes: milliseconds a photo over the repeats, megabytes, faces left bare."""

    options: tuple[str, ...]
    photos: int
    ms: list[float] = field(default_factory=list)
    peak_mb: float = 0.0
    bare: leak.Bare = field(default_factory=leak.Bare)
    ours_bare: leak.Bare = field(default_factory=leak.Bare)
    gains: list[float] = field(default_factory=list)
    """Our throughput over deface's, turn by turn."""
    backend: str = ""

    @property
    def gain(self) -> float:
        return median(self.gains)


@dataclass(frozen=True, slots=True)
class Rival:
    """deface at 1280 × 720 and at its default scale, and our two workers in the same turns."""

    scaled: Side
    default: Side
    ours: list[crew.Run]


def install() -> str | None:
    """Make deface's environment if need be; why it cannot be had, or None if it is there."""
    python = VENV / "bin" / "python"
    if not (VENV / "bin" / "deface").exists():
        shutil.rmtree(VENV, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", str(VENV)], check=True)
        done = subprocess.run(
            [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", PINNED],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            return f"pip could not install {PINNED}: {done.stderr.strip().splitlines()[-1:]}"
    return None


def rival(shared: Path, school: School, card: Card, repeats: int, few: int, tick: Tick) -> Rival:
    """Both, and ours, `repeats` times in turns. few: photos for the default scale, which takes seconds for each."""
    every, judge = len(card.photos), leak.is_shown(shared)
    sides = Side(SCALED, every), Side((), min(few, every))
    runs = []
    for r in range(repeats):
        home = school.home()
        runs.append(crew.run(home, 2))
        tick((r + 0.2) / repeats)
        pictures = leak.ours(home)
        for i, side in enumerate(sides):
            _turn(side, card, judge)
            tick((r + 0.4 * (i + 1) + 0.2) / repeats)
            side.gains.append(side.ms[-1] / 1000 * runs[-1].rate)
            side.ours_bare = leak.bare(card.truth()[: side.photos], pictures.get, judge)
    shutil.rmtree(WORK, ignore_errors=True)
    return Rival(*sides, runs)


def _turn(side: Side, card: Card, judge: leak.IsShown) -> None:
    shutil.rmtree(WORK, ignore_errors=True)
    WORK.mkdir(parents=True)
    photos = card.photos[: side.photos]
    for photo in photos:
        os.link(photo, WORK / photo.name)
    command = [str(VENV / "bin" / "python"), str(Path(__file__).with_name("rival_child.py")), "--replacewith", "solid"]
    command += [*side.options, *(str(WORK / p.name) for p in photos)]
    said = json.loads(list(lines_of(command))[-1])
    side.ms.append(fmean(said["ms"][1:]))  # the first one warms up, as ours do
    side.peak_mb, side.backend = max(side.peak_mb, said["peak_mb"]), said["backend"]
    side.bare = leak.bare(card.truth()[: side.photos], _defaced, judge)


def _defaced(name: str) -> Path:
    photo = WORK / Path(name).name
    return photo.with_name(f"{photo.stem}_anonymized{photo.suffix}")
