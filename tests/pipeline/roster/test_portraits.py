"""Whose a portrait is."""

from __future__ import annotations

from pathlib import Path

import pytest

from appliance.errors import Refusal
from appliance.pipeline.roster.portraits import LARGEST_PORTRAIT
from tests.pipeline.roster.school import (
    GOOD_ROSTER,
    School,
    person,
    portraits,
)


def test_portraits_are_kept_under_their_hash_with_whose_they_are(school: School, tmp_path: Path) -> None:
    folder = portraits(tmp_path, "P1.jpg", "P1_left.JPG", "P1/any name.heic", "P2/a.jpg")
    report = school.take(GOOD_ROSTER, None, folder)
    assert {s: len(p) for s, p in school.people.portraits().items()} == {"P1": 3, "P2": 1}
    assert {c.detail for c in report.portraits} == set(school.home.vault.names("portraits"))
    assert school.take(None, None, folder).portraits == []


def test_files_that_are_nobodys_are_listed_and_left(school: School, tmp_path: Path) -> None:
    folder = portraits(tmp_path, "P9.jpg", "P1.png", "P1_2.jpg", "P1/deep/a.jpg", "P1/.hidden", "P10.jpg", "notes")
    (folder / "P2.jpg").symlink_to(folder / "P9.jpg")
    (folder / "P2").symlink_to(folder / "P1")
    (folder / "P1_empty.jpg").touch()
    with (folder / "P1_huge.jpg").open("wb") as file:
        file.truncate(LARGEST_PORTRAIT + 1)
    report = school.take([*GOOD_ROSTER, person("P1_2")], None, folder)
    assert school.people.portraits() == {}
    assert list(school.home.vault.names("portraits")) == []
    assert [w.removeprefix("portrait ") for w in sorted(report.warnings)] == [
        "P1.png belongs to nobody", "P1/.hidden belongs to nobody", "P1/deep/a.jpg belongs to nobody",
        "P10.jpg belongs to nobody", "P1_2.jpg belongs to more than one person",
        "P1_empty.jpg is empty or larger than 30 MB", "P1_huge.jpg is empty or larger than 30 MB",
        "P2 is a link or a device", "P2.jpg is a link or a device", "P9.jpg belongs to nobody",
        "notes belongs to nobody",
    ]  # fmt: skip


def test_a_folder_that_is_not_there_is_refused(school: School, tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="folder"):
        school.take(GOOD_ROSTER, None, tmp_path / "nowhere")
    assert school.people.names() == {}
