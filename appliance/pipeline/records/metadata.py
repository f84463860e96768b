"""What a picture file carries beside its picture: by its segments and chunks, without decoding it."""

from __future__ import annotations

from typing import Literal

_JPEG = (
    (0xE1, b"Exif\x00\x00", "exif"), (0xE1, b"http://ns.adobe.com/xap/1.0/\x00", "xmp"),
    (0xE1, b"http://ns.adobe.com/xmp/extension/\x00", "xmp"), (0xED, b"Photoshop 3.0\x00", "iptc"),
    (0xE2, b"MPF\x00", "more_pictures"), (0xFE, b"", "comment"),
)  # fmt: skip
_PNG = {b"eXIf": "exif", b"tEXt": "text", b"zTXt": "text", b"iTXt": "text"}
_RIFF = {b"EXIF": "exif", b"XMP ": "xmp"}
_GPS_TAG = (b"\x88\x25", b"\x25\x88")
"""The tag of EXIF's GPS directory, 0x8825, in either byte order."""


def metadata(data: bytes) -> tuple[str, ...]:
    """Kinds of metadata, sorted: exif, gps, iptc, xmp, comment, text, more_pictures, trailing."""
    if data.startswith(b"\xff\xd8"):
        return tuple(sorted(set(_in_jpeg(data))))
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return tuple(sorted(set(_in_png(data))))
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return tuple(sorted(set(_in_riff(data))))
    return tuple(sorted({k for mark, k in ((b"Exif\x00\x00", "exif"), (b"<x:xmpmeta", "xmp")) if mark in data}))


def _in_jpeg(data: bytes) -> list[str]:
    found, at = [], 2
    while at + 4 <= len(data) and data[at] == 0xFF and data[at + 1] != 0xDA:
        if data[at + 1] == 0xFF:
            at += 1
            continue
        length = int.from_bytes(data[at + 2 : at + 4], "big")
        payload = data[at + 4 : at + 2 + length]
        found += [kind for marker, begins, kind in _JPEG if marker == data[at + 1] and payload.startswith(begins)]
        if payload.startswith(b"Exif\x00\x00") and _has_gps(payload[6:]):
            found.append("gps")
        at += 2 + max(length, 2)
    end = data.rfind(b"\xff\xd9")
    if end >= 0 and data[end + 2 :].strip(b"\x00"):
        found.append("trailing")
    return found


def _has_gps(tiff: bytes) -> bool:
    """Whether the first directory of a TIFF block points to a GPS directory."""
    order: Literal["big", "little"] = "big" if tiff[:2] == b"MM" else "little"
    start = int.from_bytes(tiff[4:8], order)
    count = int.from_bytes(tiff[start : start + 2], order)
    tag = _GPS_TAG[0 if order == "big" else 1]
    return any(tiff[start + 2 + 12 * n : start + 4 + 12 * n] == tag for n in range(min(count, 500)))


def _in_png(data: bytes) -> list[str]:
    found, at = [], 8
    while at + 12 <= len(data):
        length, kind = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        found += [_PNG[kind]] if kind in _PNG else []
        at += 12 + length
        if kind == b"IEND":
            return found + (["trailing"] if data[at:] else [])
    return found


def _in_riff(data: bytes) -> list[str]:
    found, at = [], 12
    while at + 8 <= len(data):
        kind, length = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "little")
        found += [_RIFF[kind]] if kind in _RIFF else []
        at += 8 + length + length % 2
    return found
