"""Runs in the environment that deface has to itself: its own command line, each picture timed.

usage: python rival_child.py [deface's options] PICTURE ...

The last line is JSON: milliseconds for each picture, the backend, and the process's peak memory in megabytes.
"""

from __future__ import annotations

import json
import time
from pathlib import Path

import deface.centerface  # type: ignore[import-not-found]  # it is not in our own environment
import deface.deface  # type: ignore[import-not-found]  # as above


def main() -> None:
    took: list[float] = []
    detect = deface.deface.image_detect

    def timed(*args: object, **kwargs: object) -> None:
        started = time.perf_counter()
        detect(*args, **kwargs)
        took.append((time.perf_counter() - started) * 1000)

    backends: list[str] = []
    opened = deface.centerface.CenterFace.__init__

    def noted(self: object, *args: object, **kwargs: object) -> None:
        opened(self, *args, **kwargs)
        backends.append(self.backend)  # type: ignore[attr-defined]  # a CenterFace

    deface.deface.image_detect, deface.centerface.CenterFace.__init__ = timed, noted
    deface.deface.main()
    peak = next(x for x in Path("/proc/self/status").read_text().splitlines() if x.startswith("VmHWM"))
    print(json.dumps({"ms": took, "backend": backends[0], "peak_mb": int(peak.split()[1]) * 1024 / 1e6}))


if __name__ == "__main__":
    main()
