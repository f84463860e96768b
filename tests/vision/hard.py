"""Files that are hard to read, made here: slow ones, large ones, and kinds of JPEG that no camera writes."""

import io

import numpy as np
from PIL import Image


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def noise(width: int, height: int, seed: int = 1) -> Image.Image:
    return Image.fromarray(np.random.default_rng(seed).integers(0, 255, (height, width, 3), np.uint8))


def scan_bomb(side: int, scans: int) -> bytes:
    """A small progressive JPEG that has its last scan again and again: each costs as much time as a picture."""
    whole = saved(Image.new("RGB", (side, side), (90, 90, 90)), "JPEG", progressive=True)
    last = whole.rindex(b"\xff\xda")
    return whole[:-2] + whole[last:-2] * scans + b"\xff\xd9"


def with_frame(marker: int, bits: int = 8) -> bytes:
    """A JPEG whose frame header says that it is of another kind."""
    whole = bytearray(saved(noise(32, 32), "JPEG"))
    at = whole.index(b"\xff\xc0")
    whole[at + 1], whole[at + 4] = marker, bits
    return bytes(whole)
