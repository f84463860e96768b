"""The audit log: a hash chain of salted commitments, so that a payload can be erased and the chain still holds."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlite_utils import Database

from appliance.store.database import transaction, unflushed, utc_now

FORGOTTEN = "forgotten"
"""The event of an entry that says which payloads were deleted, and why."""

_SUBJECT, _PHOTO = (
    f"CASE WHEN json_valid(payload) THEN json_extract(payload, '$.{k}') END" for k in ("subject", "photo")
)
"""As the indexes have it; what is no JSON any more was tampered with, and is for `faults` to find."""


@dataclass(frozen=True, slots=True)
class Head:
    """The end of the chain: how many entries there are, the last one's link, and when it was written."""

    entries: int
    link: str
    at: str


@dataclass(frozen=True, slots=True)
class Asked:
    """Which entries are asked for; None: any. since, until: ISO 8601 in UTC, or the beginning of it."""

    event: str | None = None
    subject: str | None = None
    photo: str | None = None
    since: str | None = None
    until: str | None = None
    last: int = 100


class Audit:
    """The log of one home, in the ledger's database."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def record(self, event: str, **payload: str | int | None) -> None:
        """Append one entry: `event` is a constant name, the payload says who did what to what, by ids."""
        with transaction(self._db):
            self._append(event, payload)

    def note(self, event: str, **payload: str | int | None) -> None:
        """Append one entry without waiting for the disk: for what is only looked at, and happens all the time."""
        with unflushed(self._db):
            self._append(event, payload)

    def flush(self) -> None:
        """Wait until the disk has every entry, those that were only noted too."""
        self._db.execute("PRAGMA wal_checkpoint(PASSIVE)")

    def forget(self, subject: str) -> int:
        """Delete the payloads that name this subject; what is left of them says nothing, and still links the chain."""
        rows = self._db.execute(f"SELECT id FROM audit WHERE {_SUBJECT} = ?", [subject])
        return self._forget([r[0] for r in rows.fetchall()], "erasure")

    def forget_before(self, at: str) -> int:
        """Delete the payloads of entries that are older than this; returns how many. Their places stay."""
        rows = self._db.execute(
            "SELECT id FROM audit WHERE at < ? AND payload IS NOT NULL AND event <> ?", [at, FORGOTTEN]
        )
        return self._forget([r[0] for r in rows.fetchall()], "retention")

    def count_before(self, at: str) -> int:
        """How many payloads `forget_before` would delete."""
        row = self._db.execute(
            "SELECT count(*) FROM audit WHERE at < ? AND payload IS NOT NULL AND event <> ?", [at, FORGOTTEN]
        ).fetchone()
        return int(row[0])

    def entries(self, last: int = 100) -> list[dict[str, Any]]:
        """The newest entries, newest first."""
        return list(self._db.query("SELECT id, at, event, payload FROM audit ORDER BY id DESC LIMIT ?", [last]))

    def find(self, asked: Asked) -> list[dict[str, Any]]:
        """The newest entries of those asked for, oldest first: id, at, event, and the payload as a dict or None."""
        wanted = {
            "event = ?": asked.event, f"{_SUBJECT} = ?": asked.subject, f"{_PHOTO} = ?": asked.photo,
            "at >= ?": asked.since, "at < ?": asked.until,
        }  # fmt: skip
        terms = {term: value for term, value in wanted.items() if value is not None}
        where = f"WHERE {' AND '.join(terms)}" if terms else ""
        rows = self._db.query(
            f"SELECT id, at, event, payload FROM audit {where} ORDER BY id DESC LIMIT ?", [*terms.values(), asked.last]
        )
        return [r | {"payload": json.loads(r["payload"]) if r["payload"] else None} for r in reversed(list(rows))]

    def everything(self) -> Iterator[dict[str, Any]]:
        """Every entry, oldest first, with what anybody needs to reckon the chain again."""
        yield from self._db.query("SELECT * FROM audit ORDER BY id")

    def head(self) -> Head:
        """The end of the chain."""
        row = self._db.execute("SELECT id, link, at FROM audit ORDER BY id DESC LIMIT 1").fetchone()
        return Head(*row) if row else Head(0, "", "")

    def has(self, entries: int, link: str) -> bool:
        """Whether the chain had this head once: what was anchored must be found in it for ever."""
        row = self._db.execute("SELECT link FROM audit WHERE id = ?", [entries]).fetchone()
        return row is not None and row[0] == link

    def faults(self) -> list[str]:
        """What does not hold together: an entry changed, taken out, put in between, or silenced."""
        faults: list[str] = []
        before, last = "", 0
        silent: set[int] = set()
        accounted: set[int] = set()
        for number, r in enumerate(self.everything(), start=1):
            if r["id"] != number:
                return [*faults, f"audit entry {number} is missing"]
            wrong = list(_entry_faults(r, before))
            faults += wrong
            if r["payload"] is None:
                silent.add(number)
            elif r["event"] == FORGOTTEN and not wrong:
                accounted |= _numbers(r["payload"])
            before, last = r["link"], number
        faults += [f"audit entry {n} lost its payload, and no erasure says so" for n in sorted(silent - accounted)]
        row = self._db.execute("SELECT seq FROM sqlite_sequence WHERE name = 'audit'").fetchone()
        if row and row[0] > last:
            faults.append(f"audit entry {last + 1} is missing")
        return faults

    def _append(self, event: str, payload: dict[str, str | int | None]) -> None:
        row = self._db.execute("SELECT id, link FROM audit ORDER BY id DESC LIMIT 1").fetchone()
        at, salt, text = utc_now(), secrets.token_hex(16), json.dumps(payload, sort_keys=True)
        commitment = commit(salt, at, event, text)
        link = link_of(row[1] if row else "", (row[0] if row else 0) + 1, at, event, commitment)
        self._db.execute(
            "INSERT INTO audit (at, event, payload, salt, commitment, link) VALUES (?, ?, ?, ?, ?, ?)",
            [at, event, text, salt, commitment, link],
        )

    def _forget(self, numbers: Sequence[int], why: str) -> int:
        if numbers:
            with transaction(self._db):
                self._db.conn.executemany(
                    "UPDATE audit SET payload = NULL, salt = '' WHERE id = ?", [(n,) for n in numbers]
                )
                self._append(FORGOTTEN, {"entries": _ranges(numbers), "why": why})
        return len(numbers)


def commit(salt: str, at: str, event: str, text: str) -> str:
    """What stands for a payload for ever. Without the salt nobody can find out what the payload was."""
    return _hash(salt, at, event, text)


def link_of(before: str, number: int, at: str, event: str, commitment: str) -> str:
    """One link of the chain: everything of an entry that is never deleted, and the link before it."""
    return _hash(before, str(number), at, event, commitment)


def _entry_faults(r: dict[str, Any], before: str) -> Iterator[str]:
    if r["payload"] is not None and r["commitment"] != commit(r["salt"], r["at"], r["event"], r["payload"]):
        yield f"audit entry {r['id']} was changed"
    if r["payload"] is None and r["salt"]:
        yield f"audit entry {r['id']} was forgotten by halves"
    if r["link"] != link_of(before, r["id"], r["at"], r["event"], r["commitment"]):
        yield f"audit entry {r['id']} is not linked to the one before it"


def _ranges(numbers: Iterable[int]) -> str:
    """`3,7-9` for 3, 7, 8 and 9."""
    runs: list[list[int]] = []
    for n in sorted(numbers):
        if runs and runs[-1][1] == n - 1:
            runs[-1][1] = n
        else:
            runs.append([n, n])
    return ",".join(str(a) if a == b else f"{a}-{b}" for a, b in runs)


def _numbers(payload: str) -> set[int]:
    numbers: set[int] = set()
    for run in str(json.loads(payload).get("entries", "")).split(","):
        first, _, last = run.partition("-")
        if first:
            numbers.update(range(int(first), int(last or first) + 1))
    return numbers


def _hash(*parts: str) -> str:
    return hashlib.sha256("\x00".join(parts).encode()).hexdigest()
