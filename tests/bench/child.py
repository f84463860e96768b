"""Programs that are measured run in processes of their own; what they say is read line by line."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator, Sequence


def lines_of(command: Sequence[str]) -> Iterator[str]:
    """Each line of its standard output as it comes. Ends the benchmark with its last words if it fails."""
    with tempfile.TemporaryFile("w+") as words:
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=words, text=True) as child:
            yield from child.stdout or ()
        if child.returncode:
            words.seek(0)
            raise SystemExit(f"{' '.join(command[:4])} … failed:\n{words.read()[-2000:]}")
