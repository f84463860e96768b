"""Makes a derivative's pixels by a plan: covers first, before any resize, and again on the finished grid.

Each cover is grown outward to the 16-pixel blocks of the output, so that no coded block mixes covered and uncovered
pixels of the original: what is under a cover cannot reach the file.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from appliance.domain.decide import Plan
from appliance.sanitise.mark import Pixels, stamp

MCU_PX = 16
"""Side of a coded block of a 4:2:0 JPEG (ITU-T T.81, A.2)."""


def derive(pixels: Pixels, plan: Plan, mark: Pixels | None = None) -> Pixels:
    """The picture that `plan` asks for, uint8 [h, w, 3] BGR, from the decoded original (which is left as it was).

    pixels: uint8 [H, W, 3] BGR, upright, the original of plan.width × plan.height at any scale. mark: the picture for
    the corner that the plan's look names, in BGR too.
    """
    width, height = output_size(plan, pixels.shape[1], pixels.shape[0])
    blocks = [grown(c, plan, width, height) for c in plan.covers]
    wide = [_widened(b, pixels.shape[1] / width, pixels.shape[0] / height) for b in blocks]
    with _painted(pixels, wide, plan):
        small = _resized(pixels, width, height)
    if plan.look.watermark:
        small = _marked(small, plan.look.watermark)
    if mark is not None:
        stamp(small, mark)
    for block in blocks:
        _fill(small, block, plan)
    return small


@contextmanager
def _painted(pixels: Pixels, boxes: Sequence[tuple[int, int, int, int]], plan: Plan) -> Iterator[None]:
    """The pixels with these boxes painted over, put back afterwards: cheaper than a copy of the whole picture."""
    beneath = [pixels[top:bottom, left:right].copy() for left, top, right, bottom in boxes]
    try:
        for box in boxes:
            _fill(pixels, box, plan)
        yield
    finally:
        for (left, top, right, bottom), was in reversed(list(zip(boxes, beneath, strict=True))):
            pixels[top:bottom, left:right] = was


def output_size(plan: Plan, width: int, height: int) -> tuple[int, int]:
    """Width and height of the derivative: the look's long side, never larger than what was decoded."""
    factor = min(1.0, plan.look.long_side_px / max(plan.width, plan.height))
    out = max(1, round(plan.width * factor)), max(1, round(plan.height * factor))
    return (out[0], out[1]) if out[0] <= width and out[1] <= height else (width, height)


def grown(cover: tuple[int, int, int, int], plan: Plan, width: int, height: int) -> tuple[int, int, int, int]:
    """A cover (left, top, right, bottom in original pixels) as whole blocks of the output, clipped to it."""
    sx, sy = width / plan.width, height / plan.height
    left, top = math.floor(cover[0] * sx / MCU_PX) * MCU_PX, math.floor(cover[1] * sy / MCU_PX) * MCU_PX
    right, bottom = math.ceil(cover[2] * sx / MCU_PX) * MCU_PX, math.ceil(cover[3] * sy / MCU_PX) * MCU_PX
    return max(left, 0), max(top, 0), min(right, width), min(bottom, height)


def _widened(block: tuple[int, int, int, int], sx: float, sy: float) -> tuple[int, int, int, int]:
    left, top, right, bottom = block
    return math.floor(left * sx), math.floor(top * sy), math.ceil(right * sx), math.ceil(bottom * sy)


def _fill(pixels: Pixels, box: tuple[int, int, int, int], plan: Plan) -> None:
    left, top, right, bottom = box
    if left < right and top < bottom:
        cv2.rectangle(pixels, (left, top), (right - 1, bottom - 1), plan.look.cover_rgb[::-1], cv2.FILLED)


def _resized(pixels: Pixels, width: int, height: int) -> Pixels:
    """Halved by area averaging as long as that leaves enough, then bilinear: a sixth of the time of area throughout."""
    if pixels.shape[:2] == (height, width):
        return pixels.copy()
    while pixels.shape[1] >= 2 * width and pixels.shape[0] >= 2 * height:
        half = (pixels.shape[1] // 2, pixels.shape[0] // 2)
        even = pixels[: 2 * half[1], : 2 * half[0]]  # quick only at exactly two to one
        pixels = cv2.resize(even, half, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)
    return cv2.resize(pixels, (width, height), interpolation=cv2.INTER_LINEAR).astype(np.uint8, copy=False)


def _marked(pixels: Pixels, text: str) -> Pixels:
    """A visible watermark in the lower right corner: white on a dark edge, in the font that Pillow carries."""
    image = Image.fromarray(np.ascontiguousarray(pixels[:, :, ::-1]))
    size = max(12, pixels.shape[0] // 40)
    where = (pixels.shape[1] - size, pixels.shape[0] - size)
    ImageDraw.Draw(image).text(
        where, text, font=ImageFont.load_default(size), fill="white", anchor="rb", stroke_width=2, stroke_fill="#303030"
    )
    return np.ascontiguousarray(np.asarray(image)[:, :, ::-1])
