"""A progress bar with an estimate, for loops that take minutes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sized
from typing import TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

Item = TypeVar("Item")


def watched(items: Iterable[Item], words: str, total: int | None = None) -> Iterator[Item]:
    """The items, one by one, while a bar on standard error moves and says how long is left."""
    columns = (
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn(),
    )  # fmt: skip
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task(words, total=len(items) if isinstance(items, Sized) else total)
        for item in items:
            yield item
            progress.advance(task)
