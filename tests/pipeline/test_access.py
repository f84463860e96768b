"""A subject-access pack: the person's own, and nobody else's face."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from appliance.domain.consent import Consent, Decision, Kind, Person
from appliance.domain.decide import DISMISSABLE_SCORE
from appliance.domain.photo import PhotoId
from appliance.domain.ruling import Ruling, RulingKind
from appliance.errors import Refusal
from appliance.pipeline.records.access import pack
from appliance.sanitise.leaks import check
from appliance.store.home import Home
from appliance.store.jobs import Job
from appliance.store.people import Name
from appliance.vision.decode import decode
from appliance.worker import Desk

PEOPLE = Path(__file__).parent.parent / "data" / "people"


def two_people() -> bytes:
    """One picture of two adults beside each other, with a place in its EXIF."""
    sides = [Image.open(PEOPLE / name).convert("RGB").resize((600, 750)) for name in ("webb_1.jpg", "hopper_1.jpg")]
    both = Image.new("RGB", (1300, 800), (180, 190, 200))
    for n, side in enumerate(sides):
        both.paste(side, (20 + n * 650, 25))
    data, exif = io.BytesIO(), Image.Exif()
    exif[0x010E] = "SECRET PLACE"
    both.save(data, "JPEG", quality=92, exif=exif)
    return data.getvalue()


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A home with one photo of P1 (left) and P2 (right), both named by staff; P1 has a portrait."""
    home = Home.create(tmp_path_factory.mktemp("sar") / "home")
    for subject, given in (("P1", "Webb"), ("P2", "Otherperson")):
        home.people.record_person(Person(subject, Kind.STAFF, protected=True), Name(given, "X"), "w")
        home.people.record_consent(Consent(subject, "self", "website", Decision.REFUSED, home.today()), "w")
        home.audit.record("consent", subject=subject, who="w")
    home.people.add_portrait("P1", home.vault.add("portraits", (PEOPLE / "webb_1.jpg").read_bytes()))
    photo = PhotoId(home.vault.add("originals", two_people()))
    home.ledger.admit(home.ledger.begin_intake("/card", "Fair"), photo, 1, "IMG.JPG", None)
    desk = Desk(home)
    desk.do(Job("analyse", photo, 1))
    analysis = home.ledger.analysis(photo)
    assert analysis
    faces = [f for f in analysis.faces if f.detection.score > DISMISSABLE_SCORE]
    assert len(faces) == 2
    for face, subject in zip(faces, ("P1", "P2"), strict=True):
        home.people.rule(Ruling(0, photo, RulingKind.NAME, "w", "", face=face.id, subject=subject))
    yield desk
    desk.decoder.close()


@pytest.mark.parametrize(("subject", "bare", "hidden"), [("P1", 0, 1), ("P2", 1, 0)])
def test_only_the_persons_own_face_is_bare(desk: Desk, tmp_path: Path, subject: str, bare: int, hidden: int) -> None:
    done = pack(subject, tmp_path / "pack.zip", desk.home, desk.eyes, desk.decoder)
    assert (done.pictures, done.left_out) == (1, {})
    with zipfile.ZipFile(tmp_path / "pack.zip") as archive:
        jpeg = archive.read("pictures/0001.jpg")
    check(jpeg)
    assert b"SECRET" not in jpeg
    analysis = desk.home.ledger.analysis(PhotoId(next(iter(desk.home.vault.names("originals")))))
    assert analysis
    faces = [f.detection.box for f in analysis.faces if f.detection.score > DISMISSABLE_SCORE]
    pixels = decode(jpeg).pixels.astype(int)

    def spread(n: int) -> float:
        b = faces[n]
        inner = pixels[int(b.y + b.h / 4) : int(b.y + b.h * 3 / 4), int(b.x + b.w / 4) : int(b.x + b.w * 3 / 4)]
        return float(np.std(inner.reshape(-1, 3), axis=0).max())

    assert spread(hidden) < 2
    assert spread(bare) > 10


def test_the_pack_holds_the_persons_records_and_nobody_elses(desk: Desk, tmp_path: Path) -> None:
    pack("P1", tmp_path / "pack.zip", desk.home, desk.eyes, desk.decoder)
    with zipfile.ZipFile(tmp_path / "pack.zip") as archive:
        names, text = archive.namelist(), archive.read("records.json").decode()
        words = archive.read("READ ME FIRST.txt").decode()
    records = json.loads(text)
    assert names[:2] == ["pictures/0001.jpg", "portraits/01.jpg"]
    assert records["consents"][0]["decision"] == "refused" and records["audit_log"]
    assert "P2" not in text and "Otherperson" not in text and "protected" not in text
    assert "What was not searched" in words
    assert (tmp_path / "pack.zip").stat().st_mode & 0o777 == 0o600


def test_a_quarantined_photo_is_not_in_it_and_that_is_said(desk: Desk, tmp_path: Path) -> None:
    (photo,) = desk.home.vault.names("originals")
    desk.home.people.rule(Ruling(0, PhotoId(photo), RulingKind.QUARANTINE, "w", ""))
    assert pack("P1", tmp_path / "pack.zip", desk.home, desk.eyes, desk.decoder).left_out == {"quarantined": 1}


def test_nobody_and_an_existing_file_are_refused_and_nothing_is_left(desk: Desk, tmp_path: Path) -> None:
    with pytest.raises(Refusal):
        pack("P9", tmp_path / "pack.zip", desk.home, desk.eyes, desk.decoder)
    (tmp_path / "there.zip").write_bytes(b"mine")
    with pytest.raises(Refusal):
        pack("P1", tmp_path / "there.zip", desk.home, desk.eyes, desk.decoder)
    assert [p.name for p in tmp_path.iterdir()] == ["there.zip"]
    assert (tmp_path / "there.zip").read_bytes() == b"mine"
