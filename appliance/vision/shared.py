"""Memory shared with the decoder: a file going there, a canvas coming back. Both are kept for the next picture.

18 MB of new shared pages take 15 ms here; wiping old ones takes 6, most of it to make them known to another process.
"""

from __future__ import annotations

import fcntl
import mmap
import os
import weakref

import numpy as np

from appliance.vision.limits import CANVAS_BYTES
from appliance.vision.picture import Pixels

KEPT_BYTES = 64_000_000
"""What a file going there may leave allocated for the next one."""


class Letter:
    """The file that is to be read."""

    def __init__(self) -> None:
        self._fd = os.memfd_create("picture", os.MFD_CLOEXEC)
        weakref.finalize(self, os.close, self._fd)

    def holding(self, data: bytes) -> int:
        """The descriptor of a file with exactly these bytes."""
        os.ftruncate(self._fd, min(len(data), KEPT_BYTES))
        view, at = memoryview(data), 0
        while at < len(data):
            at += os.pwrite(self._fd, view[at:], at)
        return self._fd


class Canvas:
    """Room for one decoded picture at a time. Nobody's pixels change while anybody still holds them.

    Its size is fixed for good. Only a child of the decoder can write on it, and it is gone when its reply is read.
    """

    def __init__(self) -> None:
        self._held, self.used = [-1], 0
        self._shown: mmap.mmap | None = None
        weakref.finalize(self, _close, self._held)

    def clean(self) -> int:
        """The descriptor of a canvas that nobody looks at; a new one if somebody still looks at the last picture."""
        if self._shown is not None:
            try:
                self._shown.close()
            except BufferError:
                _close(self._held)
            self._shown = None
        if self._held[0] >= 0 and os.fstat(self._held[0]).st_blocks * 512 > self.used + mmap.PAGESIZE:
            _close(self._held)  # more was drawn than was said, by a decoder that died or lied
        if self._held[0] < 0:
            self._held[0], self.used = os.memfd_create("canvas", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING), 0
            os.ftruncate(self._held[0], CANVAS_BYTES)
            fcntl.fcntl(self._held[0], fcntl.F_ADD_SEALS, fcntl.F_SEAL_GROW | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_SEAL)
        return self._held[0]

    def pixels(self, height: int, width: int) -> Pixels:
        """What was drawn: uint8 [height, width, 3]. Whatever is done to these pixels is not done to the canvas."""
        size = height * width * 3
        self.used = max(self.used, size)
        self._shown = mmap.mmap(self._held[0], size, flags=mmap.MAP_PRIVATE)
        return np.frombuffer(self._shown, np.uint8).reshape(height, width, 3)


def _close(held: list[int]) -> None:
    if held[0] >= 0:
        os.close(held[0])
    held[0] = -1
