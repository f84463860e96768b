"""Walks a finished JPEG against what our own encoder writes, to the last bit; whatever else is there is a leak.

It makes no picture of it: whether what the picture shows may be shown is for the plan, the second look and a person.
"""

from __future__ import annotations

from dataclasses import dataclass

from appliance.errors import Damaged
from appliance.sanitise.scan import check_scan
from appliance.sanitise.tables import AC_CHROMA, AC_LUMA, DC_CHROMA, DC_LUMA, QUALITIES

SOI, EOI = b"\xff\xd8", b"\xff\xd9"
APP0, DQT, SOF0, DHT, SOS = 0xE0, 0xDB, 0xC0, 0xC4, 0xDA
"""Markers: ITU-T T.81 table B.1. No others (no other APPn, COM, DRI, DNL, no second frame)."""
LONGEST_SIDE_PX = 4096

_ORDER = (APP0, DQT, DQT, SOF0, DHT, DHT, DHT, DHT, SOS)
_JFIF = b"JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"
"""JFIF 1.01, no unit, 1:1, Xthumbnail = Ythumbnail = 0 (ITU-T T.871, 10.1)."""
_COMPONENTS = b"\x03\x01\x22\x00\x02\x11\x01\x03\x11\x01"
_SCAN = b"\x03\x01\x00\x02\x11\x03\x11\x00\x3f\x00"
"""Frame components (4:2:0) and the one baseline scan that goes with them (T.81, B.2.2 and B.2.3)."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What the segments say. scan_at: the byte where the picture's data begins."""

    width: int
    height: int
    quality: int
    scan_at: int


def check(data: bytes) -> int:
    """Return how many blocks `data` has, if it is one whole baseline JPEG just as our encoder writes it.

    Raises Damaged otherwise, with the code leak_start (no JPEG), leak_segment (a segment that does not belong, or
    not there, or holding anything it should not), leak_scan (the picture's data is not exactly its blocks: a marker
    in it, something behind the last block) or leak_end (not ended by EOI: cut short, or something follows).
    """
    frame = check_segments(data)
    return check_scan(data[frame.scan_at : -len(EOI)], frame.width, frame.height)


def check_segments(data: bytes) -> Frame:
    """The part of `check` that takes no time: everything but the codes of the picture's data. Raises as it does."""
    if not data.startswith(SOI):
        raise Damaged("leak_start", "this is not a JPEG file; it must not leave")
    at, payloads = len(SOI), []
    for marker in _ORDER:
        payload, at = _segment(data, at, marker)
        payloads.append(payload)
    frame = _frame(payloads, at)
    _check_end(data, at)
    return frame


def _segment(data: bytes, at: int, marker: int) -> tuple[bytes, int]:
    """The payload of the segment that begins at `at`, which must be of this kind, and where the next one begins."""
    head = data[at : at + 4]
    if len(head) < 4 or head[:2] != bytes([0xFF, marker]):
        raise Damaged("leak_segment", f"a segment that our encoder does not write, at byte {at}: {head[:2].hex()}")
    end = at + 2 + int.from_bytes(head[2:], "big")
    if end < at + 4 or end > len(data):
        raise Damaged("leak_segment", f"the segment at byte {at} has an impossible length")
    return data[at + 4 : end], end


def _frame(payloads: list[bytes], scan_at: int) -> Frame:
    """What the payloads say, each of which must be the one that our encoder writes."""
    app0, luma, chroma, sof, *huffman, sos = payloads
    quality = QUALITIES.get((luma, chroma))
    height, width = int.from_bytes(sof[1:3], "big"), int.from_bytes(sof[3:5], "big")
    in_range = 0 < width <= LONGEST_SIDE_PX and 0 < height <= LONGEST_SIDE_PX
    wrong = {
        "the header (FFE0)": app0 != _JFIF,
        "the quantisation (FFDB)": quality is None,
        "the frame (FFC0)": sof[:1] != b"\x08" or sof[5:] != _COMPONENTS or not in_range,
        "the codes (FFC4)": huffman != [DC_LUMA, AC_LUMA, DC_CHROMA, AC_CHROMA],
        "the scan's header (FFDA)": sos != _SCAN,
    }
    for what, is_wrong in wrong.items():
        if is_wrong:
            raise Damaged("leak_segment", f"{what} holds something that our encoder does not write")
    return Frame(width, height, quality or 0, scan_at)


def _check_end(data: bytes, begin: int) -> None:
    if not data.endswith(EOI) or len(data) < begin + len(EOI):
        raise Damaged("leak_end", "the file does not end where the picture ends")
    scan = data[begin : -len(EOI)]
    if not scan or scan.count(b"\xff") != scan.count(b"\xff\x00"):
        raise Damaged("leak_scan", "there is a marker in the picture's data: a second picture, or something hidden")
