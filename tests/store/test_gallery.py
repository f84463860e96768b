"""Templates are sealed, each with a key of its own; without the key no copy opens."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from appliance.domain.portrait import Examined, Reason
from appliance.errors import Damaged
from appliance.store.gallery import Gallery, Vector
from appliance.store.home import Home


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home.create(tmp_path / "home")


def vector(seed: int) -> Vector:
    v = np.random.default_rng(seed).normal(size=128).astype(np.float32)
    return np.asarray(v / np.linalg.norm(v), np.float32)


def enrol(gallery: Gallery, subject: str, seed: int, made_of: str = "m") -> Vector:
    v = vector(seed)
    gallery.enrol(
        subject, v, portraits=1, made_of=made_of, model="model",
        examined=[Examined(f"p{seed}", Reason.GOOD, date(2026, 9, 1))],
    )  # fmt: skip
    return v


def keys(home: Home) -> set[str]:
    return {p.name for p in (home.root / "keys" / "templates").glob("*")}


def on_disk(root: Path) -> bytes:
    return b"".join(p.read_bytes() for p in sorted(root.glob("gallery.db*")))


def test_what_was_enrolled_comes_back_exactly(home: Home) -> None:
    a, b = enrol(home.gallery, "A", 1), enrol(home.gallery, "B", 2)
    held = Home.open(home.root).gallery.templates()
    assert held.subjects == ("A", "B")
    assert np.array_equal(held.vectors, np.stack([a, b]))
    assert len(keys(home)) == 2
    assert {p.stat().st_mode & 0o777 for p in (home.root / "keys" / "templates").glob("*")} == {0o600}


def test_no_template_and_no_key_is_in_the_database(home: Home) -> None:
    a = enrol(home.gallery, "A", 1)
    (key,) = (home.root / "keys" / "templates").glob("*")
    assert a.astype("<f4").tobytes()[:32] not in on_disk(home.root)
    assert key.read_bytes() not in on_disk(home.root)


def test_forgetting_a_subject_ends_every_copy_of_the_database(home: Home, tmp_path: Path) -> None:
    enrol(home.gallery, "A", 1)
    enrol(home.gallery, "B", 2)
    backup = tmp_path / "backup"
    backup.mkdir()
    for path in home.root.glob("gallery.db*"):
        shutil.copy(path, backup)
    home.gallery.forget("A")
    assert len(keys(home)) == 1
    assert b"\x00A\x00" not in on_disk(home.root)
    home.gallery.let_go()
    for path in backup.glob("gallery.db*"):
        shutil.copy(path, home.root)
    restored = Home.open(home.root).gallery
    assert "A" in restored.made_of(), "the backup does hold the row"
    assert restored.templates().subjects == ("B",)
    assert [fault[:25] for fault in restored.faults()] == ["template 1 of 2 has no ke"]
    restored.tidy()
    assert restored.faults() == []
    assert set(restored.made_of()) == {"B"}


def test_a_new_template_has_a_new_key_and_the_old_one_is_gone(home: Home) -> None:
    enrol(home.gallery, "A", 1)
    before = keys(home)
    enrol(home.gallery, "A", 3, "n")
    assert len(keys(home)) == 1 and not keys(home) & before
    home.gallery.fail("A", made_of="o", reason="blurred", examined=[Examined("p", Reason.BLURRED, None)])
    assert keys(home) == set()
    assert home.gallery.templates().subjects == ()
    assert home.gallery.examined() == {"A": [Examined("p", Reason.BLURRED, None)]}


def test_a_key_that_a_power_cut_left_behind_is_swept_up(home: Home) -> None:
    enrol(home.gallery, "A", 1)
    stray = home.root / "keys" / "templates" / ("0" * 32)
    stray.write_bytes(b"x" * 32)
    home.gallery.tidy()
    assert not stray.exists()
    assert home.gallery.templates().subjects == ("A",)


def test_a_template_moved_to_another_subject_does_not_open(home: Home) -> None:
    enrol(home.gallery, "A", 1)
    home.gallery._db.execute("UPDATE templates SET subject = 'B'")
    with pytest.raises(Damaged):
        Home.open(home.root).gallery.templates()
    assert "not what was written" in Home.open(home.root).gallery.faults()[0]
