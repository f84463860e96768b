"""A second glance at what is small and unsure: enlarged, side by side on one canvas, through the same detector.

A face of 20 pixels often scores below 0.1 and noise often above it; enlarged three times the face scores 0.4 or more
and the noise does not. A canvas of 25 costs a twentieth of the first look, one of five a fifth of that.
"""

from __future__ import annotations

import cv2
import numpy as np

from appliance.vision.runtime import Floats, Pixels
from appliance.vision.yunet import COLUMNS, SCORE, YuNet, moved, scaled

ENLARGED = 3
SEEN_PX = 42
CELL_PX = ENLARGED * SEEN_PX
ACROSS, DOWN = 5, 5
"""Five cells in a row and up to five rows: each shows 42 pixels of the picture around a box of up to 32."""


def glance(pixels: Pixels, unsure: Floats, yunet: YuNet, threshold: float) -> Floats:
    """Rows, float32 [n, COLUMNS] in pixels of the picture, of the unsure boxes that are faces when looked at closely.

    Each is what the enlarged view says: its score, and a box and landmarks that fit better than the first ones did.
    """
    found = [np.zeros((0, COLUMNS), np.float32)]
    for start in range(0, len(unsure), ACROSS * DOWN):
        found += _look(pixels, unsure[start : start + ACROSS * DOWN], yunet, threshold)
    return np.concatenate(found)


def _look(pixels: Pixels, unsure: Floats, yunet: YuNet, threshold: float) -> list[Floats]:
    canvas: Pixels = np.zeros((-(-len(unsure) // ACROSS) * CELL_PX, ACROSS * CELL_PX, 3), np.uint8)
    cells = [(i % ACROSS * CELL_PX, i // ACROSS * CELL_PX) for i in range(len(unsure))]
    corners = [_corner(row, pixels.shape[1], pixels.shape[0]) for row in unsure]
    for (x, y), corner in zip(cells, corners, strict=True):
        canvas[y : y + CELL_PX, x : x + CELL_PX] = _enlarged(pixels, *corner)
    seen = yunet.run(canvas, threshold)
    found = []
    for cell, corner, row in zip(cells, corners, unsure, strict=True):
        there = _in_cell(seen, row, cell, corner)
        found += [] if there is None else [moved(scaled(moved(there, -cell[0], -cell[1]), 1 / ENLARGED), *corner)]
    return found


def _corner(row: Floats, width: int, height: int) -> tuple[int, int]:
    """Left and top of the square around a box, moved so far that at least a pixel of the picture is in it."""
    x, y = _centre(row)
    left, top = round(x) - SEEN_PX // 2, round(y) - SEEN_PX // 2
    return min(max(left, 1 - SEEN_PX), width - 1), min(max(top, 1 - SEEN_PX), height - 1)


def _enlarged(pixels: Pixels, left: int, top: int) -> Pixels:
    """The square of SEEN_PX that begins there, as one cell; beyond the picture its border is repeated."""
    height, width = pixels.shape[:2]
    right, bottom = left + SEEN_PX, top + SEEN_PX
    square = pixels[max(0, top) : max(0, bottom), max(0, left) : max(0, right)]
    if square.shape[:2] != (SEEN_PX, SEEN_PX):
        beyond = (max(0, -top), max(0, bottom - height), max(0, -left), max(0, right - width))
        square = cv2.copyMakeBorder(square, *beyond, cv2.BORDER_REPLICATE).astype(np.uint8, copy=False)
    return cv2.resize(square, (CELL_PX, CELL_PX), interpolation=cv2.INTER_CUBIC).astype(np.uint8, copy=False)


def _in_cell(seen: Floats, row: Floats, cell: tuple[int, int], corner: tuple[int, int]) -> Floats | None:
    """The best of what was seen on the canvas where the row's middle lies, float32 [1, COLUMNS]; None if nothing."""
    x, y = _centre(row)
    middle_x, middle_y = cell[0] + ENLARGED * (x - corner[0]), cell[1] + ENLARGED * (y - corner[1])
    reach = ENLARGED * float(row[2] - row[0]) / 2
    here = np.abs((seen[:, 0] + seen[:, 2]) / 2 - middle_x) < reach
    here &= np.abs((seen[:, 1] + seen[:, 3]) / 2 - middle_y) < reach
    if not here.any():
        return None
    best: Floats = seen[here][[np.argmax(seen[here][:, SCORE])]].copy()
    return best


def _centre(row: Floats) -> tuple[float, float]:
    return float(row[0] + row[2]) / 2, float(row[1] + row[3]) / 2
