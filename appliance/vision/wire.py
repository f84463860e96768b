"""What passes between a worker and its decoder: small enough to check by eye, and checked at both ends.

A request is one message with two open files beside it: the bytes of a picture to read, and a canvas of CANVAS_BYTES
to draw on. A reply is one message: a code, remarks, four sizes, and a day. Pixels are never sent; they lie on the
canvas, rows of BGR from its beginning. Numbers are little-endian.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from datetime import date
from enum import IntEnum

from appliance.errors import Parked, Unreadable
from appliance.vision.limits import CANVAS_BYTES, Limits
from appliance.vision.picture import REMARKS

HELLO = struct.Struct("<BB")
"""Said once, when the decoder is ready: version of Landlock (0: none), and 1 for system calls filtered."""
REQUEST = struct.Struct("<BQQ")
"""Purpose, how many bytes the picture has, and how many of the canvas are to be wiped first: another was on it."""
REPLY = struct.Struct("<BBIIIII")
"""Code, remarks as bits, width and height of the upright original, width and height of the pixels on the canvas, and
the day on which it was taken, as the proleptic Gregorian ordinal (0: unknown)."""


class Purpose(IntEnum):
    """What a picture is read for; each has its limits."""

    PHOTO = 0
    PORTRAIT = 1


LIMITS = {
    Purpose.PHOTO: Limits(),
    Purpose.PORTRAIT: Limits(bytes=30_000_000, jpeg_pixels=60_000_000, raw_pixels=60_000_000),
}

REASONS = (
    Unreadable("decoder_died", "reading this file ended its reader, twice: it is damaged, or made to do harm"),
    Unreadable("took_too_long", "reading this file took far longer than any photo takes"),
    Unreadable("too_large", "the picture needs more memory than a photo may have"),
    Unreadable("empty", "the file is empty"),
    Unreadable("damaged", "the picture is damaged and cannot be read"),
    Unreadable("truncated", "the picture ends too early; copy it from the card again"),
    Unreadable("too_many_pixels", "the picture claims more pixels than any camera makes"),
    Unreadable("jpeg_12_bit", "JPEG of more than 8 bits is not read: export it as a plain JPEG"),
    Unreadable("jpeg_arithmetic", "JPEG with arithmetic coding is not read: export it as a plain JPEG"),
    Unreadable("jpeg_lossless", "lossless JPEG is not read: export it as a plain JPEG"),
    Parked("video", "videos are not processed"),
    Parked("format_not_read", "pictures of this kind are not read: export it as JPEG"),
    Parked("raw_not_read", "this camera's RAW is not read: set the camera to RAW+JPEG"),
    Parked("not_a_photo", "this is not a photo"),
)
"""Code 0 says that there are pixels; code n is the n-th of these. Only ever appended to within one version."""
CODE = {reason.code: number for number, reason in enumerate(REASONS, start=1)}
READ = 0


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply that makes sense: a reason, or sizes in pixels."""

    reason: Parked | Unreadable | None
    remarks: tuple[str, ...] = ()
    width: int = 0
    height: int = 0
    across: int = 0
    down: int = 0
    taken_on: date | None = None

    def packed(self) -> bytes:
        """As it is sent."""
        bits = sum(1 << REMARKS.index(r) for r in self.remarks)
        code = CODE[self.reason.code] if self.reason else READ
        day = self.taken_on.toordinal() if self.taken_on else 0
        return REPLY.pack(code, bits, self.width, self.height, self.across, self.down, day)


def unpacked(untrusted: bytes, limits: Limits) -> Reply:
    """Read a reply. Raises ValueError if anything in it is not as an honest decoder would say it."""
    if len(untrusted) != REPLY.size:
        raise ValueError("a reply of the wrong length")
    code, bits, width, height, across, down, day = REPLY.unpack(untrusted)
    if code > len(REASONS):
        raise ValueError("a reply with an unknown code")
    if code != READ:
        return Reply(REASONS[code - 1])
    most = max(limits.jpeg_pixels, limits.raw_pixels, limits.other_pixels)
    if not (0 < width <= limits.side_px and 0 < height <= limits.side_px and width * height <= most):
        raise ValueError("a reply with a size that no photo has")
    factor = limits.shrink(width, height)
    if (across, down) != (-(-width // factor), -(-height // factor)) or across * down * 3 > CANVAS_BYTES:
        raise ValueError("a reply whose pixels do not fit its size")
    if bits >> len(REMARKS):
        raise ValueError("a reply with an unknown remark")
    if day > date.max.toordinal():
        raise ValueError("a reply with a day that no calendar has")
    remarks, taken_on = tuple(r for i, r in enumerate(REMARKS) if bits >> i & 1), date.fromordinal(day) if day else None
    return Reply(None, remarks, width, height, across, down, taken_on)
