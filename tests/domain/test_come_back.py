"""Which published copies have to come back, and until when a picture may stay."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.domain.consent import Consent, Decision, Kind, Person, Roster
from appliance.domain.decide import ChannelDecision, Disposition, Look, PhotoFacts, Plan, SeenFace
from appliance.domain.face import Box, Detection, FaceId
from appliance.domain.identify import Match, NoMatch
from appliance.domain.photo import PhotoId
from appliance.domain.policy import ConsentPolicy
from appliance.domain.release import Copy, CopyState, Held, holds_until, may_release, must_come_back
from appliance.domain.ruling import Ruling, RulingKind

PHOTO = PhotoId("a" * 64)
LOOK = Look()
PLAN = Plan(PHOTO, 100, 100, (), LOOK)
TODAY = date(2026, 11, 20)


def _copy(state: CopyState, derivative: str = "d", until: str | None = None) -> Copy:
    return Copy(derivative, PHOTO, "website", "published", "website/unsorted/d.jpg", "2026-11-01", until, state)


def _decision(disposition: Disposition = Disposition.OFFER) -> ChannelDecision:
    return ChannelDecision(disposition, None, PLAN)


@pytest.mark.parametrize(
    ("state", "decision", "current", "back"),
    [
        pytest.param(CopyState.PUBLISHED, _decision(), "d", False, id="as it should be"),
        pytest.param(CopyState.POSSIBLY_PUBLISHED, _decision(), "d", False, id="perhaps out, as it should be"),
        pytest.param(CopyState.PUBLISHED, _decision(Disposition.WITHHOLD), "d", True, id="withheld"),
        pytest.param(CopyState.PUBLISHED, _decision(), "e", True, id="another picture now"),
        pytest.param(CopyState.PUBLISHED, _decision(), None, True, id="new picture not rendered"),
        pytest.param(CopyState.PUBLISHED, None, None, True, id="photo gone"),
        pytest.param(CopyState.POSSIBLY_PUBLISHED, None, "d", True, id="perhaps out, photo gone"),
        pytest.param(CopyState.TAKEN_DOWN, None, None, False, id="taken down already"),
        pytest.param(CopyState.TOMBSTONED, None, None, False, id="tombstoned"),
    ],
)
def test_a_copy_comes_back_unless_it_is_todays_picture(
    state: CopyState, decision: ChannelDecision | None, current: str | None, *, back: bool
) -> None:
    assert must_come_back(_copy(state), decision, current) is back


def test_nothing_leaves_from_under_a_tombstone() -> None:
    approval = Ruling(1, PHOTO, RulingKind.APPROVE, "w", "2026-11-19", channel="website", derivative="d")
    assert may_release(_decision(), PLAN.id, "d", [approval], []) is None
    buried = [_copy(CopyState.TOMBSTONED, until="2026-01-01")]
    assert may_release(_decision(), PLAN.id, "d", [approval], buried) is Held.TOMBSTONED


def _face(number: int, subject: str | None) -> SeenFace:
    landmarks = ((1.0, 1.0), (3.0, 1.0), (2.0, 2.0), (1.0, 3.0), (3.0, 3.0))
    detection = Detection(Box(number * 10, 10, 5, 5), landmarks, 0.9)
    return SeenFace(FaceId(f"f{number}"), detection, Match(subject, 0.7) if subject else NoMatch())


def _photo(*subjects: str | None, rulings: tuple[Ruling, ...] = ()) -> PhotoFacts:
    return PhotoFacts(PHOTO, 100, 100, [_face(i, s) for i, s in enumerate(subjects)], rulings)


def _grant(subject: str, scope: str, until: date | None = None, decision: Decision = Decision.GRANTED) -> Consent:
    return Consent(subject, "self", scope, decision, date(2026, 1, 1), until, evidence="form")


STAFF = Person("S1", Kind.STAFF, group="Staff")
WITH_BIOMETRIC = _grant("S1", "biometric", date(2027, 5, 1))


def _until(photo: PhotoFacts, people: list[Person], consents: list[Consent], age: int | None = None) -> date | None:
    roster = Roster({p.subject: p for p in people}, consents, ConsentPolicy(age))
    return holds_until(photo, roster, "website", LOOK, TODAY)


def test_a_picture_that_shows_nobody_has_no_end() -> None:
    assert _until(_photo(None), [STAFF], [WITH_BIOMETRIC, _grant("S1", "website")]) is None
    assert _until(_photo("S1"), [STAFF], [WITH_BIOMETRIC]) is None


@pytest.mark.parametrize(
    ("website", "biometric", "leaving", "last"),
    [
        pytest.param(date(2027, 3, 1), date(2027, 5, 1), None, date(2027, 3, 1), id="channel ends first"),
        pytest.param(date(2027, 3, 1), date(2027, 1, 7), None, date(2027, 1, 7), id="biometric ends first"),
        pytest.param(date(2027, 3, 1), date(2027, 5, 1), date(2026, 12, 18), date(2026, 12, 18), id="leaves first"),
        pytest.param(None, date(2028, 1, 1), None, date(2027, 1, 1), id="a year after it began"),
        pytest.param(TODAY, date(2027, 5, 1), None, TODAY, id="today is the last day"),
    ],
)
def test_a_picture_holds_until_the_first_end(
    website: date | None, biometric: date, leaving: date | None, last: date
) -> None:
    person = Person("S1", Kind.STAFF, leaving_on=leaving)
    consents = [_grant("S1", "biometric", biometric), _grant("S1", "website", website)]
    assert _until(_photo("S1", None), [person], consents) == last


def test_a_refusal_that_begins_later_ends_it() -> None:
    no = Consent("S1", "self", "website", Decision.WITHDRAWN, date(2026, 12, 1))
    assert _until(_photo("S1"), [STAFF], [WITH_BIOMETRIC, _grant("S1", "website"), no]) == date(2026, 11, 30)


def test_a_renewal_carries_it_on() -> None:
    renewed = Consent("S1", "self", "website", Decision.GRANTED, date(2026, 12, 1), date(2027, 2, 1))
    consents = [WITH_BIOMETRIC, _grant("S1", "website", date(2026, 12, 31)), renewed]
    assert _until(_photo("S1"), [STAFF], consents) == date(2027, 2, 1)


def test_a_birthday_ends_it_where_the_childs_own_word_is_needed_from_then_on() -> None:
    child = Person("P1", Kind.PUPIL, birth_on=date(2014, 2, 10), parents=1)
    consents = [
        Consent("P1", "parent:1", scope, Decision.GRANTED, date(2026, 6, 1), evidence="form")
        for scope in ("website", "biometric")
    ]
    assert _until(_photo("P1"), [child], consents, age=13) == date(2027, 2, 9)
    assert _until(_photo("P1"), [child], consents) == date(2027, 6, 1)


def test_an_attested_group_holds_until_its_first_member_ends() -> None:
    people = [STAFF, Person("S2", Kind.STAFF, group="Staff"), Person("S3", Kind.STAFF, group="Other")]
    consents = [_grant("S1", "website"), _grant("S2", "website", date(2026, 12, 1)), _grant("S3", "website", TODAY)]
    said = Ruling(1, PHOTO, RulingKind.ATTEST, "w", "2026-11-19", group="Staff")
    assert _until(_photo(None, None, rulings=(said,)), people, consents) == date(2026, 12, 1)


@given(st.lists(st.tuples(st.integers(-300, 300), st.integers(0, 400), st.sampled_from(list(Decision))), max_size=6))
def test_every_shown_face_is_allowed_on_each_day_until_then(said: list[tuple[int, int, Decision]]) -> None:
    rows = [Consent("S1", "self", "website", d, TODAY + timedelta(b), TODAY + timedelta(b + n)) for b, n, d in said]
    biometric = Consent("S1", "self", "biometric", Decision.GRANTED, TODAY, TODAY + timedelta(900), evidence="form")
    roster = Roster({"S1": STAFF}, [*rows, biometric])
    last = holds_until(_photo("S1"), roster, "website", LOOK, TODAY)
    if not roster.allows("S1", "website", TODAY):
        assert last is None
        return
    assert last is not None
    assert all(roster.allows("S1", "website", TODAY + timedelta(n)) for n in range((last - TODAY).days + 1))
    assert not roster.allows("S1", "website", last + timedelta(1))
