"""Every file of a folder through the contained decoder: what became of it, in how much time and memory."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from appliance.errors import Parked, Unreadable
from appliance.vision.decoder import Decoder
from tests.bench.memory import family, peak_mb

CRASHED, HUNG = "decoder_died", "took_too_long"


@dataclass
class Fate:
    """Of one collection. replaced: how often the waiting process had to be started anew."""

    name: str
    files: int = 0
    read: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    replaced: int = 0
    peak_mb: float = 0.0
    seconds: float = 0.0
    slowest: float = 0.0

    @property
    def crashed(self) -> int:
        return self.refused[CRASHED]

    @property
    def hung(self) -> int:
        return self.refused[HUNG]


ROWS: list[Fate] = []


def fate_of(name: str, files: Iterator[tuple[str, bytes]]) -> Fate:
    """Decode them all, one after another, in one decoder. peak: of the waiting process and its largest child."""
    fate = Fate(name)
    with Decoder() as decoder:
        _ = decoder.walls
        waiting = decoder.pid
        for _, data in files:
            started = time.monotonic()
            fate.files += 1
            try:
                decoder.decode(data)
                fate.read += 1
            except (Parked, Unreadable) as reason:
                fate.refused[reason.code] += 1
            took = time.monotonic() - started
            fate.seconds += took
            fate.slowest = max(fate.slowest, took)
            fate.replaced += decoder.pid != waiting
            waiting = decoder.pid
            fate.peak_mb = max(fate.peak_mb, sum(map(peak_mb, family(decoder.pid))), _children_peak(decoder.pid))
    ROWS.append(fate)
    return fate


def _children_peak(pid: int) -> float:
    return 0.0


def in_folder(folder: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(p for p in folder.rglob("*") if p.is_file() and not p.is_symlink()):
        yield str(path.relative_to(folder)), path.read_bytes()


def table() -> Iterator[str]:
    head = ("collection", "files", "read", "refused", "crashed", "hung", "peak MB", "seconds", "slowest s")
    rows = [
        (f.name, f.files, f.read, f.refused.total() - f.crashed - f.hung, f.crashed, f.hung, f"{f.peak_mb:.0f}",
         f"{f.seconds:.1f}", f"{f.slowest:.2f}")
        for f in ROWS
    ]  # fmt: skip
    for row in (head, *rows):
        yield f"{row[0]:<22}" + "".join(f"{cell:>11}" for cell in row[1:])
    for f in ROWS:
        yield f"{f.name}: " + ", ".join(f"{n} {code}" for code, n in f.refused.most_common())
