"""JPEG: by libjpeg-turbo where it reads the file without a complaint; unusual files by Pillow."""

from __future__ import annotations

import simplejpeg
from PIL import Image

from appliance.errors import Unreadable
from appliance.vision import by_pillow
from appliance.vision.colour import convert_bgr, profile_of
from appliance.vision.exif import orientation_of, taken_on
from appliance.vision.limits import Limits
from appliance.vision.picture import Picture, Pixels
from appliance.vision.turn import is_turned, turn, upright_size
from appliance.vision.untrusted import Blank, Untrusted, as_file

PLAIN = (0xC0, 0xC1, 0xC2)
LOSSLESS = (0xC3, 0xC7, 0xCB, 0xCF)
ARITHMETIC = (0xC9, 0xCA, 0xCD, 0xCE)
NO_FRAME = (0xC4, 0xC8, 0xCC)
"""Markers that lie among those of frames and are none: Huffman tables, reserved, arithmetic conditioning."""


def read(untrusted: Untrusted, limits: Limits, blank: Blank, turned: int | None = None) -> Picture:
    """Decode a JPEG. turned: its orientation where the file itself says nothing about it (a RAW's preview)."""
    _check_frame(untrusted)
    header = Image.open(as_file(untrusted), formats=("JPEG", "MPO"))
    width, height = header.size
    limits.check_pixels(width, height, limits.jpeg_pixels)
    factor = limits.shrink(width, height)
    orientation = orientation_of(header, otherwise=turned or 1)
    across, down = -(-width // factor), -(-height // factor)
    pixels = None
    if _is_plain(untrusted):
        target = None if is_turned(orientation) else blank(down, across)
        pixels = _by_turbo(untrusted, down, across, factor, target)
    if pixels is None:
        return by_pillow.flatten(header, limits, blank, orientation)
    convert_bgr(pixels, profile_of(header), grey=header.mode == "L")
    size = upright_size(width, height, orientation)
    return Picture(turn(pixels, orientation, blank), *size, taken_on=taken_on(header))


def _is_plain(untrusted: Untrusted) -> bool:
    try:
        return simplejpeg.decode_jpeg_header(untrusted)[2] in ("YCbCr", "Gray", "RGB")
    except ValueError:
        return False


def _by_turbo(untrusted: Untrusted, height: int, width: int, factor: int, target: Pixels | None) -> Pixels | None:
    """The picture at 1/factor of its size, in `target` if there is one; None where anything is out of the ordinary."""
    try:
        pixels: Pixels = simplejpeg.decode_jpeg(
            untrusted, "BGR", min_height=height, min_width=width, min_factor=factor, strict=True,
            buffer=None if target is None else target.reshape(-1),
        )  # fmt: skip
    except ValueError as error:
        if "Premature end" in str(error):
            raise Unreadable("truncated", "the JPEG ends too early; copy it from the card again") from error
        return None
    return pixels


def _check_frame(untrusted: Untrusted) -> None:
    """Raise Unreadable for the kinds of JPEG that no camera writes and few programs read."""
    marker, bits = _frame(untrusted)
    if marker in LOSSLESS:
        raise Unreadable("jpeg_lossless", "lossless JPEG is not read: export it as a plain JPEG")
    if marker in ARITHMETIC:
        raise Unreadable("jpeg_arithmetic", "JPEG with arithmetic coding is not read: export it as a plain JPEG")
    if marker not in PLAIN:
        raise Unreadable("damaged", "the JPEG says nothing about its picture")
    if bits != 8:
        raise Unreadable("jpeg_12_bit", "JPEG of more than 8 bits is not read: export it as a plain JPEG")


def _frame(untrusted: Untrusted) -> tuple[int, int]:
    """The marker of the first frame, and its bits a sample; zeros where none is found before the first scan."""
    at = 2
    while at + 5 <= len(untrusted):
        at = untrusted.find(b"\xff", at)
        if at < 0 or at + 5 > len(untrusted):
            break
        marker = untrusted[at + 1]
        if marker == 0xDA:
            break
        if 0xC0 <= marker <= 0xCF and marker not in NO_FRAME:
            return marker, untrusted[at + 4]
        if marker in (0x00, 0x01, 0xFF) or 0xD0 <= marker <= 0xD8:
            at += 1
        else:
            at += 2 + int.from_bytes(untrusted[at + 2 : at + 4], "big")
    return 0, 0
