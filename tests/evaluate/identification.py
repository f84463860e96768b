"""How many are recognised, how many strangers are taken for somebody: open-set trials on LFW by the product's rule."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from appliance.domain.identify import Thresholds
from appliance.vision.eyes import Eyes, thresholds_for
from appliance.vision.runtime import Models
from tests.evaluate import lfw
from tests.evaluate.lfw import Seen
from tests.evaluate.plot import Axes, Curve, plot
from tests.evaluate.progress import watched
from tests.evaluate.table import table
from tests.evaluate.trial import Outcome, School, clearance, draw_school, judge

ROSTERS = (8, 20, 80, 200)
PORTRAITS = (1, 2, 3)
DRAWS = 10
USUAL = 0.001
"""The operating point of a school that sets nothing."""

Case = tuple[float, int, int]
"""Operating point, size of the roster, portraits each."""


def measure(data: Path) -> str:
    """The section on identification."""
    eyes = Eyes.open(USUAL)
    seen, points = lfw.templates(data, eyes), operating_points()
    schools = {(n, k): [draw_school(seen, n, k, s) for s in range(DRAWS)] for n in ROSTERS for k in PORTRAITS}
    cases = [(f, n, k) for f in points for n in ROSTERS for k in PORTRAITS]
    outcomes = {c: judge(schools[c[1:]], seen, points[c[0]]) for c in watched(cases, "open-set trials")}
    return TEXT.format(
        pictures=len(seen.people), people=len(np.unique(seen.people)), draws=DRAWS, usable=int((~seen.usable).sum()),
        points=points_table(points), rates=_rates(outcomes), figure=_figure(schools, seen, points[USUAL], outcomes),
    )  # fmt: skip


def operating_points() -> dict[float, Thresholds]:
    """The product's thresholds by the rate of false identification that they are for."""
    models = Models.open()
    tabled = models.operating_points()["operating_point"]
    return {float(row["fpir"]): thresholds_for(float(row["fpir"]), models) for row in tabled}


def points_table(points: Mapping[float, Thresholds]) -> str:
    """The thresholds, for a reader of the page."""
    header = ["operating point", "plain", "raised", "small plain", "margin", "cohort"]
    return table(header, [[f, t.plain, t.raised, t.small_plain, t.margin, t.cohort] for f, t in points.items()])


def _rates(outcomes: Mapping[Case, Outcome]) -> str:
    header = ["operating point", "roster", "portraits", "TPIR", "FPIR", "enrolled, taken for another"]
    return table(header, [[*case, seen.tpir, seen.fpir, seen.mistaken] for case, seen in outcomes.items()])


def _figure(
    schools: Mapping[tuple[int, int], Sequence[School]], seen: Seen, usual: Thresholds,
    outcomes: Mapping[Case, Outcome],
) -> str:  # fmt: skip
    roster, curves, dots = max(ROSTERS), {}, {}
    for k in PORTRAITS:
        name = f"{k} portrait{'s' * (k > 1)}"
        curves[name] = _curve(schools[roster, k], seen, usual)
        tabled = [o for (_, n, portraits), o in outcomes.items() if (n, portraits) == (roster, k)]
        dots[name] = ([o.fpir.share for o in tabled], [1 - o.tpir.share for o in tabled])
    axes = Axes(
        "strangers taken for somebody (FPIR)", "enrolled people not recognised (1 − TPIR)", log_x=True, log_y=True,
        percent="xy", x_range=(2e-5, 0.02), y_range=(0.009, 1.0),
    )  # fmt: skip
    return plot("identification", axes, curves, dots)


def _curve(schools: Sequence[School], seen: Seen, rules: Thresholds) -> Curve:
    """FPIR and 1 − TPIR while all thresholds move together away from the usual ones."""
    mated, strange = [], []
    for school in schools:
        scores = seen.vectors[school.mated] @ school.gallery.T
        names = np.array(school.subjects)[scores.argmax(1)]
        passes = seen.usable[school.mated] & (names == seen.people[school.mated])
        mated.append(np.where(passes, clearance(scores, rules), -9))
        strange.append(clearance(seen.vectors[school.strangers] @ school.gallery.T, rules))
    shifts = np.linspace(-0.2, 0.2, 161)
    fpir = [float((np.concatenate(strange) >= s).mean()) for s in shifts]
    missed = [float((np.concatenate(mated) < s).mean()) for s in shifts]
    kept = [i for i, f in enumerate(fpir) if f > 0]
    return [fpir[i] for i in kept], [missed[i] for i in kept]


TEXT = """\
{pictures} pictures of {people} adults (LFW, without the people whose labels the errata call wrong), each decoded,
detected, aligned and turned into a template by the product's own code; {usable} were not good enough to be compared
and count as misses. For each row {draws} rosters are drawn by lot. Everybody else is a stranger with one picture.
Each picture then goes through the product's own `identify` with the thresholds of `models/operating_points.toml`:

{points}

**TPIR**: of pictures of enrolled people, the share matched to the right person (the rest stay covered and cost a
click). **FPIR**: of pictures of strangers, the share matched to anybody at all; a stranger is then shown if that
somebody may be shown. **Taken for another**: of pictures of enrolled people, the share matched to the wrong person.
Portraits: how many pictures one template is the mean of.

{rates}

![Share of enrolled people missed against share of strangers taken for somebody, roster 200]({figure})

The curves move all thresholds of the operating point 0.001 up and down together (roster of 200); they end where not
one stranger in all draws passes. The dots are the operating points.

*Limits.* Intervals count each person once, however many pictures and rosters they appear in, so they are wide rather
than flattering. LFW is adults, frontal, press photos, and in many training sets: an upper bound. Every picture is a
photo of its own here, so the rule that nobody stands in a photo twice never helps.
"""
