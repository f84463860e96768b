"""Removes a person everywhere: roster, consents, portraits, template, names given to faces, pictures that show them."""

from __future__ import annotations

import fcntl
import secrets
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

from appliance.domain.photo import PhotoId
from appliance.errors import Refusal
from appliance.outbox import Outbox
from appliance.pipeline.records.preserve import subject_hold, untouchable
from appliance.pipeline.records.unnamed import Unsearched, unsearched
from appliance.store.database import utc_now
from appliance.store.home import Home

TRUTH = (
    "Removed: everything filed under the person's id. Not searched, because nobody was named in them: the photos "
    "counted under not_searched. Originals stay where others are in them; nothing says any more who this person was."
)


@dataclass(frozen=True, slots=True)
class Reach:
    """What an erasure is about. photos: to be made again. kept: those that a hold or quarantine keeps as they are."""

    photos: frozenset[PhotoId]
    kept: frozenset[PhotoId]
    portraits: tuple[str, ...]
    copies: int
    not_searched: Unsearched


@dataclass(frozen=True, slots=True)
class Erased:
    """What was erased. certificate: without personal data, and kept."""

    portraits: int
    photos: int
    certificate: dict[str, Any]


def reach(subject: str, home: Home) -> Reach:
    """What would be erased. Raises Refusal if there is nobody of that id, or a hold is on the person."""
    photos = home.people.photos_naming(subject).union(home.ledger.traces.photos_with(subject))
    is_open = any(e.subject == subject for e in home.ledger.erasures.open())
    known = subject in home.people.roster().people or subject in home.gallery.made_of()
    if not (known or photos or is_open):
        raise Refusal("no_such_subject", f"there is nobody {subject!r} to erase.")
    hold = subject_hold(subject, home)
    if hold is not None:
        raise Refusal(
            "held",
            f"a legal hold is on this person (hold {hold.id}, by {hold.who}): nothing is erased until "
            f"`appliance unhold {hold.id} --as WHO --reason TEXT`.",
        )
    kept = frozenset(photos & untouchable(home))
    copies = sum(c.is_out for photo in photos for c in home.ledger.register.copies(photo))
    portraits = tuple(home.people.portraits_only_of(subject))
    return Reach(frozenset(photos - kept), kept, portraits, copies, unsearched(home))


def erase(subject: str, who: str, home: Home, pause: Callable[[str], None] = lambda step: None) -> Erased:
    """Erase a subject. What shows them is made again with the face covered; the next sync takes published copies down.

    Broken off anywhere, `finish_erasures` (or the same call) finishes it; work that began before it is not entered
    after it. pause: called with the name of each step before it, for tests. Raises Refusal as `reach` does.
    """
    with _alone(home, wait=True):
        return _erase(subject, who, home, pause)


def _erase(subject: str, who: str, home: Home, pause: Callable[[str], None]) -> Erased:
    found = reach(subject, home)
    ledger, people = home.ledger, home.people
    consents = len(people.consents(subject))
    pause("begin")
    ledger.erasures.begin(subject, who)
    pause("template")
    had_template = subject in home.gallery.made_of()
    home.gallery.forget(subject)
    pause("roster")
    people.erase(subject, found.kept)
    pause("pictures")
    pulled = _forget_pictures(found.photos, home)
    for portrait in found.portraits:
        home.vault.remove("portraits", portrait)
    pause("faces")
    ledger.traces.forget_subject(subject, found.kept)
    ledger.erasures.forget_elsewhere(subject)
    pause("log")
    home.audit.forget(subject)
    certificate = {
        "certificate": secrets.token_hex(8), "erased_at": utc_now(), "template": had_template, "consents": consents,
        "portraits": len(found.portraits), "photos": len(found.photos), "copies_to_take_down": found.copies,
        "taken_back_unsent": pulled, "kept_by_hold_or_quarantine": len(found.kept),
        "not_searched": asdict(found.not_searched), "statement": TRUTH,
    }  # fmt: skip
    pause("end")
    ledger.erasures.end(subject, certificate, waits=bool(found.kept))
    home.audit.record("erase", who=who, photos=len(found.photos), certificate=str(certificate["certificate"]))
    return Erased(len(found.portraits), len(found.photos), certificate)


def finish_erasures(home: Home) -> int:
    """Finish what was broken off, and what waited for a hold that has been released since; returns how many."""
    done = 0
    if not home.ledger.erasures.open():
        return done
    with _alone(home, wait=False) as is_alone:
        for unfinished in home.ledger.erasures.open() if is_alone else []:
            if subject_hold(unfinished.subject, home) is not None:
                continue
            if not unfinished.waits or _is_free_now(unfinished.subject, home):
                _erase(unfinished.subject, unfinished.who, home, lambda step: None)
                done += 1
    return done


@contextmanager
def _alone(home: Home, *, wait: bool) -> Iterator[bool]:
    """Be the only one to erase; without waiting it may turn out that somebody else is."""
    with (home.claims / ".erasing").open("ab") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            yield False
        else:
            yield True


def _is_free_now(subject: str, home: Home) -> bool:
    photos = home.people.photos_naming(subject).union(home.ledger.traces.photos_with(subject))
    return not photos or not photos <= untouchable(home)


def _forget_pictures(photos: Collection[PhotoId], home: Home) -> int:
    """Delete what was made of these photos, and have it made again; returns how many items the outbox gave back."""
    pictures = {d for photo in photos for d in home.ledger.traces.derivatives_only_of(photo)}
    for photo in sorted(photos):
        for derivative in home.ledger.traces.derivatives_only_of(photo):
            home.vault.remove("derivatives", derivative)
        home.ledger.traces.forget_derivatives(photo)
        home.ledger.ask("render", photo)
    try:
        return Outbox(home.outbox).pull_pictures(pictures)
    except Refusal:  # a release is running: it, or the next one, takes back what may not leave any more
        return 0
