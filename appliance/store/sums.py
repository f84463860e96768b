"""A sum over the rows of every table of facts, kept by triggers: what is changed behind the appliance's back is found.

Rows are summed in lots of 1024 by row number. A row that is added adds its hash, a row that is erased takes its own
away, both in the transaction of the row itself; so there is never a row that is not summed, and nothing to recount.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

LOT_BITS = 10
_MODULUS = 1 << 256
_NOTHING = bytes(32)
_TABLE = """CREATE TABLE IF NOT EXISTS sums (
    tbl TEXT NOT NULL, lot INTEGER NOT NULL, rows INTEGER NOT NULL, total BLOB NOT NULL,
    PRIMARY KEY (tbl, lot)) STRICT"""


def prepare(connection: sqlite3.Connection) -> None:
    """Give a connection the functions that the triggers call; without them no fact can be added."""
    connection.create_function("row_hash", -1, _hash, deterministic=True)
    connection.create_function("row_sum", 3, _sum, deterministic=True)


def is_installed(connection: sqlite3.Connection) -> bool:
    """Whether every table of facts has its triggers, as they should be by its columns."""
    have = dict(connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall())
    return all(have.get(n) == sql for t in _tables_of_facts(connection) for n, sql in _triggers(connection, t).items())


def install(connection: sqlite3.Connection) -> None:
    """Make the triggers anew and sum up what is there. For a new table, or after a migration; within a transaction."""
    connection.execute(_TABLE)
    connection.execute("DELETE FROM sums")
    for table in _tables_of_facts(connection):
        for name, sql in _triggers(connection, table).items():
            connection.execute(f"DROP TRIGGER IF EXISTS {name}")
            connection.execute(sql)
        connection.executemany(
            "INSERT INTO sums VALUES (?, ?, ?, ?)", [(table, lot, *summed) for lot, summed in _sums(connection, table)]
        )


def sum_faults(path: Path) -> list[str]:
    """Return what is not as it was written in the tables of facts of the database at `path`; reads only."""
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
        tables = _tables_of_facts(connection)
        if not is_installed(connection):
            return [f"{path.name}: a trigger that guards the facts is missing or was changed"]
        kept: dict[tuple[str, int], tuple[int, bytes]] = {
            (t, lot): (rows, total) for t, lot, rows, total in connection.execute("SELECT * FROM sums") if rows
        }
        found = {(t, lot): summed for t in tables for lot, summed in _sums(connection, t)}
    return [
        f"{path.name}: {_words(*key, kept, found)}" for key in sorted(kept | found) if kept.get(key) != found.get(key)
    ]


def _words(table: str, lot: int, kept: dict[Any, tuple[int, bytes]], found: dict[Any, tuple[int, bytes]]) -> str:
    more = found.get((table, lot), (0,))[0] - kept.get((table, lot), (0,))[0]
    what = "a row was changed" if not more else f"{abs(more)} {'rows too many' if more > 0 else 'rows are missing'}"
    return f"{what} among rows {lot << LOT_BITS} to {((lot + 1) << LOT_BITS) - 1} of {table}"


def _tables_of_facts(connection: sqlite3.Connection) -> list[str]:
    """Tables whose rows refuse to be updated."""
    rows = connection.execute(
        "SELECT tbl_name FROM sqlite_master WHERE type = 'trigger' AND name = tbl_name || '_are_facts' ORDER BY 1"
    )
    return [r[0] for r in rows]


def _triggers(connection: sqlite3.Connection, table: str) -> dict[str, str]:
    columns = [r[1] for r in connection.execute(f"PRAGMA table_info({table})")]
    return {
        f"{table}_summed": _trigger(f"{table}_summed", "INSERT", "", table, "NEW", columns, 1),
        f"{table}_unsummed": _trigger(
            f"{table}_unsummed", "DELETE", " WHEN EXISTS (SELECT 1 FROM erasing)", table, "OLD", columns, -1
        ),
    }


def _trigger(name: str, when: str, only: str, table: str, row: str, columns: list[str], sign: int) -> str:
    values = ", ".join(f'{row}."{column}"' for column in columns)
    lot = f"{row}.rowid >> {LOT_BITS}"
    return (
        f"CREATE TRIGGER {name} AFTER {when} ON {table}{only} BEGIN "
        f"INSERT INTO sums SELECT '{table}', {lot}, 0, zeroblob(32) "
        f"WHERE NOT EXISTS (SELECT 1 FROM sums WHERE tbl = '{table}' AND lot = {lot}); "
        f"UPDATE sums SET rows = rows + {sign}, "
        f"total = row_sum(total, row_hash('{table}', {row}.rowid, {values}), {sign}) "
        f"WHERE tbl = '{table}' AND lot = {lot}; END"
    )


def _sums(connection: sqlite3.Connection, table: str) -> Iterator[tuple[int, tuple[int, bytes]]]:
    """Each lot of a table that has rows: how many, and their sum."""
    lot, rows, total = 0, 0, 0
    for row in connection.execute(f"SELECT rowid, * FROM {table} ORDER BY rowid"):
        if row[0] >> LOT_BITS != lot:
            if rows:
                yield lot, (rows, (total % _MODULUS).to_bytes(32, "big"))
            lot, rows, total = row[0] >> LOT_BITS, 0, 0
        rows += 1
        total += int.from_bytes(_hash(table, *row), "big")
    if rows:
        yield lot, (rows, (total % _MODULUS).to_bytes(32, "big"))


def _hash(*values: object) -> bytes:
    return hashlib.sha256(repr(values).encode()).digest()


def _sum(total: bytes, digest: bytes, sign: int) -> bytes:
    """Addition keeps no order, so that rows may go in any order; a row's number is in its hash."""
    said = int.from_bytes(total or _NOTHING, "big") + sign * int.from_bytes(digest, "big")
    return (said % _MODULUS).to_bytes(32, "big")
