"""The fixed tables of the files that our encoder writes: quantisation and Huffman tables of ITU-T T.81, Annex K.

They never follow the picture: an encoder that made its own tables would write into them what the picture is like.
"""

from __future__ import annotations

from collections.abc import Iterator

from appliance.domain.channel import HIGHEST_QUALITY, LOWEST_QUALITY

_LUMA = (
    16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22, 29, 51,
    87, 80, 62, 18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92, 49, 64, 78, 87, 103, 121, 120, 101,
    72, 92, 95, 98, 112, 100, 103, 99,
)  # fmt: skip
_CHROMA = (
    17, 18, 24, 47, 99, 99, 99, 99, 18, 21, 26, 66, 99, 99, 99, 99, 24, 26, 56, 99, 99, 99, 99, 99, 47, 66, *[99] * 38,
)  # fmt: skip
"""Tables K.1 and K.2, row by row."""
_ZIGZAG = sorted(range(64), key=lambda i: (i // 8 + i % 8, i // 8 if (i // 8 + i % 8) % 2 else i % 8))
"""Figure A.6: where the n-th coefficient of a file stands in its block."""


def quantisation(quality: int) -> tuple[bytes, bytes]:
    """The two DQT payloads for brightness and colour, Annex K's as libjpeg scales them for a quality of 50 or more."""
    scale = 200 - 2 * quality
    luma, chroma = (
        bytes(min(max((table[i] * scale + 50) // 100, 1), 255) for i in _ZIGZAG) for table in (_LUMA, _CHROMA)
    )
    return b"\x00" + luma, b"\x01" + chroma


QUALITIES = {quantisation(q): q for q in range(HIGHEST_QUALITY, LOWEST_QUALITY - 1, -1)}
"""Quality by the pair of DQT payloads."""

DC_LUMA = bytes.fromhex("00 00010501010101010100000000000000 000102030405060708090a0b")
DC_CHROMA = bytes.fromhex("01 00030101010101010101010000000000 000102030405060708090a0b")
AC_LUMA = bytes.fromhex(
    "10 0002010303020403050504040000017d 01020300041105122131410613516107227114328191a1082342b1c11552d1f0"
    "2433627282090a161718191a25262728292a3435363738393a434445464748494a535455565758595a636465666768696a"
    "737475767778797a838485868788898a92939495969798999aa2a3a4a5a6a7a8a9aab2b3b4b5b6b7b8b9bac2c3c4c5c6c7"
    "c8c9cad2d3d4d5d6d7d8d9dae1e2e3e4e5e6e7e8e9eaf1f2f3f4f5f6f7f8f9fa"
)
AC_CHROMA = bytes.fromhex(
    "11 00020102040403040705040400010277 000102031104052131061241510761711322328108144291a1b1c109233352f0"
    "156272d10a162434e125f11718191a262728292a35363738393a434445464748494a535455565758595a63646566676869"
    "6a737475767778797a82838485868788898a92939495969798999aa2a3a4a5a6a7a8a9aab2b3b4b5b6b7b8b9bac2c3c4c5"
    "c6c7c8c9cad2d3d4d5d6d7d8d9dae2e3e4e5e6e7e8e9eaf2f3f4f5f6f7f8f9fa"
)
"""DHT payloads of tables K.3 to K.6: class and destination, how many codes of each length, their symbols."""


def codes(table: bytes) -> Iterator[tuple[int, int, int]]:
    """Each code of a DHT payload: symbol, code, its length in bits (T.81, Annex C)."""
    symbols = iter(table[17:])
    code = 0
    for length, count in enumerate(table[1:17], start=1):
        for _ in range(count):
            yield next(symbols), code, length
            code += 1
        code <<= 1
