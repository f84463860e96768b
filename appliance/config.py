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
# fpir = 0.001                  # share of strangers that matching may take for somebody on the roster
# own_consent_age = 13          # from this age a pupil must have granted too
# school_basis_channels = []    # channels where the school's own lawful basis may stand in for a parent's grant
# workers = 0                   # 0: as many as there are processor cores
# quality = 85
# [retention]                   # days after which they are deleted; 0: never. These are the defaults:
# originals = 1096              # photos as they were taken; from then on a picture can be taken down, not made again
# proofs = 180                  # uncovered copies for review
# templates = 548               # portraits, and the templates made of them
# parked = 90                   # files that were set aside
# logs = 2192                   # what the audit log says; its chain stays for ever
# [mail]                        # reminders by e-mail: numbers only, never who; the password is in keys/smtp.password
# host = "smtp.school.example"
# port = 587
# security = "starttls"         # or "tls"; "none" only for a server on this machine
# sender = "photos@school.example"
# to = ["office@school.example"]
# user = ""
# [long_side_px]                # by channel; 1600 where not given
# website = 1600
# [watermark]                   # by channel; a short visible text in the corner
# press = "Our School"
"""


MAIL: Mapping[str, Any] = {"host": "", "port": 587, "security": "starttls", "sender": "", "to": [], "user": ""}
RETENTION_DAYS = {"originals": 1096, "proofs": 180, "templates": 548, "parked": 90, "logs": 2192}


@dataclass(frozen=True, slots=True)
class Config:
    """The settings of one box. fpir: the false-positive identification rate the school accepts, 0 to 1."""

    time_zone: str = "Europe/London"
    night_at: str = "02:00"
    fpir: float = 0.001
    own_consent_age: int | None = None
    school_basis_channels: tuple[str, ...] = ()
    workers: int = 0
    quality: int = 85
    long_side_px: Mapping[str, int] = field(default_factory=dict)
    watermark: Mapping[str, str] = field(default_factory=dict)
    target: str = "published"
    mail: Mapping[str, Any] = field(default_factory=dict)
    retention: Mapping[str, int] = field(default_factory=lambda: dict(RETENTION_DAYS))

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
    if isinstance(raw.get("retention"), dict):
        raw["retention"] = RETENTION_DAYS | raw["retention"]
    if isinstance(raw.get("mail"), dict):
        raw["mail"] = MAIL | raw["mail"]
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
    want(config.own_consent_age is None or type(config.own_consent_age) is int, "own_consent_age", "a whole number")
    want(type(config.workers) is int and 0 <= config.workers <= 64, "workers", "a whole number from 0 to 64")
    want(type(config.quality) is int and 50 <= config.quality <= 95, "quality", "a whole number from 50 to 95")
    for channels in (config.school_basis_channels, config.long_side_px, config.watermark):
        want(set(channels) <= set(CHANNELS), "a channel", f"one of {', '.join(CHANNELS)}")
    kept = config.retention
    want(isinstance(kept, dict) and kept.keys() == RETENTION_DAYS.keys(), "retention", ", ".join(RETENTION_DAYS))
    days = kept.values()
    want(
        all(type(n) is int and (n == 0 or 7 <= n <= 36_525) for n in days), "retention", "days, at least 7, or 0: never"
    )
    want(kept["logs"] == 0 or kept["logs"] >= 366, "retention.logs", "at least 366 days, or 0: never")
    want(not config.mail or _is_mail(config.mail), "mail", f"{', '.join(MAIL)}; TLS but for a server on this machine")
    sizes = config.long_side_px.values()
    want(all(type(px) is int and 320 <= px <= 4096 for px in sizes), "long_side_px", "from 320 to 4096")
    want(all(isinstance(t, str) and len(t) <= 60 for t in config.watermark.values()), "watermark", "at most 60 letters")


def _is_mail(mail: Mapping[str, Any]) -> bool:
    """Whether it says where to send, from whom, to whom, and nothing leaves this machine in the clear."""
    if mail.keys() != MAIL.keys() or not isinstance(mail["to"], list) or not mail["to"]:
        return False
    addresses = [mail["sender"], *mail["to"]]
    texts = [mail["host"], mail["user"], *addresses]
    return (
        all(isinstance(t, str) and t.isprintable() for t in texts)
        and all(re.fullmatch(r"[^@\s,]+@[^@\s,]+", a) for a in addresses)
        and bool(mail["host"])
        and type(mail["port"]) is int
        and (mail["security"] in ("tls", "starttls") or (mail["security"], mail["host"]) in _IN_THE_CLEAR)
    )


_IN_THE_CLEAR = (("none", "127.0.0.1"), ("none", "localhost"), ("none", "::1"))


def _is_clock_time(text: object) -> bool:
    hour, _, minute = str(text).partition(":")
    return hour.isdigit() and minute.isdigit() and int(hour) < 24 and int(minute) < 60
