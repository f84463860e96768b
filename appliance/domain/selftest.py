"""What a test on a box's own roster says: tries in; shares, verdicts by age and a recommendation out."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from appliance.domain.band import Band
from appliance.domain.wilson import interval

RATES = (0.0001, 0.0003, 0.001, 0.003, 0.01)
"""The rates of false identification that are tried besides the stated one; nothing laxer can be stated."""
USUAL = 0.001
"""What is never exceeded by a recommendation that the roster is too small to prove."""
DOUBT = 0.2
"""A band is refused where so many false matches would come about with less than this chance if the stated rate held."""
SHIFTS = tuple(round(-0.3 + 0.02 * i, 2) for i in range(31))
"""Cosine by which all thresholds together are moved from the stated ones, for the curve."""
FEWEST = 2
"""People whom a test needs."""


class Verdict(StrEnum):
    """Whether the roster supports a rate of false identification in an age band."""

    SUPPORTED = "supported"
    TOO_FEW = "too_few"
    REFUSED = "refused"
    NEVER = "never"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Share:
    """`hits` of `of` tries with portraits of so many `people`; tries of one person are not independent."""

    hits: int
    of: int
    people: int

    @property
    def value(self) -> float | None:
        """0 to 1; None where nothing was tried."""
        return self.hits / self.of if self.of else None

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's 95 % score interval, each person counted once."""
        return interval(self.value or 0.0, self.people if self.of else 0)


@dataclass(frozen=True, slots=True)
class Try:
    """One portrait shown to the gallery, twice.

    taken_for: for each rate, the band of whomever it was taken for while its person was not in the gallery. found: for
    each rate, whether it was matched to its person by their other portraits; None where that cannot be tried.
    lasts_as_stranger, lasts_as_mate: up to which step of the curve that was so; -1 for not at all.
    """

    subject: str
    band: Band
    group: str
    taken_for: tuple[Band | None, ...]
    found: tuple[bool, ...] | None
    lasts_as_stranger: int
    lasts_as_mate: int | None


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the report. name: a band, a group, or `all`. strangers: FPIR. missed: FNIR."""

    fpir: float
    name: str
    strangers: Share
    missed: Share
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Point:
    """One point of a curve: the shares of strangers taken for somebody, and of enrolled people not found."""

    strangers: float
    missed: float


def strangers(tries: Iterable[Try], rate: int, into: Band | None = None) -> Share:
    """How many were taken for somebody (of the band `into`, if given) at the rate of this number."""
    seen = list(tries)
    hits = sum(t.taken_for[rate] is not None and into in (None, t.taken_for[rate]) for t in seen)
    return Share(hits, len(seen), len({t.subject for t in seen}))


def missed(tries: Iterable[Try], rate: int) -> Share:
    """How many were not matched to their own person at the rate of this number."""
    seen = [(t.subject, t.found[rate]) for t in tries if t.found is not None]
    return Share(sum(not found for _, found in seen), len(seen), len({subject for subject, _ in seen}))


def verdict(tries: Sequence[Try], band: Band, rate: int, stated: float) -> Verdict:
    """Whether the roster supports the stated rate in a band.

    REFUSED where strangers of any age are taken for people of this band more often than the rate can well explain: the
    people of one band of strangers count, each as the share of their portraits that were taken for somebody. Zero of
    few is no proof, and no evidence against it either: TOO_FEW.
    """
    if band is Band.INFANT:
        return Verdict.NEVER
    own = [t for t in tries if t.band is band]
    if not own:
        return Verdict.NOBODY
    for among in Band:
        by_person: dict[str, list[bool]] = {}
        for t in tries:
            if t.band is among:
                by_person.setdefault(t.subject, []).append(t.taken_for[rate] is band)
        mistaken = math.ceil(sum(sum(taken) / len(taken) for taken in by_person.values()) - 1e-9)
        if mistaken and at_least(mistaken, len(by_person), stated) < DOUBT:
            return Verdict.REFUSED
    return Verdict.SUPPORTED if strangers(own, rate).interval[1] <= stated else Verdict.TOO_FEW


def at_least(hits: int, of: int, chance: float) -> float:
    """The chance that at least `hits` of `of` independent tries succeed, each with this chance (binomial)."""
    below = sum(math.comb(of, k) * chance**k * (1 - chance) ** (of - k) for k in range(hits))
    return max(0.0, 1.0 - below)


def lines(tries: Sequence[Try], rates: Sequence[float], stated: float) -> list[Line]:
    """For each rate the whole roster and each band in it; for the stated rate each group too."""
    found = []
    for i, fpir in enumerate(rates):
        verdicts = {b: verdict(tries, b, i, fpir) for b in Band}
        whole = Verdict.REFUSED if Verdict.REFUSED in verdicts.values() else Verdict.TOO_FEW
        if strangers(tries, i).interval[1] <= fpir and whole is not Verdict.REFUSED:
            whole = Verdict.SUPPORTED
        found.append(Line(fpir, "all", strangers(tries, i), missed(tries, i), whole))
        for band in (b for b in Band if verdicts[b] is not Verdict.NOBODY and any(t.band is b for t in tries)):
            own = [t for t in tries if t.band is band]
            found.append(Line(fpir, band, strangers(own, i), missed(own, i), verdicts[band]))
    i = list(rates).index(stated)
    for group in sorted({t.group for t in tries if t.group}):
        own = [t for t in tries if t.group == group]
        found.append(Line(stated, f"group {group}", strangers(own, i), missed(own, i), Verdict.TOO_FEW))
    return found


def refused(found: Iterable[Line]) -> Mapping[float, frozenset[Band]]:
    """For each rate the bands in which nobody is to be matched by machine."""
    bands: dict[float, set[Band]] = {}
    for line in found:
        bands.setdefault(line.fpir, set())
        if line.verdict is Verdict.REFUSED and line.name != "all":
            bands[line.fpir].add(Band(line.name))
    return {fpir: frozenset(b) for fpir, b in bands.items()}


def recommended(found: Iterable[Line]) -> float:
    """The rate that finds most people among those at which no band is refused; of equals the one nearest to USUAL.

    Not the strictest of equals: portraits are easier than photos of an event, where strictness loses people that a test
    on portraits does not. Nothing laxer than USUAL unless the roster is large enough to prove it; the strictest where a
    band is refused at every rate.
    """
    whole = sorted((line for line in found if line.name == "all"), key=lambda line: line.fpir)
    fit = [
        line for line in whole
        if line.verdict is Verdict.SUPPORTED or (line.verdict is Verdict.TOO_FEW and line.fpir <= USUAL)
    ]  # fmt: skip
    return min(fit or whole[:1], key=lambda line: (line.missed.hits, abs(math.log(line.fpir / USUAL)))).fpir


def curve(tries: Sequence[Try], steps: int) -> list[Point]:
    """From the laxest thresholds to the strictest: the DET curve. Empty where nobody has a second portrait."""
    mates = [t.lasts_as_mate for t in tries if t.lasts_as_mate is not None]
    if not mates:
        return []
    return [
        Point(
            sum(t.lasts_as_stranger >= step for t in tries) / len(tries),
            sum(lasts < step for lasts in mates) / len(mates),
        )
        for step in range(steps)
    ]  # fmt: skip
