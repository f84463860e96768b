"""The self-test's page: what it says, and what it lets a person do."""

from __future__ import annotations

import numpy as np
import pytest

from appliance.domain.band import Band
from appliance.domain.selftest import RATES, Try, curve, lines, recommended, refused
from appliance.pipeline.selftest_report import Report
from tests.web.school import Browser, School


def measured(school: School, mistaken: int = 0) -> Report:
    """A self-test of 60 children and 20 adults, as it would be recorded."""
    shown = [
        Try(f"C{i}", Band.CHILD, "5B", ((Band.CHILD if i < mistaken else None),) * len(RATES),
            (i > 2,) * len(RATES), 15 if i < mistaken else 4, 20 if i > 2 else 10)
        for i in range(60)
    ] + [Try(f"A{i}", Band.ADULT, "Staff", (None,) * len(RATES), None, -1, None) for i in range(20)]  # fmt: skip
    found = tuple(lines(shown, RATES, 0.001))
    curves = {"all": tuple(curve(shown, 31)), "6-11": tuple(curve(shown[:60], 31))}
    report = Report(0.001, 80, 80, 20, 3, found, recommended(found), curves)
    school.home.ledger.selftests.record(school.home.gallery.version(), report.as_json(), refused(found))
    return report


def enrolled(school: School) -> None:
    school.match_faces()
    for i in range(2):
        vector = np.eye(128, dtype=np.float32)[i]
        school.home.gallery.enrol(f"P{i}", vector, portraits=1, made_of="m", model="model")


def test_before_the_first_test_the_page_offers_one(browser: Browser, school: School) -> None:
    assert "Not tested yet" in browser.get("/selftest")
    assert "Matching is off" in browser.get("/selftest")
    enrolled(school)
    assert browser.post("/selftest/run")[0] == 303
    assert school.home.ledger.jobs.due() == {"selftest": 1}
    assert "The test is running" in browser.get("/selftest")


def test_a_test_without_anybody_to_test_is_refused(browser: Browser, school: School) -> None:
    assert browser.post("/selftest/run")[0] == 409
    school.match_faces()
    status, text = browser.post("/selftest/run")
    assert (status, "At least two people" in text) == (409, True)
    assert school.home.ledger.jobs.due() == {}


def test_it_says_in_words_what_was_measured_and_draws_it_without_a_script(browser: Browser, school: School) -> None:
    enrolled(school)
    measured(school)
    text = browser.get("/selftest")
    assert "Of 60 people shown as strangers none was taken for somebody else" in text
    assert "of 1,000 strangers it would be at most 60" in text
    assert "about 95 are recognised" in text
    assert "No age group is kept from matching" in text
    assert 'role="img"' in text and "<polyline" in text and "<desc" in text
    assert "The curve as numbers" in text
    assert "style=" not in text.partition("<main")[2]
    assert "The rate this school states" in text and "1 in 1,000 strangers" in text


def test_a_refused_age_is_said_in_words(browser: Browser, school: School) -> None:
    enrolled(school)
    measured(school, mistaken=3)
    text = browser.get("/selftest")
    assert "6 to 11 years:" in text and "does not support this rate" in text
    assert "nobody of this age is matched by machine" in text
    assert school.home.ledger.selftests.refused_bands(0.001) == {Band.CHILD}


def test_stating_a_rate_needs_confirmation_and_is_kept_with_the_name(browser: Browser, school: School) -> None:
    enrolled(school)
    measured(school)
    assert browser.post("/selftest/rate", fpir=0.0003)[0] == 409
    assert school.home.people.stated_rate() is None
    assert browser.post("/selftest/rate", fpir=0.0003, confirm="yes")[0] == 303
    stated = school.home.people.stated_rate()
    assert stated is not None and (stated.fpir, stated.who, school.home.fpir) == (0.0003, "Sam Patel", 0.0003)
    assert school.home.audit.entries(1)[0]["event"] == "rate_stated"
    assert "Stated by Sam Patel" in browser.get("/selftest")


@pytest.mark.parametrize("fpir", [0, -1, 0.02, 0.00123, "nan", "x"])
def test_a_rate_that_was_not_tested_cannot_be_stated(browser: Browser, school: School, fpir: object) -> None:
    enrolled(school)
    measured(school)
    assert browser.post("/selftest/rate", fpir=fpir, confirm="yes")[0] in (409, 422, 400)
    assert school.home.people.stated_rate() is None
