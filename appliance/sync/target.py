"""What the sender needs of a place to send to, whatever engine reaches it."""

from __future__ import annotations

import re
from typing import Protocol

from appliance.domain.far_end import Trouble, sentence
from appliance.errors import Damaged

PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
"""One component of a path at a target: no hidden, empty, absolute or upward ones, nothing that needs quoting."""
PARTIAL = ".partial-"
"""What the name of a file begins with until all of it is there; such files are this box's own to sweep away."""


class FarEndError(OSError):
    """The far end does not do what it is asked; `trouble` says in which way."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(sentence(trouble))
        self.trouble = trouble


class Target(Protocol):
    """A place to send to. Paths are relative, of plain components joined by `/`. Every method may raise OSError."""

    @property
    def name(self) -> str:
        """As in the orders that are meant for it."""

    def put(self, path: str, data: bytes) -> None:
        """Make this file whole, in place of any other; a reader never sees half of it."""

    def read(self, path: str) -> bytes | None:
        """Return what the far end has under this path, asked of the far end itself; None if it has no such file."""

    def holds(self, path: str, data: bytes) -> bool:
        """Whether the far end has exactly these bytes there: by its own hash of them, or by reading them back."""

    def remove(self, path: str) -> None:
        """Make sure that there is no such file, nor a half-sent one."""

    def stamps(self) -> dict[str, str]:
        """Return every file, of any name, with a text that changes when the file does. Half-sent ones are included."""

    def sweep(self, partial: str) -> None:
        """Remove a half-sent file that `stamps` listed."""

    def probe(self) -> None:
        """Write a small half-sent file, read it back, remove it, and see that it is gone. Leaves nothing."""


def components(path: str) -> list[str]:
    """Take a path apart. Raises Damaged if any part of it is not plain."""
    parts = path.split("/")
    if not all(PLAIN.fullmatch(part) for part in parts):
        raise Damaged("path_not_plain", f"{path!r} is not a path that may be written at a target")
    return parts


def is_partial(path: str) -> bool:
    """Whether this is a file of this box's own that was broken off while it was sent."""
    *folders, file = path.split("/")
    return (
        file.startswith(PARTIAL)
        and bool(PLAIN.fullmatch(file.removeprefix(PARTIAL)))
        and all(map(PLAIN.fullmatch, folders))
    )


PROBE = "probe.txt"
PROBE_BYTES = b"This file shows that the box can write here. It may be removed.\n"
