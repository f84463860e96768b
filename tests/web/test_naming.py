"""The list of people to choose from."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from tests.web.school import TODAY, Browser, School


@pytest.fixture
def people(school: School) -> School:
    school.person("P1", "Ada", "Byron", channels=("website",))
    school.person("P2", "Bob", "Adair", group="4K")
    school.person("P3", "Cy", "Roman", leaving_on=TODAY - timedelta(days=1))
    return school


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize(
    ("q", "subjects"),
    [
        ("", ["P2", "P1"]),
        ("ada", ["P2", "P1"]),
        ("BYR", ["P1"]),
        ("4k", ["P2"]),
        ("ada 5b", ["P1"]),
        ("P2", ["P2"]),
        ("cy", []),
        ("%", []),
    ],
)
def test_people_are_found_by_a_few_letters_and_leavers_are_not(browser: Browser, q: str, subjects: list[str]) -> None:
    answer = browser.client.get("/people", params={"q": q})
    assert re.findall(r'name="subject" value="([^"]+)"', answer.text) == subjects


def test_everybody_has_their_channels_beside_them(browser: Browser, people: School) -> None:
    portrait = people.home.vault.add("portraits", b"\xff\xd8\xff")
    people.home.people.add_portrait("P1", portrait)
    text = browser.get("/people?q=byron&channel=website")
    assert text.count('<span class="unseen">may be shown: </span>') == 1
    assert text.count('<span class="unseen">not: </span>') == 5
    assert f'src="/portrait/{portrait}"' in text


def test_a_long_list_says_how_many_more_there_are(browser: Browser, school: School) -> None:
    for n in range(15):
        school.person(f"P{n}", "Ann", f"Other{n:02}")
    assert "And 3 more." in browser.get("/people?q=ann")
