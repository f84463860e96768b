"""Takedowns and tombstones in the ledger: facts. One public method is one transaction."""

from __future__ import annotations

from sqlite_utils import Database

from appliance.domain.release import Copy
from appliance.domain.takedown import Takedown, Tombstone, Why
from appliance.store.database import transaction, utc_now


class Takedowns:
    """What has to be gone, and what never comes back."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def open(self, copy: Copy, why: Why, due_at: str) -> bool:
        """Say that a place has to be cleared by then; True if that was not said already. due_at: ISO 8601 in UTC."""
        with transaction(self._db):
            if self.at_place(copy.target, copy.path) is not None:
                return False
            self._db.execute(
                "INSERT INTO takedowns (derivative, photo, channel, target, path, why, at, due_at) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                [copy.derivative, copy.photo, copy.channel, copy.target, copy.path, why, utc_now(), due_at],
            )
            return True

    def end(self, takedown: int, who: str, evidence: str, at: str = "") -> None:
        """Say how one ended. A second end changes nothing."""
        with transaction(self._db):
            self._db.execute(
                "INSERT OR IGNORE INTO takedown_ends VALUES (?, ?, ?, ?)", [takedown, who, evidence, at or utc_now()]
            )

    def at_place(self, target: str, path: str) -> Takedown | None:
        """The open takedown of this place."""
        return next(iter(self._read("e.at IS NULL AND t.target = ? AND t.path = ?", target, path)), None)

    def get(self, takedown: int) -> Takedown | None:
        """One of them."""
        return next(iter(self._read("t.id = ?", takedown)), None)

    def still_open(self) -> list[Takedown]:
        """Those that nobody has ended, the most urgent first."""
        return self._read("e.at IS NULL")

    def all(self) -> list[Takedown]:
        """Every one, the most urgent first."""
        return self._read("1")

    def bury(self, tombstone: Tombstone) -> None:
        """Say that a picture never goes out again; saying it twice changes nothing."""
        t = tombstone
        with transaction(self._db):
            self._db.execute(
                "INSERT OR IGNORE INTO tombstones VALUES (?, ?, ?, ?, ?, ?)",
                [t.photo, t.derivative, t.channel, t.why, t.who, t.at or utc_now()],
            )

    def buried(self, photo: str, derivative: str, channel: str) -> str | None:
        """Why this derivative never goes to this channel again; None if nothing says so.

        A tombstone on any photo with these very pixels counts.
        """
        row = self._db.execute(
            """SELECT why FROM tombstones WHERE channel IN ('', ?) AND (derivative = ? OR (derivative = '' AND (
                   photo = ? OR photo IN (SELECT photo FROM derivatives WHERE derivative = ?)))) ORDER BY at LIMIT 1""",
            [channel, derivative, photo, derivative],
        ).fetchone()
        return row[0] if row else None

    def all_tombstones(self) -> list[Tombstone]:
        """Every one, oldest first."""
        return [Tombstone(**r) for r in self._db.query("SELECT * FROM tombstones ORDER BY at")]

    def _read(self, where: str, *params: str | int) -> list[Takedown]:
        rows = self._db.query(
            f"""SELECT t.*, coalesce(e.who, '') who, coalesce(e.evidence, '') evidence, coalesce(e.at, '') ended_at
                FROM takedowns t LEFT JOIN takedown_ends e ON e.takedown = t.id
                WHERE {where} ORDER BY e.at IS NOT NULL, t.due_at, t.id""",
            params,
        )
        return [Takedown(**(r | {"why": Why(r["why"])})) for r in rows]
