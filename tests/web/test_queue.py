"""What is shown first, and where a photo belongs in the meantime."""

from __future__ import annotations

import re

import pytest

from appliance.domain.consent import CHANNELS
from appliance.domain.face import Box
from appliance.domain.identify import Ambiguous, Match, NoMatch
from appliance.domain.photo import PhotoId, PhotoState
from appliance.web.album import Album
from appliance.web.queue import Need, Queue, Show, need, queue
from tests.web.school import TODAY, Browser, School

LEFT, RIGHT = Box(100, 100, 80, 100), Box(400, 100, 80, 100)


def shown(school: School, show: Show = Show.REVIEW, only: str | None = None) -> list[str]:
    return [i.view.row.names[0] for i in the_queue(school, show, only).items]


def the_queue(school: School, show: Show = Show.REVIEW, only: str | None = None) -> Queue:
    return queue(Album().items(school.home, TODAY), show, only)


def test_a_face_that_could_be_several_people_comes_before_a_stranger_and_that_before_a_plain_approval(
    school: School,
) -> None:
    school.match_faces()
    school.person("P1", "Ada", "Byron")
    school.photo("plain", [(LEFT, Match("P1", 0.7))])
    school.photo("stranger", [(LEFT, NoMatch())])
    school.photo("several", [(LEFT, Ambiguous())])
    school.photo("nobody", [])
    assert shown(school) == ["several", "stranger", "plain", "nobody"]


def test_a_face_that_staff_called_nobody_needs_nobody_any_more(school: School) -> None:
    photo = school.photo()
    face = school.view(photo).faces[0].id
    row = school.view(photo).row
    school.reviewer().name(row, face, None)
    (item,) = Album().items(school.home, TODAY)
    assert need(item, None) is Need.APPROVE


def test_a_photo_leaves_review_only_when_no_channel_waits(school: School) -> None:
    photo = school.photo()
    for channel in CHANNELS:
        assert shown(school) == ["IMG_1.JPG"]
        school.reviewer().approve(school.derivative(photo, channel), channel)
    assert shown(school) == []
    assert shown(school, Show.APPROVED) == ["IMG_1.JPG"]


def test_working_on_one_channel_shows_only_what_waits_there(school: School) -> None:
    photo = school.photo()
    school.reviewer().approve(school.derivative(photo), "website")
    assert shown(school, Show.REVIEW, "website") == []
    assert shown(school, Show.REVIEW, "press") == ["IMG_1.JPG"]


def test_what_cannot_be_processed_or_is_withheld_everywhere_is_set_aside(school: School) -> None:
    school.admit("film.mp4", aside=(PhotoState.PARKED, "video"))
    photo = school.photo()
    for channel in CHANNELS:
        school.reviewer().withhold(school.view(photo).row, channel, "not a good picture")
    assert shown(school, Show.ASIDE) == ["film.mp4", "IMG_1.JPG"]
    assert shown(school) == []


def around(school: School, photo: PhotoId, at: int, show: Show = Show.REVIEW) -> list[tuple[str, int] | None]:
    names = {i.view.row.id: i.view.row.names[0] for i in Album().items(school.home, TODAY)}
    return [(names[p.photo], p.at) if p else None for p in the_queue(school, show).around(photo, at)]


def test_a_photo_that_has_been_dealt_with_keeps_its_place_between_its_neighbours(school: School) -> None:
    photos = [school.photo(f"IMG_{n}", []) for n in range(3)]
    assert around(school, photos[1], 2) == [("IMG_0", 1), ("IMG_1", 2), ("IMG_2", 3)]
    for channel in CHANNELS:
        school.reviewer().approve(school.derivative(photos[1], channel), channel)
    assert around(school, photos[1], 2) == [("IMG_0", 1), ("IMG_1", 2), ("IMG_2", 2)]


def test_naming_a_face_moves_a_photo_down_the_queue_but_not_away_from_under_ones_eyes(school: School) -> None:
    first, *_ = [school.photo(f"IMG_{n}") for n in range(3)]
    school.reviewer().name(school.view(first).row, school.view(first).faces[0].id, None)
    assert shown(school) == ["IMG_1", "IMG_2", "IMG_0"]
    assert around(school, first, 1) == [None, ("IMG_0", 1), ("IMG_1", 1)]
    assert around(school, first, 0) == [("IMG_2", 2), ("IMG_0", 3), None]


def test_nothing_is_before_the_first_or_after_the_last(school: School) -> None:
    photo = school.photo()
    assert around(school, photo, 0) == [None, ("IMG_1.JPG", 1), None]
    assert around(school, photo, 7, Show.PUBLISHED) == [None, ("IMG_1.JPG", 1), None]


def test_the_album_notices_rulings_renders_consents_and_days(school: School) -> None:
    school.match_faces()
    school.person("P1", "Ada", "Byron", channels=())
    photo = school.photo(faces=[(LEFT, Match("P1", 0.7))])
    album = Album()
    seen = [album.items(school.home, TODAY)]
    assert album.items(school.home, TODAY)[0] is seen[0][0]
    school.reviewer().cover(school.view(photo).row, RIGHT)
    seen.append(album.items(school.home, TODAY))
    school.render(photo)
    seen.append(album.items(school.home, TODAY))
    school.person("P1", "Ada", "Byron", channels=("website",))
    seen.append(album.items(school.home, TODAY))
    seen.append(album.items(school.home, TODAY.replace(year=2030)))
    states = [s[0].view.channels["website"].derivative is not None for s in seen]
    assert states == [True, False, True, False, True]


def test_the_page_has_a_card_with_words_for_every_photo(browser: Browser, school: School) -> None:
    school.photo("a/IMG_7.JPG", [(LEFT, NoMatch()), (RIGHT, NoMatch())])
    text = browser.get("/")
    assert "IMG_7.JPG" in text
    assert "2 faces covered" in text
    assert "2 faces nobody has named yet" in text
    assert "Waiting for approval" in text
    assert "1 photo needs a look" in text


@pytest.mark.parametrize(
    ("reason", "words"),
    [("video", "Only photos are processed"), ("truncated", "ends too early"), ("some_new_code", "some new code")],
)
def test_a_set_aside_file_has_its_reason_in_plain_words(
    browser: Browser, school: School, reason: str, words: str
) -> None:
    photo = school.admit("odd.bin", aside=(PhotoState.PARKED, reason))
    assert words in browser.get("/?show=aside")
    assert words in browser.get(f"/photo/{photo}")


def test_many_photos_come_in_sheets(browser: Browser, school: School) -> None:
    for n in range(61):
        school.admit(f"{n:03}.mp4", aside=(PhotoState.PARKED, "video"))
    first, second = browser.get("/?show=all"), browser.get("/?show=all&sheet=2")
    assert len(re.findall(r'<li class="card', first)) == 60
    assert len(re.findall(r'<li class="card', second)) == 1
    assert browser.get("/?show=all&sheet=99") == second


def test_unknown_filters_mean_the_usual_one(browser: Browser, school: School) -> None:
    school.photo()
    assert "IMG_1.JPG" in browser.get("/?show=nonsense&only=nowhere&at=-3")
