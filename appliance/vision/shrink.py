"""Makes a picture smaller, quickly and without aliasing away what is small in it."""

from __future__ import annotations

import cv2
import numpy as np

from appliance.vision.runtime import Pixels


def shrunk(pixels: Pixels, long_side: int) -> tuple[Pixels, float]:
    """A copy no longer than this, and its scale; never enlarged.

    Halved by area averaging, which is quick at exactly two to one, as long as that leaves enough; then bilinear. Small
    faces would alias away otherwise, and area averaging at odd ratios costs six times as much.
    """
    factor = 1.0
    while max(pixels.shape[:2]) >= 2 * long_side:
        height, width = pixels.shape[0] // 2, pixels.shape[1] // 2
        even = pixels[: max(1, height) * 2, : max(1, width) * 2]
        size = (max(1, width), max(1, height))
        pixels = cv2.resize(even, size, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)
        factor /= 2
    rest = long_side / max(pixels.shape[:2])
    if rest >= 1:
        return pixels, factor
    size = (max(1, round(pixels.shape[1] * rest)), max(1, round(pixels.shape[0] * rest)))
    return cv2.resize(pixels, size, interpolation=cv2.INTER_LINEAR).astype(np.uint8, copy=False), factor * rest
