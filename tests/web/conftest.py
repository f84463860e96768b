"""What the tests of the page begin with: a school, and browsers before and after entry."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.web.school import TOKEN, Browser, School


@pytest.fixture
def school(tmp_path: Path) -> School:
    return School(tmp_path / "home")


@pytest.fixture
def stranger(school: School) -> Iterator[Browser]:
    """A browser without a session."""
    browser = Browser(school)
    with browser.client:
        yield browser


@pytest.fixture
def browser(stranger: Browser) -> Browser:
    """A browser that has entered, used by Sam Patel."""
    stranger.client.get("/", params={"token": TOKEN})
    assert stranger.post("/who", name="Sam Patel")[0] == 303
    return stranger
