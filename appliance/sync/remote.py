"""The one door to the engine: whatever rclone reaches, as a target. Our code plans; rclone moves.

A file is sent under a hidden name, checked there, and then renamed; where the far end cannot rename, its writes are
whole or not at all (an S3 put), and it is checked after.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from appliance.domain.far_end import Trouble
from appliance.sync.engine import Engine, NotThere, engine
from appliance.sync.folder import FolderTarget
from appliance.sync.target import PARTIAL, PROBE, PROBE_BYTES, FarEndError, Target, components

__all__ = ["FolderTarget", "RemoteTarget", "Target", "opened"]

HASHES = ("sha256", "sha1", "md5")
"""What the far end may be asked for instead of the file itself, best first."""


class RemoteTarget:
    """A folder at a remote of rclone's: `fs` is the remote's name, a colon, and the folder there."""

    def __init__(self, name: str, fs: str, running: Engine) -> None:
        self._name, self._fs, self._engine = name, fs, running
        can: dict[str, Any] = running.call("operations/fsinfo", fs=fs)
        self._renames = bool(can["Features"]["Move"])
        self._has_folders = not can["Features"]["BucketBased"]
        self._hash = next((h for h in HASHES if h in (can["Hashes"] or ())), None)

    @property
    def name(self) -> str:
        """As in the orders that are meant for it."""
        return self._name

    def put(self, path: str, data: bytes) -> None:
        """Send a file. Under its final name it is whole."""
        components(path)
        with self._staged(data) as staged:
            if not self._renames:
                self._copy(staged, path, data)
                return
            half = _half(path)
            self._delete(half)
            self._copy(staged, half, data)
            if not self.holds(half, data):
                raise FarEndError(Trouble.FAILED)
            self._engine.call("operations/movefile", srcFs=self._fs, srcRemote=half, dstFs=self._fs, dstRemote=path)

    def read(self, path: str) -> bytes | None:
        """Fetch a file back."""
        components(path)
        back = self._engine.staging / "back"
        back.unlink(missing_ok=True)
        try:
            self._engine.call(
                "operations/copyfile", srcFs=self._fs, srcRemote=path, dstFs=str(back.parent), dstRemote=back.name
            )
        except NotThere:
            return None
        except FarEndError as error:
            if error.trouble is Trouble.MISSING:
                return None
            raise
        data = back.read_bytes()
        back.unlink()
        return data

    def holds(self, path: str, data: bytes) -> bool:
        """Ask for the far end's own hash; where it has none, fetch the file back and hash that."""
        name = self._hash or HASHES[0]
        try:
            said = self._engine.call(
                "operations/hashsumfile", fs=self._fs, remote=path, hashType=name, download=self._hash is None
            )
        except NotThere:
            return False
        if not said["hash"]:
            return self.read(path) == data
        return bool(said["hash"] == hashlib.new(name, data, usedforsecurity=False).hexdigest())

    def remove(self, path: str) -> None:
        """Delete the file and what was left half sent of it. Folders stay: removing one could take more with it."""
        components(path)
        self._delete(_half(path))
        self._delete(path)

    def stamps(self) -> dict[str, str]:
        """List everything that is there, with size, time and hash as the far end gives them."""
        options: dict[str, Any] = {"recurse": True, "filesOnly": True, "noMimeType": True}
        options |= {"showHash": True, "hashTypes": [self._hash]} if self._hash else {}
        listed = self._engine.call("operations/list", fs=self._fs, remote="", opt=options)["list"]
        return {f["Path"]: f"{f['Size']} {f['ModTime']} {(f.get('Hashes') or {}).get(self._hash, '')}" for f in listed}

    def sweep(self, partial: str) -> None:
        """Delete a half-sent file."""
        self._delete(partial)

    def probe(self) -> None:
        """Send, check, rename, delete and look again, with a small file."""
        self.stamps()
        first, second = f"{PARTIAL}{PROBE}", f"{PARTIAL}2-{PROBE}"
        last = second if self._renames else first
        try:
            with self._staged(PROBE_BYTES) as staged:
                self._copy(staged, first, PROBE_BYTES)
            if self._renames:
                self._engine.call(
                    "operations/movefile", srcFs=self._fs, srcRemote=first, dstFs=self._fs, dstRemote=second
                )
            if not self.holds(last, PROBE_BYTES):
                raise FarEndError(Trouble.FAILED)
            self._delete(last)
            if {first, second} & self.stamps().keys():
                raise FarEndError(Trouble.READ_ONLY)
        finally:
            for left in (first, second):
                with suppress(FarEndError):
                    self._delete(left)

    @contextmanager
    def _staged(self, data: bytes) -> Iterator[Path]:
        """Lay the bytes that were checked where the engine can take them: not the file they came from."""
        path = self._engine.staging / "out"
        path.write_bytes(data)
        try:
            yield path
        finally:
            path.unlink()

    def _copy(self, staged: Path, path: str, data: bytes) -> None:
        try:
            self._engine.call(
                "operations/copyfile", srcFs=str(staged.parent), srcRemote=staged.name, dstFs=self._fs, dstRemote=path
            )
        except FarEndError as error:
            if error.trouble is Trouble.FAILED and self._free() < len(data) + ROOM:
                raise FarEndError(Trouble.FULL) from error
            raise

    def _free(self) -> float:
        """Bytes that are free there, as far as it tells."""
        try:
            return float(self._engine.call("operations/about", fs=self._fs).get("free", float("inf")))
        except FarEndError:
            return float("inf")

    def _delete(self, path: str) -> None:
        with suppress(NotThere):
            self._engine.call("operations/deletefile", fs=self._fs, remote=path)


ROOM = 65_536
"""Bytes. Less than this beside the file, and a failure without a reason is taken for a full disk."""


def _half(path: str) -> str:
    *folders, file = path.split("/")
    return "/".join([*folders, f"{PARTIAL}{file}"])


@contextmanager
def opened(name: str, where: str, home: Path, limit_kib_s: int = 0) -> Iterator[Target]:
    """Open the target of this name for one push.

    where: blank for the folder of that name in the home, a folder's absolute path, or a remote of rclone's and a folder
    there (`school:photos`). Raises Refusal if the engine cannot be had, FarEndError if the far end cannot.
    """
    if not where or where.startswith("/"):
        yield FolderTarget(name, Path(where) if where else home / name)
        return
    with engine(home / "keys", limit_kib_s) as running:
        yield RemoteTarget(name, where, running)
