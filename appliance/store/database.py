"""Opens a database so that a power cut at any moment loses nothing that was committed."""

from __future__ import annotations

import os
import sqlite3
import weakref
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from sqlite_utils import Database, Migrations

from appliance.errors import Damaged, Refusal
from appliance.store import sums

BUSY_S = 30


def connect(path: Path, migrations: Migrations) -> Database:
    """The database at `path`, created (mode 0660) and migrated if need be.

    WAL with synchronous=FULL: readers and one writer at a time, and a commit that returned survives a power cut.
    secure_delete: what is deleted is overwritten, so that a template or a name does not stay behind in a free page.
    It is closed when nobody holds it any more. Raises Damaged if the file is not a database.
    """
    if not path.exists():
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o660))
    connection = sqlite3.connect(path, timeout=BUSY_S, check_same_thread=False)
    db = Database(connection)
    weakref.finalize(db, connection.close)
    try:
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
            connection.execute(f"PRAGMA {pragma}")
        sums.prepare(connection)
        migrate(db, migrations)
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.OperationalError):
            raise Refusal("database_busy_or_full", f"{path.name} cannot be opened: {error}") from error
        raise Damaged("database_damaged", f"{path.name} is not a sound database: {error}") from error
    return db


def migrate(db: Database, migrations: Migrations) -> None:
    """Apply what is missing; two processes that open a new home at once do not do it twice."""
    table = db.table("_sqlite_migrations")
    if table.exists() and not migrations.pending(db) and sums.is_installed(db.conn):
        return
    with transaction(db):
        migrations.apply(db)
        sums.install(db.conn)


@contextmanager
def transaction(db: Database) -> Iterator[None]:
    """All or nothing, and taken as a writer from the start, so that it can wait for others instead of failing."""
    if db.conn.in_transaction:
        yield
        return
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        db.rollback()
        raise
    db.conn.commit()


@contextmanager
def unflushed(db: Database) -> Iterator[None]:
    """A transaction that a power cut may undo, whole: for what is only done again then. Saves waiting for the disk."""
    db.execute("PRAGMA synchronous=NORMAL")
    try:
        with transaction(db):
            yield
    finally:
        db.execute("PRAGMA synchronous=FULL")


@contextmanager
def erasing(db: Database) -> Iterator[None]:
    """A transaction in which facts may be deleted."""
    with transaction(db):
        db.execute("INSERT INTO erasing VALUES (1)")
        yield
        db.execute("DELETE FROM erasing")
    forget_log(db)


def forget_log(db: Database) -> None:
    """Write the write-ahead log back and empty it, so that what was deleted is not in it either."""
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def utc_now() -> str:
    """Now, ISO 8601 in UTC to the microsecond: sorts as text."""
    return datetime.now(UTC).isoformat(timespec="microseconds")


def integrity_faults(path: Path) -> list[str]:
    """Return what SQLite finds wrong with the database at `path`; reads only."""
    if not path.exists():
        return [f"{path.name} is missing"]
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=BUSY_S)) as connection:
            found = [r[0] for r in connection.execute("PRAGMA integrity_check") if r[0] != "ok"]
            found += [
                f"a row of {r[0]} points to none in {r[2]}" for r in connection.execute("PRAGMA foreign_key_check")
            ]
    except sqlite3.DatabaseError as error:
        found = [str(error)]
    return [f"{path.name}: {fault}" for fault in found]
