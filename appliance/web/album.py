"""Every photo as it stands today, worked out again only for those about which something new is known.

Deciding 500 photos takes a third of a second here and far longer on the box; finding out what has changed does not.
"""

from __future__ import annotations

import threading
from collections.abc import Hashable
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from appliance.domain.photo import PhotoId
from appliance.domain.release import Copy
from appliance.domain.ruling import Ruling
from appliance.pipeline.listing import PhotoView, view
from appliance.store.home import Home

Fact = TypeVar("Fact", Ruling, Copy)


@dataclass(frozen=True, slots=True)
class Item:
    """One photo with everything that people said about it, oldest first."""

    view: PhotoView
    rulings: tuple[Ruling, ...]


class Album:
    """The photos of one home, for all requests. Never what an approval is checked against."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: dict[PhotoId, tuple[Hashable, Item]] = {}

    def items(self, home: Home, today: date) -> list[Item]:
        """Every photo and refused file, in the order they came."""
        with self._lock:
            self._kept = self._worked_out(home, today)
            return [item for _, item in self._kept.values()]

    def _worked_out(self, home: Home, today: date) -> dict[PhotoId, tuple[Hashable, Item]]:
        rulings = _by_photo(home.people.rulings())
        copies = _by_photo(home.ledger.register.copies())
        rendered = home.ledger.rendered_by()
        general = (today, home.people.version(), home.people.matching())
        album = {}
        for row in home.ledger.photos():
            said = tuple(rulings.get(row.id, ()))
            version = (general, row, said[-1:], rendered.get(row.id), tuple(copies.get(row.id, ())))
            kept = self._kept.get(row.id)
            if kept is None or kept[0] != version:
                kept = (version, Item(view(row, home.ledger, home.people, home.looks, today), said))
            album[row.id] = kept
        return album


def _by_photo(facts: list[Fact]) -> dict[PhotoId, list[Fact]]:
    sorted_out: dict[PhotoId, list[Fact]] = {}
    for fact in facts:
        sorted_out.setdefault(PhotoId(fact.photo), []).append(fact)
    return sorted_out
