"""What nobody may delete: quarantined photos, and what a legal hold is on. Only then come erasure and retention."""

from __future__ import annotations

from appliance.domain.photo import PhotoId
from appliance.store.holds import Hold
from appliance.store.home import Home


def untouchable(home: Home) -> frozenset[PhotoId]:
    """Photos of which nothing is deleted, whoever asks."""
    kept = set(home.people.quarantined())
    for hold in home.holds.in_force():
        if hold.photo is not None:
            kept.add(PhotoId(hold.photo))
        if hold.subject is not None:
            kept |= home.people.photos_naming(hold.subject).union(home.ledger.traces.photos_with(hold.subject))
        if hold.event is not None:
            kept.update(home.ledger.traces.photos_of_event(hold.event))
    return frozenset(kept)


def subject_hold(subject: str, home: Home) -> Hold | None:
    """The hold on this person, if there is one."""
    return next((h for h in home.holds.in_force() if h.subject == subject), None)
