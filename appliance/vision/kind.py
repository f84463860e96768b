"""What the first bytes of a file look like. Says nothing about whether the rest is sound."""

from __future__ import annotations

HEAD = 64
"""How many bytes `kind_of` needs."""

HEIF_BRANDS = (b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1")
MAGIC = (
    (0, b"\xff\xd8\xff\xf7", "jpeg_ls"), (0, b"\xff\xd8\xff", "jpeg"), (0, b"\x89PNG", "png"), (0, b"GIF8", "gif"),
    (0, b"BM", "bmp"), (8, b"WEBP", "webp"), (0, b"FUJIFILM", "raw"), (0, b"IIRO", "raw"), (0, b"IIRS", "raw"),
    (0, b"MMOR", "raw"), (0, b"IIU\x00", "raw"), (0, b"\x00MRM", "raw"), (0, b"FOVb", "raw"), (8, b"CR\x02", "raw"),
    (6, b"HEAPCCDR", "raw"), (0, b"II*\x00", "tiff"), (0, b"MM\x00*", "tiff"), (0, b"II+\x00", "tiff"),
    (0, b"MM\x00+", "tiff"), (0, b"\xff\x0a", "graphic"), (4, b"JXL \r\n\x87\n", "graphic"),
    (4, b"jP  \r\n\x87\n", "graphic"), (0, b"\xff\x4f\xff\x51", "graphic"), (0, b"8BPS", "graphic"),
    (0, b"v/1\x01", "graphic"), (0, b"#?RADIANCE", "graphic"),
    (8, b"AVI ", "video"), (0, b"\x00\x00\x01\xba", "video"), (0, b"\x00\x00\x01\xb3", "video"),
    (0, b"\x1aE\xdf\xa3", "video"), (0, b"FLV\x01", "video"), (0, b"OggS", "video"), (4, b"moov", "video"),
    (4, b"mdat", "video"),
)  # fmt: skip
"""Offset, bytes there, and what that is; the first that fits counts. graphic: a picture of a kind that is not read."""


def kind_of(head: bytes) -> str:
    """A word for it: jpeg, png, webp, avif, tiff, bmp, gif, heic, raw, graphic, jpeg_ls, video, or other."""
    if head[4:8] == b"ftyp":
        return _iso_kind(head)
    return next((kind for at, magic, kind in MAGIC if head.startswith(magic, at)), "other")


def _iso_kind(head: bytes) -> str:
    brand = head[8:12]
    if brand in (b"avif", b"avis"):
        return "avif"
    if brand == b"crx ":
        return "raw"
    if brand in (b"mif1", b"msf1") and b"avif" in head[16:]:
        return "avif"
    return "heic" if brand in HEIF_BRANDS else "video"
