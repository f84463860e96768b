"""The register in the ledger: every copy that ever left, and the last that is known of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlite_utils import Database

from appliance.domain.photo import PhotoId
from appliance.domain.release import Copy, CopyState
from appliance.store.database import transaction, utc_now


class Register:
    """Published copies. What is known of one is a fact; a later one counts, and none is lost."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def record(self, copies: Sequence[Copy]) -> None:
        """What is now known of published copies; `until` and `since` follow from the history."""
        with transaction(self._db):
            for c in copies:
                self._db.execute(
                    "INSERT INTO copies (derivative, photo, channel, target, path, state, at) VALUES (?,?,?,?,?,?,?)",
                    [c.derivative, c.photo, c.channel, c.target, c.path, c.state, utc_now()],
                )

    def copies(self, photo: PhotoId | None = None) -> list[Copy]:
        """The register: the last that is known of every copy, oldest first."""
        where, params = ("WHERE photo = ?", [photo]) if photo else ("", [])
        latest: dict[tuple[str, ...], Copy] = {}
        for r in self._db.query(f"SELECT * FROM copies {where} ORDER BY id", params):
            key = (r["derivative"], r["photo"], r["channel"], r["target"], r["path"])
            latest[key] = _copy(r, latest.get(key))
        return list(latest.values())

    def sheet(self, sheet: int, size: int) -> list[Copy]:
        """One sheet of the register, from 1: what is or may be out first, the newest first."""
        rows = self._db.execute(
            """SELECT derivative, photo, channel, target, path, since, until, state FROM register
               ORDER BY until IS NULL DESC, since DESC LIMIT ? OFFSET ?""", [size, (sheet - 1) * size],
        )  # fmt: skip
        return [_copy_of(r) for r in rows.fetchall()]

    def counted(self) -> tuple[int, int]:
        """How many copies are or may be out, and how many there ever were."""
        row = self._db.execute("SELECT coalesce(sum(until IS NULL), 0), count(*) FROM register").fetchone()
        return int(row[0]), int(row[1])


def _copy_of(r: tuple[Any, ...]) -> Copy:
    derivative, photo, channel, target, path, since, until, state = r
    return Copy(derivative, photo, channel, target, path, since, until, CopyState(state))


def _copy(r: dict[str, Any], before: Copy | None) -> Copy:
    state = CopyState(r["state"])
    is_out = state in (CopyState.PUBLISHED, CopyState.POSSIBLY_PUBLISHED)
    since = before.since if before and (before.is_out or not is_out) else r["at"]
    until = None if is_out else (before.until if before and before.until else r["at"])
    return Copy(r["derivative"], r["photo"], r["channel"], r["target"], r["path"], since, until, state)
