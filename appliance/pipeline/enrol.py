"""Beside the line: makes a subject's template where biometric consent stands, and deletes it where it does not.

A template is made of portraits alone: what staff say about photos never changes one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from appliance.domain.portrait import Examined, Gate, Reason, Terms, believable, fault, why_none
from appliance.errors import Parked, Unreadable
from appliance.store.gallery import Gallery
from appliance.store.people import People
from appliance.store.vault import Vault
from appliance.vision.decoder import Decoder
from appliance.vision.embed import mean_template
from appliance.vision.eyes import Eyes
from appliance.vision.portrait import largest, measure
from appliance.vision.runtime import Floats
from appliance.vision.wire import Purpose

GATE = Gate()


@dataclass(frozen=True, slots=True)
class Looked:
    """One portrait that was looked at: what was found and, if it is good, its template, float32 [128], and a probe."""

    reason: Reason
    taken_on: date | None
    template: Floats | None = None
    probe: Floats | None = None


def enrol(
    subject: str,
    *,
    people: People,
    vault: Vault,
    gallery: Gallery,
    eyes: Eyes,
    decoder: Decoder,
    today: date,
    terms: Terms,
) -> None:
    """Make the gallery say of this subject what consent and portraits allow today; run twice it changes nothing."""
    added = people.portraits_added().get(subject, {})
    if not may_enrol(subject, people, today) or not added:
        gallery.forget(subject)
        return
    if gallery.made_of().get(subject) == _wanted(added, gallery.taken_on(), eyes.model, today, terms):
        return
    looked = {p: look(vault.read("portraits", p), eyes, decoder, added_on) for p, added_on in added.items()}
    taken = {p: at.taken_on for p, at in looked.items() if at.taken_on}
    fresh = in_use(added, taken, today, terms)
    examined = [Examined(p, Reason.EXPIRED if p not in fresh else at.reason, at.taken_on) for p, at in looked.items()]
    made_of = made_of_what(fresh, eyes.model)
    vectors = [t for p in fresh if (t := looked[p].template) is not None]
    if vectors:
        template, model = mean_template(vectors), eyes.model
        gallery.enrol(subject, template, portraits=len(vectors), made_of=made_of, model=model, examined=examined)
    else:
        gallery.fail(subject, made_of=made_of, reason=why_none([e.reason for e in examined]), examined=examined)


def look(untrusted: bytes, eyes: Eyes, decoder: Decoder, added_on: date) -> Looked:
    """Look at a portrait by the gate that decides whether it is used. Its template stays in memory."""
    try:
        picture = decoder.decode(untrusted, Purpose.PORTRAIT)
    except (Parked, Unreadable):
        return Looked(Reason.UNREADABLE, None)
    day, faces = believable(picture.taken_on, added_on), eyes.detect(picture)
    reason = fault(measure(picture, faces), GATE)
    if reason is not Reason.GOOD:
        return Looked(reason, day)
    face = largest(faces)[0]
    return Looked(reason, day, eyes.template(picture, face), eyes.probes(picture, [face]).get(0))


def may_enrol(subject: str, people: People, today: date) -> bool:
    """Whether a template of this subject may exist today."""
    return people.matching().is_on and people.roster().allows(subject, "biometric", today)


def stale_subjects(people: People, gallery: Gallery, model: str, today: date, terms: Terms) -> list[str]:
    """Subjects of whom the gallery does not say what it should."""
    made, taken = gallery.made_of(), gallery.taken_on()
    wanted = {
        s: _wanted(added, taken, model, today, terms)
        for s, added in people.portraits_added().items() if may_enrol(s, people, today)
    }  # fmt: skip
    return sorted(s for s in made.keys() | wanted.keys() if made.get(s) != wanted.get(s))


def in_use(added: Mapping[str, date], taken: Mapping[str, date], today: date, terms: Terms) -> list[str]:
    """The portraits that are not too old. added, taken: the days by portrait."""
    return sorted(p for p, day in added.items() if not terms.is_over(taken.get(p), day, today))


def made_of_what(portraits: Sequence[str], model: str) -> str:
    """A hash of what a template is made of."""
    return hashlib.sha256(f"{model}:{GATE}:{sorted(portraits)}".encode()).hexdigest()[:16]


def _wanted(added: Mapping[str, date], taken: Mapping[str, date], model: str, today: date, terms: Terms) -> str:
    return made_of_what(in_use(added, taken, today, terms), model)
