"""Reads roster.csv and consents.csv, bytes in, typed rows out, without guessing: what cannot be read is said.

A consent row that cannot be read becomes a `BadConsent`, which blocks; everything else that is off refuses the file.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from appliance.domain.consent import SCOPES, Consent, Decision, Kind, Person, age_on
from appliance.pipeline.roster.table import Form, Table, lines_in_words, quoted, read_table, refused
from appliance.store.people import Name

PEOPLE_COLUMNS = (
    "subject_id", "given_name", "family_name", "known_as", "group", "kind", "birth_on", "leaving_on", "family",
    "parents", "protected",
)  # fmt: skip
CONSENT_COLUMNS = ("subject_id", "party", "scope", "decision", "from_on", "until_on", "basis", "evidence")
BASES = ("consent", "public_task", "legitimate_interest")
DECISIONS = (Decision.NOTIFIED, Decision.GRANTED, Decision.REFUSED, Decision.WITHDRAWN)
PARTY = re.compile(r"parent:[1-9][0-9]?|self|school")
PLAUSIBLE_YEARS = range(1900, 2200)
OLDEST = 120
MOST_PARENTS = 20


@dataclass(frozen=True, slots=True)
class PersonRow:
    """One row of roster.csv. line: where it begins, 1 being the header."""

    line: int
    person: Person
    name: Name


@dataclass(frozen=True, slots=True)
class ConsentRow:
    """One row of consents.csv. cells: as they stand in the file, by column. is_dated: it says when it began."""

    line: int
    consent: Consent
    cells: Mapping[str, str]
    is_dated: bool = True


@dataclass(frozen=True, slots=True)
class BadConsent:
    """A row of consents.csv that cannot be read. scope, party: blank where it is they that cannot."""

    line: int
    subject: str
    scope: str
    party: str
    reason: str


@dataclass(frozen=True, slots=True)
class PeopleFile:
    """What roster.csv says, with what a person should know about it.

    untold: columns of which the file says nothing of anybody: what is on record stays. kind: the only one it is about.
    """

    rows: Sequence[PersonRow]
    warnings: Sequence[str]
    untold: frozenset[str] = frozenset()
    kind: str = ""


@dataclass(frozen=True, slots=True)
class ConsentsFile:
    """What consents.csv says, with what a person should know about it.

    about: the parties and scopes that it can speak of; None: all.
    """

    rows: Sequence[ConsentRow]
    bad: Sequence[BadConsent]
    warnings: Sequence[str]
    about: frozenset[tuple[str, str]] | None = None


def read_people(untrusted: bytes, file: str, today: date, form: Form | None = None) -> PeopleFile:
    """Every row of a roster. Raises Refusal with each line that cannot be read.

    Blank `parents` and dates are unknown. Blank `protected` is taken for yes: whether somebody has to be protected
    must not be unknown, and yes is what shows less.
    """
    table = read_table(untrusted, file, PEOPLE_COLUMNS, form)
    return people_of(table, file, today)


def people_of(table: Table, file: str, today: date) -> PeopleFile:
    """The people of a table with the columns of roster.csv, as `read_people`."""
    rows, faults = [], [(line, "more or fewer cells than the header") for line, _ in table.uneven]
    for line, cells in table.rows:
        try:
            rows.append(_person_row(line, cells, today))
        except ValueError as error:
            faults.append((line, str(error)))
    seen = Counter(row.person.subject for row in rows)
    faults += [
        (r.line, f"subject_id {quoted(r.person.subject)} is there twice") for r in rows if seen[r.person.subject] > 1
    ]
    if faults:
        raise refused(file, faults)
    blank = [line for line, cells in table.rows if not cells["protected"]]
    said = [f"{file}: protected is blank on {lines_in_words(blank)}; taken for yes, nobody is shown"] if blank else []
    return PeopleFile(rows, [*table.warnings, *said])


def read_consents(untrusted: bytes, file: str, form: Form | None = None) -> ConsentsFile:
    """Every row of a file of consents. Raises Refusal if it is no such file, or a row does not say whom it is about."""
    return consents_of(read_table(untrusted, file, CONSENT_COLUMNS, form), file)


def consents_of(table: Table, file: str, undated: Collection[int] = ()) -> ConsentsFile:
    """The consents of a table with the columns of consents.csv, as `read_consents`.

    undated: rows, by their place, of which the file does not say when they began.
    """
    rows: list[ConsentRow] = []
    faults = []
    bad = [
        BadConsent(line, cells.get("subject_id", ""), "", "", "more or fewer cells than the header")
        for line, cells in table.uneven
    ]
    for place, (line, cells) in enumerate(table.rows):
        read = _consent_row(line, cells, is_dated=place not in undated)
        if isinstance(read, BadConsent):
            bad.append(read)
        else:
            rows.append(read)
    for line, subject in sorted([(r.line, r.consent.subject) for r in rows] + [(b.line, b.subject) for b in bad]):
        if fault := _subject_fault(subject):
            faults.append((line, fault))
    if faults:
        raise refused(file, faults)
    return ConsentsFile(rows, sorted(bad, key=lambda b: b.line), table.warnings)


def parse_day(column: str, text: str) -> date:
    """Read a day written as 2026-11-24. Raises ValueError with what is wrong."""
    if re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII):
        try:
            day = date.fromisoformat(text)
        except ValueError:
            pass
        else:
            if day.year in PLAUSIBLE_YEARS:
                return day
    raise ValueError(f"{column} {quoted(text)} is no day like 2026-11-24")


# ---- rows


def _person_row(line: int, cells: Mapping[str, str], today: date) -> PersonRow:
    if fault := _subject_fault(cells["subject_id"]):
        raise ValueError(fault)
    born = _birthday(cells["birth_on"], today)
    leaving = parse_day("leaving_on", cells["leaving_on"]) if cells["leaving_on"] else None
    protected = _one_of("protected", cells["protected"] or "yes", ("yes", "no")) == "yes"
    person = Person(
        cells["subject_id"], Kind(_one_of("kind", cells["kind"], tuple(Kind))), cells["group"], cells["family"],
        born, leaving, _parents(cells["parents"]), protected,
    )  # fmt: skip
    return PersonRow(line, person, Name(cells["given_name"], cells["family_name"], cells["known_as"]))


def _birthday(text: str, today: date) -> date | None:
    """Raises ValueError for a birthday that nobody in a school has: a slip in the year would make a child an adult."""
    born = parse_day("birth_on", text) if text else None
    if born is not None and not 0 <= age_on(born, today) <= OLDEST:
        raise ValueError(f"birth_on {quoted(text)} is nobody's birthday")
    return born


def _parents(text: str) -> int | None:
    if not text:
        return None
    if not re.fullmatch(r"\d{1,2}", text, re.ASCII) or int(text) > MOST_PARENTS:
        raise ValueError(f"parents {quoted(text)} is no number of people with parental responsibility")
    return int(text)


def _consent_row(line: int, cells: Mapping[str, str], *, is_dated: bool) -> ConsentRow | BadConsent:
    try:
        consent = _consent(cells)
        told = cells if is_dated else {**cells, "from_on": ""}
        return ConsentRow(line, consent, told, is_dated)
    except ValueError as error:
        scope = cells["scope"] if cells["scope"] in SCOPES else ""
        party = cells["party"] if PARTY.fullmatch(cells["party"]) else ""
        return BadConsent(line, cells["subject_id"], scope, party, str(error))


def _consent(cells: Mapping[str, str]) -> Consent:
    scope = _one_of("scope", cells["scope"], SCOPES)
    if not PARTY.fullmatch(cells["party"]):
        raise ValueError(f"party {quoted(cells['party'])} is none of parent:1, parent:2, …, self, school")
    decision = Decision(_one_of("decision", cells["decision"], DECISIONS))
    begins = parse_day("from_on", cells["from_on"])
    ends = parse_day("until_on", cells["until_on"]) if cells["until_on"] else None
    if ends is not None and ends < begins:
        raise ValueError(f"until_on {quoted(cells['until_on'])} is before from_on {quoted(cells['from_on'])}")
    # Only a grant needs a lawful basis; without one it is no grant.
    basis = cells["basis"] if decision is Decision.GRANTED else cells["basis"] or "consent"
    return Consent(
        cells["subject_id"], cells["party"], scope, decision, begins, ends, _one_of("basis", basis, BASES),
        cells["evidence"],
    )  # fmt: skip


def _subject_fault(subject: str) -> str:
    if not subject:
        return "subject_id is blank"
    return "" if subject.isprintable() and len(subject) <= 64 else f"subject_id {quoted(subject)} cannot be read"


def _one_of(column: str, text: str, allowed: Sequence[str]) -> str:
    if text not in allowed:
        raise ValueError(f"{column} {quoted(text)} is none of {', '.join(allowed)}")
    return text
