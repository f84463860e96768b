"""What may leave: today's picture, offered, approved in exactly these bytes since it was last held or taken down."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.domain.consent import Consent, Decision, Kind, Person, Roster
from appliance.domain.decide import ChannelDecision, Disposition, Look, PhotoFacts, Plan, SeenFace
from appliance.domain.face import Box, Detection, FaceId
from appliance.domain.identify import Match, NoMatch
from appliance.domain.photo import PhotoId
from appliance.domain.release import Copy, CopyState, Held, holds_until, may_release
from appliance.domain.ruling import Ruling, RulingKind

PHOTO = PhotoId("a" * 64)
PLAN = Plan(PHOTO, 100, 100, (), Look())
OFFERED = ChannelDecision(Disposition.OFFER, None, PLAN)
WITHHELD = ChannelDecision(Disposition.WITHHOLD, "quarantined", PLAN)


def said(number: int, kind: RulingKind, derivative: str | None = None) -> Ruling:
    return Ruling(number, PHOTO, kind, "w", f"2026-11-{number:02}", channel="website", derivative=derivative)


def approve(number: int, derivative: str = "d") -> Ruling:
    return said(number, RulingKind.APPROVE, derivative)


def copy(state: CopyState, until: int | None = None, derivative: str = "d") -> Copy:
    ended = None if until is None else f"2026-11-{until:02}"
    return Copy(derivative, PHOTO, "website", "published", "website/unsorted/d.jpg", "2026-11-01", ended, state)


DOWN = CopyState.TAKEN_DOWN


@pytest.mark.parametrize(
    ("decision", "plan", "rulings", "copies", "held"),
    [
        pytest.param(OFFERED, PLAN.id, [approve(1)], [], None, id="approved"),
        pytest.param(OFFERED, PLAN.id, [], [], Held.NOT_APPROVED, id="nobody approved it"),
        pytest.param(OFFERED, PLAN.id, [approve(1, "e")], [], Held.NOT_APPROVED, id="other bytes were approved"),
        pytest.param(OFFERED, "other", [approve(1)], [], Held.OUT_OF_DATE, id="made by another plan"),
        pytest.param(WITHHELD, PLAN.id, [approve(1)], [], Held.WITHHELD, id="withheld"),
        pytest.param(OFFERED, PLAN.id, [approve(1)], [copy(CopyState.PUBLISHED)], None, id="out already"),
        pytest.param(OFFERED, PLAN.id, [approve(1)], [copy(DOWN, 5)], Held.NOT_APPROVED, id="taken down since"),
        pytest.param(OFFERED, PLAN.id, [approve(5)], [copy(DOWN, 5)], Held.NOT_APPROVED, id="taken down just then"),
        pytest.param(OFFERED, PLAN.id, [approve(1), approve(6)], [copy(DOWN, 5)], None, id="approved again"),
        pytest.param(OFFERED, PLAN.id, [approve(1)], [copy(DOWN, 5, "e")], None, id="other bytes were taken down"),
        pytest.param(
            OFFERED, PLAN.id, [approve(6)], [copy(CopyState.TOMBSTONED, 5)], Held.TOMBSTONED, id="under a tombstone"
        ),
        pytest.param(
            OFFERED, PLAN.id, [approve(1), said(2, RulingKind.WITHHOLD), said(3, RulingKind.OFFER)], [],
            Held.NOT_APPROVED, id="withheld and offered again: waits for approval",
        ),
        pytest.param(
            OFFERED, PLAN.id, [approve(1), said(2, RulingKind.WITHHOLD), said(3, RulingKind.OFFER), approve(4)], [],
            None, id="withheld, offered and approved again",
        ),
    ],
)  # fmt: skip
def test_it_leaves_only_as_approved(
    decision: ChannelDecision, plan: str, rulings: list[Ruling], copies: list[Copy], held: Held | None
) -> None:
    assert may_release(decision, plan, "d", rulings, copies) is held
    assert may_release(decision, plan, "d", rulings[::-1], copies[::-1]) is held


kinds = st.sampled_from([RulingKind.APPROVE, RulingKind.WITHHOLD, RulingKind.OFFER, RulingKind.COVER])
rulings = st.lists(st.builds(said, st.integers(1, 28), kinds, st.sampled_from(["d", "e"])), max_size=5)
copies = st.lists(st.builds(copy, st.sampled_from(CopyState), st.integers(1, 28), st.sampled_from("de")), max_size=3)


@given(rulings, copies, copies)
def test_one_more_takedown_never_lets_more_out(given_: list[Ruling], there: list[Copy], more: list[Copy]) -> None:
    if may_release(OFFERED, PLAN.id, "d", given_, [*there, *more]) is None:
        assert may_release(OFFERED, PLAN.id, "d", given_, there) is None


@given(rulings, copies, st.integers(1, 28))
def test_withholding_is_not_undone_by_an_old_approval(given_: list[Ruling], there: list[Copy], when: int) -> None:
    rest = [replace(r, id=min(r.id, when)) for r in given_]
    held = [*rest, said(when + 1, RulingKind.WITHHOLD)]
    assert may_release(OFFERED, PLAN.id, "d", held, there) is not None


@given(rulings, copies)
def test_nothing_that_is_withheld_leaves(given_: list[Ruling], there: list[Copy]) -> None:
    assert may_release(WITHHELD, PLAN.id, "d", given_, there) is not None


def test_an_attested_picture_holds_while_the_matcher_knows_nobody_whom_it_may_not_tell() -> None:
    """The word for a group is void from the day on which somebody else in the picture may not be matched any more."""
    today = date(2026, 11, 20)
    people = {s: Person(s, Kind.STAFF, group=g) for s, g in (("S1", "Staff"), ("S2", ""))}
    begins, form = date(2026, 9, 1), "form"
    rows = [
        Consent("S1", "self", "website", Decision.GRANTED, begins, evidence=form),
        Consent("S2", "self", "biometric", Decision.GRANTED, begins, date(2027, 1, 7), evidence=form),
    ]
    points = ((1.0, 1.0), (3.0, 1.0), (2.0, 2.0), (1.0, 3.0), (3.0, 3.0))
    faces = [
        SeenFace(FaceId("f1"), Detection(Box(10, 10, 5, 5), points, 0.9), NoMatch()),
        SeenFace(FaceId("f2"), Detection(Box(30, 10, 5, 5), points, 0.9), Match("S2", 0.7)),
    ]
    attested = Ruling(1, PHOTO, RulingKind.ATTEST, "w", "2026-11-19", group="Staff")
    photo = PhotoFacts(PHOTO, 100, 100, faces, [attested])
    assert holds_until(photo, Roster(people, rows), "website", Look(), today) == date(2027, 1, 7)
