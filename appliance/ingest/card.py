"""A card, or any folder: yields its files and their bytes. Follows no link, opens nothing but regular files."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from appliance.errors import Refusal

CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class CardFile:
    """One entry of a card. name: relative to the card, printable whatever bytes it has; size in bytes.

    is_lost: the card would not say what it is, or what is in it.
    """

    path: Path
    name: str
    size: int
    is_regular: bool
    is_lost: bool = False

    @property
    def suffix(self) -> str:
        """Lower-case suffix with its dot."""
        return self.path.suffix.lower()


def files(root: Path, limit: int) -> Iterator[CardFile]:
    """Every file below `root` in the order of their names; links and devices are yielded as not regular.

    Raises Refusal if there are more than `limit`.
    """
    count, lost = 0, list[str]()
    for folder, folders, names in os.walk(root, followlinks=False, onerror=lambda e: lost.append(str(e.filename))):
        folders.sort()
        for name in sorted([*names, *(f for f in folders if (Path(folder) / f).is_symlink())]):
            count += 1
            if count > limit:
                raise Refusal(
                    "too_many_files", f"there are more than {limit} files; take the folders in one at a time."
                )
            yield _entry(root, Path(folder) / name)
    yield from (CardFile(Path(path), _name(root, Path(path)), 0, is_regular=False, is_lost=True) for path in lost)


def chunks(card_file: CardFile) -> Iterator[bytes]:
    """The bytes of a regular file. Raises OSError if the card will not give them, or if it has become a link."""
    fd = os.open(card_file.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_SEQUENTIAL)
        while chunk := os.read(fd, CHUNK):
            yield chunk
    finally:
        os.close(fd)


def _entry(root: Path, path: Path) -> CardFile:
    try:
        status = path.lstat()
    except OSError:
        return CardFile(path, _name(root, path), 0, is_regular=False, is_lost=True)
    return CardFile(path, _name(root, path), status.st_size, stat.S_ISREG(status.st_mode))


def _name(root: Path, path: Path) -> str:
    return str(path.relative_to(root)).encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
