"""Fuzzes the walker against a slow codec of its own: what passes must be the one way to write the blocks that it holds.

    python -m tests.sanitise.fuzz_leaks [-max_total_time=SECONDS] [CORPUS_DIR]

With atheris installed it is guided by coverage; without, mutants are drawn blindly. It ends with an exception at the
first file on which the two disagree, or on which the walker raises anything but its own refusal.
"""

from __future__ import annotations

import random
import sys
import time
from contextlib import suppress

import numpy as np

from appliance.errors import Damaged
from appliance.sanitise.leaks import check
from appliance.sanitise.scan import _tables
from tests.sanitise.reference import is_ours, jpeg

HEADER = 623
_SIZES = ((16, 16), (8, 8), (17, 9), (40, 24), (1, 1))


def seeds() -> list[bytes]:
    """Small files of ours: noise, nothing, and in between."""
    rng = np.random.default_rng(0)
    shapes = [(height, width, most) for height, width in _SIZES for most in (1, 40, 256)]
    return [jpeg(rng.integers(0, most, (height, width, 3), np.uint8), 85) for height, width, most in shapes]


def one_input(data: bytes) -> None:
    """Judge one file twice. Past our header the two must agree; before it, nothing but our header may pass."""
    passed = False
    with suppress(Damaged):
        check(data)
        passed = True
    scan = data[HEADER:-2]
    if scan.count(b"\xff") != scan.count(b"\xff\x00") or not data.endswith(b"\xff\xd9"):
        assert not passed, "a marker, or no end"
    elif passed or any(data.startswith(h) for h in _HEADERS):
        assert passed == (bool(scan) and is_ours(data)), f"they disagree: {data.hex()}"


_HEADERS = {data[:HEADER] for data in seeds()}


def mutant(rng: random.Random, data: bytes) -> bytes:
    """A few bytes or bits changed, put in, taken out or doubled, mostly in the picture's data."""
    out = bytearray(data)
    for _ in range(rng.choice((1, 1, 1, 2, 4))):
        at = rng.randrange(HEADER if rng.random() < 0.9 and len(out) > HEADER else 0, len(out))
        kind = rng.randrange(5)
        if kind == 0:
            out[at] = rng.randrange(256)
        elif kind == 1:
            out[at] ^= 1 << rng.randrange(8)
        elif kind == 2:
            out[at:at] = rng.randbytes(rng.choice((1, 1, 2, 8)))
        elif kind == 3:
            del out[at : at + rng.choice((1, 1, 2, 8))]
        else:
            out[at:at] = out[at : at + rng.choice((1, 2, 8))]
        if not out:
            return b""
    return bytes(out)


def blindly(seconds: float) -> int:
    """Mutants of the seeds, and of mutants that passed; returns how many were tried."""
    rng, pool, tried, until = random.Random(1), seeds(), 0, time.monotonic() + seconds
    while time.monotonic() < until:
        data = mutant(rng, rng.choice(pool))
        one_input(data)
        tried += 1
        if len(pool) < 2000 and len(data) > HEADER + 3 and rng.random() < 0.02:
            with suppress(Damaged):
                check(data)
                pool.append(data)
    return tried


def main() -> None:
    try:
        import atheris
    except ImportError:
        seconds = next((float(a.split("=")[1]) for a in sys.argv if a.startswith("-max_total_time=")), 60.0)
        print(f"atheris is not installed: {blindly(seconds)} mutants were drawn blindly, and the two agreed on all")
        return
    _tables()
    atheris.instrument_all()
    atheris.Setup(sys.argv, one_input, custom_mutator=_mutate)
    atheris.Fuzz()


def _mutate(data: bytes, most: int, seed: int) -> bytes:
    import atheris

    rng = random.Random(seed)
    if len(data) < HEADER:
        data = rng.choice(seeds())
    changed = mutant(rng, data) if rng.random() < 0.7 else bytes(atheris.Mutate(data, most))
    return changed[:most]


if __name__ == "__main__":
    main()
