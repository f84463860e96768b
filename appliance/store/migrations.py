"""The tables of the three databases, as ordered migrations. Tables of facts refuse UPDATE; only erasing may DELETE."""

from __future__ import annotations

from sqlite_utils import Database, Migrations

ledger = Migrations("ledger")
people = Migrations("people")
gallery = Migrations("gallery")


@ledger()
def photos_and_the_line(db: Database) -> None:
    """Photos, what became of them, and the work that is due."""
    db.executescript("""
        CREATE TABLE intakes (id INTEGER PRIMARY KEY, path TEXT NOT NULL, event TEXT NOT NULL, asked_at TEXT NOT NULL) STRICT;
        CREATE TABLE intake_ends (
            intake INTEGER PRIMARY KEY REFERENCES intakes, files INTEGER NOT NULL, admitted INTEGER NOT NULL,
            duplicates INTEGER NOT NULL, skipped INTEGER NOT NULL, at TEXT NOT NULL) STRICT;
        CREATE TABLE photos (
            id TEXT PRIMARY KEY, bytes INTEGER NOT NULL, event TEXT NOT NULL, intake INTEGER NOT NULL REFERENCES intakes,
            admitted_at TEXT NOT NULL) STRICT;
        CREATE TABLE sightings (
            photo TEXT NOT NULL REFERENCES photos, intake INTEGER NOT NULL REFERENCES intakes, name TEXT NOT NULL,
            PRIMARY KEY (photo, intake, name)) STRICT;
        CREATE TABLE set_aside (
            photo TEXT PRIMARY KEY REFERENCES photos, state TEXT NOT NULL, reason TEXT NOT NULL, at TEXT NOT NULL) STRICT;
        CREATE TABLE analyses (
            id INTEGER PRIMARY KEY, photo TEXT NOT NULL REFERENCES photos, model TEXT NOT NULL, gallery TEXT NOT NULL,
            width INTEGER NOT NULL, height INTEGER NOT NULL, at TEXT NOT NULL) STRICT;
        CREATE INDEX analyses_by_photo ON analyses (photo);
        CREATE TABLE faces (
            analysis INTEGER NOT NULL REFERENCES analyses, face TEXT NOT NULL, x REAL NOT NULL, y REAL NOT NULL,
            w REAL NOT NULL, h REAL NOT NULL, landmarks TEXT NOT NULL, score REAL NOT NULL, identity TEXT NOT NULL,
            subject TEXT, comparison REAL, PRIMARY KEY (analysis, face)) STRICT;
        CREATE TABLE derivatives (
            photo TEXT NOT NULL REFERENCES photos, plan TEXT NOT NULL, derivative TEXT NOT NULL, at TEXT NOT NULL,
            PRIMARY KEY (photo, plan)) STRICT;
        CREATE INDEX derivatives_by_hash ON derivatives (derivative);
        CREATE TABLE renders (photo TEXT PRIMARY KEY REFERENCES photos, facts TEXT NOT NULL, at TEXT NOT NULL) STRICT;
        CREATE TABLE copies (
            id INTEGER PRIMARY KEY, derivative TEXT NOT NULL, photo TEXT NOT NULL, channel TEXT NOT NULL,
            target TEXT NOT NULL, path TEXT NOT NULL, state TEXT NOT NULL, at TEXT NOT NULL) STRICT;
        CREATE INDEX copies_by_photo ON copies (photo);
        CREATE TABLE jobs (
            stage TEXT NOT NULL, key TEXT NOT NULL, wanted INTEGER NOT NULL, done INTEGER NOT NULL DEFAULT 0,
            claimed_by TEXT, attempts INTEGER NOT NULL DEFAULT 0, parked TEXT, PRIMARY KEY (stage, key)) STRICT;
        CREATE INDEX jobs_due ON jobs (stage) WHERE done < wanted AND parked IS NULL;
        CREATE TABLE clock (only INTEGER PRIMARY KEY CHECK (only = 1), seen_at TEXT NOT NULL) STRICT;
        CREATE TABLE audit (
            id INTEGER PRIMARY KEY, at TEXT NOT NULL, event TEXT NOT NULL, payload TEXT, salt TEXT NOT NULL,
            commitment TEXT NOT NULL, link TEXT NOT NULL) STRICT;
    """)
    _facts(
        db, "intakes", "intake_ends", "photos", "sightings", "set_aside", "analyses", "faces", "derivatives", "copies"
    )


@people()
def roster_consents_and_rulings(db: Database) -> None:
    """Who people are, what was said about them, and what staff said about photos."""
    db.executescript("""
        CREATE TABLE persons (
            id INTEGER PRIMARY KEY AUTOINCREMENT, subject TEXT NOT NULL, given_name TEXT NOT NULL, family_name TEXT NOT NULL,
            known_as TEXT NOT NULL, grp TEXT NOT NULL, kind TEXT NOT NULL, birth_on TEXT, leaving_on TEXT,
            family TEXT NOT NULL, parents INTEGER, protected INTEGER NOT NULL, who TEXT NOT NULL, at TEXT NOT NULL) STRICT;
        CREATE INDEX persons_by_subject ON persons (subject);
        CREATE TABLE consents (
            id INTEGER PRIMARY KEY AUTOINCREMENT, subject TEXT NOT NULL, party TEXT NOT NULL, scope TEXT NOT NULL, decision TEXT NOT NULL,
            from_on TEXT NOT NULL, until_on TEXT, basis TEXT NOT NULL, evidence TEXT NOT NULL, who TEXT NOT NULL,
            at TEXT NOT NULL) STRICT;
        CREATE INDEX consents_by_subject ON consents (subject);
        CREATE TABLE conflicts (
            id TEXT PRIMARY KEY, subject TEXT NOT NULL, row TEXT NOT NULL, why TEXT NOT NULL, at TEXT NOT NULL) STRICT;
        CREATE TABLE resolutions (
            conflict TEXT PRIMARY KEY REFERENCES conflicts, who TEXT NOT NULL, evidence TEXT NOT NULL, at TEXT NOT NULL) STRICT;
        CREATE TABLE portraits (
            subject TEXT NOT NULL, portrait TEXT NOT NULL, at TEXT NOT NULL, PRIMARY KEY (subject, portrait)) STRICT;
        CREATE TABLE rulings (
            id INTEGER PRIMARY KEY AUTOINCREMENT, photo TEXT NOT NULL, kind TEXT NOT NULL, who TEXT NOT NULL, at TEXT NOT NULL,
            box TEXT, face TEXT, subject TEXT, grp TEXT, channel TEXT, derivative TEXT, reason TEXT, members TEXT) STRICT;
        CREATE INDEX rulings_by_photo ON rulings (photo);
        CREATE TABLE assessments (id TEXT PRIMARY KEY, sha256 TEXT NOT NULL, who TEXT NOT NULL, at TEXT NOT NULL) STRICT;
        CREATE TABLE matching (
            id INTEGER PRIMARY KEY, is_on INTEGER NOT NULL, assessment TEXT REFERENCES assessments, who TEXT NOT NULL,
            at TEXT NOT NULL) STRICT;
    """)
    _facts(db, "persons", "consents", "conflicts", "resolutions", "portraits", "rulings", "assessments", "matching")


@gallery()
def templates(db: Database) -> None:
    """Templates of people whose biometric consent stands, and enrolments that failed. Not facts: they go when it goes."""
    db.executescript("""
        CREATE TABLE templates (
            subject TEXT PRIMARY KEY, made_of TEXT NOT NULL, model TEXT NOT NULL, portraits INTEGER NOT NULL,
            vector BLOB NOT NULL, enrolled_at TEXT NOT NULL) STRICT;
        CREATE TABLE failures (
            subject TEXT PRIMARY KEY, made_of TEXT NOT NULL, reason TEXT NOT NULL, at TEXT NOT NULL) STRICT;
    """)


@ledger()
def takedowns_and_tombstones(db: Database) -> None:
    """Copies that have to be gone by a time, how each of these ended, and pictures that never come back."""
    db.execute("""
        CREATE TABLE takedowns (
            id INTEGER PRIMARY KEY AUTOINCREMENT, derivative TEXT NOT NULL, photo TEXT NOT NULL, channel TEXT NOT NULL,
            target TEXT NOT NULL, path TEXT NOT NULL, why TEXT NOT NULL, at TEXT NOT NULL, due_at TEXT NOT NULL) STRICT""")
    db.execute("""
        CREATE TABLE takedown_ends (
            takedown INTEGER PRIMARY KEY REFERENCES takedowns, who TEXT NOT NULL, evidence TEXT NOT NULL,
            at TEXT NOT NULL) STRICT""")
    db.execute("""
        CREATE TABLE tombstones (
            photo TEXT NOT NULL, derivative TEXT NOT NULL, channel TEXT NOT NULL, why TEXT NOT NULL, who TEXT NOT NULL,
            at TEXT NOT NULL, PRIMARY KEY (photo, derivative, channel)) STRICT""")
    db.execute("CREATE INDEX tombstones_by_derivative ON tombstones (derivative)")
    _facts(db, "takedowns", "takedown_ends", "tombstones")


def _facts(db: Database, *tables: str) -> None:
    db.execute("CREATE TABLE IF NOT EXISTS erasing (only INTEGER PRIMARY KEY CHECK (only = 1)) STRICT")
    for table in tables:
        db.execute(
            f"CREATE TRIGGER {table}_are_facts BEFORE UPDATE ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} are facts: record a new one'); END"
        )
        db.execute(
            f"CREATE TRIGGER {table}_stay BEFORE DELETE ON {table} WHEN NOT EXISTS (SELECT 1 FROM erasing) "
            f"BEGIN SELECT RAISE(ABORT, '{table} are deleted by erasing only'); END"
        )
