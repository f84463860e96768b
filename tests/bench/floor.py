"""The floor under every photo: read it small, make it smaller, write it. Nobody looks for a face."""

from __future__ import annotations

import cv2
import simplejpeg

LONG_SIDE_PX = 1600
QUALITY = 85


def floor_of(jpeg: bytes) -> None:
    """On one thread: decode at half size, shrink to 1600 px (bilinear), encode at quality 85, 4:2:0."""
    height, width = simplejpeg.decode_jpeg_header(jpeg)[:2]
    half = simplejpeg.decode_jpeg(jpeg, "BGR", min_height=-(-height // 2), min_width=-(-width // 2), min_factor=2)
    factor = LONG_SIDE_PX / max(half.shape[:2])
    size = (round(half.shape[1] * factor), round(half.shape[0] * factor))
    small = cv2.resize(half, size, interpolation=cv2.INTER_LINEAR)
    simplejpeg.encode_jpeg(small, quality=QUALITY, colorspace="BGR", colorsubsampling="420", fastdct=False)
