"""Bytes of pictures: only those that belong to a photo that may be seen."""

from __future__ import annotations

import pytest

from appliance.domain.release import Copy, CopyState
from tests.web.school import Browser, School, picture

JPEG = picture(())


def test_a_derivative_is_the_very_file_of_the_vault(browser: Browser, school: School) -> None:
    photo = school.photo()
    derivative = school.derivative(photo)
    answer = browser.client.get(f"/photo/{photo}/derivative/{derivative}")
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.content == school.home.vault.read("derivatives", derivative)


def test_a_derivative_of_another_photo_or_of_none_is_not_found(browser: Browser, school: School) -> None:
    photo, other = school.photo("a", []), school.photo("b")
    stray = school.home.vault.add("derivatives", JPEG + b"stray")
    for derivative in (school.derivative(other), stray, "0" * 64, photo):
        assert browser.client.get(f"/photo/{photo}/derivative/{derivative}").status_code == 404


@pytest.mark.parametrize("name", ["..%2f..%2fpeople.db", "people.db", "A" * 64, "0" * 63, "0" * 65, "%00" * 8])
def test_names_that_are_no_hash_are_not_found(browser: Browser, school: School, name: str) -> None:
    photo = school.photo()
    for path in (f"/photo/{photo}/derivative/{name}", f"/photo/{name}/proof", f"/portrait/{name}", f"/photo/{name}"):
        assert browser.client.get(path).status_code == 404, path


def test_looking_at_a_proof_goes_into_the_audit_log(browser: Browser, school: School) -> None:
    photo = school.photo()
    assert browser.client.get(f"/photo/{photo}/proof").content == school.home.vault.read("proofs", photo)
    entry = school.home.audit.entries(1)[0]
    assert entry["event"] == "proof_viewed"
    assert "Sam Patel" in entry["payload"]
    school.home.vault.remove("proofs", photo)
    assert browser.client.get(f"/photo/{photo}/proof").status_code == 404


def test_a_quarantined_photo_shows_nothing_anywhere(browser: Browser, school: School) -> None:
    photo = school.photo("holiday/IMG_SECRET.JPG")
    derivative = school.derivative(photo)
    copy = Copy(derivative, photo, "website", "published", f"{derivative}.jpg", "", None, CopyState.PUBLISHED)
    school.home.ledger.register.record([copy])
    assert browser.post(f"/photo/{photo}/quarantine", confirm="yes")[0] == 303
    for path in (f"/photo/{photo}/derivative/{derivative}", f"/photo/{photo}/proof"):
        assert browser.client.get(path).status_code == 404, path
    for path in ("/?show=all", "/?show=aside", "/", f"/photo/{photo}", "/register", "/status"):
        text = browser.get(path)
        assert "IMG_SECRET" not in text, path
        assert "<img" not in text, path
        assert "/derivative/" not in text, path
    assert "uarantined" in browser.get("/?show=aside")
    assert browser.client.get(f"/photo/{photo}/state").json()["state"] == "quarantined"
    assert browser.post(f"/photo/{photo}/cover", x=1, y=1, w=50, h=50)[0] == 409
    assert browser.post(f"/photo/{photo}/withhold", channel="press", reason="x")[0] == 409
    assert browser.post(f"/photo/{photo}/approve", derivative=derivative, channel="website")[0] == 409


def test_a_portrait_is_served_only_if_it_is_somebodys_and_a_picture(browser: Browser, school: School) -> None:
    vault, people = school.home.vault, school.home.people
    good, page = vault.add("portraits", JPEG), vault.add("portraits", b"<script>alert(1)</script>")
    stray = vault.add("portraits", JPEG + b"nobody's")
    for portrait in (good, page):
        people.add_portrait("P1", portrait)
    answer = browser.client.get(f"/portrait/{good}")
    assert (answer.status_code, answer.headers["content-type"], answer.content) == (200, "image/jpeg", JPEG)
    assert browser.client.get(f"/portrait/{page}").status_code == 404
    assert browser.client.get(f"/portrait/{stray}").status_code == 404
