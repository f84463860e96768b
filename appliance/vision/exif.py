"""What a camera wrote beside its picture, as far as it is asked for. Runs where strangers' bytes are decoded only."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from datetime import date
from typing import Any

from PIL import Image, TiffImagePlugin  # noqa: F401  where this runs nothing can be imported later

ORIENTATION, EXIF, TAKEN = 0x0112, 0x8769, 0x9003
"""Orientation, the directory of the camera's own tags, and DateTimeOriginal in it. Source: EXIF 2.32, CIPA DC-008."""
BROKEN = (
    ArithmeticError, AttributeError, EOFError, LookupError, OSError, RuntimeError, SyntaxError, TypeError, ValueError,
    struct.error,
)  # fmt: skip
"""How Pillow fails on broken EXIF, which is common and says nothing about the pixels."""


def orientation_of(image: Image.Image, otherwise: int = 1) -> int:
    """The orientation that the file states, 1 to 8; `otherwise` where it states none."""
    value = _tags(image).get(ORIENTATION, otherwise)
    return value if value in range(1, 9) else otherwise


def taken_on(image: Image.Image) -> date | None:
    """The day that the camera wrote into the file; None where there is none that can be read."""
    try:
        year, month, day = (int(part) for part in str(_tags(image, EXIF).get(TAKEN))[:10].split(":"))
        return date(year, month, day)
    except ValueError:
        return None


def _tags(image: Image.Image, directory: int | None = None) -> Mapping[int, Any]:
    """The tags of one directory; none where they cannot be read."""
    try:
        tags = image.getexif()
        return tags if directory is None else tags.get_ifd(directory)
    except BROKEN:
        return {}
