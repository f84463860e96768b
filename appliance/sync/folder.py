"""A folder as target: of this box, or a mounted disk or share. Written durably, and never through a link."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from appliance.domain.far_end import Trouble
from appliance.sync.target import PARTIAL, PLAIN, PROBE, PROBE_BYTES, FarEndError, components


class FolderTarget:
    """A folder that is there already. Symbolic links in it are never followed."""

    def __init__(self, name: str, root: Path) -> None:
        self._name, self._root = name, root

    @property
    def name(self) -> str:
        """As in the orders that are meant for it."""
        return self._name

    def put(self, path: str, data: bytes) -> None:
        """Make this file whole, durably. Raises OSError where the disk fails."""
        *folders, file = components(path)
        with self._folder(folders, make=True) as folder:
            half = f"{PARTIAL}{file}"
            _unlink(half, folder)
            _write(half, folder, data)
            os.rename(half, file, src_dir_fd=folder, dst_dir_fd=folder)
            os.fsync(folder)

    def read(self, path: str) -> bytes | None:
        """Return the file's bytes as the disk gives them back, or None if there is no such (regular) file."""
        *folders, file = components(path)
        try:
            with self._folder(folders, make=False) as folder:
                return _read(file, folder)
        except (FileNotFoundError, NotADirectoryError):
            return None

    def holds(self, path: str, data: bytes) -> bool:
        """Whether the disk gives these bytes back."""
        return self.read(path) == data

    def remove(self, path: str) -> None:
        """Remove the file, what was left half written of it, and folders that are empty then."""
        *folders, file = components(path)
        with suppress(FileNotFoundError), self._folder(folders, make=False) as folder:
            _unlink(f"{PARTIAL}{file}", folder)
            _unlink(file, folder)
            os.fsync(folder)
        for depth in range(len(folders), 0, -1):
            with suppress(OSError), self._folder(folders[: depth - 1], make=False) as parent:
                os.rmdir(folders[depth - 1], dir_fd=parent)

    def paths(self) -> list[str]:
        """Return the path of every regular file with a plain name, sorted; what is behind a link is not here."""
        return sorted(p for p in self.stamps() if all(map(PLAIN.fullmatch, p.split("/"))))

    def stamps(self) -> dict[str, str]:
        """Return every regular file, hidden ones too, with its size, times and place on the disk."""
        with self._folder([], make=False) as top:
            return dict(_every(top, ""))

    def sweep(self, partial: str) -> None:
        """Remove a half-written file."""
        *folders, file = partial.split("/")
        with self._folder(folders, make=False) as folder:
            _unlink(file, folder)

    def probe(self) -> None:
        """Write, read back and remove a small file. Raises OSError where the disk fails."""
        with self._folder([], make=False) as top:
            half = f"{PARTIAL}{PROBE}"
            _unlink(half, top)
            _write(half, top, PROBE_BYTES)
            same = _read(half, top) == PROBE_BYTES
            _unlink(half, top)
            if not same or _read(half, top) is not None:
                raise FarEndError(Trouble.FAILED)

    @contextmanager
    def _folder(self, folders: list[str], *, make: bool) -> Iterator[int]:
        """Go down one folder after the other, so that none of them can be a link; gives its descriptor."""
        here = self._top()
        try:
            for name in folders:
                below = _enter(name, here, make=make)
                os.close(here)
                here = below
            yield here
        finally:
            os.close(here)

    def _top(self) -> int:
        try:
            return os.open(self._root, os.O_RDONLY | os.O_DIRECTORY)
        except (FileNotFoundError, NotADirectoryError) as error:
            raise FarEndError(Trouble.MISSING) from error


def _enter(name: str, here: int, *, make: bool) -> int:
    if make:
        with suppress(FileExistsError):
            os.mkdir(name, 0o775, dir_fd=here)
            os.fsync(here)
    return os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=here)


def _write(name: str, folder: int, data: bytes) -> None:
    fd = os.open(name, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_NOFOLLOW, 0o664, dir_fd=folder)
    with os.fdopen(fd, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(fd)
        os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)


def _read(name: str, folder: int) -> bytes | None:
    try:
        fd = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
    except OSError as error:
        if isinstance(error, FileNotFoundError) or _is_link(name, folder):
            return None
        raise
    with os.fdopen(fd, "rb") as file:
        return file.read() if stat.S_ISREG(os.fstat(fd).st_mode) else None


def _is_link(name: str, folder: int) -> bool:
    return stat.S_ISLNK(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode)


def _unlink(name: str, folder: int) -> None:
    with suppress(FileNotFoundError):
        os.unlink(name, dir_fd=folder)


def _every(folder: int, above: str) -> Iterator[tuple[str, str]]:
    with os.scandir(folder) as found:
        entries = sorted(found, key=lambda e: e.name)
    for entry in entries:
        if entry.is_file(follow_symlinks=False):
            s = entry.stat(follow_symlinks=False)
            yield f"{above}{entry.name}", f"{s.st_size} {s.st_mtime_ns} {s.st_ctime_ns} {s.st_ino}"
        elif entry.is_dir(follow_symlinks=False):
            try:
                below = _enter(entry.name, folder, make=False)
            except PermissionError:
                continue
            try:
                yield from _every(below, f"{above}{entry.name}/")
            finally:
                os.close(below)
