"""The whole line through the command line: a card goes in, approved safe pictures come out, and come back."""

import io
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.e2e.box import Box, demo, school

CANARIES = (b"DemoCam", b"GPS", b"Exif", b"http://ns.adobe.com", b"Photoshop")


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return demo(tmp_path_factory.mktemp("demo"), photos=5)


@pytest.fixture(scope="module")
def processed(files: Path, tmp_path_factory: pytest.TempPathFactory) -> Box:
    box = Box(tmp_path_factory.mktemp("box") / "home")
    school(box, files)
    box.run("ingest", files / "card", "--event", "Open day")
    box.run("process")
    return box


@pytest.fixture
def box(processed: Box, tmp_path: Path) -> Box:
    """A box of its own for a test that changes things."""
    shutil.copytree(processed.home, tmp_path / "home")
    return Box(tmp_path / "home")


def published(box: Box) -> list[str]:
    return sorted(p.name for p in (box.home / "published").rglob("*.jpg"))


def shown(photo: dict[str, Any], channel: str) -> set[str]:
    return {f["subject"] for f in photo["faces"] if f["treatment"][channel] == "show"}


def test_every_file_of_the_card_is_accounted_for(processed: Box, files: Path) -> None:
    photos = processed.photos()
    names = {name for photo in photos for name in photo["names"]}
    assert names == {str(p.relative_to(files / "card")) for p in (files / "card").rglob("*") if p.is_file()}
    assert {p["state"] for p in photos} == {"rendered", "refused", "parked"}
    assert {p["reason"] for p in photos} == {None, "truncated", "video"}


def test_only_people_whose_consent_allows_it_are_shown(processed: Box) -> None:
    photos = processed.photos()
    for channel in ("website", "newsletter"):
        seen = set().union(*(shown(p, channel) for p in photos if p["state"] == "rendered"))
        assert seen and None not in seen
    website = set().union(*(shown(p, "website") for p in photos if p["state"] == "rendered"))
    newsletter = set().union(*(shown(p, "newsletter") for p in photos if p["state"] == "rendered"))
    assert website < newsletter, "one person consents for the newsletter only"


def test_nothing_but_the_picture_is_in_a_derivative(processed: Box) -> None:
    for path in (processed.home / "derivatives").glob("??/*"):
        data = path.read_bytes()
        assert not [c for c in CANARIES if c in data]
        assert max(Image.open(io.BytesIO(data)).size) <= 1600


def test_the_same_card_twice_admits_nothing_new(box: Box, files: Path) -> None:
    before = box.photos()
    (again,) = box.run("ingest", files / "card", "--event", "Open day")
    assert again["admitted"] == 0
    box.run("process")
    assert box.photos() == before


def test_nothing_leaves_that_nobody_approved(box: Box) -> None:
    box.run("sync")
    assert published(box) == []


def test_approved_pictures_leave_and_only_they(box: Box) -> None:
    box.run("review", "approve", "--all", "--channel", "website", "--as", "Ann")
    box.run("sync")
    expected = {p["channels"]["website"]["derivative"] for p in box.photos() if p["state"] == "rendered"}
    assert {n.removesuffix(".jpg") for n in published(box)} == expected
    assert {c["state"] for c in box.run("register")} == {"published"}
    listed = json.loads((box.home / "published" / "manifest.json").read_text())
    assert {entry["sha256"] for entry in listed} == expected
    assert all("/2" in c["path"] and "-open-day/" in c["path"] for c in box.run("register"))
    assert box.run("verify") == [{"faults": 0}]


def test_a_withdrawn_consent_takes_the_picture_down_and_an_old_card_does_not_bring_it_back(
    box: Box, files: Path
) -> None:
    box.run("review", "approve", "--all", "--channel", "website", "--as", "Ann")
    box.run("sync")
    photo = next(p for p in box.photos() if p["state"] == "rendered" and shown(p, "website"))
    subject, old = min(shown(photo, "website")), photo["channels"]["website"]["derivative"]
    box.run("consent", "set", subject, "website", "withdrawn", "--party", "self", "--as", "Ann")
    box.run("sync")
    assert f"{old}.jpg" not in published(box)
    copy = next(c for c in box.run("register") if c["derivative"] == old)
    assert copy["state"] == "taken_down" and copy["until"]

    box.run("process")
    now = next(p for p in box.photos() if p["photo"] == photo["photo"])
    assert subject not in shown(now, "website")
    assert now["channels"]["website"]["derivative"] not in (None, old)
    assert not now["channels"]["website"]["approved"]

    box.run("ingest", files / "card", "--event", "Again")
    box.run("process")
    box.run("review", "approve", old, "--channel", "website", "--as", "Ann", expect=1)
    box.run("sync")
    assert f"{old}.jpg" not in published(box)


def test_naming_shows_and_a_cover_hides_and_both_wait_for_approval(box: Box) -> None:
    strangers = [(f["score"], p, f) for p in box.photos() for f in p["faces"] if f["why"] == "no_match"]
    _, photo, face = max(strangers, key=lambda s: float(s[0]))
    person = "S005"
    box.run("review", "name", photo["photo"], face["face"], person, "--as", "Ann")
    box.run("process")
    now = next(p for p in box.photos() if p["photo"] == photo["photo"])
    named = next(f for f in now["faces"] if f["face"] == face["face"])
    assert (named["identity"], named["subject"], named["treatment"]["website"]) == ("named", person, "show")
    x, y, w, h = face["box"]
    box.run("review", "cover", photo["photo"], f"{x},{y},{w},{h}", "--as", "Ann")
    box.run("process")
    again = next(p for p in box.photos() if p["photo"] == photo["photo"])
    cover = next(f for f in again["faces"] if f["identity"] == "by_hand")
    derivatives = [p["channels"]["website"]["derivative"] for p in (photo, now, again)]
    assert derivatives[0] != derivatives[1] != derivatives[2]
    box.run("review", "uncover", photo["photo"], cover["face"], "--as", "Ann")
    box.run("process")
    back = next(p for p in box.photos() if p["photo"] == photo["photo"])
    assert back["channels"]["website"]["derivative"] == derivatives[1]


def test_with_matching_off_everybody_is_covered_and_no_template_is_left(box: Box) -> None:
    box.run("matching", "off", "--as", "Ann")
    box.run("process")
    assert {f["identity"] for p in box.photos() for f in p["faces"]} == {"no_match"}
    (status,) = box.run("status")
    assert status["enrolled"] == 0


def test_matching_needs_a_recorded_assessment(tmp_path: Path) -> None:
    box = Box(tmp_path / "home")
    box.run("init")
    box.run("matching", "on", "--dpia", "nothing", "--as", "Ann", expect=1)
    (status,) = box.run("matching", "status")
    assert status["matching"] == "off"


def test_a_quarantined_photo_is_gone_from_everywhere_but_the_list(box: Box) -> None:
    box.run("review", "approve", "--all", "--channel", "website", "--as", "Ann")
    box.run("sync")
    photo = next(p for p in box.photos() if p["state"] == "rendered")
    old = photo["channels"]["website"]["derivative"]
    box.run("quarantine", photo["photo"], "--as", "Ann")
    box.run("sync")
    assert f"{old}.jpg" not in published(box)
    box.run("derivative", old, "--out", box.home / "out.jpg", expect=1)
    now = next(p for p in box.photos() if p["photo"] == photo["photo"])
    assert (now["state"], now["faces"], now["channels"]) == ("quarantined", [], {})


def test_an_erased_person_is_nowhere(box: Box) -> None:
    photo = next(p for p in box.photos() if p["state"] == "rendered" and shown(p, "website"))
    subject = min(shown(photo, "website"))
    box.run("review", "approve", "--all", "--channel", "website", "--as", "Ann")
    box.run("sync")
    box.run("erase", subject, "--as", "Ann")
    box.run("process")
    box.run("sync")
    assert not [f for p in box.photos() for f in p["faces"] if f["subject"] == subject]
    assert f"{photo['channels']['website']['derivative']}.jpg" not in published(box)
    assert box.run("verify") == [{"faults": 0}]
    for name in ("people.db", "ledger.db", "gallery.db"):
        for suffix in ("", "-wal"):
            path = box.home / f"{name}{suffix}"
            assert not path.exists() or subject.encode() not in path.read_bytes()


def test_erasing_somebody_never_shows_whom_the_face_was_taken_for_before(box: Box) -> None:
    strangers = [(f["score"], p, f) for p in box.photos() for f in p["faces"] if f["why"] == "no_match"]
    _, photo, face = max(strangers, key=lambda s: float(s[0]))
    box.run("review", "name", photo["photo"], face["face"], "V001", "--as", "Ann")
    box.run("review", "name", photo["photo"], face["face"], "S005", "--as", "Ann")
    box.run("erase", "S005", "--as", "Ann")
    now = next(p for p in box.photos() if p["photo"] == photo["photo"])
    again = next(f for f in now["faces"] if f["face"] == face["face"])
    assert (again["subject"], again["treatment"]["website"]) == (None, "cover")


def test_a_cover_without_a_place_is_refused_and_harms_nothing(box: Box) -> None:
    photo = next(p for p in box.photos() if p["state"] == "rendered")
    box.run("review", "cover", photo["photo"], "nan,0,10,10", "--as", "Ann", expect=1)
    box.run("review", "cover", photo["photo"], "-5,-5,40,40", "--as", "Ann")
    assert box.photos()


def test_wrong_usage_exits_with_two_and_a_refusal_with_one(tmp_path: Path) -> None:
    box = Box(tmp_path / "home")
    box.run("photos", expect=1)
    box.run("no-such-verb", expect=2)
    box.run("init")
    box.run("init", expect=1)
    box.run("ingest", tmp_path / "nowhere", expect=1)
