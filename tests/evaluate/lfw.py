"""Labeled Faces in the Wild, seen by the product's own eyes: each picture's face in the middle becomes a template.

Templates are kept under build/, which git ignores; they are never in the repository.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from appliance.domain.face import Box, Detection
from appliance.vision.decode import Picture, decode
from appliance.vision.eyes import Eyes
from appliance.vision.runtime import Floats, Pixels
from tests.evaluate.progress import watched
from tests.evaluate.source import BUILD, version_of_eyes

SIDE = 250
FACE = Box(75, 65, 100, 125)
"""The face in an aligned LFW picture, as tools/make_card.py has it."""
GREY = 128

Strings = npt.NDArray[np.str_]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Seen:
    """What became of pictures, in order.

    people: who is in each, str [n]. vectors, portraits: its template as a probe and as a portrait, float32 [n, 128].
    width_px: the width of the detected face, 0 where none was: what is found can be covered. usable: whether it was
    good enough to be compared.
    """

    people: Strings
    vectors: Floats
    portraits: Floats
    width_px: Floats
    usable: Flags

    @property
    def found(self) -> Flags:
        """Whether the face was detected."""
        return self.width_px > 0


def pictures(data: Path) -> dict[str, list[Path]]:
    """The pictures of each person; without those whose identity the errata list calls wrong."""
    wrong = set((data / "lfw_errata.txt").read_text(encoding="utf-8").replace("/", " ").split())
    folders = sorted(p for p in (data / "lfw").iterdir() if p.is_dir() and p.name not in wrong)
    return {p.name: sorted(p.glob("*.jpg")) for p in folders}


def middle(found: Sequence[Detection], picture: Picture, reach_px: float = SIDE / 4) -> Detection | None:
    """The detection nearest to the middle of the picture, none if its centre is further from it than this."""
    near = [(abs(complex(*_off_centre(d.box, picture))), i) for i, d in enumerate(found)]
    distance, i = min(near, default=(reach_px, -1))
    return found[i] if distance < reach_px else None


def on_canvas(path: Path, canvas_px: int, degrees: float = 0.0, scale: float = 1.0) -> bytes:
    """The picture turned clockwise and scaled, in the middle of a grey square, as a JPEG file."""
    portrait = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
    if portrait is None:
        raise ValueError(path)
    if scale < 1:
        side = max(1, round(portrait.shape[0] * scale))
        portrait = cv2.resize(portrait, (side, side), interpolation=cv2.INTER_AREA)
    centre = portrait.shape[0] / 2
    turn = cv2.getRotationMatrix2D((centre, centre), -degrees, 1.0)
    turn[:, 2] += canvas_px / 2 - centre
    turned = cv2.warpAffine(portrait, turn, (canvas_px, canvas_px), flags=cv2.INTER_LINEAR, borderValue=GREY)
    return _jpeg(turned.astype(np.uint8, copy=False))


def templates(data: Path, eyes: Eyes) -> Seen:
    """Every picture of the set, as it is."""
    paths = [p for shots in pictures(data).values() for p in shots]
    return kept("lfw", lambda: look("LFW", [(p.parent.name, p.read_bytes()) for p in paths], eyes))


def look(words: str, files: Sequence[tuple[str, bytes]], eyes: Eyes, reach_px: float = SIDE / 4) -> Seen:
    """What the product makes of (person, file): detection and template of the face in the middle of each."""
    vectors, portraits = np.zeros((2, len(files), 128), np.float32)
    usable = np.zeros(len(files), np.bool_)
    width_px = np.zeros(len(files), np.float32)
    for i, (_, untrusted) in enumerate(watched(files, words)):
        picture = decode(untrusted)
        face = middle(eyes.detect(picture), picture, reach_px)
        if face is not None:
            width_px[i] = face.box.w
            template = eyes.probes(picture, [face]).get(0)
            usable[i] = template is not None
            vectors[i] = 0 if template is None else template
            portraits[i] = eyes.template(picture, face)
    return Seen(np.array([person for person, _ in files]), vectors, portraits, width_px, usable)


def kept(name: str, make: Callable[[], Seen]) -> Seen:
    """What `make` says, or what it said last time with the same models and the same code."""
    path = BUILD / "templates" / f"{name}-{version_of_eyes()}.npz"
    if not path.exists():
        seen = make()
        path.parent.mkdir(parents=True, exist_ok=True)
        np.savez(path, **{field.name: getattr(seen, field.name) for field in fields(Seen)})
    with np.load(path) as known:
        return Seen(**{field.name: known[field.name] for field in fields(Seen)})


def _off_centre(box: Box, picture: Picture) -> tuple[float, float]:
    return box.x + box.w / 2 - picture.width / 2, box.y + box.h / 2 - picture.height / 2


def _jpeg(grey: Pixels) -> bytes:
    done, data = cv2.imencode(".jpg", grey, [cv2.IMWRITE_JPEG_QUALITY, 92])
    if not done:
        raise ValueError("the picture could not be encoded")
    return data.tobytes()
