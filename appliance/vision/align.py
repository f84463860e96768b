"""Brings a face to where the embedder expects it: eyes, nose and mouth at fixed places in a 112 × 112 picture."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from appliance.domain.face import Detection
from appliance.vision.picture import Picture
from appliance.vision.runtime import Pixels

Doubles = npt.NDArray[np.float64]

SIDE = 112
TEMPLATE = np.array(
    [(38.2946, 51.6963), (73.5318, 51.5014), (56.0252, 71.7366), (41.5493, 92.3655), (70.7299, 92.2041)], np.float64
)
"""Where the five landmarks come to lie, x and y in pixels. Source: ArcFace (arXiv 1801.07698), as SFace was trained."""


def align(picture: Picture, face: Detection) -> Pixels:
    """The face as uint8 [112, 112, 3] BGR, by the similarity transform that fits the landmarks best."""
    landmarks = np.array(face.landmarks, np.float64) * picture.scale
    matrix = similarity(landmarks, TEMPLATE)
    scale = float(np.sqrt(abs(np.linalg.det(matrix[:, :2]))))
    crop, matrix = _around(picture.pixels, landmarks, matrix, scale)
    warped = cv2.warpAffine(crop, matrix, (SIDE, SIDE), flags=cv2.INTER_LINEAR, borderValue=(0, 0, 0))
    return warped.astype(np.uint8, copy=False)


def similarity(source: Doubles, target: Doubles) -> Doubles:
    """The least-squares rotation, scale and shift from source to target points, float64 [2, 3]; no reflection.

    In the plane, with points as complex numbers, this is the regression t = a s + b, with a = Σ s* t / Σ |s|² of the
    centred points: the same transform as S. Umeyama's (IEEE PAMI 13(4), 1991), without his singular values.
    """
    s, t = source @ (1, 1j), target @ (1, 1j)
    mean_s, mean_t = s.mean(), t.mean()
    s = s - mean_s
    a = np.vdot(s, t) / max(np.vdot(s, s).real, 1e-9)
    b = mean_t - a * mean_s
    return np.array([(a.real, -a.imag, b.real), (a.imag, a.real, b.imag)])


def _around(pixels: Pixels, landmarks: Doubles, matrix: Doubles, scale: float) -> tuple[Pixels, Doubles]:
    """Only the surroundings of the face; shrunk by area first where the face is over twice too large, or it aliases."""
    reach = SIDE * 1.2 / max(scale, 1e-6)
    x, y = landmarks.mean(0)
    left, top = max(0, int(x - reach)), max(0, int(y - reach))
    crop = pixels[top : int(y + reach) + 1, left : int(x + reach) + 1]
    if crop.size == 0:
        return np.zeros((1, 1, 3), np.uint8), matrix
    matrix = matrix.copy()
    matrix[:, 2] += matrix[:, :2] @ (left, top)
    if scale < 0.5:
        factor = 2 * scale
        size = (max(1, round(crop.shape[1] * factor)), max(1, round(crop.shape[0] * factor)))
        matrix[:, :2] /= np.array([size[0] / crop.shape[1], size[1] / crop.shape[0]])
        crop = cv2.resize(crop, size, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)
    return crop, matrix
