"""Erasures under way and done. Work that began before one may not be entered after it: it could bring somebody back."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from sqlite_utils import Database

from appliance.errors import Superseded
from appliance.store.database import erasing, transaction, utc_now


@dataclass(frozen=True, slots=True)
class OpenErasure:
    """One that is not finished: broken off, or (waits) with photos that a hold or quarantine keeps."""

    subject: str
    who: str
    waits: bool


class Erasures:
    """In the ledger's database."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._began: int | None = None

    def begin(self, subject: str, who: str) -> None:
        """From now on no work that has begun is entered; after a power cut the erasure is known to be unfinished."""
        with transaction(self._db):
            self._db.execute(
                "INSERT INTO erasures_open VALUES (?, ?, ?, 0) ON CONFLICT DO UPDATE SET waits = 0",
                [subject, who, utc_now()],
            )
            self._count()

    def end(self, subject: str, certificate: dict[str, Any], *, waits: bool) -> None:
        """It is done, and this is its certificate; waits: it has to be done again once nothing is held any more."""
        with transaction(self._db):
            self._count()
            if waits:
                self._db.execute("UPDATE erasures_open SET waits = 1 WHERE subject = ?", [subject])
            else:
                self._db.execute("DELETE FROM erasures_open WHERE subject = ?", [subject])
            self._db.execute(
                "INSERT INTO erasures (at, certificate) VALUES (?, ?)",
                [utc_now(), json.dumps(certificate, sort_keys=True)],
            )

    def open(self) -> list[OpenErasure]:
        """Those that are not finished."""
        rows = self._db.execute("SELECT subject, who, waits FROM erasures_open ORDER BY at").fetchall()
        return [OpenErasure(subject, who, bool(waits)) for subject, who, waits in rows]

    def certificates(self) -> list[dict[str, Any]]:
        """Every certificate, oldest first."""
        return [json.loads(r[0]) for r in self._db.execute("SELECT certificate FROM erasures ORDER BY id").fetchall()]

    def begin_work(self) -> None:
        """Whatever this process enters from now on rests on facts that are read after this."""
        self._began = self._number()

    def check(self) -> None:
        """Raise Superseded if somebody was or is being erased since the work began. For within the transaction."""
        if self._began is not None and (self._began != self._number() or self._is_under_way()):
            raise Superseded("erased_meanwhile", "somebody was erased meanwhile; the work is done again")

    def retire(self, photos: list[str], kind: str, why: str) -> None:
        """Record that files of this kind are not kept any more; they are deleted after that."""
        with transaction(self._db):
            self._db.conn.executemany(
                "INSERT OR IGNORE INTO retired VALUES (?, ?, ?, ?)", [(p, kind, why, utc_now()) for p in photos]
            )

    def retired(self, kind: str) -> set[str]:
        """Photos whose file of this kind is not kept any more."""
        return {r[0] for r in self._db.execute("SELECT photo FROM retired WHERE kind = ?", [kind]).fetchall()}

    def is_retired(self, photo: str, kind: str) -> bool:
        """Whether this photo's is not."""
        found = self._db.execute("SELECT 1 FROM retired WHERE photo = ? AND kind = ?", [photo, kind]).fetchone()
        return found is not None

    def forget_elsewhere(self, subject: str) -> None:
        """Delete the subject's rows of every other table of the ledger that has a column for subjects."""
        with erasing(self._db):
            for table in tables_with_subjects(self._db):
                if table not in ("faces", "erasures_open"):
                    self._db.execute(f"DELETE FROM {table} WHERE subject = ?", [subject])

    def _count(self) -> None:
        self._db.execute("INSERT INTO erasure_count VALUES (1, 1) ON CONFLICT DO UPDATE SET number = number + 1")

    def _number(self) -> int:
        row = self._db.execute("SELECT number FROM erasure_count").fetchone()
        return int(row[0]) if row else 0

    def _is_under_way(self) -> bool:
        return self._db.execute("SELECT 1 FROM erasures_open WHERE waits = 0").fetchone() is not None


def tables_with_subjects(db: Database) -> list[str]:
    """Tables with a column named `subject`, wherever they came from."""
    rows = db.execute(
        """SELECT m.name FROM sqlite_master m, pragma_table_info(m.name) c
           WHERE m.type = 'table' AND c.name = 'subject' ORDER BY m.name"""
    )
    return [r[0] for r in rows.fetchall()]
