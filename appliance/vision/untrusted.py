"""The bytes of a file as decoders take them: in memory, or shared with the process that asked. Copies neither."""

from __future__ import annotations

import io
import mmap
from collections.abc import Callable
from typing import BinaryIO, TypeAlias, cast

import numpy as np

from appliance.vision.picture import Pixels

Untrusted: TypeAlias = bytes | mmap.mmap
Blank: TypeAlias = Callable[[int, int], Pixels]
"""Makes an array [height, width, 3] to decode into."""


def as_file(untrusted: Untrusted) -> BinaryIO:
    """To be read from its beginning."""
    if isinstance(untrusted, bytes):
        return io.BytesIO(untrusted)
    untrusted.seek(0)
    return cast("BinaryIO", untrusted)


def blank_in_memory(height: int, width: int) -> Pixels:
    """An array of one's own."""
    return np.empty((height, width, 3), np.uint8)
