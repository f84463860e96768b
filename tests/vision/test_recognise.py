from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from appliance.vision.align import TEMPLATE, align, similarity
from appliance.vision.decode import decode
from appliance.vision.embed import AT_ONCE, mean_template
from appliance.vision.eyes import Eyes, thresholds_for
from appliance.vision.runtime import Floats, Models
from appliance.vision.search import compare

PEOPLE = Path(__file__).parents[1] / "data" / "people"


@pytest.fixture(scope="module")
def eyes() -> Eyes:
    return Eyes.open(0.001)


@pytest.fixture(scope="module")
def templates(eyes: Eyes) -> dict[str, list[Floats]]:
    found: dict[str, list[Floats]] = {}
    for path in sorted(PEOPLE.glob("*.jpg")):
        picture = decode(path.read_bytes())
        probe = eyes.probes(picture, eyes.detect(picture)[:1])
        found.setdefault(path.stem.rpartition("_")[0], []).append(probe[0])
    return found


def test_two_pictures_of_one_person_are_nearer_than_any_two_people(templates: dict[str, list[Floats]]) -> None:
    same = [float(a @ b) for vectors in templates.values() for a, b in combinations(vectors, 2)]
    other = [float(a @ b) for m, n in combinations(templates.values(), 2) for a in m for b in n]
    assert same and min(same) > 0.45 > max(other)


def test_templates_have_length_one(templates: dict[str, list[Floats]]) -> None:
    for vectors in templates.values():
        assert np.linalg.norm(mean_template(vectors)) == pytest.approx(1, abs=1e-5)
        assert vectors[0].dtype == np.float32 and vectors[0].shape == (128,)


def test_a_probe_is_compared_with_everybody(templates: dict[str, list[Floats]]) -> None:
    subjects = sorted(templates)
    scores = compare(templates[subjects[0]][0], subjects, np.stack([mean_template(templates[s]) for s in subjects]))
    assert max(scores, key=scores.__getitem__) == subjects[0]


def test_alignment_recovers_a_known_turn_scale_and_shift() -> None:
    angle, scale, shift = 0.7, 1.9, np.array([31.0, -12.0])
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    found = similarity(TEMPLATE, scale * TEMPLATE @ turn.T + shift)
    assert np.allclose(found, np.hstack([scale * turn, shift[:, None]]), atol=1e-9)


def test_a_face_at_the_border_is_aligned_with_black_where_there_is_no_picture(eyes: Eyes) -> None:
    picture = decode(min(PEOPLE.glob("*.jpg")).read_bytes())
    face = eyes.detect(picture)[0]
    assert align(picture, face).shape == (112, 112, 3)


@pytest.mark.parametrize(("stated", "used"), [(0.001, 0.001), (0.005, 0.001), (0.01, 0.01), (0.00001, 0.0001)])
def test_the_operating_point_is_never_laxer_than_the_stated_rate(stated: float, used: float) -> None:
    models = Models.open()
    point = next(p for p in models.operating_points()["operating_point"] if p["fpir"] == used)
    assert thresholds_for(stated, models).plain == point["plain"]


def test_a_template_does_not_depend_on_the_company_it_is_computed_in(eyes: Eyes) -> None:
    chips = [np.random.default_rng(seed).integers(0, 256, (112, 112, 3), np.uint8) for seed in range(AT_ONCE + 3)]
    alone = np.concatenate([eyes.embedder.embed([chip]) for chip in chips])
    assert np.allclose(eyes.embedder.embed(chips), alone, atol=1e-6)
    assert np.allclose(eyes.embedder.embed(chips[5:12]), alone[5:12], atol=1e-6)


def test_nobody_has_no_template(eyes: Eyes) -> None:
    assert eyes.embedder.embed([]).shape == (0, 128)
