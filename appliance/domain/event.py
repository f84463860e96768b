"""What an event's folder is called where pictures are published: a day and neutral words, never anybody's name."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from collections.abc import Set as AbstractSet
from datetime import date

from appliance.domain.letters import plain, spellings

UNSORTED = "unsorted"
NEUTRAL = "event"
LONGEST_SLUG = 40

_RUNS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")


def folder(event: str, day: date, names: Iterable[str], confirmed: AbstractSet[str] = frozenset()) -> str:
    """One plain path component: `2026-11-20-sports-day`, or `unsorted` where no event was given.

    day: when the photo was taken in. names: every given, family and known-as name on the roster; words of them are left
    out, but for those that a person confirmed to be no names here.
    """
    if not event.strip():
        return UNSORTED
    return f"{day.isoformat()}-{slug(event, name_words(names) - confirmed)}"


def name_words(names: Iterable[str]) -> frozenset[str]:
    """All words of all these names in plain lower-case letters, in each way they may be spelt."""
    words: set[str] = set()
    for name in names:
        for spelling in spellings(name):
            parts = re.findall(r"[a-z0-9]+", _ascii(spelling.letters).lower())
            words |= {*parts, "".join(parts)}
    return frozenset(words - {""})


def slug(event: str, names: Collection[str]) -> str:
    """Lower-case ASCII words of an event joined by hyphens, without those that hold a name; `event` if none is left.

    names: as `name_words` gives them. A word goes if it, or a run of letters in it, is a name or several in a row,
    with or without a plural or possessive s.
    """
    text = re.sub(r"'s\b", " ", _ascii(plain(event).letters), flags=re.IGNORECASE)
    words = [w for w in re.findall(r"[A-Za-z0-9]+", text.replace("'", " ")) if not _holds_a_name(w, names)]
    kept = ""
    for word in words:
        longer = f"{kept}-{word.lower()}" if kept else word.lower()[:LONGEST_SLUG]
        if len(longer) > LONGEST_SLUG:
            break
        kept = longer
    return kept or NEUTRAL


def _ascii(letters: str) -> str:
    """What is not ASCII is a gap."""
    return "".join(c if c.isascii() else " " for c in letters)


def _holds_a_name(word: str, names: Collection[str]) -> bool:
    runs = [word, *_RUNS.findall(word), *re.findall(r"[A-Za-z]+", word)]
    return any(_is_names(run.lower(), names) for run in runs)


def _is_names(word: str, names: Collection[str]) -> bool:
    """Whether the word is one name, or several names of two letters or more without a gap; an s may follow."""
    if word in names:
        return True
    reached = {0}
    for end in range(2, len(word) + 1):
        if any(word[begin:end] in names for begin in reached if begin <= end - 2):
            reached.add(end)
    return len(word) in reached or (word.endswith("s") and len(word) - 1 in reached and len(word) > 1)
