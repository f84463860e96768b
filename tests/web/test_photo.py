"""The photo page: the very picture, every face with its reason, and nothing that must not be told."""

from __future__ import annotations

import re

import pytest
from markupsafe import escape

from appliance.domain.consent import CHANNELS
from appliance.domain.face import Box
from appliance.domain.identify import Ambiguous, Match, NoMatch
from appliance.domain.photo import PhotoState
from tests.web.school import Browser, Face, School, detection

LEFT, RIGHT = Box(100, 100, 80, 100), Box(400, 100, 80, 100)
NAUGHTY = [
    "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{ 7 * 7 }}", "O'Brien & Söhne", "</option><b>x",
    "Robert'); DROP TABLE photos;--", "${7*7}", "\u202egpj.exe", "a" * 300, "\ufffd\x7f", "javascript:alert(1)",
]  # fmt: skip


def words(text: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", text.split("<main")[1].split("</main>", maxsplit=1)[0]).split())


def test_the_page_shows_the_derivative_of_the_chosen_channel(browser: Browser, school: School) -> None:
    school.match_faces()
    school.person("P1", "Ada", "Byron", channels=("website",))
    photo = school.photo(faces=[(LEFT, Match("P1", 0.7))])
    for channel in CHANNELS:
        derivative = school.derivative(photo, channel)
        assert f'src="/photo/{photo}/derivative/{derivative}"' in browser.get(f"/photo/{photo}?channel={channel}")
    assert school.derivative(photo, "website") != school.derivative(photo, "press")


def test_every_face_has_its_reason_in_words(browser: Browser, school: School) -> None:
    school.match_faces()
    school.person("P1", "Ada", "Byron", channels=("website",))
    faces: list[Face] = [(LEFT, Match("P1", 0.7)), (RIGHT, NoMatch()), (Box(600, 100, 80, 100), Ambiguous())]
    photo = school.photo(faces=faces)
    school.reviewer("Alex Moss").cover(school.view(photo).row, Box(0, 400, 50, 50))
    website, press = (words(browser.get(f"/photo/{photo}?channel={c}")) for c in ("website", "press"))
    assert "Ada Byron" in website
    assert "Recognised, and may be shown on the website today." in website
    assert "Recognised, and may not be shown in the press today." in press
    assert "Nobody on the roster was recognised." in website
    assert "This could be more than one person." in website
    assert "Covered by hand by Alex Moss." in website


def test_an_attested_group_is_named_and_can_be_taken_back(browser: Browser, school: School) -> None:
    school.person("P1", "Ada", "Byron", channels=("website",))
    photo = school.photo()
    assert browser.post(f"/photo/{photo}/attest", group="5B")[0] == 303
    assert "everybody in 5B may be shown on the website" in words(browser.get(f"/photo/{photo}?channel=website"))
    assert "not everybody in 5B may be shown in the press" in words(browser.get(f"/photo/{photo}?channel=press"))
    browser.post(f"/photo/{photo}/attest", group="")
    assert "Nobody on the roster was recognised." in words(browser.get(f"/photo/{photo}"))


def test_a_protected_person_reads_like_anybody_whose_pictures_wait(browser: Browser, school: School) -> None:
    school.match_faces()
    for subject in ("P2", "P3"):
        school.person(subject, "Someone", subject, protected=subject == "P2")
    (decoy,) = school.home.people.roster().second_look - {"P2"}
    pages = {}
    for subject in ("P2", decoy):
        photo = school.photo(f"{subject}.JPG", faces=[(LEFT, Match(subject, 0.7)), (RIGHT, NoMatch())])
        matched = words(browser.get(f"/photo/{photo}?channel=website"))
        school.reviewer().name(school.view(photo).row, school.view(photo).faces[0].id, subject)
        school.render(photo)
        page, people = browser.get(f"/photo/{photo}?channel=website"), browser.get(f"/people?q={subject}")
        assert "protected" not in (page + people + browser.get("/")).lower()
        assert "second look" in page
        told = words(page.split('class="history"')[0] + "</main>") + matched + people
        for mine, general in ((photo, "PHOTO"), (photo[:12], "PHOTO"), (f"{subject}.JPG", "NAME"), (subject, "P")):
            told = told.replace(mine, general)
        pages[subject] = re.sub(r"[0-9]+ of [0-9]+|Picture [0-9a-f]{12}", "", told)
    assert pages["P2"] == pages[decoy]


def test_a_group_with_a_protected_member_is_simply_not_allowed(browser: Browser, school: School) -> None:
    school.person("P1", "Ada", "Byron", protected=True)
    school.person("P2", "Bob", "Noyce")
    text = browser.get("/groups?channel=website")
    assert "5B" in text
    assert "may be shown: " not in text
    assert "Byron" not in text


@pytest.mark.parametrize("naughty", NAUGHTY)
def test_names_are_text_and_never_markup(browser: Browser, school: School, naughty: str) -> None:
    school.person("P1", naughty, naughty, group=naughty)
    photo = school.photo(f"dir/{naughty.replace('/', '_')}")
    school.home.ledger.begin_intake("/card", naughty)
    row = school.view(photo).row
    school.reviewer(naughty).name(row, school.view(photo).faces[0].id, "P1")
    school.reviewer(naughty).withhold(row, "press", naughty)
    school.render(photo)
    browser.client.post("/who", data={"csrf": browser.csrf, "name": naughty})
    assert str(escape(naughty)) in browser.get(f"/photo/{photo}")
    paths = ("/", f"/photo/{photo}", f"/photo/{photo}?channel=press", "/people?q=", "/groups", "/status", "/who")
    for path in paths:
        text = browser.get(path)
        assert "<script>alert" not in text, path
        assert "<img src=x" not in text, path
        assert "<b>x" not in text, path


def test_a_re_render_is_said_and_offers_no_approval(browser: Browser, school: School) -> None:
    photo = school.photo()
    old = school.derivative(photo)
    code, _ = browser.post(f"/photo/{photo}/cover", x=300, y=300, w=50, h=50, seen=old)
    assert code == 303
    assert browser.client.get(f"/photo/{photo}/state").json()["rendering"]
    text = browser.get(f"/photo/{photo}?channel=website&old={old}")
    assert "Making the picture again" in text
    assert "/approve" not in text
    assert f'class="layer old" src="/photo/{photo}/derivative/{old}"' in text
    school.render(photo)
    assert not browser.client.get(f"/photo/{photo}/state").json()["rendering"]
    assert "/approve" in browser.get(f"/photo/{photo}?channel=website&old={old}")


@pytest.mark.parametrize("old", ["f" * 64, "../../x", '"><b>x', "0" * 40])
def test_an_old_picture_that_is_not_of_this_photo_is_not_shown(browser: Browser, school: School, old: str) -> None:
    photo = school.photo()
    browser.post(f"/photo/{photo}/cover", x=300, y=300, w=50, h=50)
    assert old not in browser.get(f"/photo/{photo}?channel=website&old={old}").split("<main")[1]


def test_the_version_changes_with_whatever_the_page_shows(browser: Browser, school: School) -> None:
    photo = school.photo()
    row = school.view(photo).row

    def version() -> str:
        return str(browser.client.get(f"/photo/{photo}/state").json()["version"])

    versions = [version()]
    school.reviewer().approve(school.derivative(photo), "website")
    versions.append(version())
    school.reviewer().withhold(row, "press", "no")
    versions.append(version())
    school.person("P9", "New", "Person")
    versions.append(version())
    assert len(set(versions)) == 4
    assert version() == versions[-1]
    assert f'data-version="{versions[-1]}"' in browser.get(f"/photo/{photo}")


def test_a_sure_detection_needs_two_people_to_be_no_face(browser: Browser, school: School) -> None:
    photo = school.photo()
    face = school.view(photo).faces[0].id
    assert detection(LEFT).score >= 0.6
    browser.post(f"/photo/{photo}/uncover", face=face)
    assert "Sam Patel said that this is no face. It stays covered until a second person says so." in words(
        browser.get(f"/photo/{photo}")
    )
    school.reviewer("Alex Moss").uncover(school.view(photo).row, face)
    assert "No faces were found." in words(browser.get(f"/photo/{photo}"))


def test_places_of_doubt_are_covered_but_nobody_is_asked_who_they_are(browser: Browser, school: School) -> None:
    photo = school.photo(faces=[(LEFT, NoMatch()), (RIGHT, NoMatch())], score=0.2)
    text = words(browser.get(f"/photo/{photo}"))
    assert "2 places covered to be safe" in text
    assert "Perhaps a face, perhaps not." in text
    assert "Not named" not in text
    assert "nobody has named" not in browser.get("/")
    browser.post(f"/photo/{photo}/uncover", face=[f.id for f in school.view(photo).faces])
    assert "No faces were found." in words(browser.get(f"/photo/{photo}"))


def test_a_photo_that_was_not_looked_at_yet_says_so(browser: Browser, school: School) -> None:
    photo = school.admit("IMG_2.JPG")
    assert "Not looked at yet" in browser.get(f"/photo/{photo}")
    assert browser.client.get(f"/photo/{photo}/state").json()["state"] == PhotoState.ADMITTED


@pytest.mark.parametrize("photo", ["0" * 64, "abc", "g" * 64, "0" * 64 + "/state"])
def test_a_photo_that_does_not_exist_is_not_found(browser: Browser, photo: str) -> None:
    assert browser.client.get(f"/photo/{photo}").status_code == 404


def test_a_missing_proof_is_said(browser: Browser, school: School) -> None:
    photo = school.photo()
    assert "Uncovered proof" in browser.get(f"/photo/{photo}")
    school.home.vault.remove("proofs", photo)
    assert "There is no uncovered proof of this photo." in browser.get(f"/photo/{photo}")
