"""What a school sets, read once from `config.toml` in the home, frozen. Unknown keys are errors; defaults are safe."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from appliance.domain.channel import Profile, Reach, profiles
from appliance.domain.consent import CHANNELS
from appliance.domain.policy import JURISDICTIONS, ConsentPolicy, tightened
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
# fpir = 0.001                  # share of strangers that matching may take for somebody on the roster; `appliance
#                               # selftest --set` states another, which then counts
# portrait_due_days = 365       # from this age of a portrait a new one is asked for
# portrait_ends_days = 730      # from this age it is not used any more
# own_consent_age = 13          # from this age a pupil must have granted too
# yearly_renewal = true         # no grant lasts longer than 12 months, whatever it says
# every_parent = true           # all parents have to grant, not one
# used_channels = ["website"]  # where this school publishes; all channels where left out
# jurisdiction = "england-and-wales"     # may only make the rules above stricter
# expiry_grace_days = 14        # for how long a published picture may stay after a consent behind it has ended
# safeguarding_leads = []       # names of those who may see who is protected
# school_basis_channels = []    # channels where the school's own lawful basis may stand in for a parent's grant
# workers = 0                   # 0: as many as there are processor cores
# [channels.website]            # likewise social, newsletter, press, display, family; `appliance channels` lists them
# audience = "public"           # public, closed_group, one_family or in_school: who can see what goes there
# allows = "pictures"           # pictures without names, or "names" without pictures: then no picture goes there
# long_side_px = 1600           # of the pictures; at most 2048 where the audience is public
# quality = 85                  # of the JPEG, 50 to 95
# watermark = ""                # a short text in the corner
# watermark_image = ""          # or a PNG file beside this one, drawn into the corner
# reach = "target"              # "hand" where people carry pictures on from the target: then each counts as possibly
#                               # published there until somebody says otherwise (social, newsletter, press: "hand")
# [retention]                   # days after which they are deleted; 0: never. These are the defaults:
# originals = 1096              # photos as they were taken; from then on a picture can be taken down, not made again
# proofs = 180                  # uncovered copies for review
# templates = 730               # portraits, and the templates made of them; not before portrait_ends_days
# parked = 90                   # files that were set aside
# logs = 2192                   # what the audit log says; its chain stays for ever
# [mail]                        # reminders by e-mail: numbers only, never who; the password is in keys/smtp.password
# host = "smtp.school.example"
# port = 587
# security = "starttls"         # or "tls"; "none" only for a server on this machine
# sender = "photos@school.example"
# to = ["office@school.example"]
# user = ""
"""
MAIL: Mapping[str, Any] = {"host": "", "port": 587, "security": "starttls", "sender": "", "to": [], "user": ""}
RETENTION_DAYS = {"originals": 1096, "proofs": 180, "templates": 730, "parked": 90, "logs": 2192}


@dataclass(frozen=True, slots=True)
class Config:
    """The settings of one box.

    fpir: the false-positive identification rate the school accepts, 0 to 1.
    """

    time_zone: str = "Europe/London"
    night_at: str = "02:00"
    night_ends_at: str = "06:00"
    fpir: float = 0.001
    portrait_due_days: int = 365
    portrait_ends_days: int = 730
    own_consent_age: int | None = None
    school_basis_channels: tuple[str, ...] = ()
    yearly_renewal: bool = False
    every_parent: bool = False
    used_channels: tuple[str, ...] = CHANNELS
    jurisdiction: str = ""
    expiry_grace_days: int = 14
    safeguarding_leads: tuple[str, ...] = ()
    workers: int = 0
    channels: Mapping[str, Profile] = field(default_factory=lambda: profiles({}))
    target: str = "published"
    mail: Mapping[str, Any] = field(default_factory=dict)
    retention: Mapping[str, int] = field(default_factory=lambda: dict(RETENTION_DAYS))
    remote: str = ""
    bandwidth_kib_s: int = 0
    takedown_hours: int = 72

    @property
    def policy(self) -> ConsentPolicy:
        """What the school has settled about consent, and its jurisdiction on top."""
        own = ConsentPolicy(
            self.own_consent_age, frozenset(self.school_basis_channels), frozenset(self.used_channels),
            self.yearly_renewal, self.every_parent,
        )  # fmt: skip
        return tightened(own, JURISDICTIONS[self.jurisdiction]) if self.jurisdiction else own

    @property
    def by_hand(self) -> frozenset[str]:
        """Channels from which people carry pictures on, to where this box cannot look."""
        return frozenset(name for name, profile in self.channels.items() if profile.reach is Reach.HAND)

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
    return checked(raw, path.name)


def checked(raw: dict[str, Any], name: str) -> Config:
    """The settings in `raw`. Raises Refusal with the key at fault."""
    known = {f.name: f for f in fields(Config)}
    for key in raw:
        if key not in known:
            raise Refusal("config_unknown_key", f"{name}: there is no setting {key!r}. Known: {', '.join(known)}.")
    if not isinstance(raw.get("channels", {}), dict):
        raise Refusal("config_bad_value", f"{name}: channels must be tables: [channels.website] and so on.")
    for key in ("school_basis_channels", "used_channels", "safeguarding_leads"):
        if key in raw:
            raw[key] = tuple(raw[key])
    if isinstance(raw.get("retention"), dict):
        raw["retention"] = RETENTION_DAYS | raw["retention"]
    if isinstance(raw.get("mail"), dict):
        raw["mail"] = MAIL | raw["mail"]
    raw["channels"] = profiles(raw.get("channels", {}))
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
    due, ends = config.portrait_due_days, config.portrait_ends_days
    want(type(due) is int and 0 < due <= 3650, "portrait_due_days", "a whole number from 1 to 3650")
    want(type(ends) is int and due <= ends <= 3650, "portrait_ends_days", "from portrait_due_days to 3650")
    want(_is_clock_time(config.night_at), "night_at", 'a time like "02:00"')
    want(_is_clock_time(config.night_ends_at), "night_ends_at", 'a time like "06:00"')
    want(re.fullmatch(_NAME, config.target), "target", "a plain name like published")
    want(isinstance(config.remote, str) and re.fullmatch(_REMOTE, config.remote), "remote", _REMOTE_IS)
    kib, hours = config.bandwidth_kib_s, config.takedown_hours
    want(type(kib) is int and 0 <= kib <= 10_000_000, "bandwidth_kib_s", "a whole number, 0 for no limit")
    want(type(hours) is int and 1 <= hours <= 720, "takedown_hours", "a whole number from 1 to 720")
    want(config.own_consent_age is None or type(config.own_consent_age) is int, "own_consent_age", "a whole number")
    for flag in ("yearly_renewal", "every_parent"):
        want(type(getattr(config, flag)) is bool, flag, "true or false")
    names = ", ".join(JURISDICTIONS)
    want(not config.jurisdiction or config.jurisdiction in JURISDICTIONS, "jurisdiction", f"one of {names}")
    grace = config.expiry_grace_days
    want(type(grace) is int and 0 <= grace <= 90, "expiry_grace_days", "a whole number from 0 to 90")
    leads = config.safeguarding_leads
    want(all(isinstance(w, str) and w.strip() for w in leads), "safeguarding_leads", "a list of names")
    want(config.used_channels, "used_channels", "at least one channel")
    want(type(config.workers) is int and 0 <= config.workers <= 64, "workers", "a whole number from 0 to 64")
    known = f"channels, of {', '.join(CHANNELS)}"
    want(set(config.school_basis_channels) <= set(CHANNELS), "school_basis_channels", known)
    want(set(config.used_channels) <= set(CHANNELS), "used_channels", known)
    kept = config.retention
    want(isinstance(kept, dict) and kept.keys() == RETENTION_DAYS.keys(), "retention", ", ".join(RETENTION_DAYS))
    days = kept.values()
    want(
        all(type(n) is int and (n == 0 or 7 <= n <= 36_525) for n in days), "retention", "days, at least 7, or 0: never"
    )
    want(
        kept["templates"] == 0 or kept["templates"] >= ends, "retention.templates",
        f"at least portrait_ends_days ({ends}), or 0: never",
    )  # fmt: skip
    want(kept["logs"] == 0 or kept["logs"] >= 366, "retention.logs", "at least 366 days, or 0: never")
    want(not config.mail or _is_mail(config.mail), "mail", f"{', '.join(MAIL)}; TLS but for a server on this machine")


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


_NAME = r"[A-Za-z0-9][A-Za-z0-9._-]{0,60}"
_REMOTE = r"|/[^\x00]+|[A-Za-z0-9_][A-Za-z0-9_.-]*:[^\x00:]*"
_REMOTE_IS = 'blank, a folder like "/media/usb/photos", or a remote of keys/rclone.conf like "school:photos"'


def _is_clock_time(text: object) -> bool:
    hour, _, minute = str(text).partition(":")
    return hour.isdigit() and minute.isdigit() and int(hour) < 24 and int(minute) < 60
