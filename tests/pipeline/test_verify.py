"""Verifying a home: everything that is not as it was written is named, and nothing is changed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from appliance.domain.photo import PhotoId, PhotoState
from appliance.domain.release import Copy, CopyState
from appliance.pipeline.verify import verify
from appliance.store.home import Home

ORIGINAL, DERIVATIVE, PORTRAIT, ASSESSMENT, PROOF = b"original", b"derivative", b"portrait", b"assessment", b"proof"


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


PHOTO = PhotoId(_sha256(ORIGINAL))
PLACE = f"website/unsorted/{_sha256(DERIVATIVE)}.jpg"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home with one of everything, one picture published."""
    home = Home.create(tmp_path / "home")
    for kind, data, name in [
        ("originals", ORIGINAL, None), ("derivatives", DERIVATIVE, None), ("portraits", PORTRAIT, None),
        ("assessments", ASSESSMENT, None), ("proofs", PROOF, PHOTO),
    ]:  # fmt: skip
        home.vault.add(kind, data, name)
    home.ledger.admit(home.ledger.begin_intake("/card", ""), PHOTO, len(ORIGINAL), "IMG_0001.JPG", None)
    home.ledger.record_render(PHOTO, {"plan": _sha256(DERIVATIVE)}, "facts")
    home.people.add_portrait("S1", _sha256(PORTRAIT))
    home.people.record_assessment(_sha256(ASSESSMENT), "w")
    home.audit.record("init")
    home.audit.record("released")
    (home.root / "published" / PLACE).parent.mkdir(parents=True)
    (home.root / "published" / PLACE).write_bytes(DERIVATIVE)
    (home.root / "published" / "manifest.json").write_text("[]")
    _copy(home, CopyState.PUBLISHED)
    return home


def _copy(home: Home, state: CopyState) -> None:
    copy = Copy(_sha256(DERIVATIVE), PHOTO, "website", "published", PLACE, "", None, state)
    home.ledger.register.record([copy])


def _path(home: Home, kind: str, data: bytes) -> Path:
    return home.vault.path(kind, _sha256(data))


def _sql(home: Home, statement: str) -> None:
    with home.ledger._db.conn as connection:
        connection.execute(statement)


def _stray(home: Home, where: str) -> None:
    path = home.root / where
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"stray")


def test_a_sound_home_has_no_faults_and_progress_is_shown(home: Home) -> None:
    seen: list[tuple[int, int]] = []
    assert verify(home, lambda done, total: seen.append((done, total))) == []
    assert seen == [(n, 5) for n in range(1, 6)]


FILES = [("originals", ORIGINAL), ("derivatives", DERIVATIVE), ("portraits", PORTRAIT), ("assessments", ASSESSMENT)]


@pytest.mark.parametrize(("kind", "data"), FILES)
def test_a_changed_file_is_named(home: Home, kind: str, data: bytes) -> None:
    _path(home, kind, data).write_bytes(data + b".")
    assert verify(home) == [f"{kind}/{_sha256(data)} is not what was written"]


@pytest.mark.parametrize(("kind", "data"), FILES)
def test_a_missing_file_is_named(home: Home, kind: str, data: bytes) -> None:
    _path(home, kind, data).unlink()
    assert verify(home) == [f"{kind}/{_sha256(data)} is missing"]


@pytest.mark.parametrize("where", ["originals/ab/abcd", "derivatives/loose", "proofs/ab/abcd", f"proofs/00/{PHOTO}"])
def test_a_file_that_nothing_is_known_of_is_named(home: Home, where: str) -> None:
    _stray(home, where)
    kind, *_, name = where.split("/")
    assert verify(home) == [f"{kind}/{name} is a file that nothing is known of"]


def test_leftovers_of_an_interrupted_copy_are_no_fault(home: Home) -> None:
    _stray(home, "incoming/abcd")
    assert verify(home) == []


def test_a_file_set_aside_is_kept_and_checked_too(home: Home) -> None:
    home.ledger.set_aside(PHOTO, PhotoState.REFUSED, "unreadable")
    assert verify(home) == []


FAULTS: list[tuple[str, Callable[[Home], object], str]] = [
    ("audit changed", lambda h: _sql(h, "UPDATE audit SET payload = '{}x' WHERE id = 1"), "audit entry 1 was changed"),
    ("audit cut out", lambda h: _sql(h, "DELETE FROM audit WHERE id = 1"), "audit entry 1 is missing"),
    (
        "published gone",
        lambda h: (h.root / "published" / PLACE).unlink(),
        f"published/{PLACE} is published, and is missing",
    ),
    (
        "published changed",
        lambda h: (h.root / "published" / PLACE).write_bytes(b""),
        f"published/{PLACE} is published, and is not what was sent",
    ),
    (
        "not taken down",
        lambda h: _copy(h, CopyState.TAKEN_DOWN),
        f"published/{PLACE} is there, and the register does not say so",
    ),
    (
        "published by nobody",
        lambda h: _stray(h, "published/website/stray.jpg"),
        "published/website/stray.jpg is there, and the register does not say so",
    ),
    ("no target", lambda h: (h.root / "published").rename(h.root / "elsewhere"), "the target published is not there"),
]


@pytest.mark.parametrize(("spoil", "fault"), [f[1:] for f in FAULTS], ids=[f[0] for f in FAULTS])
def test_what_does_not_hold_together_is_named(home: Home, spoil: Callable[[Home], object], fault: str) -> None:
    spoil(home)
    assert verify(home) == [fault]


def test_a_copy_that_is_only_perhaps_out_may_be_missing(home: Home) -> None:
    _copy(home, CopyState.POSSIBLY_PUBLISHED)
    (home.root / "published" / PLACE).unlink()
    assert verify(home) == []


@pytest.mark.parametrize("name", ["ledger.db", "people.db", "gallery.db"])
def test_a_damaged_database_is_named_and_nothing_else_is_believed(home: Home, name: str) -> None:
    for db in (home.ledger._db, home.people._db, home.gallery._db):
        db.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    path = home.root / name
    data = bytearray(path.read_bytes())
    data[4096:8192] = b"\xff" * 4096
    path.write_bytes(data)
    faults = verify(home)
    assert faults
    assert all(f.startswith(f"{name}: ") for f in faults)


def test_a_row_that_points_nowhere_is_named(home: Home) -> None:
    home.ledger._db.conn.execute("PRAGMA foreign_keys=OFF")
    _sql(home, "INSERT INTO sightings VALUES ('gone', 1, 'x.jpg')")
    assert verify(home) == ["ledger.db: a row of sightings points to none in photos"]


def test_a_missing_database_is_named(home: Home) -> None:
    (home.root / "gallery.db").rename(home.root / "elsewhere.db")
    assert verify(home) == ["gallery.db is missing"]
