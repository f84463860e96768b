"""Portraits spoilt on purpose, each in one way: blurred, too small, turned, tilted, hidden eyes, two faces."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import cv2
import numpy as np

from appliance.domain.face import Detection
from appliance.vision.runtime import Floats, Pixels

Spoil = Callable[[Pixels, Detection], Pixels]
HEAD, NOSE, NOSE_ACROSS, NOSE_DOWN = 1.45, 0.33, 0.2, 0.28
"""A head's radius, how far the nose stands out of it, how wide and how high a nose is, in eye distances."""
FINER = 3
DARK = 25


def spoilt() -> Mapping[str, Mapping[str, Spoil]]:
    """By reason and strength. Pixels in and out: uint8 [H, W] grey."""
    return {
        "blurred": {f"σ = {s} px": _blurred(s) for s in (1.0, 1.5, 2.0, 3.0, 4.0)},
        "too_small": {f"face {round(94 * s)} px wide": _shrunk(s) for s in (0.75, 0.6, 0.5, 0.4)},
        "turned": {f"{d}° to the side": _turned(d) for d in (15, 30, 45, 60)},
        "tilted": {f"{d}°": _tilted(d) for d in (15, 30, 45, 60, 90)},
        "eyes_hidden": {
            "a black bar": _barred, "a hand (skin over both eyes)": _hand, "dark glasses": _glasses,
            "one eye covered (a patch, hair)": _patch,
        },
    }  # fmt: skip


def beside(one: Pixels, other: Pixels) -> Pixels:
    """Two people in one picture, each as large as before. uint8 [250, 250] grey each."""
    return np.hstack([one[:, 40:210], other[:, 40:210]])


def _blurred(sigma_px: float) -> Spoil:
    return lambda grey, _: _bytes(cv2.GaussianBlur(grey, (0, 0), sigma_px))


def _shrunk(scale: float) -> Spoil:
    return lambda grey, _: _bytes(cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA))


def _tilted(degrees: float) -> Spoil:
    def tilt(grey: Pixels, _: Detection) -> Pixels:
        side = grey.shape[0]
        turn = cv2.getRotationMatrix2D((side / 2, side / 2), -degrees, 1.0)
        return _bytes(cv2.warpAffine(grey, turn, (side, side), borderMode=cv2.BORDER_REPLICATE))

    return tilt


def _turned(degrees: float) -> Spoil:
    """The picture laid on a cylinder with a nose and turned; what comes into sight at the back stays background.

    Painted from the farthest point to the nearest, three times finer than the picture, so that no holes are left.
    """

    def turn(grey: Pixels, face: Detection) -> Pixels:
        (lx, ly), (rx, ry), nose, *_ = face.landmarks
        apart, middle = float(np.hypot(rx - lx, ry - ly)), (lx + rx) / 2
        fine = cv2.resize(grey, None, fx=FINER, fy=FINER, interpolation=cv2.INTER_LINEAR)
        y, x = (a.ravel() / FINER for a in np.mgrid[0 : fine.shape[0], 0 : fine.shape[1]].astype(np.float32))
        across, radius = x - middle, HEAD * apart
        on_head = np.abs(across) < radius
        depth = np.sqrt(np.maximum(radius**2 - across**2, 0))
        bump = ((x - nose[0]) / (NOSE_ACROSS * apart)) ** 2 + ((y - nose[1]) / (NOSE_DOWN * apart)) ** 2
        depth += NOSE * apart * np.exp(-bump / 2)
        angle = np.radians(degrees)
        to_x = middle + across * np.cos(angle) + depth * np.sin(angle)
        near = depth * np.cos(angle) - across * np.sin(angle)
        seen = on_head & (near > 0)
        return _painted(grey, _bytes(fine.ravel()), y, to_x, near, seen)

    return turn


def _painted(grey: Pixels, values: Pixels, y: Floats, to_x: Floats, near: Floats, seen: Pixels) -> Pixels:
    out = cv2.GaussianBlur(cv2.resize(grey, None, fx=FINER, fy=FINER), (0, 0), 40)
    order = np.flatnonzero(seen)[np.argsort(near[np.flatnonzero(seen)])]
    rows = np.clip(np.round(y[order] * FINER).astype(int), 0, out.shape[0] - 1)
    for wider in (0, 1):
        columns = np.clip(np.round(to_x[order] * FINER).astype(int) + wider, 0, out.shape[1] - 1)
        out[rows, columns] = values[order]
    small = cv2.resize(out, (grey.shape[1], grey.shape[0]), interpolation=cv2.INTER_AREA)
    return _bytes(cv2.medianBlur(_bytes(small), 3))


def _barred(grey: Pixels, face: Detection) -> Pixels:
    out = grey.copy()
    cv2.fillPoly(out, [_over_eyes(face)], (DARK,))
    return out


def _hand(grey: Pixels, face: Detection) -> Pixels:
    """Skin from the cheek over both eyes."""
    out, mask = grey.copy(), np.zeros_like(grey)
    cv2.fillPoly(mask, [_over_eyes(face)], (255,))
    (lx, ly), (rx, ry), *_ = face.landmarks
    apart, x, y = abs(rx - lx), int((lx + rx) / 2), int((ly + ry) / 2)
    cheek = grey[y + int(0.5 * apart) : y + int(0.8 * apart), x - int(0.6 * apart) : x - int(0.2 * apart)]
    skin = cv2.resize(cheek, (grey.shape[1], grey.shape[0]), interpolation=cv2.INTER_LINEAR)
    out[mask > 0] = skin[mask > 0]
    return out


def _glasses(grey: Pixels, face: Detection) -> Pixels:
    out = grey.copy()
    left, right = ((int(x), int(y)) for x, y in face.landmarks[:2])
    apart = float(np.hypot(right[0] - left[0], right[1] - left[1]))
    for eye in (left, right):
        cv2.ellipse(out, eye, (int(0.42 * apart), int(0.33 * apart)), 0, 0, 360, (DARK,), -1)
    cv2.line(out, left, right, (DARK,), max(2, int(0.06 * apart)))
    return out


def _patch(grey: Pixels, face: Detection) -> Pixels:
    out = grey.copy()
    (lx, ly), (rx, _), *_ = face.landmarks
    apart = abs(rx - lx)
    shade = float(np.median(grey[int(ly + 0.6 * apart) : int(ly + 0.8 * apart), int(lx) : int(lx + 0.2 * apart) + 1]))
    cv2.ellipse(out, (int(lx), int(ly)), (int(0.45 * apart), int(0.33 * apart)), 0, 0, 360, (shade,), -1)
    return out


def _over_eyes(face: Detection) -> np.ndarray[tuple[int, ...], np.dtype[np.int32]]:
    left, right = (np.array(p) for p in face.landmarks[:2])
    along = right - left
    apart, angle = float(np.hypot(*along)), float(np.degrees(np.arctan2(along[1], along[0])))
    centre = (left + right) / 2
    corners = cv2.boxPoints(((float(centre[0]), float(centre[1])), (2.2 * apart, 0.75 * apart), angle))
    return np.asarray(corners, np.int32)


def _bytes(grey: np.ndarray[tuple[int, ...], np.dtype[np.generic]]) -> Pixels:
    return np.asarray(grey, np.uint8)
