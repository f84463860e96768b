"""Nothing of what lies under a cover is in the file: the claim is about the plan and the decoded picture.

Two decoded pictures that differ only under one plan's covers give the same bytes. Not claimed: that two files that
differ there do, for a changed JPEG differs around the change too, and detection itself looks at faces.
"""

from __future__ import annotations

import hashlib
import io
from dataclasses import replace

import cv2
import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from appliance.domain.channel import Audience, profiles
from appliance.domain.decide import Look, Plan
from appliance.domain.photo import PhotoId
from appliance.sanitise.cover import MCU_PX, derive, grown, output_size
from appliance.sanitise.encode import encode
from appliance.sanitise.leaks import check
from appliance.sanitise.mark import read_mark
from appliance.vision.decode import decode
from tests.sanitise.reference import read

PHOTO = PhotoId("0" * 64)
Pixels = npt.NDArray[np.uint8]


def _png(width: int, height: int, alpha: int) -> bytes:
    out = io.BytesIO()
    Image.new("RGBA", (width, height), (200, 40, 40, alpha)).save(out, "PNG")
    return out.getvalue()


LOGO = _png(120, 50, 128)
LOOKS = [
    *(p.look() for p in profiles({}).values()),
    *(replace(p, long_side_px=320, quality=50).look() for p in profiles({"press": {"audience": "in_school"}}).values()),
    profiles({"press": {"watermark": "Our School", "quality": 95}})["press"].look(),
    replace(profiles({})["website"], long_side_px=333, audience=Audience.CLOSED_GROUP).look(),
    profiles({})["website"].look(hashlib.sha256(LOGO).hexdigest()),
    Look(57, 70, "School"),
]
"""Every channel as it is without settings, and with."""


@st.composite
def photos(draw: st.DrawFn) -> Pixels:
    """A photo as the product decodes it: any size, content, orientation and colour mode, from a JPEG or a PNG."""
    height, width = draw(st.integers(17, 420)), draw(st.integers(17, 420))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    pixels = rng.integers(0, 256, (height, width, 3), np.uint8)
    if draw(st.booleans()):
        pixels = cv2.GaussianBlur(pixels, (0, 0), draw(st.sampled_from([1.0, 4.0]))).astype(np.uint8)
    image = Image.fromarray(pixels).convert(draw(st.sampled_from(["RGB", "L", "CMYK", "RGB"])))
    kind = "PNG" if image.mode == "RGB" and draw(st.booleans()) else "JPEG"
    exif = Image.Exif()
    exif[0x0112] = draw(st.integers(1, 8))
    out = io.BytesIO()
    image.save(out, kind, exif=exif, **({"quality": draw(st.integers(60, 95))} if kind == "JPEG" else {}))
    decoded: Pixels = decode(out.getvalue()).pixels
    return decoded


@st.composite
def cases(draw: st.DrawFn) -> tuple[Pixels, Plan]:
    """A photo, and a plan for it with covers anywhere: in the middle, over a border, one pixel, over each other."""
    pixels = draw(photos())
    scale = draw(st.sampled_from([1.0, 1.0, 2.0, 1.7]))
    height, width = round(pixels.shape[0] * scale), round(pixels.shape[1] * scale)
    bare = Plan(PHOTO, width, height, (), draw(st.sampled_from(LOOKS)))
    out = output_size(bare, pixels.shape[1], pixels.shape[0])
    covers = []
    for _ in range(draw(st.integers(1, 4))):
        left, right = _edges(draw, width, out[0])
        top, bottom = _edges(draw, height, out[1])
        covers.append((left, top, right, bottom))
    return pixels, replace(bare, covers=tuple(sorted(covers)))


def _edges(draw: st.DrawFn, side: int, out: int) -> tuple[int, int]:
    """Two edges of a cover: anywhere, at a border, or where blocks of the output end, so that growing adds nothing."""
    begin = draw(st.integers(0, side - 1))
    end = draw(st.integers(begin + 1, side))
    kind = draw(st.sampled_from(["anywhere", "border", "block", "block"]))
    if kind == "border":
        return begin, side
    if kind == "block" and out > MCU_PX:
        step = MCU_PX * side / out
        first = draw(st.integers(0, out // MCU_PX - 1))
        return int(np.ceil(first * step)), max(int(np.ceil(first * step)) + 1, int((first + 1) * step))
    return begin, end


def _file(pixels: Pixels, plan: Plan) -> bytes:
    return encode(derive(pixels, plan, read_mark(LOGO) if plan.look.mark else None), plan.look.quality)


def _under(cover: tuple[int, int, int, int], plan: Plan, pixels: Pixels) -> tuple[slice, slice]:
    """Every decoded pixel that a cover touches, however little."""
    left, top, right, bottom = cover
    sx, sy = pixels.shape[1] / plan.width, pixels.shape[0] / plan.height
    return slice(int(top * sy), int(np.ceil(bottom * sy))), slice(int(left * sx), int(np.ceil(right * sx)))


@settings(max_examples=250, deadline=None)
@given(cases(), st.integers(0, 2**32 - 1), st.sampled_from(["noise", "black", "one pixel"]))
def test_two_photos_that_differ_only_under_the_covers_give_the_same_bytes(
    case: tuple[Pixels, Plan], seed: int, kind: str
) -> None:
    pixels, plan = case
    rng = np.random.default_rng(seed)
    other = pixels.copy()
    for cover in plan.covers:
        area = other[_under(cover, plan, pixels)]
        if kind == "one pixel":
            area[rng.integers(0, area.shape[0]), rng.integers(0, area.shape[1])] ^= 0xFF
        else:
            area[:] = rng.integers(0, 256, area.shape, np.uint8) if kind == "noise" else 0
    one, two = _file(pixels, plan), _file(other, plan)
    assert one == two
    check(one)


@settings(max_examples=60, deadline=None)
@given(cases())
def test_no_coded_block_holds_covered_and_uncovered_pixels(case: tuple[Pixels, Plan]) -> None:
    """Each block that a cover touches is flat in the file: no coefficient but its mean."""
    pixels, plan = case
    data = _file(pixels, plan)
    picture = read(data)
    across = -(-picture.width // MCU_PX)
    for cover in plan.covers:
        left, top, right, bottom = grown(cover, plan, picture.width, picture.height)
        assert left % MCU_PX == top % MCU_PX == 0
        assert right % MCU_PX == 0 or right == picture.width
        assert bottom % MCU_PX == 0 or bottom == picture.height
        for row in range(top // MCU_PX, -(-bottom // MCU_PX)):
            for column in range(left // MCU_PX, -(-right // MCU_PX)):
                mcu = (row * across + column) * 6
                assert not any(any(block[1:]) for block in picture.blocks[mcu : mcu + 6])


def test_a_cover_no_larger_than_a_pixel_of_the_output_still_covers_a_block() -> None:
    plan = Plan(PHOTO, 6000, 4000, ((3001, 2001, 3002, 2002),), Look(320))
    assert output_size(plan, 3000, 2000) == (320, 213)
    left, top, right, bottom = grown(plan.covers[0], plan, 320, 213)
    assert (right - left, bottom - top) == (16, 16)


def test_covers_are_never_see_through_and_of_one_colour() -> None:
    pixels = np.random.default_rng(3).integers(0, 256, (200, 300, 3), np.uint8)
    plan = Plan(PHOTO, 300, 200, ((40, 40, 90, 90), (200, 100, 300, 200)), Look(300))
    made = derive(pixels, plan)
    for cover in plan.covers:
        left, top, right, bottom = grown(cover, plan, 300, 200)
        assert (made[top:bottom, left:right] == np.array(plan.look.cover_rgb[::-1])).all()


@pytest.mark.parametrize("size", [(120, 50), (2000, 2000), (1, 1), (2000, 1)])
@pytest.mark.parametrize("shape", [(213, 320), (1067, 1600), (20, 1600), (3, 2)])
def test_a_watermark_image_is_opaque_in_its_corner_and_never_on_a_cover(
    size: tuple[int, int], shape: tuple[int, int]
) -> None:
    mark = read_mark(_png(*size, 255))
    look = Look(1600, mark="x")
    one, two = (
        derive(np.full((*shape, 3), v, np.uint8), Plan(PHOTO, shape[1], shape[0], (), look), mark) for v in (0, 255)
    )
    red = (one == (40, 40, 200)).all(axis=2)
    assert red.any()
    assert np.array_equal(red, (two == (40, 40, 200)).all(axis=2)), "what is beneath does not shine through"
    assert not red[: shape[0] // 2].any() or shape[0] < 16
    plan = Plan(PHOTO, shape[1], shape[0], ((0, 0, shape[1], shape[0]),), look)
    covered = derive(np.zeros((*shape, 3), np.uint8), plan, mark)
    assert (covered == np.array(look.cover_rgb[::-1])).all()


def test_a_look_s_watermark_image_is_part_of_the_plan() -> None:
    plans = {Plan(PHOTO, 10, 10, (), Look(mark=mark)).id for mark in ("", "a" * 64, "b" * 64)}
    assert len(plans) == 3
