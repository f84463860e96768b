"""What became of each photo: facts, one public method one transaction. It knows nothing of names or consents."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlite_utils import Database

from appliance.domain.decide import SeenFace
from appliance.domain.face import Box, Detection, FaceId
from appliance.domain.identify import Ambiguous, Identification, Match, NoMatch
from appliance.domain.photo import PhotoId, PhotoState
from appliance.store.certificates import Certificates
from appliance.store.database import transaction, unflushed, utc_now
from appliance.store.erasures import Erasures
from appliance.store.folders import Folders
from appliance.store.jobs import Jobs
from appliance.store.publications import Publications
from appliance.store.register import Register
from appliance.store.selftests import SelfTests
from appliance.store.takedowns import Takedowns
from appliance.store.traces import Traces


@dataclass(frozen=True, slots=True)
class Intake:
    """One request to take in a card or folder."""

    id: int
    path: str
    event: str


@dataclass(frozen=True, slots=True)
class Analysis:
    """The newest analysis of a photo. width, height: the upright full-size original in pixels."""

    id: int
    photo: PhotoId
    model: str
    gallery: str
    width: int
    height: int
    faces: tuple[SeenFace, ...]
    admitted_at: str = ""


@dataclass(frozen=True, slots=True)
class Companion:
    """A file that hangs on a photo: its RAW, its video, a sidecar."""

    id: PhotoId
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PhotoRow:
    """A photo or refused file as the ledger knows it; `state` is without quarantine, which is a person's ruling.

    names: its own, then those of its companions. remarks: what is said of its decoding.
    """

    id: PhotoId
    bytes: int
    event: str
    admitted_at: str
    names: tuple[str, ...]
    state: PhotoState
    reason: str | None
    companions: tuple[Companion, ...] = ()
    remarks: tuple[str, ...] = ()


class Ledger:
    """The ledger of one home."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self.jobs = Jobs(db)
        self.erasures = Erasures(db)
        self.publications = Publications(db)
        self.folders = Folders(db)
        self.takedowns = Takedowns(db)
        self.register, self.certificates = Register(db), Certificates(db)
        self.selftests, self.traces = SelfTests(db), Traces(db)

    # ---- taking in

    def begin_intake(self, path: str, event: str) -> Intake:
        """Ask for a card or folder to be taken in. An unfinished request for the same one is taken up again."""
        with transaction(self._db):
            for intake in self.unfinished_intakes():
                if (intake.path, intake.event) == (path, event):
                    return intake
            row = self._db.execute(
                "INSERT INTO intakes (path, event, asked_at) VALUES (?, ?, ?) RETURNING id", [path, event, utc_now()]
            ).fetchone()
            return Intake(row[0], path, event)

    def unfinished_intakes(self) -> list[Intake]:
        """Requests that were interrupted, oldest first."""
        rows = self._db.query("SELECT * FROM intakes WHERE id NOT IN (SELECT intake FROM intake_ends) ORDER BY id")
        return [Intake(r["id"], r["path"], r["event"]) for r in rows]

    def end_intake(self, intake: Intake, *, files: int, admitted: int, duplicates: int, skipped: int) -> None:
        """Everything that was to be had from it is in."""
        with transaction(self._db):
            self._db.execute(
                "INSERT OR IGNORE INTO intake_ends VALUES (?, ?, ?, ?, ?, ?)",
                [intake.id, files, admitted, duplicates, skipped, utc_now()],
            )

    def admit(
        self, intake: Intake, photo: PhotoId, size: int, name: str, aside: tuple[PhotoState, str] | None,
        of: PhotoId | None = None,
    ) -> bool:  # fmt: skip
        """Record one file of an intake; True if its content is new. `aside`: state and reason if it is no photo.

        of: the photo that it hangs on. What is a photo of its own already stays one.
        """
        with transaction(self._db):
            new = self._db.execute(
                "INSERT OR IGNORE INTO photos VALUES (?, ?, ?, ?, ?)",
                [photo, size, intake.event, intake.id, utc_now()],
            ).rowcount
            self._db.execute("INSERT OR IGNORE INTO sightings VALUES (?, ?, ?)", [photo, intake.id, name])
            if new and aside:
                self._set_aside(photo, *aside)
            if of and of != photo and (new or self._is_beside_the_line(photo)):
                self._db.execute("INSERT OR IGNORE INTO companions VALUES (?, ?, ?)", [of, photo, utc_now()])
            elif new and not aside:
                self.jobs.request("analyse", photo)
            return bool(new)

    def _is_beside_the_line(self, file: PhotoId) -> bool:
        return bool(
            self._db.execute(
                "SELECT 1 FROM set_aside WHERE photo = ? UNION SELECT 1 FROM companions WHERE file = ?", [file, file]
            ).fetchone()
        )

    def knows(self, photo: PhotoId) -> bool:
        """Whether a file of this content was ever admitted."""
        return bool(self._db.execute("SELECT 1 FROM photos WHERE id = ?", [photo]).fetchone())

    def set_aside(self, photo: PhotoId, state: PhotoState, reason: str) -> None:
        """This file ends here: parked or refused."""
        with transaction(self._db):
            self._set_aside(photo, state, reason)

    def _set_aside(self, photo: PhotoId, state: PhotoState, reason: str) -> None:
        self._db.execute("INSERT OR IGNORE INTO set_aside VALUES (?, ?, ?, ?)", [photo, state, reason, utc_now()])

    def remark(self, photo: PhotoId, remarks: Iterable[str]) -> None:
        """Keep what is to be said of a photo's decoding."""
        with transaction(self._db):
            for remark in remarks:
                self._db.execute("INSERT OR IGNORE INTO remarks VALUES (?, ?, ?)", [photo, remark, utc_now()])

    # ---- analysing and rendering

    def record_analysis(
        self, photo: PhotoId, model: str, gallery: str, size: tuple[int, int], faces: Iterable[SeenFace]
    ) -> None:
        """Keep what was seen, and ask for the picture to be rendered. size: width, height of the upright original.

        Not flushed by itself: after a power cut the photo is looked at again. What is out rests on nothing unflushed,
        for the register stands in the same log; a ruling does not, but finds its face again: its id is made of its box.
        """
        with unflushed(self._db):
            self.erasures.check()
            analysis = self._db.execute(
                "INSERT INTO analyses (photo, model, gallery, width, height, at) VALUES (?,?,?,?,?,?) RETURNING id",
                [photo, model, gallery, *size, utc_now()],
            ).fetchone()[0]
            self._db.conn.executemany(
                "INSERT INTO faces VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", [_face_row(analysis, f) for f in faces]
            )
            self.jobs.request("render", photo)

    def analysis(self, photo: PhotoId) -> Analysis | None:
        """The newest analysis with its faces, left to right."""
        rows = self._db.query(
            "SELECT a.*, p.admitted_at FROM analyses a JOIN photos p ON p.id = a.photo WHERE a.photo = ? "
            "ORDER BY a.id DESC LIMIT 1",
            [photo],
        )
        row = next(rows, None)
        if row is None:
            return None
        faces = self._db.query("SELECT * FROM faces WHERE analysis = ? ORDER BY x, y, face", [row["id"]])
        seen = tuple(_seen_face(f) for f in faces)
        size = (row["width"], row["height"])
        return Analysis(row["id"], photo, row["model"], row["gallery"], *size, seen, row["admitted_at"])

    def once_matched(self, photo: PhotoId) -> dict[str, Match]:
        """For each face that ever was taken for somebody: for whom at last. Earlier analyses count."""
        rows = self._db.execute(
            """SELECT f.face, f.subject, f.comparison FROM faces f JOIN analyses a ON a.id = f.analysis
               WHERE a.photo = ? AND f.subject IS NOT NULL ORDER BY a.id""",
            [photo],
        )
        return {face: Match(subject, comparison) for face, subject, comparison in rows}

    def derivative(self, photo: PhotoId, plan: str) -> str | None:
        """SHA-256 of the derivative that this plan made of this photo, if it was rendered."""
        row = self._db.execute(
            "SELECT derivative FROM derivatives WHERE photo = ? AND plan = ?", [photo, plan]
        ).fetchone()
        return row[0] if row else None

    def plan_of(self, photo: PhotoId, derivative: str) -> str | None:
        """The plan that a derivative was made by."""
        row = self._db.execute(
            "SELECT plan FROM derivatives WHERE photo = ? AND derivative = ?", [photo, derivative]
        ).fetchone()
        return row[0] if row else None

    def photos_of(self, derivative: str) -> list[PhotoId]:
        """Every photo this derivative was made of (two originals may have the same pixels)."""
        rows = self._db.execute(
            "SELECT DISTINCT photo FROM derivatives WHERE derivative = ? ORDER BY photo", [derivative]
        )
        return [PhotoId(r[0]) for r in rows]

    def record_render(self, photo: PhotoId, made: dict[str, str], facts: str) -> None:
        """Keep plan → derivative, and by which facts that was decided: until they change it holds.

        Not flushed by itself either: a picture that was lost is made again.
        """
        with unflushed(self._db):
            self.erasures.check()
            for plan, derivative in made.items():
                self._db.execute(
                    "INSERT OR IGNORE INTO derivatives VALUES (?, ?, ?, ?)", [photo, plan, derivative, utc_now()]
                )
            self._db.execute("INSERT OR REPLACE INTO renders VALUES (?, ?, ?)", [photo, facts, utc_now()])

    def all_derivatives(self) -> list[str]:
        """Every derivative ever made and not erased."""
        return [r[0] for r in self._db.execute("SELECT DISTINCT derivative FROM derivatives ORDER BY derivative")]

    def ask(self, stage: str, photo: PhotoId) -> None:
        """Make a photo walk the line again from this stage."""
        with transaction(self._db):
            self.jobs.request(stage, photo)

    # ---- level-triggered: what is not as it should be

    def analysed_otherwise(self, model: str, gallery: str) -> list[PhotoId]:
        """Photos whose newest analysis is by another model or gallery, or missing; not what was set aside.

        A RAW is looked at where the photo that it hangs on could not be read.
        """
        rows = self._db.execute(
            f"""SELECT id FROM photos p WHERE id NOT IN (SELECT photo FROM set_aside) AND NOT {_HANGS}
                 AND id NOT IN (SELECT photo FROM retired WHERE kind = 'originals') AND NOT EXISTS (
                 SELECT 1 FROM analyses a WHERE a.photo = p.id AND a.model = ? AND a.gallery = ?
                   AND a.id = (SELECT max(id) FROM analyses b WHERE b.photo = p.id)) ORDER BY id""",
            [model, gallery],
        )
        return [PhotoId(r[0]) for r in rows]

    def rendered_by(self) -> dict[PhotoId, tuple[int, str | None]]:
        """For each analysed photo: its newest analysis, and the facts by which it was last rendered."""
        rows = self._db.execute(
            "SELECT a.photo, max(a.id), r.facts FROM analyses a LEFT JOIN renders r USING (photo) GROUP BY a.photo"
        )
        return {PhotoId(r[0]): (r[1], r[2]) for r in rows}

    # ---- reading

    def photos(self) -> list[PhotoRow]:
        """Every photo and refused file, in the order they came; each with the files that hang on it."""
        return self._photos(f"WHERE NOT {_HANGS}")

    def files(self) -> set[PhotoId]:
        """Every file that was ever admitted, whether it is a photo or hangs on one."""
        return {PhotoId(r[0]) for r in self._db.execute("SELECT id FROM photos")}

    def photos_carrying(self, file: PhotoId) -> list[PhotoId]:
        """The photos that this file hangs on."""
        rows = self._db.execute("SELECT photo FROM companions WHERE file = ? ORDER BY photo", [file])
        return [PhotoId(r[0]) for r in rows]

    def companions_only_of(self, photo: PhotoId) -> list[PhotoId]:
        """The files that hang on this photo and on no other."""
        rows = self._db.execute(
            "SELECT file FROM companions GROUP BY file HAVING min(photo) = ? AND max(photo) = ? ORDER BY file",
            [photo, photo],
        )
        return [PhotoId(r[0]) for r in rows]

    def photo(self, photo: PhotoId) -> PhotoRow | None:
        """One of them."""
        return next(iter(self._photos("WHERE p.id = ?", photo)), None)

    def _photos(self, where: str = "", *params: str) -> list[PhotoRow]:
        rows = self._db.query(
            f"""SELECT p.*, s.state, s.reason,
                 (SELECT json_group_array(name) FROM sightings n WHERE n.photo = p.id) names,
                 (SELECT json_group_array(json_array(c.file, n.name)) FROM companions c
                    JOIN sightings n ON n.photo = c.file WHERE c.photo = p.id
                    AND (s.photo IS NULL OR c.file IN (SELECT photo FROM set_aside))) companions,
                 (SELECT json_group_array(remark) FROM remarks r WHERE r.photo = p.id) remarks,
                 EXISTS (SELECT 1 FROM analyses a WHERE a.photo = p.id) analysed,
                 EXISTS (SELECT 1 FROM renders r WHERE r.photo = p.id) rendered
               FROM photos p LEFT JOIN set_aside s ON s.photo = p.id {where} ORDER BY p.admitted_at, p.id""",
            params,
        )
        return [_photo_row(r) for r in rows]

    def find_photo(self, prefix: str) -> list[PhotoId]:
        """Photos whose id begins with this."""
        pattern = prefix.lower().replace("%", "").replace("_", "") + "%"
        return [PhotoId(r[0]) for r in self._db.execute("SELECT id FROM photos WHERE id LIKE ? ORDER BY id", [pattern])]

    def counts(self) -> dict[str, int]:
        """How many photos there are by state."""

        def count(sql: str) -> int:
            return int(self._db.execute(f"SELECT count({sql}").fetchone()[0])

        rendered = count("*) FROM renders") - count("*) FROM set_aside WHERE photo IN (SELECT photo FROM renders)")
        analysed = count("DISTINCT photo) FROM analyses") - count(
            "*) FROM set_aside s WHERE EXISTS (SELECT 1 FROM analyses a WHERE a.photo = s.photo)"
        )
        aside = self._db.execute("SELECT state, count(*) FROM set_aside GROUP BY state").fetchall()
        rendered = min(rendered, analysed)
        counted = dict(aside) | {
            PhotoState.ADMITTED: count("*) FROM photos") - sum(n for _, n in aside) - analysed,
            PhotoState.ANALYSED: analysed - rendered, PhotoState.RENDERED: rendered,
        }  # fmt: skip
        return {state: n for state, n in counted.items() if n}

    # ---- the clock

    def clock_seen(self) -> str:
        """The latest time this box has ever known, ISO 8601 in UTC; moved forward by `now`."""
        row = self._db.execute("SELECT seen_at FROM clock").fetchone()
        return row[0] if row else ""

    def see_clock(self, now: str) -> None:
        """Remember that it has been this late."""
        with transaction(self._db):
            self._db.execute(
                "INSERT INTO clock VALUES (1, ?) ON CONFLICT DO UPDATE SET seen_at = max(seen_at, excluded.seen_at)",
                [now],
            )

    def reset_clock(self, now: str) -> None:
        """A person says that it is `now`, whatever this box has known."""
        with transaction(self._db):
            self._db.execute("INSERT OR REPLACE INTO clock VALUES (1, ?)", [now])


def _face_row(analysis: int, face: SeenFace) -> list[Any]:
    box, who = face.detection.box, face.identification
    kind = {Match: "match", NoMatch: "no_match", Ambiguous: "ambiguous"}[type(who)]
    matched = (who.subject, who.comparison) if isinstance(who, Match) else (None, None)
    landmarks = json.dumps(face.detection.landmarks)
    return [analysis, face.id, box.x, box.y, box.w, box.h, landmarks, face.detection.score, kind, *matched]


def _seen_face(r: dict[str, Any]) -> SeenFace:
    a, b, c, d, e = ((float(x), float(y)) for x, y in json.loads(r["landmarks"]))
    detection = Detection(Box(r["x"], r["y"], r["w"], r["h"]), (a, b, c, d, e), r["score"])
    who: Identification = Ambiguous() if r["identity"] == "ambiguous" else NoMatch()
    if r["identity"] == "match":
        who = Match(r["subject"], r["comparison"])
    return SeenFace(FaceId(r["face"]), detection, who)


_HANGS = """EXISTS (SELECT 1 FROM companions c WHERE c.file = p.id AND (
    p.id IN (SELECT photo FROM set_aside) OR c.photo NOT IN (SELECT photo FROM set_aside)))"""
"""Of photo `p`: it is no photo of its own. A RAW that hangs on a photo that cannot be read is one."""


def _photo_row(r: dict[str, Any]) -> PhotoRow:
    state = PhotoState.ADMITTED
    if r["state"]:
        state = PhotoState(r["state"])
    elif r["analysed"]:
        state = PhotoState.RENDERED if r["rendered"] else PhotoState.ANALYSED
    names = tuple(sorted(set(json.loads(r["names"]))))
    carried: dict[str, set[str]] = {}
    for file, name in json.loads(r["companions"]):
        carried.setdefault(file, set()).add(name)
    companions = tuple(Companion(PhotoId(f), tuple(sorted(n))) for f, n in sorted(carried.items()))
    names += tuple(n for c in companions for n in c.names)
    remarks = tuple(sorted(json.loads(r["remarks"])))
    return PhotoRow(
        PhotoId(r["id"]), r["bytes"], r["event"], r["admitted_at"], names, state, r["reason"], companions, remarks
    )
