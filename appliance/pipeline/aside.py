"""What was set aside: parked and refused files are given back to their owner, or erased. Never a photo of the line."""

from __future__ import annotations

import hashlib
import os
import secrets
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from appliance.domain.item import ROLES, suffix_of
from appliance.domain.photo import PhotoId, PhotoState
from appliance.errors import Damaged, Refusal
from appliance.pipeline.records.preserve import untouchable
from appliance.store.home import Home
from appliance.store.ledger import Companion, PhotoRow
from appliance.store.vault import Vault

SET_ASIDE = (PhotoState.PARKED, PhotoState.REFUSED)


@dataclass(frozen=True, slots=True)
class Given:
    """One file that was written out. names: what it was called on its card."""

    photo: PhotoId
    names: tuple[str, ...]
    path: Path


def export(row: PhotoRow, folder: Path, who: str, home: Home) -> list[Given]:
    """Write a parked or refused file and what hangs on it into a folder, byte for byte, named by their hashes.

    Raises Refusal if it was not set aside, is quarantined, or cannot be written.
    """
    _check(row, home)
    own = row.names[: len(row.names) - sum(len(c.names) for c in row.companions)]
    given = [
        Given(c.id, c.names, _written(c, folder, home.vault)) for c in (Companion(row.id, own), *row.companions)
    ]  # fmt: skip
    home.audit.record("parked_exported", photo=row.id, files=len(given), who=who)
    return given


def erase(row: PhotoRow, who: str, home: Home) -> int:
    """Remove a parked or refused file, and what hangs on it alone; how many files went.

    The ledger goes last: broken off anywhere, the same call finishes it. Raises Refusal as `export` does, while a legal
    hold is on it, and while a copy of it may be published.
    """
    ledger, vault = home.ledger, home.vault
    _check(row, home)
    if untouchable(home).intersection([row.id, *ledger.photos_carrying(row.id)]):
        raise Refusal("held", "a legal hold is on it: nothing of it is deleted. `appliance holds` lists the holds.")
    if any(c.is_out for c in ledger.register.copies(row.id)):
        raise Refusal("still_published", "a picture made of it may be published; take that down first: appliance sync.")
    alone = ledger.companions_only_of(row.id)
    files = [row.id, *(c.id for c in row.companions if c.id in alone)]
    for derivative in ledger.traces.derivatives_only_of(row.id):
        vault.remove("derivatives", derivative)
    for file in files:
        vault.remove("proofs", file)
        vault.remove("originals", file)
    ledger.traces.forget_files(files)
    home.audit.record("parked_erased", photo=row.id, files=len(files), who=who)
    return len(files)


def _check(row: PhotoRow, home: Home) -> None:
    if home.people.quarantined().intersection([row.id, *home.ledger.photos_carrying(row.id)]):
        raise Refusal("quarantined", "it is quarantined: nobody sees, sends or deletes it.")
    if row.state not in SET_ASIDE:
        raise Refusal("not_parked", f"it is {row.state}, not parked. `appliance photos --state parked` lists what is.")


def _written(file: Companion, folder: Path, vault: Vault) -> Path:
    """Where it is now, flushed. Nothing that is there is overwritten, no link is followed."""
    suffixes = [s for n in file.names if (s := suffix_of(n)) in ROLES]
    path = folder / f"{file.id}{suffixes[0] if suffixes else '.bin'}"
    half = folder / f".{secrets.token_hex(8)}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with half.open("xb") as out:
            seen = hashlib.sha256()
            for chunk in vault.chunks("originals", file.id):
                out.write(chunk)
                seen.update(chunk)
            out.flush()
            os.fsync(out.fileno())
        if seen.hexdigest() != file.id:
            raise Damaged("original_damaged", f"originals/{file.id} is not what was written: see `appliance verify`.")
        half.replace(path)
    except OSError as error:
        raise Refusal("not_written", f"{folder} cannot be written: {error.strerror}.") from error
    finally:
        with suppress(OSError):
            half.unlink()
    return path
