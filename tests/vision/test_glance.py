"""The second glance: small faces are found in it wherever they are, and its canvas costs no more than it must."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from appliance.vision.decode import decode
from appliance.vision.glance import ACROSS, CELL_PX, DOWN, confirmed, glance
from appliance.vision.runtime import Floats, Models, Pixels
from appliance.vision.yunet import BOX_AND_POINTS, COLUMNS, SCORE, YuNet

FACE_PX = 24
PORTRAIT = min((Path(__file__).parents[1] / "data" / "people").glob("*.jpg"))


@pytest.fixture(scope="module")
def yunet() -> YuNet:
    return YuNet(Models.open().path("detector"))


@pytest.fixture(scope="module")
def small_head(yunet: YuNet) -> tuple[Pixels, Floats]:
    """A portrait with a face of FACE_PX, and the row of that face in it."""
    pixels = decode(PORTRAIT.read_bytes()).pixels
    rows = yunet.run(pixels, 0.5)
    row = rows[np.argmax(rows[:, SCORE])]
    factor = FACE_PX / float(row[2] - row[0])
    small = cv2.resize(pixels, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA).astype(np.uint8)
    row[BOX_AND_POINTS] *= factor
    return small, row


def _at(head: tuple[Pixels, Floats], x: int, y: int) -> tuple[Pixels, Floats]:
    """A grey picture of 300 × 200 with the head's upper left corner there, as far as it is inside, and its row."""
    small, row = head
    canvas: Pixels = np.full((600, 700, 3), 128, np.uint8)
    canvas[200 + y : 200 + y + small.shape[0], 200 + x : 200 + x + small.shape[1]] = small
    moved = row.copy()
    moved[BOX_AND_POINTS] += np.tile([x, y], 7)
    return canvas[200:400, 200:500], moved


def test_a_face_is_seen_where_it_is(yunet: YuNet, small_head: tuple[Pixels, Floats]) -> None:
    pixels, row = _at(small_head, 120, 70)
    (seen,) = glance(pixels, row[None], yunet, 0.3, 0.6)
    assert seen[BOX_AND_POINTS] == pytest.approx(row[BOX_AND_POINTS], abs=3)
    assert seen[SCORE] > 0.5


@pytest.mark.parametrize("corner", ["left", "top", "right", "bottom"])
def test_a_face_at_the_border_is_seen(yunet: YuNet, small_head: tuple[Pixels, Floats], corner: str) -> None:
    row = small_head[1]
    x, y = {
        "left": (round(-row[0]), 70), "top": (120, round(-row[1])),
        "right": (round(300 - row[2]), 70), "bottom": (120, round(200 - row[3])),
    }[corner]  # fmt: skip
    pixels, there = _at(small_head, x, y)
    (seen,) = glance(pixels, there[None], yunet, 0.3, 0.6)
    assert seen[:4] == pytest.approx(there[:4], abs=4)


@pytest.mark.parametrize("middle", [(-40, -40), (340, 240), (-3, 100), (299, 199), (1000, -1000)])
def test_a_box_beyond_the_border_harms_nobody(yunet: YuNet, middle: tuple[int, int]) -> None:
    row = np.zeros((1, COLUMNS), np.float32)
    row[0, :4] = (middle[0] - 8, middle[1] - 8, middle[0] + 8, middle[1] + 8)
    assert len(glance(np.full((200, 300, 3), 128, np.uint8), row, yunet, 0.3, 0.6)) == 0


def test_of_many_boxes_each_gets_its_own_answer(yunet: YuNet, small_head: tuple[Pixels, Floats]) -> None:
    pixels, row = _at(small_head, 120, 70)
    elsewhere = row.copy()
    elsewhere[BOX_AND_POINTS] += np.tile([100, 60], 7)
    rows = np.stack([row if i % 3 == 0 else elsewhere for i in range(31)])
    assert len(glance(pixels, rows, yunet, 0.3, 0.6)) == 11


def test_the_canvas_is_as_high_as_it_must_be(yunet: YuNet, monkeypatch: pytest.MonkeyPatch) -> None:
    heights, run = [], yunet.run

    def watched(bgr: Pixels, threshold: float) -> Floats:
        heights.append(bgr.shape[0])
        return run(bgr, threshold)

    monkeypatch.setattr(yunet, "run", watched)
    rows = np.zeros((ACROSS * DOWN + 6, COLUMNS), np.float32)
    rows[:, :4] = (100, 100, 116, 116)
    glance(np.full((200, 300, 3), 128, np.uint8), rows, yunet, 0.3, 0.6)
    assert heights == [DOWN * CELL_PX, 2 * CELL_PX]


@pytest.mark.parametrize("degrees", range(45, 360, 45))
def test_a_head_that_leans_is_seen_upright_and_told_where_it_is(
    yunet: YuNet, small_head: tuple[Pixels, Floats], degrees: int
) -> None:
    small, row = small_head
    pixels = cv2.resize(small, None, fx=4, fy=4, interpolation=cv2.INTER_CUBIC).astype(np.uint8)
    there = row.copy()
    there[BOX_AND_POINTS] *= 4
    middle = (float(there[0] + there[2]) / 2, float(there[1] + there[3]) / 2)
    matrix = cv2.getRotationMatrix2D(middle, degrees, 1)
    size = (pixels.shape[1], pixels.shape[0])
    turned = cv2.warpAffine(pixels, matrix, size, borderMode=cv2.BORDER_REPLICATE).astype(np.uint8)
    seen = glance(turned, there[None], yunet, 0.3, 0.6)
    assert len(seen) == 1
    points = there[4:14].reshape(5, 2) @ matrix[:, :2].T + matrix[:, 2]
    off = np.abs(seen[0, 4:14].reshape(5, 2) - points).max() / (there[2] - there[0])
    assert off < 0.15


def test_a_large_face_is_confirmed_and_a_large_nothing_is_not(yunet: YuNet, small_head: tuple[Pixels, Floats]) -> None:
    small, row = small_head
    large = cv2.resize(small, None, fx=20, fy=20, interpolation=cv2.INTER_CUBIC).astype(np.uint8)
    there = row.copy()
    there[BOX_AND_POINTS] *= 20
    nothing = there.copy()
    nothing[BOX_AND_POINTS] += np.tile([large.shape[1], large.shape[0]], 7)
    beyond = np.full((large.shape[0] * 2, large.shape[1] * 2, 3), 128, np.uint8)
    beyond[: large.shape[0], : large.shape[1]] = large
    assert confirmed(beyond, np.stack([there, nothing]), yunet, 0.2).tolist() == [True, False]
