"""Tells what a worker's time goes into, by putting itself between the worker and the functions it calls."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable
from typing import Any

Namer = Callable[..., str]


class Stopwatch:
    """Milliseconds by name; what a timed function spends inside another timed function counts for that one only."""

    def __init__(self) -> None:
        self.ms: dict[str, float] = {}
        self._inside: list[float] = []

    def timed(self, name: str | Namer, function: Callable[..., Any]) -> Callable[..., Any]:
        """The same function, timed. name: constant, or worked out from the arguments of each call."""

        @functools.wraps(function)
        def wrapped(*args: object, **kwargs: object) -> object:
            self._inside.append(0.0)
            started = time.perf_counter()
            try:
                return function(*args, **kwargs)
            finally:
                self._note(name if isinstance(name, str) else name(*args), (time.perf_counter() - started) * 1000)

        return wrapped

    def _note(self, name: str, took: float) -> None:
        self.ms[name] = self.ms.get(name, 0.0) + took - self._inside.pop()
        if self._inside:
            self._inside[-1] += took

    def put(self, name: str | Namer, where: object, *attributes: str) -> None:
        """Time these functions of a module or class from now on."""
        for attribute in attributes:
            setattr(where, attribute, self.timed(name, getattr(where, attribute)))

    def lap(self) -> dict[str, float]:
        """What was measured since the last lap."""
        ms, self.ms = self.ms, {}
        return ms


def timed(work: Callable[..., object], *args: object) -> tuple[float, float]:
    """Milliseconds that this took, by the clock and of this process's processor time."""
    clock, processor = time.perf_counter(), time.process_time()
    work(*args)
    return (time.perf_counter() - clock) * 1000, (time.process_time() - processor) * 1000
