"""What a picture may cost. Checked by the decoder, and again by whoever asked it."""

from __future__ import annotations

from dataclasses import dataclass

from appliance.errors import Unreadable


@dataclass(frozen=True, slots=True)
class Limits:
    """half_from_px: what has a longer side is decoded at half its size, or a quarter, or an eighth."""

    bytes: int = 400_000_000
    jpeg_pixels: int = 220_000_000
    raw_pixels: int = 120_000_000
    other_pixels: int = 60_000_000
    side_px: int = 40_000
    half_from_px: int = 4400

    def shrink(self, width: int, height: int) -> int:
        """By how much a picture of this size is made smaller: 1, 2, 4 or 8."""
        factor = 1
        while max(width, height) / factor > self.half_from_px and factor < 8:
            factor *= 2
        return factor

    def check_file(self, size: int) -> None:
        """Raise Unreadable if no photo has so many bytes."""
        if size > self.bytes:
            raise Unreadable("too_large", "the file is larger than any photo should be")
        if size == 0:
            raise Unreadable("empty", "the file is empty")

    def check_pixels(self, width: int, height: int, most: int) -> None:
        """Raise Unreadable if a picture claims to be this large."""
        if width * height > most or max(width, height) > self.side_px:
            raise Unreadable("too_many_pixels", "the picture claims more pixels than any camera makes")
        if min(width, height) < 1:
            raise Unreadable("damaged", "the picture has no pixels")


@dataclass(frozen=True, slots=True)
class Allowance:
    """What decoding one picture may take. memory_bytes: besides the file and the canvas; cpu_s, wall_s: in seconds."""

    memory_bytes: int = 800_000_000
    cpu_s: int = 30
    wall_s: int = 60


CANVAS_BYTES = 3 * 4400 * 4400
"""The most that a decoded picture can be: see `half_from_px`; what is longer than 35,200 px is narrow."""
