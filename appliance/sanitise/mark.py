"""A school's own picture in the corner of its photos: read from a small PNG file, drawn opaque, never enlarged."""

from __future__ import annotations

import io

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, UnidentifiedImageError

from appliance.domain.channel import is_mark, unreadable

Pixels = npt.NDArray[np.uint8]
PART_ACROSS, PART_DOWN = 4, 8
"""A mark takes at most this part of the picture's width and height."""


def read_mark(data: bytes) -> Pixels:
    """The picture in this PNG file, uint8 [h, w, 3] BGR, what is transparent in it on white. Raises Refusal."""
    if not is_mark(data):
        raise unreadable()
    try:
        with Image.open(io.BytesIO(data), formats=["PNG"]) as image:
            drawn = image.convert("RGBA")
    except (OSError, ValueError, SyntaxError, UnidentifiedImageError) as error:
        raise unreadable() from error
    flat = Image.new("RGBA", drawn.size, "white")
    flat.alpha_composite(drawn)
    return np.ascontiguousarray(np.asarray(flat.convert("RGB"))[:, :, ::-1])


def stamp(pixels: Pixels, mark: Pixels) -> None:
    """Draw the mark into the lower right corner, a little from the edges."""
    height, width = pixels.shape[:2]
    factor = min(1.0, width / PART_ACROSS / mark.shape[1], height / PART_DOWN / mark.shape[0])
    size = max(1, round(mark.shape[1] * factor)), max(1, round(mark.shape[0] * factor))
    small = cv2.resize(mark, size, interpolation=cv2.INTER_AREA) if factor < 1 else mark
    gap = min(height, width) // 40
    right, bottom = width - gap, height - gap
    pixels[bottom - size[1] : bottom, right - size[0] : right] = small
