"""Reads the day on which a picture was taken. Runs where strangers' bytes are decoded, and nowhere else."""

from __future__ import annotations

import io
import mmap
import warnings
from datetime import date

from PIL import Image, TiffImagePlugin  # noqa: F401  where this runs nothing can be imported later

TAKEN, EXIF = 0x9003, 0x8769
"""DateTimeOriginal and the directory that it stands in. Source: EXIF 2.32, CIPA DC-008."""


def taken_on(untrusted: bytes | mmap.mmap) -> date | None:
    """The day that the camera wrote into the file; None where there is none that can be read."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            image = Image.open(io.BytesIO(untrusted[:]), formats=("JPEG", "MPO", "PNG", "WEBP", "TIFF"))
            said = image.getexif().get_ifd(EXIF).get(TAKEN)
        year, month, day = (int(part) for part in str(said)[:10].split(":"))
        return date(year, month, day)
    except Exception:  # noqa: BLE001  readers fail on hostile bytes in ways of their own; each means: no day
        return None
