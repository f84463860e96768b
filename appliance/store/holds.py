"""Legal holds: facts that keep a photo, a person's pictures or an event's from being deleted."""

from __future__ import annotations

from dataclasses import dataclass

from sqlite_utils import Database

from appliance.errors import Refusal
from appliance.store.database import transaction, utc_now


@dataclass(frozen=True, slots=True)
class Hold:
    """One hold in force, on exactly one of a photo, a subject, an event."""

    id: int
    photo: str | None
    subject: str | None
    event: str | None
    who: str
    reason: str
    at: str


class Holds:
    """The holds of one home, in the people's database."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def place(
        self, *, who: str, reason: str, photo: str | None = None, subject: str | None = None, event: str | None = None
    ) -> Hold:
        """From now on nothing of it is deleted. Raises Refusal without a reason or a person."""
        _said(who, reason)
        with transaction(self._db):
            row = self._db.execute(
                "INSERT INTO holds (photo, subject, event, who, reason, at) VALUES (?, ?, ?, ?, ?, ?) RETURNING *",
                [photo, subject, event, who.strip(), reason.strip(), utc_now()],
            ).fetchone()
        return Hold(*row)

    def release(self, hold: int, *, who: str, reason: str) -> Hold:
        """End a hold. Raises Refusal if there is none of this number."""
        _said(who, reason)
        with transaction(self._db):
            found = next((h for h in self.in_force() if h.id == hold), None)
            if found is None:
                raise Refusal("no_such_hold", f"there is no hold {hold} in force; `appliance holds` lists them.")
            self._db.execute(
                "INSERT INTO hold_ends VALUES (?, ?, ?, ?)", [hold, who.strip(), reason.strip(), utc_now()]
            )
        return found

    def in_force(self) -> list[Hold]:
        """Every hold that was not released, oldest first."""
        rows = self._db.execute("SELECT * FROM holds WHERE id NOT IN (SELECT hold FROM hold_ends) ORDER BY id")
        return [Hold(*r) for r in rows.fetchall()]


def _said(who: str, reason: str) -> None:
    if not who.strip() or not reason.strip():
        raise Refusal("reason_is_missing", "a hold is placed and released by a named person, for a reason.")
