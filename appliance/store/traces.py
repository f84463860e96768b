"""Where in the ledger somebody is, or nobody knows who is; and how that is removed, for erasing and retention."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Any

from sqlite_utils import Database

from appliance.domain.photo import PhotoId
from appliance.store.database import erasing


class Traces:
    """Finding and forgetting. One public method is one transaction."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def photos_with(self, subject: str) -> list[PhotoId]:
        """Photos in which a face was ever taken for this subject."""
        rows = self._db.execute(
            "SELECT DISTINCT a.photo FROM faces f JOIN analyses a ON a.id = f.analysis WHERE f.subject = ?", [subject]
        )
        return [PhotoId(r[0]) for r in rows]

    def photos_of_event(self, event: str) -> list[PhotoId]:
        """Photos that were taken in for this event."""
        return [PhotoId(r[0]) for r in self._db.execute("SELECT id FROM photos WHERE event = ?", [event]).fetchall()]

    def strangers(self, event: str | None = None) -> Iterator[tuple[PhotoId, str, str, list[str]]]:
        """Photos with faces that were not matched: photo, event, when it came, and those faces."""
        rows = self._db.execute(
            f"""SELECT p.id, p.event, p.admitted_at, group_concat(f.face) FROM photos p
                JOIN faces f ON f.analysis = (SELECT max(id) FROM analyses a WHERE a.photo = p.id)
                WHERE f.subject IS NULL {"AND p.event = ?" if event is not None else ""}
                GROUP BY p.id ORDER BY p.admitted_at, p.id""",
            [event] if event is not None else [],
        )
        for photo, of_event, at, faces in rows:
            yield PhotoId(photo), of_event, at, faces.split(",")

    def faces_of(self, subject: str) -> list[dict[str, Any]]:
        """Where faces were taken for this subject, and how sure that was."""
        return list(self._db.query(
            """SELECT a.photo, f.face, f.x, f.y, f.w, f.h, f.comparison, a.at
               FROM faces f JOIN analyses a ON a.id = f.analysis WHERE f.subject = ? ORDER BY a.id""", [subject],
        ))  # fmt: skip

    def ages(self) -> Iterator[tuple[PhotoId, str, bool]]:
        """Every photo and file: when it came, and whether it was set aside."""
        rows = self._db.execute(
            "SELECT p.id, p.admitted_at, s.photo IS NOT NULL FROM photos p LEFT JOIN set_aside s ON s.photo = p.id"
        )
        for photo, at, is_aside in rows:
            yield PhotoId(photo), at, bool(is_aside)

    def unread(self) -> int:
        """How many files were set aside, so that nobody knows who is in them."""
        return int(self._db.execute("SELECT count(*) FROM set_aside").fetchone()[0])

    def forget_subject(self, subject: str, but_in: Collection[PhotoId] = ()) -> None:
        """Remove every trace of a subject from faces and jobs; the faces stay, as a stranger's.

        but_in: photos that are kept as they are.
        """
        with erasing(self._db):
            self._db.execute("DELETE FROM jobs WHERE stage = 'enrol' AND key = ?", [subject])
            rows = self._db.query(
                """SELECT f.*, a.photo, f.analysis = (SELECT max(id) FROM analyses b WHERE b.photo = a.photo) newest
                   FROM faces f JOIN analyses a ON a.id = f.analysis WHERE f.subject = ?""",
                [subject],
            )
            for r in [r for r in rows if r["photo"] not in but_in]:
                self._db.execute("DELETE FROM faces WHERE analysis = ? AND face = ?", [r["analysis"], r["face"]])
                del r["photo"]
                if not r.pop("newest"):
                    continue
                r |= {"identity": "no_match", "subject": None, "comparison": None}
                self._db.execute("INSERT INTO faces VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", list(r.values()))

    def forget_files(self, files: Iterable[PhotoId]) -> None:
        """Remove every trace of these files, and of what hung on them being theirs."""
        with erasing(self._db):
            for file in files:
                self._db.execute("DELETE FROM companions WHERE photo = ? OR file = ?", [file, file])
                self._db.execute(
                    "DELETE FROM faces WHERE analysis IN (SELECT id FROM analyses WHERE photo = ?)", [file]
                )
                for table in ("analyses", "derivatives", "renders", "remarks", "retired", "set_aside", "sightings"):
                    self._db.execute(f"DELETE FROM {table} WHERE photo = ?", [file])
                self._db.execute("DELETE FROM jobs WHERE stage <> 'enrol' AND key = ?", [file])
                self._db.execute("DELETE FROM photos WHERE id = ?", [file])

    def derivatives_only_of(self, photo: PhotoId) -> list[str]:
        """A photo's derivatives that no other photo has too."""
        rows = self._db.execute(
            """SELECT derivative FROM derivatives GROUP BY derivative
               HAVING max(photo) = ? AND min(photo) = ? ORDER BY derivative""",
            [photo, photo],
        )
        return [r[0] for r in rows]

    def forget_derivatives(self, photo: PhotoId) -> None:
        """Remove a photo's pictures from the ledger."""
        with erasing(self._db):
            self._db.execute("DELETE FROM derivatives WHERE photo = ?", [photo])
            self._db.execute("DELETE FROM renders WHERE photo = ?", [photo])
