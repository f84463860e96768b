"""Templates of enrolled people: only those whose biometric consent stands are ever in this file."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sqlite_utils import Database

from appliance.store.database import forget_log, transaction, utc_now

Vector = npt.NDArray[np.float32]
"""One face: float32 [128], L2-normalised."""


@dataclass(frozen=True, slots=True)
class Templates:
    """The gallery as it stands. vectors: float32 [n, 128], row i belongs to subjects[i]; sorted by subject."""

    subjects: tuple[str, ...]
    vectors: Vector
    version: str


class Gallery:
    """The gallery of one home."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._held: Templates | None = None

    def enrol(self, subject: str, vector: Vector, *, portraits: int, made_of: str, model: str) -> None:
        """Keep a subject's template in place of any other."""
        with transaction(self._db):
            self._db.execute("DELETE FROM failures WHERE subject = ?", [subject])
            self._db.execute(
                "INSERT OR REPLACE INTO templates VALUES (?, ?, ?, ?, ?, ?)",
                [subject, made_of, model, portraits, vector.astype("<f4").tobytes(), utc_now()],
            )
        forget_log(self._db)

    def fail(self, subject: str, *, made_of: str, reason: str) -> None:
        """Record a failure to enrol; no template is left of an earlier enrolment."""
        with transaction(self._db):
            self._db.execute("DELETE FROM templates WHERE subject = ?", [subject])
            self._db.execute(
                "INSERT OR REPLACE INTO failures VALUES (?, ?, ?, ?)", [subject, made_of, reason, utc_now()]
            )
        forget_log(self._db)

    def forget(self, subject: str) -> None:
        """Delete a subject's template, and what is left of it on the disk."""
        with transaction(self._db):
            self._db.execute("DELETE FROM templates WHERE subject = ?", [subject])
            self._db.execute("DELETE FROM failures WHERE subject = ?", [subject])
        forget_log(self._db)

    def made_of(self) -> dict[str, str]:
        """For each subject enrolled, or failed to: what it was made of."""
        rows = self._db.execute("SELECT subject, made_of FROM templates UNION SELECT subject, made_of FROM failures")
        return dict(rows.fetchall())

    def failures(self) -> dict[str, str]:
        """Subjects that could not be enrolled, with the reason code."""
        return dict(self._db.execute("SELECT subject, reason FROM failures ORDER BY subject").fetchall())

    def templates(self) -> Templates:
        """Everybody enrolled; read again only when it has changed."""
        version = self.version()
        if self._held is None or self._held.version != version:
            rows = self._db.execute("SELECT subject, vector FROM templates ORDER BY subject").fetchall()
            vectors = [np.frombuffer(blob, "<f4").astype(np.float32) for _, blob in rows]
            stacked = np.stack(vectors) if vectors else np.zeros((0, 128), np.float32)
            self._held = Templates(tuple(s for s, _ in rows), stacked, version)
        return self._held

    def version(self) -> str:
        """A hash that changes whenever a template does."""
        rows = self._db.execute("SELECT subject, made_of, model FROM templates ORDER BY subject").fetchall()
        return hashlib.sha256(repr(rows).encode()).hexdigest()[:16]
