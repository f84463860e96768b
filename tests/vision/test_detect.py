from pathlib import Path

import cv2
import numpy as np
import pytest

from appliance.domain.face import head, roll_of
from appliance.vision.decode import Picture, decode
from appliance.vision.detect import Detector
from appliance.vision.merge import merge
from appliance.vision.runtime import Models, Pixels
from appliance.vision.yunet import COLUMNS, CUT, SCORE

PEOPLE = Path(__file__).parents[1] / "data" / "people"
PORTRAITS = sorted(PEOPLE.glob("*.jpg"))


@pytest.fixture(scope="module")
def detector() -> Detector:
    return Detector(Models.open().path("detector"))


def on_canvas(
    portrait: Path, face_px: int, size: tuple[int, int] = (2600, 1900), at: tuple[int, int] = (1500, 600)
) -> Picture:
    """The portrait pasted so that its face is about `face_px` wide."""
    pixels = decode(portrait.read_bytes()).pixels
    face = max(Detector(Models.open().path("detector")).detect(decode(portrait.read_bytes())), key=lambda d: d.score)
    factor = face_px / face.box.w
    how = cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR
    tile = cv2.resize(pixels, None, fx=factor, fy=factor, interpolation=how)
    canvas: Pixels = np.full((size[1], size[0], 3), 128, np.uint8)
    canvas[at[1] : at[1] + tile.shape[0], at[0] : at[0] + tile.shape[1]] = tile
    return Picture(canvas, size[0], size[1])


@pytest.mark.parametrize("portrait", PORTRAITS, ids=lambda p: p.stem)
@pytest.mark.parametrize("face_px", [20, 60, 200])
def test_a_face_is_found_at_any_size(detector: Detector, portrait: Path, face_px: int) -> None:
    found = detector.detect(on_canvas(portrait, face_px))
    assert any(0.6 < d.box.w / face_px < 1.6 and d.score > 0.5 for d in found)


@pytest.mark.parametrize("turn", [cv2.ROTATE_90_CLOCKWISE, cv2.ROTATE_90_COUNTERCLOCKWISE], ids=["cw", "ccw"])
def test_a_lying_head_is_found_and_its_landmarks_lie_with_it(detector: Detector, turn: int) -> None:
    pixels = cv2.rotate(decode(PORTRAITS[0].read_bytes()).pixels, turn).astype(np.uint8)
    found = detector.detect(Picture(pixels, pixels.shape[1], pixels.shape[0]))
    sign = 1 if turn == cv2.ROTATE_90_CLOCKWISE else -1
    assert any(abs(roll_of(d) - sign * np.pi / 2) < 0.5 for d in found)


def test_boxes_are_in_pixels_of_the_full_size_original(detector: Detector) -> None:
    picture = on_canvas(PORTRAITS[0], 120)
    here = detector.detect(picture)[0]
    there = detector.detect(Picture(picture.pixels, picture.width * 2, picture.height * 2))[0]
    assert there.box.x == pytest.approx(2 * here.box.x)
    assert there.landmarks[2][1] == pytest.approx(2 * here.landmarks[2][1])


def row(x: float, y: float, w: float, h: float, score: float, *, cut: bool = False) -> np.ndarray:
    out = np.zeros(COLUMNS, np.float32)
    out[:4], out[SCORE], out[CUT] = (x, y, x + w, y + h), score, cut
    return out


@pytest.mark.parametrize(
    ("rows", "kept"),
    [
        ([row(0, 0, 100, 100, 0.9), row(5, 5, 100, 100, 0.8)], 1),
        ([row(0, 0, 100, 100, 0.9), row(80, 0, 100, 100, 0.8)], 2),
        ([row(0, 0, 100, 100, 0.4), row(30, 30, 20, 20, 0.9)], 1),
        ([row(0, 0, 100, 100, 0.55), row(30, 30, 20, 20, 0.9)], 2),
        ([row(0, 0, 100, 100, 0.4), row(85, 85, 20, 20, 0.9)], 2),
        ([row(0, 0, 100, 100, 0.9), row(30, 30, 20, 20, 0.4)], 1),
        ([row(0, 0, 100, 60, 0.95, cut=True), row(0, 0, 100, 120, 0.5)], 1),
    ],
    ids=[
        "same face",
        "neighbours",
        "doubtful box around a clear face",
        "likely box around a clear face",
        "clear face reaching out of a doubtful box",
        "nose of a sure face",
        "piece at a tile's border",
    ],
)
def test_merging_keeps_one_box_a_face(rows: list[np.ndarray], kept: int) -> None:
    assert len(merge(np.stack(rows))) == kept


def test_the_whole_box_wins_over_the_piece() -> None:
    piece, whole = row(0, 0, 100, 60, 0.95, cut=True), row(0, 0, 100, 120, 0.5)
    assert merge(np.stack([piece, whole]))[0][3] == 120


def test_the_head_reaches_beyond_the_face_on_every_side(detector: Detector) -> None:
    for portrait in PORTRAITS:
        face = detector.detect(decode(portrait.read_bytes()))[0]
        grown = head(face)
        assert grown.x < face.box.x and grown.y < face.box.y
        assert grown.x + grown.w > face.box.x + face.box.w
        assert grown.y + grown.h > face.box.y + face.box.h
