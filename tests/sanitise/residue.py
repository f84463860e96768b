"""Files made to get something past the walker, each built by code from a clean one; every one must be refused."""

from __future__ import annotations

import numpy as np

from tests.sanitise.reference import jpeg

_CLEAN = jpeg(np.random.default_rng(7).integers(0, 256, (40, 56, 3), np.uint8))
_HEADER, _SCAN = _CLEAN[:623], _CLEAN[623:-2]
_EOI = b"\xff\xd9"
_SECRET = b"Amelia Nonsuch"


def _comment(text: bytes) -> bytes:
    return b"\xff\xfe" + (len(text) + 2).to_bytes(2, "big") + text


def _with_scan(scan: bytes) -> bytes:
    return _HEADER + scan + _EOI


def _sized(width: int, height: int) -> bytes:
    return _CLEAN[:163] + height.to_bytes(2, "big") + width.to_bytes(2, "big") + _CLEAN[167:]


RESIDUE = {
    "text behind the last block": _with_scan(_SCAN + _SECRET),
    "one zero byte behind the last block": _with_scan(_SCAN + b"\x00"),
    "a stuffed byte behind the last block": _with_scan(_SCAN + b"\xff\x00"),
    "the picture's data twice": _with_scan(_SCAN + _SCAN),
    "fill bytes before the end": _with_scan(_SCAN + b"\xff\xff"),
    "a restart marker in the data": _with_scan(_SCAN[:50] + b"\xff\xd0" + _SCAN[50:]),
    "a restart marker at the end": _with_scan(_SCAN + b"\xff\xd0"),
    "a comment in the data": _with_scan(_SCAN + _comment(_SECRET)),
    "a comment behind the end": _CLEAN + _comment(_SECRET),
    "a comment, and an end of its own": _CLEAN + _comment(_SECRET) + _EOI,
    "two ends": _CLEAN + _EOI,
    "a whole second file": _CLEAN + _CLEAN,
    "a second scan": _with_scan(_SCAN + _HEADER[-14:] + _SCAN),
    "a fill byte before a marker": _CLEAN[:2] + b"\xff" + _CLEAN[2:],
    "a size given after the scan": _with_scan(_SCAN + b"\xff\xdc\x00\x04\x00\x28"),
    "no height": _sized(56, 0),
    "a smaller picture, the rest of its data still there": _sized(40, 40),
    "fewer lines than there is data for": _sized(56, 16),
    "more lines than there is data for": _sized(56, 64),
    "wider than there is data for": _sized(72, 40),
    "an edge moved over a block with something in it": _sized(48, 40),
    "cut after the header": _HEADER,
    "no data": _with_scan(b""),
    "data that begins with the end": _with_scan(b"\xff\xd9" + _SCAN),
    "a byte lost": _with_scan(_SCAN[:-1]),
    "another make of tables": _CLEAN.replace(bytes.fromhex("0001050101"), bytes.fromhex("0001040201")),
    "quantisation of two qualities": _CLEAN[:89] + jpeg(np.zeros((8, 8, 3), np.uint8), 60)[89:158] + _CLEAN[158:],
}
"""By what was tried."""
