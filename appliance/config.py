"""What a school sets, read once from `config.toml` in the home, frozen. Unknown keys are errors; defaults are safe."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from appliance.domain.consent import CHANNELS
from appliance.errors import Refusal

TEMPLATE = """\
# Settings of this box. Everything that is left out keeps its safe default; a key that is not known is an error.
# time_zone = "Europe/London"
# night_at = "02:00"            # when approved pictures are sent
# night_ends_at = "06:00"       # no picture is begun after that; takedowns are never held up
# remote = ""                   # where they are sent: blank for the folder published/ in the home; a folder like
#                               # "/media/usb/photos"; or a remote of keys/rclone.conf and a folder there: "school:web"
# target = "published"          # a name for that place; give another name when it moves
# bandwidth_kib_s = 0           # of sending; 0: as fast as the line goes
# takedown_hours = 72           # within which a copy that may not be out any more has to be gone, everywhere
# fpir = 0.001                  # share of strangers that matching may take for somebody on the roster
# own_consent_age = 13          # from this age a pupil must have granted too
# school_basis_channels = []    # channels where the school's own lawful basis may stand in for a parent's grant
# workers = 0                   # 0: as many as there are processor cores
# quality = 85
# [long_side_px]                # by channel; 1600 where not given
# website = 1600
# [watermark]                   # by channel; a short visible text in the corner
# press = "Our School"
# [reach]                       # by channel; "hand" where people carry pictures on from the target (then each counts as
# social = "hand"               # possibly published until somebody says otherwise), "target" where nobody does
# newsletter = "hand"
# press = "hand"
"""
BY_HAND = {"social": "hand", "newsletter": "hand", "press": "hand"}


@dataclass(frozen=True, slots=True)
class Config:
    """The settings of one box.

    fpir: the false-positive identification rate the school accepts, 0 to 1. reach: by channel, whether people carry
    pictures on from the target (`hand`) or not (`target`).
    """

    time_zone: str = "Europe/London"
    night_at: str = "02:00"
    night_ends_at: str = "06:00"
    fpir: float = 0.001
    own_consent_age: int | None = None
    school_basis_channels: tuple[str, ...] = ()
    workers: int = 0
    quality: int = 85
    long_side_px: Mapping[str, int] = field(default_factory=dict)
    watermark: Mapping[str, str] = field(default_factory=dict)
    target: str = "published"
    remote: str = ""
    bandwidth_kib_s: int = 0
    takedown_hours: int = 72
    reach: Mapping[str, str] = field(default_factory=lambda: dict(BY_HAND))

    @property
    def by_hand(self) -> frozenset[str]:
        """Channels from which people carry pictures on, to where this box cannot look."""
        return frozenset(channel for channel, how in self.reach.items() if how == "hand")

    @property
    def zone(self) -> ZoneInfo:
        """The school's time zone, in which days begin and end."""
        return ZoneInfo(self.time_zone)


def read_config(path: Path) -> Config:
    """The settings in this file, or the defaults where there is no file. Raises Refusal with the key at fault."""
    if not path.exists():
        return Config()
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Refusal(
            "config_unreadable", f"{path.name} cannot be read: {error}. Mend that line and try again."
        ) from error
    return _checked(raw, path.name)


def _checked(raw: dict[str, Any], name: str) -> Config:
    known = {f.name: f for f in fields(Config)}
    for key in raw:
        if key not in known:
            raise Refusal("config_unknown_key", f"{name}: there is no setting {key!r}. Known: {', '.join(known)}.")
    if "school_basis_channels" in raw:
        raw["school_basis_channels"] = tuple(raw["school_basis_channels"])
    if isinstance(raw.get("reach"), dict):
        raw["reach"] = BY_HAND | raw["reach"]
    config = Config(**raw)
    _check_values(config, name)
    return config


def _check_values(config: Config, name: str) -> None:
    def want(holds: object, key: str, what: str) -> None:
        if not holds:
            raise Refusal("config_bad_value", f"{name}: {key} must be {what}.")

    try:
        ZoneInfo(config.time_zone)
    except (ZoneInfoNotFoundError, ValueError, TypeError) as error:
        raise Refusal("config_bad_value", f"{name}: time_zone {config.time_zone!r} is not known.") from error
    want(isinstance(config.fpir, float) and 0 < config.fpir <= 0.01, "fpir", "above 0 and at most 0.01")
    want(_is_clock_time(config.night_at), "night_at", 'a time like "02:00"')
    want(_is_clock_time(config.night_ends_at), "night_ends_at", 'a time like "06:00"')
    want(re.fullmatch(_NAME, config.target), "target", "a plain name like published")
    want(isinstance(config.remote, str) and re.fullmatch(_REMOTE, config.remote), "remote", _REMOTE_IS)
    kib, hours = config.bandwidth_kib_s, config.takedown_hours
    want(type(kib) is int and 0 <= kib <= 10_000_000, "bandwidth_kib_s", "a whole number, 0 for no limit")
    want(type(hours) is int and 1 <= hours <= 720, "takedown_hours", "a whole number from 1 to 720")
    reach = config.reach
    known = isinstance(reach, dict) and set(reach) <= set(CHANNELS) and set(reach.values()) <= {"hand", "target"}
    want(known, "reach", f'"hand" or "target" for some of {", ".join(CHANNELS)}')
    want(config.own_consent_age is None or type(config.own_consent_age) is int, "own_consent_age", "a whole number")
    want(type(config.workers) is int and 0 <= config.workers <= 64, "workers", "a whole number from 0 to 64")
    want(type(config.quality) is int and 50 <= config.quality <= 95, "quality", "a whole number from 50 to 95")
    for channels in (config.school_basis_channels, config.long_side_px, config.watermark):
        want(set(channels) <= set(CHANNELS), "a channel", f"one of {', '.join(CHANNELS)}")
    sizes = config.long_side_px.values()
    want(all(type(px) is int and 320 <= px <= 4096 for px in sizes), "long_side_px", "from 320 to 4096")
    want(all(isinstance(t, str) and len(t) <= 60 for t in config.watermark.values()), "watermark", "at most 60 letters")


_NAME = r"[A-Za-z0-9][A-Za-z0-9._-]{0,60}"
_REMOTE = r"|/[^\x00]+|[A-Za-z0-9_][A-Za-z0-9_.-]*:[^\x00:]*"
_REMOTE_IS = 'blank, a folder like "/media/usb/photos", or a remote of keys/rclone.conf like "school:photos"'


def _is_clock_time(text: object) -> bool:
    hour, _, minute = str(text).partition(":")
    return hour.isdigit() and minute.isdigit() and int(hour) < 24 and int(minute) < 60
