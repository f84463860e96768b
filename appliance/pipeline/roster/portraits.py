"""Which files of a folder are whose portraits. Follows no link and decodes nothing; a doubtful file is nobody's."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from appliance.errors import Refusal
from appliance.ingest.card import CardFile, chunks, files
from appliance.store.people import People
from appliance.store.vault import Vault

LARGEST_PORTRAIT = 30_000_000
MANY_PORTRAITS = 100_000


@dataclass(frozen=True, slots=True)
class Portrait:
    """A portrait of a subject, by the SHA-256 of its bytes."""

    subject: str
    sha256: str


@dataclass(slots=True)
class Found:
    """The portraits of a folder, and the files that were left out, with the reason."""

    portraits: list[Portrait] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)


@contextmanager
def portraits_kept(
    folder: Path | None, subjects: Collection[str], *, vault: Vault, people: People, dry_run: bool
) -> Iterator[Found]:
    """Keep what is in the folder in the vault while the block records whose it is; if the block fails, forget it.

    A file is <subject>.jpg, <subject>_*.jpg or <subject>/*, of at most 30 MB. Raises Refusal if there is no folder.
    """
    found, kept = Found(), []
    try:
        for subject, file in _owned(folder, subjects, found) if folder is not None else ():
            data = _bytes(file, found)
            if data is None:
                continue
            portrait = hashlib.sha256(data).hexdigest()
            if not dry_run and not vault.has("portraits", portrait):
                kept.append(vault.add("portraits", data))
            found.portraits.append(Portrait(subject, portrait))
        yield found
    except BaseException:
        known = {p for portraits in people.portraits().values() for p in portraits}
        for portrait in set(kept) - known:
            vault.remove("portraits", portrait)
        raise


def _owned(folder: Path, subjects: Collection[str], found: Found) -> Iterator[tuple[str, CardFile]]:
    if not folder.is_dir():
        raise Refusal("no_such_folder", f"{folder} is not a folder that can be read. Nothing was changed.")
    for file in files(folder, limit=MANY_PORTRAITS):
        owners = _owners(file.name) & set(subjects)
        if not file.is_regular:
            found.left_out.append(f"portrait {file.name} is a link or a device")
        elif len(owners) == 1:
            yield owners.pop(), file
        else:
            found.left_out.append(f"portrait {file.name} belongs to {'more than one person' if owners else 'nobody'}")


def _owners(name: str) -> set[str]:
    """Every subject that a file of this name may belong to."""
    folder, _, inside = name.rpartition("/")
    if folder:
        return set() if inside.startswith(".") else {folder}
    stem, dot, suffix = name.rpartition(".")
    if not dot or suffix.lower() != "jpg":
        return set()
    return {stem, *(stem[:i] for i, letter in enumerate(stem) if letter == "_")}


def _bytes(file: CardFile, found: Found) -> bytes | None:
    if not 0 < file.size <= LARGEST_PORTRAIT:
        found.left_out.append(f"portrait {file.name} is empty or larger than {LARGEST_PORTRAIT // 1_000_000} MB")
        return None
    try:
        return b"".join(chunks(file))
    except OSError as error:
        found.left_out.append(f"portrait {file.name} cannot be read: {error.strerror}")
        return None
