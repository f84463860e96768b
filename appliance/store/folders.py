"""What was found in a folder of pictures that somebody published before: one row a file, so that looking can go on."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlite_utils import Database

from appliance.store.database import erasing, transaction, utc_now


@dataclass(frozen=True, slots=True)
class Finding:
    """One file. state: seen, or why it could not be read. metadata: kinds found in it. unknown: faces nobody knows.

    people: known people in it by id, with what is to be said of them: `ok`, `no_consent`, `left`, or `gone`.
    published: the derivative of ours that it is, if it is one.
    """

    path: str
    size: int
    changed_ns: int
    state: str
    metadata: tuple[str, ...] = ()
    faces: int = 0
    unknown: int = 0
    people: tuple[tuple[str, str], ...] = ()
    published: str | None = None

    @property
    def to_do(self) -> list[str]:
        """What somebody has to see to."""
        said = {verdict for _, verdict in self.people if verdict != "ok"}
        more = [w for w, holds in (("metadata", self.metadata), ("unknown_faces", self.unknown)) if holds]
        return sorted(said) + more + ([] if self.state == "seen" else [f"unread_{self.state}"])


class Folders:
    """Audits of folders, in the ledger's database."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def audit(self, root: str, channel: str, who: str) -> int:
        """The audit of this folder for this channel: begun now, or taken up again."""
        with transaction(self._db):
            row = self._db.execute(
                "SELECT id FROM folder_audits WHERE root = ? AND channel = ? ORDER BY id DESC LIMIT 1", [root, channel]
            ).fetchone()
            if row is None:
                row = self._db.execute(
                    "INSERT INTO folder_audits (root, channel, who, at) VALUES (?, ?, ?, ?) RETURNING id",
                    [root, channel, who, utc_now()],
                ).fetchone()
        return int(row[0])

    def knows(self, audit: int, path: str, size: int, changed_ns: int) -> bool:
        """Whether this very file was looked at already."""
        found = self._db.execute(
            "SELECT 1 FROM folder_findings WHERE audit = ? AND path = ? AND size = ? AND changed_ns = ?",
            [audit, path, size, changed_ns],
        ).fetchone()
        return found is not None

    def record(self, audit: int, findings: Sequence[Finding]) -> None:
        """Keep what was found; a file that has changed since is found anew."""
        with erasing(self._db):
            for f in findings:
                for table in ("folder_people", "folder_findings"):
                    self._db.execute(f"DELETE FROM {table} WHERE audit = ? AND path = ?", [audit, f.path])
                values = [audit, f.path, f.size, f.changed_ns, f.state, json.dumps(f.metadata), f.faces, f.unknown]
                self._db.execute(
                    "INSERT INTO folder_findings VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    [*values, f.published, utc_now()],
                )
                for subject, verdict in f.people:
                    self._db.execute("INSERT INTO folder_people VALUES (?, ?, ?, ?)", [audit, f.path, subject, verdict])

    def findings(self, audit: int) -> Iterator[Finding]:
        """Everything that was found, by path; one at a time."""
        rows = self._db.execute(
            """SELECT path, size, changed_ns, state, metadata, faces, unknown, published,
                 (SELECT json_group_array(json_array(subject, verdict)) FROM folder_people p
                  WHERE p.audit = f.audit AND p.path = f.path)
               FROM folder_findings f WHERE audit = ? ORDER BY path""", [audit],
        )  # fmt: skip
        for path, size, changed, state, metadata, faces, unknown, published, people in rows:
            known = tuple((str(s), str(v)) for s, v in json.loads(people))
            yield Finding(path, size, changed, state, tuple(json.loads(metadata)), faces, unknown, known, published)
