"""A new JPEG from bare pixels: baseline, 4:2:0, the standard tables, nothing but the picture in it.

What is made here is walked to the last bit by release; here only its segments are, which costs nothing.
"""

from __future__ import annotations

import cv2
import numpy as np
import simplejpeg

from appliance.sanitise.leaks import check_segments
from appliance.sanitise.mark import Pixels

PROOF_PX = 1024
PROOF_QUALITY = 75


def encode(pixels: Pixels, quality: int) -> bytes:
    """A JPEG file of uint8 [h, w, 3] BGR pixels, its segments walked before anybody gets it."""
    data: bytes = simplejpeg.encode_jpeg(
        np.ascontiguousarray(pixels), quality=quality, colorspace="BGR", colorsubsampling="420", fastdct=False
    )
    check_segments(data)
    return data


def proof(pixels: Pixels) -> bytes:
    """A small uncovered JPEG for staff on the box alone; it is never a derivative and cannot be released."""
    factor = min(1.0, PROOF_PX / max(pixels.shape[:2]))
    size = (max(1, round(pixels.shape[1] * factor)), max(1, round(pixels.shape[0] * factor)))
    return encode(cv2.resize(pixels, size, interpolation=cv2.INTER_LINEAR).astype(np.uint8, copy=False), PROOF_QUALITY)
