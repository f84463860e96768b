"""Strangers' bytes in, upright pixels out, within limits. Everything read here is untrusted until it is pixels."""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass

import cv2
import numpy as np
import simplejpeg
from PIL import Image, ImageCms, UnidentifiedImageError

from appliance.errors import Parked, Unreadable
from appliance.vision.runtime import Pixels

cv2.setNumThreads(1)


@dataclass(frozen=True, slots=True)
class Limits:
    """What a picture may cost. half_from_px: a JPEG with a longer side is decoded at half its size or less."""

    bytes: int = 400_000_000
    jpeg_pixels: int = 220_000_000
    other_pixels: int = 60_000_000
    side_px: int = 40_000
    half_from_px: int = 4400


@dataclass(frozen=True, slots=True)
class Picture:
    """An upright picture. pixels: uint8 [H, W, 3], BGR, sRGB. width, height: of the upright full-size original."""

    pixels: Pixels
    width: int
    height: int

    @property
    def scale(self) -> tuple[float, float]:
        """Decoded pixels per original pixel, across and down."""
        return self.pixels.shape[1] / self.width, self.pixels.shape[0] / self.height


PHOTO_BRANDS = (b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1", b"crx ")
READ_BY_PILLOW = ("PNG", "WEBP", "TIFF", "AVIF", "BMP", "GIF")
MAGIC = (
    (0, b"\xff\xd8\xff", "jpeg"), (0, b"\x89PNG", "png"), (0, b"GIF8", "gif"), (0, b"BM", "bmp"), (8, b"WEBP", "webp"),
    (0, b"FUJI", "raw"), (0, b"IIRO", "raw"), (0, b"IIU\x00", "raw"), (0, b"\x00MRM", "raw"), (8, b"CR\x02", "raw"),
    (0, b"II*\x00", "tiff"), (0, b"MM\x00*", "tiff"), (0, b"II+\x00", "tiff"), (0, b"MM\x00+", "tiff"),
    (8, b"AVI ", "video"), (0, b"\x00\x00\x01\xba", "video"), (0, b"\x00\x00\x01\xb3", "video"),
    (0, b"\x1aE\xdf\xa3", "video"), (0, b"FLV\x01", "video"), (0, b"OggS", "video"), (4, b"moov", "video"),
    (4, b"mdat", "video"),
)  # fmt: skip
"""Offset, bytes there, and what that is; the first that fits counts."""


def kind_of(head: bytes) -> str:
    """A word for what the first bytes look like: jpeg, png, webp, avif, tiff, bmp, gif, heic, raw, video, or other."""
    if head[4:8] == b"ftyp":
        return _iso_kind(head)
    return next((kind for at, magic, kind in MAGIC if head.startswith(magic, at)), "other")


def decode(untrusted: bytes, limits: Limits | None = None) -> Picture:
    """Decode to upright sRGB pixels: a large JPEG at half (or a quarter of) its size, everything else in full.

    Raises Parked for what is sound but not processed, Unreadable for what cannot or must not be read.
    """
    limits = limits or Limits()
    if len(untrusted) > limits.bytes:
        raise Unreadable("too_large", "the file is larger than any photo should be")
    if not untrusted:
        raise Unreadable("empty", "the file is empty")
    kind = kind_of(untrusted[:64])
    if kind in ("video", "heic", "raw", "other"):
        raise Parked(_PARKED[kind], f"{kind} is not processed")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return _decode_jpeg(untrusted, limits) if kind == "jpeg" else _decode_by_pillow(untrusted, limits)
    except (Parked, Unreadable):
        raise
    except MemoryError as error:
        raise Unreadable("too_large", "the picture needs more memory than there is") from error
    except Exception as error:  # decoders fail on hostile bytes in ways of their own; each of them means the same
        raise Unreadable("damaged", "the picture is damaged and cannot be read") from error


_PARKED = {"video": "video", "heic": "heic_not_read_yet", "raw": "raw_not_read_yet", "other": "not_a_photo"}


def _iso_kind(head: bytes) -> str:
    brand = head[8:12]
    if brand in (b"avif", b"avis"):
        return "avif"
    return "heic" if brand in PHOTO_BRANDS else "video"


def _decode_jpeg(untrusted: bytes, limits: Limits) -> Picture:
    """By libjpeg-turbo where it reads the file without a complaint; unusual files by Pillow, in full."""
    header = Image.open(io.BytesIO(untrusted), formats=("JPEG", "MPO"))
    width, height = header.size
    _within(width, height, limits.jpeg_pixels, limits)
    factor = _shrink(max(width, height), limits)
    pixels = _by_turbo(untrusted, -(-height // factor), -(-width // factor), factor)
    if pixels is None:
        _within(width, height, limits.other_pixels, limits)
        pixels = _flatten(header)
    return _finish(pixels, _orientation(header), (width, height), _profile(header))


def _by_turbo(untrusted: bytes, height: int, width: int, factor: int) -> Pixels | None:
    """The picture at 1/factor of its size; None where libjpeg-turbo finds anything out of the ordinary."""
    try:
        if simplejpeg.decode_jpeg_header(untrusted)[2] not in ("YCbCr", "Gray", "RGB"):
            return None
        pixels: Pixels = simplejpeg.decode_jpeg(
            untrusted, "BGR", min_height=height, min_width=width, min_factor=factor, strict=True
        )
    except ValueError as error:
        if "Premature end" in str(error):
            raise Unreadable("truncated", "the JPEG ends too early; copy it from the card again") from error
        return None
    return pixels


def _shrink(longest: int, limits: Limits) -> int:
    factor = 1
    while longest / factor > limits.half_from_px and factor < 8:
        factor *= 2
    return factor


def _decode_by_pillow(untrusted: bytes, limits: Limits) -> Picture:
    try:
        image = Image.open(io.BytesIO(untrusted), formats=READ_BY_PILLOW)
    except Image.DecompressionBombError as error:
        raise Unreadable("too_many_pixels", "the picture claims more pixels than any camera makes") from error
    except UnidentifiedImageError as error:
        raise Unreadable("damaged", "the picture is damaged and cannot be read") from error
    _within(*image.size, limits.other_pixels, limits)
    if image.format == "TIFF" and _is_raw(image):
        raise Parked("raw_not_read_yet", "camera RAW is not processed yet")
    orientation, profile = _orientation(image), _profile(image)
    return _finish(_flatten(image), orientation, image.size, profile)


def _is_raw(image: Image.Image) -> bool:
    """Whether it is a camera RAW: a mosaic (photometric 32803), a DNG version tag, or pages within pages."""
    tags = getattr(image, "tag_v2", {})
    return 50706 in tags or tags.get(262) in (32803, 34892) or 330 in tags


def _within(width: int, height: int, pixels: int, limits: Limits) -> None:
    if width * height > pixels or max(width, height) > limits.side_px:
        raise Unreadable("too_many_pixels", "the picture claims more pixels than any camera makes")
    if min(width, height) < 1:
        raise Unreadable("damaged", "the picture has no pixels")


def _flatten(image: Image.Image) -> Pixels:
    """Any mode to BGR; what is transparent becomes white; 16 bit become 8."""
    if image.mode in ("I;16", "I;16B", "I;16L", "I"):
        deep = np.asarray(image).astype(np.int64)
        grey = (deep >> 8).clip(0, 255).astype(np.uint8) if deep.max(initial=0) > 255 else deep.astype(np.uint8)
        return cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR).astype(np.uint8, copy=False)
    if image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info:
        see_through = image.convert("RGBA")
        image = Image.new("RGBA", see_through.size, (255, 255, 255, 255))
        image.alpha_composite(see_through)
    rgb = np.asarray(image.convert("RGB"))
    return np.ascontiguousarray(rgb[:, :, ::-1])


def _orientation(image: Image.Image) -> int:
    try:
        value = image.getexif().get(0x0112, 1)
    except Exception:  # noqa: BLE001  broken EXIF is common and says nothing about the pixels
        return 1
    return value if value in range(1, 9) else 1


def _profile(image: Image.Image) -> bytes | None:
    profile = image.info.get("icc_profile")
    return profile if isinstance(profile, bytes) and 128 < len(profile) < 4_000_000 else None


def _finish(pixels: Pixels, orientation: int, stored: tuple[int, int], profile: bytes | None) -> Picture:
    upright = _upright(_to_srgb(pixels, profile), orientation)
    width, height = stored if orientation < 5 else stored[::-1]
    return Picture(upright, width, height)


def _to_srgb(pixels: Pixels, profile: bytes | None) -> Pixels:
    """Colours by the picture's own profile, as sRGB. A profile that cannot be used is treated as sRGB."""
    if profile is None:
        return pixels
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        described = ImageCms.getProfileDescription(source)
        if "sRGB" in described:
            return pixels
        image = Image.fromarray(np.ascontiguousarray(pixels[:, :, ::-1]))
        converted = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError):
        return pixels
    return np.ascontiguousarray(np.asarray(converted)[:, :, ::-1])


def _upright(pixels: Pixels, orientation: int) -> Pixels:
    """As a viewer that honours EXIF orientation (1 to 8) shows it; one pass over the picture, two for 7.

    The pixels are this module's own: what is only mirrored is mirrored in place, in a quarter of the time.
    """
    if orientation == 1:
        return pixels
    if orientation in (2, 3, 4):
        return _flipped(pixels, {2: 1, 3: -1, 4: 0}[orientation])
    if orientation in (6, 8):
        turn = cv2.ROTATE_90_CLOCKWISE if orientation == 6 else cv2.ROTATE_90_COUNTERCLOCKWISE
        return cv2.rotate(pixels, turn).astype(np.uint8, copy=False)
    mirrored = cv2.transpose(pixels).astype(np.uint8, copy=False)
    return mirrored if orientation == 5 else _flipped(mirrored, -1)


def _flipped(pixels: Pixels, axis: int) -> Pixels:
    """In place. axis: as OpenCV has it, 0 for upside down, 1 for left to right, -1 for both."""
    return cv2.flip(pixels, axis, dst=pixels).astype(np.uint8, copy=False)
