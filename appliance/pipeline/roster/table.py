"""Reads a CSV file into cells by column. A file whose rows may have run into one another is refused, not guessed at."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from appliance.errors import Refusal

MOST_SAID = 12


@dataclass(frozen=True, slots=True)
class Table:
    """Rows with the lines they are on, 1 being the header. uneven: those with more or fewer cells than the header."""

    rows: Sequence[tuple[int, Mapping[str, str]]]
    uneven: Sequence[tuple[int, Mapping[str, str]]]
    warnings: Sequence[str]


def read_table(untrusted: bytes, file: str, columns: Sequence[str]) -> Table:
    """Cells by column, stripped; rows that are wholly blank are left out. Raises Refusal if it is no such table."""
    records = list(_records(untrusted, file))
    header = [cell.strip() for cell in records[0][1]] if records else []
    missing = [c for c in columns if c not in header]
    if missing:
        raise Refusal("column_missing", f"{file} has no column {', '.join(missing)}. Nothing was changed.")
    twice = sorted(c for c in columns if header.count(c) > 1)
    if twice:
        raise Refusal("column_twice", f"{file} has the column {', '.join(twice)} twice. Nothing was changed.")
    unknown = sorted(c for c in set(header) - set(columns) if c)
    filled = [(line, [cell.strip() for cell in cells]) for line, cells in records[1:]]
    rows = [(n, dict(zip(header, cells, strict=False)), len(cells)) for n, cells in filled if any(cells)]
    kept = [(n, {c: row[c] for c in columns if c in row}, size) for n, row, size in rows]
    return Table(
        [(n, row) for n, row, size in kept if size == len(header)],
        [(n, row) for n, row, size in kept if size != len(header)],
        [f"{file}: columns that are not used: {', '.join(map(quoted, unknown))}"] if unknown else [],
    )


def _records(untrusted: bytes, file: str) -> Iterator[tuple[int, list[str]]]:
    """Yield each record with its line. Raises Refusal where quotes run over lines: rows would be lost in them."""
    try:
        reader = csv.reader(io.StringIO(untrusted.decode("utf-8-sig"), newline=""), strict=True)
        line = 1
        for record in reader:
            if reader.line_num > line:
                raise refused(file, [f"line {line}: a cell runs on into the next line; a quotation mark is amiss"])
            yield line, record
            line = reader.line_num + 1
    except UnicodeDecodeError as error:
        raise Refusal("not_utf8", f"{file} is not UTF-8 text; save it as “CSV UTF-8”. Nothing was changed.") from error
    except csv.Error as error:
        raise refused(file, [f"line {line}: {error}"]) from error


def refused(file: str, faults: Sequence[str]) -> Refusal:
    """The refusal of a file with these faults, in one line."""
    more = f"; and {len(faults) - MOST_SAID} more" if len(faults) > MOST_SAID else ""
    said = "; ".join(faults[:MOST_SAID])
    return Refusal("rows_unreadable", f"{file}: {said}{more}. Nothing was changed; mend the file and import it again.")


def lines_in_words(lines: Iterable[int]) -> str:
    """The first of these lines, for a message."""
    first = list(lines)
    more = ", …" if len(first) > MOST_SAID else ""
    return f"line {', '.join(map(str, first[:MOST_SAID]))}{more}"


def quoted(text: str) -> str:
    """A cell in quotes, short enough for one line."""
    return repr(text if len(text) <= 40 else text[:39] + "…")
