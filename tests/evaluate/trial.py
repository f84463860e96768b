"""One school drawn by lot: a roster of templates, its people's further pictures, and strangers. The product judges."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from appliance.domain.identify import Match, Thresholds, identify
from appliance.vision.embed import mean_template
from appliance.vision.runtime import Floats
from appliance.vision.search import compare
from tests.evaluate.lfw import Seen
from tests.evaluate.rate import Rate

PROBES_EACH = 10
"""At most so many further pictures of one person: some have over a hundred."""

Places = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class School:
    """Who is enrolled, and which pictures are then shown to the product. Pictures by their number in a `Seen`."""

    subjects: Sequence[str]
    gallery: Floats
    mated: Places
    strangers: Places


@dataclass(frozen=True, slots=True)
class Outcome:
    """tpir: enrolled people's pictures matched to the right person. fpir: strangers matched to anybody.

    mistaken: enrolled people's pictures matched to somebody else.
    """

    tpir: Rate
    fpir: Rate
    mistaken: Rate


def draw_school(seen: Seen, size: int, portraits: int, seed: int) -> School:
    """Enrol `size` people with so many portraits each; every other person is a stranger with one picture."""
    lot = np.random.default_rng((seed, size, portraits))
    shots = {name: lot.permutation(np.flatnonzero(seen.people == name)) for name in np.unique(seen.people)}
    enough = sorted(n for n, s in shots.items() if seen.usable[s].sum() > portraits)
    subjects = sorted(str(s) for s in lot.choice(enough, size, replace=False))
    gallery, mated = [], []
    for name in subjects:
        usable = shots[name][seen.usable[shots[name]]]
        gallery.append(mean_template(list(seen.portraits[usable[:portraits]])))
        mated.append(np.setdiff1d(shots[name], usable[:portraits])[:PROBES_EACH])
    strangers = [s[0] for name, s in shots.items() if name not in set(subjects)]
    return School(subjects, np.stack(gallery), np.concatenate(mated), np.array(strangers))


def judge(schools: Sequence[School], probes: Seen, rules: Thresholds) -> Outcome:
    """Show every probe to the product's own rule, each as a photo of its own; a face not compared is a miss.

    Intervals count each person once: pictures of one person, and one person before several rosters, are not
    independent.
    """
    tpir = fpir = mistaken = Rate(0, 0, 0)
    enrolled, strange = set[str](), set[str]()
    for school in schools:
        mates = [answer(school, probes, i, rules) for i in school.mated]
        right = [str(probes.people[i]) for i in school.mated]
        others = [answer(school, probes, i, rules) for i in school.strangers]
        enrolled |= set(right)
        strange |= {str(probes.people[i]) for i in school.strangers}
        tpir += Rate(sum(m == r for m, r in zip(mates, right, strict=True)), len(mates), len(enrolled))
        mistaken += Rate(sum(m not in (None, r) for m, r in zip(mates, right, strict=True)), len(mates), len(enrolled))
        fpir += Rate(sum(o is not None for o in others), len(others), len(strange))
    return Outcome(tpir, fpir, mistaken)


def answer(school: School, probes: Seen, place: int, rules: Thresholds) -> str | None:
    """Whom the product takes this picture for."""
    if not probes.usable[place]:
        return None
    scores = compare(probes.vectors[place], school.subjects, school.gallery)
    (said,) = identify([scores], rules, frozenset())
    return said.subject if isinstance(said, Match) else None


def clearance(scores: Floats, rules: Thresholds) -> Floats:
    """By how much each probe passes the rule, cosine: from 0 up it is a match. scores: float32 [probes, gallery].

    One number a probe, so that a curve can be drawn by moving all thresholds together. Equal to `identify` at 0.
    """
    ranked = -np.sort(-scores, axis=1)
    best, runner_up = ranked[:, 0], ranked[:, 1]
    rest = ranked[:, 1 : 1 + rules.cohort]
    if rest.shape[1] < rules.cohort:
        near = best - rules.small_plain
    else:
        near = np.minimum(best - rules.plain, best - rest.mean(1) - rules.raised)
    return np.asarray(np.minimum(near, best - runner_up - rules.margin), np.float32)
