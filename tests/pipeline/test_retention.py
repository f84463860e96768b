"""Retention: what is over goes, what is held stays, and every deletion is on record before it happens."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from appliance.config import read_config
from appliance.domain.photo import PhotoState
from appliance.domain.ruling import RulingKind
from appliance.errors import Refusal
from appliance.pipeline.records.retention import due, enforce
from appliance.pipeline.verify import verify
from appliance.store.audit import Asked
from tests.pipeline.releasing import School


@pytest.fixture
def old(school: School) -> School:
    """A school with a published photo, a parked file, a proof and a portrait, and a settings file."""
    photo = school.photo("one")
    school.home.vault.add("proofs", b"proof", photo)
    school.approve(photo)
    parked = school.photo("film", subject=None)
    school.home.ledger.set_aside(parked, PhotoState.PARKED, "video")
    school.home.people.add_portrait("S1", school.home.vault.add("portraits", b"portrait"))
    school.sync()
    return school


def after(school: School, days: int) -> dict[str, int]:
    return dict(enforce(school.home, school.home.today() + timedelta(days=days)))


def test_each_class_goes_in_its_time_and_the_home_stays_sound(old: School) -> None:
    assert after(old, 10) == {}
    assert after(old, 91) == {"parked": 1}
    assert after(old, 181) == {"proofs": 1}
    assert after(old, 549) == {}
    assert after(old, 731) == {"templates": 1}
    assert after(old, 1097) == {"originals": 1}
    assert after(old, 2193)["logs"] > 3
    assert after(old, 1097) == {}
    assert list(old.home.vault.names("originals")) == list(old.home.vault.names("portraits")) == []
    assert verify(old.home) == []
    assert len(old.home.audit.find(Asked(event="retention"))) == 5


def test_a_published_picture_whose_original_is_gone_can_still_be_taken_down(old: School) -> None:
    after(old, 1097)
    assert len(old.there()) == 1
    old.sync()
    assert len(old.there()) == 1
    old.home.people.erase("S1")
    old.sync()
    assert old.there() == []


@pytest.mark.parametrize("by", ["hold", "person", "quarantine"])
def test_what_is_held_stays(old: School, by: str) -> None:
    photo = next(iter(old.home.people.photos_naming("S1")))
    if by == "quarantine":
        old.rule(photo, RulingKind.QUARANTINE)
    else:
        what = {"photo": photo} if by == "hold" else {"subject": "S1"}
        old.home.holds.place(who="Head", reason="a claim", **what)
    after(old, 4000)
    assert list(old.home.vault.names("originals")) == [photo]
    assert (old.home.people.portraits() != {}) == (by == "person")


def test_a_power_cut_between_the_record_and_the_deletion_is_made_up_for(old: School) -> None:
    photo = next(iter(old.home.people.photos_naming("S1")))
    old.home.ledger.erasures.retire([photo], "originals", "retention")
    assert ("originals", photo) in [(d.kind, d.what) for d in due(old.home, old.home.today())]
    assert after(old, 0)["originals"] == 1
    assert after(old, 0) == {}


def test_an_old_card_does_not_bring_back_what_was_deleted(old: School) -> None:
    after(old, 1097)
    old.home.vault.add("originals", b"one")
    assert after(old, 0)["originals"] == 1


def test_the_times_are_settings_and_nonsense_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text("[retention]\nparked = 30\nproofs = 0\n")
    assert read_config(path).retention["parked"] == 30
    assert read_config(path).retention["originals"] == 1096
    for wrong in ("parked = 1", "logs = 30", "children = 30", "parked = 'x'"):
        path.write_text(f"[retention]\n{wrong}\n")
        with pytest.raises(Refusal):
            read_config(path)
