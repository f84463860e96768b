"""Release, push and register when the power fails: whatever was cut off, another sync ends as one sync does."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from appliance.domain.consent import Decision
from appliance.domain.release import CopyState
from appliance.domain.ruling import RulingKind
from appliance.outbox import Outbox
from appliance.pipeline.release import record_receipts
from appliance.store.audit import Audit
from appliance.store.certificates import Certificates
from appliance.store.ledger import Ledger
from appliance.store.register import Register
from appliance.store.takedowns import Takedowns
from tests.pipeline.releasing import School


class PowerCut(BaseException):
    """Nothing happens after it."""


STEPS: list[tuple[object, str]] = [
    *((os, name) for name in ("rename", "replace", "unlink", "mkdir", "rmdir", "fsync")),
    (Register, "record"), (Certificates, "record"), (Takedowns, "open"), (Takedowns, "end"),
    (Ledger, "see_clock"), (Audit, "record"),
]  # fmt: skip


def _sync_cut(school: School, monkeypatch: pytest.MonkeyPatch, after: int) -> bool:
    """Sync, with so many changes to disk and databases and none after them; whether it came to its end."""
    count = 0

    def wrapped(real: Callable[..., object]) -> Callable[..., object]:
        def step(*args: object, **kwargs: object) -> object:
            nonlocal count
            count += 1
            if count > after:
                raise PowerCut
            return real(*args, **kwargs)

        return step

    with monkeypatch.context() as patch:
        for where, name in STEPS:
            patch.setattr(where, name, wrapped(getattr(where, name)))
        try:
            school.sync()
        except PowerCut:
            return False
    return True


def _end(school: School) -> object:
    """Return what is left when all is done, without times and numbers."""
    waiting = sorted(str(p.relative_to(school.home.root)) for p in school.home.outbox.rglob("*") if p.is_file())
    register = [(c.derivative, c.photo, c.channel, c.path, c.state, c.until is None) for c in school.register()]
    return register, school.there(), school.manifest(), waiting


def _before_publishing(school: School) -> None:
    photo = school.photo()
    school.approve(photo)
    school.approve(photo, "newsletter")
    school.approve(school.photo("two"))


def _before_withdrawal(school: School) -> None:
    _before_publishing(school)
    school.sync()
    school.consent("website", Decision.WITHDRAWN)


def _before_withdrawal_of_what_waits(school: School) -> None:
    _before_publishing(school)
    school.release()
    school.consent("website", Decision.WITHDRAWN)


@pytest.mark.parametrize("prepare", [_before_publishing, _before_withdrawal, _before_withdrawal_of_what_waits])
def test_a_power_cut_at_any_moment_and_another_sync_end_as_one_sync_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, prepare: Callable[[School], None]
) -> None:
    prepared = School(tmp_path / "home")
    prepare(prepared)
    prepared.sync()
    expected = _end(prepared)
    for after in range(1000):
        shutil.rmtree(tmp_path / "home")
        school = School(tmp_path / "home")
        prepare(school)
        done = _sync_cut(school, monkeypatch, after)
        school.sync()
        assert _end(school) == expected, after
        if done:
            assert after > 10
            return
    pytest.fail("it never finished")


def test_what_was_cut_off_after_the_register_is_never_forgotten(
    school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    school.approve(school.photo())
    with monkeypatch.context() as patch:
        patch.setattr(Outbox, "put", lambda *_: (_ for _ in ()).throw(PowerCut()))
        with pytest.raises(PowerCut):
            school.release()
    assert school.states() == [CopyState.POSSIBLY_PUBLISHED]
    school.consent("website", Decision.WITHDRAWN)
    school.sync()
    assert school.states() == [CopyState.TAKEN_DOWN]


def test_a_receipt_read_twice_counts_once(school: School, monkeypatch: pytest.MonkeyPatch) -> None:
    school.approve(school.photo())
    school.release()
    school.push()
    with monkeypatch.context() as patch:
        patch.setattr(Outbox, "collect", lambda *_: (_ for _ in ()).throw(PowerCut()))
        with pytest.raises(PowerCut):
            record_receipts(school.home.ledger, school.outbox)
    before = school.register()
    assert record_receipts(school.home.ledger, school.outbox) == 1
    assert school.register() == before


def test_a_register_older_than_the_outbox_sends_nothing_that_it_does_not_know(school: School) -> None:
    school.approve(school.photo())
    school.release()
    with school.home.ledger._db.conn as connection:
        connection.execute("INSERT INTO erasing VALUES (1)")
        connection.execute("DELETE FROM copies")
        connection.execute("DELETE FROM erasing")
    school.rule(school.home.ledger.photos()[0].id, RulingKind.WITHHOLD, channel="website", reason="r")
    school.sync()
    assert school.there() == []
