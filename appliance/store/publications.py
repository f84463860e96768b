"""On what grounds each copy was published, and what people said of it when they went through the register."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import astuple, dataclass

from sqlite_utils import Database

from appliance.domain.release import Copy
from appliance.errors import Refusal
from appliance.store.database import transaction, utc_now


@dataclass(frozen=True, slots=True)
class Ground:
    """One consent (or an attested group) that one copy was published under; subject None: a group, or nobody shown."""

    photo: str
    derivative: str
    channel: str
    subject: str | None = None
    party: str | None = None
    basis: str | None = None
    from_on: str | None = None
    until_on: str | None = None
    grp: str | None = None


@dataclass(frozen=True, slots=True)
class PublicationAudit:
    """One walk through the register."""

    id: int
    who: str
    at: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What somebody said of one picture on one channel: `keep` or `take_down`."""

    photo: str
    derivative: str
    channel: str
    answer: str
    reason: str
    who: str
    at: str


class Publications:
    """In the ledger's database."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def record_grounds(self, grounds: Iterable[Ground]) -> None:
        """On these grounds it was published."""
        with transaction(self._db):
            self._db.conn.executemany(
                "INSERT INTO grounds VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", [(*astuple(g), utc_now()) for g in grounds]
            )

    def grounds(self, copy: Copy) -> list[Ground]:
        """The grounds of one copy; none where they were not recorded, or everybody in it was erased."""
        rows = self._db.execute(
            """SELECT photo, derivative, channel, subject, party, basis, from_on, until_on, grp FROM grounds
               WHERE photo = ? AND derivative = ? AND channel = ? ORDER BY rowid""",
            [copy.photo, copy.derivative, copy.channel],
        )
        return [Ground(*r) for r in rows.fetchall()]

    def grounded(self) -> set[tuple[str, str, str]]:
        """Photo, derivative and channel of every copy whose grounds are recorded."""
        return set(self._db.execute("SELECT DISTINCT photo, derivative, channel FROM grounds").fetchall())

    def shown_out(self) -> list[tuple[str, str, str]]:
        """Photo, channel and subject of everybody who is shown in a copy that is or may be out."""
        rows = self._db.execute(
            """SELECT DISTINCT g.photo, g.channel, g.subject FROM grounds g WHERE g.subject IS NOT NULL AND EXISTS (
                 SELECT 1 FROM register r WHERE r.photo = g.photo AND r.channel = g.channel
                   AND r.derivative = g.derivative AND r.until IS NULL)"""
        )
        return [(r[0], r[1], r[2]) for r in rows.fetchall()]

    def first_out_at(self) -> str:
        """When the first copy went out; empty if none did."""
        return str(self._db.execute("SELECT min(at) FROM copies").fetchone()[0] or "")

    def begin(self, who: str) -> PublicationAudit:
        """Begin to go through the register. Raises Refusal if that has been begun and not finished."""
        with transaction(self._db):
            if (last := self.last()) and not self.is_finished(last.id):
                raise Refusal("audit_open", f"audit {last.id} of {last.at[:10]} is not finished: `… next`, `… finish`.")
            row = self._db.execute(
                "INSERT INTO publication_audits (who, at) VALUES (?, ?) RETURNING id, who, at", [who, utc_now()]
            ).fetchone()
        return PublicationAudit(*row)

    def last(self) -> PublicationAudit | None:
        """The newest audit."""
        row = self._db.execute("SELECT id, who, at FROM publication_audits ORDER BY id DESC LIMIT 1").fetchone()
        return PublicationAudit(*row) if row else None

    def finish(self, audit: int, who: str) -> None:
        """Everything in it was answered."""
        with transaction(self._db):
            self._db.execute("INSERT OR IGNORE INTO publication_audit_ends VALUES (?, ?, ?)", [audit, who, utc_now()])

    def is_finished(self, audit: int) -> bool:
        """Whether somebody finished it."""
        found = self._db.execute("SELECT 1 FROM publication_audit_ends WHERE audit = ?", [audit]).fetchone()
        return found is not None

    def last_finished_at(self) -> str:
        """When the register was last gone through to the end; empty if never."""
        row = self._db.execute("SELECT max(at) FROM publication_audit_ends").fetchone()
        return row[0] or ""

    def answer(self, audit: int, copy: Copy, answer: str, *, reason: str, who: str) -> None:
        """What somebody says; said again, the later word counts."""
        with transaction(self._db):
            self._db.execute(
                "INSERT INTO publication_answers (audit, photo, derivative, channel, answer, reason, who, at) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                [audit, copy.photo, copy.derivative, copy.channel, answer, reason, who, utc_now()],
            )

    def answers(self, audit: int) -> dict[tuple[str, str, str], Answer]:
        """The last word on each: (photo, derivative, channel) → answer."""
        rows = self._db.execute(
            """SELECT photo, derivative, channel, answer, reason, who, at FROM publication_answers
               WHERE audit = ? ORDER BY id""", [audit],
        )  # fmt: skip
        return {r[:3]: Answer(*r) for r in rows.fetchall()}
