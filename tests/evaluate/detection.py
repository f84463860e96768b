"""How many true faces a cover holds, and how much is covered for nothing: WIDER FACE, 96 crowd photos."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from appliance.domain.face import Box
from appliance.vision.decode import Picture, decode
from appliance.vision.detect import Detector, DetectorSettings
from appliance.vision.runtime import Models
from tests.evaluate.geometry import covers_of, is_covered, is_covered_jointly, mask, touches, true_head
from tests.evaluate.plot import Axes, plot
from tests.evaluate.progress import watched
from tests.evaluate.rate import Rate
from tests.evaluate.table import table

SIZES_PX = ((16, 24), (24, 40), (40, 80), (80, 10_000))
THRESHOLDS = (0.2, 0.3, 0.4, 0.5)


@dataclass(frozen=True, slots=True)
class Crowd:
    """A photo with the true boxes of its faces, those below 16 px included."""

    picture: Picture
    faces: Sequence[Box]


@dataclass(slots=True)
class Tally:
    """What one way of detecting does to all photos. needless: covers that meet no true face."""

    covered: dict[tuple[int, int], Rate]
    jointly: dict[tuple[int, int], Rate]
    photos: int = 0
    covers: int = 0
    needless: int = 0
    covered_px: int = 0
    heads_px: int = 0

    @property
    def from_24_px(self) -> Rate:
        """Of the faces at least 24 px high."""
        return sum((self.covered[size] for size in SIZES_PX[1:]), Rate(0, 0))


def measure(data: Path) -> str:
    """The section on detection."""
    crowds = photos_of(data)
    usual = DetectorSettings()
    product = tally(crowds, Detector(eyes()), "the product")
    tallies = {
        t: tally(crowds, Detector(eyes(), replace(usual, threshold=t, small_threshold=t)), f"threshold {t}")
        for t in THRESHOLDS
    }
    figure = _figure(tallies, product)
    rows = {"the product": product} | {f"{t} for all sizes": seen for t, seen in tallies.items()}
    return TEXT.format(
        photos=len(crowds), usual=usual, by_size=_by_size(product), by_threshold=_by_threshold(rows), figure=figure
    )


def eyes() -> Path:
    """The product's detector model, checked."""
    return Models.open().path("detector")


def photos_of(data: Path) -> list[Crowd]:
    """The photos of the set with their true boxes."""
    boxes: dict[str, list[Box]] = {}
    with (data / "wider" / "boxes.csv").open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            box = Box(float(row["x"]), float(row["y"]), float(row["w"]), float(row["h"]))
            boxes.setdefault(row["path"], []).append(box)
    return [Crowd(decode((data / "wider" / name).read_bytes()), faces) for name, faces in sorted(boxes.items())]


def tally(crowds: Sequence[Crowd], detector: Detector, words: str) -> Tally:
    """Detect in every photo and count."""
    total = Tally({s: Rate(0, 0) for s in SIZES_PX}, {s: Rate(0, 0) for s in SIZES_PX})
    for crowd in watched(crowds, f"WIDER, {words}"):
        width, height = crowd.picture.width, crowd.picture.height
        _count(crowd, covers_of(detector.detect(crowd.picture), width, height), total)
    return total


def _count(crowd: Crowd, covers: Sequence[Box], total: Tally) -> None:
    width, height = crowd.picture.width, crowd.picture.height
    covered = mask(covers, width, height)
    for face in crowd.faces:
        size = next((s for s in SIZES_PX if s[0] <= face.h < s[1]), None)
        inside = face.clipped(width, height)
        if size is not None and inside.area > 0:
            total.covered[size] += Rate(int(is_covered(inside, covers)), 1)
            total.jointly[size] += Rate(int(is_covered_jointly(inside, covered)), 1)
    total.photos += 1
    total.covers += len(covers)
    total.needless += sum(not touches(c, crowd.faces) for c in covers)
    total.covered_px += int(covered.sum())
    total.heads_px += int(mask([true_head(f) for f in crowd.faces], width, height).sum())


def _by_size(known: Tally) -> str:
    header = ["height of the true face", "faces", "inside one cover (95 % interval)", "inside all covers together"]
    rows = [
        [f"{low}–{high} px" if high < 10_000 else f"{low} px and more", rate.of, rate, known.jointly[low, high]]
        for (low, high), rate in known.covered.items()
    ]
    return table(header, rows)


def _by_threshold(tallies: Mapping[str, Tally]) -> str:
    sizes = [f"{low} px up" if high >= 10_000 else f"{low}–{high} px" for low, high in SIZES_PX]
    header = ["threshold", *sizes, "needless covers a photo", "covered area / area of true heads"]
    rows = [
        [
            t,
            *(f"{100 * r.share:.1f} %" for r in seen.covered.values()),
            f"{seen.needless / seen.photos:.1f}",
            f"{seen.covered_px / seen.heads_px:.2f}",
        ]
        for t, seen in tallies.items()
    ]
    return table(header, rows)


def _figure(tallies: Mapping[float, Tally], product: Tally) -> str:
    needless = [t.needless / t.photos for t in tallies.values()]
    names = ("16–24 px", "24–40 px", "40–80 px", "80 px and more")
    curves = {
        name: (needless, [t.covered[size].share for t in tallies.values()])
        for name, size in zip(names, SIZES_PX, strict=True)
    }
    here = product.needless / product.photos
    dots = {name: ([here], [product.covered[size].share]) for name, size in zip(names, SIZES_PX, strict=True)}
    axes = Axes(
        "needless covers a photo (curves: threshold .5, .4, .3, .2 from left; dots: the product)", "inside a cover"
    )
    return plot("detection", axes, curves, dots)


TEXT = """\
A face that is not found is shown, whoever it is: this is where the appliance leaks, if it leaks. Measured on {photos}
crowd photos of WIDER FACE (validation), decoded, detected and grown to whole heads by the product's own code. A face
counts as covered when **one** cover holds at least 90 % of its true box; covers are taken before they grow outward to
16-pixel blocks, so the finished picture covers a little more. Sizes are the height of the true box in decoded pixels.

With the product's settings (threshold {usual.threshold}; what scores {usual.unsure_threshold} or more, and
{usual.small_threshold} where it is less than 32 px wide, gets a second glance: enlarged, made smaller, turned):

{by_size}

Without the second glance, by the detector's threshold (a **needless** cover meets no labelled face of any size, even
below 16 px; the **area** is that of all covers together over that of all true heads, a face box grown as the product
grows it):

{by_threshold}

![Share of faces inside a cover against needless covers a photo, one curve a size; the dots are the product]({figure})

*Limits.* These are old press photos of 500–700 px with hundreds of blurred, half hidden faces at the back; a school's
12 to 24 MP photos are kinder. No ground truth is complete: some needless covers hide faces that nobody labelled. The
whole of such a photo fits into the detector at once, so tiles are not tried here (the card below does that).
"""
