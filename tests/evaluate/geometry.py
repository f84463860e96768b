"""When a face counts as covered: nine tenths of the true face box lie inside a cover of the product's own making."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from appliance.domain.face import HEAD_BOTTOM, HEAD_SIDE, HEAD_TOP, Box, Detection, head

COVERED = 0.9
Mask = npt.NDArray[np.bool_]
Points = npt.NDArray[np.float64]


def covers_of(found: Sequence[Detection], width: int, height: int) -> list[Box]:
    """The covers the product draws where it knows nobody: one whole head for each detection, within the picture."""
    return [head(d).clipped(width, height) for d in found]


def is_covered(face: Box, covers: Sequence[Box]) -> bool:
    """Whether a single cover holds nine tenths of the face."""
    return any(c.overlap(face) >= COVERED * face.area for c in covers)


def is_covered_jointly(face: Box, covered: Mask) -> bool:
    """Whether all covers together hold nine tenths of the face. covered: see `mask`."""
    left, top, right, bottom = round(face.x), round(face.y), round(face.x + face.w), round(face.y + face.h)
    part = covered[max(top, 0) : max(bottom, 1), max(left, 0) : max(right, 1)]
    return bool(part.size and part.mean() >= COVERED)


def touches(cover: Box, faces: Sequence[Box]) -> bool:
    """Whether the cover meets any face at all."""
    return any(cover.overlap(f) > 0 for f in faces)


def mask(boxes: Sequence[Box], width: int, height: int) -> Mask:
    """bool [height, width]: whether a pixel lies in any of the boxes."""
    out = np.zeros((height, width), np.bool_)
    for b in boxes:
        out[max(round(b.y), 0) : max(round(b.y + b.h), 0), max(round(b.x), 0) : max(round(b.x + b.w), 0)] = True
    return out


def true_head(face: Box) -> Box:
    """The head about a true face box, by the same shares by which the product grows a detection."""
    w, h = face.w * (1 + 2 * HEAD_SIDE), face.h * (1 + HEAD_TOP + HEAD_BOTTOM)
    return Box(face.x - HEAD_SIDE * face.w, face.y - HEAD_TOP * face.h, w, h)


def turned_points(face: Box, degrees: float, about: tuple[float, float]) -> Points:
    """A grid of 20 × 20 points of the face, turned clockwise (y down) about a point: float64 [400, 2]."""
    across, down = (np.arange(20) + 0.5) / 20, (np.arange(20) + 0.5) / 20
    x, y = np.meshgrid(face.x + across * face.w - about[0], face.y + down * face.h - about[1])
    c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    return np.stack([(x * c - y * s + about[0]).ravel(), (x * s + y * c + about[1]).ravel()], 1)


def holds(cover: Box, points: Points) -> float:
    """Share of the points that lie inside the cover."""
    x, y = points[:, 0], points[:, 1]
    inside = (x >= cover.x) & (x <= cover.x + cover.w) & (y >= cover.y) & (y <= cover.y + cover.h)
    return float(inside.mean())
