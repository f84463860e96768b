"""Colour profiles made here: Display P3, a linear grey, and a CMYK in which every ink is grey."""

import struct
from itertools import product

P3 = ((0.51512, 0.24120, -0.00105), (0.29198, 0.69225, 0.04189), (0.15710, 0.06657, 0.78407))
"""XYZ (D50) of its red, green and blue."""
D50 = (0.9642, 1.0, 0.8249)
GAMMA = 2.2


def display_p3() -> bytes:
    """Its primaries, with a plain gamma of 2.2."""
    colours = {f"{n}XYZ": _xyz(xyz) for n, xyz in zip("rgb", P3, strict=True)}
    curves = {f"{n}TRC": _curve(GAMMA) for n in "rgb"}
    return _profile("RGB ", "XYZ ", {**colours, **curves, "wtpt": _xyz(D50)})


def linear_grey() -> bytes:
    return _profile("GRAY", "XYZ ", {"wtpt": _xyz(D50), "kTRC": _curve(1.0)})


def grey_inks() -> bytes:
    """CMYK in which cyan, magenta and yellow darken alike, and colour nothing."""
    table = b"".join(
        struct.pack("3B", round(255 * (1 - k) * (1 - (c + m + y) / 3)), 128, 128)
        for c, m, y, k in product((0, 1), repeat=4)
    )
    straight = bytes(range(256))
    unit = struct.pack(">9i", *(65536 if i in (0, 4, 8) else 0 for i in range(9)))
    lut = b"mft1" + bytes(4) + struct.pack("4B", 4, 3, 2, 0) + unit + straight * 4 + table + straight * 3
    return _profile("CMYK", "Lab ", {"wtpt": _xyz(D50), "A2B0": lut}, kind="prtr")


def _profile(space: str, connection: str, tags: dict[str, bytes], kind: str = "mntr") -> bytes:
    tags = {"desc": _text("made for a test"), **tags}
    body, index, at = b"", struct.pack(">I", len(tags)), 128 + 4 + 12 * len(tags)
    for name, data in tags.items():
        index += struct.pack(">4sII", name.encode(), at + len(body), len(data))
        body += data + bytes(-len(data) % 4)
    head = struct.pack(
        ">I4sI4s4s4s6H4s4sIIIQI3I", at + len(body), b"none", 0x02400000, kind.encode(), space.encode(),
        connection.encode(), 2026, 1, 1, 0, 0, 0, b"acsp", b"APPL", 0, 0, 0, 0, 0, *(round(v * 65536) for v in D50),
    )  # fmt: skip
    return head + bytes(128 - len(head)) + index + body


def _xyz(values: tuple[float, float, float]) -> bytes:
    return b"XYZ \0\0\0\0" + struct.pack(">3i", *(round(v * 65536) for v in values))


def _curve(gamma: float) -> bytes:
    return b"curv\0\0\0\0" + struct.pack(">IH", 1, round(gamma * 256))


def _text(words: str) -> bytes:
    ascii_words = words.encode() + b"\0"
    return b"desc\0\0\0\0" + struct.pack(">I", len(ascii_words)) + ascii_words + bytes(78)
