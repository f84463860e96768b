"""Second stage: finds the faces of a photo and, where matching is on, who they are."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from datetime import date

from appliance.domain.band import Band, members
from appliance.domain.consent import BIOMETRIC, Roster, age_on
from appliance.domain.decide import SeenFace
from appliance.domain.face import Detection, face_id
from appliance.domain.identify import Identification, NoMatch, identify
from appliance.domain.photo import PhotoId, PhotoState
from appliance.errors import Parked, Unreadable
from appliance.pipeline.lightbox import Lightbox
from appliance.store.gallery import Gallery, Templates
from appliance.store.ledger import Ledger
from appliance.store.people import People
from appliance.vision.eyes import Eyes
from appliance.vision.picture import Picture
from appliance.vision.runtime import Floats
from appliance.vision.search import compare

YOUNGEST_MATCHED = 6
"""Below this age nobody is matched by machine: strangers of 3 to 5 years pass for each other far too often."""


def analyse(
    photo: PhotoId, *, lightbox: Lightbox, eyes: Eyes, gallery: Gallery, people: People, ledger: Ledger, today: date,
    fpir: float,
) -> None:  # fmt: skip
    """Record the photo's faces, or set it aside with the reason. Templates of probes stay in memory.

    fpir: the rate of false identification that the school accepts, at which `eyes` compare.
    """
    try:
        picture = lightbox.picture(photo)
    except Unreadable as error:
        ledger.set_aside(photo, PhotoState.REFUSED, error.code)
        return
    except Parked as error:
        ledger.set_aside(photo, PhotoState.PARKED, error.code)
        return
    if picture.remarks:
        ledger.remark(photo, picture.remarks)
    templates = templates_in_use(gallery, people, today)
    undecidable = undecidable_subjects(people.roster(), today, ledger.selftests.refused_bands(fpir))
    found = eyes.detect(picture)
    who = _identify(picture, found, eyes, templates, undecidable)
    faces = {face_id(photo, d.box): SeenFace(face_id(photo, d.box), d, i) for d, i in zip(found, who, strict=True)}
    version = identification_version(templates, undecidable, fpir)
    ledger.record_analysis(photo, eyes.model, version, (picture.width, picture.height), faces.values())


def templates_in_use(gallery: Gallery, people: People, today: date) -> Templates | None:
    """The templates of those whose biometric consent stands today, or None while matching is off."""
    if not people.matching().is_on:
        return None
    templates, roster = gallery.templates(), people.roster()
    allowed = [i for i, s in enumerate(templates.subjects) if roster.allows(s, BIOMETRIC, today)]
    subjects = tuple(templates.subjects[i] for i in allowed)
    return Templates(subjects, templates.vectors[allowed], f"{templates.version}:{len(subjects)}:{hash_of(subjects)}")


def hash_of(subjects: tuple[str, ...]) -> str:
    """A short hash of who they are."""
    return hashlib.sha256("\x00".join(subjects).encode()).hexdigest()[:12]


def undecidable_subjects(
    roster: Roster, today: date, refused: AbstractSet[Band] = frozenset()
) -> frozenset[str]:  # fmt: skip
    """People who are never matched by machine: those with a sibling on the roster, and the youngest.

    refused: age bands in which the self-test found that the roster does not support the stated rate; all of them too.
    """
    young = {p.subject for p in roster.people.values() if p.birth_on and age_on(p.birth_on, today) < YOUNGEST_MATCHED}
    families: dict[str, list[str]] = {}
    for person in roster.people.values():
        if person.family:
            families.setdefault(person.family, []).append(person.subject)
    too_alike = members(roster.people.values(), refused, today)
    return frozenset(young.union(too_alike, *(family for family in families.values() if len(family) > 1)))


def identification_version(templates: Templates | None, undecidable: frozenset[str], fpir: float) -> str:
    """Changes whenever the same probe could be told apart differently; constant while matching is off."""
    if templates is None:
        return "off"
    concerned = sorted(undecidable.intersection(templates.subjects))
    return hashlib.sha256(f"{templates.version}:{concerned}:{fpir}".encode()).hexdigest()[:16]


def _identify(
    picture: Picture, found: list[Detection], eyes: Eyes, templates: Templates | None, undecidable: frozenset[str]
) -> list[Identification]:
    answers: list[Identification] = [NoMatch()] * len(found)
    if templates is None or not templates.subjects:
        return answers
    probes = eyes.probes(picture, found)
    for i, answer in zip(probes, tell_apart(list(probes.values()), templates, eyes, undecidable), strict=True):
        answers[i] = answer
    return answers


def tell_apart(
    probes: Sequence[Floats], templates: Templates, eyes: Eyes, undecidable: frozenset[str]
) -> list[Identification]:
    """Who the faces of one photo are, by the product's rule. probes: float32 [128] each."""
    scores = [compare(p, templates.subjects, templates.vectors) for p in probes]
    return identify(scores, eyes.thresholds, undecidable)
