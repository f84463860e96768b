"""Counts faces left bare that may not be shown, by looking at the finished pixels with score_card.py's own eyes."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from appliance.pipeline.listing import views
from appliance.store.home import Home

CHANNEL = "website"
IsShown = Callable[[Any, Any, Any], bool]


@dataclass(frozen=True, slots=True)
class Bare:
    """Faces that may not be shown and are, of all that may not; faces that may be shown and are, of all that may."""

    leaked: int = 0
    leaked_of: int = 0
    kept: int = 0
    kept_of: int = 0

    def __add__(self, other: Bare) -> Bare:
        return Bare(
            self.leaked + other.leaked, self.leaked_of + other.leaked_of,
            self.kept + other.kept, self.kept_of + other.kept_of,
        )  # fmt: skip


def is_shown(shared: Path) -> IsShown:
    """The judgement of ../shared/tools/score_card.py: the middle of a face's box is not flat."""
    spec = importlib.util.spec_from_file_location("score_card", shared / "tools" / "score_card.py")
    if spec is None or spec.loader is None:
        raise SystemExit("score_card.py cannot be loaded")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    judge: IsShown = module.is_shown
    return judge


def bare(truth: Iterable[dict[str, Any]], picture_of: Callable[[str], Path | None], judge: IsShown) -> Bare:
    """Over these photos. picture_of: a photo's name → its finished picture; None where it was withheld."""
    return sum((_photo(photo, picture_of(photo["name"]), judge) for photo in truth), Bare())


def ours(root: Path) -> dict[str, Path]:
    """A photo's name on its card → the derivative that would go to the website."""
    home = Home.open(root)
    seen = views(home.ledger, home.people, home.looks, home.today())
    return {
        name: home.vault.path("derivatives", derivative)
        for view in seen if (derivative := view.channels[CHANNEL].derivative) for name in view.row.names
    }  # fmt: skip


def _photo(photo: dict[str, Any], picture: Path | None, judge: IsShown) -> Bare:
    whole = [0, 0, photo["width"], photo["height"]]
    pixels = np.asarray(Image.open(picture).convert("RGB")).astype("float32") if picture else None
    total = Bare()
    for face in photo["faces"]:
        shown = int(pixels is not None and judge(pixels, face["box"], whole))
        total += Bare(kept=shown, kept_of=1) if face["may_show"][CHANNEL] else Bare(shown, 1)
    return total
