"""What a command prints: for people in words, with --json one object a line; everything else goes to standard error."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from appliance.errors import ApplianceError


class Output:
    """Standard output of one command."""

    def __init__(self, *, as_json: bool) -> None:
        self.as_json = as_json

    def row(self, data: dict[str, Any], words: str) -> None:
        """One result: `data` as a line of JSON, or `words`."""
        text = json.dumps(data, ensure_ascii=False) if self.as_json else words
        sys.stdout.write(text.encode("utf-8", "backslashreplace").decode() + "\n")

    def say(self, words: str) -> None:
        """Something for a person to read beside the result."""
        sys.stderr.write(words + "\n")

    def refuse(self, error: ApplianceError) -> None:
        """The one clear line of a refusal."""
        if self.as_json:
            sys.stdout.write(json.dumps({"error": error.code, "message": str(error)}) + "\n")
        sys.stderr.write(f"appliance: {error}\n")


class Bar:
    """A progress bar with an estimate; `update` may be called as often as one likes."""

    def __init__(self, rich_progress: Any, task: Any) -> None:
        self._progress, self._task = rich_progress, task

    def update(self, done: float, total: float, words: str | None = None) -> None:
        """How far it is."""
        self._progress.update(self._task, completed=done, total=total, **({"description": words} if words else {}))


@contextmanager
def bar(words: str) -> Iterator[Bar]:
    """A bar on standard error, redrawn on a terminal and printed once at the end elsewhere."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=False, disable=not console.is_terminal) as progress:
        yield Bar(progress, progress.add_task(words, total=None))
