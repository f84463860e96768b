"""What became of each photo: facts, one public method one transaction. It knows nothing of names or consents."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlite_utils import Database

from appliance.domain.decide import SeenFace
from appliance.domain.face import Box, Detection, FaceId
from appliance.domain.identify import Ambiguous, Identification, Match, NoMatch
from appliance.domain.photo import PhotoId, PhotoState
from appliance.domain.release import Copy, CopyState
from appliance.store.database import erasing, transaction, unflushed, utc_now
from appliance.store.jobs import Jobs
from appliance.store.takedowns import Takedowns


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


@dataclass(frozen=True, slots=True)
class PhotoRow:
    """A photo or refused file as the ledger knows it; `state` is without quarantine, which is a person's ruling."""

    id: PhotoId
    bytes: int
    event: str
    admitted_at: str
    names: tuple[str, ...]
    state: PhotoState
    reason: str | None


class Ledger:
    """The ledger of one home."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self.jobs = Jobs(db)
        self.takedowns = Takedowns(db)

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

    def admit(self, intake: Intake, photo: PhotoId, size: int, name: str, aside: tuple[PhotoState, str] | None) -> bool:
        """Record one file of an intake; True if its content is new. `aside`: state and reason if it is no photo."""
        with transaction(self._db):
            new = self._db.execute(
                "INSERT OR IGNORE INTO photos VALUES (?, ?, ?, ?, ?)",
                [photo, size, intake.event, intake.id, utc_now()],
            ).rowcount
            self._db.execute("INSERT OR IGNORE INTO sightings VALUES (?, ?, ?)", [photo, intake.id, name])
            if new and aside:
                self._set_aside(photo, *aside)
            elif new:
                self.jobs.request("analyse", photo)
            return bool(new)

    def knows(self, photo: PhotoId) -> bool:
        """Whether a file of this content was ever admitted."""
        return bool(self._db.execute("SELECT 1 FROM photos WHERE id = ?", [photo]).fetchone())

    def set_aside(self, photo: PhotoId, state: PhotoState, reason: str) -> None:
        """This file ends here: parked or refused."""
        with transaction(self._db):
            self._set_aside(photo, state, reason)

    def _set_aside(self, photo: PhotoId, state: PhotoState, reason: str) -> None:
        self._db.execute("INSERT OR IGNORE INTO set_aside VALUES (?, ?, ?, ?)", [photo, state, reason, utc_now()])

    # ---- analysing and rendering

    def record_analysis(
        self, photo: PhotoId, model: str, gallery: str, size: tuple[int, int], faces: Iterable[SeenFace]
    ) -> None:
        """Keep what was seen, and ask for the picture to be rendered. size: width, height of the upright original.

        Not flushed by itself: after a power cut the photo is looked at again. What is out rests on nothing unflushed,
        for the register stands in the same log; a ruling does not, but finds its face again: its id is made of its box.
        """
        with unflushed(self._db):
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
        row = next(self._db.query("SELECT * FROM analyses WHERE photo = ? ORDER BY id DESC LIMIT 1", [photo]), None)
        if row is None:
            return None
        faces = self._db.query("SELECT * FROM faces WHERE analysis = ? ORDER BY x, y, face", [row["id"]])
        seen = tuple(_seen_face(f) for f in faces)
        return Analysis(row["id"], photo, row["model"], row["gallery"], row["width"], row["height"], seen)

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
        """Photos whose newest analysis is by another model or gallery, or missing; not what was set aside."""
        rows = self._db.execute(
            """SELECT id FROM photos WHERE id NOT IN (SELECT photo FROM set_aside) AND NOT EXISTS (
                 SELECT 1 FROM analyses a WHERE a.photo = photos.id AND a.model = ? AND a.gallery = ?
                   AND a.id = (SELECT max(id) FROM analyses b WHERE b.photo = photos.id)) ORDER BY id""",
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
        """Every photo and refused file, in the order they came."""
        return self._photos()

    def photo(self, photo: PhotoId) -> PhotoRow | None:
        """One of them."""
        return next(iter(self._photos("WHERE p.id = ?", photo)), None)

    def _photos(self, where: str = "", *params: str) -> list[PhotoRow]:
        rows = self._db.query(
            f"""SELECT p.*, s.state, s.reason,
                 (SELECT json_group_array(name) FROM sightings n WHERE n.photo = p.id) names,
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
        counted: dict[str, int] = {}
        for photo in self.photos():
            counted[photo.state] = counted.get(photo.state, 0) + 1
        return counted

    # ---- the register

    def record_copies(self, copies: Sequence[Copy]) -> None:
        """What is now known of published copies; `until` and `since` follow from the history."""
        with transaction(self._db):
            for c in copies:
                self._db.execute(
                    "INSERT INTO copies (derivative, photo, channel, target, path, state, at) VALUES (?,?,?,?,?,?,?)",
                    [c.derivative, c.photo, c.channel, c.target, c.path, c.state, utc_now()],
                )

    def copies(self, photo: PhotoId | None = None) -> list[Copy]:
        """The register: the last that is known of every copy, oldest first."""
        where, params = ("WHERE photo = ?", [photo]) if photo else ("", [])
        latest: dict[tuple[str, ...], Copy] = {}
        for r in self._db.query(f"SELECT * FROM copies {where} ORDER BY id", params):
            key = (r["derivative"], r["photo"], r["channel"], r["target"], r["path"])
            latest[key] = _copy(r, latest.get(key))
        return list(latest.values())

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

    # ---- erasing

    def photos_with(self, subject: str) -> list[PhotoId]:
        """Photos in which a face was ever taken for this subject."""
        rows = self._db.execute(
            "SELECT DISTINCT a.photo FROM faces f JOIN analyses a ON a.id = f.analysis WHERE f.subject = ?", [subject]
        )
        return [PhotoId(r[0]) for r in rows]

    def forget_subject(self, subject: str) -> None:
        """Remove every trace of a subject from faces and jobs; the faces stay, as a stranger's."""
        with erasing(self._db):
            self._db.execute("DELETE FROM jobs WHERE stage = 'enrol' AND key = ?", [subject])
            self._db.execute(
                "DELETE FROM faces WHERE subject = ? AND analysis NOT IN (SELECT max(id) FROM analyses GROUP BY photo)",
                [subject],
            )
            kept = list(self._db.query("SELECT * FROM faces WHERE subject = ?", [subject]))
            self._db.execute("DELETE FROM faces WHERE subject = ?", [subject])
            for r in kept:
                r |= {"identity": "no_match", "subject": None, "comparison": None}
                self._db.execute("INSERT INTO faces VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", list(r.values()))

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


def _photo_row(r: dict[str, Any]) -> PhotoRow:
    state = PhotoState.ADMITTED
    if r["state"]:
        state = PhotoState(r["state"])
    elif r["analysed"]:
        state = PhotoState.RENDERED if r["rendered"] else PhotoState.ANALYSED
    names = tuple(sorted(set(json.loads(r["names"]))))
    return PhotoRow(PhotoId(r["id"]), r["bytes"], r["event"], r["admitted_at"], names, state, r["reason"])


def _copy(r: dict[str, Any], before: Copy | None) -> Copy:
    state = CopyState(r["state"])
    is_out = state in (CopyState.PUBLISHED, CopyState.POSSIBLY_PUBLISHED)
    since = before.since if before and (before.is_out or not is_out) else r["at"]
    until = None if is_out else (before.until if before and before.until else r["at"])
    return Copy(r["derivative"], r["photo"], r["channel"], r["target"], r["path"], since, until, state)
