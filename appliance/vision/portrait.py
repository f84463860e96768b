"""Measures how good a portrait is. What is good enough, the domain says."""

from __future__ import annotations

import math
from collections.abc import Sequence

import cv2
import numpy as np

from appliance.domain.face import Detection, roll_of
from appliance.domain.portrait import Measured
from appliance.vision.align import TEMPLATE, align
from appliance.vision.picture import Picture
from appliance.vision.runtime import Floats

PORTRAIT_SCORE = 0.6
"""What scores less is no face that a portrait could be refused for, or made a template from."""
FACE = np.s_[30:108, 24:88]
CHEEKS = (np.s_[66:80, 30:44], np.s_[66:80, 68:82])
EYE_ACROSS, EYE_DOWN = 13, 8
"""Places in the aligned face of 112 px: the face without hair, the cheeks, and how far an eye's surroundings reach."""


def largest(faces: Sequence[Detection]) -> list[Detection]:
    """The faces that count in a portrait, the largest first."""
    return sorted((f for f in faces if f.score >= PORTRAIT_SCORE), key=lambda f: -f.box.area)


def measure(picture: Picture, faces: Sequence[Detection]) -> Measured | None:
    """What can be said of the largest of these faces; None where there is none."""
    counted = largest(faces)
    if not counted:
        return None
    face = counted[0]
    second = counted[1].box.area / face.box.area if len(counted) > 1 else 0.0
    aside, down, narrow = _pose(face)
    grey = cv2.cvtColor(align(picture, face), cv2.COLOR_BGR2GRAY).astype(np.float32)
    laplacian = cv2.Laplacian(grey, cv2.CV_32F)[FACE]
    sharpness = float(laplacian.var() / max(float(grey[FACE].var()), 1.0))
    left, right = (_eye(grey, int(x), int(y)) for x, y in TEMPLATE[:2])
    return Measured(
        face.box.w * picture.scale[0], second, math.degrees(roll_of(face)), aside, down, narrow, sharpness,
        (left[0], right[0]), min(left[1], right[1]), face.score,
    )  # fmt: skip


def _pose(face: Detection) -> tuple[float, float, float]:
    """Where the nose tip lies beside the line from eyes to mouth, and along it; and how long that line is.

    The line goes from between the eyes to between the mouth corners.
    Beside: in distances between the eyes, positive to the right in the picture of an upright face. Along: 0 at the
    eyes, 1 at the mouth. The length is in distances between the eyes.
    """
    left, right, nose, *mouth = (complex(*p) for p in face.landmarks)
    eyes, lips = (left + right) / 2, sum(mouth) / 2
    across, axis = right - left, lips - eyes
    apart = max(abs(across), 1e-6)
    off = nose - eyes
    down = (off * axis.conjugate()).real / max(abs(axis) ** 2, 1e-6)
    rest = off - down * axis
    return (rest * across.conjugate()).real / apart**2, down, abs(axis) / apart


def _eye(grey: Floats, x: int, y: int) -> tuple[float, float]:
    """Around one eye, in units of the cheeks' brightness: the mean gradient, and how light the lightest tenth is."""
    patch = grey[y - EYE_DOWN : y + EYE_DOWN + 1, x - EYE_ACROSS : x + EYE_ACROSS + 1]
    cheeks = float(np.median(np.concatenate([grey[c].ravel() for c in CHEEKS]))) + 1
    slope = np.hypot(cv2.Sobel(patch, cv2.CV_32F, 1, 0), cv2.Sobel(patch, cv2.CV_32F, 0, 1))
    return float(slope.mean()) / cheeks, float(np.percentile(patch, 90)) / cheeks
