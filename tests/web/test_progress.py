"""Progress, its estimate, and sending at once."""

from __future__ import annotations

import pytest

from appliance.domain.photo import PhotoState
from appliance.domain.release import Copy, CopyState
from appliance.store.jobs import Job
from appliance.web import say
from appliance.web.progress import Pace
from tests.web.school import Browser, School


def test_an_estimate_needs_some_work_to_have_been_done() -> None:
    pace = Pace()
    assert pace.left_s(0, 100) is None
    assert pace.left_s(2, 95) is None
    assert pace.left_s(10, 80) == pytest.approx(40)


def test_an_estimate_begins_anew_when_work_is_added() -> None:
    pace = Pace()
    pace.left_s(0, 10)
    pace.left_s(10, 5)
    assert pace.left_s(11, 50) is None
    assert pace.left_s(21, 40) == pytest.approx(40)


def test_an_estimate_forgets_how_fast_it_was_long_ago() -> None:
    pace = Pace()
    pace.left_s(0, 1000)
    pace.left_s(1, 200)
    pace.left_s(60, 199)
    assert pace.left_s(95, 198) == pytest.approx(198 * 35)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(None, "working out"), (5, "less than a minute"), (61, "about 1 minute left"), (600, "10 min"), (9000, "2 hours")],
)
def test_the_estimate_is_said_as_roughly_as_it_is_known(seconds: float | None, words: str) -> None:
    assert words in say.time_left(seconds)


def test_progress_counts_what_is_done_and_what_is_due(browser: Browser, school: School) -> None:
    school.admit("a")
    school.admit("film.mp4", aside=(PhotoState.PARKED, "video"))
    school.photo("b")
    school.home.ledger.begin_intake("/media/card", "Fair")
    now = browser.client.get("/progress").json()
    assert (now["admitted"], now["analysed"], now["rendered"]) == (1, 0, 1)
    assert now["due"] == {"analyse": 2, "render": 1}
    assert now["percent"] == 50
    assert now["busy"]
    assert "1 of 2 photos ready" in now["line"]
    assert now["intakes"] == ["Copying “Fair” from /media/card"]


def test_nothing_to_do_is_no_progress(browser: Browser) -> None:
    now = browser.client.get("/progress").json()
    assert (now["percent"], now["busy"], now["line"], now["sync"]) == (None, False, "", "")


def test_sending_is_asked_for_once_and_said_until_it_is_done(browser: Browser, school: School) -> None:
    for _ in range(2):
        assert browser.post("/sync")[0] == 303
    jobs = school.home.ledger.jobs
    assert jobs.due() == {"sync": 1}
    assert browser.client.get("/progress").json()["sync"] == "Sending approved pictures…"
    assert not browser.client.get("/progress").json()["busy"]
    jobs.complete(Job("sync", "now", 1))
    assert browser.client.get("/progress").json()["sync"] == ""


def test_the_register_lists_every_copy_in_words(browser: Browser, school: School) -> None:
    assert "Nothing has left this box yet" in browser.get("/register")
    photo = school.photo()
    derivative = school.derivative(photo)
    path = f"website/unsorted/{derivative}.jpg"
    for state in (CopyState.PUBLISHED, CopyState.TAKEN_DOWN):
        school.home.ledger.register.record([Copy(derivative, photo, "website", "published", path, "", None, state)])
        assert say.COPY_STATE[state] in browser.get("/register")
    assert path in browser.get("/register")
    assert "0 of 1 are or may be out there" in browser.get("/register")


def test_the_status_says_whether_matching_is_on_and_what_is_not_protected(browser: Browser, school: School) -> None:
    text = browser.get("/status")
    assert "<b>Off.</b>" in text
    assert "are not protected" in text
    school.match_faces()
    school.person("P1", "Ada", "Byron")
    school.home.gallery.fail("P1", made_of="x", reason="no_usable_portrait")
    school.home.people.imports.record_conflict("P1", {"a": "b"}, "why")
    text = browser.get("/status")
    assert "abababababab" in text
    assert "None of the portraits can be used" in text
    assert "1 imported row contradicts" in text
