"""For every idea about finding faces, what it changes: the same three measurements with one thing moved."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from appliance.domain.face import Box
from appliance.vision.decode import decode
from appliance.vision.detect import Detector, DetectorSettings
from appliance.vision.runtime import Floats, Pixels
from tests.evaluate import card, detection, turned
from tests.evaluate.geometry import covers_of, is_covered, touches
from tests.evaluate.progress import watched
from tests.evaluate.rate import Rate
from tests.evaluate.source import BUILD
from tests.evaluate.table import table

ANGLES = tuple(range(0, 360, 45))
HEADS = 40
SMALL = card.Order(photos=16, face_px=(40, 96))
"""A card of small faces only: on the usual one hardly a face is missed, so it cannot tell ideas apart."""


class Untiled(Detector):
    """Only the small copy of the whole picture, upright and turned."""

    def _tiles(self, _pixels: Pixels) -> Iterator[Floats]:
        yield from ()


USUAL = DetectorSettings()
IDEAS: Mapping[str, tuple[type[Detector], DetectorSettings]] = {
    "**the product**": (Detector, USUAL),
    "(a) no turned copies": (turned.Upright, USUAL),
    "(a) turned copies of 640 px": (Detector, replace(USUAL, turned_px=640)),
    "(a) turned copies believed from score .3": (Detector, replace(USUAL, turned_threshold=0.3)),
    "(b) no tiles, the small copy only": (Untiled, USUAL),
    "(b) one pass over the decoded picture instead of tiles": (Detector, replace(USUAL, tile_pixels=10**10)),
    "(b) tiles share 32 px": (Detector, replace(USUAL, overlap_px=32)),
    "(b) tiles share 96 px": (Detector, replace(USUAL, overlap_px=96)),
    "(b) tiles share 160 px": (Detector, replace(USUAL, overlap_px=160)),
    "(b) tiles of 640 px": (Detector, replace(USUAL, tile_pixels=640**2)),
    "small copy of 640 px": (Detector, replace(USUAL, whole_px=640)),
    "small copy of 960 px": (Detector, replace(USUAL, whole_px=960)),
    "(c) no second glance at small boxes": (Detector, replace(USUAL, small_threshold=USUAL.threshold)),
    "(c) second glance from score .01": (Detector, replace(USUAL, small_threshold=0.01)),
    "(c) second glance from score .1": (Detector, replace(USUAL, small_threshold=0.1)),
    "(c) no second glance at larger boxes": (Detector, replace(USUAL, unsure_threshold=0.3)),
    "(c) second glance at larger boxes from score .1": (Detector, replace(USUAL, unsure_threshold=0.1)),
    "(c) no second glance, threshold .2 for all sizes": (Detector, replace(USUAL, threshold=0.2, small_threshold=0.2)),
}


@dataclass(frozen=True, slots=True)
class OnCard:
    """What one idea does to a card's photos: true faces inside a cover, covers that meet none, processor time."""

    covered: Rate
    needless: float
    seconds: float


def measure(shared: Path) -> str:
    """The section on ideas."""
    made, crowds = card.make(shared, SMALL, BUILD / "card-small"), detection.photos_of(shared / "data")
    heads = turned.sample(shared / "data", HEADS)
    usual, rows = None, []
    for idea, (kind, settings) in IDEAS.items():
        detector = kind(detection.eyes(), settings)
        wider = detection.tally(crowds, detector, idea)
        angles = turned.found_by_angle(heads, ANGLES, detector, idea)
        on_card = _on_card(made, detector, idea)
        usual = usual or on_card
        worst = min(angles.values(), key=lambda r: r.share)
        rows.append([
            idea, wider.from_24_px, f"{wider.needless / wider.photos:.1f}",
            f"{100 * sum(angles.values(), Rate(0, 0)).share:.1f} %", f"{100 * worst.share:.0f} %",
            f"{on_card.covered.of - on_card.covered.hits} of {on_card.covered.of}", f"{on_card.needless:.1f}",
            f"{on_card.seconds / usual.seconds:.2f}",
        ])  # fmt: skip
    return TEXT.format(
        heads=HEADS, photos=SMALL.photos, low=SMALL.face_px[0], high=SMALL.face_px[1], table=table(HEADER, rows)
    )


HEADER = (
    "idea", "crowd photos: faces from 24 px inside a cover", "needless covers a photo", "turned heads: inside a cover",
    "at the worst angle", "card: faces not inside a cover", "needless covers a photo", "time to detect",
)  # fmt: skip


def _on_card(folder: Path, detector: Detector, idea: str) -> OnCard:
    truth = json.loads((folder / "truth.json").read_text(encoding="utf-8"))["photos"]
    covered, needless, seconds = Rate(0, 0), 0, 0.0
    for photo in watched(truth, f"card, {idea}"):
        picture = decode((folder / "card" / photo["name"]).read_bytes())
        faces = [Box(*face["box"]) for face in photo["faces"]]
        began = time.process_time()
        found = detector.detect(picture)
        seconds += time.process_time() - began
        covers = covers_of(found, picture.width, picture.height)
        covered += Rate(sum(is_covered(f, covers) for f in faces), len(faces))
        needless += _needless(covers, faces)
    return OnCard(covered, needless / len(truth), seconds)


def _needless(covers: Sequence[Box], faces: Sequence[Box]) -> int:
    return sum(not touches(c, faces) for c in covers)


TEXT = """\
The product's detector with one thing moved at a time: on the crowd photos (above), on {heads} turned heads (every
45°), and on a card of {photos} photos of 24 MP with small faces only ({low} to {high} px in the original, half of
that as decoded). A new idea is one more line of `IDEAS` in `tests/evaluate/ideas.py`.

{table}

The time is the processor time of detection on the card's photos over that of the product, measured in the same run.
(a) A head that lies is not seen upright at all: that is what turned copies are for. (b) The small copy cannot see
small faces; tiles look at the picture as decoded, and what neighbours share decides whether a face on a border is
whole in one of them. (c) What is small and unsure is looked at once more, enlarged, before it counts.
"""
