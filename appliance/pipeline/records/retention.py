"""Deletes what has been kept long enough, class by class, and says so in the audit log.

What may not be deleted (quarantine, then legal hold) stays. Whatever goes is recorded first and deleted then, so that a
power cut leaves nothing that the next run does not finish; a second run changes nothing.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from appliance.pipeline.records.preserve import untouchable
from appliance.store.home import Home

LEFTOVER_S = 86_400
"""A derivative that nothing is known of is deleted when it is a day old: a power cut, or an erasure, left it."""


@dataclass(frozen=True, slots=True)
class Due:
    """What is to go. kind: originals, proofs, templates, parked, logs, or leftovers. what: a photo's or file's id."""

    kind: str
    what: str


def due(home: Home, today: date) -> list[Due]:
    """Everything that has been kept longer than the school's settings say, by day `today`."""
    kept, over = untouchable(home), {k: _before(n, today) for k, n in home.config.retention.items() if n}
    return [
        *(d for d in _files(home, over) if d.what not in kept),
        *(Due("templates", subject) for subject in _portraits(home, over.get("templates", ""))),
        *([Due("logs", over["logs"])] if _may_forget(home, over.get("logs", "")) else []),
        *(Due("leftovers", name) for name in _leftovers(home)),
    ]


def enforce(home: Home, today: date) -> Mapping[str, int]:
    """Delete what is due; returns how much of each class went."""
    found = due(home, today)
    by_kind: dict[str, list[str]] = {}
    for one in found:
        by_kind.setdefault(one.kind, []).append(one.what)
    for kind in ("originals", "parked", "proofs"):
        _retire(home, kind, by_kind.get(kind, []))
    for subject in by_kind.get("templates", []):
        _forget_portraits(home, subject, _before(home.config.retention["templates"], today))
    for name in by_kind.get("leftovers", []):
        home.vault.remove("derivatives", name)
    counts = {kind: len(those) for kind, those in by_kind.items() if kind != "logs"}
    if "logs" in by_kind:
        counts["logs"] = home.audit.forget_before(by_kind["logs"][0])
    if counts:
        home.audit.record("retention", **counts)
    return counts


def _files(home: Home, over: Mapping[str, str]) -> Iterator[Due]:
    """Photos and parked files whose time is over; also files that came back with an old card after that."""
    gone = {kind: home.ledger.erasures.retired(kind) for kind in ("originals", "proofs")}
    for photo, admitted_at, is_aside in home.ledger.traces.ages():
        kind = "parked" if is_aside else "originals"
        if photo in gone["originals"]:
            if home.vault.has("originals", photo):
                yield Due(kind, photo)
        elif admitted_at < over.get(kind, ""):
            yield Due(kind, photo)
        if (photo in gone["proofs"] and home.vault.has("proofs", photo)) or (
            not is_aside and photo not in gone["proofs"] and admitted_at < over.get("proofs", "")
        ):
            yield Due("proofs", photo)


def _retire(home: Home, kind: str, photos: list[str]) -> None:
    what = "proofs" if kind == "proofs" else "originals"
    home.ledger.erasures.retire(photos, what, "retention")
    for photo in photos:
        home.vault.remove(what, photo)
        if what == "originals":
            home.vault.remove("proofs", photo)


def _portraits(home: Home, before: str) -> list[str]:
    held = {h.subject for h in home.holds.in_force()}
    return sorted(s for s in home.people.portraits_before(before) if s not in held)


def _forget_portraits(home: Home, subject: str, before: str) -> None:
    """Portraits that are too old go, and the template with them; what newer ones make of it comes by itself."""
    only_theirs = set(home.people.portraits_only_of(subject))
    home.gallery.forget(subject)
    for portrait in home.people.forget_portraits(subject, before):
        if portrait in only_theirs:
            home.vault.remove("portraits", portrait)


def _may_forget(home: Home, before: str) -> bool:
    """While anything is held, the whole log is."""
    return bool(before) and not home.holds.in_force() and home.audit.count_before(before) > 0


def _leftovers(home: Home) -> Iterator[str]:
    known, old = set(home.ledger.all_derivatives()), time.time() - LEFTOVER_S
    for name in home.vault.names("derivatives"):
        if name not in known and home.vault.path("derivatives", name).stat().st_mtime < old:
            yield name


def _before(days: int, today: date) -> str:
    return (datetime(today.year, today.month, today.day, tzinfo=UTC) - timedelta(days=days)).isoformat()
