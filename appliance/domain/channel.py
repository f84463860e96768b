"""What a school sets for each channel: who sees it, what may go there, and what its pictures look like. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any, TypeVar

from appliance.domain.consent import CHANNELS
from appliance.domain.decide import Look
from appliance.errors import Refusal

_T = TypeVar("_T", bound=StrEnum)


class Audience(StrEnum):
    """Who can see what goes to a channel, the strictest first."""

    PUBLIC = "public"
    CLOSED_GROUP = "closed_group"
    ONE_FAMILY = "one_family"
    IN_SCHOOL = "in_school"


class Allows(StrEnum):
    """Pictures without names, or names without pictures; never both."""

    PICTURES = "pictures"
    NAMES = "names"


class Reach(StrEnum):
    """How far the box can see: to its target, or people carry pictures on from there by hand, to where it cannot."""

    TARGET = "target"
    HAND = "hand"


LARGEST_PX = {
    Audience.PUBLIC: 2048, Audience.CLOSED_GROUP: 3072, Audience.ONE_FAMILY: 4096, Audience.IN_SCHOOL: 4096,
}  # fmt: skip
"""The longest side that a channel may have: what everybody can copy is not for printing large."""
SMALLEST_PX, LOWEST_QUALITY, HIGHEST_QUALITY = 320, 50, 95
LONGEST_WATERMARK = 60
LARGEST_MARK_BYTES, LARGEST_MARK_PX = 1_000_000, 2000
_PNG = b"\x89PNG\r\n\x1a\n"

_AUDIENCE = {"display": Audience.IN_SCHOOL, "family": Audience.ONE_FAMILY}
"""Every other channel counts as public until the school says otherwise."""
_CARRIED_ON = ("social", "newsletter", "press")
"""Channels that end at somebody's desk, until the school says otherwise."""


@dataclass(frozen=True, slots=True)
class Profile:
    """One channel as the school wants it. File names are always neutral: the derivative's hash, in an event folder.

    watermark: text for the corner, or `watermark_image`: a PNG file in the home. long_side_px, quality: of the JPEG.
    """

    channel: str
    audience: Audience = Audience.PUBLIC
    allows: Allows = Allows.PICTURES
    long_side_px: int = 1600
    quality: int = 85
    watermark: str = ""
    watermark_image: str = ""
    reach: Reach = Reach.TARGET

    def look(self, mark: str = "") -> Look:
        """How its pictures are made. mark: SHA-256 of the watermark's file."""
        return Look(self.long_side_px, self.quality, self.watermark, mark=mark)


_KEYS = tuple(f.name for f in fields(Profile) if f.name != "channel")


def profiles(raw: Mapping[str, Any]) -> dict[str, Profile]:
    """The profile of every channel. raw: tables by channel, as the school wrote them. Raises Refusal, saying which."""
    for channel in raw:
        if channel not in CHANNELS:
            raise _bad(f"there is no channel {channel!r}. Channels: {', '.join(CHANNELS)}")
    return {channel: _profile(channel, raw.get(channel, {})) for channel in CHANNELS}


def is_mark(data: bytes) -> bool:
    """Whether this begins as a PNG file of a size that is read for a watermark. It is not decoded."""
    sides = int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")
    begins = data.startswith(_PNG) and data[12:16] == b"IHDR" and len(data) <= LARGEST_MARK_BYTES
    return begins and all(0 < side <= LARGEST_MARK_PX for side in sides)


def unreadable() -> Refusal:
    """Why a watermark's file is not taken, to be raised."""
    return Refusal(
        "watermark_unreadable",
        f"a watermark_image is no PNG file of at most {LARGEST_MARK_PX} × {LARGEST_MARK_PX} pixels and a megabyte; "
        "save it as PNG, smaller, and try again.",
    )


def _profile(channel: str, raw: Any) -> Profile:
    if not isinstance(raw, dict):
        raise _bad(f"channels.{channel} must be a table: [channels.{channel}]")
    for key in raw:
        if key not in _KEYS:
            raise _bad(f"channels.{channel} has no setting {key!r}. Known: {', '.join(_KEYS)}")
    audience = _one_of(Audience, raw.get("audience", _AUDIENCE.get(channel, Audience.PUBLIC)), channel, "audience")
    allows = _one_of(Allows, raw.get("allows", Allows.PICTURES), channel, "allows")
    usual = Reach.HAND if channel in _CARRIED_ON else Reach.TARGET
    reach = _one_of(Reach, raw.get("reach", usual), channel, "reach")
    made = Profile(**{**raw, "channel": channel, "audience": audience, "allows": allows, "reach": reach})
    _check(made)
    return made


def _one_of(kind: type[_T], given: Any, channel: str, key: str) -> _T:
    if given not in list(kind):
        raise _bad(f"channels.{channel}.{key} must be one of {', '.join(kind)}, not {given!r}")
    return kind(given)


def _check(p: Profile) -> None:
    def want(holds: object, key: str, what: str) -> None:
        if not holds:
            raise _bad(f"channels.{p.channel}.{key} must be {what}")

    largest = LARGEST_PX[p.audience]
    sizes = type(p.long_side_px) is int and SMALLEST_PX <= p.long_side_px <= largest
    want(sizes, "long_side_px", f"from {SMALLEST_PX} to {largest} where the audience is {p.audience}")
    is_quality = type(p.quality) is int and LOWEST_QUALITY <= p.quality <= HIGHEST_QUALITY
    want(is_quality, "quality", f"a whole number from {LOWEST_QUALITY} to {HIGHEST_QUALITY}")
    is_text = isinstance(p.watermark, str) and len(p.watermark) <= LONGEST_WATERMARK and "\n" not in p.watermark
    want(is_text, "watermark", f"one line of at most {LONGEST_WATERMARK} letters")
    image = p.watermark_image
    is_name = isinstance(image, str) and "/" not in image and not image.startswith(".")
    want(is_name, "watermark_image", "the name of a PNG file in the home, without a folder")
    want(not (p.watermark and p.watermark_image), "watermark", "left out where there is a watermark_image")


def _bad(what: str) -> Refusal:
    return Refusal("config_bad_value", f"config.toml: {what}.")
