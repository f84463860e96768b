"""Keys of templates: one for each enrolment, in a folder that no backup holds. Destroying a key ends every copy.

A key file's name is drawn by lot and says nothing of whose it is; the row that it opens names it.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Collection
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from appliance.errors import Damaged

NONCE_BYTES = 12


class Seals:
    """The keys in one folder, mode 0600. ChaCha20-Poly1305: the small boards have no AES in their processors."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def seal(self, data: bytes, about: str) -> tuple[str, bytes]:
        """Encrypt under a new key; returns the key's name and the sealed bytes, which open only with the same `about`.

        The key is on the disk, flushed, when this returns.
        """
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        name, key, nonce = secrets.token_hex(16), ChaCha20Poly1305.generate_key(), secrets.token_bytes(NONCE_BYTES)
        fd = os.open(self._folder / name, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600)
        try:
            os.write(fd, key)
            os.fsync(fd)
        finally:
            os.close(fd)
        self._flush()
        return name, nonce + ChaCha20Poly1305(key).encrypt(nonce, data, about.encode())

    def unseal(self, name: str, sealed: bytes, about: str) -> bytes | None:
        """What was sealed; None where the key is gone. Raises Damaged if the bytes are not what was sealed."""
        try:
            key = (self._folder / name).read_bytes()
        except FileNotFoundError:
            return None
        try:
            return ChaCha20Poly1305(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], about.encode())
        except (InvalidTag, ValueError) as error:
            raise Damaged(
                "template_damaged",
                "a template is not what was written; `appliance matching off`, then on, makes all anew.",
            ) from error

    def names(self) -> set[str]:
        """Every key there is."""
        return {path.name for path in self._folder.glob("*")}

    def destroy(self, names: Collection[str]) -> None:
        """Remove these keys, durably. What they sealed is lost, in every copy and backup of it."""
        if not names:
            return
        for name in names:
            (self._folder / name).unlink(missing_ok=True)
        self._flush()

    def _flush(self) -> None:
        if not self._folder.exists():
            return
        fd = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)
