"""The one door to decoding on the line: strangers' bytes go to a process that can do nothing but turn them into pixels.

This side imports no decoder. It starts the process (`cell.py`), hands it a picture and a canvas in shared memory, waits
no longer than any photo takes, and believes nothing that the reply says until it is checked. Whatever happens over
there costs one photo a reason.
"""

from __future__ import annotations

import os
import select
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from dataclasses import astuple, dataclass
from types import TracebackType
from typing import Self

from appliance import log
from appliance.errors import Damaged, Parked, Unreadable
from appliance.vision.limits import Allowance, Limits
from appliance.vision.picture import Picture
from appliance.vision.shared import Canvas, Letter
from appliance.vision.wire import CODE, HELLO, LIMITS, REASONS, REPLY, REQUEST, Purpose, Reply, unpacked

START_S = 60.0
GRACE_S = 15.0
"""Beyond what the process over there allows itself: past this it is not to be relied on, and replaced."""
ATTEMPTS = 2
_ENVIRONMENT = {"LANG": "C.UTF-8", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


@dataclass(frozen=True, slots=True)
class Walls:
    """What holds the decoder on this machine, besides limits. landlock: its version, 0 for none."""

    landlock: int
    filtered: bool

    def __str__(self) -> str:
        files = f"no files or network (Landlock {self.landlock})" if self.landlock else "NO Landlock in this kernel"
        calls = "system calls filtered" if self.filtered else "NO filter of system calls (libseccomp is missing)"
        return f"{files}, {calls}, memory and time limited"


class Decoder:
    """A decoder of one's own. Started when it is first needed, or ahead of that by `start`; replaced when it fails."""

    def __init__(self, allowance: Allowance | None = None) -> None:
        self._allowance = allowance or Allowance()
        self._process: subprocess.Popen[bytes] | None = None
        self._door: socket.socket | None = None
        self._walls: Walls | None = None
        self._canvas, self._letter = Canvas(), Letter()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def start(self) -> None:
        """Start the process if there is none, without waiting for it."""
        if self._process is not None:
            return
        self._door, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            numbers = map(str, astuple(self._allowance))
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-m", "appliance.vision.cell", *numbers], stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL, cwd="/", env=_ENVIRONMENT, start_new_session=True,
            )  # fmt: skip

    def close(self) -> None:
        """End the process and whatever it started."""
        process, self._process, self._walls = self._process, None, None
        if self._door is not None:
            self._door.close()
            self._door = None
        if process is not None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            process.kill()
            process.wait()

    @property
    def walls(self) -> Walls:
        """What holds the process; waits until it is ready. Raises Damaged if it does not start."""
        self.start()
        if self._walls is None:
            said = self._heard(START_S, HELLO.size)
            if said is None or len(said) != HELLO.size:
                self.close()
                raise Damaged("decoder_missing", "the decoder does not start: install the appliance again")
            landlock, filtered = HELLO.unpack(said)
            self._walls = Walls(landlock, bool(filtered))
        return self._walls

    @property
    def pid(self) -> int:
        """Of the process that waits for requests; 0 if there is none."""
        return self._process.pid if self._process else 0

    def decode(self, untrusted: bytes, purpose: Purpose = Purpose.PHOTO) -> Picture:
        """Decode, over there. The pixels are nobody else's.

        Raises Parked and Unreadable as `decode` does; besides, Unreadable("decoder_died") for what ended its reader
        twice, and Unreadable("took_too_long").
        """
        limits = LIMITS[purpose]
        limits.check_file(len(untrusted))
        for _ in range(ATTEMPTS):
            try:
                return self._decoded(untrusted, purpose, limits)
            except Unreadable as error:
                if error.code != "decoder_died":
                    raise
                log.event("decoder_died")
        raise _reason("decoder_died")

    def _decoded(self, untrusted: bytes, purpose: Purpose, limits: Limits) -> Picture:
        canvas = self._canvas.clean()
        reply = self._asked(untrusted, canvas, purpose, limits)
        if reply.reason is not None:
            raise _reason(reply.reason.code)
        pixels = self._canvas.pixels(reply.down, reply.across)
        return Picture(pixels, reply.width, reply.height, reply.remarks, reply.taken_on)

    def _asked(self, untrusted: bytes, canvas: int, purpose: Purpose, limits: Limits) -> Reply:
        """The checked reply; one that tells of a death where there is none, or none that makes sense."""
        _ = self.walls
        try:
            picture = self._letter.holding(untrusted)
            if self._door is not None:
                request = REQUEST.pack(purpose, len(untrusted), self._canvas.used)
                socket.send_fds(self._door, [request], [picture, canvas])
            said = self._heard(self._allowance.wall_s + GRACE_S, REPLY.size)
        except OSError:
            said = b""
        if said is None:
            self.close()
            return Reply(_reason("took_too_long"))
        try:
            return unpacked(said, limits)
        except ValueError:
            self.close()
            return Reply(_reason("decoder_died"))

    def _heard(self, seconds: float, size: int) -> bytes | None:
        """One message, b"" if the process has gone, None if it said nothing for so long."""
        if self._door is None:
            return b""
        waiting = select.poll()
        waiting.register(self._door, select.POLLIN)
        if not waiting.poll(seconds * 1000):
            return None
        try:
            return self._door.recv(size + 1)
        except OSError:
            return b""


def _reason(code: str) -> Parked | Unreadable:
    """A new exception of the kind that belongs to this code."""
    known = REASONS[CODE[code] - 1]
    return type(known)(known.code, str(known))
