"""Nothing that was written into the log, or into a table of facts, can be changed, removed or reordered unnoticed."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from appliance.domain.consent import Kind, Person
from appliance.domain.photo import PhotoId
from appliance.domain.ruling import Ruling, RulingKind
from appliance.pipeline.records.anchors import hand_over_anchor
from appliance.pipeline.verify import verify
from appliance.store.audit import Asked
from appliance.store.home import Home
from appliance.store.people import Name
from tests.pipeline.releasing import School


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of a school that has published something, forgotten somebody, and synced; nothing is open."""
    school = School(tmp_path_factory.mktemp("school") / "home")
    for n in range(4):
        school.approve(school.photo(f"photo {n}"))
        school.home.audit.record("consent", subject=f"P{n}", who="w", why="a form")
    hand_over_anchor(school.home.audit, school.outbox, school.key)
    school.sync()
    school.home.audit.forget("P2")
    assert verify(school.home) == []
    for db in (school.home.ledger._db, school.home.people._db, school.home.gallery._db):
        db.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        db.conn.close()
    return school.home.root


def spoilt(ledger: Path, to: Path, name: str, statement: str) -> list[str]:
    """What verify says of a copy in which somebody with a database tool did this."""
    shutil.copytree(ledger, to)
    with closing(sqlite3.connect(to / name)) as connection:
        connection.execute(statement)
        connection.commit()
    return verify(Home.open(to))


TAMPERED = {
    "time": "UPDATE audit SET at = '2020' || substr(at, 5) WHERE id = 3",
    "event": "UPDATE audit SET event = 'x' || substr(event, 2) WHERE id = 3",
    "payload": "UPDATE audit SET payload = replace(payload, 'w', 'v') WHERE id = 1",
    "salt": "UPDATE audit SET salt = 'f' || substr(salt, 2) || 'f' WHERE id = 3",
    "commitment": "UPDATE audit SET commitment = replace(commitment, substr(commitment, 1, 1), 'z') WHERE id = 3",
    "link": "UPDATE audit SET link = replace(link, substr(link, 1, 1), 'z') WHERE id = 3",
    "time of a forgotten entry": "UPDATE audit SET at = '2020' || substr(at, 5) WHERE payload IS NULL",
    "event of a forgotten entry": "UPDATE audit SET event = 'view' WHERE payload IS NULL",
    "a payload silenced": "UPDATE audit SET payload = NULL, salt = '' WHERE id = 1",
    "first gone": "DELETE FROM audit WHERE id = 1",
    "middle gone": "DELETE FROM audit WHERE id = 4",
    "last gone": "DELETE FROM audit WHERE id = (SELECT max(id) FROM audit)",
    "two swapped": (
        "UPDATE audit SET (at, event, payload, salt, commitment, link) = (SELECT at, event, payload, salt, commitment, "
        "link FROM audit o WHERE o.id = 4 - audit.id) WHERE id IN (1, 3)"
    ),
    "one put in": "INSERT INTO audit (at, event, payload, salt, commitment, link) SELECT at, event, payload, salt, "
    "commitment, link FROM audit WHERE id = 1",
}  # fmt: skip


@pytest.mark.parametrize("statement", TAMPERED.values(), ids=TAMPERED.keys())
def test_whatever_is_done_to_the_log_is_found(ledger: Path, tmp_path: Path, statement: str) -> None:
    faults = spoilt(ledger, tmp_path / "copy", "ledger.db", statement)
    assert any("audit" in fault for fault in faults), faults


def test_a_log_that_was_written_anew_as_a_whole_does_not_lead_to_its_anchor(ledger: Path, tmp_path: Path) -> None:
    shutil.copytree(ledger, tmp_path / "copy")
    home = Home.open(tmp_path / "copy")
    db = home.ledger._db
    db.execute("DELETE FROM audit")
    db.execute("DELETE FROM sqlite_sequence WHERE name = 'audit'")
    db.conn.commit()
    for _ in range(20):
        home.audit.record("nothing_happened")
    assert home.audit.faults() == []
    assert any("the audit log is not the one of" in fault for fault in verify(home))


FACTS = {
    "value changed": ("ledger.db", "UPDATE faces SET subject = 'P9' WHERE rowid = 1"),
    "number changed": ("ledger.db", "UPDATE faces SET x = x + 0.5 WHERE rowid = 2"),
    "row gone": ("ledger.db", "DELETE FROM copies WHERE id = 1"),
    "rows swapped": ("ledger.db", "UPDATE analyses SET id = -id WHERE id IN (1, 2)"),
    "consent turned": ("people.db", "UPDATE consents SET decision = 'refused' WHERE id = 1"),
    "date moved": ("people.db", "UPDATE consents SET until_on = '2035-01-01' WHERE id = 1"),
    "ruling gone": ("people.db", "DELETE FROM rulings WHERE id = 1"),
}


@pytest.mark.parametrize(("name", "statement"), FACTS.values(), ids=FACTS.keys())
def test_a_fact_changed_behind_the_appliances_back_is_found(
    ledger: Path, tmp_path: Path, name: str, statement: str
) -> None:
    shutil.copytree(ledger, tmp_path / "copy")
    with closing(sqlite3.connect(tmp_path / "copy" / name)) as connection:
        guards = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for guard, _ in guards:
            connection.execute(f"DROP TRIGGER {guard}")
        connection.execute(statement)
        for _, sql in guards:
            connection.execute(sql)
        connection.commit()
    table = statement.split()[2 if statement.startswith("DELETE") else 1]
    assert any(fault.startswith(name) and table in fault for fault in verify(Home.open(tmp_path / "copy")))


def test_a_guard_that_was_taken_away_is_found(ledger: Path, tmp_path: Path) -> None:
    shutil.copytree(ledger, tmp_path / "copy")
    with closing(sqlite3.connect(tmp_path / "copy" / "ledger.db")) as connection:
        connection.execute("DROP TRIGGER copies_summed")
        connection.execute("UPDATE sqlite_sequence SET seq = seq")
        connection.commit()
    from appliance.store.sums import sum_faults

    assert sum_faults(tmp_path / "copy" / "ledger.db") == [
        "ledger.db: a trigger that guards the facts is missing or was changed"
    ]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_flipped_byte_of_an_audit_row_is_found(
    ledger: Path, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """The bytes of the file itself: wherever the text of an entry stands in it, one bit is turned."""
    copy = tmp_path_factory.mktemp("flip") / "ledger.db"
    shutil.copy(ledger / "ledger.db", copy)
    with closing(sqlite3.connect(copy)) as connection:
        rows = connection.execute("SELECT id, at, event, payload, salt, commitment, link FROM audit").fetchall()
    row = data.draw(st.sampled_from(rows))
    cell = data.draw(st.sampled_from([c for c in row[1:] if c]))
    content = bytearray(copy.read_bytes())
    record = "".join(c or "" for c in row[1:]).encode()
    start = content.index(record)
    at = start + record.index(cell.encode()) + data.draw(st.integers(0, len(cell) - 1))
    content[at] ^= 1 << data.draw(st.integers(0, 6))
    copy.write_bytes(bytes(content))
    from sqlite_utils import Database

    from appliance.store.audit import Audit

    with closing(sqlite3.connect(copy)) as connection:
        assert Audit(Database(connection)).faults(), (row, at)


def test_what_is_erased_is_gone_from_the_file_and_the_chain_holds(tmp_path: Path) -> None:
    home = Home.create(tmp_path / "home")
    home.audit.record("consent", subject="CANARY-7", who="w")
    home.audit.forget("CANARY-7")
    assert verify(home) == []
    db = home.ledger._db.conn
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert b"CANARY-7" not in (home.root / "ledger.db").read_bytes()


def test_erasing_takes_facts_out_of_their_sums(tmp_path: Path) -> None:
    home = Home.create(tmp_path / "home")
    for n in range(1100):
        home.people.record_person(Person(f"P{n}", Kind.PUPIL), Name("A", "B"), "w") if n % 100 == 0 else None
    home.people.rule(Ruling(0, PhotoId("aa"), RulingKind.NAME, "w", "", face="f", subject="P0"))
    home.people.erase("P0")
    assert verify(home) == []


def test_entries_are_found_by_what_they_are_about(tmp_path: Path) -> None:
    home = Home.create(tmp_path / "home")
    for n in range(5):
        home.audit.record("consent", subject=f"P{n % 2}", who="w")
        home.audit.note("page_viewed", photo="aa", who="w")
    assert [e["payload"]["subject"] for e in home.audit.find(Asked(subject="P1"))] == ["P1", "P1"]
    assert len(home.audit.find(Asked(event="page_viewed", last=3))) == 3
    assert home.audit.find(Asked(photo="bb")) == []
    assert home.audit.find(Asked(since="2999-01-01")) == []


def test_a_log_of_before_is_taken_over_whole(tmp_path: Path) -> None:
    from sqlite_utils import Database

    from appliance.store import migrations
    from appliance.store.audit import Audit, commit

    db = Database(sqlite3.connect(tmp_path / "old.db"))
    migrations.ledger.apply(db, stop_before="an_audit_log_that_cannot_be_cut_short")
    for n in range(3):
        said = ("a" * 32, "2026-01-01", "init", f'{{"n": {n}}}')
        db.execute("INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?, '')",
                   [n + 1, said[1], said[2], said[3], said[0], commit(*said)])  # fmt: skip
    migrations.ledger.apply(db)
    assert Audit(db).faults() == []
    assert Audit(db).head().entries == 3
    db.conn.close()
