"""Finds faces: on the whole picture made small, on turned copies of it, and on overlapping tiles of it as decoded.

Tuned for recall: a face that is missed shows a child, a box that is no face costs a click.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from appliance.domain.face import Box, Detection
from appliance.vision.glance import SMALL_PX, confirmed, glance
from appliance.vision.merge import merge
from appliance.vision.picture import Picture
from appliance.vision.runtime import Floats, Pixels
from appliance.vision.shrink import shrunk
from appliance.vision.tiles import tiles
from appliance.vision.yunet import BOX_AND_POINTS, CUT, SCORE, TURNED, YuNet, moved, scaled

OFF_PX = 1.0
"""By so many decoded pixels an edge of a box is off, whatever the size of the face: a box reaches so much further."""


@dataclass(frozen=True, slots=True)
class DetectorSettings:
    """What is looked for and how. Pixels are decoded pixels.

    threshold: detector score from which something counts as a face to cover. What scores less gets a second glance
    if it scores unsure_threshold, or small_threshold and is less than 32 px wide: heads that lean, or are half
    hidden. Boxes at least large_px wide that score below large_threshold get one too, made small, and count if they
    score `confirmation` there. turned_threshold: the score asked for in a turned copy, where arms and collars look
    like faces more often. whole_px: long side of the whole picture's small copy; it finds faces from about a
    thirtieth of that upwards. turned_px: long side of the copies turned by a quarter to either side, for heads that
    lie. tile_pixels: of the largest tile. overlap_px: what neighbouring tiles share; a face up to this size is
    whole in one of them.
    """

    threshold: float = 0.3
    small_threshold: float = 0.03
    unsure_threshold: float = 0.05
    large_px: int = 128
    large_threshold: float = 0.5
    confirmation: float = 0.1
    turned_threshold: float = 0.7
    whole_px: int = 768
    turned_px: int = 480
    tile_pixels: int = 700_000
    overlap_px: int = 64


class Detector:
    """All passes of one process, on one thread."""

    def __init__(self, model: Path, settings: DetectorSettings | None = None) -> None:
        self._yunet, self.settings = YuNet(model), settings or DetectorSettings()

    def detect(self, picture: Picture) -> list[Detection]:
        """Every face, in pixels of the upright full-size original, best score first."""
        pixels, s = picture.pixels, self.settings
        small, factor = shrunk(pixels, s.whole_px)
        whole = self._yunet.run(small, s.unsure_threshold, SMALL_PX, s.threshold if factor < 1 else s.small_threshold)
        seen = np.concatenate([scaled(whole, 1 / factor), *self._turned(small, factor), *self._tiles(pixels)])
        rows = merge(self._believable(seen, small, factor))
        sure = rows[:, SCORE] >= np.where(rows[:, TURNED] > 0, s.turned_threshold, s.threshold)
        if not sure.all():
            closer = glance(pixels, rows[~sure], self._yunet, s.threshold, s.turned_threshold)
            rows = merge(np.concatenate([rows[sure], closer]))
        return [_detection(row, picture.scale) for row in rows]

    def _believable(self, rows: Floats, whole: Pixels, scale: float) -> Floats:
        """Without large boxes that are doubtful and that a second glance does not confirm.

        whole: the small copy of the whole picture, in which what is large is large enough. scale: of it to the rows.
        What was seen in a turned copy is not asked: upright it looks like nothing.
        """
        s = self.settings
        large = rows[:, 2] - rows[:, 0] >= s.large_px
        doubtful = large & (rows[:, SCORE] >= s.threshold) & (rows[:, SCORE] < s.large_threshold)
        doubtful &= rows[:, TURNED] == 0
        if not doubtful.any():
            return rows
        keep = ~doubtful
        keep[doubtful] = confirmed(whole, scaled(rows[doubtful], scale), self._yunet, s.confirmation)
        believed: Floats = rows[keep]
        return believed

    def _turned(self, whole: Pixels, scale: float) -> Iterator[Floats]:
        """Rows seen in copies turned by a quarter to either side. scale: of `whole` to the decoded picture."""
        small, factor = shrunk(whole, self.settings.turned_px)
        height, width = small.shape[:2]
        for turn in (cv2.ROTATE_90_CLOCKWISE, cv2.ROTATE_90_COUNTERCLOCKWISE):
            copy = cv2.rotate(small, turn).astype(np.uint8, copy=False)
            rows = self._yunet.run(copy, self.settings.unsure_threshold)
            rows = _turned_back(rows, width, height, clockwise=turn == cv2.ROTATE_90_CLOCKWISE)
            rows = scaled(rows, 1 / (factor * scale))
            rows[:, TURNED] = 1
            yield rows

    def _tiles(self, pixels: Pixels) -> Iterator[Floats]:
        s, (height, width) = self.settings, pixels.shape[:2]
        if max(height, width) <= s.whole_px:
            return
        for left, top, right, bottom in tiles(width, height, s.tile_pixels, s.overlap_px):
            rows = self._yunet.run(pixels[top:bottom, left:right], s.unsure_threshold, SMALL_PX, s.small_threshold)
            inner = (left > 0, top > 0, right < width, bottom < height)
            rows[:, CUT] = _is_cut(rows, inner, right - left, bottom - top)
            yield moved(rows, left, top)


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


def _is_cut(rows: Floats, inner: tuple[bool, bool, bool, bool], width: int, height: int) -> Floats:
    """Whether a box is so near to an inner border of its tile that the neighbour may see more of the face.

    inner: whether the left, top, right and bottom border are inner ones. A chin below the border is taken for a small
    face of its own, which begins a little inside.
    """
    near_x, near_y = (rows[:, 2] - rows[:, 0]) / 4, (rows[:, 3] - rows[:, 1]) / 4
    left, top, right, bottom = inner
    cut = (left & (rows[:, 0] < near_x)) | (top & (rows[:, 1] < near_y))
    cut |= (right & (rows[:, 2] > width - near_x)) | (bottom & (rows[:, 3] > height - near_y))
    return cut.astype(np.float32)


def _detection(row: Floats, scale: tuple[float, float]) -> Detection:
    sx, sy = scale
    x0, y0, x1, y1 = (float(v) for v in row[:4] + np.array([-OFF_PX, -OFF_PX, OFF_PX, OFF_PX]))
    points = [(float(row[i]) / sx, float(row[i + 1]) / sy) for i in range(4, 14, 2)]
    box = Box(x0 / sx, y0 / sy, (x1 - x0) / sx, (y1 - y0) / sy)
    return Detection(box, (points[0], points[1], points[2], points[3], points[4]), float(row[SCORE]))
