"""A home, and the school's files as they lie on its desk."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from appliance.domain.consent import Consent, Person
from appliance.pipeline.roster.console import set_consent
from appliance.pipeline.roster.imports import import_roster
from appliance.pipeline.roster.report import ImportReport
from appliance.pipeline.roster.rows import CONSENT_COLUMNS, PEOPLE_COLUMNS
from appliance.store.home import Home

TODAY = date(2026, 11, 20)
Cells = dict[str, str]


def day(days: int) -> str:
    """So many days from today, as in a file."""
    return (TODAY + timedelta(days)).isoformat()


def person(subject: str = "P1", **cells: str) -> Cells:
    return {
        "subject_id": subject, "given_name": f"Given{subject}", "family_name": f"Family{subject}", "known_as": "",
        "group": "4B", "kind": "pupil", "birth_on": "2016-05-01", "leaving_on": "", "family": "", "parents": "1",
        "protected": "no", **cells,
    }  # fmt: skip


def row(decision: str = "granted", begins: int | str = -30, subject: str = "P1", **cells: str) -> Cells:
    return {
        "subject_id": subject, "party": "parent:1", "scope": "website", "decision": decision,
        "from_on": day(begins) if isinstance(begins, int) else begins, "until_on": "", "basis": "consent",
        "evidence": "form", **cells,
    }  # fmt: skip


class School:
    """A home, and a desk on which the school's files lie."""

    def __init__(self, folder: Path) -> None:
        self.home, self.desk, self.today = Home.create(folder / "home"), folder, TODAY
        self.people = self.home.people

    def take(
        self, people: Sequence[Cells] | None = None, consents: Sequence[Cells] | None = None,
        portraits: Path | None = None, **options: Any,
    ) -> ImportReport:  # fmt: skip
        people_csv = None if people is None else write(self.desk / "roster.csv", PEOPLE_COLUMNS, people)
        consents_csv = None if consents is None else write(self.desk / "consents.csv", CONSENT_COLUMNS, consents)
        return self.take_files(people_csv, consents_csv, portraits, **options)

    def take_files(
        self, people_csv: Path | None, consents_csv: Path | None, portraits: Path | None = None, **options: Any
    ) -> ImportReport:
        return import_roster(
            people=self.people, vault=self.home.vault, people_csv=people_csv, consents_csv=consents_csv,
            portraits=portraits, today=self.today, **{"who": "Ann", **options},
        )  # fmt: skip

    def say(self, decision: str, begins: int | None = None, scope: str = "website", party: str = "parent:1") -> Consent:
        """At the console, about P1."""
        return set_consent(
            people=self.people, subject="P1", scope=scope, decision=decision, party=party,
            from_on=None if begins is None else day(begins), until_on=None, evidence="letter", who="Ann",
            today=self.today,
        )  # fmt: skip

    def shows(self, subject: str = "P1", scope: str = "website", later: int = 0) -> bool:
        return self.people.roster().allows(subject, scope, self.today + timedelta(later))

    def person(self, subject: str = "P1") -> Person:
        return self.people.roster().people[subject]

    def record(self) -> str:
        """Everything in the database of people, and every file of the vault."""
        db = [list(self.people._db.query(f"SELECT * FROM {t} ORDER BY 1")) for t in TABLES]
        return json.dumps([db, sorted(self.home.vault.names("portraits"))])


TABLES = ("persons", "consents", "conflicts", "resolutions", "portraits")


def write(path: Path, columns: Sequence[str], rows: Sequence[Cells]) -> Path:
    with path.open("w", newline="", encoding="utf-8-sig") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows(rows)
    return path


def portraits(folder: Path, *names: str) -> Path:
    root = folder / "portraits"
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(f"not decoded here: {name}".encode())
    return root


GOOD_ROSTER, GOOD_CONSENTS = [person(), person("P2")], [row(), row(subject="P2")]
