"""What this was measured on, in general terms: nothing that names a machine."""

from __future__ import annotations

import os
import platform
from pathlib import Path

VECTORS = (("avx512f", "AVX-512"), ("avx2", "AVX2"), ("asimd", "NEON"))


def machine() -> str:
    """Cores, their kind and vector unit, and memory, e.g. '2 x86-64 cores, AVX-512, 24 GB'."""
    said = [f"{os.cpu_count()} {platform.machine().replace('_', '-')} cores"]
    flags = _flags()
    said += [name for flag, name in VECTORS if flag in flags][:1]
    said.append(f"{os.sysconf('SC_PHYS_PAGES') * os.sysconf('SC_PAGE_SIZE') / 1e9:.0f} GB")
    return ", ".join(said)


def load() -> float:
    """Processes that want a core, averaged over five minutes."""
    return os.getloadavg()[1]


def _flags() -> set[str]:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return set()
    return {f for line in lines if line.lower().startswith(("flags", "features")) for f in line.split(":")[1].split()}
