"""Which portraits are good enough to enrol from, and for how long."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from appliance.domain.portrait import SENTENCE, Gate, Measured, Reason, Terms, believable, fault, in_words, why_none

GOOD = Measured(
    width_px=120,
    second=0.1,
    roll=3,
    aside=0.05,
    down=0.5,
    narrow=1.0,
    sharpness=0.1,
    eyes=(0.5, 0.6),
    eyes_light=0.9,
    score=0.92,
)
DAY = date(2026, 9, 1)


@pytest.mark.parametrize(
    ("spoilt", "reason"),
    [
        pytest.param({}, Reason.GOOD, id="good"),
        pytest.param({"second": 0.6}, Reason.TWO_FACES, id="another face"),
        pytest.param({"second": 0.4}, Reason.GOOD, id="somebody far behind"),
        pytest.param({"width_px": 59}, Reason.TOO_SMALL, id="small"),
        pytest.param({"roll": -40}, Reason.TILTED, id="leaning"),
        pytest.param({"aside": -0.5}, Reason.TURNED, id="to the side"),
        pytest.param({"down": 0.9}, Reason.TURNED, id="bowed"),
        pytest.param({"narrow": 1.5}, Reason.TURNED, id="narrow"),
        pytest.param({"narrow": 1.3, "score": 0.8}, Reason.TURNED, id="half turned, which hides an eye"),
        pytest.param({"roll": 30, "score": 0.8}, Reason.TILTED, id="half tilted, and seen badly for it"),
        pytest.param({"narrow": 1.3, "roll": 30}, Reason.GOOD, id="half turned, and still good"),
        pytest.param({"sharpness": 0.01}, Reason.BLURRED, id="blurred"),
        pytest.param({"eyes": (0.1, 0.1)}, Reason.EYES_HIDDEN, id="flat eyes"),
        pytest.param({"eyes": (0.3, 0.9)}, Reason.EYES_HIDDEN, id="one eye flatter than the other"),
        pytest.param({"eyes_light": 0.3}, Reason.EYES_HIDDEN, id="dark around the eyes"),
        pytest.param({"score": 0.8}, Reason.EYES_HIDDEN, id="half a face"),
        pytest.param({"width_px": 30, "sharpness": 0.0}, Reason.TOO_SMALL, id="what to mend first"),
    ],
)
def test_the_gate(spoilt: dict[str, float], reason: Reason) -> None:
    assert fault(replace(GOOD, **spoilt), Gate()) is reason  # type: ignore[arg-type]


def test_no_face_is_an_answer() -> None:
    assert fault(None, Gate()) is Reason.NO_FACE


def test_every_reason_has_a_sentence() -> None:
    assert set(SENTENCE) == set(Reason)
    assert all(in_words(reason).endswith(".") for reason in Reason)


def test_one_common_reason_is_the_reason() -> None:
    assert why_none([Reason.BLURRED, Reason.BLURRED]) == "blurred"
    assert why_none([Reason.BLURRED, Reason.NO_FACE]) == "no_usable_portrait"


@pytest.mark.parametrize(
    ("taken", "believed"),
    [(None, None), (DAY, DAY), (date(1980, 1, 1), None), (DAY + timedelta(days=40), None)],
)  # fmt: skip
def test_a_camera_whose_clock_was_never_set_is_not_believed(taken: date | None, believed: date | None) -> None:
    assert believable(taken, DAY) == believed


def test_a_portrait_ages_from_the_day_it_was_taken_and_importing_it_late_does_not_make_it_young() -> None:
    terms = Terms(due=365, ends=730)
    assert terms.due_on(None, DAY) == DAY + timedelta(days=365)
    assert terms.due_on(DAY - timedelta(days=100), DAY) == DAY + timedelta(days=265)
    last = DAY + timedelta(days=729)
    assert not terms.is_over(None, DAY, last)
    assert terms.is_over(None, DAY, last + timedelta(days=1))
    assert terms.is_over(DAY - timedelta(days=1), DAY, last)
