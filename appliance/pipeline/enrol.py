"""Beside the line: makes a subject's template where biometric consent stands, and deletes it where it does not."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date

from appliance.errors import Parked, Unreadable
from appliance.store.gallery import Gallery
from appliance.store.people import People
from appliance.store.vault import Vault
from appliance.vision.decoder import Decoder
from appliance.vision.embed import mean_template
from appliance.vision.eyes import Eyes
from appliance.vision.runtime import Floats
from appliance.vision.wire import Purpose

PORTRAIT_SCORE = 0.6
PORTRAIT_FACE_PX = 40


def enrol(
    subject: str, *, people: People, vault: Vault, gallery: Gallery, eyes: Eyes, decoder: Decoder, today: date
) -> None:
    """Make the gallery say of this subject what consent and portraits allow today; run twice it changes nothing."""
    portraits = people.portraits().get(subject, [])
    if not may_enrol(subject, people, today) or not portraits:
        gallery.forget(subject)
        return
    made_of = made_of_what(portraits, eyes.model)
    if gallery.made_of().get(subject) == made_of:
        return
    vectors = [v for p in portraits if (v := _template(vault.read("portraits", p), eyes, decoder)) is not None]
    if not vectors:
        gallery.fail(subject, made_of=made_of, reason="no_usable_portrait")
        return
    gallery.enrol(subject, mean_template(vectors), portraits=len(vectors), made_of=made_of, model=eyes.model)


def may_enrol(subject: str, people: People, today: date) -> bool:
    """Whether a template of this subject may exist today."""
    return people.matching().is_on and people.roster().allows(subject, "biometric", today)


def stale_subjects(people: People, gallery: Gallery, model: str, today: date) -> list[str]:
    """Subjects of whom the gallery does not say what it should."""
    made, portraits = gallery.made_of(), people.portraits()
    wanted = {s: made_of_what(p, model) for s, p in portraits.items() if may_enrol(s, people, today)}
    return sorted(s for s in made.keys() | wanted.keys() if made.get(s) != wanted.get(s))


def made_of_what(portraits: Sequence[str], model: str) -> str:
    """A hash of what a template is made of."""
    return hashlib.sha256(f"{model}:{sorted(portraits)}".encode()).hexdigest()[:16]


def _template(untrusted: bytes, eyes: Eyes, decoder: Decoder) -> Floats | None:
    """The template of a portrait's one clear face; None if there is none, or more than one that is as large."""
    try:
        picture = decoder.decode(untrusted, Purpose.PORTRAIT)
    except (Parked, Unreadable):
        return None
    faces = [f for f in eyes.detect(picture) if f.score >= PORTRAIT_SCORE and f.box.w >= PORTRAIT_FACE_PX]
    faces.sort(key=lambda f: -f.box.area)
    if not faces or (len(faces) > 1 and faces[1].box.area > 0.5 * faces[0].box.area):
        return None
    return eyes.template(picture, faces[0])
