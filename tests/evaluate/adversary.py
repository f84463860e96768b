"""Somebody who wants to know who is under a cover: SFace and trained classifiers against covered LFW faces.

Beside them the same for what other programs offer instead of a cover: box blur, Gaussian blur and mosaic.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from appliance.domain.decide import Look, Plan
from appliance.domain.face import Detection, head
from appliance.domain.photo import PhotoId
from appliance.sanitise.cover import derive, grown
from appliance.sanitise.encode import encode
from appliance.vision.align import align
from appliance.vision.decode import Picture, decode
from appliance.vision.eyes import Eyes
from appliance.vision.runtime import Floats, Pixels
from tests.evaluate import lfw
from tests.evaluate.lfw import Flags, Strings
from tests.evaluate.progress import watched
from tests.evaluate.rate import Rate
from tests.evaluate.source import BUILD, CHECKOUT, version_of_eyes
from tests.evaluate.table import table

PEOPLE, LEAST, MOST = 150, 4, 6
"""How many people, and how many pictures of each: half to learn from, half to be identified."""
CHIP, PIXELS_PX = 112, 32
RING = 1.6
"""Side of what is seen around a cover, in covers."""
RIDGE = 10.0

Box4 = tuple[int, int, int, int]


def _flat(area: Pixels) -> Pixels:
    area[:] = Look().cover_rgb[::-1]
    return area


def _box_blur(area: Pixels) -> Pixels:
    return cv2.blur(area, (_odd(area, 6), _odd(area, 6))).astype(np.uint8, copy=False)


def _gaussian(area: Pixels) -> Pixels:
    return cv2.GaussianBlur(area, (0, 0), area.shape[1] / 16).astype(np.uint8, copy=False)


def _mosaic(area: Pixels) -> Pixels:
    cells = (12, max(1, round(12 * area.shape[0] / area.shape[1])))
    small = cv2.resize(area, cells, interpolation=cv2.INTER_AREA)
    return cv2.resize(small, area.shape[1::-1], interpolation=cv2.INTER_NEAREST).astype(np.uint8, copy=False)


def _odd(area: Pixels, part: int) -> int:
    return int(area.shape[1]) // part // 2 * 2 + 1


TREATMENTS: Mapping[str, Callable[[Pixels], Pixels] | None] = {
    "cover (the product)": None,
    "box blur": _box_blur,
    "Gaussian blur": _gaussian,
    "mosaic": _mosaic,
    "nothing hidden": lambda area: area,
}
"""What becomes of the place that the product would cover; None: the product's own file."""


def measure(data: Path) -> str:
    """The section on covered faces."""
    people, first, views = _views(data)
    rows = []
    for name in TREATMENTS:
        clear = views["nothing hidden", "crop"]
        crop, whole, pixels = (views[name, v] for v in ("crop", "whole", "pixels"))
        rows.append([
            name, _nearest(clear, crop, people, first), _nearest(crop, crop, people, first),
            _trained(views[name, "crop pixels"], people, first), _nearest(whole, whole, people, first),
            _trained(pixels, people, first),
        ])  # fmt: skip
    faces, pixels = views["ring", "face"], views["ring", "pixels"]
    ring = [_nearest(faces, faces, people, first), _trained(pixels, people, first), _likest(pixels, people, first)]
    count = len(np.unique(people))
    header = ["what is done to the head", "crop: SFace, clear portraits", "crop: SFace, equally treated portraits",
              "crop: trained", "whole picture: SFace", "whole picture: trained"]  # fmt: skip
    return TEXT.format(
        people=count, learned=int(first.sum()), probes=int((~first).sum()), chance=f"{100 / count:.2f}",
        table=table(header, rows), ring=table(RING_HEADER, [["identified", *ring]]),
        ring_px=RING, pixels=PIXELS_PX,
    )  # fmt: skip


def _views(data: Path) -> tuple[Strings, Flags, dict[tuple[str, str], Floats]]:
    """Who is in each picture, whether it is one to learn from, and each view of it as vectors. Kept under build/."""
    code = [Path(__file__), *sorted((CHECKOUT / "appliance" / "sanitise").glob("*.py"))]
    made_by = hashlib.sha256(b"".join(p.read_bytes() for p in code)).hexdigest()[:12]
    path = BUILD / "adversary" / f"{version_of_eyes()}-{made_by}.npz"
    if not path.exists():
        made = _look(data)
        path.parent.mkdir(parents=True, exist_ok=True)
        np.savez(path, **made)
    with np.load(path) as kept:
        views = {(k.split("|")[0], k.split("|")[1]): kept[k] for k in kept.files if "|" in k}
        return kept["people"], kept["first"], views


def _look(data: Path) -> dict[str, Any]:
    eyes = Eyes.open(0.001)
    chosen = {n: p for n, p in lfw.pictures(data).items() if len(p) >= LEAST}
    names = sorted(random.Random(5).sample(sorted(chosen), min(PEOPLE, len(chosen))))
    files = [(name, path) for name in names for path in chosen[name][:MOST]]
    people: list[str] = []
    chips: dict[str, list[Pixels]] = {}
    pixels: dict[str, list[Floats]] = {}
    for name, path in watched(files, "covered faces"):
        picture = decode(path.read_bytes())
        face = lfw.middle(eyes.detect(picture), picture)
        if face is None:
            continue
        people.append(name)
        for key, chip in _seen(picture, face).items():
            pixels.setdefault(key, []).append(_small(chip))
            chips.setdefault(key, []).append(chip)
    made: dict[str, Any] = {"people": np.array(people), "first": _first(people)}
    for key, seen in watched(chips.items(), "SFace", len(chips)):
        treatment, view = key.split("|")
        made[f"{treatment}|{view}"] = eyes.embedder.embed(seen)
        made[f"{treatment}|{PIXELS_OF[view]}"] = np.stack(pixels[key])
    return made


PIXELS_OF = {"crop": "crop pixels", "whole": "pixels", "face": "pixels"}


def _seen(picture: Picture, face: Detection) -> dict[str, Pixels]:
    """112 × 112 views of the file that would leave, for every treatment; whoever looks knows where the face was."""
    left, top, w, h = (head(face).x, head(face).y, head(face).w, head(face).h)
    cover = (max(0, int(left)), max(0, int(top)), int(left + w) + 1, int(top + h) + 1)
    plan = Plan(PhotoId("0" * 64), picture.width, picture.height, (cover,), Look())
    bare = Plan(plan.photo, plan.width, plan.height, (), plan.look)
    pixels = np.ascontiguousarray(picture.pixels)
    seen: dict[str, Pixels] = {}
    for name, treat in TREATMENTS.items():
        out = derive(pixels, plan if treat is None else bare)
        box = grown(cover, plan, out.shape[1], out.shape[0])
        if treat is not None:
            x, y, right, bottom = box
            out[y:bottom, x:right] = treat(out[y:bottom, x:right].copy())
        file = decode(encode(out, plan.look.quality))
        seen[f"{name}|crop"] = align(file, face)
        seen[f"{name}|whole"] = _sized(file.pixels)
        if treat is None:
            seen["ring|face"] = _sized(_around(file.pixels, box))
    return seen


def _around(pixels: Pixels, box: Box4) -> Pixels:
    left, top, right, bottom = box
    dx, dy = (round((b - a) * (RING - 1) / 2) for a, b in ((left, right), (top, bottom)))
    return pixels[max(0, top - dy) : bottom + dy, max(0, left - dx) : right + dx]


def _sized(pixels: Pixels) -> Pixels:
    return cv2.resize(pixels, (CHIP, CHIP), interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)


def _small(chip: Pixels) -> Floats:
    small = cv2.resize(chip, (PIXELS_PX, PIXELS_PX), interpolation=cv2.INTER_AREA)
    grey: Floats = small.astype(np.float32).mean(axis=2).ravel() / 255
    return grey


def _first(people: Sequence[str]) -> Flags:
    """Of each person's pictures the first half, rounded down."""
    names = np.array(people)
    first = np.zeros(len(names), np.bool_)
    for name in np.unique(names):
        mine = np.flatnonzero(names == name)
        first[mine[: len(mine) // 2]] = True
    return first


def _nearest(gallery: Floats, probes: Floats, people: Strings, first: Flags) -> Rate:
    """How often the person whose mean template is nearest is the right one."""
    names = np.unique(people[first])
    means = np.stack([gallery[first & (people == n)].mean(axis=0) for n in names])
    means /= np.maximum(np.linalg.norm(means, axis=1, keepdims=True), 1e-9)
    return _right(probes[~first] @ means.T, names, people[~first])


def _trained(pixels: Floats, people: Strings, first: Flags) -> Rate:
    """How often a ridge classifier on grey pixels, trained on half of the pictures, says the right person."""
    names = np.unique(people[first])
    wanted = (people[first][:, None] == names).astype(np.float64)
    centre = pixels[first].mean(axis=0)
    spread = pixels[first].std() + 1e-6
    known, asked = ((pixels[part] - centre) / spread for part in (first, ~first))
    gram = known @ known.T
    weights = np.linalg.solve(gram + RIDGE * np.eye(len(gram)), wanted - wanted.mean(axis=0))
    return _right(asked @ known.T @ weights, names, people[~first])


def _likest(pixels: Floats, people: Strings, first: Flags) -> Rate:
    """How often the picture that is most like it, grey pixel for grey pixel, is the same person's."""
    even = pixels - pixels.mean(axis=1, keepdims=True)
    even /= np.maximum(np.linalg.norm(even, axis=1, keepdims=True), 1e-9)
    return _right(even[~first] @ even[first].T, people[first], people[~first])


def _right(scores: Floats, names: Strings, truth: Strings) -> Rate:
    """Whether the best score is the right person's; between equal scores the dice decide."""
    dice = np.random.default_rng(0)
    hits = 0
    for row, name in zip(scores, truth, strict=True):
        hits += names[dice.choice(np.flatnonzero(row >= row.max() - 1e-6))] == name
    return Rate(hits, len(truth))


RING_HEADER = ["around the cover alone", "SFace", "trained", "likest picture"]
TEXT = """\
Who is under the cover? {people} people of LFW with several pictures each: {learned} pictures to learn from, {probes} to
be identified among all of them, as the files that would leave (JPEG, quality 85). Whoever guesses is right in
**{chance} %**. The head is covered by the product, or treated in the same place as other programs do: box blur over a
sixth of its width, Gaussian blur with a sigma of a sixteenth, mosaic of twelve cells across. The adversary knows where
the face was to the pixel, and has other pictures of everybody: clear ones, or ones that were treated in the same way.
*SFace* compares templates of what it is given; *trained* is a ridge classifier on {pixels} × {pixels} grey pixels.

{table}

Of a covered crop nothing is left to compare: it is the same flat picture for everybody, and every guess at chance. What
is blurred or pixelated is still identified, the better the more the adversary knows about how it was done. That is why
there is no such option.

{ring}

*The ring* is what the file shows around the cover ({ring_px} times its sides, the cover flat in the middle); it is the
same whatever is done to the head. What it and the whole picture say beyond chance they do not say by the face: several
pictures of one person in this set may come from one occasion, with the same clothes, the same wall and the same
photographer, and politicians and sportsmen are met in different places. At a school everybody is before the same wall;
but hair that reaches beyond the cover, clothes and company remain, and somebody who knows them recognises people by
these. A cover hides a face, not a presence: whoever must not be recognised at all has to be withheld or cropped out.

*Limits.* Grey pictures of 250 × 250, of which a covered head takes half; classifiers with two or three pictures of each
person to learn from. A stronger adversary would do better on the blurred, and on what stands around a cover; on the
covered crop there is nothing to do better on, for the same bytes come of every face (the tests prove it).
"""
