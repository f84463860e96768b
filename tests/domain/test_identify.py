"""Who a probe is: near enough, clearly nearest, and nobody twice in one photo."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.domain.identify import Ambiguous, Identification, Match, NoMatch, Thresholds, identify

RULES = Thresholds(plain=0.40, raised=0.30, cohort=3, small_plain=0.50, margin=0.08)
SMALL = {"A": 0.55, "B": 0.10, "C": 0.05}
LARGE = {"A": 0.55, "B": 0.10, "C": 0.05, "D": 0.00, "E": -0.20}


def with_a(score: float, others: float = 0.0) -> dict[str, float]:
    """A gallery large enough to normalise, in which the others are all equally near."""
    return {"A": score, **dict.fromkeys("BCDE", others)}


@pytest.mark.parametrize(
    ("scores", "answer"),
    [
        pytest.param({}, NoMatch(), id="empty gallery"),
        pytest.param({"A": 0.50}, Match("A", 0.50), id="one person, at the small gallery's threshold"),
        pytest.param({"A": 0.49}, NoMatch(), id="one person, just below"),
        pytest.param(SMALL, Match("A", 0.55), id="small gallery"),
        pytest.param({**SMALL, "A": 0.45}, NoMatch(), id="small gallery, below its own threshold"),
        pytest.param({**SMALL, "B": 0.48}, Ambiguous(), id="small gallery, the runner-up too near"),
        pytest.param({**SMALL, "B": 0.55}, Ambiguous(), id="two alike"),
        pytest.param(LARGE, Match("A", 0.55), id="large gallery"),
        pytest.param(with_a(0.40), Match("A", 0.40), id="at the plain threshold"),
        pytest.param(with_a(0.39), NoMatch(), id="below the plain threshold"),
        pytest.param(with_a(0.60, 0.25), Match("A", 0.60), id="raised far enough above the next best"),
        pytest.param(with_a(0.60, 0.35), NoMatch(), id="near, but so is everybody"),
        pytest.param({**with_a(0.60), "B": 0.53}, Ambiguous(), id="large gallery, the runner-up too near"),
        pytest.param({"A": float("nan")}, NoMatch(), id="no number"),
    ],
)
def test_one_probe(scores: dict[str, float], answer: Identification) -> None:
    assert identify([scores], RULES, frozenset()) == [answer]


def test_a_sibling_on_the_roster_makes_it_undecidable() -> None:
    assert identify([SMALL], RULES, {"A"}) == [Ambiguous()]
    assert identify([SMALL], RULES, {"B"}) == [Match("A", 0.55)]
    assert identify([{**SMALL, "A": 0.2}], RULES, {"A"}) == [NoMatch()]


@pytest.mark.parametrize(
    ("second", "answers"),
    [
        pytest.param({**SMALL, "A": 0.90}, [Ambiguous(), Ambiguous()], id="the better one neither"),
        pytest.param({**SMALL, "B": 0.50}, [Ambiguous(), Ambiguous()], id="one that could be somebody else as well"),
        pytest.param({**SMALL, "A": 0.10}, [Match("A", 0.55), NoMatch()], id="a stranger beside"),
        pytest.param({**SMALL, "B": 0.70}, [Match("A", 0.55), Match("B", 0.70)], id="two people"),
    ],
)
def test_nobody_stands_in_a_photo_twice(second: dict[str, float], answers: list[Identification]) -> None:
    assert identify([SMALL, second], RULES, frozenset()) == answers


probes = st.lists(
    st.dictionaries(st.sampled_from("ABCDEFG"), st.floats(-1, 1, allow_nan=False), max_size=7), max_size=5
)


@given(probes, st.sets(st.sampled_from("ABCDEFG")))
def test_a_match_is_near_clear_decidable_and_alone(scores: list[dict[str, float]], undecidable: set[str]) -> None:
    answers = identify(scores, RULES, undecidable)
    assert len(answers) == len(scores)
    matched = [a.subject for a in answers if isinstance(a, Match)]
    assert len(matched) == len(set(matched))
    assert undecidable.isdisjoint(matched)
    for probe, answer in zip(scores, answers, strict=True):
        if isinstance(answer, Match):
            others = [score for subject, score in probe.items() if subject != answer.subject]
            assert answer.comparison == probe[answer.subject] >= RULES.plain
            assert all(answer.comparison - other >= RULES.margin for other in others)


@given(probes, st.sets(st.sampled_from("ABCDEFG")), st.dictionaries(st.sampled_from("ABCDEFG"), st.floats(-1, 1)))
def test_another_face_in_the_photo_never_makes_a_match(
    scores: list[dict[str, float]], undecidable: set[str], another: dict[str, float]
) -> None:
    before, after = identify(scores, RULES, undecidable), identify([*scores, another], RULES, undecidable)
    assert all(a == b or isinstance(a, Ambiguous) for a, b in zip(after, before, strict=False))
