"""The audit log: a hash chain of salted commitments, so that a payload can be erased and the chain still holds."""

from __future__ import annotations

import hashlib
import json
import secrets
from typing import Any

from sqlite_utils import Database

from appliance.store.database import transaction, utc_now


class Audit:
    """The log of one home, in the ledger's database."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def record(self, event: str, **payload: str | int | None) -> None:
        """Append one entry: `event` is a constant name, the payload says who did what to what, by ids."""
        with transaction(self._db):
            row = self._db.execute("SELECT link FROM audit ORDER BY id DESC LIMIT 1").fetchone()
            at, salt = utc_now(), secrets.token_hex(16)
            text = json.dumps(payload, sort_keys=True)
            commitment = _hash(salt, at, event, text)
            link = _hash(row[0] if row else "", commitment)
            self._db.execute(
                "INSERT INTO audit (at, event, payload, salt, commitment, link) VALUES (?, ?, ?, ?, ?, ?)",
                [at, event, text, salt, commitment, link],
            )

    def forget(self, subject: str) -> None:
        """Delete the payloads that name this subject; what is left of them says nothing, and still links the chain."""
        with transaction(self._db):
            self._db.execute(
                "UPDATE audit SET payload = NULL, salt = '' WHERE json_extract(payload, '$.subject') = ?", [subject]
            )

    def entries(self, last: int = 100) -> list[dict[str, Any]]:
        """The newest entries, newest first."""
        return list(self._db.query("SELECT id, at, event, payload FROM audit ORDER BY id DESC LIMIT ?", [last]))

    def faults(self) -> list[str]:
        """What does not hold together: an entry changed, taken out or put in between."""
        faults, before = [], ""
        for number, r in enumerate(self._db.query("SELECT * FROM audit ORDER BY id"), start=1):
            if r["id"] != number:
                faults.append(f"audit entry {number} is missing")
                return faults
            if r["payload"] is not None and r["commitment"] != _hash(r["salt"], r["at"], r["event"], r["payload"]):
                faults.append(f"audit entry {number} was changed")
            if r["link"] != _hash(before, r["commitment"]):
                faults.append(f"audit entry {number} is not linked to the one before it")
            before = r["link"]
        return faults


def _hash(*parts: str) -> str:
    return hashlib.sha256("\x00".join(parts).encode()).hexdigest()
