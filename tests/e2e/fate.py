"""Every file of a folder through the contained decoder: what became of it, in how much time and memory."""

from __future__ import annotations

import resource
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path

from appliance.errors import Parked, Unreadable
from appliance.vision.decoder import Decoder

CRASHED, HUNG = "decoder_died", "took_too_long"


@dataclass
class Fate:
    """Of one collection. replaced: how often the waiting process had to be started anew. peak: of one process."""

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


def fate_of(name: str, files: Callable[[], Iterator[tuple[str, bytes]]]) -> Fate:
    """Decode them all, one after another, in one decoder, from a process whose only child it is."""
    with ProcessPoolExecutor(1, get_context("spawn")) as alone:
        fate = alone.submit(_fate_of, name, files).result()
    ROWS.append(fate)
    return fate


def _fate_of(name: str, files: Callable[[], Iterator[tuple[str, bytes]]]) -> Fate:
    fate = Fate(name)
    with Decoder() as decoder:
        _ = decoder.walls
        waiting = decoder.pid
        for _, data in files():
            took = _decoded(data, decoder, fate)
            fate.seconds += took
            fate.slowest = max(fate.slowest, took)
            fate.replaced += decoder.pid != waiting
            waiting = decoder.pid
    fate.peak_mb = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024 / 1e6
    return fate


def _decoded(data: bytes, decoder: Decoder, fate: Fate) -> float:
    started = time.monotonic()
    fate.files += 1
    try:
        decoder.decode(data)
        fate.read += 1
    except (Parked, Unreadable) as reason:
        fate.refused[reason.code] += 1
    return time.monotonic() - started


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
