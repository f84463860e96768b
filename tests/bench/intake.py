"""Taking a card in, against `cp -r` and `sha256sum` of the same files, in turns, from cold and from warm files.

usage: python -m tests.bench.intake HOME CARD      takes in, prints the seconds it took
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from appliance.pipeline.admit import admit
from appliance.store.home import Home
from tests.bench.card import BUILD, Card, Tick
from tests.bench.child import lines_of

SCRATCH = BUILD / "intake"


@dataclass(slots=True)
class Pairs:
    """Seconds, turn by turn: by us, by cp and sha256sum, and by those with a `sync` at the end, which we always do."""

    ours: list[float] = field(default_factory=list)
    plain: list[float] = field(default_factory=list)
    synced: list[float] = field(default_factory=list)

    def speed(self, other: list[float]) -> float:
        """Our speed as a share of the other's: median over the turns."""
        return median(b / a for a, b in zip(self.ours, other, strict=True))


@dataclass(frozen=True, slots=True)
class Intakes:
    """megabytes: of 10⁶ bytes, on the card."""

    cold: Pairs
    warm: Pairs
    megabytes: float


def intakes(taken: Card, repeats: int, tick: Tick) -> Intakes:
    """Every way in turn, `repeats` times, cold and warm alike; who goes first changes from turn to turn."""
    result = Intakes(Pairs(), Pairs(), sum(p.stat().st_size for p in taken.photos) / 1e6)
    for r in range(repeats):
        for i, (pairs, prepare) in enumerate(((result.cold, _forget), (result.warm, _read))):
            _turn(taken, pairs, prepare, first=r % 3)
            tick((2 * r + i + 1) / (2 * repeats))
    shutil.rmtree(SCRATCH, ignore_errors=True)
    return result


def _turn(taken: Card, pairs: Pairs, prepare: Callable[[Card], None], first: int) -> None:
    ways = [(pairs.ours, _ours), (pairs.plain, _plain), (pairs.synced, _synced)]
    for kept, way in ways[first:] + ways[:first]:
        shutil.rmtree(SCRATCH, ignore_errors=True)
        SCRATCH.mkdir(parents=True)
        os.sync()  # what others wrote is not paid for here
        prepare(taken)
        kept.append(way(taken))


def _ours(taken: Card) -> float:
    Home.create(SCRATCH / "home")
    command = [sys.executable, "-m", "tests.bench.intake", str(SCRATCH / "home"), str(taken.path)]
    return float("".join(lines_of(command)))


def _plain(taken: Card, script: str = 'cp -r "$0" "$1" && find "$1" -type f -exec sha256sum {} + > /dev/null') -> float:
    started = time.perf_counter()
    subprocess.run(["sh", "-c", script, str(taken.path), str(SCRATCH / "copy")], check=True)
    return time.perf_counter() - started


def _synced(taken: Card) -> float:
    script = (
        'cp -r "$0" "$1" && find "$1" -type f -exec sync {} + && find "$1" -type f -exec sha256sum {} + > /dev/null'
    )
    return _plain(taken, script)


def _forget(taken: Card) -> None:
    for photo in taken.photos:
        with photo.open("rb") as file:
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def _read(taken: Card) -> None:
    for photo in taken.photos:
        photo.read_bytes()


def main(home: Home, path: Path) -> None:
    """Take in; only `admit` is timed."""
    ledger, vault, audit = home.ledger, home.vault, home.audit
    started = time.perf_counter()
    admit(path, "", ledger=ledger, vault=vault, audit=audit)
    print(time.perf_counter() - started)


if __name__ == "__main__":
    main(Home.open(Path(sys.argv[1])), Path(sys.argv[2]))
