import io

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from appliance.domain.decide import Look, Plan
from appliance.domain.photo import PhotoId
from appliance.sanitise.cover import MCU_PX, derive, grown, output_size
from appliance.sanitise.encode import encode, proof

PHOTO = PhotoId("0" * 64)


@st.composite
def plans(draw: st.DrawFn) -> tuple[Plan, int]:
    """A plan with covers anywhere (borders, odd sizes), and at which fraction of its size the original is decoded."""
    width, height = draw(st.integers(17, 700)), draw(st.integers(17, 700))
    covers = []
    for _ in range(draw(st.integers(1, 3))):
        left, top = draw(st.integers(0, width - 1)), draw(st.integers(0, height - 1))
        covers.append((left, top, draw(st.integers(left + 1, width)), draw(st.integers(top + 1, height))))
    look = Look(draw(st.integers(16, 800)), 85, draw(st.sampled_from(["", "School"])))
    return Plan(PHOTO, width, height, tuple(sorted(covers)), look), draw(st.sampled_from([1, 2]))


@settings(max_examples=60, deadline=None)
@given(plans())
def test_a_cover_is_flat_in_the_finished_file(case: tuple[Plan, int]) -> None:
    plan, _ = case
    pixels = np.random.default_rng(1).integers(0, 256, (plan.height, plan.width, 3), np.uint8)
    finished = np.asarray(Image.open(io.BytesIO(encode(derive(pixels, plan), 85))).convert("RGB")).astype(int)
    for cover in plan.covers:
        left, top, right, bottom = grown(cover, plan, finished.shape[1], finished.shape[0])
        # a viewer that smooths the half-size colour planes mixes the outermost pixel with its neighbour
        inside = finished[top + 1 : bottom - 1, left + 1 : right - 1].reshape(-1, 3)
        assert np.abs(inside - np.array(plan.look.cover_rgb)).max(initial=0) <= 3


def test_a_cover_is_aligned_outward_to_the_coded_blocks() -> None:
    plan = Plan(PHOTO, 1000, 800, ((101, 203, 333, 401),), Look(1000))
    left, top, right, bottom = grown(plan.covers[0], plan, 1000, 800)
    assert (left, top, right, bottom) == (96, 192, 336, 416)
    assert all(v % MCU_PX == 0 for v in (left, top, right, bottom))


def test_the_original_pixels_are_left_alone() -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (90, 120, 3), np.uint8)
    before = pixels.copy()
    derive(pixels, Plan(PHOTO, 120, 90, ((10, 10, 50, 50),), Look(120)))
    assert np.array_equal(pixels, before)


@pytest.mark.parametrize(("long_side", "size"), [(1600, (1600, 1067)), (9000, (3000, 2000)), (320, (320, 213))])
def test_the_derivative_is_as_large_as_its_channel_allows_and_never_larger_than_what_was_decoded(
    long_side: int, size: tuple[int, int]
) -> None:
    assert output_size(Plan(PHOTO, 6000, 4000, (), Look(long_side)), 3000, 2000) == size


def test_a_watermark_is_visible_and_never_on_a_cover() -> None:
    look = Look(800, 85, "Our School")
    pixels = np.full((600, 800, 3), 90, np.uint8)
    assert (derive(pixels, Plan(PHOTO, 800, 600, (), look)) > 200).any()
    covered = derive(pixels, Plan(PHOTO, 800, 600, ((0, 0, 800, 600),), look))
    assert (covered == np.array(look.cover_rgb[::-1])).all()


def test_a_proof_is_small_and_uncovered() -> None:
    pixels = cv2.resize(np.random.default_rng(1).integers(0, 256, (30, 40, 3), np.uint8), (4000, 3000))
    picture = Image.open(io.BytesIO(proof(pixels.astype(np.uint8))))
    assert max(picture.size) == 1024
    assert not picture.getexif()
