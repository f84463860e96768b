"""Takedowns: opened with a deadline, proved or closed with evidence; the register never claims more than is known."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from appliance.domain.consent import Decision
from appliance.domain.release import CopyState, Held
from appliance.domain.ruling import RulingKind
from appliance.domain.takedown import BY_HAND, Why
from appliance.errors import Refusal
from appliance.pipeline.release import record_receipts
from appliance.pipeline.takedown import ALLOWED_AGAIN, PROOF, Differences, bury, close, compare
from appliance.store.database import utc_now
from tests.pipeline.releasing import School


@pytest.fixture
def by_hand(school: School) -> School:
    """A school where people carry pictures on from the website channel."""
    school.by_hand = frozenset({"website"})
    return school


def close_it(school: School, number: int, evidence: str = "page looked at", target: str = "published") -> None:
    close(number, evidence, "Ann", ledger=school.home.ledger, audit=school.home.audit, target=target)


def by_target(school: School) -> dict[str, CopyState]:
    return {c.target: c.state for c in school.register()}


def differences(school: School) -> Differences:
    seen = school.push().seen
    assert seen is not None
    return compare(
        seen.good, seen.altered, ledger=school.home.ledger, audit=school.home.audit, outbox=school.outbox,
        key=school.key, target="published", now=utc_now(), hours=72,
    )  # fmt: skip


# ---- what the sender can reach


def test_a_withdrawal_opens_a_takedown_with_a_deadline_and_the_proof_ends_it(school: School) -> None:
    school.approve(school.photo())
    school.sync()
    assert school.home.ledger.takedowns.all() == []
    school.consent("website", Decision.WITHDRAWN)
    school.release()
    (opened,) = school.home.ledger.takedowns.still_open()
    assert opened.why is Why.SHOWN_OTHERWISE
    assert datetime.fromisoformat(opened.due_at) - datetime.fromisoformat(opened.at) > timedelta(hours=71)
    assert school.states() == [CopyState.PUBLISHED]
    school.push()
    record_receipts(school.home.ledger, school.outbox)
    (closed,) = school.home.ledger.takedowns.all()
    assert (closed.who, closed.evidence, closed.is_open) == ("sender", PROOF, False)
    assert school.states() == [CopyState.TAKEN_DOWN]


def test_a_takedown_that_the_sender_can_do_is_not_closed_on_anybodys_word(school: School) -> None:
    school.approve(school.photo())
    school.sync()
    school.consent("website", Decision.WITHDRAWN)
    school.release()
    with pytest.raises(Refusal, match="appliance sync"):
        close_it(school, 1)
    assert school.states() == [CopyState.PUBLISHED]


def test_at_a_target_that_is_not_set_up_any_more_it_is_a_task_for_a_person(school: School) -> None:
    school.approve(school.photo())
    school.sync()
    school.consent("website", Decision.WITHDRAWN)
    school.target_name = "new-server"
    school.release()
    assert school.orders() == []
    (opened,) = school.home.ledger.takedowns.still_open()
    assert opened.needs_a_person("new-server", utc_now())
    close_it(school, opened.id, "the old disk was destroyed, receipt 12", target="new-server")
    assert school.states() == [CopyState.TAKEN_DOWN]
    assert school.home.ledger.takedowns.still_open() == []


def test_asking_twice_opens_one_takedown(school: School) -> None:
    school.approve(school.photo())
    school.sync()
    school.consent("website", Decision.WITHDRAWN)
    assert school.release().called_back == 1
    assert school.release().called_back == 0
    assert len(school.home.ledger.takedowns.all()) == 1


# ---- what people carry on by hand


def test_on_a_channel_carried_on_by_hand_a_picture_counts_as_possibly_published(by_hand: School) -> None:
    by_hand.approve(by_hand.photo())
    by_hand.sync()
    assert by_target(by_hand) == {"published": CopyState.PUBLISHED, BY_HAND: CopyState.POSSIBLY_PUBLISHED}
    by_hand.sync()
    assert len(by_hand.register()) == 2


def test_other_channels_have_no_such_copy(by_hand: School) -> None:
    by_hand.approve(by_hand.photo(), "newsletter")
    by_hand.sync()
    assert set(by_target(by_hand)) == {"published"}


def test_the_copy_by_hand_stays_possibly_published_until_a_person_says_how_they_know(by_hand: School) -> None:
    by_hand.approve(by_hand.photo())
    by_hand.sync()
    by_hand.consent("website", Decision.WITHDRAWN)
    by_hand.sync()
    assert by_hand.there() == []
    assert by_target(by_hand) == {"published": CopyState.TAKEN_DOWN, BY_HAND: CopyState.POSSIBLY_PUBLISHED}
    (task,) = by_hand.home.ledger.takedowns.still_open()
    assert task.needs_a_person("published", utc_now())
    for nothing in ("", "  "):
        with pytest.raises(Refusal, match="how you know"):
            close_it(by_hand, task.id, nothing)
    close_it(by_hand, task.id, "the post was deleted, account looked at")
    assert by_target(by_hand)[BY_HAND] is CopyState.TAKEN_DOWN
    with pytest.raises(Refusal, match="closed already"):
        close_it(by_hand, task.id)


def test_a_channel_that_becomes_by_hand_counts_for_what_is_out_already(school: School) -> None:
    school.approve(school.photo())
    school.sync()
    school.by_hand = frozenset({"website"})
    school.sync()
    assert by_target(school)[BY_HAND] is CopyState.POSSIBLY_PUBLISHED


def test_a_task_ends_by_itself_when_the_copy_may_be_out_again(by_hand: School) -> None:
    photo = by_hand.photo()
    by_hand.approve(photo)
    by_hand.sync()
    by_hand.rule(photo, RulingKind.WITHHOLD, channel="website", reason="r")
    by_hand.sync()
    by_hand.rule(photo, RulingKind.OFFER, channel="website")
    by_hand.approve(photo)
    by_hand.sync()
    assert by_hand.home.ledger.takedowns.still_open() == []
    assert by_hand.home.ledger.takedowns.all()[-1].evidence in (ALLOWED_AGAIN, PROOF)
    assert len(by_hand.there()) == 1


def test_there_is_no_closing_what_is_not_open(by_hand: School) -> None:
    with pytest.raises(Refusal, match="is not there"):
        close_it(by_hand, 7)


# ---- tombstones


def test_a_buried_photo_never_goes_there_again_and_the_reason_is_told(school: School) -> None:
    photo = school.photo()
    derivative = school.approve(photo)
    school.sync()
    bury(photo, "website", "asked for by the family", "Ann", ledger=school.home.ledger, audit=school.home.audit)
    school.sync()
    assert school.there() == []
    assert school.states() == [CopyState.TOMBSTONED]
    school.approve(photo, derivative=derivative)
    assert school.sync().held[Held.TOMBSTONED] == 1
    assert school.there() == []
    assert [t.why for t in school.home.ledger.takedowns.all_tombstones()] == ["asked for by the family"]
    with pytest.raises(Refusal, match="why"):
        bury(photo, "", " ", "Ann", ledger=school.home.ledger, audit=school.home.audit)


def test_a_tombstone_holds_on_its_channel_only(school: School) -> None:
    photo = school.photo()
    bury(photo, "website", "r", "Ann", ledger=school.home.ledger, audit=school.home.audit)
    school.approve(photo, "newsletter")
    school.approve(photo, "website")
    school.sync()
    assert [p.split("/")[0] for p in school.there()] == ["newsletter"]


def test_a_new_picture_of_a_buried_photo_does_not_go_either(school: School) -> None:
    photo = school.photo()
    bury(photo, "", "r", "Ann", ledger=school.home.ledger, audit=school.home.audit)
    school.rule(photo, RulingKind.COVER, face="by-hand-1")
    school.render(photo)
    school.approve(photo)
    school.sync()
    assert school.there() == []


def test_what_is_quarantined_after_it_was_out_is_buried(school: School) -> None:
    photo = school.photo()
    school.approve(photo)
    school.sync()
    school.rule(photo, RulingKind.QUARANTINE)
    school.sync()
    assert school.states() == [CopyState.TOMBSTONED]
    assert [t.why for t in school.home.ledger.takedowns.all_tombstones()] == ["quarantined"]


# ---- what the far end really holds


def test_a_published_picture_that_is_gone_is_sent_again(school: School) -> None:
    school.approve(school.photo())
    school.sync()
    (path,) = school.there()
    (school.home.root / "published" / path).unlink()
    assert differences(school).missing == (path,)
    assert school.states() == [CopyState.POSSIBLY_PUBLISHED]
    school.sync()
    assert school.there() == [path]
    assert school.states() == [CopyState.PUBLISHED]


def test_a_picture_that_was_taken_down_and_is_there_again_goes_again(school: School) -> None:
    school.approve(school.photo())
    school.sync()
    (path,) = school.there()
    file = school.home.root / "published" / path
    jpeg = file.read_bytes()
    school.consent("website", Decision.WITHDRAWN)
    school.sync()
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(jpeg)
    assert differences(school).returned == (path,)
    school.push()
    record_receipts(school.home.ledger, school.outbox)
    assert school.there() == []
    assert [t.why for t in school.home.ledger.takedowns.all()] == [Why.SHOWN_OTHERWISE, Why.CAME_BACK]
    assert school.home.ledger.takedowns.still_open() == []
    assert school.states() == [CopyState.TAKEN_DOWN]


def test_an_unknown_picture_there_is_told_and_stays(school: School) -> None:
    school.approve(school.photo())
    school.sync()
    (path,) = school.there()
    stray = school.home.root / "published" / "press" / "unsorted" / path.rpartition("/")[2]
    stray.parent.mkdir(parents=True)
    stray.write_bytes((school.home.root / "published" / path).read_bytes())
    found = differences(school)
    assert (found.missing, found.returned) == ((), ())
    assert found.unknown == (f"press/unsorted/{stray.name}",)
    assert stray.exists()
