"""The box sends by itself: pictures at night, takedowns at once, and again after what failed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from appliance.cli.night import Night, Retry, Sender
from appliance.cli.sending import send
from appliance.domain.consent import Decision
from appliance.domain.release import CopyState
from appliance.domain.ruling import RulingKind
from appliance.errors import Refusal
from appliance.store.home import Home
from tests.pipeline.releasing import TODAY, School


def school_today(root: Path) -> School:
    """A school whose one consent is in force on the real day, for the clock here is the real one."""
    school = School(root)
    school.today = datetime.now(UTC).date()
    if school.today > TODAY:
        school.consent("website", Decision.GRANTED, school.today, school.today + timedelta(days=100))
    return school


def home_with(tmp_path: Path, config: str) -> Home:
    home = Home.create(tmp_path / "home")
    (home.root / "config.toml").write_text(config)
    return Home.open(tmp_path / "home")


def hour(offset: int) -> str:
    return f"{datetime.now(UTC) + timedelta(hours=offset):%H:%M}"


@pytest.mark.parametrize(
    ("begins", "ends", "is_now"),
    [(-1, 1, True), (1, 3, False), (-3, -1, False), (-12, 11, True)],
    ids=["within", "before", "after", "a long night"],
)
def test_the_night_has_hours_also_across_midnight(tmp_path: Path, begins: int, ends: int, *, is_now: bool) -> None:
    config = f'time_zone = "UTC"\nnight_at = "{hour(begins)}"\nnight_ends_at = "{hour(ends)}"\n'
    assert Night(home_with(tmp_path, config)).is_now() is is_now


def test_what_failed_is_tried_again_later_and_later_until_it_works(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [100.0]
    monkeypatch.setattr("appliance.cli.night.time.monotonic", lambda: clock[0])
    retry = Retry()
    assert not retry.is_due()
    waits = []
    for _ in range(9):
        retry.failed()
        began = clock[0]
        while not retry.is_due():
            clock[0] += 1
        waits.append(clock[0] - began)
    assert waits[:3] == [60, 120, 240]
    assert waits[-1] == 3600
    retry.worked()
    assert not retry.is_due()


def test_a_withdrawal_is_carried_to_the_far_end_at_once_and_nothing_new_goes_out_with_it(tmp_path: Path) -> None:
    school = school_today(tmp_path / "home")
    first, second = school.photo("one"), school.photo("two")
    school.approve(first)
    school.sync()
    assert len(school.there()) == 1
    sender = Sender(school.home)
    sender.tend(asked=False)
    school.approve(second, "newsletter")
    school.consent("website", Decision.WITHDRAWN, school.today)
    sender._looked_at = 0.0
    sender.tend(asked=False)
    assert school.there() == []
    assert [c.state for c in school.home.ledger.register.copies() if c.target == "published"] == [CopyState.TAKEN_DOWN]


def test_withholding_a_published_picture_on_the_page_calls_it_back_at_once(tmp_path: Path) -> None:
    school = school_today(tmp_path / "home")
    photo = school.photo("one")
    school.approve(photo)
    school.sync()
    sender = Sender(school.home)
    sender.tend(asked=False)
    school.rule(photo, RulingKind.WITHHOLD, channel="website", reason="r")
    sender.tend(asked=False)
    assert len(school.there()) == 1, "not looked at again so soon"
    sender._looked_at = 0.0
    sender.tend(asked=False)
    assert school.there() == []


def test_while_nothing_has_to_come_back_the_far_end_is_left_alone(tmp_path: Path) -> None:
    school = school_today(tmp_path / "home")
    (school.home.root / "published").rmdir()
    assert send(school.home, lambda _: None, only_back=True).refusal is None
    with pytest.raises(Refusal, match="not there"):
        send(school.home, lambda _: None)


def test_channels_people_carry_on_count_as_possibly_published_by_default(tmp_path: Path) -> None:
    assert home_with(tmp_path, "").config.by_hand == {"social", "newsletter", "press"}
    (tmp_path / "home" / "config.toml").write_text(
        '[channels.website]\nreach = "hand"\n[channels.press]\nreach = "target"\n'
    )
    assert Home.open(tmp_path / "home").config.by_hand == {"website", "social", "newsletter"}


@pytest.mark.parametrize(
    "text",
    [
        '[channels.website]\nreach = "nobody"\n',
        "[channels.website]\nreach = 1\n",
        'remote = "photos"\n',
        'remote = "a:b:c"\n',
        'remote = ":sftp,host=x:/"\n',
        "bandwidth_kib_s = -1\n",
        "takedown_hours = 0\n",
        'night_ends_at = "25:00"\n',
        'target = "../elsewhere"\n',
        "remote = 1\n",
    ],
)
def test_a_setting_that_makes_no_sense_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(Refusal) as caught:
        _ = home_with(tmp_path, text).config
    assert caught.value.code == "config_bad_value"
