"""Colours by a picture's own ICC profile, as sRGB (LittleCMS). A profile that cannot be used is treated as sRGB."""

from __future__ import annotations

import io
from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image, ImageCms

from appliance.vision.picture import Pixels

STRIP_PX = 1 << 20
"""Pixels that are converted at a time: what is in between never needs the memory of a whole picture."""
SPACES = {"RGB": "RGB", "GRAY": "L", "CMYK": "CMYK"}
"""The colour space a profile speaks of, and Pillow's mode for it."""


@dataclass(frozen=True, slots=True)
class Conversion:
    """From pictures of one mode (RGB, L or CMYK) to sRGB."""

    mode: str
    transform: ImageCms.ImageCmsTransform

    def apply(self, image: Image.Image) -> Image.Image:
        """The picture in sRGB, RGB."""
        converted = ImageCms.applyTransform(image, self.transform)
        if converted is None:
            raise ValueError("a transform that was to make a picture made none")
        return converted


def profile_of(image: Image.Image) -> bytes | None:
    """The ICC profile in the file, if it is of a sensible size."""
    profile = image.info.get("icc_profile")
    return profile if isinstance(profile, bytes) and 128 < len(profile) < 4_000_000 else None


def conversion(profile: bytes | None) -> Conversion | None:
    """How to convert by this profile; None where nothing has to be: there is none, it is sRGB, or it makes no sense."""
    if profile is None:
        return None
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        mode = SPACES.get(source.profile.xcolor_space.strip())
        if mode is None or (mode == "RGB" and "sRGB" in ImageCms.getProfileDescription(source)):
            return None
        transform = ImageCms.buildTransform(
            source, ImageCms.createProfile("sRGB"), mode, "RGB", ImageCms.Intent.RELATIVE_COLORIMETRIC,
            ImageCms.Flags.BLACKPOINTCOMPENSATION,
        )  # fmt: skip
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return None
    return Conversion(mode, transform)


def convert_bgr(pixels: Pixels, profile: bytes | None, *, grey: bool) -> None:
    """Convert BGR pixels in place. grey: the three channels are one, and the profile may be of greys."""
    how = conversion(profile)
    if how is None or how.mode != ("L" if grey else "RGB"):
        return
    step = max(1, STRIP_PX // pixels.shape[1])
    for top in range(0, pixels.shape[0], step):
        strip = pixels[top : top + step]
        code = cv2.COLOR_BGR2GRAY if grey else cv2.COLOR_BGR2RGB
        converted = how.apply(Image.fromarray(cv2.cvtColor(strip, code).astype(np.uint8, copy=False)))
        strip[:] = np.asarray(converted)[:, :, ::-1]
