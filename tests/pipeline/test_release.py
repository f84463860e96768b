"""Release, push and register together: nothing leaves unapproved, and what may not be out comes back."""

from __future__ import annotations

import hashlib
from datetime import date, datetime, timedelta

import pytest

from appliance.domain.consent import Decision
from appliance.domain.decide import Disposition, SeenFace
from appliance.domain.identify import Match
from appliance.domain.photo import PhotoState
from appliance.domain.release import Copy, CopyState, Held
from appliance.domain.ruling import RulingKind
from appliance.errors import Refusal
from appliance.outbox import OrderKind, verify_item
from appliance.pipeline.release import record_receipts
from tests.pipeline.releasing import ZONE, School

# ---- what may leave


def test_nothing_leaves_without_approval(school: School) -> None:
    school.photo()
    report = school.sync()
    assert school.there() == []
    assert school.register() == []
    assert report.handed_over == 0
    assert report.held == {Held.NOT_APPROVED: 6}


def test_an_approved_picture_arrives_and_the_register_says_so(school: School) -> None:
    derivative = school.approve(school.photo())
    assert school.release().handed_over == 1
    assert school.states() == [CopyState.POSSIBLY_PUBLISHED]
    school.push()
    assert school.states() == [CopyState.POSSIBLY_PUBLISHED]
    assert record_receipts(school.home.ledger, school.outbox) == 1
    (copy,) = school.register()
    assert (copy.state, copy.until, copy.target, copy.channel) == (CopyState.PUBLISHED, None, "published", "website")
    day = datetime.fromisoformat(school.home.ledger.photos()[0].admitted_at).astimezone(ZONE).date()
    assert copy.path == f"website/{day}-sports-day/{derivative}.jpg"
    assert school.there() == [copy.path]
    assert school.manifest() == [{"path": copy.path, "sha256": derivative, "channel": "website"}]


def test_an_approval_counts_for_one_channel(school: School) -> None:
    photo = school.photo()
    assert school.derivative(photo, "website") == school.derivative(photo, "newsletter")
    school.approve(photo, "newsletter")
    school.sync()
    assert [p.split("/")[0] for p in school.there()] == ["newsletter"]


def test_an_approval_counts_for_those_bytes_only(school: School) -> None:
    photo = school.photo()
    school.approve(photo)
    school.rule(photo, RulingKind.NAME, face=str(school.home.ledger.analysis(photo).faces[0].id), subject=None)  # type: ignore[union-attr]
    school.render(photo)
    school.sync()
    assert school.there() == []
    school.approve(photo)
    school.sync()
    assert len(school.there()) == 1


def test_an_approval_of_another_photos_bytes_counts_for_nothing(school: School) -> None:
    photo, other = school.photo("one"), school.photo("two", subject=None)
    school.approve(photo, derivative=school.derivative(other))
    school.sync()
    assert school.there() == []


def test_a_second_sync_changes_nothing(school: School) -> None:
    school.approve(school.photo())
    school.sync()
    before = school.register(), school.there(), len(school.home.audit.entries())
    report = school.sync()
    assert (report.handed_over, report.called_back) == (0, 0)
    assert (school.register(), school.there(), len(school.home.audit.entries())) == before


@pytest.mark.parametrize(
    ("kind", "said", "state"),
    [
        (RulingKind.WITHHOLD, {"channel": "website", "reason": "blurred"}, CopyState.TAKEN_DOWN),
        (RulingKind.QUARANTINE, {}, CopyState.TOMBSTONED),
    ],
    ids=["withheld", "quarantined"],
)
def test_what_is_withheld_or_quarantined_stays_and_comes_back(
    school: School, kind: RulingKind, said: dict[str, str], state: CopyState
) -> None:
    photo = school.photo()
    school.approve(photo)
    school.sync()
    school.rule(photo, kind, **said)
    school.sync()
    assert school.there() == []
    assert school.states() == [state]
    other = school.photo("two", subject=None)
    school.approve(other)
    school.rule(other, kind, **said)
    school.sync()
    assert school.there() == []


@pytest.mark.parametrize("state", [PhotoState.PARKED, PhotoState.REFUSED])
def test_a_photo_set_aside_stays_and_comes_back(school: School, state: PhotoState) -> None:
    photo = school.photo()
    school.approve(photo)
    school.sync()
    school.home.ledger.set_aside(photo, state, "decoder_died")
    school.sync()
    assert school.there() == []
    school.approve(photo)
    school.sync()
    assert school.there() == []


def test_no_name_on_the_roster_is_in_a_path_or_an_order(school: School) -> None:
    school.approve(school.photo(event="Nonsuch prize"))
    school.release()
    written = [p.read_bytes() for p in school.home.outbox.rglob("*") if p.is_file()]
    assert len(written) > 3
    assert not any(name in text.lower() for text in written for name in (b"amelia", b"nonsuch"))
    school.push()
    assert "-prize/" in school.there()[0]


def test_photos_without_an_event_are_unsorted(school: School) -> None:
    derivative = school.approve(school.photo(event=""))
    school.sync()
    assert school.there() == [f"website/unsorted/{derivative}.jpg"]


def test_the_certificate_says_by_what_it_was_decided_and_until_when_it_holds(school: School) -> None:
    photo = school.photo()
    school.approve(photo)
    school.release()
    order = verify_item(school.outbox.pending()[0], school.key.public_key()).order
    assert order.expires_on == date(2027, 3, 1)
    assert order.plan == school.decided(photo)["website"].plan.id
    assert (order.model, len(order.policy)) == ("model-1", 16)


def test_a_picture_that_is_not_what_was_rendered_is_not_handed_over(school: School) -> None:
    photo = school.photo()
    derivative = school.approve(photo)
    school.home.vault.path("derivatives", derivative).write_bytes(b"a bare face")
    assert school.release().faults == [(photo, "website", "derivative_differs")]
    school.home.vault.remove("derivatives", derivative)
    assert school.release().faults == [(photo, "website", "file_missing")]
    assert school.register() == []


def test_a_file_with_metadata_is_not_handed_over_even_if_it_was_approved(school: School) -> None:
    photo = school.photo()
    clean = school.home.vault.read("derivatives", school.derivative(photo))
    leaky = clean[:2] + b"\xff\xe1\x00\x08Exif\x00\x00" + clean[2:]
    plan = school.decided(photo)["press"].plan.id
    school.home.ledger.record_render(photo, {}, "facts")
    with school.home.ledger._db.conn as connection:
        connection.execute("INSERT INTO erasing VALUES (1)")
        connection.execute("DELETE FROM derivatives WHERE plan = ?", [plan])
        connection.execute("DELETE FROM erasing")
    school.home.ledger.record_render(photo, {plan: school.home.vault.add("derivatives", leaky)}, "facts")
    school.approve(photo, "press")
    assert school.release().faults == [(photo, "press", "leak_segment")]
    school.push()
    assert school.there() == []


# ---- what has to come back


def test_a_withdrawal_takes_the_picture_down_with_the_next_sync(school: School) -> None:
    school.approve(school.photo())
    school.sync()
    since = school.register()[0].since
    school.consent("website", Decision.WITHDRAWN)
    assert school.sync().called_back == 1
    (copy,) = school.register()
    assert school.there() == []
    assert school.manifest() == []
    assert (copy.state, copy.since) == (CopyState.TAKEN_DOWN, since)
    assert copy.until is not None
    assert copy.until > since


def test_an_old_approval_does_not_publish_again_what_was_taken_down(school: School) -> None:
    photo = school.photo()
    school.approve(photo)
    school.sync()
    school.consent("website", Decision.WITHDRAWN)
    school.sync()
    school.consent("website", Decision.GRANTED, until=date(2027, 3, 1))
    school.today += timedelta(days=1)
    school.consent("website", Decision.GRANTED, school.today, date(2027, 3, 1))
    assert school.decided(photo)["website"].disposition is Disposition.OFFER
    assert school.sync().held[Held.NOT_APPROVED] == 6
    assert school.there() == []
    school.approve(photo)
    school.sync()
    assert len(school.there()) == 1
    (copy,) = school.register()
    assert (copy.state, copy.until) == (CopyState.PUBLISHED, None)


def test_a_takedown_that_was_ordered_is_carried_out_even_if_consent_comes_back_meanwhile(school: School) -> None:
    photo = school.photo()
    school.approve(photo)
    school.sync()
    school.consent("website", Decision.WITHDRAWN)
    school.release()
    school.today += timedelta(days=1)
    school.consent("website", Decision.GRANTED, school.today, date(2027, 3, 1))
    school.approve(photo)
    school.sync()
    assert school.there() == []
    assert school.sync().held[Held.NOT_APPROVED] == 6
    assert school.there() == []


def test_an_ended_consent_takes_the_picture_down(school: School) -> None:
    school.approve(school.photo())
    school.sync()
    school.today = date(2027, 3, 1)
    assert school.sync().called_back == 0
    school.today = date(2027, 3, 2)
    school.sync()
    assert school.there() == []


def test_a_picture_that_is_still_in_the_outbox_is_pulled(school: School) -> None:
    photo = school.photo()
    derivative = school.approve(photo)
    school.release()
    school.consent("website", Decision.WITHDRAWN)
    school.release()
    assert school.orders() == [OrderKind.TAKEDOWN]
    assert not (school.home.outbox / f"{derivative}.jpg").exists()
    school.sync()
    assert school.states() == [CopyState.TAKEN_DOWN]
    assert school.there() == []


def test_one_takedown_is_ordered_however_often_release_runs_before_it_is_sent(school: School) -> None:
    school.approve(school.photo())
    school.sync()
    school.consent("website", Decision.WITHDRAWN)
    assert [school.release().called_back for _ in range(3)] == [1, 0, 0]
    assert school.orders() == [OrderKind.TAKEDOWN]


def test_a_new_picture_of_the_photo_replaces_the_old_one_only_when_it_is_approved(school: School) -> None:
    photo = school.photo()
    old = school.approve(photo)
    school.sync()
    school.rule(photo, RulingKind.COVER, face="by-hand-1")
    school.render(photo)
    school.sync()
    assert school.there() == []
    new = school.approve(photo)
    assert new != old
    school.sync()
    assert [p.rpartition("/")[2] for p in school.there()] == [f"{new}.jpg"]


def test_an_erased_photos_pictures_come_back(school: School) -> None:
    photo = school.photo()
    school.approve(photo)
    school.sync()
    for derivative in school.home.ledger.traces.derivatives_only_of(photo):
        school.home.vault.remove("derivatives", derivative)
    school.home.ledger.traces.forget_derivatives(photo)
    school.sync()
    assert school.there() == []


def test_matching_switched_off_takes_down_who_was_only_matched(school: School) -> None:
    photo = school.photo(subject=None)
    people, ledger = school.home.people, school.home.ledger
    assessment = people.record_assessment("a" * 64, "w")
    people.switch_matching(on=True, assessment=assessment, who="w")
    school.consent("biometric", Decision.GRANTED, date(2026, 1, 1), date(2027, 1, 1))
    (face,) = ledger.analysis(photo).faces  # type: ignore[union-attr]
    matched = SeenFace(face.id, face.detection, Match("S1", 0.7))
    ledger.record_analysis(photo, "model-1", "gallery-2", (200, 160), [matched])
    school.render(photo)
    school.approve(photo)
    school.release()
    assert verify_item(school.outbox.pending()[0], school.key.public_key()).order.expires_on == date(2027, 1, 1)
    school.sync()
    assert len(school.there()) == 1
    people.switch_matching(on=False, assessment=None, who="w")
    school.sync()
    assert school.there() == []


def test_a_tombstone_holds_for_good(school: School) -> None:
    photo = school.photo()
    derivative = school.approve(photo)
    school.sync()
    (copy,) = school.register()
    school.home.ledger.register.record(
        [Copy(derivative, photo, "website", "published", copy.path, "", None, CopyState.TOMBSTONED)]
    )
    school.approve(photo)
    assert school.sync().held[Held.TOMBSTONED] == 1


# ---- two photos, one picture


def test_a_picture_shared_by_two_photos_stays_while_one_of_them_stands(school: School) -> None:
    first, second = school.photo("one"), school.photo("two")
    assert school.approve(first) == school.approve(second)
    school.sync()
    assert school.states() == [CopyState.PUBLISHED, CopyState.PUBLISHED]
    assert len(school.there()) == 1
    school.rule(first, RulingKind.WITHHOLD, channel="website", reason="r")
    assert school.sync().called_back == 0
    assert len(school.there()) == 1
    school.rule(second, RulingKind.WITHHOLD, channel="website", reason="r")
    school.sync()
    assert school.there() == []
    assert school.states() == [CopyState.TAKEN_DOWN, CopyState.TAKEN_DOWN]


def test_the_second_of_two_photos_with_one_picture_can_follow_later(school: School) -> None:
    first = school.photo("one")
    school.approve(first)
    school.sync()
    second = school.photo("two")
    school.approve(second)
    school.sync()
    assert school.states() == [CopyState.PUBLISHED, CopyState.PUBLISHED]
    school.rule(first, RulingKind.WITHHOLD, channel="website", reason="r")
    school.rule(second, RulingKind.WITHHOLD, channel="website", reason="r")
    school.sync()
    school.rule(second, RulingKind.OFFER, channel="website")
    school.approve(second)
    school.sync()
    assert school.states() == [CopyState.TAKEN_DOWN, CopyState.PUBLISHED]


def test_quarantine_of_one_takes_down_the_picture_of_both(school: School) -> None:
    first, second = school.photo("one"), school.photo("two")
    school.approve(first)
    school.approve(second)
    school.sync()
    school.rule(first, RulingKind.QUARANTINE)
    report = school.sync()
    assert school.there() == []
    assert report.held[Held.WITHHELD] > 1
    school.approve(second)
    school.sync()
    assert school.there() == []


# ---- the clock


def test_a_clock_that_went_back_stops_release_and_revives_nothing_but_takedowns_go(school: School) -> None:
    school.approve(school.photo("one"))
    school.sync()
    other = school.photo("two", event="Other", subject=None)
    school.approve(other)
    school.home.ledger.see_clock("2027-03-05T12:00:00.000000+00:00")
    report = school.release(now="2026-11-20T12:00:00.000000+00:00")
    assert isinstance(report.refusal, Refusal)
    assert report.refusal.code == "clock_went_back"
    assert "appliance clock confirm" in str(report.refusal)
    assert (report.day, report.handed_over, report.called_back) == (date(2027, 3, 5), 0, 1)
    school.push()
    assert school.there() == []
    assert school.home.ledger.clock_seen().startswith("2027-03-05")


def test_a_clock_that_went_back_sends_nothing_that_was_waiting_and_is_over_by_then(school: School) -> None:
    school.approve(school.photo())
    school.release()
    school.home.ledger.see_clock("2027-03-05T12:00:00.000000+00:00")
    school.sync()
    assert school.there() == []


def test_a_clock_set_back_a_little_is_no_matter(school: School) -> None:
    school.approve(school.photo())
    school.home.ledger.see_clock("2026-11-20T12:00:00.000000+00:00")
    assert school.release(now="2026-11-20T11:58:01.000000+00:00").handed_over == 1
    assert school.home.ledger.clock_seen() == "2026-11-20T12:00:00.000000+00:00"


def test_a_certificate_that_is_over_is_issued_again_when_consent_was_renewed(school: School) -> None:
    school.approve(school.photo())
    school.release()
    school.today = date(2027, 3, 2)
    school.consent("website", Decision.GRANTED, date(2027, 3, 1), date(2027, 9, 1))
    school.release()
    (item,) = school.outbox.pending()
    assert verify_item(item, school.key.public_key()).order.expires_on == date(2027, 9, 1)


def test_the_names_of_files_are_the_hashes_of_what_is_in_them(school: School) -> None:
    school.approve(school.photo())
    school.sync()
    (path,) = school.there()
    data = (school.home.root / "published" / path).read_bytes()
    assert f"{hashlib.sha256(data).hexdigest()}.jpg" == path.rpartition("/")[2]
