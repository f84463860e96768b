"""Names, roster, consents, and what staff said: the only place where a subject has a name."""

from __future__ import annotations

import json
from collections.abc import Collection
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlite_utils import Database

from appliance.domain.consent import Consent, Person, Roster
from appliance.domain.face import Box
from appliance.domain.photo import PhotoId
from appliance.domain.policy import ConsentPolicy
from appliance.domain.ruling import Ruling, RulingKind
from appliance.errors import Refusal
from appliance.store.database import erasing, transaction, utc_now
from appliance.store.erasures import tables_with_subjects
from appliance.store.events import Events
from appliance.store.history import History, Name, consent_of, name_of, person_of
from appliance.store.imports import Imports
from appliance.store.requests import Requests

__all__ = ["Matching", "Name", "People"]


@dataclass(frozen=True, slots=True)
class Matching:
    """Whether faces are compared with templates at all, and on the strength of which assessment."""

    is_on: bool
    assessment: str | None
    who: str
    at: str


@dataclass(frozen=True, slots=True)
class StatedRate:
    """The false-positive identification rate that the school accepts, 0 to 1, and who said so when."""

    fpir: float
    who: str
    at: str


class People:
    """The people's facts of one home."""

    def __init__(self, db: Database, policy: ConsentPolicy) -> None:
        self._db = db
        self._policy = policy
        self._roster: tuple[str, Roster] | None = None
        self.history, self.requests = History(db), Requests(db)
        self.imports, self.events = Imports(db), Events(db)

    def transaction(self) -> AbstractContextManager[None]:
        """All or nothing, for an import."""
        return transaction(self._db)

    # ---- roster

    def version(self) -> str:
        """Changes whenever a person, a consent or a request does (not with rulings)."""
        row = self._db.execute(
            "SELECT (SELECT coalesce(max(id), 0) FROM persons), (SELECT count(*) FROM persons), "
            "(SELECT coalesce(max(id), 0) FROM consents), (SELECT count(*) FROM consents)"
        ).fetchone()
        return ".".join(str(n) for n in (*row, self.requests.version()))

    def roster(self) -> Roster:
        """Everybody and everything that was said about them; read again only when it has changed."""
        version = self.version()
        if self._roster is None or self._roster[0] != version:
            people = {p.subject: p for p, _ in self.persons()}
            asked, protected = self.requests, [p.subject for p in people.values() if p.protected]
            roster = Roster(
                people, self.consents(), self._policy, asked.removed_before(), asked.lead_allows(),
                asked.second_look(people, protected),
            )  # fmt: skip
            self._roster = (version, roster)
        return self._roster[1]

    def persons(self) -> list[tuple[Person, Name]]:
        """Each person as last recorded, by subject."""
        rows = self._db.query(
            "SELECT * FROM persons WHERE id IN (SELECT max(id) FROM persons GROUP BY subject) ORDER BY subject"
        )
        return [(person_of(r), name_of(r)) for r in rows]

    def names(self) -> dict[str, Name]:
        """Subject → name."""
        return {p.subject: n for p, n in self.persons()}

    def record_person(self, person: Person, name: Name, who: str) -> None:
        """A new fact about somebody: from now on this is how they are on the roster."""
        p, days = person, (_iso(person.birth_on), _iso(person.leaving_on))
        called = (name.given, name.family, name.known_as)
        values = [p.subject, *called, p.group, p.kind, *days, p.family, p.parents, int(p.protected), who, utc_now()]
        with transaction(self._db):
            self._db.execute(
                f"""INSERT INTO persons (subject, given_name, family_name, known_as, grp, kind, birth_on, leaving_on,
                    family, parents, protected, who, at) VALUES ({", ".join("?" * len(values))})""",
                values,
            )

    # ---- consents

    def consents(self, subject: str | None = None) -> list[Consent]:
        """Everything that was said, in the order it was recorded."""
        where, params = ("WHERE subject = ?", [subject]) if subject else ("", [])
        return [consent_of(r) for r in self._db.query(f"SELECT * FROM consents {where} ORDER BY id", params)]

    def record_consent(self, consent: Consent, who: str) -> None:
        """A new fact about a consent."""
        c = consent
        values = [
            c.subject,
            c.party,
            c.scope,
            c.decision,
            _iso(c.from_on),
            _iso(c.until_on),
            c.basis,
            c.evidence,
            who,
            utc_now(),
        ]
        with transaction(self._db):
            self._db.execute(
                """INSERT INTO consents (subject, party, scope, decision, from_on, until_on, basis, evidence, who, at)
                   VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
                values,
            )

    # ---- portraits

    def add_portrait(self, subject: str, portrait: str) -> bool:
        """A portrait (its SHA-256 in the vault) belongs to this subject; False if that was known."""
        with transaction(self._db):
            added = self._db.execute("INSERT OR IGNORE INTO portraits VALUES (?, ?, ?)", [subject, portrait, utc_now()])
            return bool(added.rowcount)

    def portraits_added(self) -> dict[str, dict[str, date]]:
        """Subject → portrait → the day, in UTC, on which it was imported; a second import of it changes nothing."""
        found: dict[str, dict[str, date]] = {}
        for r in self._db.query("SELECT * FROM portraits ORDER BY subject, portrait"):
            found.setdefault(r["subject"], {})[r["portrait"]] = date.fromisoformat(r["at"][:10])
        return found

    def portraits(self) -> dict[str, list[str]]:
        """Subject → portraits, sorted."""
        found: dict[str, list[str]] = {}
        for subject, portrait in self._db.execute("SELECT subject, portrait FROM portraits ORDER BY subject, portrait"):
            found.setdefault(subject, []).append(portrait)
        return found

    def newest_portraits(self) -> dict[str, str]:
        """Subject → when their newest portrait came."""
        return dict(self._db.execute("SELECT subject, max(at) FROM portraits GROUP BY subject").fetchall())

    def portraits_before(self, at: str) -> set[str]:
        """Subjects with a portrait from before this time."""
        return {r[0] for r in self._db.execute("SELECT subject FROM portraits WHERE at < ?", [at]).fetchall()}

    def forget_portraits(self, subject: str, before: str) -> list[str]:
        """Delete a subject's portraits from before this time; returns them."""
        with erasing(self._db):
            rows = self._db.execute(
                "DELETE FROM portraits WHERE subject = ? AND at < ? RETURNING portrait", [subject, before]
            ).fetchall()
        return [r[0] for r in rows]

    # ---- rulings

    def rule(self, ruling: Ruling) -> Ruling:
        """Record what a person said; returns it with its id and time."""
        said = replace(ruling, at=utc_now())
        box = json.dumps([said.box.x, said.box.y, said.box.w, said.box.h]) if said.box else None
        with transaction(self._db):
            self._still_known(said)
            row = self._db.execute(
                """INSERT INTO rulings
                     (photo, kind, who, at, box, face, subject, grp, channel, derivative, reason, members)
                   VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id""",
                [said.photo, said.kind, said.who, said.at, box, said.face, said.subject, said.group, said.channel,
                 said.derivative, said.reason, json.dumps(said.members)],
            ).fetchone()  # fmt: skip
        return replace(said, id=row[0])

    def _still_known(self, said: Ruling) -> None:
        """Nobody is named who was erased between looking and saying."""
        for subject in {*said.members, *([said.subject] if said.subject else [])}:
            if not self._db.execute("SELECT 1 FROM persons WHERE subject = ?", [subject]).fetchone():
                raise Refusal("no_such_subject", f"there is nobody {subject!r} on the roster any more.")

    def rulings(self, photo: PhotoId | None = None) -> list[Ruling]:
        """What was said about a photo, or about all, oldest first."""
        where, params = ("WHERE photo = ?", [photo]) if photo else ("", [])
        return [_ruling(r) for r in self._db.query(f"SELECT * FROM rulings {where} ORDER BY id", params)]

    def last_rulings(self) -> dict[PhotoId, int]:
        """For each photo the id of the last ruling that can change its picture (approvals cannot)."""
        rows = self._db.execute("SELECT photo, max(id) FROM rulings WHERE kind <> 'approve' GROUP BY photo")
        return {PhotoId(r[0]): r[1] for r in rows}

    def photos_about(self, subject: str) -> set[PhotoId]:
        """Photos of which staff said that this person is in them, or may be: named, or in the group they attested."""
        rows = self._db.execute(
            """SELECT photo FROM rulings WHERE subject = ? UNION
               SELECT r.photo FROM rulings r WHERE r.kind = 'attest' AND (r.grp IN (SELECT grp FROM persons
                 WHERE subject = ?) OR ? IN (SELECT value FROM json_each(r.members)))""",
            [subject, subject, subject],
        )
        return {PhotoId(r[0]) for r in rows}

    def quarantined(self) -> set[PhotoId]:
        """Photos that nobody may see."""
        return {PhotoId(r[0]) for r in self._db.execute("SELECT DISTINCT photo FROM rulings WHERE kind = 'quarantine'")}

    # ---- matching

    def record_assessment(self, sha256: str, who: str) -> str:
        """A signed-off assessment is on file; returns its id."""
        with transaction(self._db):
            self._db.execute(
                "INSERT OR IGNORE INTO assessments VALUES (?, ?, ?, ?)", [sha256[:12], sha256, who, utc_now()]
            )
        return sha256[:12]

    def assessments(self) -> list[dict[str, Any]]:
        """Every recorded assessment: id, sha256, who, at."""
        return list(self._db.query("SELECT * FROM assessments ORDER BY at"))

    def switch_matching(self, *, on: bool, assessment: str | None, who: str) -> None:
        """From now on matching is on, by this assessment, or off."""
        with transaction(self._db):
            self._db.execute(
                "INSERT INTO matching (is_on, assessment, who, at) VALUES (?, ?, ?, ?)",
                [int(on), assessment, who, utc_now()],
            )

    def matching(self) -> Matching:
        """Whether it is on; off until somebody says otherwise."""
        r = next(self._db.query("SELECT * FROM matching ORDER BY id DESC LIMIT 1"), None)
        return Matching(bool(r["is_on"]), r["assessment"], r["who"], r["at"]) if r else Matching(False, None, "", "")

    def state_rate(self, fpir: float, who: str) -> None:
        """From now on this is the rate of false identification that the school accepts, 0 to 1."""
        with transaction(self._db):
            self._db.execute("INSERT INTO stated_rates (fpir, who, at) VALUES (?, ?, ?)", [fpir, who, utc_now()])

    def stated_rate(self) -> StatedRate | None:
        """The rate last stated by a person, if any."""
        r = next(self._db.query("SELECT * FROM stated_rates ORDER BY id DESC LIMIT 1"), None)
        return StatedRate(r["fpir"], r["who"], r["at"]) if r else None

    # ---- erasing

    def portraits_only_of(self, subject: str) -> list[str]:
        """The portraits of a subject that are nobody else's too."""
        others = {p for who, portraits in self.portraits().items() if who != subject for p in portraits}
        return [p for p in self.portraits().get(subject, []) if p not in others]

    def photos_naming(self, subject: str) -> set[PhotoId]:
        """Photos in which staff named the subject, or attested a group that the subject was in."""
        rows = self._db.execute(
            """SELECT photo FROM rulings WHERE kind = 'name' AND subject = ? UNION
               SELECT photo FROM rulings WHERE kind = 'attest' AND ? IN (SELECT value FROM json_each(members))""",
            [subject, subject],
        )
        return {PhotoId(r[0]) for r in rows.fetchall()}

    def about(self, subject: str) -> dict[str, list[dict[str, Any]]]:
        """What is filed under a subject, for the person themselves; not whether they are protected."""
        columns = {
            "persons": "given_name, family_name, known_as, grp, kind, birth_on, leaving_on, parents, who, at",
            "consents": "party, scope, decision, from_on, until_on, basis, evidence, who, at",
            "portraits": "portrait, at",
            "removals": "before_at, evidence, who, at",
            "rulings": "photo, kind, face, who, at",
        }
        return {
            table: list(self._db.query(f"SELECT {names} FROM {table} WHERE subject = ? ORDER BY at", [subject]))
            for table, names in columns.items()
        }

    def photos_attested(self, group: str) -> set[PhotoId]:
        """Photos of which staff said that everybody in them is from this group."""
        rows = self._db.execute("SELECT photo FROM rulings WHERE kind = 'attest' AND grp = ?", [group])
        return {PhotoId(r[0]) for r in rows.fetchall()}

    def named_faces(self) -> set[tuple[PhotoId, str]]:
        """Faces of which staff said whose they are."""
        rows = self._db.execute("SELECT photo, face FROM rulings WHERE kind = 'name' AND subject IS NOT NULL")
        return {(PhotoId(r[0]), r[1]) for r in rows.fetchall()}

    def erase(self, subject: str, but_in: Collection[PhotoId] = ()) -> None:
        """Delete everything that is known about a subject, in whatever table; but_in: photos whose rulings are kept."""
        with erasing(self._db):
            self._db.execute("PRAGMA defer_foreign_keys = ON")
            self._db.execute(
                "DELETE FROM closings WHERE conflict IN (SELECT id FROM conflicts WHERE subject = ?)", [subject]
            )
            self._db.execute(
                "DELETE FROM resolutions WHERE conflict IN (SELECT id FROM conflicts WHERE subject = ?)", [subject]
            )
            self._db.execute("DELETE FROM hold_ends WHERE hold IN (SELECT id FROM holds WHERE subject = ?)", [subject])
            for table in tables_with_subjects(self._db):
                if table != "rulings":
                    self._db.execute(f"DELETE FROM {table} WHERE subject = ?", [subject])
            self._forget_rulings(subject, json.dumps(sorted(but_in)))

    def _forget_rulings(self, subject: str, kept: str) -> None:
        """Put "nobody we know" and "no group" in place of what names the subject: no earlier word may count again."""
        blank = "SELECT photo, kind, 'erased', ?, face FROM rulings"
        into = "INSERT INTO rulings (photo, kind, who, at, face)"
        named, listed = "kind = 'name' AND subject = ?", "? IN (SELECT value FROM json_each(rulings.members))"
        for which in (named, listed):
            here = f"{which} AND photo NOT IN (SELECT value FROM json_each(?))"
            self._db.execute(f"{into} {blank} WHERE {here}", [utc_now(), subject, kept])
            self._db.execute(f"DELETE FROM rulings WHERE {here}", [subject, kept])


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _ruling(r: dict[str, Any]) -> Ruling:
    box = Box(*json.loads(r["box"])) if r["box"] else None
    return Ruling(r["id"], PhotoId(r["photo"]), RulingKind(r["kind"]), r["who"], r["at"], box, r["face"], r["subject"],
                  r["grp"], r["channel"], r["derivative"], r["reason"],
                  tuple(json.loads(r["members"] or "[]")))  # fmt: skip
