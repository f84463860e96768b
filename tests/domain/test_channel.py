"""What a school sets for its channels: safe where nothing is set, and a clear line where it cannot be read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from appliance.config import TEMPLATE, read_config
from appliance.domain.channel import Allows, Audience, profiles
from appliance.domain.consent import CHANNELS
from appliance.errors import Refusal


def test_what_is_not_set_is_safe() -> None:
    made = profiles({})
    assert set(made) == set(CHANNELS)
    assert {c for c, p in made.items() if p.audience is not Audience.PUBLIC} == {"display", "family"}
    assert {(p.allows, p.long_side_px, p.quality) for p in made.values()} == {(Allows.PICTURES, 1600, 85)}


def test_a_school_sets_a_channel(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(
        '[channels.press]\naudience = "closed_group"\nlong_side_px = 3000\nquality = 90\nwatermark = "Our School"\n'
        '[channels.social]\nallows = "names"\n'
    )
    made = read_config(tmp_path / "config.toml").channels
    press = made["press"]
    assert (press.audience, press.long_side_px, press.quality) == (Audience.CLOSED_GROUP, 3000, 90)
    assert press.look().watermark == "Our School"
    assert made["social"].allows is Allows.NAMES
    assert made["website"] == profiles({})["website"]


def test_the_settings_a_new_home_is_given_are_the_defaults_written_out(tmp_path: Path) -> None:
    switched_on = "\n".join(
        line.removeprefix("# ") for line in TEMPLATE.splitlines() if " = " in line or line.startswith("# [")
    )
    (tmp_path / "config.toml").write_text(switched_on)
    assert read_config(tmp_path / "config.toml").channels == profiles({})


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        ({"webpage": {}}, "there is no channel 'webpage'"),
        ({"website": {"audience": "everybody"}}, "one of public, closed_group, one_family, in_school"),
        ({"website": {"audience": 3}}, "channels.website.audience"),
        ({"website": {"allows": "both"}}, "one of pictures, names"),
        ({"website": {"allows": ["pictures", "names"]}}, "one of pictures, names"),
        ({"website": {"blur": 3}}, "has no setting 'blur'"),
        ({"website": {"channel": "press"}}, "has no setting 'channel'"),
        ({"website": {"long_side_px": 2049}}, "from 320 to 2048 where the audience is public"),
        ({"website": {"long_side_px": 100}}, "long_side_px"),
        ({"website": {"long_side_px": True}}, "long_side_px"),
        ({"website": {"long_side_px": 1600.0}}, "long_side_px"),
        ({"website": {"quality": 96}}, "from 50 to 95"),
        ({"website": {"watermark": "x" * 61}}, "at most 60 letters"),
        ({"website": {"watermark": "two\nlines"}}, "one line"),
        ({"website": {"watermark_image": "../../etc/passwd"}}, "without a folder"),
        ({"website": {"watermark_image": 7}}, "PNG file"),
        ({"website": {"watermark": "a", "watermark_image": "b.png"}}, "left out"),
        ({"website": "public"}, "must be a table"),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_setting_at_fault(raw: dict[str, Any], says: str) -> None:
    with pytest.raises(Refusal) as caught:
        profiles(raw)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_settings_of_before_are_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("channels = 3\n")
    with pytest.raises(Refusal, match=r"channels\.website"):
        read_config(tmp_path / "config.toml")
    (tmp_path / "config.toml").write_text("quality = 85\n")
    with pytest.raises(Refusal, match="quality"):
        read_config(tmp_path / "config.toml")
