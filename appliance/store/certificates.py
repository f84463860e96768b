"""Certificates of the files that left, in the ledger."""

from __future__ import annotations

from sqlite_utils import Database

from appliance.domain.certificate import Certificate
from appliance.store.database import transaction, utc_now


class Certificates:
    """What was checked of each file, as it was signed."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def record(self, certificate: Certificate) -> None:
        """Keep what was checked of a file that leaves; a second time changes nothing."""
        c = certificate
        with transaction(self._db):
            self._db.execute(
                """INSERT OR IGNORE INTO certificates (derivative, channel, sha256, text, signature, at)
                   VALUES (?, ?, ?, ?, ?, ?)""",
                [c.derivative, c.channel, c.sha256, c.text, c.signature, utc_now()],
            )

    def of(self, derivative: str) -> list[Certificate]:
        """Those of a derivative, or of all whose hash begins with this, newest first."""
        pattern = derivative.lower().replace("%", "").replace("_", "") + "%"
        rows = self._db.query("SELECT * FROM certificates WHERE derivative LIKE ? ORDER BY id DESC", [pattern])
        return [Certificate(r["derivative"], r["channel"], r["text"], r["signature"]) for r in rows]
