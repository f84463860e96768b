"""What this was measured on, in general terms: nothing that names a machine."""

from __future__ import annotations

import os
import platform
import time
from pathlib import Path

VECTORS = (("avx512f", "AVX-512"), ("avx2", "AVX2"), ("asimd", "NEON"))


def machine() -> str:
    """Cores, their kind and vector unit, and memory, e.g. '2 x86-64 cores, AVX-512, 24 GB'."""
    said = [f"{os.cpu_count()} {platform.machine().replace('_', '-')} cores"]
    flags = _flags()
    said += [name for flag, name in VECTORS if flag in flags][:1]
    said.append(f"{os.sysconf('SC_PHYS_PAGES') * os.sysconf('SC_PAGE_SIZE') / 1e9:.0f} GB")
    return ", ".join(said)


class Others:
    """Watches from now on what share of the machine's processor time goes to other work than ours."""

    def __init__(self) -> None:
        self._began, self._all, self._ours = time.monotonic(), _busy_s(), _our_s()

    def share(self) -> float:
        """0 to 1; our children count as ours once they have ended."""
        passed = (time.monotonic() - self._began) * (os.cpu_count() or 1)
        return max(0.0, (_busy_s() - self._all - (_our_s() - self._ours)) / passed)


def _busy_s() -> float:
    """Processor seconds since the machine was started that were not idle: user, nice, system, irq, softirq, steal."""
    ticks = [int(n) for n in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
    return (sum(ticks) - ticks[3] - ticks[4]) / os.sysconf("SC_CLK_TCK")


def _our_s() -> float:
    return sum(os.times()[:4])


def _flags() -> set[str]:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return set()
    return {f for line in lines if line.lower().startswith(("flags", "features")) for f in line.split(":")[1].split()}
