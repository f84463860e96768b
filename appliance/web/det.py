"""Places the curves of a self-test in a picture of 640 × 380: what the template draws, without a script."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from appliance.domain.selftest import SHIFTS, Point
from appliance.pipeline.selftest_report import name_in_words

LEFT, RIGHT, TOP, BOTTOM = 70.0, 620.0, 20.0, 320.0
NONE = 26.0
"""Width of a strip on the left for "no stranger was taken for anybody", which has no place on a logarithmic axis."""
STATED = SHIFTS.index(0.0)


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark on an axis."""

    at: float
    words: str


@dataclass(frozen=True, slots=True)
class Curve:
    """One curve. points: for an SVG polyline. here: where the stated rate's thresholds are on it. style: 0 to 3."""

    name: str
    points: str
    here: tuple[float, float]
    style: int


@dataclass(frozen=True, slots=True)
class Chart:
    """Everything that is drawn, and the same as rows for those who do not see it."""

    curves: Sequence[Curve]
    across: Sequence[Tick]
    down: Sequence[Tick]
    rows: Sequence[tuple[str, str]]
    summary: str


def chart(curves: Mapping[str, Sequence[Point]], tries: int) -> Chart | None:
    """The chart of these curves, `all` first; None where there is none. tries: how many portraits were shown."""
    drawn = {name: points for name, points in curves.items() if points}
    if "all" not in drawn:
        return None
    decades = max(1, math.ceil(math.log10(max(tries, 10))))
    placed = [_curve(name, points, decades, i) for i, (name, points) in enumerate(list(drawn.items())[:4])]
    ticks = [Tick(_x(10.0**-k, decades), f"1 in {10**k:,}") for k in range(decades - 1, -1, -1)]
    across = [Tick(LEFT, "none"), *ticks]
    down = [Tick(_y(share / 100), f"{share} %") for share in (0, 25, 50, 75, 100)]
    here = drawn["all"][STATED]
    summary = (
        f"At the stated rate {_share(here.strangers)} of strangers were taken for somebody, and "
        f"{_share(here.missed)} of enrolled people's portraits were not recognised. Stricter thresholds lie to the "
        "left and up, laxer ones to the right and down."
    )
    rows = sorted({(_share(p.strangers), _share(p.missed)) for p in drawn["all"]}, key=_by_number)
    return Chart(placed, across, down, rows, summary)


def _curve(name: str, points: Sequence[Point], decades: int, style: int) -> Curve:
    placed = [(_x(p.strangers, decades), _y(p.missed)) for p in points]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in placed)
    return Curve(name_in_words(name), line, placed[STATED], style)


def _x(share: float, decades: int) -> float:
    if share <= 0:
        return LEFT
    along = 1 + math.log10(share) / decades
    return LEFT + NONE + max(0.0, along) * (RIGHT - LEFT - NONE)


def _y(share: float) -> float:
    return BOTTOM - share * (BOTTOM - TOP)


def _share(share: float) -> str:
    return f"{100 * share:.2g} %" if share else "none"


def _by_number(row: tuple[str, str]) -> tuple[float, float]:
    strangers, missed = (0.0 if words == "none" else float(words.removesuffix(" %")) for words in row)
    return strangers, -missed
