"""A folder of pictures that are published already: everything that needs somebody is listed, and nothing is touched."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from PIL import Image

from appliance.cli import main
from appliance.domain.consent import Consent, Decision, Kind, Person
from appliance.pipeline.records.folder import audit_folder
from appliance.pipeline.records.metadata import metadata
from appliance.store.folders import Finding
from appliance.store.home import Home
from appliance.store.jobs import Job
from appliance.store.people import Name
from appliance.worker import Desk

PEOPLE = Path(__file__).parent.parent / "data" / "people"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home that recognises P1 (who may be shown) and P2 (who has left); nobody else."""
    home = Home.create(tmp_path_factory.mktemp("folder") / "home")
    home.people.switch_matching(on=True, assessment=home.people.record_assessment("ab" * 32, "w"), who="w")
    desk = Desk(home)
    for subject, portrait in (("P1", "obama_1.jpg"), ("P2", "biden_1.jpg")):
        home.people.record_person(Person(subject, Kind.STAFF), Name(subject, "X"), "w")
        for scope in ("biometric", "website"):
            home.people.record_consent(
                Consent(subject, "self", scope, Decision.GRANTED, home.today(), evidence="f"), "w"
            )
        home.people.add_portrait(subject, home.vault.add("portraits", (PEOPLE / portrait).read_bytes()))
        desk.do(Job("enrol", subject, 1))
    desk.decoder.close()
    assert len(home.gallery.templates().subjects) == 2
    return home


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A website's pictures: P1, P2, a stranger with a place in its EXIF, no picture at all, a link, a page."""
    site = tmp_path / "site"
    (site / "2024").mkdir(parents=True)
    shutil.copy(PEOPLE / "obama_2.jpg", site / "2024" / "a.jpg")
    shutil.copy(PEOPLE / "biden_2.jpg", site / "b.jpg")
    exif = Image.Exif()
    exif.get_ifd(0x8825)[1] = "N"
    Image.open(PEOPLE / "webb_1.jpg").convert("RGB").save(site / "c.JPG", exif=exif)
    (site / "d.jpg").write_bytes(b"no picture")
    (site / "link.jpg").symlink_to(PEOPLE / "obama_1.jpg")
    (site / "page.html").write_text("<p>")
    return site


def found(home: Home, site: Path) -> dict[str, Finding]:
    audit = audit_folder(site, "website", "w", home, home.today(), workers=1)
    return {f.path: f for f in home.ledger.folders.findings(audit)}


def test_each_picture_gets_what_is_to_be_said_of_it_and_none_is_touched(home: Home, site: Path) -> None:
    before = {p: hashlib.sha256(p.read_bytes()).hexdigest() for p in site.rglob("*") if p.is_file()}
    seen = found(home, site)
    assert sorted(seen) == ["2024/a.jpg", "b.jpg", "c.JPG", "d.jpg"]
    assert seen["2024/a.jpg"].people == (("P1", "ok"),)
    assert (seen["c.JPG"].faces, seen["c.JPG"].unknown, seen["c.JPG"].people) == (1, 1, ())
    assert {"exif", "gps"} <= set(seen["c.JPG"].metadata) and "unknown_faces" in seen["c.JPG"].to_do
    assert seen["d.jpg"].to_do == ["unread_not_a_photo"]
    assert before == {p: hashlib.sha256(p.read_bytes()).hexdigest() for p in site.rglob("*") if p.is_file()}
    assert len(home.gallery.templates().subjects) == 2


def test_a_second_run_looks_only_at_what_is_new(home: Home, site: Path) -> None:
    first = found(home, site)
    steps: list[tuple[int, int]] = []
    audit_folder(site, "website", "w", home, home.today(), lambda done, total: steps.append((done, total)), 1)
    assert steps == []
    (site / "e.png").write_bytes(b"")
    audit_folder(site, "website", "w", home, home.today(), lambda done, total: steps.append((done, total)), 1)
    assert steps == [(5, 5)]
    assert found(home, site).items() >= first.items()


def test_who_has_left_or_withdrawn_is_listed(home: Home, site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home.people.record_person(
        Person("P2", Kind.STAFF, leaving_on=home.today() + timedelta(days=1)), Name("P2", "X"), "w"
    )
    home.people.record_consent(Consent("P1", "self", "website", Decision.WITHDRAWN, home.today()), "w")
    main(["--home", str(home.root), "audit-folder", str(site), "--json", "--workers", "1"])
    rows = {r["path"]: r for r in map(json.loads, capsys.readouterr().out.splitlines())}
    assert rows["2024/a.jpg"]["to_do"][0] == "no_consent"


def test_metadata_is_told_by_kind() -> None:
    plain, data = Image.new("RGB", (8, 8)), io.BytesIO()
    plain.save(data, "JPEG", comment=b"hello")
    assert metadata(data.getvalue()) == ("comment",)
    assert metadata(data.getvalue() + b"more") == ("comment", "trailing")
    for kind in ("PNG", "WEBP"):
        data, exif = io.BytesIO(), Image.Exif()
        exif[0x010E] = "x"
        plain.save(data, kind, exif=exif)
        assert metadata(data.getvalue()) == ("exif",)
    assert metadata(b"") == ()
