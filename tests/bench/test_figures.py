import time

import pytest

from tests.bench.crew import steady
from tests.bench.intake import Pairs
from tests.bench.stopwatch import Stopwatch


def test_time_spent_inside_another_stage_counts_for_that_stage_only() -> None:
    watch = Stopwatch()
    inner = watch.timed("inner", lambda: time.sleep(0.02))
    watch.timed("outer", inner)()
    ms = watch.lap()
    assert ms["inner"] >= 20 and ms["outer"] < 10 and watch.lap() == {}


def test_a_stage_that_fails_is_timed_too() -> None:
    watch = Stopwatch()
    with pytest.raises(ZeroDivisionError):
        watch.timed("bad", lambda: 1 / 0)()
    assert "bad" in watch.ms


@pytest.mark.parametrize("workers", [1, 2])
def test_the_pace_leaves_out_the_start_and_the_end(workers: int) -> None:
    slow_start, even, slow_end = [9.0] * workers, [10.0 + i for i in range(12)], [40.0] * (workers - 1)
    first, rate = steady([*slow_start, *even, *slow_end], workers)
    assert first == 9 and rate == pytest.approx(1)


def test_speed_is_compared_turn_by_turn() -> None:
    assert Pairs(ours=[1.0, 2.0, 10.0], plain=[2.0, 4.0, 1.0]).speed([2.0, 4.0, 1.0]) == 2
