"""A slow, plain JPEG entropy codec, written from T.81 alone: the judge of the product's walker. Tests only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import simplejpeg

Block = list[int]
"""64 quantised coefficients in zigzag order, the first as its difference from the mean before it."""

_START = 623
"""Our header's length: SOI, APP0 18, two DQT 69, SOF0 19, DHT 33 + 183 + 33 + 183, SOS 14."""


def jpeg(pixels: np.ndarray, quality: int = 85) -> bytes:
    """What the product's encoder writes, by the library alone."""
    data: bytes = simplejpeg.encode_jpeg(
        np.ascontiguousarray(pixels), quality=quality, colorspace="BGR", colorsubsampling="420", fastdct=False
    )
    return data


@dataclass(frozen=True)
class Picture:
    header: bytes
    width: int
    height: int
    blocks: list[Block]


class NotCanonical(Exception):
    """The bits are no blocks."""


def read(data: bytes) -> Picture:
    """All blocks of a file with our header, whatever way they are written; NotCanonical if they cannot be read."""
    header, scan = data[:_START], data[_START:-2]
    tables = {t: _codes(header, t) for t in (0x00, 0x10, 0x01, 0x11)}
    height, width = (int.from_bytes(header[at : at + 2], "big") for at in (163, 165))
    bits = _bits(scan.replace(b"\xff\x00", b"\xff"))
    mcus = -(-width // 16) * -(-height // 16)
    try:
        blocks = [_block(bits, tables, 0 if b < 4 else 1) for _ in range(mcus) for b in range(6)]
    except StopIteration:
        raise NotCanonical from None
    except RuntimeError as error:  # a generator turns the end of the bits into this
        raise NotCanonical from error
    return Picture(header, width, height, blocks)


def write(picture: Picture) -> bytes:
    """The one file that our encoder would write of these blocks."""
    tables = {t: {s: (c, n) for (c, n), s in _codes(picture.header, t).items()} for t in (0x00, 0x10, 0x01, 0x11)}
    out: list[str] = []
    for i, block in enumerate(picture.blocks):
        out.extend(_written(block, tables, 0 if i % 6 < 4 else 1))
    text = "".join(out)
    text += "1" * (-len(text) % 8)
    scan = int(text, 2).to_bytes(len(text) // 8, "big").replace(b"\xff", b"\xff\x00")
    return picture.header + scan + b"\xff\xd9"


def blank_beyond_the_edge(picture: Picture) -> bool:
    """Whether blocks of brightness that are wholly outside the picture only repeat the mean before them."""
    across = -(-picture.width // 16)
    for i, block in enumerate(picture.blocks):
        mcu, b = divmod(i, 6)
        x, y = mcu % across * 16 + b % 2 * 8, mcu // across * 16 + b // 2 * 8
        if b < 4 and (x >= picture.width or y >= picture.height) and any(block):
            return False
    return True


def is_ours(data: bytes) -> bool:
    """The judgement: our header is taken as given, everything after it must be as we would write it."""
    try:
        picture = read(data)
    except NotCanonical:
        return False
    return write(picture) == data and blank_beyond_the_edge(picture)


def _codes(header: bytes, table: int) -> dict[tuple[int, int], int]:
    at = 2
    while header[at + 1] != 0xC4 or header[at + 4] != table:
        at += 2 + int.from_bytes(header[at + 2 : at + 4], "big")
    counts, symbols = header[at + 5 : at + 21], header[at + 21 :]
    found, code, n = {}, 0, 0
    for length, count in enumerate(counts, start=1):
        for _ in range(count):
            found[code, length] = symbols[n]
            code, n = code + 1, n + 1
        code <<= 1
    return found


def _bits(data: bytes) -> Iterator[int]:
    return (byte >> (7 - i) & 1 for byte in data for i in range(8))


def _symbol(bits: Iterator[int], codes: dict[tuple[int, int], int]) -> int:
    code = 0
    for length in range(1, 17):
        code = code << 1 | next(bits)
        if (code, length) in codes:
            return codes[code, length]
    raise NotCanonical


def _value(bits: Iterator[int], size: int) -> int:
    raw = 0
    for _ in range(size):
        raw = raw << 1 | next(bits)
    return raw if size == 0 or raw >> (size - 1) else raw - (1 << size) + 1


def _block(bits: Iterator[int], tables: dict[int, dict[tuple[int, int], int]], which: int) -> Block:
    block = [0] * 64
    block[0] = _value(bits, _symbol(bits, tables[which]))
    k = 1
    while k < 64:
        symbol = _symbol(bits, tables[0x10 | which])
        run, size = symbol >> 4, symbol & 15
        if symbol == 0:
            break
        k += run
        if k > 63:
            raise NotCanonical
        block[k] = _value(bits, size)
        k += 1
    return block


def _written(block: Block, tables: dict[int, dict[int, tuple[int, int]]], which: int) -> Iterator[str]:
    size = abs(block[0]).bit_length()
    yield _code(tables[which], size)
    yield _bits_of(block[0], size)
    last = max((k for k in range(1, 64) if block[k]), default=0)
    run = 0
    for k in range(1, last + 1):
        if not block[k]:
            run += 1
            continue
        while run > 15:
            yield _code(tables[0x10 | which], 0xF0)
            run -= 16
        size = abs(block[k]).bit_length()
        yield _code(tables[0x10 | which], run << 4 | size)
        yield _bits_of(block[k], size)
        run = 0
    if last < 63:
        yield _code(tables[0x10 | which], 0)


def _code(codes: dict[int, tuple[int, int]], symbol: int) -> str:
    code, length = codes[symbol]
    return f"{code:0{length}b}"


def _bits_of(value: int, size: int) -> str:
    return f"{value if value > 0 else value + (1 << size) - 1:0{size}b}" if size else ""
