import numpy as np
import pytest

from appliance.domain.identify import Match, Thresholds, identify
from tests.evaluate.lfw import Seen
from tests.evaluate.trial import clearance, draw_school, judge

RULES = Thresholds(plain=0.5, raised=0.3, cohort=10, small_plain=0.55, margin=0.1)


@pytest.fixture
def seen() -> Seen:
    """Forty people who look nothing alike, three nearly equal pictures each."""
    lot = np.random.default_rng(0)
    people = np.repeat([f"p{i:02d}" for i in range(40)], 3)
    vectors = np.repeat(np.eye(128, dtype=np.float32)[:40], 3, axis=0) + lot.normal(0, 0.01, (120, 128))
    vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    return Seen(people, vectors, vectors, np.full(120, 90, np.float32), np.ones(120, np.bool_))


def test_a_school_enrols_nobody_by_the_picture_it_is_asked_about(seen: Seen) -> None:
    school = draw_school(seen, 20, 2, seed=0)
    assert len(school.mated) == 20 and len(school.strangers) == 20
    assert {seen.people[i] for i in school.mated} == set(school.subjects)
    assert not {seen.people[i] for i in school.strangers} & set(school.subjects)
    assert (np.einsum("ij,ij->i", seen.vectors[school.mated], school.gallery) < 0.99999).all()


def test_people_who_look_nothing_alike_are_told_apart_without_an_error(seen: Seen) -> None:
    outcome = judge([draw_school(seen, 20, 2, seed=s) for s in range(2)], seen, RULES)
    assert (outcome.tpir.share, outcome.fpir.share, outcome.mistaken.share) == (1, 0, 0)


def test_a_face_that_was_not_compared_counts_as_missed(seen: Seen) -> None:
    blind = Seen(seen.people, seen.vectors, seen.portraits, seen.width_px * 0, seen.usable & False)
    assert judge([draw_school(seen, 20, 2, seed=0)], blind, RULES).tpir.share == 0


@pytest.mark.parametrize("size", [5, 11, 40])
def test_clearance_says_what_the_rule_says(size: int) -> None:
    scores = np.random.default_rng(size).uniform(0, 1, (500, size)).astype(np.float32)
    scores[:, 0] += 0.3
    asked = [{str(i): float(s) for i, s in enumerate(row)} for row in scores]
    said = [identify([a], RULES, frozenset())[0] for a in asked]
    assert [isinstance(a, Match) for a in said] == (clearance(scores, RULES) >= 0).tolist()
