"""Cuts a picture into overlapping tiles of one size, so small that the arithmetic of each stays in the cache."""

from __future__ import annotations

import math

import numpy as np

from appliance.vision.yunet import STRIDE

LONGEST = 1.15
"""A side is at most this many times the root of a tile's largest area: long strips fall out of the cache."""

Tile = tuple[int, int, int, int]
"""Left, top, right, bottom in pixels; right and bottom are the first beyond."""


def tiles(width: int, height: int, area: int, overlap: int) -> list[Tile]:
    """Equal tiles of at most `area` pixels that cover the picture, neighbours sharing at least `overlap` pixels.

    Of all ways to cut it the one with the fewest pixels altogether, as the detector counts them: with sides that are
    multiples of its stride. A picture no larger than a tile is one tile.
    """
    ways = [(c, r) for c in _counts(width, area, overlap) for r in _counts(height, area, overlap)]
    fitting = [way for way in ways if _side(width, way[0], overlap) * _side(height, way[1], overlap) <= area]
    columns, rows = min(fitting, key=lambda way: _pixels(width, height, way[0], way[1], overlap))
    across, down = _spans(width, columns, overlap), _spans(height, rows, overlap)
    return [(left, top, right, bottom) for top, bottom in down for left, right in across]


def _counts(length: int, area: int, overlap: int) -> range:
    """Into how many parts a side may be cut: from the longest that are allowed to those of half the usual side."""
    usual = math.isqrt(area)
    fewest = 1
    while _side(length, fewest, overlap) > max(LONGEST * usual, STRIDE + overlap):
        fewest += 1
    return range(fewest, max(fewest, math.ceil(2 * length / usual)) + 1)


def _side(length: int, parts: int, overlap: int) -> int:
    return STRIDE * math.ceil((length + (parts - 1) * overlap) / (parts * STRIDE))


def _pixels(width: int, height: int, columns: int, rows: int, overlap: int) -> tuple[int, int]:
    """How many pixels the detector sees, and in how many tiles."""
    count = columns * rows
    return count * _side(width, columns, overlap) * _side(height, rows, overlap), count


def _spans(length: int, parts: int, overlap: int) -> list[tuple[int, int]]:
    side = min(_side(length, parts, overlap), length)
    starts = np.linspace(0, length - side, parts).round().astype(int)
    return [(int(start), int(start) + side) for start in starts]
