"""What goes out beside a picture is checked for names, and what was checked of a file is certified."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date

import pytest
from cryptography.exceptions import InvalidSignature

from appliance.domain.channel import Allows, profiles
from appliance.domain.release import CopyState, Held
from appliance.domain.ruling import RulingKind
from appliance.errors import Refusal
from appliance.outbox import verify_item
from appliance.pipeline.release import release
from appliance.pipeline.wording import call_event, confirm_event, wording_of
from appliance.sanitise.leaks import check
from appliance.store.database import utc_now
from tests.pipeline.releasing import TODAY, ZONE, School


def _answer(school: School, event: str, outward: str | None = None) -> None:
    home = school.home
    if outward is None:
        confirm_event(event, people=home.people, audit=home.audit, who="Ann")
    else:
        call_event(event, outward, people=home.people, audit=home.audit, who="Ann")


@pytest.mark.parametrize("event", ["Amelia Nonsuch's prize", "nonsuch_amelia", "A. Nonsuch cup"])
def test_an_event_with_a_full_name_blocks_until_it_is_called_something_else(school: School, event: str) -> None:
    school.approve(school.photo(event=event))
    report = school.sync()
    assert report.held[Held.NAME_IN_EVENT] == 1
    assert (school.there(), school.register(), report.faults) == ([], [], [])
    with pytest.raises(Refusal, match="full name"):
        _answer(school, event)
    with pytest.raises(Refusal, match="letters 5 to 18"):
        _answer(school, event, "For Amelia Nonsuch")
    _answer(school, event, "Prize giving")
    school.sync()
    assert [p.split("/")[1][11:] for p in school.there()] == ["prize-giving"]


def test_a_first_name_alone_asks_and_the_answer_is_remembered(school: School) -> None:
    school.approve(school.photo(event="Amelia fair"))
    assert school.sync().held[Held.PERHAPS_A_NAME] == 1
    assert school.there() == []
    _answer(school, "Amelia fair")
    assert school.sync().held[Held.PERHAPS_A_NAME] == 0
    assert [p.split("/")[1][11:] for p in school.there()] == ["amelia-fair"]
    assert school.home.people.events.words()["Amelia fair"].who == "Ann"


def test_an_answer_counts_for_the_words_it_was_about(school: School) -> None:
    _answer_first = "Amelia fair"
    school.approve(school.photo(event=_answer_first))
    _answer(school, _answer_first)
    _answer(school, _answer_first, "Fair for Amelia")
    assert school.sync().held[Held.PERHAPS_A_NAME] == 1
    assert wording_of(school.home.people).event(_answer_first).text == "Fair for Amelia"


def test_in_school_a_first_name_may_stand_and_what_is_not_in_public_is_not_asked(school: School) -> None:
    photo = school.photo(event="Amelia fair")
    for channel in ("display", "website"):
        school.approve(photo, channel)
    assert school.sync().held[Held.PERHAPS_A_NAME] == 1
    assert [p.split("/")[0] for p in school.there()] == ["display"]


def test_a_channel_that_takes_names_takes_no_pictures_and_gives_back_what_it_has(school: School) -> None:
    school.approve(school.photo())
    school.sync()
    assert len(school.there()) == 1
    home = school.home
    names = {**profiles({}), "website": replace(profiles({})["website"], allows=Allows.NAMES)}
    report = release(
        ledger=home.ledger, people=home.people, vault=home.vault, audit=home.audit, outbox=school.outbox,
        key=school.key, looks=home.looks, target="published", zone=ZONE, today=TODAY, now=utc_now(), channels=names,
    )  # fmt: skip
    assert (report.held[Held.NAMES_ONLY], report.called_back, report.handed_over) == (1, 1, 0)
    school.push()
    assert school.there() == []


def test_nobody_s_name_is_in_the_audit_log_of_an_answer(school: School) -> None:
    school.photo(event="Amelia fair")
    _answer(school, "Amelia fair")
    _answer(school, "Amelia fair", "Fair")
    assert "amelia" not in json.dumps(school.home.audit.entries()).lower()


# ---- certificates


def test_a_certificate_says_what_left_by_what_and_what_was_checked(school: School) -> None:
    photo = school.photo()
    derivative = school.approve(photo)
    school.release()
    (item,) = school.outbox.pending()
    order = verify_item(item, school.key.public_key()).order
    (certificate,) = school.home.ledger.certificates.of(derivative)
    said = certificate.said
    assert order.certificate == certificate.sha256
    approval = next(r for r in school.home.people.rulings(photo) if r.kind is RulingKind.APPROVE)
    assert said["approval"] == {"ruling": approval.id, "kind": "approve", "at": approval.at}
    jpeg = school.home.vault.read("derivatives", derivative)
    assert (said["derivative"], said["bytes"], said["plan"]) == (derivative, len(jpeg), order.plan)
    assert said["versions"]["eyes"] == "model-1"
    assert re.fullmatch(r"\d+\.\d+.*", said["versions"]["software"])
    checks = {c["check"]: c for c in said["checked"]}
    assert set(checks) == {"hash", "segments", "codes", "decision", "words"}
    assert checks["codes"]["blocks"] == check(jpeg)
    assert (said["expires_on"], said["decided_on"]) == (date(2027, 3, 1).isoformat(), TODAY.isoformat())


def test_a_certificate_is_signed_stays_and_names_nobody(school: School) -> None:
    derivative = school.approve(school.photo(event="Amelia fair"))
    _answer(school, "Amelia fair")
    school.sync()
    (certificate,) = school.home.ledger.certificates.of(derivative)
    school.key.public_key().verify(bytes.fromhex(certificate.signature), certificate.text.encode())
    with pytest.raises(InvalidSignature):
        school.key.public_key().verify(bytes.fromhex(certificate.signature), b"x" + certificate.text.encode())
    lower = certificate.text.lower()
    assert not [n for n in ("amelia", "nonsuch", "fair", "s1", "ann", "img_0001") if f'"{n}' in lower or n in lower[:0]]
    assert "amelia" not in lower
    assert "a person said that" in lower


def test_a_release_that_changes_nothing_certifies_nothing(school: School) -> None:
    derivative = school.approve(school.photo())
    school.sync()
    school.sync()
    assert len(school.home.ledger.certificates.of(derivative)) == 1
    assert school.home.ledger.certificates.of("0" * 64) == []


def test_bytes_behind_the_last_block_never_leave_even_if_they_were_approved(school: School) -> None:
    photo = school.photo()
    plan = school.decided(photo)["press"].plan.id
    clean = school.home.vault.read("derivatives", school.derivative(photo, "press"))
    hidden = clean[:-2] + b"somebody's bare face" + clean[-2:]
    with school.home.ledger._db.conn as connection:
        connection.execute("INSERT INTO erasing VALUES (1)")
        connection.execute("DELETE FROM derivatives WHERE plan = ?", [plan])
        connection.execute("DELETE FROM erasing")
    school.home.ledger.record_render(photo, {plan: school.home.vault.add("derivatives", hidden)}, "facts")
    school.approve(photo, "press")
    assert school.release().faults == [(photo, "press", "leak_scan")]
    assert school.states() == [] or CopyState.PUBLISHED not in school.states()
