"""What the box may conclude from a test on its own roster."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.domain.band import Band
from appliance.domain.selftest import (
    Share,
    Try,
    Verdict,
    at_least,
    curve,
    lines,
    missed,
    recommended,
    refused,
    strangers,
    verdict,
)
from appliance.pipeline.selftest_report import Report, in_words, name_in_words

RATES = (0.0001, 0.001, 0.01)


def tries(band: Band, people: int, mistaken: int = 0, into: Band | None = None, *, group: str = "5B") -> list[Try]:
    """One portrait each; the first `mistaken` are taken for somebody at every rate."""
    into = into or band
    return [
        Try(f"{band}{i}", band, group, ((into if i < mistaken else None),) * len(RATES), (True,) * len(RATES), -1, 20)
        for i in range(people)
    ]


@pytest.mark.parametrize(
    ("people", "mistaken", "stated", "expected"),
    [
        pytest.param(60, 0, 0.001, Verdict.TOO_FEW, id="none of few: no proof, no evidence against it"),
        pytest.param(60, 1, 0.001, Verdict.REFUSED, id="one of sixty"),
        pytest.param(600, 1, 0.001, Verdict.TOO_FEW, id="one of six hundred is what the rate allows"),
        pytest.param(600, 2, 0.001, Verdict.REFUSED, id="two of six hundred is not"),
        pytest.param(5000, 0, 0.001, Verdict.SUPPORTED, id="none of very many"),
        pytest.param(60, 1, 0.01, Verdict.TOO_FEW, id="a laxer rate"),
        pytest.param(0, 0, 0.001, Verdict.NOBODY, id="nobody"),
    ],
)
def test_a_band_is_refused_where_the_roster_speaks_against_the_rate(
    people: int, mistaken: int, stated: float, expected: Verdict
) -> None:
    assert verdict(tries(Band.CHILD, people, mistaken), Band.CHILD, 1, stated) is expected


def test_a_band_is_refused_for_the_strangers_of_another_who_are_taken_for_its_people() -> None:
    shown = [*tries(Band.INFANT, 30, 3, Band.CHILD), *tries(Band.CHILD, 60), *tries(Band.TEEN, 60)]
    found = {b: verdict(shown, b, 1, 0.001) for b in Band}
    assert found[Band.CHILD] is Verdict.REFUSED
    assert found[Band.TEEN] is Verdict.TOO_FEW
    assert found[Band.INFANT] is Verdict.NEVER


def test_portraits_of_one_person_count_as_one_person() -> None:
    many = [t for t in tries(Band.TEEN, 1, 1) for _ in range(5)] + tries(Band.TEEN, 500)[1:]
    share = strangers(many, 1)
    assert (share.hits, share.of, share.people) == (5, 504, 500)
    assert verdict(many, Band.TEEN, 1, 0.01) is Verdict.TOO_FEW
    assert missed(many, 1).hits == 0


def test_recommended_is_what_finds_most_without_a_refusal() -> None:
    calm = [*tries(Band.CHILD, 60), *tries(Band.TEEN, 60)]
    assert recommended(lines(calm, RATES, 0.001)) == 0.001
    taken = [(None, t.band if i < 4 else None, t.band if i < 9 else None) for i, t in enumerate(calm)]
    lax = [Try(t.subject, t.band, "", taken[i], (i > 0, True, True), -1, 20) for i, t in enumerate(calm)]
    found = lines(lax, RATES, 0.001)
    assert refused(found) == {0.0001: frozenset(), 0.001: {Band.CHILD}, 0.01: {Band.CHILD}}
    assert recommended(found) == 0.0001


def test_the_laxest_rate_is_recommended_only_on_proof() -> None:
    few = [Try(t.subject, t.band, "", (None,) * 3, (False, False, True), -1, 3) for t in tries(Band.ADULT, 100)]
    many = [Try(t.subject, t.band, "", (None,) * 3, (False, False, True), -1, 3) for t in tries(Band.ADULT, 1000)]
    assert recommended(lines(few, RATES, 0.001)) == 0.001
    assert recommended(lines(many, RATES, 0.001)) == 0.01


def test_a_report_says_the_same_after_it_was_kept() -> None:
    found = tuple(lines([*tries(Band.CHILD, 60, 1), *tries(Band.ADULT, 9)], RATES, 0.001))
    report = Report(0.001, 69, 69, 2, 1, found, 0.0001, {"all": tuple(curve(tries(Band.CHILD, 3), 31))})
    assert Report.of_json(report.as_json()) == report


def test_it_says_in_words_what_it_means() -> None:
    found = lines([*tries(Band.CHILD, 60, 1), *tries(Band.ADULT, 9)], RATES, 0.001)
    said = {line.name: in_words(line) for line in found if line.fpir == 0.001}
    assert "Of 1,000 strangers about 17 would be taken for somebody" in said["6-11"]
    assert "more than 1 in 1,000 strangers: nobody of this age is matched by machine" in said["6-11"]
    assert "none was taken for somebody else; of 1,000 strangers it would be at most 299" in said["adult"]
    assert "so few people cannot prove it" in said["adult"]
    assert name_in_words("6-11") == "6 to 11 years"
    assert "group 5B" in said


def test_the_curve_goes_from_lax_to_strict() -> None:
    points = curve([Try("a", Band.ADULT, "", (), (), 3, 10), Try("b", Band.ADULT, "", (), (), -1, 20)], 31)
    assert [p.strangers for p in points[:5]] == [0.5, 0.5, 0.5, 0.5, 0.0]
    assert (points[0].missed, points[15].missed, points[30].missed) == (0.0, 0.5, 1.0)
    assert curve([Try("a", Band.ADULT, "", (), None, 3, None)], 31) == []


@given(st.integers(0, 40), st.integers(0, 40), st.floats(0.0001, 0.5))
def test_more_hits_are_never_more_likely(hits: int, of: int, chance: float) -> None:
    assert 0 <= at_least(hits + 1, of, chance) <= at_least(hits, of, chance) + 1e-9 <= 1 + 1e-8
    assert at_least(0, of, chance) == 1


@given(st.integers(1, 500), st.integers(0, 500))
def test_the_interval_holds_the_share(people: int, hits: int) -> None:
    share = Share(min(hits, people), people, people)
    low, high = share.interval
    assert share.value is not None
    assert 0 <= low <= share.value + 1e-12 and share.value <= high + 1e-12 <= 1 + 1e-9
