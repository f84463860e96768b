"""A camera RAW made here: a DNG with a mosaic and, if asked for, a JPEG preview in it, as cameras write them."""

import struct
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

BYTE, ASCII, SHORT, LONG, RATIONAL, SRATIONAL = 1, 2, 3, 4, 5, 10
_PACK = {BYTE: "B", ASCII: "B", SHORT: "H", LONG: "I", RATIONAL: "II", SRATIONAL: "ii"}
Tag = tuple[int, int, Sequence[int]]


def dng(
    rgb: npt.NDArray[np.uint8], *, orientation: int = 1, preview: bytes = b"", preview_size: tuple[int, int] = (0, 0)
) -> bytes:
    """A DNG of a picture [h, w, 3] (even sides): red, green, green, blue in squares of four, 16 bits each."""
    height, width = rgb.shape[:2]
    linear = ((rgb / 255.0) ** 2.2 * 60_000).astype("<u2")
    mosaic = np.empty((height, width), "<u2")
    for y, x, channel in ((0, 0, 0), (0, 1, 1), (1, 0, 1), (1, 1, 2)):
        mosaic[y::2, x::2] = linear[y::2, x::2, channel]
    data = mosaic.tobytes()
    start = 8
    after = start + len(data) + len(preview)
    neutral = [1, 1, 1, 1, 1, 1]
    matrix = [
        v
        for row in ((32406, -15372, -4986), (-9689, 18758, 415), (557, -2040, 10570))
        for n in row
        for v in (n, 10_000)
    ]
    tags: list[Tag] = [
        (254, LONG, [0]), (256, LONG, [width]), (257, LONG, [height]), (258, SHORT, [16]), (259, SHORT, [1]),
        (262, SHORT, [32803]), (271, ASCII, b"Test\0"), (272, ASCII, b"Box\0"), (273, LONG, [start]),
        (274, SHORT, [orientation]), (277, SHORT, [1]), (278, LONG, [height]), (279, LONG, [len(data)]),
        (284, SHORT, [1]), (33421, SHORT, [2, 2]), (33422, BYTE, [0, 1, 1, 2]), (50706, BYTE, [1, 4, 0, 0]),
        (50708, ASCII, b"Test Box\0"), (50717, LONG, [60_000]), (50721, SRATIONAL, matrix),
        (50728, RATIONAL, neutral), (50778, SHORT, [21]),
    ]  # fmt: skip
    pages = [tags]
    if preview:
        pages[0] = sorted([*tags, (330, LONG, [0])])
        wide, high = preview_size
        page: list[Tag] = [
            (254, LONG, [1]), (256, LONG, [wide]), (257, LONG, [high]), (258, SHORT, [8, 8, 8]), (259, SHORT, [7]),
            (262, SHORT, [6]), (273, LONG, [start + len(data)]), (277, SHORT, [3]), (278, LONG, [high]),
            (279, LONG, [len(preview)]),
        ]  # fmt: skip
        pages.append(page)
    return _tiff(pages, data + preview, after)


def _tiff(pages: list[list[Tag]], data: bytes, after: int) -> bytes:
    """The first page with the others as its sub-pages, behind the data."""
    sub = after + _length(pages[0])
    first = [(t, k, [sub] if t == 330 else v) for t, k, v in pages[0]]
    body = _page(sorted(first), after) + b"".join(_page(p, sub) for p in pages[1:])
    return struct.pack("<2sHI", b"II", 42, after) + data + body


def _length(tags: list[Tag]) -> int:
    return len(_page(sorted(tags), 0))


def _page(tags: list[Tag], at: int) -> bytes:
    extra_at, entries, extra = at + 2 + 12 * len(tags) + 4, b"", b""
    for tag, kind, values in tags:
        packed = b"".join(
            struct.pack("<" + _PACK[kind], *values[i : i + len(_PACK[kind])])
            for i in range(0, len(values), len(_PACK[kind]))
        )
        count = len(values) // len(_PACK[kind])
        if len(packed) > 4:
            entries += struct.pack("<HHII", tag, kind, count, extra_at + len(extra))
            extra += packed + b"\0" * (len(packed) % 2)
        else:
            entries += struct.pack("<HHI4s", tag, kind, count, packed)
    return struct.pack("<H", len(tags)) + entries + bytes(4) + extra
