"""What was on record by a moment: persons and consents with who recorded them, and when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlite_utils import Database

from appliance.domain.consent import Consent, Decision, Kind, Person


@dataclass(frozen=True, slots=True)
class Name:
    """What somebody is called; kept apart from what is decided about them."""

    given: str
    family: str
    known_as: str = ""

    @property
    def full(self) -> str:
        """As people would say it."""
        return f"{self.known_as or self.given} {self.family}".strip()


@dataclass(frozen=True, slots=True)
class PersonFact:
    """How somebody was on the roster from `at` on (ISO 8601 in UTC), by `who`'s word."""

    person: Person
    name: Name
    who: str
    at: str


@dataclass(frozen=True, slots=True)
class ConsentFact:
    """What was recorded of a consent at `at`, by `who`."""

    consent: Consent
    who: str
    at: str


class History:
    """The facts about people with their times, oldest first."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def persons(self, subject: str, by: str) -> list[PersonFact]:
        """Every fact about one person that was recorded before `by`, ISO 8601 in UTC."""
        rows = self._db.query("SELECT * FROM persons WHERE subject = ? AND at < ? ORDER BY id", [subject, by])
        return [PersonFact(person_of(r), name_of(r), r["who"], r["at"]) for r in rows]

    def consents(self, subject: str, by: str) -> list[ConsentFact]:
        """Everything that was recorded of one person's consents before `by`."""
        rows = self._db.query("SELECT * FROM consents WHERE subject = ? AND at < ? ORDER BY id", [subject, by])
        return [ConsentFact(consent_of(r), r["who"], r["at"]) for r in rows]


def person_of(r: dict[str, Any]) -> Person:
    """Return the person of a row."""
    return Person(r["subject"], Kind(r["kind"]), r["grp"], r["family"], day_of(r["birth_on"]), day_of(r["leaving_on"]),
                  r["parents"], bool(r["protected"]))  # fmt: skip


def name_of(r: dict[str, Any]) -> Name:
    """Return the name of a row."""
    return Name(r["given_name"], r["family_name"], r["known_as"])


def consent_of(r: dict[str, Any]) -> Consent:
    """Return the consent of a row."""
    return Consent(r["subject"], r["party"], r["scope"], Decision(r["decision"]), date.fromisoformat(r["from_on"]),
                   day_of(r["until_on"]), r["basis"], r["evidence"])  # fmt: skip


def day_of(text: str | None) -> date | None:
    """Return the day that a row holds as text."""
    return date.fromisoformat(text) if text else None
