"""How many heads that lean, lie or hang upside down are found: LFW pictures turned about their middle."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from pathlib import Path

from appliance.domain.face import Box
from appliance.vision.decode import decode
from appliance.vision.detect import Detector
from appliance.vision.runtime import Floats, Pixels
from tests.evaluate import lfw
from tests.evaluate.detection import eyes
from tests.evaluate.geometry import COVERED, covers_of, holds, turned_points
from tests.evaluate.plot import Axes, plot
from tests.evaluate.progress import watched
from tests.evaluate.rate import Rate
from tests.evaluate.table import table

CANVAS_PX = 1000
ANGLES = tuple(range(0, 360, 15))


class Upright(Detector):
    """Without the copies turned by a quarter."""

    def _turned(self, whole: Pixels, scale: float) -> Iterator[Floats]:  # noqa: ARG002  the product's own signature
        yield from ()


def measure(data: Path) -> str:
    """The section on turned heads."""
    chosen = sample(data, 150)
    product = found_by_angle(chosen, ANGLES, Detector(eyes()), "turned heads")
    without = found_by_angle(chosen, ANGLES, Upright(eyes()), "turned heads, upright only")
    rows = [[f"{a}°", product[a], without[a]] for a in ANGLES]
    curves = {"the product": _curve(product), "without turned copies": _curve(without)}
    axes = Axes("turned clockwise by, degrees", "heads inside a cover", x_ticks=range(0, 361, 45), y_range=(0, 1.02))
    worst = min(ANGLES, key=lambda a: product[a].share)
    return TEXT.format(
        pictures=len(chosen), table=table(["turned by", "the product", "without turned copies"], rows), worst=worst,
        worst_rate=product[worst], all=sum(product.values(), Rate(0, 0, len(chosen))),
        figure=plot("turned_heads", axes, curves),
    )  # fmt: skip


def sample(data: Path, count: int) -> list[Path]:
    """One picture each of so many people, always the same ones."""
    people = lfw.pictures(data)
    return [people[name][0] for name in random.Random(0).sample(sorted(people), count)]


def found_by_angle(chosen: Sequence[Path], angles: Sequence[int], detector: Detector, words: str) -> dict[int, Rate]:
    """For each angle, how many of the turned faces one cover holds."""
    rates = {}
    for angle in watched(angles, words):
        hits = sum(_is_covered(path, angle, detector) for path in chosen)
        rates[angle] = Rate(hits, len(chosen))
    return rates


def _is_covered(path: Path, degrees: float, detector: Detector) -> bool:
    picture = decode(lfw.on_canvas(path, CANVAS_PX, degrees))
    corner = (CANVAS_PX - lfw.SIDE) / 2
    face = Box(corner + lfw.FACE.x, corner + lfw.FACE.y, lfw.FACE.w, lfw.FACE.h)
    points = turned_points(face, degrees, (CANVAS_PX / 2, CANVAS_PX / 2))
    covers = covers_of(detector.detect(picture), CANVAS_PX, CANVAS_PX)
    return any(holds(c, points) >= COVERED for c in covers)


def _curve(rates: dict[int, Rate]) -> tuple[list[float], list[float]]:
    return [*map(float, rates), 360.0], [*(r.share for r in rates.values()), next(iter(rates.values())).share]


TEXT = """\
{pictures} LFW pictures of different people (face about 100 px wide), turned about their middle on a grey canvas of
1000 × 1000 px. A head counts as found when one cover holds 90 % of the turned face. Over all angles {all}; the worst
is {worst}° with {worst_rate}.

![Share of turned heads inside a cover, by angle, with and without turned copies]({figure})

{table}

*Limits.* Frontal faces turned in the plane of the picture; heads turned to the side or bowed are not measured here,
and a real lying child is also lit and squeezed differently.
"""
