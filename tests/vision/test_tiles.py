"""Tiles cover the picture, overlap, are all of one size, and are no more than it takes."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from appliance.vision.detect import DetectorSettings
from appliance.vision.tiles import tiles
from appliance.vision.yunet import STRIDE

USUAL = DetectorSettings()
SIDES = st.integers(1, 9000)


def _cut(width: int, height: int) -> list[tuple[int, int, int, int]]:
    return tiles(width, height, USUAL.tile_pixels, USUAL.overlap_px)


@given(width=SIDES, height=SIDES)
def test_tiles_cover_everything_and_neighbours_overlap(width: int, height: int) -> None:
    cut = _cut(width, height)
    for low, high, length in ((0, 2, width), (1, 3, height)):
        spans = sorted({(tile[low], tile[high]) for tile in cut})
        assert spans[0][0] == 0 and spans[-1][1] == length
        assert all(b[0] <= a[1] - USUAL.overlap_px for a, b in pairwise(spans))
    assert len(cut) == len({t[0] for t in cut}) * len({t[1] for t in cut})


@given(width=SIDES, height=SIDES)
def test_tiles_are_of_one_size_and_none_is_larger_than_allowed(width: int, height: int) -> None:
    sizes = {(right - left, bottom - top) for left, top, right, bottom in _cut(width, height)}
    assert len(sizes) == 1
    w, h = sizes.pop()
    assert -(-w // STRIDE) * -(-h // STRIDE) * STRIDE**2 <= USUAL.tile_pixels


@given(width=st.integers(1500, 9000), height=st.integers(1500, 9000))
def test_little_is_looked_at_twice(width: int, height: int) -> None:
    assert sum((r - x) * (b - y) for x, y, r, b in _cut(width, height)) < 1.3 * width * height


def test_a_small_picture_is_one_tile() -> None:
    assert _cut(900, 700) == [(0, 0, 900, 700)]


def test_a_photo_of_24_megapixels_at_half_its_size() -> None:
    assert len(_cut(3000, 2000)) == len(_cut(2000, 3000)) == 12
