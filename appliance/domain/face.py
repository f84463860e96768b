"""Faces and their boxes. All geometry is in pixels of the upright full-size original, origin top left."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from typing import NewType

from appliance.domain.photo import PhotoId

FaceId = NewType("FaceId", str)
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Box:
    """An axis-aligned rectangle: left, top, width, height."""

    x: float
    y: float
    w: float
    h: float

    @property
    def area(self) -> float:
        """Area in square pixels."""
        return self.w * self.h

    def overlap(self, other: Box) -> float:
        """Area shared with `other`."""
        w = min(self.x + self.w, other.x + other.w) - max(self.x, other.x)
        h = min(self.y + self.h, other.y + other.h) - max(self.y, other.y)
        return max(w, 0.0) * max(h, 0.0)

    def iou(self, other: Box) -> float:
        """Intersection over union, 0 to 1."""
        shared = self.overlap(other)
        union = self.area + other.area - shared
        return shared / union if union > 0 else 0.0

    def clipped(self, width: float, height: float) -> Box:
        """The part inside a picture of this size (may be empty)."""
        x, y = min(max(self.x, 0.0), width), min(max(self.y, 0.0), height)
        right, bottom = min(max(self.x + self.w, x), width), min(max(self.y + self.h, y), height)
        return Box(x, y, right - x, bottom - y)


@dataclass(frozen=True, slots=True)
class Detection:
    """What the detector saw: a face box, five landmarks and a score in [0, 1].

    Landmarks: the eye on the picture's left, the eye on its right, nose tip, and the mouth corners left and right.
    """

    box: Box
    landmarks: tuple[Point, Point, Point, Point, Point]
    score: float


HEAD_SIDE = 0.30
HEAD_TOP = 0.45
HEAD_BOTTOM = 0.22
"""How far the whole head (hair, ears, chin) reaches beyond the detector's box, as a share of the box's side.

A box grown 25 % a side holds 90 % of 96 in 100 true faces above 80 px; hair and ears reach further than a face."""
PRECISE_SCORE = 0.8
"""From this detector score on a box fits; below it what is added grows by the difference (at .3 by half): the box of a
face that is half hidden or hardly seen is often a piece of it."""


def head(detection: Detection) -> Box:
    """The box of the whole head, turned with the head: what has to be hidden to hide the person's face."""
    box, roll = detection.box, roll_of(detection)
    cx, cy = box.x + box.w / 2, box.y + box.h / 2
    more = 1 + max(0.0, PRECISE_SCORE - detection.score)
    up = more * (HEAD_TOP - HEAD_BOTTOM) / 2 * box.h
    cx, cy = cx + up * math.sin(roll), cy - up * math.cos(roll)
    half_w, half_h = box.w * (0.5 + more * HEAD_SIDE), box.h * (0.5 + more * (HEAD_TOP + HEAD_BOTTOM) / 2)
    across, down = abs(math.cos(roll)), abs(math.sin(roll))
    w, h = half_w * across + half_h * down, half_w * down + half_h * across
    return Box(cx - w, cy - h, 2 * w, 2 * h)


def roll_of(detection: Detection) -> float:
    """Turn of the head in the picture plane, radians, clockwise from upright, from eyes to mouth."""
    left_eye, right_eye, _, left_mouth, right_mouth = detection.landmarks
    dx = (left_mouth[0] + right_mouth[0] - left_eye[0] - right_eye[0]) / 2
    dy = (left_mouth[1] + right_mouth[1] - left_eye[1] - right_eye[1]) / 2
    return math.atan2(-dx, dy) if dx or dy else 0.0


def face_id(photo: PhotoId, box: Box) -> FaceId:
    """The same face of the same photo always gets the same id; nothing about the person is in it."""
    where = ",".join(str(round(v)) for v in (box.x, box.y, box.w, box.h))
    return FaceId(hashlib.sha256(f"{photo}:{where}".encode()).hexdigest()[:16])
