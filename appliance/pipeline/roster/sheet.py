"""Writes people and consents as CSV files that do nothing when a spreadsheet opens them; nothing of protection."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from appliance.domain.consent import TELLING
from appliance.errors import Refusal
from appliance.pipeline.roster.rows import CONSENT_COLUMNS, PEOPLE_COLUMNS
from appliance.pipeline.roster.table import FORMULA
from appliance.store.people import People


def write_roster(people: People, folder: Path) -> Iterator[tuple[Path, int]]:
    """Write roster.csv and consents.csv into a folder; yields each with its number of rows.

    The column `protected` is left out: who is protected is the safeguarding lead's to know. Raises Refusal where it
    cannot be written.
    """
    columns = [c for c in PEOPLE_COLUMNS if c != "protected"]
    persons = [
        [p.subject, n.given, n.family, n.known_as, p.group, p.kind, p.birth_on, p.leaving_on, p.family, p.parents]
        for p, n in people.persons()
    ]
    consents = [
        [c.subject, c.party, c.scope, c.decision, c.from_on, c.until_on, c.basis, c.evidence]
        for c in people.consents() if c.decision in TELLING
    ]  # fmt: skip
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, header, rows in (("roster.csv", columns, persons), ("consents.csv", CONSENT_COLUMNS, consents)):
            (folder / name).write_text(sheet(header, rows), encoding="utf-8-sig", newline="")
            yield folder / name, len(rows)
    except OSError as error:
        raise Refusal("not_written", f"{folder} cannot be written: {error.strerror}.") from error


def sheet(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table as CSV text, each cell made safe."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(header)
    writer.writerows([safe(cell) for cell in row] for row in rows)
    return text.getvalue()


def safe(cell: object) -> str:
    """A cell that no spreadsheet calculates: an apostrophe stands before what would begin a formula."""
    text = "" if cell is None else str(cell)
    return f"'{text}" if text.lstrip(" ")[:1] in FORMULA and text.strip(" ") else text
