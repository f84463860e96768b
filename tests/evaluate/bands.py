"""Strangers of one age before a roster of the same age: how often the product's rule takes one for another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

from appliance.domain.identify import Match, Thresholds, identify
from appliance.vision.runtime import Floats
from appliance.vision.search import compare
from tests.evaluate.identification import USUAL, operating_points
from tests.evaluate.progress import watched
from tests.evaluate.rate import Rate
from tests.evaluate.table import table

BANDS = ((3, 5), (6, 11), (12, 17), (20, 50))
ROSTER = 150
ROSTERS = (8, 20, 80, 150)
DRAWS = 12
DUPLICATE = 0.75
"""Two strangers above this cosine are taken for one person twice in the set. Source: vision/cohort_normalisation.py."""
PERHAPS_DUPLICATE = 0.65
"""Up to here the number of pairs falls fourfold with every .05; above it, it hardly falls any more."""


def measure(data: Path) -> str:
    """The section on age."""
    with np.load(data / "templates.npz") as file:
        vectors, age = _unit(file["strangers"].astype(np.float32)), file["strangers_age"]
    bands = {b: vectors[(age >= b[0]) & (age <= b[1])] for b in BANDS}
    points = operating_points()
    counts = ", ".join(f"{_name(b)}: {len(v)}" for b, v in bands.items())
    return TEXT.format(
        roster=ROSTER, duplicate=DUPLICATE, perhaps=PERHAPS_DUPLICATE, draws=DRAWS, counts=counts,
        by_point=_by_point(bands, points), by_roster=_by_roster(bands, points[USUAL]),
        needed=_needed(bands, points[USUAL]),
    )  # fmt: skip


def _by_point(bands: Mapping[tuple[int, int], Floats], points: Mapping[float, Thresholds]) -> str:
    usual = points[USUAL]
    plain = Thresholds(usual.plain, -1, usual.cohort, usual.plain, -1)
    cases = [(str(f), rules, DUPLICATE) for f, rules in points.items()]
    cases.append((f"{USUAL}, pairs above {PERHAPS_DUPLICATE} left out too", usual, PERHAPS_DUPLICATE))
    cases.append((f"for comparison: nothing but a plain threshold of {usual.plain}", plain, DUPLICATE))
    rows = [[name, *(false_rate(v, rules, ROSTER, cut) for v in bands.values())] for name, rules, cut in cases]
    return table(["operating point", *map(_name, bands)], rows)


def _by_roster(bands: Mapping[tuple[int, int], Floats], rules: Thresholds) -> str:
    rows = [[f"{n} people", *(false_rate(v, rules, n) for v in bands.values())] for n in ROSTERS]
    return table(["roster", *map(_name, bands)], rows)


def _needed(bands: Mapping[tuple[int, int], Floats], rules: Thresholds) -> str:
    """The score that half of the probes would have to exceed, by roster; the rule's other conditions left aside."""
    rows = []
    for n in (size for size in ROSTERS if size > rules.cohort):
        scores = [np.concatenate([p @ g.T for g, p in _draws(v, n, DUPLICATE)]) for v in bands.values()]
        next_best = [-np.sort(-s, axis=1)[:, 1 : 1 + rules.cohort].mean(1) for s in scores]
        rows.append(
            [f"{n} people", *(f"{max(rules.plain, float(np.median(m)) + rules.raised):.2f}" for m in next_best)]
        )
    return table(["roster", *map(_name, bands)], rows)


def false_rate(strangers: Floats, rules: Thresholds, roster: int, cut: float = DUPLICATE) -> Rate:
    """How often the product's rule gives a stranger an enrolled person's name. strangers: float32 [n, 128]."""
    subjects, rate = [str(i) for i in range(roster)], Rate(0, 0, len(strangers) - roster)
    for gallery, probes in watched(_draws(strangers, roster, cut), f"strangers, roster of {roster}", DRAWS):
        said = [identify([compare(p, subjects, gallery)], rules, frozenset())[0] for p in probes]
        rate += Rate(sum(isinstance(s, Match) for s in said), len(said), rate.independent)
    return rate


def _draws(strangers: Floats, roster: int, cut: float) -> Iterator[tuple[Floats, Floats]]:
    """Galleries drawn by lot, each with everybody else; without those who are perhaps in the gallery themselves."""
    lot = np.random.default_rng(0)
    for _ in range(DRAWS):
        order = lot.permutation(len(strangers))
        gallery, probes = strangers[order[:roster]], strangers[order[roster:]]
        yield gallery, probes[(probes @ gallery.T < cut).all(1)]


def _unit(vectors: Floats) -> Floats:
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)


def _name(band: tuple[int, int]) -> str:
    return f"{band[0]}–{band[1]} years"


TEXT = """\
Strangers of one age band before a roster of {roster} people of the same band, **one portrait each**: the share that
the product's rule takes for somebody (FPIR). Ready-made SFace templates (UTKFace, ages as given there; {counts}),
{draws} rosters drawn by lot. Pairs above {duplicate} are left out as the same person twice, which flatters every rule
alike.

{by_point}

The last row shows what the same plain threshold would do without setting the score against the roster's own next best
scores. In the product nobody under six is matched at all, so the first column is for information. The row above it:
some people stand in this set twice. The number of pairs falls fourfold with every .05 of score up to about {perhaps}
and hardly any more above it, so many pairs between {perhaps} and {duplicate} are probably one person, rightly
recognised; the true rate lies between the two rows. (The lower one flatters: a rule that asks for more than {perhaps}
cannot fail there.)

By the size of the roster, at the operating point 0.001:

{by_roster}

The price: the score that half of the probes would have to exceed to be believed, at the same operating point.

{needed}

An enrolled adult's picture reaches .64 (one portrait) to .74 (three) in the median. If children's pictures reach no
more than that, few of them are matched by machine on a large roster of their own age: they stay covered, and a person
names them.

*Limits.* **How often a child is rightly recognised is not known**: no set of children with several pictures each was
to be had, and the figures for adults must not be read as theirs. A child's portrait ages faster. Siblings are not in
these sets (the product never matches a child whose sibling is on the roster). One portrait each is the hard case;
more portraits make a template steadier.
"""
