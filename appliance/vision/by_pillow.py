"""Everything that Pillow reads: PNG, WebP, AVIF, TIFF, BMP, GIF, HEIC, and JPEG that is out of the ordinary."""

from __future__ import annotations

import cv2
import numpy as np
from PIL import Image, UnidentifiedImageError
from pillow_heif import options, register_heif_opener

from appliance.errors import Unreadable
from appliance.vision.colour import STRIP_PX, Conversion, conversion, profile_of
from appliance.vision.exif import orientation_of, taken_on
from appliance.vision.limits import Limits
from appliance.vision.picture import SEVERAL, Picture, Pixels
from appliance.vision.turn import is_turned, turn, upright_size
from appliance.vision.untrusted import Blank, Untrusted, as_file, blank_in_memory

FORMATS = ("PNG", "WEBP", "TIFF", "AVIF", "BMP", "GIF", "HEIF")
DEEP_GREY = ("I;16", "I;16B", "I;16L", "I", "F")
SEE_THROUGH = ("RGBA", "LA", "PA", "La", "RGBa")

options.THUMBNAILS = options.DEPTH_IMAGES = options.AUX_IMAGES = False
options.DECODE_THREADS = 1
register_heif_opener()
Image.init()


def read(untrusted: Untrusted, limits: Limits, blank: Blank) -> Picture:
    """Decode the first (or main) picture of a file."""
    return flatten(opened(untrusted), limits, blank)


def opened(untrusted: Untrusted) -> Image.Image:
    """Its header, read."""
    try:
        return Image.open(as_file(untrusted), formats=FORMATS)
    except Image.DecompressionBombError as error:
        raise Unreadable("too_many_pixels", "the picture claims more pixels than any camera makes") from error
    except UnidentifiedImageError as error:
        raise Unreadable("damaged", "the picture is damaged and cannot be read") from error


def flatten(image: Image.Image, limits: Limits, blank: Blank, orientation: int | None = None) -> Picture:
    """Upright sRGB pixels of any mode, made strip by strip: beside Pillow's there is no second copy."""
    width, height = image.size
    limits.check_pixels(width, height, limits.other_pixels)
    orientation = orientation or orientation_of(image)
    remarks = (SEVERAL,) if getattr(image, "is_animated", False) and image.format != "MPO" else ()
    factor, how = limits.shrink(width, height), conversion(profile_of(image))
    image.load()
    make = blank_in_memory if is_turned(orientation) else blank
    pixels = make(-(-height // factor), -(-width // factor))
    _fill(pixels, image, factor, how)
    size = upright_size(width, height, orientation)
    return Picture(turn(pixels, orientation, blank), *size, remarks, taken_on(image))


def _fill(pixels: Pixels, image: Image.Image, factor: int, how: Conversion | None) -> None:
    deepest = _deepest(image)
    step = max(1, STRIP_PX // (image.width * factor)) * factor
    for top in range(0, image.height, step):
        strip = image.crop((0, top, image.width, min(top + step, image.height)))
        rgb = np.asarray(_as_rgb(strip, image, how, deepest))
        there = pixels[top // factor : top // factor + -(-strip.height // factor)]
        if factor > 1:
            rgb = cv2.resize(rgb, (there.shape[1], there.shape[0]), interpolation=cv2.INTER_AREA).astype(np.uint8)
        there[:] = rgb[:, :, ::-1]


def _as_rgb(strip: Image.Image, whole: Image.Image, how: Conversion | None, deepest: float) -> Image.Image:
    """8 bits, on white, in sRGB. deepest: the greatest value in the whole picture, where that is not at most 255."""
    if strip.mode in DEEP_GREY:
        strip = Image.fromarray(_to_8_bits(np.asarray(strip), deepest))
    if strip.mode in SEE_THROUGH or "transparency" in whole.info:
        if "transparency" in whole.info:
            strip.info["transparency"] = whole.info["transparency"]
        see_through = strip.convert("RGBA")
        strip = Image.new("RGBA", see_through.size, (255, 255, 255, 255))
        strip.alpha_composite(see_through)
        grey = whole.mode in ("LA", "La", "L")
        strip = strip.convert("L" if grey else "RGB")
    if how is None:
        return strip.convert("RGB")
    if strip.mode not in ("L", "CMYK"):
        strip = strip.convert("RGB")
    return how.apply(strip) if how.mode == strip.mode else strip.convert("RGB")


def _deepest(image: Image.Image) -> float:
    """The greatest value of a picture of deep greys: tells 8 bits in a wide type, 16 bits, and 0 to 1 apart."""
    if image.mode not in DEEP_GREY:
        return 255.0
    step = max(1, STRIP_PX // image.width)
    strips = (image.crop((0, t, image.width, min(t + step, image.height))) for t in range(0, image.height, step))
    return max(float(np.nan_to_num(np.asarray(s)).max(initial=0)) for s in strips)


def _to_8_bits(deep: np.ndarray[tuple[int, ...], np.dtype[np.generic]], deepest: float) -> Pixels:
    values = np.nan_to_num(deep.astype(np.float32))
    if deepest <= 1:
        values = values * 255
    elif deepest > 255:
        values = np.floor(values / 256)
    return values.clip(0, 255).astype(np.uint8)
