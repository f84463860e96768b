"""Camera cards with a known truth, made once with ../shared/tools/make_card.py and kept in build/bench."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.evaluate.source import CHECKOUT

BUILD = CHECKOUT / "build" / "bench"
KEPT_DAYS = 200
"""The consents of a card end after 300 days; an older card would measure covers only."""

Tick = Callable[[float], None]
"""Called with how much of a step is done, 0 to 1."""


def part(tick: Tick, index: int, of: int) -> Tick:
    """What to call for the part `index` of `of` equal parts of a step."""
    return lambda done: tick((index + done) / of)


@dataclass(frozen=True, slots=True)
class Card:
    """A card, and the school it belongs to. `files`: roster.csv, consents.csv, portraits/, card/, truth.json."""

    files: Path
    megapixels: int

    @property
    def path(self) -> Path:
        return self.files / "card"

    @property
    def photos(self) -> list[Path]:
        return sorted(self.path.rglob("*.JPG"))

    def truth(self) -> list[dict[str, Any]]:
        """Photo by photo: name, width, height, and each face's box and may_show."""
        photos: list[dict[str, Any]] = json.loads((self.files / "truth.json").read_text())["photos"]
        return photos

    @property
    def faces(self) -> float:
        """On one photo, on average."""
        truth = self.truth()
        return sum(len(p["faces"]) for p in truth) / len(truth)

    @property
    def bits_per_pixel(self) -> float:
        pixels: int = sum(p["width"] * p["height"] for p in self.truth())
        return 8 * sum(p.stat().st_size for p in self.photos) / pixels


def card(shared: Path, megapixels: int, photos: int, tick: Tick, *, upright: bool = False) -> Card:
    """The card of that kind, made now unless it is kept from an earlier run."""
    name = f"card-{megapixels}mp-{photos}" + ("-upright" if upright else "")
    made = Card(BUILD / name, megapixels)
    if not (made.files / "truth.json").exists() or _is_old(made.files / "truth.json"):
        shutil.rmtree(made.files, ignore_errors=True)
        _make(shared, made, photos, tick, upright=upright)
    return made


def _is_old(truth: Path) -> bool:
    made_at = datetime.fromisoformat(json.loads(truth.read_text())["today"]).replace(tzinfo=UTC)
    return datetime.now(UTC) - made_at > timedelta(days=KEPT_DAYS)


def _make(shared: Path, made: Card, photos: int, tick: Tick, *, upright: bool) -> None:
    command = [sys.executable, shared / "tools" / "make_card.py", "--identities", shared / "data" / "lfw"]
    command += ["--out", made.files, "--people", "80", "--photos", photos, "--faces", "8", "24", "--seed", "5"]
    command += ["--megapixels", made.megapixels, *(["--upright"] if upright else [])]
    with subprocess.Popen([str(c) for c in command], stdout=subprocess.PIPE, text=True) as maker:
        said = ""
        while maker.stdout and (letter := maker.stdout.read(1)):
            said += letter
            if found := re.search(r"(\d+)/(\d+) photos$", said):
                tick(int(found[1]) / int(found[2]))
    if maker.returncode:
        raise SystemExit(f"make_card.py failed with status {maker.returncode}")
