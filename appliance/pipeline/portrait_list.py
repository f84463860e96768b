"""The re-enrolment list: every portrait, whether it is used, why not, and when a new one is due."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from appliance.domain.consent import BIOMETRIC, Roster
from appliance.domain.identify import NoMatch, Thresholds, identify
from appliance.domain.portrait import Examined, Reason, Terms, in_words
from appliance.store.gallery import Gallery, Templates
from appliance.store.people import People
from appliance.vision.search import compare


class State(StrEnum):
    """What a portrait is to the box. The last two are about people: consent without a portrait, and without consent."""

    USED = "used"
    DUE = "due"
    EXPIRED = "expired"
    REFUSED = "refused"
    WAITING = "waiting"
    MISSING = "missing"
    NO_CONSENT = "no_consent"


_WORDS = {
    State.USED: "In use.",
    State.DUE: "In use, and old: a new portrait is due.",
    State.WAITING: "Not looked at yet; `appliance process` does it.",
    State.MISSING: "There is biometric consent and no portrait.",
    State.NO_CONSENT: "Not used: there is no standing biometric consent, or matching is off.",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One portrait, or a person without one. enrolled_at: when the template in use was made.

    resembles: others on the roster, not of the same family, whom the template could be taken for. renew: whether this
    person needs a new portrait now.
    """

    subject: str
    portrait: str | None
    state: State
    reason: str | None
    added_on: date | None
    taken_on: date | None
    enrolled_at: str | None
    due_on: date | None
    resembles: tuple[str, ...]
    renew: bool

    @property
    def words(self) -> str:
        """The state as a sentence."""
        said = in_words(self.reason) if self.reason in list(Reason) else _WORDS[self.state]
        if self.resembles:
            said += f" Resembles {', '.join(self.resembles)}: is it the right person's portrait, or are they related?"
        return said

    def as_json(self) -> dict[str, Any]:
        """For --json."""
        days = {k: v.isoformat() if isinstance(v, date) else v for k, v in asdict(self).items()}
        return {**days, "words": self.words}


def portrait_list(*, people: People, gallery: Gallery, rules: Thresholds, today: date, terms: Terms) -> list[Entry]:
    """Everybody's portraits, by subject. Reads templates and decodes nothing."""
    roster, is_on, added = people.roster(), people.matching().is_on, people.portraits_added()
    enrolled, alike = gallery.enrolled_at(), look_alikes(gallery.templates(), rules, roster)
    looked = {s: {e.portrait: e for e in found} for s, found in gallery.examined().items()}
    entries: list[Entry] = []
    for subject in sorted(roster.people.keys() | added.keys()):
        may = is_on and roster.allows(subject, BIOMETRIC, today)
        own = [
            _entry(subject, p, day, looked.get(subject, {}).get(p), terms, today, enrolled.get(subject), may=may)
            for p, day in sorted(added.get(subject, {}).items())
        ]
        if not own and may:
            own = [Entry(subject, None, State.MISSING, None, None, None, None, today, (), renew=True)]
        entries += _judged(own, alike.get(subject, ()))
    return entries


def look_alikes(templates: Templates, rules: Thresholds, roster: Roster) -> dict[str, tuple[str, ...]]:
    """For each subject those others, not of the same family, whom the product could take their template for."""
    found: dict[str, tuple[str, ...]] = {}
    for subject, vector in zip(templates.subjects, templates.vectors, strict=True):
        scores = compare(vector, templates.subjects, templates.vectors)
        family = roster.siblings(subject) | {subject}
        others = {s: score for s, score in scores.items() if s not in family}
        if others and not isinstance(identify([others], rules, frozenset())[0], NoMatch):
            found[subject] = (max(others, key=others.__getitem__),)
    return found


def in_short(entries: list[Entry]) -> Mapping[str, int]:
    """How many people need a new portrait, and how many resemble somebody."""
    renew, alike = ({e.subject for e in entries if e.renew}, {e.subject for e in entries if e.resembles})
    return {"portraits_to_renew": len(renew), "look_alikes": len(alike)}


def _entry(
    subject: str, portrait: str, added_on: date, examined: Examined | None, terms: Terms, today: date,
    enrolled_at: str | None, *, may: bool,
) -> Entry:  # fmt: skip
    taken_on = examined.taken_on if examined else None
    due_on, reason = terms.due_on(taken_on, added_on), examined.reason if examined else None
    state = State.WAITING
    if not may:
        state = State.NO_CONSENT
    elif terms.is_over(taken_on, added_on, today):
        state, reason = State.EXPIRED, Reason.EXPIRED
    elif reason is Reason.GOOD:
        state = State.DUE if today >= due_on else State.USED
    elif reason is not None and reason is not Reason.EXPIRED:
        state, due_on = State.REFUSED, today
    in_use = enrolled_at if state in (State.USED, State.DUE) else None
    return Entry(subject, portrait, state, reason or None, added_on, taken_on, in_use, due_on, (), renew=False)


def _judged(own: list[Entry], alike: tuple[str, ...]) -> Iterator[Entry]:
    """With what is true of the person as a whole: a new portrait is needed unless one is in use and not old."""
    states = {e.state for e in own}
    renew = not states & {State.USED, State.WAITING, State.NO_CONSENT}
    for e in own:
        yield Entry(
            e.subject, e.portrait, e.state, e.reason, e.added_on, e.taken_on, e.enrolled_at, e.due_on,
            alike if e.enrolled_at else (), renew=renew,
        )  # fmt: skip
