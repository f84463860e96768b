"""Walks a finished JPEG's segments against what our own encoder writes; whatever else is there is a leak.

It never decodes: what the entropy-coded data shows is for the second look at the finished picture, and whether any of
it lies behind the last block it cannot see.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from appliance.errors import Damaged

SOI, EOI = b"\xff\xd8", b"\xff\xd9"
APP0, DQT, SOF0, DHT, SOS = 0xE0, 0xDB, 0xC0, 0xC4, 0xDA
"""Markers: ITU-T T.81 table B.1. These, in this order, and no others (no APPn, COM, DRI, DNL, no second frame)."""

_NEXT = {None: {APP0}, APP0: {DQT}, DQT: {DQT, SOF0}, SOF0: {DHT}, DHT: {DHT, SOS}}
_JFIF = (b"JFIF\x00\x01\x01", b"JFIF\x00\x01\x02")
_JFIF_REST = b"\x00\x00\x01\x00\x01\x00\x00"
"""JFIF 1.01 or 1.02, no unit, 1:1, Xthumbnail = Ythumbnail = 0 (ITU-T T.871, 10.1)."""
_GREY = b"\x01\x01\x11\x00"
_COLOUR = b"\x03\x01\x22\x00\x02\x11\x01\x03\x11\x01"
_SCAN = {_GREY: b"\x01\x01\x00\x00\x3f\x00", _COLOUR: b"\x03\x01\x00\x02\x11\x03\x11\x00\x3f\x00"}
"""Frame components (4:2:0, or grey) and the one baseline scan that goes with them (T.81, B.2.2 and B.2.3)."""


@dataclass(slots=True)
class _Seen:
    """What the segments so far have defined."""

    components: bytes = b""
    quantisation: set[int] = field(default_factory=set)
    huffman: set[int] = field(default_factory=set)


def check(data: bytes) -> None:
    """Return if `data` is one whole baseline JPEG just as our encoder writes it.

    Raises Damaged otherwise, with the code leak_start (no JPEG), leak_segment (a segment that does not belong, or
    not there, or holding anything it should not), leak_scan (a marker inside the picture's data, or no data) or
    leak_end (not ended by EOI: cut short, or something follows).
    """
    if not data.startswith(SOI):
        raise Damaged("leak_start", "this is not a JPEG file; it must not leave")
    seen = _Seen()
    marker, at = None, len(SOI)
    while marker != SOS:
        marker, payload, at = _segment(data, at, _NEXT[marker])
        if not _PAYLOADS[marker](payload, seen):
            raise Damaged("leak_segment", f"segment FF{marker:02X} holds something that our encoder does not write")
    _check_tables(seen)
    _check_scan(data, at)


def _segment(data: bytes, at: int, allowed: set[int]) -> tuple[int, bytes, int]:
    """Read the segment that begins at `at`: its marker, its payload, and where the next one begins."""
    head = data[at : at + 4]
    if len(head) < 4 or head[0] != 0xFF or head[1] not in allowed:
        raise Damaged("leak_segment", f"a segment that our encoder does not write, at byte {at}: {head[:2].hex()}")
    end = at + 2 + int.from_bytes(head[2:], "big")
    if end < at + 4 or end > len(data):
        raise Damaged("leak_segment", f"the segment at byte {at} has an impossible length")
    return head[1], data[at + 4 : end], end


def _check_tables(seen: _Seen) -> None:
    """Exactly the tables that the picture needs: one more would be a place to hide something."""
    grey = seen.components == _GREY
    wanted = ({0}, {0x00, 0x10}) if grey else ({0, 1}, {0x00, 0x10, 0x01, 0x11})
    if (seen.quantisation, seen.huffman) != wanted:
        raise Damaged("leak_segment", "there are other tables than the picture needs")


def _check_scan(data: bytes, begin: int) -> None:
    if not data.endswith(EOI) or len(data) < begin + len(EOI):
        raise Damaged("leak_end", "the file does not end where the picture ends")
    scan = data[begin : -len(EOI)]
    if not scan or scan.count(b"\xff") != scan.count(b"\xff\x00"):
        raise Damaged("leak_scan", "there is a marker in the picture's data: a second picture, or something hidden")


def _is_app0(payload: bytes, _: _Seen) -> bool:
    return payload.startswith(_JFIF) and payload[7:] == _JFIF_REST


def _is_dqt(payload: bytes, seen: _Seen) -> bool:
    """One 8-bit table, each destination once (T.81, B.2.4.1); no value of it is zero."""
    if len(payload) != 65 or payload[0] in seen.quantisation or 0 in payload[1:]:
        return False
    seen.quantisation.add(payload[0])
    return True


def _is_sof0(payload: bytes, seen: _Seen) -> bool:
    """8 bit, a size, and our components (T.81, B.2.2)."""
    seen.components = payload[5:]
    height, width = payload[1:3], payload[3:5]
    return payload[:1] == b"\x08" and any(height) and any(width) and seen.components in _SCAN


def _is_dht(payload: bytes, seen: _Seen) -> bool:
    """One table, each destination once, as long as its counts say and no longer (T.81, B.2.4.2)."""
    if len(payload) < 17 or len(payload) != 17 + sum(payload[1:17]) or payload[0] in seen.huffman:
        return False
    seen.huffman.add(payload[0])
    return True


def _is_sos(payload: bytes, seen: _Seen) -> bool:
    return payload == _SCAN[seen.components]


_PAYLOADS: dict[int, Callable[[bytes, _Seen], bool]] = {
    APP0: _is_app0,
    DQT: _is_dqt,
    SOF0: _is_sof0,
    DHT: _is_dht,
    SOS: _is_sos,
}
