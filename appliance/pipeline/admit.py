"""First stage: copies a card or folder into the vault, each photo once, verified by reading the copy back.

Never writes to the card, never follows a symbolic link, never decodes a picture. Run again it carries on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from appliance.domain.item import Role, companions, role_of
from appliance.domain.photo import PhotoId, PhotoState
from appliance.errors import Refusal
from appliance.ingest.card import CardFile, chunks, files
from appliance.store.audit import Audit
from appliance.store.ledger import Intake, Ledger
from appliance.store.vault import StoredStream, Vault

LARGEST_FILE = 400_000_000
MANY_FILES = 100_000


@dataclass(slots=True)
class Intaken:
    """What became of one intake. unread: files that the card would not give."""

    files: int = 0
    admitted: int = 0
    duplicates: int = 0
    skipped: int = 0
    unread: int = 0


def admit(
    path: Path, event: str, *, ledger: Ledger, vault: Vault, audit: Audit,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Intaken:  # fmt: skip
    """Take in everything under `path`. progress: called with bytes done and bytes in all.

    Raises Refusal if the folder cannot be read or holds absurdly many files. Where single files cannot be read the
    intake stays open, and the same call later takes up what is missing.
    """
    if not path.is_dir():
        raise Refusal("no_such_card", f"{path} is not a folder that can be read; is the card still plugged in?")
    intake = ledger.begin_intake(str(path.absolute()), event)
    found = list(files(path, limit=MANY_FILES))
    lost = sum(f.is_lost for f in found)
    result = Intaken(skipped=sum(not f.is_regular for f in found) - lost, unread=lost)
    done, total = 0, sum(f.size for f in found)
    hangs, kept = companions(f.name for f in found if f.is_regular), dict[str, PhotoId]()
    for card_file, stored in _copied(_photos_first([f for f in found if f.is_regular], hangs), vault):
        result.files += 1
        if not isinstance(stored, OSError):
            kept[card_file.name] = PhotoId(stored.sha256)
        _record(card_file, stored, intake, ledger, result, of=kept.get(hangs.get(card_file.name, "")))
        done += card_file.size
        progress(done, total)
    if result.unread:
        audit.record("intake_incomplete", intake=intake.id, unread=result.unread)
        return result
    ledger.end_intake(
        intake, files=result.files, admitted=result.admitted, duplicates=result.duplicates, skipped=result.skipped
    )
    audit.record("intake", intake=intake.id, files=result.files, admitted=result.admitted)
    return result


def _photos_first(found: list[CardFile], hangs: dict[str, str]) -> list[CardFile]:
    """In order, but what hangs on a photo comes right after it."""
    place = {f.name: i for i, f in enumerate(found)}
    return sorted(found, key=lambda f: (place[hangs.get(f.name, f.name)], f.name in hangs, place[f.name]))


def _copied(found: list[CardFile], vault: Vault) -> Iterator[tuple[CardFile, StoredStream | OSError]]:
    """Copies in order, two at a time: while one is read from the card the other is verified on the disk."""
    with ThreadPoolExecutor(2) as pool:
        pending: list[tuple[CardFile, Future[StoredStream]]] = []
        for card_file in found:
            pending.append((card_file, pool.submit(_copy, card_file, vault)))
            if len(pending) > 3:
                yield _settled(*pending.pop(0))
        for waiting in pending:
            yield _settled(*waiting)


def _copy(card_file: CardFile, vault: Vault) -> StoredStream:
    return vault.stream(chunks(card_file))


def _settled(card_file: CardFile, future: Future[StoredStream]) -> tuple[CardFile, StoredStream | OSError]:
    try:
        return card_file, future.result()
    except OSError as error:
        if error.errno in DISK_TROUBLE:
            raise Refusal(
                "disk_full", "the disk of this box is full; free some space and take the card in again."
            ) from error
        return card_file, error


DISK_TROUBLE = (28, 122)
"""ENOSPC and EDQUOT: the trouble is on our side, not the card's."""


def _record(
    card_file: CardFile, stored: StoredStream | OSError, intake: Intake, ledger: Ledger, result: Intaken,
    of: PhotoId | None,
) -> None:  # fmt: skip
    if isinstance(stored, OSError):
        result.unread += 1
        return
    aside = (PhotoState.REFUSED, "empty") if stored.size == 0 else None
    if stored.size > LARGEST_FILE:
        aside = (PhotoState.REFUSED, "too_large")
    role = role_of(card_file.name)
    if role in (Role.VIDEO, Role.SIDECAR):
        aside = aside or (PhotoState.PARKED, str(role))
    if ledger.admit(intake, PhotoId(stored.sha256), stored.size, card_file.name, aside, of):
        result.admitted += 1
    else:
        result.duplicates += 1
