"""What decoding ends in: upright pixels, and how large the original was. Imports no decoder."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.uint8]

SEVERAL = "one_of_several_pictures"
PREVIEW = "preview_of_raw"
REMARKS = (SEVERAL, PREVIEW)
"""What may be said of a picture beside its pixels: it is the first page of several; it is a RAW's embedded preview."""


@dataclass(frozen=True, slots=True)
class Picture:
    """An upright picture. pixels: uint8 [H, W, 3], BGR, sRGB. width, height: of the upright full-size original.

    taken_on: the day that the camera wrote into it; None where there is none that can be read.
    """

    pixels: Pixels
    width: int
    height: int
    remarks: tuple[str, ...] = ()
    taken_on: date | None = None

    @property
    def scale(self) -> tuple[float, float]:
        """Decoded pixels per original pixel, across and down."""
        return self.pixels.shape[1] / self.width, self.pixels.shape[0] / self.height
