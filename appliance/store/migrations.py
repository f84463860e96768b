"""The tables of the three databases, as ordered migrations. Tables of facts refuse UPDATE; only erasing may DELETE."""

from __future__ import annotations

import hashlib

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


@ledger()
def one_item_of_several_files(db: Database) -> None:
    """Files that hang on a photo, and what is said of its decoding. What could not be read before is tried again."""
    db.executescript("""
        CREATE TABLE companions (
            photo TEXT NOT NULL REFERENCES photos, file TEXT NOT NULL REFERENCES photos, at TEXT NOT NULL,
            PRIMARY KEY (photo, file)) STRICT;
        CREATE INDEX companions_by_file ON companions (file);
        CREATE TABLE remarks (
            photo TEXT NOT NULL REFERENCES photos, remark TEXT NOT NULL, at TEXT NOT NULL, PRIMARY KEY (photo, remark)) STRICT;
        INSERT INTO erasing VALUES (1);
        DELETE FROM set_aside WHERE reason IN ('heic_not_read_yet', 'raw_not_read_yet');
        DELETE FROM erasing;
    """)
    _facts(db, "companions", "remarks")


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
def certificates(db: Database) -> None:
    """What was checked of each file that left, signed."""
    db.execute("""
        CREATE TABLE certificates (
            id INTEGER PRIMARY KEY, derivative TEXT NOT NULL, channel TEXT NOT NULL, sha256 TEXT NOT NULL UNIQUE,
            text TEXT NOT NULL, signature TEXT NOT NULL, at TEXT NOT NULL) STRICT
    """)
    db.execute("CREATE INDEX certificates_by_derivative ON certificates (derivative)")
    _stay(db, "certificates")


@people()
def what_events_are_called(db: Database) -> None:
    """What a person said about the words of an event's name: no names, or what to call it outside."""
    db.execute("""
        CREATE TABLE event_words (
            id INTEGER PRIMARY KEY AUTOINCREMENT, event TEXT NOT NULL, outward TEXT NOT NULL, words TEXT NOT NULL,
            who TEXT NOT NULL, at TEXT NOT NULL) STRICT
    """)
    _stay(db, "event_words")


@people()
def requests_of_people_and_decisions_about_imports(db: Database) -> None:
    """Pictures to be removed, the lead's word, conflicts that were closed, what a yes/no column means."""
    db.executescript("""
        CREATE TABLE removals (
            id INTEGER PRIMARY KEY AUTOINCREMENT, subject TEXT NOT NULL, before_at TEXT NOT NULL, evidence TEXT NOT NULL,
            who TEXT NOT NULL, at TEXT NOT NULL) STRICT;
        CREATE TABLE lead_words (
            id INTEGER PRIMARY KEY AUTOINCREMENT, subject TEXT NOT NULL, channel TEXT NOT NULL, allowed INTEGER NOT NULL,
            who TEXT NOT NULL, at TEXT NOT NULL) STRICT;
        CREATE TABLE salts (only INTEGER PRIMARY KEY CHECK (only = 1), salt TEXT NOT NULL) STRICT;
        INSERT INTO salts VALUES (1, hex(randomblob(32)));
        CREATE TABLE closings (
            conflict TEXT PRIMARY KEY REFERENCES conflicts, who TEXT NOT NULL, evidence TEXT NOT NULL, at TEXT NOT NULL) STRICT;
        CREATE TABLE mappings (
            id INTEGER PRIMARY KEY, profile TEXT NOT NULL, column_name TEXT NOT NULL, scopes TEXT NOT NULL,
            who TEXT NOT NULL, evidence TEXT NOT NULL, at TEXT NOT NULL) STRICT;
        CREATE INDEX rulings_by_subject ON rulings (subject) WHERE subject IS NOT NULL;
        CREATE INDEX rulings_by_group ON rulings (grp) WHERE kind = 'attest';
    """)
    _facts(db, "removals", "lead_words", "salts", "closings", "mappings")


@ledger()
def faces_by_subject(db: Database) -> None:
    """What a change about one person touches is found without reading every face."""
    db.execute("CREATE INDEX faces_by_subject ON faces (subject) WHERE subject IS NOT NULL")


@gallery()
def sealed_templates_and_portrait_checks(db: Database) -> None:
    """Templates are sealed with a key of their own; those that were not are made again from the portraits."""
    db.executescript("""
        DELETE FROM templates;
        DELETE FROM failures;
        ALTER TABLE templates ADD COLUMN key TEXT NOT NULL DEFAULT '';
        CREATE TABLE portrait_checks (
            subject TEXT NOT NULL, portrait TEXT NOT NULL, reason TEXT NOT NULL, taken_on TEXT, at TEXT NOT NULL,
            PRIMARY KEY (subject, portrait)) STRICT;
    """)


@people()
def stated_rates(db: Database) -> None:
    """The rate of false identification that the school accepts, as stated by a person."""
    db.execute("""
        CREATE TABLE stated_rates (
            id INTEGER PRIMARY KEY AUTOINCREMENT, fpir REAL NOT NULL, who TEXT NOT NULL, at TEXT NOT NULL) STRICT
    """)
    _stay(db, "stated_rates")


@ledger()
def selftests(db: Database) -> None:
    """What the box measured on its own roster: counts by age and group, nobody's name or template."""
    db.executescript("""
        CREATE TABLE selftests (
            id INTEGER PRIMARY KEY AUTOINCREMENT, gallery TEXT NOT NULL, rates TEXT NOT NULL, report TEXT NOT NULL,
            at TEXT NOT NULL) STRICT;
        CREATE TABLE refused_bands (
            selftest INTEGER NOT NULL REFERENCES selftests, fpir REAL NOT NULL, band TEXT NOT NULL,
            PRIMARY KEY (selftest, fpir, band)) STRICT;
    """)
    _stay(db, "selftests", "refused_bands")


@ledger()
def an_audit_log_that_cannot_be_cut_short(db: Database) -> None:
    """Everything of an entry that is never deleted is in its link; entries are counted, so that none at the end can go."""
    db.execute("ALTER TABLE audit RENAME TO audit_before")
    db.execute("""
        CREATE TABLE audit (
            id INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, event TEXT NOT NULL, payload TEXT, salt TEXT NOT NULL,
            commitment TEXT NOT NULL, link TEXT NOT NULL) STRICT""")
    before = ""
    rows = db.execute("SELECT id, at, event, payload, salt, commitment FROM audit_before ORDER BY id").fetchall()
    for number, (_, at, event, payload, salt, commitment) in enumerate(rows, start=1):
        parts = (before, str(number), at, event, commitment)
        before = hashlib.sha256("\x00".join(parts).encode()).hexdigest()
        db.execute(
            "INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?, ?)", [number, at, event, payload, salt, commitment, before]
        )
    db.execute("DROP TABLE audit_before")
    for key in ("subject", "photo"):
        value = f"CASE WHEN json_valid(payload) THEN json_extract(payload, '$.{key}') END"
        db.execute(f"CREATE INDEX audit_by_{key} ON audit ({value}) WHERE {value} IS NOT NULL")
    db.execute("CREATE INDEX audit_by_event ON audit (event)")


@ledger()
def erasures_and_retention(db: Database) -> None:
    """Who is being erased, the certificates of those who were, and whose files are not kept any more."""
    for table in (
        "erasures_open (subject TEXT PRIMARY KEY, who TEXT NOT NULL, at TEXT NOT NULL, waits INTEGER NOT NULL)",
        "erasure_count (only INTEGER PRIMARY KEY CHECK (only = 1), number INTEGER NOT NULL)",
        "erasures (id INTEGER PRIMARY KEY, at TEXT NOT NULL, certificate TEXT NOT NULL)",
        """retired (photo TEXT NOT NULL REFERENCES photos, kind TEXT NOT NULL, why TEXT NOT NULL, at TEXT NOT NULL,
            PRIMARY KEY (photo, kind))""",
    ):
        db.execute(f"CREATE TABLE {table} STRICT")
    db.execute("CREATE INDEX IF NOT EXISTS faces_by_subject ON faces (subject) WHERE subject IS NOT NULL")
    _facts(db, "erasures", "retired")


@ledger()
def grounds_and_audits_of_publications(db: Database) -> None:
    """Under which consents copies went out, and what was said of them when somebody went through the register."""
    for table in (
        """grounds (photo TEXT NOT NULL, derivative TEXT NOT NULL, channel TEXT NOT NULL, subject TEXT, party TEXT, basis TEXT,
            from_on TEXT, until_on TEXT, grp TEXT, at TEXT NOT NULL)""",
        "publication_audits (id INTEGER PRIMARY KEY, who TEXT NOT NULL, at TEXT NOT NULL)",
        "publication_audit_ends (audit INTEGER PRIMARY KEY REFERENCES publication_audits, who TEXT NOT NULL, at TEXT NOT NULL)",
        """publication_answers (
            id INTEGER PRIMARY KEY, audit INTEGER NOT NULL REFERENCES publication_audits, photo TEXT NOT NULL,
            derivative TEXT NOT NULL, channel TEXT NOT NULL, answer TEXT NOT NULL CHECK (answer IN ('keep', 'take_down')),
            reason TEXT NOT NULL, who TEXT NOT NULL, at TEXT NOT NULL)""",
    ):
        db.execute(f"CREATE TABLE {table} STRICT")
    db.execute("CREATE INDEX grounds_by_copy ON grounds (photo, derivative, channel)")
    db.execute("CREATE INDEX grounds_by_subject ON grounds (subject) WHERE subject IS NOT NULL")
    db.execute("CREATE INDEX answers_by_audit ON publication_answers (audit)")
    _facts(db, "grounds", "publication_audits", "publication_audit_ends", "publication_answers")


@ledger()
def audits_of_folders(db: Database) -> None:
    """What was found in folders of pictures that were published before this box was."""
    for table in (
        "folder_audits (id INTEGER PRIMARY KEY, root TEXT NOT NULL, channel TEXT NOT NULL, who TEXT NOT NULL, at TEXT NOT NULL)",
        """folder_findings (
            audit INTEGER NOT NULL REFERENCES folder_audits, path TEXT NOT NULL, size INTEGER NOT NULL,
            changed_ns INTEGER NOT NULL, state TEXT NOT NULL, metadata TEXT NOT NULL, faces INTEGER NOT NULL,
            unknown INTEGER NOT NULL, published TEXT, at TEXT NOT NULL, PRIMARY KEY (audit, path))""",
        """folder_people (audit INTEGER NOT NULL, path TEXT NOT NULL, subject TEXT NOT NULL, verdict TEXT NOT NULL,
            PRIMARY KEY (audit, path, subject))""",
    ):
        db.execute(f"CREATE TABLE {table} STRICT")
    db.execute("CREATE INDEX folder_people_by_subject ON folder_people (subject)")
    _facts(db, "folder_audits", "folder_findings", "folder_people")


@ledger()
def the_register_as_it_stands(db: Database) -> None:
    """What follows from the history of copies, kept by a trigger, so that a page need not go through all of it."""
    key = ("derivative", "photo", "channel", "target", "path")
    same = " AND ".join(f"{c} = NEW.{c}" for c in key)
    db.execute(f"""
        CREATE TABLE register (
            derivative TEXT NOT NULL, photo TEXT NOT NULL, channel TEXT NOT NULL, target TEXT NOT NULL, path TEXT NOT NULL,
            state TEXT NOT NULL, since TEXT NOT NULL, until TEXT, PRIMARY KEY ({", ".join(key)})) STRICT""")
    is_out = "NEW.state IN ('published', 'possibly_published')"
    db.execute(f"""
        CREATE TRIGGER copies_registered AFTER INSERT ON copies BEGIN
          INSERT INTO register SELECT NEW.derivative, NEW.photo, NEW.channel, NEW.target, NEW.path, NEW.state, NEW.at,
            iif({is_out}, NULL, NEW.at) WHERE NOT EXISTS (SELECT 1 FROM register WHERE {same});
          UPDATE register SET since = iif(until IS NULL OR NOT {is_out}, since, NEW.at),
            until = iif({is_out}, NULL, coalesce(until, NEW.at)), state = NEW.state WHERE {same};
        END""")
    for row in db.execute("SELECT * FROM copies ORDER BY id").fetchall():
        values = dict(zip((*key, "state", "at"), row[1:], strict=True))
        known = db.execute(
            f"SELECT since, until FROM register WHERE {' AND '.join(f'{c} = ?' for c in key)}", [values[c] for c in key]
        ).fetchone()
        out = values["state"] in ("published", "possibly_published")
        since = known[0] if known and (known[1] is None or not out) else values["at"]
        until = None if out else (known[1] if known and known[1] else values["at"])
        db.execute(
            "INSERT OR REPLACE INTO register VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [*(values[c] for c in key), values["state"], since, until],
        )
    db.execute("CREATE INDEX register_by_since ON register (until IS NULL, since)")
    db.execute("CREATE INDEX register_by_photo ON register (photo)")
    db.execute("CREATE INDEX photos_by_event ON photos (event)")


@people()
def legal_holds(db: Database) -> None:
    """What may not be deleted, by whose word, until whose word."""
    db.execute("""
        CREATE TABLE holds (
            id INTEGER PRIMARY KEY AUTOINCREMENT, photo TEXT, subject TEXT, event TEXT, who TEXT NOT NULL,
            reason TEXT NOT NULL, at TEXT NOT NULL) STRICT""")
    db.execute("""
        CREATE TABLE hold_ends (
            hold INTEGER PRIMARY KEY REFERENCES holds, who TEXT NOT NULL, reason TEXT NOT NULL, at TEXT NOT NULL) STRICT""")
    db.execute("CREATE INDEX IF NOT EXISTS rulings_by_subject ON rulings (subject) WHERE subject IS NOT NULL")
    _facts(db, "holds", "hold_ends")


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
    _stay(db, *tables)


def _stay(db: Database, *tables: str) -> None:
    for table in tables:
        db.execute(
            f"CREATE TRIGGER {table}_are_facts BEFORE UPDATE ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} are facts: record a new one'); END"
        )
        db.execute(
            f"CREATE TRIGGER {table}_stay BEFORE DELETE ON {table} WHEN NOT EXISTS (SELECT 1 FROM erasing) "
            f"BEGIN SELECT RAISE(ABORT, '{table} are deleted by erasing only'); END"
        )
