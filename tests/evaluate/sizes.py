"""What becomes of small faces: LFW pictures shrunk into a larger grey picture, found and compared by the product."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np

from appliance.vision.eyes import Eyes
from tests.evaluate import lfw
from tests.evaluate.identification import USUAL, operating_points
from tests.evaluate.lfw import Flags, Seen
from tests.evaluate.plot import Axes, plot
from tests.evaluate.rate import Rate
from tests.evaluate.table import table
from tests.evaluate.trial import Places, School, draw_school, judge

WIDTHS_PX = (64, 48, 40, 32, 24)
CANVAS_PX = 640
ROSTER, PORTRAITS, DRAWS = 200, 2, 3
STRANGERS = 600
MATES_EACH = 1


def measure(data: Path) -> str:
    """The section on the size of faces."""
    eyes = Eyes.open(USUAL)
    whole = lfw.templates(data, eyes)
    schools, chosen = _schools(whole)
    rows, found, recognised = [], [], []
    for width in WIDTHS_PX:
        small = _shrunk(data, whole, chosen, width, eyes)
        outcome = judge(schools, small, operating_points()[USUAL])
        seen = Rate(int(small.found[chosen].sum()), int(chosen.sum()))
        rows.append([f"{width} px", seen, Rate(int(small.usable[chosen].sum()), seen.of), outcome.tpir, outcome.fpir])
        found.append(seen.share)
        recognised.append(outcome.tpir.share)
    header = ["width of the face", "found", "compared", "TPIR", "FPIR"]
    axes = Axes("width of the face in decoded pixels", "share", x_ticks=WIDTHS_PX, y_range=(0, 1.02))
    figure = plot("face_size", axes, {"found": (WIDTHS_PX, found), "recognised (TPIR)": (WIDTHS_PX, recognised)})
    return TEXT.format(pictures=int(chosen.sum()), roster=ROSTER, k=PORTRAITS, table=table(header, rows), figure=figure)


def _schools(whole: Seen) -> tuple[list[School], Flags]:
    """Rosters with few probes each, and the pictures that are shrunk for them."""
    lone = {str(n) for n, count in zip(*np.unique(whole.people, return_counts=True), strict=True) if count == 1}
    strange = set(random.Random(0).sample(sorted(lone), STRANGERS))
    schools = [_with_few_probes(draw_school(whole, ROSTER, PORTRAITS, s), whole, strange) for s in range(DRAWS)]
    chosen = np.zeros(len(whole.people), np.bool_)
    for school in schools:
        chosen[school.mated] = chosen[school.strangers] = True
    return schools, chosen


def _with_few_probes(school: School, whole: Seen, strange: set[str]) -> School:
    mated: Places = np.concatenate(
        [school.mated[whole.people[school.mated] == name][:MATES_EACH] for name in school.subjects]
    )
    kept = np.array([whole.people[i] in strange for i in school.strangers])
    return School(school.subjects, school.gallery, mated, school.strangers[kept])


def _shrunk(data: Path, whole: Seen, chosen: Flags, width: int, eyes: Eyes) -> Seen:
    """The chosen pictures with a face this wide; all others are as if nothing had been found in them."""
    paths = [p for shots in lfw.pictures(data).values() for p in shots]
    places = np.flatnonzero(chosen)
    usual = float(np.median(whole.width_px[whole.found]))

    def file(i: int) -> tuple[str, bytes]:
        return paths[i].parent.name, lfw.on_canvas(paths[i], CANVAS_PX, scale=width / (whole.width_px[i] or usual))

    def make() -> Seen:
        return lfw.look(f"LFW, {width} px", [file(int(i)) for i in places], eyes, reach_px=width * 0.6)

    small = lfw.kept(f"lfw-{width}px-{len(places)}", make)
    vectors, width_px = np.zeros_like(whole.vectors), np.zeros_like(whole.width_px)
    usable = np.zeros_like(whole.usable)
    vectors[places], width_px[places], usable[places] = small.vectors, small.width_px, small.usable
    return Seen(whole.people, vectors, whole.portraits, width_px, usable)


TEXT = """\
{pictures} LFW pictures shrunk until the detector's face box is as wide as the row says, in the middle of a grey
canvas; enrolled from portraits at full size ({k} each, roster of {roster}), at the operating point 0.001. A large
photo is decoded at half its size, so these are pixels of the photo divided by two above 4400 px.

{table}

![Share of faces found and share recognised, by width]({figure})

What is too small to be compared is covered, so small faces fail towards covering. What is too small to be **found**
is shown; at such a size few would recognise it, but the first column says how often that happens.

*Limits.* Shrinking a sharp portrait flatters: real small faces are blurred and lit worse. Grey around the face is
easier than a crowd.
"""
