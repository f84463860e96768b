"""What a person says is recorded with their name, through the reviewer, about exactly what they saw."""

from __future__ import annotations

import pytest

from appliance.domain.consent import CHANNELS
from appliance.domain.face import Box
from appliance.domain.identify import NoMatch
from appliance.domain.photo import PhotoId
from appliance.domain.ruling import Ruling, RulingKind
from tests.web.school import Browser, School


def last(school: School) -> Ruling:
    return school.home.people.rulings()[-1]


def test_an_approval_is_of_the_very_picture_that_was_displayed(browser: Browser, school: School) -> None:
    photo = school.photo()
    derivative = school.derivative(photo)
    assert browser.post(f"/photo/{photo}/approve", derivative=derivative, channel="website")[0] == 303
    said = last(school)
    assert (said.kind, said.who) == (RulingKind.APPROVE, "Sam Patel")
    assert (said.derivative, said.channel) == (derivative, "website")
    assert [c for c, v in school.view(photo).channels.items() if v.approved] == ["website"]


def test_a_stale_picture_cannot_be_approved(browser: Browser, school: School) -> None:
    photo = school.photo()
    displayed = school.derivative(photo)
    school.reviewer().cover(school.view(photo).row, Box(300, 300, 50, 50))
    school.render(photo)
    code, text = browser.post(f"/photo/{photo}/approve", derivative=displayed, channel="website")
    assert code == 409
    assert "something has changed since" in text
    assert not any(c.approved for c in school.view(photo).channels.values())


def test_approving_twice_is_harmless(browser: Browser, school: School) -> None:
    photo = school.photo()
    for _ in range(2):
        code, _ = browser.post(f"/photo/{photo}/approve", derivative=school.derivative(photo), channel="website")
        assert code == 303
    assert school.view(photo).channels["website"].approved


def test_one_press_approves_only_channels_that_get_this_picture(browser: Browser, school: School) -> None:
    school.person("P1", "Ada", "Byron", channels=("website", "display"))
    photo = school.photo(faces=[(Box(100, 100, 80, 100), NoMatch())])
    school.reviewer().name(school.view(photo).row, school.view(photo).faces[0].id, "P1")
    school.render(photo)
    derivative = school.derivative(photo, "website")
    code, text = browser.post(f"/photo/{photo}/approve", derivative=derivative, channel=["website", "press"])
    assert code == 409, "the press gets another picture"
    assert "press" in text
    browser.post(f"/photo/{photo}/approve", derivative=derivative, channel=["website", "display"])
    assert [c for c, v in school.view(photo).channels.items() if v.approved] == ["website", "display"]


def test_a_picture_of_another_photo_is_not_approved_here(browser: Browser, school: School) -> None:
    photo, other = school.photo("a", []), school.photo("b")
    code, _ = browser.post(f"/photo/{photo}/approve", derivative=school.derivative(other), channel="website")
    assert code == 404
    assert not school.home.people.rulings()


@pytest.mark.parametrize("channel", ["nowhere", "biometric", "website' --"])
def test_an_unknown_channel_is_refused(browser: Browser, school: School, channel: str) -> None:
    photo = school.photo()
    assert browser.post(f"/photo/{photo}/approve", derivative=school.derivative(photo), channel=channel)[0] == 409
    assert browser.post(f"/photo/{photo}/withhold", channel=channel, reason="x")[0] == 409


def test_approving_leads_to_the_next_channel_then_to_the_next_photo_then_home(browser: Browser, school: School) -> None:
    first, second = school.photo("a", []), school.photo("b")
    csrf = browser.csrf

    def approve(photo: PhotoId, channels: list[str]) -> str:
        fields = {"csrf": csrf, "derivative": school.derivative(photo, channels[0]), "channel": channels}
        answer = browser.client.post(f"/photo/{photo}/approve?show=review&at=2", data=fields, follow_redirects=False)
        return str(answer.headers["location"])

    assert f"/photo/{first}?" in approve(first, ["website"])
    assert "channel=social" in approve(first, ["website"])
    assert f"/photo/{second}?" in approve(first, list(CHANNELS)), "round to the beginning"
    assert approve(second, list(CHANNELS)).startswith("/?")


def test_a_cover_is_drawn_in_pixels_of_the_original_and_undone(browser: Browser, school: School) -> None:
    photo = school.photo(faces=[])
    assert browser.post(f"/photo/{photo}/cover", x=-20, y=10.4, w=60, h=50)[0] == 303
    (face,) = school.view(photo).faces
    assert (face.box.x, face.box.y, face.box.w, face.box.h) == (0, 10.4, 40, 50)
    assert school.home.ledger.jobs.due()["render"] == 1
    browser.post(f"/photo/{photo}/uncover", face=face.id)
    assert school.view(photo).faces == ()


@pytest.mark.parametrize("bad", [{"x": "nan"}, {"x": "inf"}, {"w": "1e300"}, {"h": "x"}, {"y": ""}])
def test_a_cover_that_is_no_place_is_not_taken(browser: Browser, school: School, bad: dict[str, str]) -> None:
    photo = school.photo()
    assert browser.post(f"/photo/{photo}/cover", **({"x": "1", "y": "1", "w": "50", "h": "50"} | bad))[0] == 400
    assert browser.post(f"/photo/{photo}/cover", x=5000, y=5000, w=50, h=50)[0] == 409
    assert not school.home.people.rulings()


def test_naming_shows_a_face_only_where_its_person_allows(browser: Browser, school: School) -> None:
    school.person("P1", "Ada", "Byron", channels=("website",))
    photo = school.photo()
    face = school.view(photo).faces[0].id
    browser.post(f"/photo/{photo}/name", face=face, subject="P1")
    treatment = school.view(photo).faces[0].treatment
    assert {c for c, t in treatment.items() if t == "show"} == {"website"}


def test_nobody_is_said_only_on_purpose(browser: Browser, school: School) -> None:
    photo = school.photo()
    face = school.view(photo).faces[0].id
    assert browser.post(f"/photo/{photo}/name", face=face)[0] == 409
    assert browser.post(f"/photo/{photo}/name", face=face, nobody="yes")[0] == 303
    assert (last(school).kind, last(school).subject) == (RulingKind.NAME, None)
    assert "Staff said that this is nobody on the roster." in browser.get(f"/photo/{photo}")


@pytest.mark.parametrize(
    ("verb", "fields"),
    [
        ("name", {"face": "nope", "nobody": "yes"}),
        ("name", {"face": "nope", "subject": "P404"}),
        ("uncover", {"face": "nope"}),
        ("attest", {"group": "9Z"}),
        ("withhold", {"channel": "website", "reason": "  "}),
        ("quarantine", {}),
    ],
)
def test_a_refusal_is_a_clear_page_and_nothing_is_recorded(
    browser: Browser, school: School, verb: str, fields: dict[str, str]
) -> None:
    photo = school.photo()
    code, text = browser.post(f"/photo/{photo}/{verb}", **fields)
    assert code == 409
    assert "That could not be done" in text
    assert f'href="/photo/{photo}"' in text
    assert not school.home.people.rulings()


def test_withholding_and_offering_again(browser: Browser, school: School) -> None:
    photo = school.photo()
    browser.post(f"/photo/{photo}/withhold", channel="press", reason="Not a good picture")
    text = browser.get(f"/photo/{photo}?channel=press")
    assert "Withheld from Press" in text
    assert "Not a good picture" in text
    assert browser.post(f"/photo/{photo}/approve", derivative=school.derivative(photo), channel="press")[0] == 409
    browser.post(f"/photo/{photo}/offer", channel="press")
    assert "Approve for Press?" in browser.get(f"/photo/{photo}?channel=press")


def test_rulings_on_a_photo_that_does_not_exist_are_not_found(browser: Browser, school: School) -> None:
    school.photo()
    for verb in ("cover", "uncover", "name", "attest", "withhold", "offer", "quarantine", "approve"):
        fields = {"face": "a", "channel": "website", "derivative": "a", "nobody": "y", "confirm": "yes"}
        assert browser.post(f"/photo/{'0' * 64}/{verb}", x=1, y=1, w=50, h=50, reason="a", **fields)[0] == 404, verb
    assert not school.home.people.rulings()
