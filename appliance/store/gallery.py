"""Templates of enrolled people: only those whose biometric consent stands are ever in this file, and only sealed.

Each template is encrypted with a key of its own, which lies in the keys folder and in no backup. Forgetting a subject
destroys the key first: a copy of this database made at any time before opens no more.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from sqlite_utils import Database

from appliance.domain.portrait import Examined, Reason
from appliance.errors import Damaged
from appliance.store.database import forget_log, transaction, utc_now
from appliance.store.seal import Seals

Vector = npt.NDArray[np.float32]
"""One face: float32 [128], L2-normalised."""


@dataclass(frozen=True, slots=True)
class Templates:
    """The gallery as it stands. vectors: float32 [n, 128], row i belongs to subjects[i]; sorted by subject."""

    subjects: tuple[str, ...]
    vectors: Vector
    version: str


class Gallery:
    """The gallery of one home. keys: the folder of the templates' keys."""

    def __init__(self, db: Database, keys: Path) -> None:
        self._db, self._seals = db, Seals(keys)
        self._held: Templates | None = None

    def enrol(
        self, subject: str, vector: Vector, *, portraits: int, made_of: str, model: str,
        examined: Sequence[Examined] = (),
    ) -> None:  # fmt: skip
        """Keep a subject's template in place of any other, and what was found of each portrait."""
        with transaction(self._db):
            old = self._keys(subject)
            key, sealed = self._seals.seal(vector.astype("<f4").tobytes(), _about(subject, made_of, model))
            self._clear(subject)
            self._db.execute(
                "INSERT INTO templates (subject, made_of, model, portraits, vector, enrolled_at, key) "
                "VALUES (?, ?, ?, ?, ?, ?, ?)",
                [subject, made_of, model, portraits, sealed, utc_now(), key],
            )
            self._keep(subject, examined)
        self._seals.destroy(old)
        forget_log(self._db)

    def fail(self, subject: str, *, made_of: str, reason: str, examined: Sequence[Examined] = ()) -> None:
        """Record a failure to enrol; no template is left of an earlier enrolment."""
        with transaction(self._db):
            self._seals.destroy(self._keys(subject))
            self._clear(subject)
            self._db.execute(
                "INSERT OR REPLACE INTO failures VALUES (?, ?, ?, ?)", [subject, made_of, reason, utc_now()]
            )
            self._keep(subject, examined)
        forget_log(self._db)

    def forget(self, subject: str) -> None:
        """Delete a subject's template, and what is left of it on the disk; copies elsewhere lose their key."""
        with transaction(self._db):
            self._seals.destroy(self._keys(subject))
            self._clear(subject)
        forget_log(self._db)

    def tidy(self) -> None:
        """Remove keys that open nothing (left by a power cut), and templates whose key is gone (from a backup)."""
        if self._by_key().keys() == self._seals.names():
            return
        with transaction(self._db):
            rows, keys = {s: key for key, s in self._by_key().items()}, self._seals.names()
            lost = [subject for subject, key in rows.items() if key not in keys]
            for subject in lost:
                self._clear(subject)
            self._seals.destroy(keys - set(rows.values()))
        if lost:
            forget_log(self._db)

    def made_of(self) -> dict[str, str]:
        """For each subject enrolled, or failed to: what it was made of."""
        rows = self._db.execute("SELECT subject, made_of FROM templates UNION SELECT subject, made_of FROM failures")
        return dict(rows.fetchall())

    def enrolled_at(self) -> dict[str, str]:
        """Subject → when the template was made, ISO 8601 in UTC."""
        return dict(self._db.execute("SELECT subject, enrolled_at FROM templates").fetchall())

    def failures(self) -> dict[str, str]:
        """Subjects that could not be enrolled, with the reason code."""
        return dict(self._db.execute("SELECT subject, reason FROM failures ORDER BY subject").fetchall())

    def examined(self) -> dict[str, list[Examined]]:
        """What was found of each portrait that has been looked at, by subject."""
        found: dict[str, list[Examined]] = {}
        for r in self._db.query("SELECT * FROM portrait_checks ORDER BY subject, portrait"):
            found.setdefault(r["subject"], []).append(_examined(r))
        return found

    def taken_on(self) -> dict[str, date]:
        """Portrait → the day on which its camera says that it was taken, where one says so."""
        rows = self._db.execute("SELECT portrait, taken_on FROM portrait_checks WHERE taken_on IS NOT NULL")
        return {portrait: date.fromisoformat(day) for portrait, day in rows.fetchall()}

    def templates(self) -> Templates:
        """Everybody enrolled; read again only when it has changed. A template whose key is gone is not there."""
        version = self.version()
        if self._held is None or self._held.version != version:
            rows = self._db.execute(
                "SELECT subject, made_of, model, key, vector FROM templates ORDER BY subject"
            ).fetchall()
            found = {s: v for s, made, model, key, sealed in rows if (v := self._open(s, made, model, key, sealed))}
            vectors = [np.frombuffer(v, "<f4").astype(np.float32) for v in found.values()]
            stacked = np.stack(vectors) if vectors else np.zeros((0, 128), np.float32)
            self._held = Templates(tuple(found), stacked, version)
        return self._held

    def faults(self) -> list[str]:
        """Templates that do not open: their key is gone, or they are not what was sealed. No subject is named."""
        rows = self._db.execute(
            "SELECT subject, made_of, model, key, vector FROM templates ORDER BY subject"
        ).fetchall()
        faults = []
        for number, row in enumerate(rows, start=1):
            try:
                if self._open(*row) is None:
                    faults.append(f"template {number} of {len(rows)} has no key: `appliance process` makes it anew")
            except Damaged as error:
                faults.append(f"template {number} of {len(rows)}: {error}")
        return faults

    def let_go(self) -> None:
        """Hold no template in memory while nothing is compared."""
        self._held = None

    def version(self) -> str:
        """A hash that changes whenever a template does."""
        rows = self._db.execute("SELECT subject, made_of, model FROM templates ORDER BY subject").fetchall()
        return hashlib.sha256(repr(rows).encode()).hexdigest()[:16]

    def _open(self, subject: str, made_of: str, model: str, key: str, sealed: bytes) -> bytes | None:
        return self._seals.unseal(key, sealed, _about(subject, made_of, model))

    def _by_key(self) -> dict[str, str]:
        return dict(self._db.execute("SELECT key, subject FROM templates").fetchall())

    def _keys(self, subject: str) -> list[str]:
        rows = self._db.execute("SELECT key FROM templates WHERE subject = ? AND key <> ''", [subject])
        return [r[0] for r in rows.fetchall()]

    def _clear(self, subject: str) -> None:
        for table in ("templates", "failures", "portrait_checks"):
            self._db.execute(f"DELETE FROM {table} WHERE subject = ?", [subject])

    def _keep(self, subject: str, examined: Sequence[Examined]) -> None:
        for e in examined:
            self._db.execute(
                "INSERT INTO portrait_checks VALUES (?, ?, ?, ?, ?)",
                [subject, e.portrait, e.reason, e.taken_on.isoformat() if e.taken_on else None, utc_now()],
            )


def _about(subject: str, made_of: str, model: str) -> str:
    return f"{subject}\x00{made_of}\x00{model}"


def _examined(r: dict[str, Any]) -> Examined:
    return Examined(r["portrait"], Reason(r["reason"]), date.fromisoformat(r["taken_on"]) if r["taken_on"] else None)
