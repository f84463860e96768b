"""Camera RAW: the preview that the camera put in where it is large enough, else the sensor's mosaic (LibRaw).

The preview is as the photographer saw it, with the camera's own colours, and is read by the JPEG decoder, which is
quicker and better tried than any reader of a mosaic. It is large enough at half the length of the mosaic: that is the
size at which a large photo is looked at anyway.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

import cv2
import numpy as np
import rawpy
from PIL import Image

from appliance.errors import Parked, Unreadable
from appliance.vision import by_pillow, jpeg
from appliance.vision.limits import Limits
from appliance.vision.picture import PREVIEW, Picture
from appliance.vision.untrusted import Blank, Untrusted, as_file

DNG_VERSION, PHOTOMETRIC, SUB_PAGES = 50706, 262, 330
MOSAICS = (32803, 34892)
TURNED = {3: 3, 5: 8, 6: 6}
"""LibRaw's flip, and the EXIF orientation that means the same."""


def read(untrusted: Untrusted, limits: Limits, blank: Blank) -> Picture:
    """Decode a camera RAW."""
    try:
        with rawpy.RawPy() as untrusted_raw:  # not `imread`, which loads a module first: here no file can be opened
            untrusted_raw.open_buffer(as_file(untrusted))
            return _decoded(untrusted_raw, limits, blank)
    except rawpy.LibRawError as error:
        raise Parked("raw_not_read", "this camera's RAW is not read: set the camera to RAW+JPEG") from error


def read_tiff(untrusted: Untrusted, limits: Limits, blank: Blank) -> Picture:
    """Decode what begins as a TIFF, as many cameras' RAWs do."""
    likely = _likely_raw(untrusted)
    if likely:
        try:
            return read(untrusted, limits, blank)
        except Parked:
            if likely == _SURELY:
                raise
    return by_pillow.read(untrusted, limits, blank)


_MAYBE, _SURELY = 1, 2


def _likely_raw(untrusted: Untrusted) -> int:
    """0 for a plain TIFF. Maybe: it has pages within pages, or is of a kind that Pillow does not know."""
    try:
        tags = getattr(by_pillow.opened(untrusted), "tag_v2", {})
    except Unreadable as error:
        if error.code != "damaged":
            raise
        return _MAYBE
    if DNG_VERSION in tags or tags.get(PHOTOMETRIC) in MOSAICS:
        return _SURELY
    return _MAYBE if SUB_PAGES in tags else 0


def _decoded(untrusted_raw: rawpy.RawPy, limits: Limits, blank: Blank) -> Picture:
    sizes = untrusted_raw.sizes
    limits.check_pixels(sizes.raw_width, sizes.raw_height, limits.raw_pixels)
    limits.check_pixels(sizes.width, sizes.height, limits.raw_pixels)
    preview = _preview(untrusted_raw)
    if preview is not None and 2 * max(_size(preview)) >= max(sizes.width, sizes.height):
        with suppress(Unreadable):
            seen = jpeg.read(preview, limits, blank, turned=TURNED.get(sizes.flip, 1))
            return replace(seen, remarks=(PREVIEW,))
    return _developed(untrusted_raw, limits, blank)


def _preview(untrusted_raw: rawpy.RawPy) -> bytes | None:
    """The largest JPEG in it."""
    with suppress(rawpy.LibRawError):
        thumb = untrusted_raw.extract_thumb()
        if thumb.format == rawpy.ThumbFormat.JPEG and isinstance(thumb.data, bytes):
            return thumb.data
    return None


def _size(preview: bytes) -> tuple[int, int]:
    try:
        return Image.open(as_file(preview), formats=("JPEG", "MPO")).size
    except (OSError, ValueError):
        return 0, 0


def _developed(untrusted_raw: rawpy.RawPy, limits: Limits, blank: Blank) -> Picture:
    """The mosaic with the white balance that the camera noted, at half size from the start where it is large."""
    sizes = untrusted_raw.sizes
    half = limits.shrink(sizes.width, sizes.height) > 1
    rgb = untrusted_raw.postprocess(use_camera_wb=True, half_size=half, output_bps=8)
    height, width = rgb.shape[0] * (2 if half else 1), rgb.shape[1] * (2 if half else 1)
    factor = limits.shrink(width, height)
    pixels = blank(-(-height // factor), -(-width // factor))
    if pixels.shape != rgb.shape:
        rgb = cv2.resize(rgb, pixels.shape[1::-1], interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)
    pixels[:] = rgb[:, :, ::-1]
    return Picture(pixels, width, height)
