"""A second glance at what is unsure: made larger, smaller and upright, side by side on a canvas, by the same detector.

A face of 20 pixels often scores below 0.1 and noise often above it; enlarged three times the face scores 0.4 or more
and the noise does not. A head that leans by 135 degrees scores 0.05 where it stands, and 0.8 where it has been turned
upright. A large box that is doubtful at one size, and nothing at two others, is no face. A canvas of 25 costs a
twentieth of the first look, one of five a fifth of that.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from appliance.vision.runtime import Floats, Pixels
from appliance.vision.shrink import shrunk
from appliance.vision.yunet import COLUMNS, SCORE, TURNED, YuNet, moved, scaled

SMALL_PX = 32
"""Less wide than this a box is small: it is enlarged, and nothing asks whether it leans."""
SEEN_PX = 42
"""Side of the square that is shown of a small box's surroundings."""
CELL_PX = 3 * SEEN_PX
ACROSS, DOWN = 5, 5
"""Five cells in a row and up to five rows."""
SURROUNDINGS = (1.4, 2.0)
"""Sides of the squares that are shown of a larger box's surroundings, in lengths of its longer side."""
SEEN_AGAIN = 0.2
"""The score asked of a larger box in one of them: what was unsure twice at different sizes is a face half hidden."""
LEANING = 1.7
"""The same where the square is turned: a head that leans has its box in a corner of it otherwise."""
TURNS = tuple(range(45, 360, 45))
"""By how many degrees, counterclockwise in the picture, a larger unsure box is turned to be seen upright."""

View = tuple[int, int, int]
"""A square of the picture: left, top, side, in pixels. It may reach beyond the picture's border."""


@dataclass(frozen=True, slots=True)
class Ask:
    """One more look at an unsure box: what is shown, turned by how much, and the score that makes it a face."""

    row: int
    view: View
    degrees: int
    threshold: float


def glance(pixels: Pixels, unsure: Floats, yunet: YuNet, threshold: float, turned_threshold: float) -> Floats:
    """Rows, float32 [n, COLUMNS] in pixels of the picture, of the unsure boxes that are faces when looked at closely.

    Each row is what its best view says: its score, and a box and landmarks that fit better than the first ones did.
    threshold: the score asked for of a small box; turned_threshold: of a larger one in a turned view.
    """
    asks = [ask for i, row in enumerate(unsure) for ask in _asks(i, row, pixels, threshold, turned_threshold)]
    cells = [_cell(pixels, *ask.view, ask.degrees) for ask in asks]
    best: dict[int, Floats] = {}
    for ask, seen in zip(asks, _in_cells(cells, yunet, min(threshold, turned_threshold, SEEN_AGAIN)), strict=True):
        found = _in_the_middle(seen, _reach(unsure[ask.row], ask.view[2]))
        if found is None or found[0, SCORE] < ask.threshold:
            continue
        if ask.row not in best or found[0, SCORE] > best[ask.row][0, SCORE]:
            best[ask.row] = _in_picture(found, ask)
    return np.concatenate([np.zeros((0, COLUMNS), np.float32), *best.values()])


def _asks(i: int, row: Floats, pixels: Pixels, threshold: float, turned_threshold: float) -> Iterator[Ask]:
    if row[2] - row[0] < SMALL_PX:
        yield Ask(i, _view(row, SEEN_PX, pixels), 0, threshold)
        return
    for times in SURROUNDINGS:
        yield Ask(i, _view(row, _times(row, times), pixels), 0, SEEN_AGAIN)
    for degrees in TURNS:
        yield Ask(i, _view(row, _times(row, LEANING), pixels), degrees, turned_threshold)


def _times(row: Floats, factor: float) -> int:
    """So many lengths of the box's longer side, in pixels."""
    return round(factor * float(max(row[2] - row[0], row[3] - row[1])))


def _in_picture(found: Floats, ask: Ask) -> Floats:
    """A row seen in a cell, in pixels of the picture. Its box keeps the width and height that it has upright."""
    left, top, side = ask.view
    row = found.copy()
    if ask.degrees:
        points = row[0, 4:14].reshape(5, 2)
        size, middle = row[0, 2:4] - row[0, :2], (row[0, 2:4] + row[0, :2]) / 2
        turned = _turned_back(np.vstack([points, middle]), ask.degrees)
        row[0, 4:14], row[0, :2], row[0, 2:4] = turned[:5].ravel(), turned[5] - size / 2, turned[5] + size / 2
        row[0, TURNED] = 1
    return moved(scaled(row, side / CELL_PX), left, top)


def _turned_back(points: Floats, degrees: int) -> Floats:
    """Points of a turned cell where they are in the unturned one."""
    matrix = cv2.getRotationMatrix2D((CELL_PX / 2, CELL_PX / 2), -degrees, 1)
    back: Floats = (points @ matrix[:, :2].T + matrix[:, 2]).astype(np.float32)
    return back


def confirmed(pixels: Pixels, doubtful: Floats, yunet: YuNet, threshold: float) -> npt.NDArray[np.bool_]:
    """Which of the doubtful boxes, however large, score this much at one of two other sizes: bool [n].

    Each is looked at in all four quarter turns: a head that hangs or lies is doubtful at every size.
    """
    cells, reaches = [], []
    for row in doubtful:
        for times in SURROUNDINGS:
            view = _view(row, _times(row, times), pixels)
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


def _cell(pixels: Pixels, left: int, top: int, side: int, degrees: int = 0) -> Pixels:
    """A square of the picture as one cell, turned about its middle; beyond the picture its border is repeated."""
    height, width = pixels.shape[:2]
    right, bottom = left + side, top + side
    square = pixels[max(0, top) : max(0, bottom), max(0, left) : max(0, right)]
    if square.shape[:2] != (side, side):
        beyond = (max(0, -top), max(0, bottom - height), max(0, -left), max(0, right - width))
        square = cv2.copyMakeBorder(square, *beyond, cv2.BORDER_REPLICATE).astype(np.uint8, copy=False)
    if side >= CELL_PX:
        cell = shrunk(square, CELL_PX)[0]
    else:
        cell = cv2.resize(square, (CELL_PX, CELL_PX), interpolation=cv2.INTER_CUBIC).astype(np.uint8, copy=False)
    if not degrees:
        return cell
    matrix = cv2.getRotationMatrix2D((CELL_PX / 2, CELL_PX / 2), degrees, 1)
    turned = cv2.warpAffine(cell, matrix, (CELL_PX, CELL_PX), borderMode=cv2.BORDER_REPLICATE)
    return turned.astype(np.uint8, copy=False)
