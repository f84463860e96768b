"""A card on which most photos are several files, walked for real: taken in, looked at, given back, erased."""

import json
from datetime import timedelta
from pathlib import Path

import numpy as np
import pillow_heif
import pytest
from PIL import Image
from sqlite_utils import Database

from appliance.domain.photo import PhotoId, PhotoState
from appliance.domain.ruling import Ruling, RulingKind
from appliance.errors import Refusal
from appliance.pipeline import aside
from appliance.pipeline.admit import Intaken, admit
from appliance.pipeline.listing import as_json, views
from appliance.pipeline.records.retention import enforce
from appliance.pipeline.verify import verify
from appliance.store import migrations
from appliance.store.home import Home
from appliance.store.ledger import PhotoRow
from appliance.worker import process
from tests.vision.dng import dng
from tests.vision.hard import noise, saved

pillow_heif.register_heif_opener()
VIDEO = b"\x00\x00\x00\x18ftypqt  " + bytes(4000)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home.create(tmp_path / "home")


@pytest.fixture
def card(tmp_path: Path) -> Path:
    """A RAW with its JPEG, a Live Photo with its edits, a RAW whose JPEG is broken, a lone video, a lone sidecar."""
    dcim = tmp_path / "card" / "DCIM"
    dcim.mkdir(parents=True)
    jpeg = saved(noise(120, 80, 1), "JPEG")
    files = {
        "IMG_1.CR2": dng(np.asarray(noise(120, 80, 1))), "IMG_1.JPG": jpeg, "IMG_1.XMP": b"<x:xmpmeta/>",
        "IMG_2.HEIC": saved(noise(120, 80, 2), "HEIF"), "IMG_2.MOV": VIDEO, "IMG_O2.AAE": b"<plist/>",
        "IMG_3.DNG": dng(np.asarray(noise(120, 80, 3))), "IMG_3.JPG": jpeg[:600],
        "MVI_4.MP4": VIDEO + b"4", "MVI_4.THM": saved(noise(16, 12, 4), "JPEG"), "IMG_5.XMP": b"<x:xmpmeta>5",
        "IMG_6.TIF": saved(noise(60, 40, 6), "TIFF", save_all=True, append_images=[noise(60, 40, 7)]),
    }  # fmt: skip
    for name, data in files.items():
        (dcim / name).write_bytes(data)
    return dcim.parent


def take_in(home: Home, card: Path) -> Intaken:
    return admit(card, "Fair", ledger=home.ledger, vault=home.vault, audit=home.audit)


def named(home: Home, name: str) -> PhotoRow:
    return next(r for r in home.ledger.photos() if r.names[0] == f"DCIM/{name}")


def give(home: Home, row: PhotoRow, folder: Path, who: str = "office") -> list[aside.Given]:
    return aside.export(row, folder, who, home)


def drop(home: Home, row: PhotoRow) -> int:
    return aside.erase(row, "office", home)


def items(home: Home) -> dict[str, list[str]]:
    return {
        r.names[0].removeprefix("DCIM/"): [n.removeprefix("DCIM/") for n in r.names[1:]] for r in home.ledger.photos()
    }


ON_THE_CARD = {
    "IMG_1.JPG": ["IMG_1.CR2", "IMG_1.XMP"], "IMG_2.HEIC": ["IMG_2.MOV", "IMG_O2.AAE"], "IMG_3.JPG": ["IMG_3.DNG"],
    "MVI_4.MP4": ["MVI_4.THM"], "IMG_5.XMP": [], "IMG_6.TIF": [],
}  # fmt: skip


def sorted_out(items: dict[str, list[str]]) -> dict[str, list[str]]:
    return {name: sorted(others) for name, others in items.items()}


def test_what_belongs_together_is_one_item_and_nothing_is_lost(home: Home, card: Path) -> None:
    taken = take_in(home, card)
    # the RAW of the broken JPEG hangs on it until it turns out to be broken; only then is it listed without it
    assert sorted_out(items(home)) == ON_THE_CARD
    assert taken.files == taken.admitted == 12 == len(home.ledger.files())
    assert sorted(home.ledger.jobs.due().items()) == [("analyse", 4)]
    assert verify(home) == []
    again = take_in(home, card)
    assert (again.admitted, again.duplicates) == (0, 12)
    assert sorted_out(items(home)) == ON_THE_CARD


def test_the_line_looks_at_photos_and_at_a_raw_whose_jpeg_cannot_be_read(home: Home, card: Path) -> None:
    take_in(home, card)
    process(home, workers=1)
    seen = {r.names[0].removeprefix("DCIM/"): r for r in home.ledger.photos()}
    assert {n: str(r.state) for n, r in seen.items()} == {
        "IMG_1.JPG": "rendered", "IMG_2.HEIC": "rendered", "IMG_3.JPG": "refused", "IMG_3.DNG": "rendered",
        "MVI_4.MP4": "parked", "IMG_5.XMP": "parked", "IMG_6.TIF": "rendered",
    }  # fmt: skip
    assert seen["IMG_3.JPG"].companions == ()
    assert seen["IMG_6.TIF"].remarks == ("one_of_several_pictures",)
    told = {o["names"][0]: o for o in map(as_json, views(home.ledger, home.people, home.looks, home.today()))}
    live = told["DCIM/IMG_2.HEIC"]
    assert [c["kind"] for c in live["companions"]] in (["video", "sidecar"], ["sidecar", "video"])
    assert {n for o in told.values() for n in o["names"]} == {f"DCIM/{p.name}" for p in (card / "DCIM").iterdir()}
    assert json.dumps(live)
    assert verify(home) == []


def test_a_parked_file_goes_back_to_its_owner_byte_for_byte(home: Home, card: Path, tmp_path: Path) -> None:
    take_in(home, card)
    video = named(home, "MVI_4.MP4")
    for _ in range(2):
        given = give(home, video, tmp_path / "out")
    there = {g.names[0]: g.path for g in given}
    assert there["DCIM/MVI_4.MP4"].read_bytes() == VIDEO + b"4"
    assert there["DCIM/MVI_4.THM"].read_bytes() == (card / "DCIM" / "MVI_4.THM").read_bytes()
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == sorted(p.name for p in there.values())
    assert there["DCIM/MVI_4.MP4"].name == f"{video.id}.mp4"
    assert json.loads(home.audit.entries(1)[0]["payload"]) == {"files": 2, "photo": video.id, "who": "office"}


def test_a_photo_of_the_line_is_neither_given_out_nor_erased(home: Home, card: Path, tmp_path: Path) -> None:
    take_in(home, card)
    photo = named(home, "IMG_1.JPG")
    raw = next(c.id for c in photo.companions if c.names[0].endswith("CR2"))
    for row in (photo, home.ledger.photo(raw)):
        assert row
        with pytest.raises(Refusal) as refused:
            give(home, row, tmp_path / "out")
        assert refused.value.code == "not_parked"
        with pytest.raises(Refusal):
            drop(home, row)
    assert not (tmp_path / "out").exists() and verify(home) == []


def test_what_is_quarantined_is_neither_given_out_nor_erased(home: Home, card: Path, tmp_path: Path) -> None:
    take_in(home, card)
    live = named(home, "IMG_2.HEIC")
    home.people.rule(Ruling(0, live.id, RulingKind.QUARANTINE, "lead", ""))
    video = home.ledger.photo(next(c.id for c in live.companions if c.names[0].endswith("MOV")))
    assert video and video.state is PhotoState.PARKED
    with pytest.raises(Refusal) as refused:
        give(home, video, tmp_path / "out")
    assert refused.value.code == "quarantined"


def test_erasing_a_parked_file_takes_what_hangs_on_it_alone(home: Home, card: Path) -> None:
    (card / "DCIM" / "MVI_7.MP4").write_bytes(VIDEO + b"7")
    (card / "DCIM" / "MVI_7.THM").write_bytes((card / "DCIM" / "MVI_4.THM").read_bytes())
    take_in(home, card)
    before = len(home.ledger.files())

    def erase(name: str) -> int:
        return drop(home, named(home, name))

    assert erase("MVI_4.MP4") == 1, "its thumbnail hangs on the other video too"
    assert erase("MVI_7.MP4") == 2
    assert len(home.ledger.files()) == before - 3
    assert verify(home) == []
    assert take_in(home, card).admitted == 3, "a card that is put in again brings them back, parked"
    assert named(home, "MVI_4.MP4").state is PhotoState.PARKED


def test_a_folder_that_cannot_be_written_is_a_refusal(home: Home, card: Path, tmp_path: Path) -> None:
    take_in(home, card)
    (tmp_path / "file").write_text("here")
    with pytest.raises(Refusal) as refused:
        give(home, named(home, "IMG_5.XMP"), tmp_path / "file")
    assert refused.value.code == "not_written"


def test_what_could_not_be_read_before_is_tried_again_after_the_upgrade() -> None:
    db = Database(memory=True)
    migrations.photos_and_the_line(db)
    db.execute("INSERT INTO intakes VALUES (1, '/card', '', '')")
    for number, reason in enumerate(("heic_not_read_yet", "raw_not_read_yet", "video")):
        db.execute("INSERT INTO photos VALUES (?, 1, '', 1, '')", [PhotoId(str(number))])
        db.execute("INSERT INTO set_aside VALUES (?, 'parked', ?, '')", [str(number), reason])
    db.conn.commit()
    migrations.one_item_of_several_files(db)
    assert [r["reason"] for r in db["set_aside"].rows] == ["video"]


def test_names_that_are_not_words_hang_together_too(home: Home, tmp_path: Path) -> None:
    card = tmp_path / "odd"
    card.mkdir()
    Image.new("RGB", (9, 9)).save(card / "Ä b'\"%s\n.JPG")
    (card / "Ä b'\"%s\n.MOV").write_bytes(VIDEO)
    take_in(home, card)
    (row,) = home.ledger.photos()
    assert len(row.companions) == 1


def test_what_is_held_is_given_back_and_not_erased(home: Home, card: Path, tmp_path: Path) -> None:
    take_in(home, card)
    video = named(home, "MVI_4.MP4")
    hold = home.holds.place(who="Head", reason="a claim", photo=video.id)
    assert give(home, video, tmp_path / "out")
    with pytest.raises(Refusal, match="hold"):
        drop(home, video)
    assert home.vault.has("originals", video.id)
    home.holds.release(hold.id, who="Head", reason="settled")
    assert drop(home, video) == 2


def test_what_retention_has_deleted_can_be_erased_too(home: Home, card: Path) -> None:
    take_in(home, card)
    enforce(home, home.today() + timedelta(days=100))
    video = named(home, "MVI_4.MP4")
    assert not home.vault.has("originals", video.id)
    assert drop(home, video) == 2
    assert home.ledger.photo(video.id) is None
    assert verify(home) == []
