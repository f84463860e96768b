import numpy as np
import pytest

from appliance.domain.face import Box
from tests.evaluate.geometry import holds, is_covered, is_covered_jointly, mask, touches, true_head, turned_points

FACE = Box(10, 10, 10, 10)
HALVES = [Box(0, 0, 15, 40), Box(15, 0, 15, 40)]


def test_a_face_cut_in_two_by_covers_is_covered_only_jointly() -> None:
    assert not is_covered(FACE, HALVES) and is_covered_jointly(FACE, mask(HALVES, 40, 40))


@pytest.mark.parametrize(("cover", "expected"), [(Box(10, 10, 9, 10), True), (Box(10, 10, 8.9, 10), False)])
def test_nine_tenths_of_a_face_must_be_inside(cover: Box, expected: bool) -> None:  # noqa: FBT001
    assert is_covered(FACE, [cover]) is expected


def test_boxes_that_share_only_an_edge_do_not_touch() -> None:
    assert touches(Box(0, 0, 11, 11), [FACE]) and not touches(Box(0, 0, 10, 10), [FACE])


def test_a_quarter_turn_brings_what_is_right_of_the_middle_below_it() -> None:
    points = turned_points(Box(60, 45, 10, 10), 90, (50, 50))
    assert np.allclose(points.mean(0), (50, 65)) and holds(Box(45, 60, 10, 10), points) == 1


def test_a_true_head_reaches_beyond_the_face_on_every_side() -> None:
    assert holds(true_head(FACE), turned_points(FACE, 0, (0, 0))) == 1 and true_head(FACE).area > 2 * FACE.area
