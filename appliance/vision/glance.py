"""A second glance at what is small and unsure: enlarged, side by side on one canvas, through the same detector.

A face of 20 pixels often scores below 0.1 and noise often above it; enlarged three times the face scores 0.4 or more
and the noise does not. One canvas of 25 costs a twentieth of the first look.
"""

from __future__ import annotations

import cv2
import numpy as np

from appliance.vision.runtime import Floats, Pixels
from appliance.vision.yunet import COLUMNS, SCORE, YuNet, moved, scaled

ENLARGED = 3.0
CELL_PX = 128
A_SIDE = 5
"""The canvas is 640 × 640: 25 cells, each showing 43 pixels of the picture around a box of up to 32."""


def glance(pixels: Pixels, unsure: Floats, yunet: YuNet, threshold: float) -> Floats:
    """Rows, float32 [n, COLUMNS] in pixels of the picture, of the unsure boxes that are faces when looked at closely.

    Each is what the enlarged view says: its score, and a box and landmarks that fit better than the first ones did.
    """
    found = [np.zeros((0, COLUMNS), np.float32)]
    for start in range(0, len(unsure), A_SIDE**2):
        found += _look(pixels, unsure[start : start + A_SIDE**2], yunet, threshold)
    return np.concatenate(found)


def _look(pixels: Pixels, unsure: Floats, yunet: YuNet, threshold: float) -> list[Floats]:
    canvas: Pixels = np.zeros((A_SIDE * CELL_PX, A_SIDE * CELL_PX, 3), np.uint8)
    cells = [(i % A_SIDE * CELL_PX, i // A_SIDE * CELL_PX) for i in range(len(unsure))]
    for (x, y), row in zip(cells, unsure, strict=True):
        canvas[y : y + CELL_PX, x : x + CELL_PX] = _enlarged(pixels, *_centre(row))
    seen = yunet.run(canvas, threshold)
    found = (_nearest(seen, row, cell) for cell, row in zip(cells, unsure, strict=True))
    return [row for row in found if row is not None]


def _enlarged(pixels: Pixels, x: float, y: float) -> Pixels:
    """The surroundings of a point, that point in the middle; beyond the picture its border is repeated."""
    middle = CELL_PX / 2
    matrix = np.array([[ENLARGED, 0, middle - ENLARGED * x], [0, ENLARGED, middle - ENLARGED * y]])
    size = (CELL_PX, CELL_PX)
    cell = cv2.warpAffine(pixels, matrix, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return cell.astype(np.uint8, copy=False)


def _nearest(seen: Floats, row: Floats, cell: tuple[int, int]) -> Floats | None:
    """The best of what was seen about the middle of a cell, back in the picture; None if there is nothing."""
    middle_x, middle_y = cell[0] + CELL_PX / 2, cell[1] + CELL_PX / 2
    reach = ENLARGED * float(row[2] - row[0]) / 2
    here = np.abs((seen[:, 0] + seen[:, 2]) / 2 - middle_x) < reach
    here &= np.abs((seen[:, 1] + seen[:, 3]) / 2 - middle_y) < reach
    if not here.any():
        return None
    best = seen[here][[np.argmax(seen[here][:, SCORE])]].copy()
    return moved(scaled(moved(best, -middle_x, -middle_y), 1 / ENLARGED), *_centre(row))


def _centre(row: Floats) -> tuple[float, float]:
    return float(row[0] + row[2]) / 2, float(row[1] + row[3]) / 2
