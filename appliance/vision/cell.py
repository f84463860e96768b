"""The decoder's process: waits for requests, and gives each picture to a child that has seen no other.

Started by `decoder.py` with one socket and nothing else: no files of the box, no keys, no environment. What decodes is
a fork of it that holds only the picture's bytes, the canvas and a pipe for one reply; it ends with its picture. So a
picture that takes over its decoder can spoil its own pixels, and those of no other.
"""

from __future__ import annotations

import gc
import io
import mmap
import os
import signal
import socket
import sys
from contextlib import suppress
from typing import NoReturn

import numpy as np
from PIL import Image

from appliance.errors import Parked, Unreadable
from appliance.vision import sandbox
from appliance.vision.decode import decode
from appliance.vision.limits import CANVAS_BYTES, Allowance
from appliance.vision.picture import Pixels
from appliance.vision.wire import CODE, HELLO, LIMITS, REASONS, REPLY, REQUEST, Purpose, Reply

DIED, TOO_LONG, TOO_LARGE = (Reply(REASONS[CODE[c] - 1]) for c in ("decoder_died", "took_too_long", "too_large"))
_POPULATE_WRITE = 23
_STRAY_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def main() -> None:
    """Serve on standard input, a socket, until the other end is closed."""
    for stray in _STRAY_SIGNALS:  # a box that is switched off ends its workers; their pictures are not to blame
        signal.signal(stray, signal.SIG_IGN)
    door = socket.socket(fileno=os.dup(0))
    Cell(door, Allowance(*map(int, sys.argv[1:]))).serve()


class Cell:
    """One waiting process."""

    def __init__(self, door: socket.socket, allowance: Allowance) -> None:
        self._door, self._allowance = door, allowance
        _warm_up()
        sandbox.first_to_go()
        gc.collect()
        gc.freeze()
        self._base = sandbox.mapped_bytes()
        lists = sandbox.filters()
        for standard in (0, 1, 2):
            os.dup2(os.open(os.devnull, os.O_RDWR), standard)
        os.closerange(self._door.fileno() + 1, 1024)
        landlock = sandbox.shut_files()
        self._inner = lists[1] if lists else None
        if lists:
            lists[0].put_on()
        self._door.send(HELLO.pack(landlock, bool(lists)))

    def serve(self) -> None:
        """Requests one after another."""
        while True:
            request, files, _, _ = socket.recv_fds(self._door, REQUEST.size + 1, 2)
            if not request:
                return
            reply = self._in_a_child(request, files)
            for file in files:
                os.close(file)
            self._door.send(reply)

    def _in_a_child(self, request: bytes, files: list[int]) -> bytes:
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            self._decode_and_go(request, files, writing)
        os.close(writing)
        status = os.waitpid(child, 0)[1]
        said = os.read(reading, REPLY.size + 1)
        os.close(reading)
        if status == 0 and len(said) == REPLY.size:
            return said
        too_long = os.WIFSIGNALED(status) and os.WTERMSIG(status) in (signal.SIGXCPU, signal.SIGALRM)
        return (TOO_LONG if too_long else DIED).packed()

    def _decode_and_go(self, request: bytes, files: list[int], writing: int) -> NoReturn:
        """In the child: let go of everything, decode, say what came of it, and end."""
        try:
            sandbox.die_with_parent(signal.SIGKILL)
            self._door.close()
            signal.setitimer(signal.ITIMER_REAL, self._allowance.wall_s)
            purpose, size, used = REQUEST.unpack(request)
            canvas = mmap.mmap(files[1], CANVAS_BYTES)
            _wipe(canvas, used)
            picture = mmap.mmap(files[0], size, prot=mmap.PROT_READ) if size else b""
            most = self._base + size + CANVAS_BYTES + self._allowance.memory_bytes
            sandbox.limit(address_space=most, cpu_s=self._allowance.cpu_s)
            if self._inner:
                self._inner.put_on()
            os.write(writing, _decoded(picture, canvas, Purpose(purpose)).packed())
            os._exit(0)
        finally:
            os._exit(1)


def _decoded(untrusted: bytes | mmap.mmap, canvas: mmap.mmap, purpose: Purpose) -> Reply:
    def blank(height: int, width: int) -> Pixels:
        return np.frombuffer(canvas, np.uint8, height * width * 3).reshape(height, width, 3)

    try:
        seen = decode(untrusted, LIMITS[purpose], blank)
    except (Parked, Unreadable) as reason:
        return Reply(REASONS[CODE[reason.code] - 1])
    except MemoryError:
        return TOO_LARGE
    down, across = seen.pixels.shape[:2]
    return Reply(None, seen.remarks, seen.width, seen.height, across, down, seen.taken_on)


def _wipe(canvas: mmap.mmap, used: int) -> None:
    """Make the canvas black as far as it was drawn on."""
    if not used:
        return
    with suppress(OSError):  # a kernel before 5.14 makes the pages known one by one, which takes twice as long
        canvas.madvise(_POPULATE_WRITE, 0, used)
    np.frombuffer(canvas, np.uint8, used).fill(0)


def _warm_up() -> None:
    """Load now whatever decoders load when they are first used: afterwards no file can be opened."""
    for kind in ("JPEG", "PNG", "WEBP", "TIFF", "AVIF", "GIF", "BMP"):
        out = io.BytesIO()
        Image.new("RGB", (16, 16), (200, 100, 50)).save(out, kind)
        decode(out.getvalue())
    out = io.BytesIO()
    Image.new("CMYK", (16, 16)).save(out, "JPEG")
    decode(out.getvalue())
    Image.new("LAB", (2, 2)).convert("RGB")


if __name__ == "__main__":
    main()
