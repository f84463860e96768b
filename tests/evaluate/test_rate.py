import pytest

from tests.evaluate.rate import Rate


def test_no_error_in_n_trials_still_allows_for_almost_four_in_n() -> None:
    low, high = Rate(0, 1000).interval
    assert low == pytest.approx(0, abs=1e-9) and 0.003 < high < 0.004


def test_the_interval_is_wilsons() -> None:
    assert Rate(81, 263).interval == pytest.approx((0.2553, 0.3662), abs=1e-4)  # Newcombe 1998, Table I


def test_repeated_looks_at_the_same_people_do_not_narrow_the_interval() -> None:
    assert Rate(10, 1000, independent=100).interval == Rate(1, 100).interval


def test_nothing_tried_is_nothing_known() -> None:
    assert Rate(0, 0).interval == (0.0, 1.0) and str(Rate(0, 0)) == "–"


def test_a_rate_reads_as_per_cent_with_its_interval() -> None:
    assert str(Rate(1, 1000)) == "0.10 % (0.02–0.56)" and str(Rate(50, 100)) == "50.0 % (40.4–59.6)"
