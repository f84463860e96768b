"""Files of each format made here: sound ones that must be read, and unsound ones that must be refused."""

from collections.abc import Iterator

import numpy as np
import pillow_heif
from PIL import Image

from tests.vision.dng import dng
from tests.vision.hard import noise, saved, with_frame
from tests.vision.icc import display_p3

pillow_heif.register_heif_opener()
KINDS = ("JPEG", "PNG", "WEBP", "AVIF", "TIFF", "HEIF", "GIF", "BMP")

SLOWLY_WRITTEN = ("AVIF", "HEIF", "WEBP", "GIF")


def sound() -> Iterator[tuple[str, bytes]]:
    """Small and large, grey and see-through, with a profile, turned."""
    exif = Image.Exif()
    exif[0x0112] = 6
    for kind in KINDS:
        large = (1000, 700) if kind in SLOWLY_WRITTEN else (4000, 3000)
        for size in ((1, 1), (640, 427), large):
            yield f"{kind} {size}", saved(noise(*size), kind)
        yield f"{kind} grey", saved(noise(90, 60).convert("L"), kind)
    for kind in ("PNG", "WEBP", "TIFF", "AVIF", "HEIF"):
        yield f"{kind} see-through", saved(noise(90, 60).convert("RGBA"), kind)
    for kind in ("JPEG", "PNG", "WEBP", "TIFF", "AVIF", "HEIF"):
        yield f"{kind} P3, turned", saved(noise(900, 600), kind, icc_profile=display_p3(), exif=exif)
    yield "JPEG progressive", saved(noise(3000, 2000), "JPEG", progressive=True)
    yield "JPEG CMYK", saved(noise(900, 600).convert("CMYK"), "JPEG")
    yield "JPEG 24 MP", saved(noise(6000, 4000), "JPEG")
    yield "DNG", dng(np.asarray(noise(900, 600)))
    yield "DNG 12 MP", dng(np.asarray(noise(4000, 3000)))


def unsound() -> Iterator[tuple[str, bytes]]:
    """Cut short, other kinds of JPEG, bombs, and what is no picture."""
    for kind in KINDS:
        whole = saved(noise(200, 150), kind)
        for share in (0.1, 0.3, 0.6, 0.95):
            yield f"{kind} cut at {share}", whole[: int(len(whole) * share)]
    raw = dng(np.asarray(noise(200, 150)))
    yield from ((f"DNG cut at {share}", raw[: int(len(raw) * share)]) for share in (0.1, 0.5, 0.95))
    yield from ((f"JPEG {m:x} {b}", with_frame(m, b)) for m, b in ((0xC0, 12), (0xC3, 8), (0xC9, 8), (0xC5, 8)))
    yield "PNG bomb", saved(Image.new("1", (30_000, 30_000)), "PNG")
    yield "GIF bomb", saved(Image.new("P", (60_000, 2_000)), "GIF")
    yield "BMP that claims the world", b"BM" + bytes(16) + (60_000).to_bytes(4, "little") * 2 + bytes(60)
    yield from (("nothing", b""), ("PDF", b"%PDF-1.7 " * 50), ("video", b"\0\0\0\x18ftypisom" + bytes(500)))
