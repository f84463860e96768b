"""Walks the Huffman codes of a picture's data, without making a picture of them: every bit must belong to a block.

Of each block there is one way to write it, and our encoder's is that way; so what is not that way, or is left over, was
put there by somebody else.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from appliance.errors import Damaged
from appliance.sanitise.tables import AC_CHROMA, AC_LUMA, DC_CHROMA, DC_LUMA, codes

MCU_PX, BLOCK_PX = 16, 8
LAST = 63
"""Number of a block's last coefficient; the first, its mean, is number 0."""
EOB, ZRL = 0x00, 0xF0
"""Symbols: no more coefficients in this block; sixteen zeros (T.81, F.1.2.2)."""
_ENDED = 128
_SINGLY = 64
"""In place of how many coefficients a window holds: plus this where it ends the block; this where it needs care."""


@dataclass(frozen=True, slots=True)
class _Table:
    """What begins with each possible 16 bits.

    mean: bits that a mean takes (code and value). run: as many whole coefficients as there are: the bits they take, and
    64 times how many places they go on. single: bits and symbol of the first coefficient alone. 0 bits: no such code.
    """

    mean: Sequence[int]
    run: Sequence[int]
    single: Sequence[tuple[int, int]]


def check_scan(scan: bytes, width: int, height: int) -> int:
    """Return how many blocks the entropy-coded `scan` of a 4:2:0 picture holds, if it is nothing but those blocks.

    scan: everything between SOS and EOI, with no marker in it. Raises Damaged leak_scan if a code is none of ours, a
    block is written otherwise than it has to be, a block beyond the picture's edge holds anything, or a bit is left.
    """
    data = scan.replace(b"\xff\x00", b"\xff")
    windows = _windows(data)
    try:
        used, blocks = _walk(windows, width, height)
    except IndexError:
        raise _leak("it ends too early") from None
    left = len(data) * 8 - used
    if left < 0:
        raise _leak("it ends too early")
    if left >= 8:
        raise _leak(f"{left // 8} bytes follow the last block")
    if data[-1] & ((1 << left) - 1) != (1 << left) - 1:
        raise _leak("the bits that fill the last byte are not all ones")
    return blocks


def _leak(what: str) -> Damaged:
    return Damaged("leak_scan", f"the picture's data is not what our encoder writes: {what}")


def _windows(data: bytes) -> memoryview:
    """The 16 bits that begin at each bit of `data`."""
    padded = np.frombuffer(data + bytes(8), np.uint8).astype(np.uint32)
    three = padded[:-2] << 16 | padded[1:-1] << 8 | padded[2:]
    windows = np.empty((len(three), 8), np.uint16)
    for bit in range(8):
        windows[:, bit] = three >> (8 - bit)
    return windows.reshape(-1).data


def _walk(windows: memoryview, width: int, height: int) -> tuple[int, int]:
    """Follow the codes of all blocks; returns bits and blocks. One loop, for it is what a release waits for."""
    luma, chroma = _tables()
    across, down = -(-width // MCU_PX), -(-height // MCU_PX)
    narrow, low = -(-width // BLOCK_PX) % 2 == 1, -(-height // BLOCK_PX) % 2 == 1
    at = 0
    for row in range(down):
        for column in range(across):
            empty = _empty(beside=narrow and column == across - 1, below=low and row == down - 1)
            for block in range(6):
                table = luma if block < 4 else chroma
                run, begin = table.run, at
                bits = table.mean[windows[at]]
                if not bits:
                    raise _leak("no such code")
                at += bits
                place = 0
                while True:
                    step = run[windows[at]]
                    after = place + (step >> 6)
                    if after < LAST:
                        at += step & 63
                        place = after
                    elif _ENDED <= after < _ENDED + LAST:
                        at += step & 63
                        break
                    else:
                        at, place = _singly(windows, at, place, table)
                        if place == LAST:
                            break
                if block in empty and at - begin != _EMPTY_BITS:
                    raise _leak("a block beyond the edge of the picture is not empty")
    return at, across * down * 6


_EMPTY_BITS = 6
"""A block of brightness that repeats the mean before it (00) and ends at once (1010); no other block is as short."""


def _empty(*, beside: bool, below: bool) -> tuple[int, ...]:
    """Which of the four blocks of brightness lie beyond the picture: they make up a whole 16 × 16, and are not seen."""
    return (1, 2, 3) if beside and below else (1, 3) if beside else (2, 3) if below else ()


def _singly(windows: memoryview, at: int, place: int, table: _Table) -> tuple[int, int]:
    """Read one coefficient, near a block's end or after sixteen zeros; returns where it ends, and its number."""
    bits, symbol = table.single[windows[at]]
    if not bits:
        raise _leak("no such code")
    at, place = at + bits, place + (symbol >> 4) + 1
    if symbol == EOB or place > LAST:
        raise _leak("a block ends in a way of its own")
    if symbol == ZRL and (place == LAST or table.single[windows[at]][1] == EOB):
        raise _leak("zeros are written out at the end of a block")
    return at, place


@functools.cache
def _tables() -> tuple[_Table, _Table]:
    return _table(DC_LUMA, AC_LUMA), _table(DC_CHROMA, AC_CHROMA)


def _table(dc: bytes, ac: bytes) -> _Table:
    bits, symbols = _singles(ac)
    return _Table(_singles(dc)[0].tolist(), _runs(bits, symbols), list(zip(bits.tolist(), symbols.tolist())))  # noqa: B905  equally long


Numbers = npt.NDArray[np.int64]


def _singles(table: bytes) -> tuple[Numbers, Numbers]:
    """By the next 16 bits: how many the first code and its value take (0: no such code), and its symbol."""
    bits, symbols = np.zeros((2, 1 << 16), np.int64)
    for symbol, code, length in codes(table):
        those = slice(code << (16 - length), (code + 1) << (16 - length))
        bits[those], symbols[those] = length + (symbol & 15), symbol
    return bits, symbols


def _runs(bits: Numbers, symbols: Numbers) -> list[int]:
    """By the next 16 bits: everything that is whole in them, up to the end of the block, as _Table.run says.

    Sixteen zeros count with the coefficient after them only: alone, or before an end, they need care.
    """
    windows = np.arange(1 << 16)
    used, places, far, gone = np.zeros((4, 1 << 16), np.int64)
    alive, zeros = np.ones(1 << 16, np.bool_), np.zeros(1 << 16, np.bool_)
    while alive.any():
        rest = (windows << far) & 0xFFFF
        size, symbol = bits[rest], symbols[rest]
        whole = alive & (size > 0) & (far + size <= 16)
        ends = whole & (symbol == EOB) & ~zeros
        used, places = np.where(ends, far + size, used), np.where(ends, gone + _ENDED, places)
        alive = whole & (symbol != EOB)
        far, gone = np.where(alive, far + size, far), np.where(alive, gone + (symbol >> 4) + 1, gone)
        zeros = alive & (symbol == ZRL)
        kept = alive & ~zeros
        used, places = np.where(kept, far, used), np.where(kept, gone, places)
    runs: list[int] = (used | np.where(used > 0, places, _SINGLY) << 6).tolist()
    return runs
