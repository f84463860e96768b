"""Strangers' bytes in, upright pixels out, within limits. Everything read here is untrusted until it is pixels.

On the line this runs in a process of its own that can do nothing else: see `decoder.py`, which is how to get there.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable

from appliance.errors import Parked, Unreadable
from appliance.vision import by_pillow, jpeg, raw
from appliance.vision.kind import HEAD, kind_of
from appliance.vision.limits import Limits
from appliance.vision.picture import Picture
from appliance.vision.untrusted import Blank, Untrusted, blank_in_memory

__all__ = ["Limits", "Picture", "decode", "kind_of"]

Reader = Callable[[Untrusted, Limits, Blank], Picture]


def decode(untrusted: Untrusted, limits: Limits | None = None, blank: Blank = blank_in_memory) -> Picture:
    """Decode to upright sRGB pixels, a large picture at half (or a quarter, an eighth) of its size.

    blank: makes the array that the pixels end in, of a height and width. Raises Parked for what is sound but not
    processed, Unreadable for what cannot or must not be read.
    """
    limits = limits or Limits()
    limits.check_file(len(untrusted))
    kind = kind_of(bytes(untrusted[:HEAD]))
    if kind in _NOT_READ:
        raise _NOT_READ[kind]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return _reader(kind)(untrusted, limits, blank)
    except (Parked, Unreadable):
        raise
    except MemoryError as error:
        raise Unreadable("too_large", "the picture needs more memory than a photo may have") from error
    except Exception as error:  # decoders fail on hostile bytes in ways of their own; each of them means the same
        if "truncated" in str(error):
            raise Unreadable("truncated", "the picture ends too early; copy it from the card again") from error
        raise Unreadable("damaged", "the picture is damaged and cannot be read") from error


_NOT_READ = {
    "video": Parked("video", "videos are not processed"),
    "graphic": Parked("format_not_read", "pictures of this kind are not read: export it as JPEG"),
    "jpeg_ls": Unreadable("jpeg_lossless", "lossless JPEG is not read: export it as a plain JPEG"),
    "other": Parked("not_a_photo", "this is not a photo"),
}


def _reader(kind: str) -> Reader:
    return {"jpeg": jpeg.read, "raw": raw.read, "tiff": raw.read_tiff}.get(kind, by_pillow.read)
