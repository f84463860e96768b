"""Erasing a person: everywhere, whatever happens meanwhile, and not what may not be deleted."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from appliance.domain.consent import Consent, Decision, Kind, Person
from appliance.domain.decide import SeenFace
from appliance.domain.face import Box, Detection, face_id
from appliance.domain.identify import Match
from appliance.domain.photo import PhotoId
from appliance.domain.release import CopyState
from appliance.domain.ruling import RulingKind
from appliance.errors import Refusal, Superseded
from appliance.pipeline.erase import erase, finish_erasures
from appliance.pipeline.lightbox import Lightbox
from appliance.pipeline.records.unnamed import unnamed
from appliance.pipeline.verify import verify
from appliance.store.home import Home
from appliance.store.jobs import Job
from appliance.store.people import Name
from appliance.vision.picture import Picture
from appliance.worker import Desk
from tests.pipeline.releasing import TODAY, School

CANARY = "CANARY77"
DATABASES = ("ledger.db", "people.db", "gallery.db")
STEPS = ["begin", "template", "roster", "pictures", "faces", "log", "end"]
PICTURE = Path(__file__).parent.parent / "data" / "people" / "webb_1.jpg"


@pytest.fixture
def full(school: School) -> School:
    """A school with CANARY77 on the roster, named in a published photo, matched in another, attested in a third."""
    people = school.home.people
    people.record_person(Person(CANARY, Kind.STAFF, group="5B"), Name("Cana", "Ry"), "w")
    people.record_consent(Consent(CANARY, "self", "website", Decision.GRANTED, TODAY, evidence="f"), "w")
    people.add_portrait(CANARY, school.home.vault.add("portraits", b"portrait"))
    school.home.audit.record("consent", subject=CANARY, who="w")
    school.approve(school.photo("named", subject=CANARY))
    matched(school, school.photo("matched", subject=None))
    group = school.photo("group", event="Sports day for Amelia", subject=None)
    school.rule(group, RulingKind.ATTEST, group="5B", members=(CANARY,))
    school.sync()
    return school


def matched(school: School, photo: PhotoId, home: Home | None = None) -> None:
    box = Box(40, 40, 20, 20)
    landmarks = ((45.0, 45.0), (55.0, 45.0), (50.0, 50.0), (46.0, 56.0), (54.0, 56.0))
    face = SeenFace(face_id(photo, box), Detection(box, landmarks, 0.9), Match(CANARY, 0.7))
    (home or school.home).ledger.record_analysis(photo, "model-1", "gallery-1", (200, 160), [face])


def traces(home: Home) -> list[str]:
    for db in (home.ledger._db, home.people._db, home.gallery._db):
        db.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    files = [home.root / n for n in DATABASES] + [p for p in home.root.rglob("*") if p.is_file()]
    return [p.name for p in files if CANARY.encode() in p.read_bytes()]


def test_nothing_of_the_person_is_left_in_any_file(full: School) -> None:
    erase(CANARY, "w", full.home)
    assert traces(full.home) == []
    assert list(full.home.vault.names("portraits")) == []


def test_a_published_copy_is_taken_down_and_the_home_is_sound(full: School) -> None:
    assert full.states() == [CopyState.PUBLISHED]
    erase(CANARY, "w", full.home)
    full.sync()
    assert full.states() == [CopyState.TAKEN_DOWN]
    assert full.there() == []
    assert verify(full.home) == []


@pytest.mark.parametrize("step", STEPS)
def test_a_power_cut_at_any_step_is_made_up_for(full: School, step: str) -> None:
    def cut(now: str) -> None:
        if now == step:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        erase(CANARY, "w", full.home, cut)
    home = Home.open(full.home.root)
    assert finish_erasures(home) == (step != "begin")
    if step == "begin":
        erase(CANARY, "w", home)
    assert traces(home) == []
    assert finish_erasures(home) == 0


def test_work_that_began_before_is_not_entered_after(full: School) -> None:
    other = Home.open(full.home.root)
    other.ledger.erasures.begin_work()
    erase(CANARY, "w", full.home)
    with pytest.raises(Superseded):
        matched(full, full.photo("late", subject=None), other)
    other.ledger.erasures.begin_work()
    assert traces(full.home) == []


def test_nobody_is_named_who_was_erased_between_looking_and_saying(full: School) -> None:
    photo = full.photo("open", subject=None)
    erase(CANARY, "w", full.home)
    with pytest.raises(Refusal):
        full.rule(photo, RulingKind.NAME, face="f", subject=CANARY)


class Slow(Lightbox):
    """A lightbox on which the picture lies while somebody is erased."""

    home: Home

    def picture(self, photo: PhotoId) -> Picture:
        if CANARY in self.home.people.roster().people:
            erase(CANARY, "w", self.home)
        return super().picture(photo)


def test_a_picture_that_was_being_made_meanwhile_does_not_stay(tmp_path: Path) -> None:
    home = Home.create(tmp_path / "home")
    home.people.record_person(Person(CANARY, Kind.STAFF), Name("Cana", "Ry"), "w")
    home.people.record_consent(Consent(CANARY, "self", "website", Decision.GRANTED, home.today()), "w")
    photo = PhotoId(home.vault.add("originals", PICTURE.read_bytes()))
    home.ledger.admit(home.ledger.begin_intake("/card", ""), photo, 1, "IMG.JPG", None)
    desk = Desk(home)
    desk.do(Job("analyse", photo, 1))
    analysis = home.ledger.analysis(photo)
    assert analysis
    from appliance.domain.ruling import Ruling

    home.people.rule(Ruling(0, photo, RulingKind.NAME, "w", "", face=analysis.faces[0].id, subject=CANARY))
    desk.lightbox = Slow(home.vault, desk.decoder)
    desk.lightbox.home = Home.open(home.root)
    with pytest.raises(Superseded):
        desk.do(Job("render", photo, 1))
    assert list(home.vault.names("derivatives")) == []
    desk.do(Job("render", photo, 2))
    assert home.ledger.all_derivatives() == list(home.vault.names("derivatives")) != []
    assert traces(home) == []
    desk.decoder.close()


def test_a_hold_on_the_person_stops_the_erasure(full: School) -> None:
    hold = full.home.holds.place(who="Head", reason="a claim", subject=CANARY)
    with pytest.raises(Refusal, match="unhold"):
        erase(CANARY, "w", full.home)
    full.home.holds.release(hold.id, who="Head", reason="settled")
    erase(CANARY, "w", full.home)
    assert traces(full.home) == []


@pytest.mark.parametrize("by", ["hold", "event", "quarantine"])
def test_what_is_held_or_quarantined_is_kept_and_goes_when_it_is_released(full: School, by: str) -> None:
    (photo,) = [p for p in full.home.people.photos_naming(CANARY) if full.home.ledger.register.copies(p)]
    before = set(full.home.vault.names("derivatives"))
    if by == "quarantine":
        full.rule(photo, RulingKind.QUARANTINE)
    else:
        held = {"photo": photo} if by == "hold" else {"event": "Sports day"}
        hold = full.home.holds.place(who="Head", reason="a claim", **held)
    done = erase(CANARY, "w", full.home)
    assert done.certificate["kept_by_hold_or_quarantine"] >= 1
    assert before <= set(full.home.vault.names("derivatives"))
    full.sync()
    assert full.there() == []
    assert finish_erasures(full.home) == 0
    if by != "quarantine":
        full.home.holds.release(hold.id, who="Head", reason="settled")
        assert finish_erasures(full.home) == 1
        assert traces(full.home) == []


def test_the_certificate_says_what_was_not_searched_and_nothing_about_anybody(full: School) -> None:
    certificate = erase(CANARY, "Mary Jones", full.home).certificate
    text = json.dumps(certificate)
    assert certificate["not_searched"]["photos"] == 1
    assert certificate["not_searched"]["events"][0]["event"] == "sports-day-for"
    assert not any(word in text for word in (CANARY, "Cana", "Amelia", "Jones", "S1"))
    assert full.home.ledger.erasures.certificates() == [certificate]


def test_unnamed_faces_are_listed_by_event_day_and_group(full: School) -> None:
    plain = full.photo("plain", event="Fair", subject=None)
    assert [u.photo for u in unnamed(full.home, event="Fair")] == [plain]
    assert len(list(unnamed(full.home, group="5B"))) == 1
    assert list(unnamed(full.home, since=full.home.today().replace(year=2999))) == []
    assert list(unnamed(full.home, group="no such group")) == []


def test_nobody_of_that_id_is_refused(school: School) -> None:
    with pytest.raises(Refusal):
        erase("P9", "w", school.home)
