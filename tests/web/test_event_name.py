"""The page says why a photo waits for its event's name."""

from __future__ import annotations

import pytest

from tests.web.school import Browser, School
from tests.web.test_photo import words


@pytest.mark.parametrize(
    ("event", "says"),
    [
        ("Sports day", ""),
        ("Ada fair", "may hold somebody's first name"),
        ("Ada Byron wins", "holds the full name of somebody on the roster"),
    ],
)
def test_the_page_says_that_an_event_s_name_holds_a_photo_back(
    browser: Browser, school: School, event: str, says: str
) -> None:
    school.person("P1", "Ada", "Byron")
    photo = school.photo(event=event)
    page = words(browser.get(f"/photo/{photo}?channel=website")).replace("&#39;", "'")
    assert says in page
    assert ("The event's name" in page) == bool(says)
    if event == "Ada fair":
        assert "The event's name" not in words(browser.get(f"/photo/{photo}?channel=display"))
