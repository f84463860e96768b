"""The box tests itself on its own roster: each portrait as a stranger, and against its person's other portraits.

Portraits are looked at anew; what comes of them lives in memory until the counts are made, and only counts are kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from appliance.domain.band import Band, band_of
from appliance.domain.identify import Match, Thresholds, identify
from appliance.domain.portrait import Terms
from appliance.domain.selftest import FEWEST, RATES, SHIFTS, Try, curve, lines, recommended, refused
from appliance.errors import Refusal
from appliance.pipeline.analyse import undecidable_subjects
from appliance.pipeline.enrol import in_use, look, may_enrol
from appliance.pipeline.selftest_report import Report
from appliance.store.gallery import Gallery
from appliance.store.ledger import Ledger
from appliance.store.people import People
from appliance.store.vault import Vault
from appliance.vision.decoder import Decoder
from appliance.vision.embed import mean_template
from appliance.vision.eyes import Eyes
from appliance.vision.runtime import Floats
from appliance.vision.search import compare

Progress = Callable[[int, int, str], None]


@dataclass(frozen=True, slots=True)
class Enrolled:
    """Somebody with good portraits: a probe and a template of each, float32 [128]."""

    subject: str
    probes: Sequence[Floats]
    templates: Sequence[Floats]


def selftest(
    *, people: People, vault: Vault, gallery: Gallery, ledger: Ledger, eyes: Eyes, decoder: Decoder, today: date,
    terms: Terms, stated: float, progress: Progress = lambda *_: None,
) -> Report:  # fmt: skip
    """Measure both error rates at the stated rate and at those beside it, and record the counts and what follows.

    progress: called with what is done, what there is to do, and what it is. Raises Refusal if matching is off, or fewer
    than two people have a good portrait.
    """
    if not people.matching().is_on:
        raise Refusal("matching_off", "matching is off: there is nobody to test it on.")
    version, rates = gallery.version(), sorted({*RATES, stated})
    enrolled = list(_looked_at(people, vault, gallery, eyes, decoder, today, terms, progress))
    if len(enrolled) < FEWEST:
        raise Refusal(
            "too_few_enrolled", "at least two people with biometric consent and a good portrait are needed to test on."
        )
    undecidable = undecidable_subjects(people.roster(), today)
    tries = list(_tries(enrolled, people, eyes, rates, stated, undecidable, today, progress))
    found = lines(tries, rates, stated)
    report = Report(
        stated, len(enrolled), len(tries), sum(len(e.probes) < 2 for e in enrolled),
        sum(e.subject in undecidable for e in enrolled), tuple(found), recommended(found),
        {name: tuple(curve(some, len(SHIFTS))) for name, some in _curves(tries)},
    )  # fmt: skip
    ledger.selftests.record(version, report.as_json(), refused(found))
    return report


def _looked_at(
    people: People, vault: Vault, gallery: Gallery, eyes: Eyes, decoder: Decoder, today: date, terms: Terms,
    progress: Progress,
) -> Iterable[Enrolled]:  # fmt: skip
    """Everybody whose template may exist today, by the portraits that it is made of."""
    added, taken = people.portraits_added(), gallery.taken_on()
    wanted = {s: in_use(p, taken, today, terms) for s, p in sorted(added.items()) if may_enrol(s, people, today)}
    done, total = 0, sum(map(len, wanted.values()))
    for subject, portraits in wanted.items():
        probes, templates = [], []
        for portrait in portraits:
            looked = look(vault.read("portraits", portrait), eyes, decoder, added[subject][portrait])
            if looked.template is not None and looked.probe is not None:
                probes.append(looked.probe)
                templates.append(looked.template)
            done += 1
            progress(done, total, "looking at portraits")
        if probes:
            yield Enrolled(subject, probes, templates)


def _tries(
    enrolled: Sequence[Enrolled], people: People, eyes: Eyes, rates: Sequence[float], stated: float,
    undecidable: frozenset[str], today: date, progress: Progress,
) -> Iterable[Try]:  # fmt: skip
    roster = people.roster().people
    bands = {e.subject: band_of(roster[e.subject], today) for e in enrolled}
    subjects = [e.subject for e in enrolled]
    vectors = np.stack([mean_template(list(e.templates)) for e in enrolled])
    rules = [eyes.at(fpir).thresholds for fpir in rates]
    steps = [shifted(eyes.at(stated).thresholds, by) for by in SHIFTS]
    for done, e in enumerate(enrolled, start=1):
        progress(done, len(enrolled), "comparing")
        for i, probe in enumerate(e.probes):
            scores = compare(probe, subjects, vectors)
            others = {s: score for s, score in scores.items() if s != e.subject}
            taken_for = tuple(bands.get(_said(others, r, undecidable) or "") for r in rules)
            found = lasts = None
            rest = [t for j, t in enumerate(e.templates) if j != i]
            if rest and e.subject not in undecidable:
                mated = {**others, e.subject: float(mean_template(rest) @ probe)}
                found = tuple(_said(mated, r, undecidable) == e.subject for r in rules)
                lasts = _lasts(mated, steps, undecidable, e.subject)
            yield Try(
                e.subject, bands[e.subject], roster[e.subject].group, taken_for, found,
                _lasts(others, steps, undecidable, None), lasts,
            )  # fmt: skip


def shifted(rules: Thresholds, by: float) -> Thresholds:
    """The thresholds, each moved by so much cosine."""
    return replace(
        rules, plain=rules.plain + by, raised=rules.raised + by, small_plain=rules.small_plain + by,
        margin=rules.margin + by,
    )  # fmt: skip


def _said(scores: Mapping[str, float], rules: Thresholds, undecidable: frozenset[str]) -> str | None:
    """Whom the product's own rule takes a probe for that stands alone in its photo."""
    (answer,) = identify([scores], rules, undecidable)
    return answer.subject if isinstance(answer, Match) else None


def _lasts(
    scores: Mapping[str, float], steps: Sequence[Thresholds], undecidable: frozenset[str], right: str | None
) -> int:
    """The last of ever stricter steps at which the probe is matched (to `right`, if given); -1 for none."""
    low, high = -1, len(steps) - 1
    while low < high:
        middle = (low + high + 1) // 2
        said = _said(scores, steps[middle], undecidable)
        if said is not None and right in (None, said):
            low = middle
        else:
            high = middle - 1
    return low


def _curves(tries: Sequence[Try]) -> Iterable[tuple[str, list[Try]]]:
    """The whole roster, and each band that has enough people for a curve of its own."""
    yield "all", list(tries)
    for band in Band:
        own = [t for t in tries if t.band is band]
        if len({t.subject for t in own}) >= 20:
            yield str(band), own
