"""Finds faces with YuNet: once on the whole picture made small, and on overlapping tiles of the picture as decoded.

Tuned for recall: a face that is missed shows a child, a box that is no face costs a click.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from appliance.domain.face import Box, Detection
from appliance.vision.decode import Picture
from appliance.vision.runtime import Floats, Network, Pixels

STRIDE = 32
"""YuNet's coarsest map: every input side is a multiple of it."""


@dataclass(frozen=True, slots=True)
class DetectorSettings:
    """What is looked for and how. Pixels are decoded pixels.

    threshold: detector score from which something counts as a face to cover; small_threshold: the same for boxes less
    than small_px wide, whose scores are low for want of pixels and whose covers cost little; turned_threshold: the same
    in a turned copy, where arms and collars look like faces more often.
    whole_px: long side of the whole picture's small copy; it finds faces from about a thirtieth of that upwards.
    turned_px: long side of the copies turned by a quarter to either side, for heads that lie. tile_px: largest tile
    side. overlap_px: what neighbouring tiles share; a face up to this size is whole in one of them.
    """

    threshold: float = 0.3
    small_threshold: float = 0.1
    small_px: int = 28
    turned_threshold: float = 0.5
    whole_px: int = 768
    turned_px: int = 480
    tile_px: int = 832
    overlap_px: int = 96


class Detector:
    """YuNet on one thread. Interpreters are kept for the few input sizes that a card's photos need."""

    def __init__(self, model: Path, settings: DetectorSettings | None = None) -> None:
        self._model, self.settings = model, settings or DetectorSettings()
        self._networks: OrderedDict[tuple[int, int], Network] = OrderedDict()

    def detect(self, picture: Picture) -> list[Detection]:
        """Every face, in pixels of the upright full-size original, best score first."""
        small, factor = _shrunk(picture.pixels, self.settings.whole_px)
        whole = self._run(small, self.settings.threshold) if factor < 1 else self._run_unshrunk(small)
        found = [_scaled(whole, 1 / factor), *self._turned(small, factor), *self._tiles(picture.pixels)]
        kept = merge(np.concatenate(found))
        return [_detection(row, picture.scale) for row in kept]

    def _turned(self, whole: Pixels, scale: float) -> Iterator[Floats]:
        """Rows seen in copies turned by a quarter to either side. scale: of `whole` to the decoded picture."""
        small, factor = _shrunk(whole, self.settings.turned_px)
        height, width = small.shape[:2]
        for turn in (cv2.ROTATE_90_CLOCKWISE, cv2.ROTATE_90_COUNTERCLOCKWISE):
            rows = self._run(cv2.rotate(small, turn).astype(np.uint8, copy=False), self.settings.turned_threshold)
            rows = _turned_back(rows, width, height, clockwise=turn == cv2.ROTATE_90_CLOCKWISE)
            rows = _scaled(rows, 1 / (factor * scale))
            rows[:, TURNED] = 1
            yield rows

    def _tiles(self, pixels: Pixels) -> Iterator[Floats]:
        height, width = pixels.shape[:2]
        if max(height, width) <= self.settings.whole_px:
            return
        for top, bottom in self._spans(height):
            for left, right in self._spans(width):
                rows = self._run_unshrunk(pixels[top:bottom, left:right])
                rows[:, CUT] = _is_cut(
                    rows, left > 0, top > 0, right < width, bottom < height, right - left, bottom - top
                )
                rows[:, BOX_AND_POINTS] += np.tile(np.array([left, top], np.float32), 7)
                yield rows

    def _spans(self, length: int) -> list[tuple[int, int]]:
        """Equal spans no longer than a tile that cover `length` with at least the overlap between neighbours."""
        tile, overlap = self.settings.tile_px, self.settings.overlap_px
        if length <= tile:
            return [(0, length)]
        count = -(-(length - overlap) // (tile - overlap))
        side = min(STRIDE * -(-(length + (count - 1) * overlap) // (count * STRIDE)), tile)
        starts = np.linspace(0, length - side, count).round().astype(int)
        return [(int(s), int(s) + side) for s in starts]

    def _run(self, bgr: Pixels, threshold: float) -> Floats:
        """Rows of what YuNet sees in uint8 [h, w, 3] BGR from this score on; see COLUMNS."""
        height, width = bgr.shape[:2]
        network = self._network(-(-height // STRIDE) * STRIDE, -(-width // STRIDE) * STRIDE)
        found = sorted(network.run(bgr), key=lambda m: -m.shape[1])
        maps = [_scaled(_rows(m[0], threshold), s) for m, s in zip(found, (8, 16, 32), strict=True)]
        return np.concatenate(maps)

    def _run_unshrunk(self, bgr: Pixels) -> Floats:
        """Rows of what is seen in decoded pixels, where what is small may score less."""
        rows = self._run(bgr, min(self.settings.threshold, self.settings.small_threshold))
        small = rows[:, 2] - rows[:, 0] < self.settings.small_px
        return rows[small | (rows[:, SCORE] >= self.settings.threshold)]

    def _network(self, height: int, width: int) -> Network:
        key = (height, width)
        if key not in self._networks:
            if len(self._networks) >= 6:
                self._networks.popitem(last=False)
            self._networks[key] = Network(self._model, (1, height, width, 3))
        self._networks.move_to_end(key)
        return self._networks[key]


COLUMNS = 17
"""A row: left, top, right, bottom, five landmarks (x, y), score, cut by a tile's border, seen in a turned copy."""
BOX_AND_POINTS = slice(0, 14)
SCORE, CUT, TURNED = 14, 15, 16


def _rows(cells: Floats, threshold: float) -> Floats:
    """One output map, float32 [h, w, 16]: cls, obj, dx, dy, log w, log h, five (x, y), to rows in units of its cells.

    Source: the YuNet model card; score = sqrt(cls × obj).
    """
    score = np.sqrt(np.clip(cells[..., 0], 0, 1) * np.clip(cells[..., 1], 0, 1))
    r, c = np.nonzero(score >= threshold)
    seen = cells[r, c]
    rows = np.zeros((len(r), COLUMNS), np.float32)
    x, y, w, h = c + seen[:, 2], r + seen[:, 3], np.exp(seen[:, 4]), np.exp(seen[:, 5])
    rows[:, :4] = np.stack([x - w / 2, y - h / 2, x + w / 2, y + h / 2], 1)
    rows[:, 4:14] = seen[:, 6:16] + np.tile(np.stack([c, r], 1), 5)
    rows[:, SCORE] = score[r, c]
    return rows


def _scaled(rows: Floats, stride: float) -> Floats:
    rows[:, BOX_AND_POINTS] *= stride
    return rows


def _shrunk(pixels: Pixels, long_side: int) -> tuple[Pixels, float]:
    """A copy no longer than this, and its scale; never enlarged.

    Halved by area averaging, which is quick at exactly two to one, as long as that leaves enough; then bilinear. Small
    faces would alias away otherwise, and area averaging at odd ratios costs six times as much.
    """
    factor = 1.0
    while max(pixels.shape[:2]) >= 2 * long_side:
        height, width = pixels.shape[0] // 2, pixels.shape[1] // 2
        even = pixels[: height * 2, : width * 2]
        pixels = cv2.resize(even, (width, height), interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)
        factor /= 2
    rest = long_side / max(pixels.shape[:2])
    if rest >= 1:
        return pixels, factor
    size = (max(1, round(pixels.shape[1] * rest)), max(1, round(pixels.shape[0] * rest)))
    return cv2.resize(pixels, size, interpolation=cv2.INTER_LINEAR).astype(np.uint8, copy=False), factor * rest


def _turned_back(rows: Floats, width: int, height: int, *, clockwise: bool) -> Floats:
    """Rows seen in a copy turned by a quarter, in the frame of the unturned copy of this width and height."""
    points = rows[:, BOX_AND_POINTS].reshape(len(rows), 7, 2)
    x, y = points[..., 0].copy(), points[..., 1].copy()
    points[..., 0], points[..., 1] = (y, height - x) if clockwise else (width - y, x)
    out = rows.copy()
    out[:, BOX_AND_POINTS] = points.reshape(len(rows), 14)
    out[:, [0, 2]] = np.sort(out[:, [0, 2]], axis=1)
    out[:, [1, 3]] = np.sort(out[:, [1, 3]], axis=1)
    return out


def _is_cut(rows: Floats, left: bool, top: bool, right: bool, bottom: bool, width: int, height: int) -> Floats:  # noqa: FBT001
    """Whether a box is so near to an inner border of its tile that the neighbour may see more of the face.

    A chin below the border is taken for a small face of its own, which begins a little inside.
    """
    near_x, near_y = (rows[:, 2] - rows[:, 0]) / 4, (rows[:, 3] - rows[:, 1]) / 4
    cut = (left & (rows[:, 0] < near_x)) | (top & (rows[:, 1] < near_y))
    cut |= (right & (rows[:, 2] > width - near_x)) | (bottom & (rows[:, 3] > height - near_y))
    return cut.astype(np.float32)


SAME_FACE_IOU = 0.3
INSIDE = 0.75
SURE = 0.6
TURNED_HANDICAP = 0.1
"""What a box in a turned copy must be better by: a head that stands is seen in turned copies too, with its landmarks
wrong; a lying head is seen upright too, with a far lower score."""


def merge(rows: Floats) -> Floats:
    """One row a face. Whole boxes come before those cut by a tile's border; within each by score.

    A row goes if it overlaps a kept one by IoU 0.3, or lies inside a kept one (75 % of it) and is either a piece of
    similar size, or something seen inside a face that is sure. Of a row cut by a tile's border half is enough for that,
    of a turned row a third. Faces that merely stand close stay.
    """
    rows = rows[np.lexsort((TURNED_HANDICAP * rows[:, TURNED] - rows[:, SCORE], rows[:, CUT]))]
    hidden_by = _hides(rows)
    kept: list[int] = []
    for i in range(len(rows)):
        if not hidden_by[i, kept].any():
            kept.append(i)
    out = rows[kept]
    return out[np.argsort(-out[:, SCORE], kind="stable")]


def _hides(rows: Floats) -> npt.NDArray[np.bool_]:
    """Whether row i would go if row j were kept: bool [n, n]."""
    left, top, right, bottom = (rows[:, k] for k in range(4))
    w = np.minimum(right[:, None], right) - np.maximum(left[:, None], left)
    h = np.minimum(bottom[:, None], bottom) - np.maximum(top[:, None], top)
    shared, area = np.maximum(w, 0) * np.maximum(h, 0), (right - left) * (bottom - top)
    mine, sure = area[:, None], rows[:, SCORE] >= SURE
    same = shared >= SAME_FACE_IOU * (mine + area - shared)
    piece = (shared >= INSIDE * mine) & ((mine > 0.35 * area) | sure)
    enough = np.where(rows[:, TURNED] > 0, 1 / 3, np.where(rows[:, CUT] > 0, 1 / 2, INSIDE))
    echo = sure & (rows[:, CUT] == 0) & (shared >= enough[:, None] * mine)
    hides: npt.NDArray[np.bool_] = same | piece | echo
    return hides


def _detection(row: Floats, scale: tuple[float, float]) -> Detection:
    sx, sy = scale
    x0, y0, x1, y1 = (float(v) for v in row[:4])
    points = [(float(row[i]) / sx, float(row[i + 1]) / sy) for i in range(4, 14, 2)]
    box = Box(x0 / sx, y0 / sy, (x1 - x0) / sx, (y1 - y0) / sy)
    return Detection(box, (points[0], points[1], points[2], points[3], points[4]), float(row[SCORE]))
