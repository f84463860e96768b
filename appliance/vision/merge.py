"""One row a face, out of what several passes saw of the same picture."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from appliance.vision.runtime import Floats
from appliance.vision.yunet import CUT, SAME_FACE_IOU, SCORE, TURNED

INSIDE = 0.75
SURE = 0.6
CLEAR = 0.75
DOUBTFUL = 0.5
TURNED_HANDICAP = 0.1
"""What a box in a turned copy must be better by: a head that stands is seen in turned copies too, with its landmarks
wrong; a lying head is seen upright too, with a far lower score."""
MOST_ROWS = 2500
"""More than any crowd has faces; the weakest beyond it are left out, for the work grows with the square."""


def merge(rows: Floats) -> Floats:
    """One row a face, best score first. Whole boxes come before those cut by a tile's border; within each by score.

    A row goes if it overlaps a kept one by IoU 0.3, or lies inside a kept one (75 % of it) and is either a piece of
    similar size, or something seen inside a face that is sure. Of a row cut by a tile's border half is enough for that,
    of a turned row a third. A doubtful row goes too if it lies around a clear face of less than a third of its size: no
    face has another one within it. Faces that merely stand close stay.
    """
    rows = rows[np.argsort(-rows[:, SCORE], kind="stable")[:MOST_ROWS]]
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
    around = (rows[:, SCORE] < DOUBTFUL)[:, None] & (rows[:, SCORE] >= CLEAR) & (rows[:, CUT] == 0)
    around &= (shared >= 0.95 * area) & (area <= mine / 3)
    hides: npt.NDArray[np.bool_] = same | piece | echo | around
    return hides
