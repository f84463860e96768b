"""Photos in which somebody is whom nobody has named: what no search by person can find, for a person to look through.

Nothing is matched here, with consent or without.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from appliance.domain.event import UNSORTED, name_words, slug
from appliance.domain.photo import PhotoId
from appliance.store.home import Home


@dataclass(frozen=True, slots=True)
class Unnamed:
    """One photo to look at. faces: how many of its faces nobody was named for."""

    photo: PhotoId
    event: str
    day: date
    faces: int


@dataclass(frozen=True, slots=True)
class Unsearched:
    """What no search by person has seen. unread: files whose pictures were never looked at (videos, damaged files)."""

    photos: int
    faces: int
    unread: int
    events: list[dict[str, str | int]]


def unnamed(
    home: Home, *, event: str | None = None, since: date | None = None, until: date | None = None,
    group: str | None = None,
) -> Iterator[Unnamed]:  # fmt: skip
    """Photos with unnamed faces, in the order they came; of an event, of days, or with somebody of a group in them."""
    members = {p.subject for p in home.people.roster().people.values() if p.group == group} if group else set()
    with_group = _with_group(home, group, members) if group else None
    named, hidden = home.people.named_faces(), home.people.quarantined()
    for photo, of_event, at, faces in home.ledger.traces.strangers(event):
        day = datetime.fromisoformat(at).astimezone(home.config.zone).date()
        count = sum((photo, face) not in named for face in faces)
        in_time = (since is None or day >= since) and (until is None or day <= until)
        if count and in_time and photo not in hidden and (with_group is None or photo in with_group):
            yield Unnamed(photo, of_event, day, count)


def unsearched(home: Home) -> Unsearched:
    """All of it, by event and without anybody's name."""
    names = name_words(part for n in home.people.names().values() for part in (n.given, n.family, n.known_as))
    events: dict[str, list[Unnamed]] = {}
    for found in unnamed(home):
        events.setdefault(slug(found.event, names) if found.event.strip() else UNSORTED, []).append(found)
    listed: list[dict[str, str | int]] = [
        {"event": name, "from": min(f.day for f in those).isoformat(), "until": max(f.day for f in those).isoformat(),
         "photos": len(those)}
        for name, those in sorted(events.items())
    ]  # fmt: skip
    everything = [f for those in events.values() for f in those]
    return Unsearched(len(everything), sum(f.faces for f in everything), home.ledger.traces.unread(), listed)


def _with_group(home: Home, group: str, members: set[str]) -> set[PhotoId]:
    found = home.people.photos_attested(group)
    for subject in members:
        found |= home.people.photos_naming(subject).union(home.ledger.traces.photos_with(subject))
    return found
