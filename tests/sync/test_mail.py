"""Reminders by e-mail, through a real server on this machine: once a day, retried, and never anybody's name."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from appliance.cli.reminding import queue_mail, send_mail, server_of
from appliance.config import read_config
from appliance.domain.consent import Consent, Decision, Kind, Person
from appliance.domain.release import Copy, CopyState
from appliance.domain.takedown import BY_HAND, Why
from appliance.errors import Refusal
from appliance.pipeline.records.reminders import counts, reminders
from appliance.store.home import Home
from appliance.store.people import Name
from appliance.sync.mail import Post, Server


class Letters:
    """What the server was given; refuses as long as it is told to."""

    def __init__(self) -> None:
        self.got: list[bytes] = []
        self.refuses = False

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802  aiosmtpd's name
        if self.refuses:
            return "451 try again later"
        self.got.append(envelope.content)
        return "250 OK"


@pytest.fixture
def letters() -> Iterator[tuple[Letters, int]]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    handler = Letters()
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    yield handler, port
    controller.stop()


@pytest.fixture
def home(tmp_path: Path, letters: tuple[Letters, int]) -> Home:
    """A home with one consent that ends in ten days."""
    home = Home.create(tmp_path / "home")
    (home.root / "config.toml").write_text(
        f'[mail]\nhost = "127.0.0.1"\nport = {letters[1]}\nsecurity = "none"\n'
        'sender = "box@school.example"\nto = ["office@school.example"]\n'
    )
    home = Home.open(home.root)
    home.people.record_person(Person("CANARY1", Kind.STAFF), Name("Canary", "Bird"), "w")
    ends = home.today() + timedelta(days=10)
    home.people.record_consent(
        Consent("CANARY1", "self", "website", Decision.GRANTED, date(2026, 1, 1), ends, evidence="f"), "w"
    )
    return home


def server(home: Home) -> Server:
    found = server_of(home)
    assert found
    return found


def test_the_numbers_arrive_once_a_day_and_name_nobody(home: Home, letters: tuple[Letters, int]) -> None:
    assert queue_mail(home, server(home))
    assert not queue_mail(home, server(home))
    assert send_mail(home, server(home)).sent == 1
    assert not queue_mail(home, server(home))
    assert send_mail(home, server(home)).sent == 0
    (raw,) = letters[0].got
    message = message_from_bytes(raw)
    assert message["Subject"] == "School photos: 1 reminder"
    assert b"1  consent ends within 60 days" in raw
    assert not any(word in raw for word in (b"CANARY1", b"Canary", b"Bird"))


def test_a_refused_message_is_kept_and_tried_again_later(home: Home, letters: tuple[Letters, int]) -> None:
    letters[0].refuses = True
    queue_mail(home, server(home))
    post, now = Post(home.root / "mail"), datetime.now(UTC)
    assert post.send(server(home), now).left == 1
    letters[0].refuses = False
    assert post.send(server(home), now + timedelta(minutes=4)).sent == 0
    assert post.send(server(home), now + timedelta(minutes=6)).sent == 1
    assert len(letters[0].got) == 1 and post.waiting() == []


def test_a_server_that_is_gone_is_waited_for_and_given_up_after_a_week(home: Home) -> None:
    gone = Server("127.0.0.1", 1, "none", "a@b.example", ("c@d.example",))
    post, now = Post(home.root / "mail"), datetime.now(UTC)
    post.queue(gone, "s", "t", key="k")
    assert post.send(gone, now).left == 1
    assert post.send(gone, now + timedelta(days=8)).given_up == 1
    assert not post.queue(gone, "s", "t", key="k")


def test_what_ends_and_is_not_renewed_is_listed(home: Home) -> None:
    today = home.today()
    assert counts(reminders(home, today)) == {"consent_ends": 1}
    home.people.record_consent(Consent("CANARY1", "self", "website", Decision.GRANTED, today, evidence="f"), "w")
    assert reminders(home, today) == []
    assert counts(reminders(home, today + timedelta(days=340))) == {"consent_ends": 1}


def test_an_old_portrait_is_listed_by_the_schools_own_term(home: Home) -> None:
    home.people.add_portrait("CANARY1", "ab" * 32)
    assert counts(reminders(home, home.today() + timedelta(days=364))) == {}
    assert counts(reminders(home, home.today() + timedelta(days=367))) == {"portrait_old": 1}


def test_a_copy_that_has_to_be_gone_is_listed_until_somebody_has_shown_that_it_is(home: Home) -> None:
    copy = Copy("ab" * 32, "cd" * 32, "social", BY_HAND, "social/x.jpg", "", None, CopyState.POSSIBLY_PUBLISHED)
    home.ledger.takedowns.open(copy, Why.WITHHELD, "2026-03-01T00:00:00+00:00")
    due = [r for r in reminders(home, home.today()) if r.kind == "takedown_due"]
    assert [(r.scope, r.photo, r.due_on) for r in due] == [("social", "cd" * 32, date(2026, 3, 1))]
    home.ledger.takedowns.end(1, "Ann", "post deleted")
    assert "takedown_due" not in counts(reminders(home, home.today()))


@pytest.mark.parametrize(
    "wrong", ['host = "mail.example"\nsecurity = "none"', "to = []", 'sender = "a\\nb@c"', "colour = 1", 'port = "x"']
)
def test_a_mail_server_in_the_clear_or_half_set_is_refused(tmp_path: Path, wrong: str) -> None:
    fields = dict(line.split(" = ", 1) for line in wrong.splitlines())
    right = {"host": '"mail.example"', "sender": '"a@b.example"', "to": '["c@d.example"]'}
    (tmp_path / "config.toml").write_text("[mail]\n" + "\n".join(f"{k} = {v}" for k, v in (right | fields).items()))
    with pytest.raises(Refusal):
        read_config(tmp_path / "config.toml")
