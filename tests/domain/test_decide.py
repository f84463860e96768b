"""For each face show or cover, for each channel offer or withhold: tables, and what must hold in every photo."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.domain.consent import Consent, Decision, Kind, Person, Roster
from appliance.domain.decide import (
    Disposition,
    FaceDecision,
    IdentityKind,
    Look,
    PhotoFacts,
    SeenFace,
    Treatment,
    Why,
    decide,
)
from appliance.domain.face import Box, Detection, FaceId
from appliance.domain.identify import Ambiguous, Identification, Match, NoMatch
from appliance.domain.photo import PhotoId
from appliance.domain.ruling import Ruling, RulingKind

TODAY = date(2026, 11, 20)
PHOTO = PhotoId("a" * 64)
LOOKS = {"website": Look(), "newsletter": Look()}
POINTS = ((12.0, 12.0), (18.0, 12.0), (15.0, 15.0), (12.0, 18.0), (18.0, 18.0))

# Yes may be matched and shown on the website; Unmatched may be shown there, but not matched; No may be matched only.
PEOPLE = {
    s: Person(s, Kind.STAFF, group=g, protected=s == "Protected")
    for s, g in (("Yes", "A"), ("Unmatched", "A"), ("No", "B"), ("Protected", "C"), ("Also", "B"))
}
SAYS = {
    "Yes": ("biometric", "website"), "Unmatched": ("website",), "No": ("biometric",),
    "Protected": ("biometric", "website", "newsletter"), "Also": ("biometric", "website"),
}  # fmt: skip
CONSENTS = [
    Consent(s, "self", scope, Decision.GRANTED, TODAY - timedelta(30), evidence="form")
    for s, scopes in SAYS.items()
    for scope in scopes
]
ROSTER = Roster(PEOPLE, CONSENTS)


def face(number: int, identification: Identification, score: float = 0.9) -> SeenFace:
    box = Box(30 * number + 10.0, 10, 10, 10)
    points = [(x + 30 * number, y) for x, y in POINTS]
    detection = Detection(box, (points[0], points[1], points[2], points[3], points[4]), score)
    return SeenFace(FaceId(f"f{number}"), detection, identification)


def matched(subject: str) -> Match:
    return Match(subject, 0.7)


def decided(
    identifications: Sequence[Identification], rulings: Sequence[Ruling] = (), roster: Roster = ROSTER,
    score: float = 0.9,
) -> tuple[FaceDecision, ...]:  # fmt: skip
    faces = [face(n, identification, score) for n, identification in enumerate(identifications)]
    return decide(PhotoFacts(PHOTO, 400, 100, faces, rulings), roster, LOOKS, TODAY).faces


def said(number: int, kind: RulingKind, who: str = "w", **about: Any) -> Ruling:
    box = Box(200, 20, 30, 30) if kind is RulingKind.COVER else None
    return replace(Ruling(number, PHOTO, kind, who, "2026-11-19", box), **about)


def name(subject: str | None, of: str = "f0", number: int = 1) -> Ruling:
    return replace(said(number, RulingKind.NAME, face=of), subject=subject)


def attest(group: str | None, number: int = 1, *members: str) -> Ruling:
    return replace(said(number, RulingKind.ATTEST), group=group, members=members)


Reading = tuple[IdentityKind, str | None, Treatment, Why]


def reading(one: FaceDecision) -> Reading:
    return one.identity, one.subject, one.treatment["website"], one.whys["website"]


SHOW, COVER = Treatment.SHOW, Treatment.COVER
STRANGER: Reading = (IdentityKind.NO_MATCH, None, COVER, Why.NO_MATCH)
UNSURE: Reading = (IdentityKind.AMBIGUOUS, None, COVER, Why.AMBIGUOUS)
VOUCHED: Reading = (IdentityKind.ATTESTED, None, SHOW, Why.GROUP_CONSENTED)
IN_VAIN: Reading = (IdentityKind.ATTESTED, None, COVER, Why.NO_CONSENT)
MATCHED_YES: Reading = (IdentityKind.MATCH, "Yes", SHOW, Why.CONSENTED)


@pytest.mark.parametrize(
    ("identification", "rulings", "answer"),
    [
        pytest.param(matched("Yes"), [], MATCHED_YES, id="matched, consents"),
        pytest.param(matched("No"), [], (IdentityKind.MATCH, "No", COVER, Why.NO_CONSENT), id="matched, does not"),
        pytest.param(matched("Unmatched"), [], STRANGER, id="matched without biometric consent: a stranger"),
        pytest.param(matched("Protected"), [], STRANGER, id="matched, protected: a stranger"),
        pytest.param(matched("Erased"), [], STRANGER, id="matched, not on the roster any more: a stranger"),
        pytest.param(NoMatch(), [], STRANGER, id="a stranger"),
        pytest.param(Ambiguous(), [], UNSURE, id="ambiguous"),
        pytest.param(
            NoMatch(), [name("Unmatched")], (IdentityKind.NAMED, "Unmatched", SHOW, Why.CONSENTED), id="named, consents"
        ),
        pytest.param(
            Ambiguous(), [name("Yes")], (IdentityKind.NAMED, "Yes", SHOW, Why.CONSENTED), id="ambiguous, then named"
        ),
        pytest.param(
            matched("Yes"), [name("No")], (IdentityKind.NAMED, "No", COVER, Why.NO_CONSENT), id="named over a match"
        ),
        pytest.param(
            NoMatch(), [name("Protected")], (IdentityKind.NAMED, "Protected", COVER, Why.NO_CONSENT),
            id="named, protected: covered like anybody without consent",
        ),
        pytest.param(
            NoMatch(), [name("Gone")], (IdentityKind.NAMED, "Gone", COVER, Why.NO_CONSENT), id="named, on no roster"
        ),
        pytest.param(matched("Yes"), [name(None)], STRANGER, id="staff say that it is nobody"),
        pytest.param(
            NoMatch(), [name("No"), name("Yes", number=2)], (IdentityKind.NAMED, "Yes", SHOW, Why.CONSENTED),
            id="named again: the last word",
        ),
        pytest.param(NoMatch(), [attest("A")], VOUCHED, id="a group that consents"),
        pytest.param(Ambiguous(), [attest("A")], VOUCHED, id="ambiguous, in a group that consents"),
        pytest.param(NoMatch(), [attest("B")], IN_VAIN, id="a group of which one does not"),
        pytest.param(NoMatch(), [attest("C")], IN_VAIN, id="a group with a protected member"),
        pytest.param(NoMatch(), [attest("A", 1, "No")], IN_VAIN, id="a group that somebody has left who does not"),
        pytest.param(NoMatch(), [attest("A", 1, "Erased")], IN_VAIN, id="a group of which one has been erased"),
        pytest.param(NoMatch(), [attest("Nobody")], IN_VAIN, id="an empty group"),
        pytest.param(NoMatch(), [attest("")], IN_VAIN, id="no group"),
        pytest.param(NoMatch(), [attest("A"), attest(None, 2)], STRANGER, id="the word for the group taken back"),
        pytest.param(NoMatch(), [attest("A"), attest("B", 2)], IN_VAIN, id="another group: the last word"),
        pytest.param(matched("Yes"), [attest("B")], MATCHED_YES, id="matched, in a group that does not consent"),
        pytest.param(matched("Protected"), [attest("A")], IN_VAIN, id="matched, protected, in a group that consents"),
        pytest.param(matched("Unmatched"), [attest("A")], IN_VAIN, id="not to be matched, in a group that consents"),
        pytest.param(NoMatch(), [attest("A"), name(None, number=2)], STRANGER, id="nobody, in a group that consents"),
    ],
)  # fmt: skip
def test_one_face(identification: Identification, rulings: list[Ruling], answer: Reading) -> None:
    assert [reading(f) for f in decided([identification], rulings)] == [answer]
    assert [reading(f) for f in decided([identification], rulings[::-1])] == [answer]


def test_each_channel_is_decided_for_itself() -> None:
    (one,) = decided([matched("Yes")])
    assert one.treatment == {"website": SHOW, "newsletter": COVER}
    assert one.whys == {"website": Why.CONSENTED, "newsletter": Why.NO_CONSENT}
    assert one.why is Why.NO_CONSENT
    assert (one.comparison, one.box) == (0.7, Box(10, 10, 10, 10))


def test_somebody_of_whom_the_matcher_may_not_tell_voids_the_word_for_a_group() -> None:
    """Were only that face covered, it would stand out among the others."""
    assert [reading(f) for f in decided([NoMatch(), NoMatch()], [attest("A")])] == [VOUCHED, VOUCHED]
    assert [reading(f) for f in decided([NoMatch(), matched("Protected")], [attest("A")])] == [IN_VAIN, IN_VAIN]
    assert [reading(f) for f in decided([matched("Yes"), matched("Protected")], [attest("A")])] == [
        MATCHED_YES, IN_VAIN,
    ]  # fmt: skip


def test_a_member_who_has_left_may_be_in_the_picture() -> None:
    left = {**PEOPLE, "Left": Person("Left", Kind.STAFF, group="A", leaving_on=TODAY - timedelta(1))}
    roster = Roster(left, [*CONSENTS, *(replace(c, subject="Left") for c in CONSENTS if c.subject == "Yes")])
    assert [reading(f) for f in decided([NoMatch()], [attest("A")], roster)] == [IN_VAIN]


def test_whoever_is_named_is_not_matched_elsewhere_in_the_photo() -> None:
    first, second = decided([NoMatch(), matched("Yes")], [name("Yes")])
    assert reading(first) == (IdentityKind.NAMED, "Yes", SHOW, Why.CONSENTED)
    assert reading(second) == UNSURE
    assert reading(decided([NoMatch(), matched("Yes")], [name("Yes"), attest("A", 2)])[1]) == UNSURE


UNCOVER = RulingKind.UNCOVER


@pytest.mark.parametrize(
    ("score", "rulings", "gone"),
    [
        pytest.param(0.59, [said(1, UNCOVER, face="f0")], True, id="faint: one person"),
        pytest.param(0.60, [said(1, UNCOVER, face="f0")], False, id="clear: one person"),
        pytest.param(
            0.60, [said(1, UNCOVER, face="f0"), said(2, UNCOVER, face="f0")], False, id="clear: one person, twice"
        ),
        pytest.param(
            0.60, [said(1, UNCOVER, face="f0"), said(2, UNCOVER, "v", face="f0")], True, id="clear: two people"
        ),
        pytest.param(0.59, [said(1, UNCOVER, face="f1")], False, id="another face"),
        pytest.param(0.59, [said(1, UNCOVER, face="f0"), name("No", number=2)], False, id="named since"),
        pytest.param(
            0.60, [said(1, UNCOVER, face="f0"), name("No", number=2), said(3, UNCOVER, "v", face="f0")], False,
            id="named in between: two people again",
        ),
        pytest.param(0.59, [name(None), said(2, UNCOVER, face="f0")], True, id="nobody, then no face"),
    ],
)  # fmt: skip
def test_a_detection_is_dismissed_by_one_or_by_two(score: float, rulings: list[Ruling], *, gone: bool) -> None:
    assert (decided([NoMatch()], rulings, score=score) == ()) is gone


def test_a_cover_by_hand_covers_on_every_channel_until_it_is_taken_back() -> None:
    drawn = said(1, RulingKind.COVER, face="hand")
    (one,) = decided([], [drawn])
    assert (one.id, one.identity, one.box, one.detection) == ("hand", IdentityKind.BY_HAND, drawn.box, None)
    assert set(one.treatment.values()) == {COVER}
    assert one.why is Why.COVERED_BY_HAND
    assert decided([], [drawn, said(2, UNCOVER, face="hand")]) == ()
    again = [drawn, said(2, UNCOVER, face="hand"), said(3, RulingKind.COVER, face="hand")]
    assert [f.identity for f in decided([], again)] == [IdentityKind.BY_HAND]


@pytest.mark.parametrize(
    ("rulings", "website", "newsletter"),
    [
        pytest.param([], None, None, id="offered"),
        pytest.param([said(1, RulingKind.WITHHOLD, channel="website", reason="dark")], "dark", None, id="withheld"),
        pytest.param([said(1, RulingKind.WITHHOLD, channel="website")], "withheld", None, id="withheld, no reason"),
        pytest.param(
            [said(1, RulingKind.WITHHOLD, channel="website"), said(2, RulingKind.OFFER, channel="website")], None, None,
            id="offered again",
        ),
        pytest.param([said(1, RulingKind.QUARANTINE)], "quarantined", "quarantined", id="quarantined"),
        pytest.param(
            [said(1, RulingKind.QUARANTINE), said(2, RulingKind.OFFER, channel="website")], "quarantined",
            "quarantined", id="nothing takes quarantine back",
        ),
    ],
)  # fmt: skip
def test_a_photo_is_offered_or_withheld(rulings: list[Ruling], website: str | None, newsletter: str | None) -> None:
    channels = decide(PhotoFacts(PHOTO, 400, 100, [], rulings), ROSTER, LOOKS, TODAY).channels
    assert [channels[c].why for c in LOOKS] == [website, newsletter]
    for decision in channels.values():
        assert (decision.disposition is Disposition.OFFER) is (decision.why is None)


def test_the_plan_covers_whole_heads_in_whole_pixels_inside_the_picture() -> None:
    photo = PhotoFacts(PHOTO, 400, 100, [face(0, NoMatch()), face(1, matched("Yes"))], [])
    channels = decide(photo, ROSTER, LOOKS, TODAY).channels
    ((left, top, right, bottom),) = channels["website"].plan.covers
    assert (left, top) < (10, 10)
    assert (right, bottom) > (20, 20)
    assert (min(left, top), right <= 400, bottom <= 100) >= (0, True, True)
    assert len(channels["newsletter"].plan.covers) == 2
    assert channels["website"].plan.id != channels["newsletter"].plan.id


def test_equal_covers_and_looks_make_one_plan() -> None:
    channels = decide(PhotoFacts(PHOTO, 400, 100, [face(0, NoMatch())], []), ROSTER, LOOKS, TODAY).channels
    assert channels["website"].plan.id == channels["newsletter"].plan.id


# ---- in every photo

subjects = st.sampled_from([*PEOPLE, "Erased"])
identifications = st.lists(
    st.builds(matched, subjects) | st.just(NoMatch()) | st.just(Ambiguous()), min_size=1, max_size=4
)
face_ids = st.sampled_from(["f0", "f1", "f2", "hand"])
whos = st.sampled_from(["v", "w"])
rulings_of_a_photo = st.lists(
    st.one_of(
        st.builds(name, st.none() | subjects, face_ids),
        st.builds(attest, st.sampled_from(["A", "B", "C", None])),
        st.builds(lambda who, of: said(1, UNCOVER, who, face=of), whos, face_ids),
        st.builds(lambda of: said(1, RulingKind.COVER, face=of), face_ids),
        st.builds(
            lambda kind: said(1, kind, channel="website"), st.sampled_from([RulingKind.WITHHOLD, RulingKind.OFFER])
        ),
        st.just(said(1, RulingKind.QUARANTINE)),
    ),
    max_size=6,
).map(lambda them: [replace(r, id=n + 1) for n, r in enumerate(them)])
no = st.builds(
    Consent, subjects, st.sampled_from(["self", "parent:1"]), st.sampled_from(["biometric", "website", "newsletter"]),
    st.sampled_from([Decision.REFUSED, Decision.WITHDRAWN, Decision.UNREADABLE]),
    st.integers(-60, 30).map(lambda n: TODAY + timedelta(n)),
)  # fmt: skip


def visible(faces: Sequence[FaceDecision], identities: Sequence[Identification]) -> set[tuple[str, str]]:
    """Every face and channel on which it is shown, dismissed detections among them."""
    there = {f.id: f for f in faces}
    ids = {f"f{n}" for n in range(len(identities))}
    shown = {(f.id, c) for f in faces for c, t in f.treatment.items() if t is SHOW}
    return shown | {(i, c) for i in ids - there.keys() for c in LOOKS}


def hidden(faces: Sequence[FaceDecision]) -> set[tuple[str, str]]:
    return {(f.id, c) for f in faces for c, t in f.treatment.items() if t is COVER}


@given(identifications, rulings_of_a_photo, st.lists(no, max_size=3))
def test_withdrawing_consent_never_shows_more(
    who: list[Identification], rulings: list[Ruling], more: list[Consent]
) -> None:
    before, after = decided(who, rulings), decided(who, rulings, Roster(PEOPLE, [*CONSENTS, *more]))
    assert visible(after, who) <= visible(before, who)


@given(identifications, rulings_of_a_photo, st.sets(subjects, max_size=2))
def test_leaving_or_being_protected_never_shows_more(
    who: list[Identification], rulings: list[Ruling], some: set[str]
) -> None:
    before = decided(who, rulings)
    left = {s: replace(p, leaving_on=TODAY - timedelta(1)) if s in some else p for s, p in PEOPLE.items()}
    protected = {s: replace(p, protected=p.protected or s in some) for s, p in PEOPLE.items()}
    for people in (left, protected):
        assert visible(decided(who, rulings, Roster(people, CONSENTS)), who) <= visible(before, who)


@given(identifications, rulings_of_a_photo, face_ids, st.integers(0, 7))
def test_one_more_cover_never_shows_more(
    who: list[Identification], rulings: list[Ruling], of: str, number: int
) -> None:
    cover = said(number, RulingKind.COVER, face=of)
    before, after = decided(who, rulings), decided(who, [*rulings, cover])
    assert hidden(before) <= hidden(after)
    assert visible(after, who) <= visible(before, who)


@given(identifications, rulings_of_a_photo, st.data())
def test_a_protected_person_who_is_matched_reads_like_a_stranger(
    who: list[Identification], rulings: list[Ruling], data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, len(who) - 1))
    with_protected = [*who[:place], matched("Protected"), *who[place + 1 :]]
    with_stranger = [*who[:place], NoMatch(), *who[place + 1 :]]
    faces, as_strangers = decided(with_protected, rulings), decided(with_stranger, rulings)
    attested = any(f.identity is IdentityKind.ATTESTED for f in as_strangers)
    assert all(f.identity is IdentityKind.NAMED for f in faces if f.subject == "Protected")
    if not attested:
        assert faces == as_strangers
    unknown = [f for f in faces if f.identity is IdentityKind.ATTESTED]
    assert len({(f.identity, f.subject, f.comparison, str(f.treatment), str(f.whys)) for f in unknown}) <= 1


@given(identifications, rulings_of_a_photo)
def test_whoever_is_shown_is_known_and_consents_that_day(who: list[Identification], rulings: list[Ruling]) -> None:
    for one in decided(who, rulings):
        for channel, treatment in one.treatment.items():
            if treatment is SHOW and one.identity is not IdentityKind.ATTESTED:
                assert one.subject is not None
                assert ROSTER.allows(one.subject, channel, TODAY)
                assert not PEOPLE[one.subject].protected
            elif treatment is SHOW:
                assert ROSTER.members("A", TODAY)
                assert channel == "website"


@given(identifications, rulings_of_a_photo)
def test_every_face_that_is_not_shown_is_in_the_plan(who: list[Identification], rulings: list[Ruling]) -> None:
    faces = [face(n, identification) for n, identification in enumerate(who)]
    decision = decide(PhotoFacts(PHOTO, 400, 100, faces, rulings), ROSTER, LOOKS, TODAY)
    for channel, decided_ in decision.channels.items():
        for one in decision.faces:
            middle = (one.box.x + one.box.w / 2, one.box.y + one.box.h / 2)
            covered = any(a <= middle[0] <= c and b <= middle[1] <= d for a, b, c, d in decided_.plan.covers)
            assert covered or one.treatment[channel] is SHOW
