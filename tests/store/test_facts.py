import sqlite3
from pathlib import Path

import pytest

from appliance.domain.photo import PhotoId, PhotoState
from appliance.errors import Damaged, Refusal
from appliance.store.home import Home
from appliance.store.vault import Vault


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home.create(tmp_path / "home")


def admitted(home: Home, photo: str = "aa", name: str = "IMG_1.JPG") -> PhotoId:
    intake = home.ledger.begin_intake("/card", "Fair")
    home.ledger.admit(intake, PhotoId(photo), 3, name, None)
    return PhotoId(photo)


@pytest.mark.parametrize("statement", ["UPDATE photos SET event = 'x'", "DELETE FROM photos", "DELETE FROM sightings"])
def test_facts_are_neither_edited_nor_deleted(home: Home, statement: str) -> None:
    admitted(home)
    with pytest.raises(sqlite3.IntegrityError):
        home._ledger_db.execute(statement)


def test_a_photo_is_known_by_its_content_and_keeps_every_name_it_was_seen_under(home: Home) -> None:
    admitted(home, "aa", "IMG_1.JPG")
    admitted(home, "aa", "COPY.JPG")
    (row,) = home.ledger.photos()
    assert row.names == ("COPY.JPG", "IMG_1.JPG")
    assert home.ledger.jobs.due() == {"analyse": 1}


def test_a_set_aside_file_keeps_its_first_reason(home: Home) -> None:
    photo = admitted(home)
    home.ledger.set_aside(photo, PhotoState.REFUSED, "truncated")
    home.ledger.set_aside(photo, PhotoState.PARKED, "video")
    (row,) = home.ledger.photos()
    assert (row.state, row.reason) == (PhotoState.REFUSED, "truncated")


def test_an_interrupted_intake_is_taken_up_again(home: Home) -> None:
    first = home.ledger.begin_intake("/card", "Fair")
    assert home.ledger.begin_intake("/card", "Fair") == first
    home.ledger.end_intake(first, files=0, admitted=0, duplicates=0, skipped=0)
    assert home.ledger.begin_intake("/card", "Fair") != first
    assert len(home.ledger.unfinished_intakes()) == 1


def test_a_home_is_not_made_twice(home: Home) -> None:
    with pytest.raises(Refusal):
        Home.create(home.root)


def test_a_folder_that_is_no_home_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refusal):
        Home.open(tmp_path)


def test_a_file_that_is_no_database_is_reported_as_damaged(home: Home) -> None:
    (home.root / "gallery.db").write_bytes(b"not a database at all" * 100)
    for extra in ("gallery.db-wal", "gallery.db-shm"):
        (home.root / extra).unlink(missing_ok=True)
    with pytest.raises(Damaged):
        _ = Home.open(home.root).gallery


def test_the_latest_time_is_remembered_and_the_day_never_goes_back(home: Home) -> None:
    home.ledger.see_clock("2031-05-03T10:00:00+00:00")
    assert home.today().isoformat() == "2031-05-03"


def test_a_copy_is_kept_whole_or_not_at_all(tmp_path: Path) -> None:
    vault = Vault(tmp_path)
    vault.create()

    def breaks() -> "object":
        yield b"half"
        raise OSError(5, "the card was pulled")

    with pytest.raises(OSError, match="pulled"):
        vault.stream(breaks())  # type: ignore[arg-type]  # a generator of bytes that fails
    assert list(vault.names("originals")) == []
    assert list((tmp_path / "incoming").iterdir()) == []


def test_the_same_bytes_are_stored_once(tmp_path: Path) -> None:
    vault = Vault(tmp_path)
    vault.create()
    one, two = vault.stream([b"ab", b"c"]), vault.stream([b"abc"])
    assert one.sha256 == two.sha256 and one.is_new and not two.is_new
    assert vault.read("originals", one.sha256) == b"abc"


def test_the_audit_chain_tells_when_an_entry_was_changed_or_taken_out(home: Home) -> None:
    for number in range(4):
        home.audit.record("viewed", photo=f"p{number}")
    assert home.audit.faults() == []
    home._ledger_db.execute("UPDATE audit SET payload = '{}' WHERE id = 2")
    assert home.audit.faults() == ["audit entry 2 was changed"]
    home._ledger_db.execute("DELETE FROM audit WHERE id = 3")
    assert "audit entry 3 is missing" in home.audit.faults()


def test_an_erased_audit_payload_leaves_the_chain_whole(home: Home) -> None:
    home.audit.record("consent", subject="P1", who="Ann")
    home.audit.record("consent", subject="P2", who="Ann")
    home.audit.forget("P1")
    assert home.audit.faults() == []
    assert [e["payload"] is None for e in reversed(home.audit.entries())] == [True, False, False]
    assert home.audit.entries()[0]["payload"] == '{"entries": "1", "why": "erasure"}'


def test_the_register_as_it_stands_is_what_follows_from_the_history(home: Home) -> None:
    from appliance.domain.release import Copy, CopyState

    steps = [CopyState.POSSIBLY_PUBLISHED, CopyState.PUBLISHED, CopyState.TAKEN_DOWN, CopyState.TOMBSTONED,
             CopyState.POSSIBLY_PUBLISHED, CopyState.TAKEN_DOWN]  # fmt: skip
    for n, state in enumerate(steps):
        for derivative in ("d1", "d2")[: 1 + n % 2]:
            home.ledger.register.record([Copy(derivative, "p", "website", "t", "a.jpg", "", None, state)])
        known = sorted(home.ledger.register.copies(), key=lambda c: c.derivative)
        assert sorted(home.ledger.register.sheet(1, 9), key=lambda c: c.derivative) == known
        assert home.ledger.register.counted() == (sum(c.is_out for c in known), len(known))
