"""What people said of events' names, in the people's database. Facts; the last word counts."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

from sqlite_utils import Database

from appliance.store.database import transaction, utc_now


@dataclass(frozen=True, slots=True)
class EventWords:
    """What a person said of an event's name: what it is called outside, and which words in that are no names."""

    outward: str
    confirmed: frozenset[str]
    who: str
    at: str


class Events:
    """What each event is called outside."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def say(self, event: str, outward: str, words: Iterable[str], who: str) -> None:
        """Record what an event is called outside (blank: as it is), and which words in that are no names."""
        with transaction(self._db):
            self._db.execute(
                "INSERT INTO event_words (event, outward, words, who, at) VALUES (?, ?, ?, ?, ?)",
                [event, outward, json.dumps(sorted(words)), who, utc_now()],
            )

    def words(self) -> dict[str, EventWords]:
        """By event, what was last said of its name."""
        rows = self._db.query("SELECT * FROM event_words ORDER BY id")
        said = [(r, frozenset(json.loads(r["words"]))) for r in rows]
        return {r["event"]: EventWords(r["outward"], words, r["who"], r["at"]) for r, words in said}
