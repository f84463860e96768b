"""YuNet on one thread: pixels in, rows of boxes, landmarks and scores out. Knows nothing of tiles or photos."""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path

import cv2
import numpy as np

from appliance.vision.runtime import Floats, Network, Pixels

STRIDE = 32
"""The coarsest output map: every input side is a multiple of it."""
SIZES_KEPT = 16
"""Of one card: tiles, wholes and turned copies of photos held either way, and canvases of one to five rows."""

COLUMNS = 17
"""A row: left, top, right, bottom, five landmarks (x, y), score, cut by a tile's border, seen in a turned copy."""
BOX_AND_POINTS = slice(0, 14)
SCORE, CUT, TURNED = 14, 15, 16
SAME_FACE_IOU = 0.3


class YuNet:
    """One model; interpreters are kept for the few input sizes that a card's photos need."""

    def __init__(self, model: Path) -> None:
        self._model = model
        self._networks: OrderedDict[tuple[int, int], Network] = OrderedDict()

    def run(self, bgr: Pixels, threshold: float, small_px: float = 0, small_threshold: float = 1) -> Floats:
        """Float32 [n, COLUMNS] of what is seen in uint8 [h, w, 3] from this score on, in its pixels; one row a face.

        Boxes less than `small_px` wide need only `small_threshold`.
        """
        height, width = bgr.shape[:2]
        network = self._network(-(-height // STRIDE) * STRIDE, -(-width // STRIDE) * STRIDE)
        maps = sorted(network.run(bgr), key=lambda m: -m.shape[1])
        least = min(threshold, small_threshold)
        rows = np.concatenate([scaled(_rows(m[0], least), s) for m, s in zip(maps, (8, 16, 32), strict=True)])
        small = rows[:, 2] - rows[:, 0] < small_px
        return _best_of_each(rows[small | (rows[:, SCORE] >= threshold)])

    def _network(self, height: int, width: int) -> Network:
        key = (height, width)
        if key not in self._networks:
            if len(self._networks) >= SIZES_KEPT:
                self._networks.popitem(last=False)
            self._networks[key] = Network(self._model, (1, height, width, 3))
        self._networks.move_to_end(key)
        return self._networks[key]


def scaled(rows: Floats, factor: float) -> Floats:
    """The same rows with all coordinates multiplied, in place."""
    rows[:, BOX_AND_POINTS] *= factor
    return rows


def moved(rows: Floats, x: float, y: float) -> Floats:
    """The same rows shifted, in place."""
    rows[:, BOX_AND_POINTS] += np.tile(np.array([x, y], np.float32), 7)
    return rows


def _rows(cells: Floats, threshold: float) -> Floats:
    """One output map, float32 [h, w, 16]: cls, obj, dx, dy, log w, log h, five (x, y), to rows in units of its cells.

    Source: the YuNet model card; score = sqrt(cls × obj).
    """
    squared = cells[..., 0] * cells[..., 1]
    r, c = np.nonzero(squared >= threshold * threshold)
    rows = np.zeros((len(r), COLUMNS), np.float32)
    if not len(r):
        return rows
    seen = cells[r, c]
    x, y, w, h = c + seen[:, 2], r + seen[:, 3], np.exp(seen[:, 4]), np.exp(seen[:, 5])
    rows[:, :4] = np.stack([x - w / 2, y - h / 2, x + w / 2, y + h / 2], 1)
    rows[:, 4:14] = seen[:, 6:16] + np.tile(np.stack([c, r], 1), 5)
    rows[:, SCORE] = np.sqrt(squared[r, c])
    return rows


def _best_of_each(rows: Floats) -> Floats:
    if len(rows) < 2:
        return rows
    boxes = rows[:, :4].copy()
    boxes[:, 2:] -= boxes[:, :2]
    kept = cv2.dnn.NMSBoxes(boxes, rows[:, SCORE], 0.0, SAME_FACE_IOU)  # type: ignore[arg-type]  # it takes arrays too
    best: Floats = rows[np.asarray(kept, int).ravel()]
    return best
