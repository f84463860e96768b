"""Feeds the decoder mutated files, and keeps those that end it or take too long.

usage: python -m tests.vision.fuzz FOLDER… [--seconds 200] [--seed 1] [--keep DIR]

Every mutation follows from the seed; two runs over the same folders try the same files in the same order. The tally is
one line: files tried, read, refused by reason, and how many of them ended or hung their reader (the aim is none).
"""

from __future__ import annotations

import argparse
import hashlib
import random
import time
from collections import Counter
from pathlib import Path

from appliance.errors import Parked, Unreadable
from appliance.vision.decoder import Decoder
from appliance.vision.kind import kind_of
from appliance.vision.limits import Allowance

LARGEST = 400_000
FOUND = ("decoder_died", "took_too_long")
NUMBERS = (b"\x00", b"\xff", b"\x7f\xff", b"\x80\x00", b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\x00\x00\x00\x00")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--seconds", type=float, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, default=Path("build/fuzz"))
    given = parser.parse_args()
    seeds = seeds_in(given.folders)
    tally, until = Counter[str](), time.monotonic() + given.seconds
    chance = random.Random(given.seed)
    with Decoder(Allowance(cpu_s=5, wall_s=10)) as decoder:
        while time.monotonic() < until:
            data = mutated(seeds, chance)
            code = tried(data, decoder)
            tally[code] += 1
            if code in FOUND:
                given.keep.mkdir(parents=True, exist_ok=True)
                (given.keep / f"{code}-{hashlib.sha256(data).hexdigest()[:16]}").write_bytes(data)
    print(f"seed {given.seed}: {tally.total()} tried, {dict(tally.most_common())}")


def seeds_in(folders: list[Path]) -> dict[str, list[bytes]]:
    """Small files that look like pictures, by kind."""
    seeds: dict[str, list[bytes]] = {}
    for path in sorted(p for folder in folders for p in folder.rglob("*") if p.is_file() and not p.is_symlink()):
        data = path.read_bytes()
        kind = kind_of(data[:64])
        if 0 < len(data) <= LARGEST and kind not in ("other", "video", "graphic"):
            seeds.setdefault(kind, []).append(data)
    return seeds


def mutated(seeds: dict[str, list[bytes]], chance: random.Random) -> bytes:
    """One file with a few things wrong; half of the places are near its beginning, where structures lie."""
    alike = seeds[chance.choice(sorted(seeds))]
    data = bytearray(chance.choice(alike))
    for _ in range(chance.choice((1, 1, 2, 4, 16))):
        at = chance.randrange(min(len(data), 600) if chance.random() < 0.5 else len(data)) if data else 0
        how = chance.randrange(6)
        if how == 0 and data:
            data[at] ^= 1 << chance.randrange(8)
        elif how == 1:
            number = chance.choice(NUMBERS)
            data[at : at + len(number)] = number
        elif how == 2:
            del data[at : at + chance.choice((1, 2, 16, 300))]
        elif how == 3:
            data[at:at] = data[at : at + chance.choice((1, 8, 64, 1000))]
        elif how == 4:
            other = chance.choice(alike)
            start = chance.randrange(len(other))
            data[at : at + 200] = other[start : start + 200]
        elif len(data) > 100:
            del data[max(50, at) :]
    return bytes(data)


def tried(data: bytes, decoder: Decoder) -> str:
    """What came of it: `read`, or the reason."""
    try:
        picture = decoder.decode(data)
    except (Parked, Unreadable) as reason:
        return reason.code
    if picture.pixels.shape[2] != 3 or picture.pixels.size == 0:
        raise AssertionError("a picture without pixels")
    int(picture.pixels[-1, -1].sum())
    return "read"


if __name__ == "__main__":
    main()
