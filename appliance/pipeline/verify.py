"""Looks whether everything is as it was written: files, rows, the audit log, and what is published. Changes nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from appliance.domain.release import Copy, CopyState
from appliance.outbox import Outbox, load_public_key
from appliance.pipeline.records.anchors import FOLDER, anchor_faults
from appliance.store.database import integrity_faults
from appliance.store.home import Home
from appliance.store.sums import sum_faults
from appliance.store.vault import Vault

DATABASES = ("ledger.db", "people.db", "gallery.db")


def verify(home: Home, progress: Callable[[int, int], None] = lambda *_: None) -> list[str]:
    """Return every fault of a home, in words without names; an empty list says that all is well.

    progress: called with the files checked, and those in all.
    """
    faults = [fault for name in DATABASES for fault in integrity_faults(home.root / name)]
    if faults:
        return faults
    return [
        *home.audit.faults(),
        *home.gallery.faults(),
        *_anchor_faults(home),
        *(fault for name in DATABASES for fault in sum_faults(home.root / name)),
        *_vault_faults(home, progress),
        *_target_faults(home, home.config.target),
    ]


def _anchor_faults(home: Home) -> Iterator[str]:
    """Heads of the log that were handed over, and those that the far end kept where that can be looked at from here."""
    key = load_public_key(home.root / "keys") if (home.root / "keys" / "release.pub").exists() else None
    yield from anchor_faults(home.audit, [home.outbox / FOLDER, home.root / home.config.target / FOLDER], key)


def _vault_faults(home: Home, progress: Callable[[int, int], None]) -> Iterator[str]:
    files = {kind: _files(home.root / kind) for kind in Vault.KINDS}
    expected = _expected(home)
    done, total = 0, sum(map(len, files.values()))
    for kind, paths in files.items():
        for path in paths:
            done += 1
            progress(done, total)
            if path.name not in expected[kind] or path != home.vault.path(kind, path.name):
                yield f"{kind}/{path.name} is a file that nothing is known of"
            elif kind != "proofs" and _sha256(path) != path.name:
                yield f"{kind}/{path.name} is not what was written"
        if kind != "proofs":
            yield from (f"{kind}/{n} is missing" for n in sorted(expected[kind]) if not home.vault.has(kind, n))


def _expected(home: Home) -> Mapping[str, set[str]]:
    """Which files there should be. Proofs are named by their photo, and not every photo has one."""
    photos = {str(file) for file in home.ledger.files()}
    return {
        "originals": photos - home.ledger.erasures.retired("originals"),
        "derivatives": set(home.ledger.all_derivatives()),
        "proofs": photos,
        "portraits": {p for portraits in home.people.portraits().values() for p in portraits},
        "assessments": {str(a["sha256"]) for a in home.people.assessments()},
        "watermarks": set(home.vault.names("watermarks")),
    }


def _target_faults(home: Home, target: str) -> Iterator[str]:
    """Compare the register with the target: what should be there, and what should not.

    A folder is read; of a remote there is what the sender last saw and checked.
    """
    copies, remote = [c for c in home.ledger.register.copies() if c.target == target and c.is_out], home.config.remote
    if remote and not remote.startswith("/"):
        yield from _unseen(home, target, copies)
        return
    root = Path(remote) if remote else home.root / target
    if not root.is_dir():
        if copies:
            yield f"the target {target} is not there"
        return
    for path, derivative in sorted({c.path: c.derivative for c in copies if c.state is CopyState.PUBLISHED}.items()):
        found = _sha256(root / path)
        if found != derivative:
            yield f"{target}/{path} is published, and is {'missing' if found is None else 'not what was sent'}"
    known = {root / c.path for c in copies}
    for stray in _files(root):
        if stray not in known and stray.suffix == ".jpg":
            yield f"{target}/{stray.relative_to(root)} is there, and the register does not say so"


def _unseen(home: Home, target: str, copies: list[Copy]) -> Iterator[str]:
    checked = Outbox(home.outbox).noted("checked")
    for path in sorted({c.path for c in copies if c.state is CopyState.PUBLISHED} - checked.keys()):
        yield f"{target}/{path} is published, and the sender did not find it there; run `appliance sync`"


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if not path.is_dir())


def _sha256(path: Path) -> str | None:
    """Of a file's content; None if it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None
