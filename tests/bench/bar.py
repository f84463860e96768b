"""One progress bar over the whole measurement, in expected seconds, so that its estimate means something."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Self, TypeVar

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from tests.bench.card import Tick

Outcome = TypeVar("Outcome")


class Bar:
    """Steps by name, each with the seconds it is expected to take. It redraws seldom: what is measured comes first."""

    def __init__(self, expected_s: Mapping[str, float]) -> None:
        columns = (
            TextColumn("{task.description:28s}"), BarColumn(), TaskProgressColumn(),
            TimeElapsedColumn(), TimeRemainingColumn(),
        )  # fmt: skip
        self._expected = expected_s
        self._progress = Progress(*columns, console=Console(stderr=True), refresh_per_second=2)
        self._task = self._progress.add_task("", total=sum(expected_s.values()))
        self._done = 0.0

    def step(self, name: str, work: Callable[[Tick], Outcome]) -> Outcome:
        """Do this step; what it gives. It is called with a function that it tells how much of it is done."""
        expected = self._expected[name]
        self._progress.update(self._task, description=name)
        outcome = work(lambda done: self._progress.update(self._task, completed=self._done + done * expected))
        self._done += expected
        self._progress.update(self._task, completed=self._done)
        return outcome

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()
