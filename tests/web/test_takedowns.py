"""The page of takedowns: tasks for a person first, closed with evidence; the page says when sending is in trouble."""

from __future__ import annotations

from appliance.domain.release import Copy, CopyState
from appliance.domain.takedown import BY_HAND, Why
from appliance.outbox import Outbox
from tests.web.school import Browser, School

DUE = "2999-01-01T00:00:00.000000+00:00"
PAST = "2020-01-01T00:00:00.000000+00:00"


def out(school: School, target: str = BY_HAND, due_at: str = DUE) -> Copy:
    photo = school.photo()
    derivative = school.derivative(photo)
    path = f"social/2026-06-01-fair/{derivative}.jpg"
    copy = Copy(derivative, photo, "social", target, path, "", None, CopyState.POSSIBLY_PUBLISHED)
    school.home.ledger.register.record([copy])
    school.home.ledger.takedowns.open(copy, Why.WITHHELD, due_at)
    return copy


def test_without_takedowns_the_page_says_so(browser: Browser) -> None:
    assert "Nothing has to be taken down" in browser.get("/takedowns")


def test_a_task_is_closed_with_evidence_by_whoever_is_at_the_page(browser: Browser, school: School) -> None:
    out(school)
    page = browser.get("/takedowns")
    assert "1 copy needs a person" in page and "carried on by hand" in page and "It may not go there any more" in page
    assert browser.post("/takedowns/1/close", evidence="  ")[0] == 409
    assert browser.post("/takedowns/1/close", evidence="post deleted <b>3 March</b>")[0] == 303
    page = browser.get("/takedowns")
    assert "post deleted &lt;b&gt;3 March" in page and "Sam Patel" in page
    assert [c.state for c in school.home.ledger.register.copies()] == [CopyState.TAKEN_DOWN]
    changes = [e["event"] for e in school.home.audit.entries() if e["event"] != "page_viewed"]
    assert changes[0] == "takedown_closed"


def test_what_the_sender_does_by_itself_cannot_be_closed_before_its_time(browser: Browser, school: School) -> None:
    out(school, target="published")
    assert "Being removed by the box" in browser.get("/takedowns")
    status, words = browser.post("/takedowns/1/close", evidence="looked")
    assert status == 409 and "appliance sync" in words


def test_an_overdue_takedown_of_the_sender_becomes_a_task(browser: Browser, school: School) -> None:
    out(school, target="published", due_at=PAST)
    page = browser.get("/takedowns")
    assert "Overdue" in page and "1 copy needs a person" in page
    assert browser.post("/takedowns/1/close", evidence="asked the host, file is gone")[0] == 303


def test_no_picture_of_a_quarantined_photo_is_on_the_page(browser: Browser, school: School) -> None:
    copy = out(school)
    assert f"/derivative/{copy.derivative}" in browser.get("/takedowns")
    assert browser.post(f"/photo/{copy.photo}/quarantine", confirm="yes")[0] == 303
    assert f"/derivative/{copy.derivative}" not in browser.get("/takedowns")


def test_trouble_with_the_target_is_told_where_pictures_are_sent_from(browser: Browser, school: School) -> None:
    assert "The target is full" not in browser.get("/")
    Outbox(school.home.outbox).note("state", {"at": PAST, "trouble": "target_full"})
    assert "The target is full" in browser.get("/")
    assert "the target is full" in browser.get("/status")
