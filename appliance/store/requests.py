"""What people asked for beside consents, and the safeguarding lead's word: facts that only the lead is shown."""

from __future__ import annotations

import hashlib
from collections.abc import Collection

from sqlite_utils import Database

from appliance.store.database import transaction, utc_now

DECOYS_FOR = 32
"""For so many people on the roster one unprotected person's pictures wait for the lead too, beside one anyway."""


class Requests:
    """Pictures to be removed, and what the lead allows of protected people."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def version(self) -> str:
        """Changes whenever something is recorded or erased."""
        row = self._db.execute(
            "SELECT (SELECT coalesce(max(id), 0) FROM removals), (SELECT count(*) FROM removals), "
            "(SELECT coalesce(max(id), 0) FROM lead_words), (SELECT count(*) FROM lead_words)"
        ).fetchone()
        return ".".join(str(n) for n in row)

    def remove_before(self, subject: str, before_at: str, evidence: str, who: str) -> None:
        """From now on this person is in no picture that was taken in before that time, ISO 8601 in UTC."""
        with transaction(self._db):
            self._db.execute(
                "INSERT INTO removals (subject, before_at, evidence, who, at) VALUES (?, ?, ?, ?, ?)",
                [subject, before_at, evidence, who, utc_now()],
            )

    def removed_before(self) -> dict[str, str]:
        """Subject → the latest such time; it never goes back."""
        return dict(self._db.execute("SELECT subject, max(before_at) FROM removals GROUP BY subject").fetchall())

    def lead_says(self, subject: str, channel: str, who: str, *, allowed: bool) -> None:
        """Whether a protected person may be shown on this channel, if everybody else allows it."""
        with transaction(self._db):
            self._db.execute(
                "INSERT INTO lead_words (subject, channel, allowed, who, at) VALUES (?, ?, ?, ?, ?)",
                [subject, channel, int(allowed), who, utc_now()],
            )

    def lead_allows(self) -> dict[str, frozenset[str]]:
        """Subject → channels that the lead allows."""
        rows = self._db.execute(
            """SELECT subject, channel FROM lead_words WHERE allowed = 1
                 AND id IN (SELECT max(id) FROM lead_words GROUP BY subject, channel)"""
        )
        found: dict[str, set[str]] = {}
        for subject, channel in rows:
            found.setdefault(subject, set()).add(channel)
        return {subject: frozenset(channels) for subject, channels in found.items()}

    def second_look(self, everybody: Collection[str], protected: Collection[str]) -> frozenset[str]:
        """Whose pictures wait for the lead: the protected and, by a secret of this box, a few others.

        The others are always the same, so that neither a picture that waits nor who is in it tells who is protected.
        """
        if not protected:
            return frozenset()
        salt = self._db.execute("SELECT salt FROM salts").fetchone()[0]
        others = set(everybody) - set(protected)
        drawn = sorted(others, key=lambda subject: hashlib.sha256(f"{salt}:{subject}".encode()).digest())
        return frozenset({*protected, *drawn[: 1 + len(everybody) // DECOYS_FOR]})
