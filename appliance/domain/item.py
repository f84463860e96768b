"""Which files of a card belong together: a photo, and what a camera or phone writes beside it under the same name."""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import StrEnum


class Role(StrEnum):
    """What a file is by its suffix. Everything that is not listed is judged by its content."""

    PICTURE = "picture"
    RAW = "raw"
    VIDEO = "video"
    SIDECAR = "sidecar"


SUFFIXES = {
    Role.PICTURE: ".jpg .jpeg .jpe .heic .heif .hif .avif .webp .png .tif .tiff",
    Role.RAW: ".dng .cr3 .cr2 .crw .nef .nrw .arw .srf .sr2 .raf .orf .rw2 .rwl .raw .pef .srw .x3f .3fr .fff .iiq "
    ".mrw .kdc .dcr .erf .mef .mos .gpr",
    Role.VIDEO: ".mov .mp4 .m4v .avi .mkv .mts .m2ts .3gp .mpg .mpeg .wmv .webm .lrv",
    Role.SIDECAR: ".xmp .aae .thm .ctg .dop .pp3 .wav",
}  # fmt: skip
ROLES = {suffix: role for role, suffixes in SUFFIXES.items() for suffix in suffixes.split()}
_ORDER = list(ROLES)
_EDIT_NOTE = re.compile(r"(img_)o(\d+)$")
"""A phone notes the edits of IMG_0001 in IMG_O0001.AAE."""


def role_of(name: str) -> Role | None:
    """By the suffix of a file's name."""
    return ROLES.get(suffix_of(name))


def suffix_of(name: str) -> str:
    """With its dot, in lower case; empty if there is none."""
    _, _, last = name.rpartition("/")
    stem, dot, suffix = last.rpartition(".")
    return dot + suffix.lower() if stem else ""


def companions(names: Iterable[str]) -> dict[str, str]:
    """For each file that hangs on another: which. Names are paths below one card, with slashes.

    A RAW hangs on the picture of the same name in the same folder, a video on either, a sidecar on any of them, also
    if it is called after the whole name (IMG_1.CR2.xmp). Where several could carry it the better readable does.
    """
    groups: dict[tuple[str, str], list[str]] = {}
    whole = {name.lower(): name for name in names}
    for name in whole.values():
        if role_of(name):
            groups.setdefault(_key(name, whole), []).append(name)
    hangs: dict[str, str] = {}
    for group in groups.values():
        group.sort(key=lambda n: (_ORDER.index(suffix_of(n)), n))
        first = group[0]
        if role_of(first) is not Role.SIDECAR:
            hangs |= {n: first for n in group[1:] if role_of(n) is not Role.PICTURE}
    return hangs


def _key(name: str, whole: dict[str, str]) -> tuple[str, str]:
    stem, suffix = _without_suffix(name), suffix_of(name)
    if role_of(name) is Role.SIDECAR and stem in whole:
        stem = _without_suffix(stem)
    folder, _, last = stem.rpartition("/")
    return folder, _EDIT_NOTE.sub(r"\1\2", last) if suffix == ".aae" else last


def _without_suffix(name: str) -> str:
    return name.lower().removesuffix(suffix_of(name))
