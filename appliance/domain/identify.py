"""Who a probe is, if anybody: comparison scores in, `Match | NoMatch | Ambiguous` out.

A score means nothing by itself: two children who are strangers to each other look more alike to the model than two
adults do. So the best score is set against the roster's own next best scores before it is believed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Match:
    """The probe is taken for this subject."""

    subject: str
    comparison: float


@dataclass(frozen=True, slots=True)
class NoMatch:
    """Nobody in the gallery is near enough."""


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """Somebody is near enough, but the gallery cannot say who: a person has to."""


Identification = Match | NoMatch | Ambiguous


@dataclass(frozen=True, slots=True)
class Thresholds:
    """What a candidate must reach; see `models/manifest.toml` for where the numbers were measured.

    plain: cosine to the candidate's mean template. raised: the candidate's cosine less the mean of the next `cohort`
    best in the gallery; asked for only where the gallery has more than `cohort` people. small_plain: the plain
    threshold of a gallery too small to normalise. margin: cosine less that of the runner-up.
    """

    plain: float
    raised: float
    cohort: int
    small_plain: float
    margin: float


def identify(
    scores: Sequence[Mapping[str, float]], rules: Thresholds, undecidable: AbstractSet[str]
) -> list[Identification]:
    """One answer for each probe of one photo; `scores[i]` holds probe i's cosine to every enrolled subject.

    A subject in `undecidable` (a sibling or twin is on the roster, or too young) is never matched by machine. A
    subject that two probes of the photo both pass for is given to neither: nobody stands in a photo twice.
    """
    ranked = [sorted(((score, subject) for subject, score in s.items()), reverse=True) for s in scores]
    passes_for = [r[0][1] if r and _near_enough([score for score, _ in r], rules) else None for r in ranked]
    claims = Counter(passes_for)
    withheld = undecidable | {subject for subject in passes_for if subject is not None and claims[subject] > 1}
    return [
        NoMatch() if subject is None else _decided(r, rules, withheld)
        for r, subject in zip(ranked, passes_for, strict=True)
    ]


def _decided(ranked: Sequence[tuple[float, str]], rules: Thresholds, withheld: AbstractSet[str]) -> Match | Ambiguous:
    best, subject = ranked[0]
    runner_up = ranked[1][0] if len(ranked) > 1 else -1.0
    return Ambiguous() if subject in withheld or best - runner_up < rules.margin else Match(subject, best)


def _near_enough(ranked: Sequence[float], rules: Thresholds) -> bool:
    best, rest = ranked[0], ranked[1 : 1 + rules.cohort]
    if len(rest) < rules.cohort:
        return best >= rules.small_plain
    return best >= rules.plain and best - sum(rest) / len(rest) >= rules.raised
