"""What imports leave for people to decide: rows that go against a no, and what a yes/no column is about. Facts."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any

from sqlite_utils import Database

from appliance.store.database import transaction, utc_now

_OPEN = "id NOT IN (SELECT conflict FROM resolutions) AND id NOT IN (SELECT conflict FROM closings)"


class Imports:
    """Conflicts and mappings, in the people's database."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def record_conflict(self, subject: str, row: dict[str, str], why: str) -> str:
        """Keep an imported row that was not applied; the same row is the same conflict. Returns its id."""
        text = json.dumps(row, sort_keys=True)
        conflict = hashlib.sha256(f"{subject}:{text}".encode()).hexdigest()[:12]
        with transaction(self._db):
            self._db.execute(
                "INSERT OR IGNORE INTO conflicts VALUES (?, ?, ?, ?, ?)", [conflict, subject, text, why, utc_now()]
            )
        return conflict

    def conflicts(self) -> list[dict[str, Any]]:
        """Open conflicts, oldest first: id, subject, row (text by column), why, at."""
        rows = self._db.query(f"SELECT * FROM conflicts WHERE {_OPEN} ORDER BY at, id")
        return [{**r, "row": json.loads(r["row"])} for r in rows]

    def has_open_conflict(self, conflict: str) -> bool:
        """Whether nobody has resolved or closed it."""
        return bool(self._db.execute(f"SELECT 1 FROM conflicts WHERE id = ? AND {_OPEN}", [conflict]).fetchone())

    def is_closed(self, conflict: str) -> bool:
        """Whether somebody said that the row does not hold."""
        return bool(self._db.execute("SELECT 1 FROM closings WHERE conflict = ?", [conflict]).fetchone())

    def resolve_conflict(self, conflict: str, who: str, evidence: str) -> None:
        """A named person says, with evidence, that the row holds."""
        with transaction(self._db):
            self._db.execute("INSERT INTO resolutions VALUES (?, ?, ?, ?)", [conflict, who, evidence, utc_now()])

    def close_conflict(self, conflict: str, who: str, evidence: str) -> None:
        """A named person says that what is on record stands; the row is not asked about again."""
        with transaction(self._db):
            self._db.execute("INSERT INTO closings VALUES (?, ?, ?, ?)", [conflict, who, evidence, utc_now()])

    def record_mapping(self, profile: str, column: str, scopes: Sequence[str], who: str, evidence: str) -> None:
        """The school has decided for which scopes a yes in this column of a profile is meant."""
        with transaction(self._db):
            self._db.execute(
                "INSERT INTO mappings (profile, column_name, scopes, who, evidence, at) VALUES (?, ?, ?, ?, ?, ?)",
                [profile, column, json.dumps(list(scopes)), who, evidence, utc_now()],
            )

    def mappings(self) -> dict[tuple[str, str], dict[str, Any]]:
        """(profile, column) → the decision that counts: scopes, who, evidence, at."""
        rows = self._db.query("SELECT * FROM mappings ORDER BY id")
        return {(r["profile"], r["column_name"]): {**r, "scopes": json.loads(r["scopes"])} for r in rows}
