"""A second glance at what is unsure: small boxes enlarged, large ones made small, side by side, by the same detector.

A face of 20 pixels often scores below 0.1 and noise often above it; enlarged three times the face scores 0.4 or more
and the noise does not. A large box that is doubtful at one size, and nothing at two others, is no face either. A canvas
of 25 costs a twentieth of the first look, one of five a fifth of that.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from appliance.vision.runtime import Floats, Pixels
from appliance.vision.shrink import shrunk
from appliance.vision.yunet import COLUMNS, SCORE, YuNet, moved, scaled

SEEN_PX = 42
"""Side of the square that is shown of a small box's surroundings, of which the box takes up to 32 pixels."""
CELL_PX = 3 * SEEN_PX
ACROSS, DOWN = 5, 5
"""Five cells in a row and up to five rows."""
SURROUNDINGS = (1.4, 2.0)
"""Sides of the squares that are shown of a large box's surroundings, in lengths of its longer side."""

View = tuple[int, int, int]
"""A square of the picture: left, top, side, in pixels. It may reach beyond the picture's border."""


def glance(pixels: Pixels, unsure: Floats, yunet: YuNet, threshold: float) -> Floats:
    """Rows, float32 [n, COLUMNS] in pixels of the picture, of the unsure boxes that are faces when looked at closely.

    unsure: boxes of up to 32 pixels. Each row is what the enlarged view says: its score, and a box and landmarks that
    fit better than the first ones did.
    """
    views = [_view(row, SEEN_PX, pixels) for row in unsure]
    found = _in_cells([_cell(pixels, *view) for view in views], yunet, threshold)
    rows = [np.zeros((0, COLUMNS), np.float32)]
    for seen, row, (left, top, side) in zip(found, unsure, views, strict=True):
        best = _in_the_middle(seen, _reach(row, side))
        rows += [] if best is None else [moved(scaled(best, side / CELL_PX), left, top)]
    return np.concatenate(rows)


def confirmed(pixels: Pixels, doubtful: Floats, yunet: YuNet, threshold: float) -> npt.NDArray[np.bool_]:
    """Which of the doubtful boxes, however large, score this much at one of two other sizes: bool [n].

    Each is looked at in all four quarter turns: a head that hangs or lies is doubtful at every size.
    """
    cells, reaches = [], []
    for row in doubtful:
        for times in SURROUNDINGS:
            view = _view(row, round(times * float(max(row[2] - row[0], row[3] - row[1]))), pixels)
            cell = _cell(pixels, *view)
            cells += [np.rot90(cell, quarters) for quarters in range(4)]
            reaches += [_reach(row, view[2])] * 4
    seen = zip(_in_cells(cells, yunet, threshold), reaches, strict=True)
    holds = [_in_the_middle(found, reach) is not None for found, reach in seen]
    by_row = np.array(holds, np.bool_).reshape(len(doubtful), -1)
    return np.asarray(by_row.any(axis=1), np.bool_)


def _in_cells(cells: Sequence[Pixels], yunet: YuNet, threshold: float) -> list[Floats]:
    """Everything seen, for each cell in pixels from its corner; on as few canvases as it takes."""
    at_once = ACROSS * DOWN
    canvases = [cells[start : start + at_once] for start in range(0, len(cells), at_once)]
    return [seen for some in canvases for seen in _on_canvas(some, yunet, threshold)]


def _on_canvas(cells: Sequence[Pixels], yunet: YuNet, threshold: float) -> list[Floats]:
    """Everything seen on one canvas, for each cell in pixels from its corner."""
    canvas: Pixels = np.zeros((-(-len(cells) // ACROSS) * CELL_PX, ACROSS * CELL_PX, 3), np.uint8)
    corners = [(i % ACROSS * CELL_PX, i // ACROSS * CELL_PX) for i in range(len(cells))]
    for (x, y), cell in zip(corners, cells, strict=True):
        canvas[y : y + CELL_PX, x : x + CELL_PX] = cell
    found = yunet.run(canvas, threshold)
    return [moved(found.copy(), -x, -y) for x, y in corners]


def _reach(row: Floats, side: int) -> float:
    """Half the box's width, in pixels of a cell that shows a square of this side."""
    return float(row[2] - row[0]) / 2 * CELL_PX / side


def _in_the_middle(seen: Floats, reach: float) -> Floats | None:
    """The best of the rows whose middle is this near to the cell's, float32 [1, COLUMNS]; None if there is none."""
    here = np.abs((seen[:, 0] + seen[:, 2]) / 2 - CELL_PX / 2) < reach
    here &= np.abs((seen[:, 1] + seen[:, 3]) / 2 - CELL_PX / 2) < reach
    if not here.any():
        return None
    best: Floats = seen[here][[np.argmax(seen[here][:, SCORE])]]
    return best


def _view(row: Floats, side: int, pixels: Pixels) -> View:
    """The square around a box, moved so far that at least a pixel of the picture is in it."""
    left, top = round(float(row[0] + row[2] - side) / 2), round(float(row[1] + row[3] - side) / 2)
    return min(max(left, 1 - side), pixels.shape[1] - 1), min(max(top, 1 - side), pixels.shape[0] - 1), side


def _cell(pixels: Pixels, left: int, top: int, side: int) -> Pixels:
    """A square of the picture as one cell; beyond the picture its border is repeated."""
    height, width = pixels.shape[:2]
    right, bottom = left + side, top + side
    square = pixels[max(0, top) : max(0, bottom), max(0, left) : max(0, right)]
    if square.shape[:2] != (side, side):
        beyond = (max(0, -top), max(0, bottom - height), max(0, -left), max(0, right - width))
        square = cv2.copyMakeBorder(square, *beyond, cv2.BORDER_REPLICATE).astype(np.uint8, copy=False)
    if side >= CELL_PX:
        return shrunk(square, CELL_PX)[0]
    return cv2.resize(square, (CELL_PX, CELL_PX), interpolation=cv2.INTER_CUBIC).astype(np.uint8, copy=False)
