"""Pictures as a viewer that honours EXIF orientation (1 to 8) shows them."""

from __future__ import annotations

import cv2

from appliance.vision.picture import Pixels
from appliance.vision.untrusted import Blank

cv2.setNumThreads(1)


def is_turned(orientation: int) -> bool:
    """Whether width and height change places."""
    return orientation >= 5


def upright_size(width: int, height: int, orientation: int) -> tuple[int, int]:
    """Width and height once it is upright."""
    return (height, width) if is_turned(orientation) else (width, height)


def turn(pixels: Pixels, orientation: int, blank: Blank) -> Pixels:
    """Upright pixels. What only has to be mirrored is mirrored in place, in a quarter of the time."""
    if not is_turned(orientation):
        return pixels if orientation == 1 else _flipped(pixels, {2: 1, 3: -1, 4: 0}[orientation])
    target = blank(pixels.shape[1], pixels.shape[0])
    if orientation in (6, 8):
        cv2.rotate(pixels, cv2.ROTATE_90_CLOCKWISE if orientation == 6 else cv2.ROTATE_90_COUNTERCLOCKWISE, dst=target)
        return target
    cv2.transpose(pixels, dst=target)
    return target if orientation == 5 else _flipped(target, -1)


def _flipped(pixels: Pixels, axis: int) -> Pixels:
    """In place. axis: as OpenCV has it, 0 for upside down, 1 for left to right, -1 for both."""
    cv2.flip(pixels, axis, dst=pixels)
    return pixels
