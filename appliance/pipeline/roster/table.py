"""Reads a CSV file into cells by column. A file whose rows may have run into one another is refused, not guessed at."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from appliance.errors import Refusal
from appliance.pipeline.roster.text import read_text

MOST_SAID = 12
DELIMITERS = (",", ";", "\t")
FORMULA = "=+-@\t\r"
"""A cell that begins with one of these is calculated by a spreadsheet, and not shown."""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows with the lines they are on, 1 being the header. uneven: those with more or fewer cells than the header."""

    rows: Sequence[tuple[int, Mapping[str, str]]]
    uneven: Sequence[tuple[int, Mapping[str, str]]]
    warnings: Sequence[str]


@dataclass(frozen=True, slots=True)
class Form:
    """How a file is written, where the school has said so; blank: as its bytes and its header tell."""

    encoding: str = ""
    delimiter: str = ""


def read_table(untrusted: bytes, file: str, columns: Sequence[str], form: Form | None = None) -> Table:
    """Cells by column, stripped; rows that are wholly blank are left out. Raises Refusal if it is no such table."""
    form = form or Form()
    read = read_text(untrusted, file, form.encoding)
    first, body, said = _separator(read.text)
    delimiter = form.delimiter or said or _delimiter(body, file, columns)
    records = list(_records(body, file, delimiter, first))
    header = [_heading(cell) for cell in records[0][1]] if records else []
    missing = [c for c in columns if c not in header]
    if missing:
        raise Refusal("column_missing", f"{file} has no column {', '.join(missing)}. Nothing was changed.")
    twice = sorted(c for c in columns if header.count(c) > 1)
    if twice:
        raise Refusal("column_twice", f"{file} has the column {', '.join(twice)} twice. Nothing was changed.")
    unknown = sorted(c for c in set(header) - set(columns) if c)
    filled = [(line, [_cell(cell) for cell in cells]) for line, cells in records[1:]]
    rows = [(n, dict(zip(header, cells, strict=False)), len(cells)) for n, cells in filled if any(cells)]
    kept = [(n, {c: row[c] for c in columns if c in row}, size) for n, row, size in rows]
    notes = [read.note] if read.note else []
    return Table(
        [(n, row) for n, row, size in kept if size == len(header)],
        [(n, row) for n, row, size in kept if size != len(header)],
        [*notes, *([f"{file}: columns that are not used: {', '.join(map(quoted, unknown))}"] if unknown else [])],
    )


def _separator(text: str) -> tuple[int, str, str]:
    """Split off the line `sep=;` that some spreadsheets put first: (line of the header, the rest, the separator)."""
    head, _, rest = text.partition("\n")
    said = head.strip().strip('"')
    return (2, rest, said[4:]) if said[:4].casefold() == "sep=" and len(said) == 5 else (1, text, "")


def _delimiter(text: str, file: str, columns: Sequence[str]) -> str:
    """Return the one of comma, semicolon and tab under which the header has the columns; a comma if none has."""
    header = text.partition("\n")[0]
    fit = [d for d in DELIMITERS if not {*columns} - {_heading(c) for c in next(csv.reader([header], delimiter=d), [])}]
    if len(fit) > 1 and any(d in header for d in DELIMITERS):
        raise Refusal("delimiter_unclear", f"{file}: what separates its columns is unclear; say it in a profile.")
    if fit:
        return fit[0]
    return max(DELIMITERS, key=lambda d: sum(_heading(c) in columns for c in header.split(d)))


def _heading(cell: str) -> str:
    return " ".join(cell.split())


def _cell(cell: str) -> str:
    """Without the apostrophe that the box's own exports put before what a spreadsheet would calculate."""
    bare = cell.strip()
    return bare[1:] if bare[:1] == "'" and bare[1:2] in FORMULA and bare[1:2] else bare


def _records(text: str, file: str, delimiter: str, first: int) -> Iterator[tuple[int, list[str]]]:
    """Yield each record with its line. Raises Refusal where quotes run over lines: rows would be lost in them."""
    line = first
    try:
        reader = csv.reader(io.StringIO(text, newline=""), strict=True, delimiter=delimiter)
        for record in reader:
            if reader.line_num + first - 1 > line:
                raise refused(file, [(line, "a cell runs on into the next line; a quotation mark is amiss")])
            yield line, record
            line = reader.line_num + first
    except csv.Error as error:
        raise refused(file, [(line, str(error))]) from error


class RowsRefused(Refusal):
    """A file with rows that cannot be read: each with its line and the reason."""

    def __init__(self, message: str, rows: Sequence[tuple[int, str]]) -> None:
        super().__init__("rows_unreadable", message)
        self.rows = rows


def refused(file: str, faults: Sequence[tuple[int, str]]) -> RowsRefused:
    """The refusal of a file with these faults, in one line."""
    more = f"; and {len(faults) - MOST_SAID} more" if len(faults) > MOST_SAID else ""
    said = "; ".join(f"line {line}: {reason}" for line, reason in faults[:MOST_SAID])
    return RowsRefused(f"{file}: {said}{more}. Nothing was changed; mend the file and import it again.", faults)


def lines_in_words(lines: Iterable[int]) -> str:
    """The first of these lines, for a message."""
    first = list(lines)
    more = ", …" if len(first) > MOST_SAID else ""
    return f"line {', '.join(map(str, first[:MOST_SAID]))}{more}"


def quoted(text: str) -> str:
    """A cell in quotes, short enough for one line."""
    return repr(text if len(text) <= 40 else text[:39] + "…")
