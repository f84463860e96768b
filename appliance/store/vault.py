"""Files of one home, named by the hash of their content. Written whole or not at all, and read back to be sure."""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Self

from appliance.errors import Damaged

CHUNK = 1 << 20


class Vault:
    """One folder a kind of file. Nothing in a file name tells whose picture it is."""

    KINDS = ("originals", "derivatives", "proofs", "portraits", "assessments", "watermarks")

    def __init__(self, root: Path) -> None:
        self.root = root
        self._incoming = root / "incoming"

    def create(self) -> None:
        """Make the folders of an empty vault."""
        for kind in (*self.KINDS, "incoming"):
            (self.root / kind).mkdir(parents=True, exist_ok=True, mode=0o770)

    def path(self, kind: str, name: str) -> Path:
        """Where a file of this kind and name is, or would be."""
        return self.root / kind / name[:2] / name

    def has(self, kind: str, name: str) -> bool:
        """Whether it is here."""
        return self.path(kind, name).exists()

    def read(self, kind: str, name: str) -> bytes:
        """The whole file. Raises Damaged if it is missing."""
        try:
            return self.path(kind, name).read_bytes()
        except FileNotFoundError as error:
            raise Damaged("file_missing", f"{kind}/{name} is missing from the vault") from error

    def chunks(self, kind: str, name: str) -> Iterator[bytes]:
        """The file piece by piece. Raises Damaged if it is missing."""
        try:
            with self.path(kind, name).open("rb") as file:
                while chunk := file.read(CHUNK):
                    yield chunk
        except FileNotFoundError as error:
            raise Damaged("file_missing", f"{kind}/{name} is missing from the vault") from error

    def add(self, kind: str, data: bytes, name: str | None = None) -> str:
        """Keep these bytes, under their SHA-256 or under `name`, safe from a power cut; returns the name."""
        return self.add_all([(kind, data, name or hashlib.sha256(data).hexdigest())])[0]

    def add_all(self, files: Sequence[tuple[str, bytes, str]]) -> list[str]:
        """Keep several files (kind, bytes, name) at once; returns the names.

        All are written, then flushed, then named, then their folders flushed: on a journaling file system the first
        flush does most of the work for all, where file by file each would wait for its own.
        """
        new = [f for f in files if not self._is_kept(*f)]
        with ExitStack() as stack:
            incoming = [stack.enter_context(Incoming(self._incoming)) for _ in new]
            for there, (_, data, _) in zip(incoming, new, strict=True):
                there.write(data)
            for there in incoming:
                there.flush()
            paths = [self.path(kind, name) for kind, _, name in new]
            for there, path in zip(incoming, paths, strict=True):
                there.rename(path)
            for folder in {path.parent for path in paths}:
                _fsync_folder(folder)
        return [name for _, _, name in files]

    def _is_kept(self, kind: str, data: bytes, name: str) -> bool:
        return self.has(kind, name) and self.path(kind, name).stat().st_size == len(data)

    def stream(self, chunks: Iterable[bytes]) -> StoredStream:
        """Copy an original in, verify the copy by reading the disk back, and keep it under its hash.

        Raises Damaged if what was read back is not what was written, OSError if the source or the disk fails; in
        either case nothing is kept.
        """
        with Incoming(self._incoming) as incoming:
            for chunk in chunks:
                incoming.write(chunk)
            incoming.verify()
            is_new = not self.has("originals", incoming.sha256)
            if is_new:
                incoming.keep(self.path("originals", incoming.sha256))
            return StoredStream(incoming.sha256, incoming.size, is_new=is_new)

    def remove(self, kind: str, name: str) -> None:
        """Delete a file if it is there."""
        self.path(kind, name).unlink(missing_ok=True)

    def names(self, kind: str) -> Iterator[str]:
        """Every name of this kind."""
        for path in sorted((self.root / kind).glob("??/*")):
            yield path.name

    def sweep(self) -> None:
        """Remove what a power cut left half written. Only for when nothing else is running."""
        for path in self._incoming.glob("*"):
            path.unlink(missing_ok=True)


class StoredStream:
    """What became of a stream: its SHA-256, its length in bytes, and whether the vault had not seen it before."""

    def __init__(self, sha256: str, size: int, *, is_new: bool) -> None:
        self.sha256, self.size, self.is_new = sha256, size, is_new


class Incoming:
    """A file that does not exist until it is kept. Used as a context; what is not kept is removed."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / secrets.token_hex(16)
        self._file = os.open(self._path, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC, 0o660)
        self._hash, self.size = hashlib.sha256(), 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._file)
        self._path.unlink(missing_ok=True)

    @property
    def sha256(self) -> str:
        """Of everything written so far."""
        return self._hash.hexdigest()

    def write(self, data: bytes) -> None:
        """Append, all of it."""
        view = memoryview(data)
        while view:
            view = view[os.write(self._file, view) :]
        self._hash.update(data)
        self.size += len(data)

    def verify(self) -> None:
        """Flush, forget the cached pages, and compare what the disk gives back."""
        os.fsync(self._file)
        os.posix_fadvise(self._file, 0, 0, os.POSIX_FADV_DONTNEED)
        os.lseek(self._file, 0, os.SEEK_SET)
        back = hashlib.sha256()
        while chunk := os.read(self._file, CHUNK):
            back.update(chunk)
        if back.digest() != self._hash.digest():
            raise Damaged(
                "copy_differs", "a copy read back from the disk differs from what was written; check the disk"
            )

    def keep(self, path: Path) -> None:
        """Give it its name, durably: flushed, renamed, folder flushed."""
        self.flush()
        self.rename(path)
        _fsync_folder(path.parent)

    def flush(self) -> None:
        """Wait until the disk has it."""
        os.fsync(self._file)

    def rename(self, path: Path) -> None:
        """Give it its name; durable once its folder is flushed."""
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o770)
        self._path.rename(path)


def _fsync_folder(folder: Path) -> None:
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
