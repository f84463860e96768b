"""Who may be shown where on which day: INTERFACE's rules as tables, and what must hold whatever was said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.domain.consent import (
    ANY_SCOPE,
    CHANNELS,
    SCOPES,
    Consent,
    Decision,
    Kind,
    Person,
    Roster,
    age_on,
    in_force,
)
from appliance.domain.policy import ConsentPolicy

TODAY = date(2026, 11, 20)
CHILD = Person("P1", Kind.PUPIL, "4B", birth_on=date(2016, 5, 1), parents=2)
TEEN = replace(CHILD, birth_on=date(2012, 5, 1))
SIXTH_FORMER = replace(CHILD, birth_on=date(2008, 5, 1))
STAFF = Person("P1", Kind.STAFF)
GRANTED, REFUSED, WITHDRAWN, NOTIFIED = Decision.GRANTED, Decision.REFUSED, Decision.WITHDRAWN, Decision.NOTIFIED
OWN_AT_13 = ConsentPolicy(own_consent_age=13)
SCHOOL_ON_DISPLAY = ConsentPolicy(school_basis_channels=frozenset({"display"}))


def day(days: int) -> date:
    """So many days from today."""
    return TODAY + timedelta(days)


def row(
    party: str, decision: Decision = GRANTED, begins: int = -30, until: int | None = None, *, scope: str = "website",
    basis: str = "consent", evidence: str = "form",
) -> Consent:  # fmt: skip
    return Consent("P1", party, scope, decision, day(begins), None if until is None else day(until), basis, evidence)


def bio(party: str, decision: Decision = GRANTED, begins: int = -30, until: int | None = None) -> Consent:
    return row(party, decision, begins, until, scope="biometric")


def allows(
    person: Person, rows: Sequence[Consent], scope: str = "website", policy: ConsentPolicy | None = None,
    today: date = TODAY,
) -> bool:  # fmt: skip
    return Roster({person.subject: person}, rows, policy or ConsentPolicy()).allows(person.subject, scope, today)


MUM, DAD = "parent:1", "parent:2"


@pytest.mark.parametrize(
    ("rows", "shown"),
    [
        pytest.param([], False, id="silence is no"),
        pytest.param([row(MUM)], True, id="one parent grants"),
        pytest.param([row(MUM, begins=0)], True, id="the first day counts"),
        pytest.param([row(MUM, begins=1)], False, id="not begun"),
        pytest.param([row(MUM, until=0)], True, id="the last day counts"),
        pytest.param([row(MUM, until=-1)], False, id="ended yesterday"),
        pytest.param([row(MUM), row(DAD, REFUSED)], False, id="the other parent refuses"),
        pytest.param([row(MUM), row(DAD, WITHDRAWN)], False, id="the other parent withdrew"),
        pytest.param([row(MUM), row(DAD, REFUSED, begins=1)], True, id="a refusal from tomorrow"),
        pytest.param([row(MUM), row(DAD, REFUSED, until=-1)], False, id="a refusal has no end"),
        pytest.param([row(MUM), row("self", REFUSED)], False, id="the child refuses"),
        pytest.param([row(MUM), row("school", REFUSED)], False, id="the school refuses"),
        pytest.param([row(MUM), row("parent:3", REFUSED)], False, id="even somebody not known as a parent refuses"),
        pytest.param([row("parent:3")], False, id="a grant by a parent that there is not"),
        pytest.param([row("parent:x")], False, id="a party that nobody knows"),
        pytest.param([row("self")], False, id="a pupil alone"),
        pytest.param([row(MUM, NOTIFIED)], False, id="notified only notifies"),
        pytest.param([row(MUM), row(MUM, NOTIFIED, begins=-1)], True, id="notified later takes nothing back"),
        pytest.param([row(MUM, REFUSED), row(MUM, NOTIFIED, begins=-1)], False, id="notified later allows nothing"),
        pytest.param([row(MUM, scope="newsletter")], False, id="another channel"),
        pytest.param([row(MUM, scope="biometric")], False, id="biometric is apart"),
        pytest.param([row(MUM, REFUSED, -60), row(MUM, begins=-30)], True, id="refused, later granted"),
        pytest.param([row(MUM, begins=-60), row(MUM, WITHDRAWN, -30)], False, id="granted, later withdrawn"),
        pytest.param([row(MUM, WITHDRAWN, -30), row(MUM, begins=-60)], False, id="the order of recording is nothing"),
        pytest.param([row(MUM), row(MUM, WITHDRAWN)], False, id="granted and withdrawn on one day"),
        pytest.param([row(MUM, until=300), row(MUM, until=-1)], False, id="two grants of one day: the shorter"),
        pytest.param([row(MUM, begins=-60), row(MUM, begins=-9, until=-2)], False, id="the latest grant has ended"),
        pytest.param([row(MUM, WITHDRAWN, 1), row(MUM)], True, id="withdrawn from tomorrow"),
        pytest.param([row(MUM), row("", Decision.UNREADABLE, 0)], False, id="unreadable"),
        pytest.param([row(MUM), row("", Decision.UNREADABLE, 0, scope="press")], True, id="unreadable elsewhere"),
        pytest.param([row(MUM), row("", Decision.UNREADABLE, 0, scope=ANY_SCOPE)], False, id="unreadable anywhere"),
        pytest.param(
            [row(MUM), row(DAD, Decision.UNREADABLE), row(DAD, Decision.READABLE)], True, id="unreadable, then read"
        ),
        pytest.param(
            [row(MUM), row(DAD, Decision.UNREADABLE), row(MUM, Decision.READABLE)], False, id="another's row was read"
        ),
        pytest.param(
            [row(MUM), row(DAD, Decision.READABLE), row(DAD, Decision.UNREADABLE)], False, id="read, then unreadable"
        ),
        pytest.param([row("", scope=ANY_SCOPE), row(MUM, scope=ANY_SCOPE)], False, id="a grant of no scope"),
    ],
)
def test_a_pupil_is_shown_on_a_channel(rows: list[Consent], *, shown: bool) -> None:
    assert allows(CHILD, rows) is shown
    assert allows(CHILD, rows[::-1]) is shown or any(r.decision is Decision.READABLE for r in rows)


@pytest.mark.parametrize(
    ("begins", "today", "shown"),
    [
        pytest.param(date(2025, 11, 20), date(2026, 11, 20), True, id="12 months: the last day"),
        pytest.param(date(2025, 11, 20), date(2026, 11, 21), False, id="12 months and a day"),
        pytest.param(date(2024, 2, 29), date(2025, 2, 28), True, id="begun on 29 February: the last day"),
        pytest.param(date(2024, 2, 29), date(2025, 3, 1), False, id="begun on 29 February: over"),
        pytest.param(date.max, date.max, True, id="at the end of time"),
    ],
)
def test_a_grant_without_an_end_ends_12_months_after_it_began(begins: date, today: date, *, shown: bool) -> None:
    assert allows(CHILD, [replace(row(MUM), from_on=begins)], today=today) is shown


@pytest.mark.parametrize(
    ("person", "rows", "shown"),
    [
        pytest.param(TEEN, [row(MUM)], False, id="old enough, and has not said"),
        pytest.param(TEEN, [row(MUM), row("self")], True, id="old enough, and grants"),
        pytest.param(TEEN, [row("self")], False, id="own word alone"),
        pytest.param(TEEN, [row(MUM), row("self", until=-1)], False, id="own grant has ended"),
        pytest.param(CHILD, [row(MUM)], True, id="too young to be asked"),
        pytest.param(CHILD, [row(MUM), row("self", REFUSED)], False, id="too young, and refuses"),
        pytest.param(replace(CHILD, birth_on=None), [row(MUM)], False, id="age unknown"),
        pytest.param(replace(CHILD, birth_on=date(2013, 11, 20)), [row(MUM)], False, id="13th birthday today"),
        pytest.param(replace(CHILD, birth_on=date(2013, 11, 21)), [row(MUM)], True, id="13th birthday tomorrow"),
    ],
)
def test_from_the_age_of_own_consent_the_pupil_is_asked_too(
    person: Person, rows: list[Consent], *, shown: bool
) -> None:
    assert allows(person, rows, policy=OWN_AT_13) is shown


TASK = row("school", scope="display", basis="public_task")


@pytest.mark.parametrize(
    ("person", "rows", "policy", "shown"),
    [
        pytest.param(CHILD, [TASK], SCHOOL_ON_DISPLAY, True, id="on a listed channel"),
        pytest.param(
            CHILD, [replace(TASK, basis="legitimate_interest")], SCHOOL_ON_DISPLAY, True, id="the other basis"
        ),
        pytest.param(CHILD, [replace(TASK, basis="consent")], SCHOOL_ON_DISPLAY, False, id="the school's own consent"),
        pytest.param(CHILD, [TASK, replace(TASK, basis="consent")], SCHOOL_ON_DISPLAY, False, id="two on one day"),
        pytest.param(CHILD, [TASK], ConsentPolicy(), False, id="no channel is listed"),
        pytest.param(CHILD, [replace(TASK, until_on=day(-1))], SCHOOL_ON_DISPLAY, False, id="ended"),
        pytest.param(
            CHILD, [TASK, row(MUM, REFUSED, scope="display")], SCHOOL_ON_DISPLAY, False, id="a parent refuses"
        ),
        pytest.param(
            CHILD, [TASK, row("self", WITHDRAWN, scope="display")], SCHOOL_ON_DISPLAY, False, id="or the child"
        ),
        pytest.param(
            TEEN, [TASK], replace(SCHOOL_ON_DISPLAY, own_consent_age=13), False, id="in a parent's place only"
        ),
        pytest.param(STAFF, [TASK], SCHOOL_ON_DISPLAY, False, id="staff grant for themselves"),
    ],
)
def test_the_schools_own_basis_stands_in_for_a_parents_grant(
    person: Person, rows: list[Consent], policy: ConsentPolicy, *, shown: bool
) -> None:
    assert allows(person, rows, "display", policy) is shown


def test_the_schools_own_basis_counts_on_no_other_channel() -> None:
    assert not allows(CHILD, [replace(TASK, scope="website")], "website", SCHOOL_ON_DISPLAY)


@pytest.mark.parametrize("kind", [Kind.STAFF, Kind.VISITOR])
def test_staff_and_visitors_speak_for_themselves(kind: Kind) -> None:
    person = replace(STAFF, kind=kind)
    assert allows(person, [row("self")])
    assert not allows(person, [])
    assert not allows(person, [row(MUM)])
    assert not allows(person, [row("self"), row("self", WITHDRAWN, -1)])


BOTH = [bio(MUM), bio(DAD, NOTIFIED)]


@pytest.mark.parametrize(
    ("person", "rows", "matched"),
    [
        pytest.param(CHILD, BOTH, True, id="one grants, the other is notified"),
        pytest.param(CHILD, [bio(MUM), bio(DAD)], True, id="both grant"),
        pytest.param(CHILD, [bio(MUM)], False, id="one parent was not told"),
        pytest.param(CHILD, [bio(MUM), bio(DAD, NOTIFIED, 1)], False, id="one parent is told tomorrow"),
        pytest.param(CHILD, [bio(MUM), bio("parent:3", NOTIFIED)], False, id="somebody else was told"),
        pytest.param(CHILD, [bio(MUM, NOTIFIED), bio(DAD, NOTIFIED)], False, id="told, and nobody grants"),
        pytest.param(CHILD, [bio(MUM, until=-1), bio(DAD, NOTIFIED)], False, id="the grant has ended"),
        pytest.param(CHILD, [bio(MUM), bio(DAD, begins=-60, until=-31)], True, id="the other's grant has ended"),
        pytest.param(CHILD, [replace(bio(MUM), evidence=" "), bio(DAD, NOTIFIED)], False, id="without evidence"),
        pytest.param(CHILD, [replace(bio(MUM), evidence=""), bio(DAD)], True, id="one of two with evidence"),
        pytest.param(CHILD, [replace(bio(MUM), evidence=""), *BOTH], False, id="two on one day: the one without"),
        pytest.param(CHILD, [*BOTH, bio(DAD, REFUSED)], False, id="a parent objects"),
        pytest.param(CHILD, [*BOTH, bio(MUM, WITHDRAWN, -1)], False, id="the grant was withdrawn"),
        pytest.param(CHILD, [*BOTH, bio("self", REFUSED)], False, id="the child objects"),
        pytest.param(CHILD, [*BOTH, bio("school", REFUSED)], False, id="the school objects"),
        pytest.param(CHILD, [*BOTH, bio("parent:7", WITHDRAWN)], False, id="anybody objects"),
        pytest.param(CHILD, [bio(MUM), row(DAD)], False, id="told of a channel is not told of this"),
        pytest.param(CHILD, [bio("self"), bio(DAD, NOTIFIED), bio(MUM, NOTIFIED)], False, id="self under 18"),
        pytest.param(CHILD, [bio("school"), bio(DAD, NOTIFIED), bio(MUM, NOTIFIED)], False, id="the school never"),
        pytest.param(CHILD, [*BOTH, bio(DAD, Decision.UNREADABLE)], False, id="unreadable"),
        pytest.param(
            CHILD,
            [bio(MUM), bio(DAD, Decision.UNREADABLE), bio(DAD, Decision.READABLE)],
            False,
            id="a row that could not be read told nobody",
        ),
        pytest.param(replace(CHILD, parents=None), BOTH, False, id="parents unknown"),
        pytest.param(replace(CHILD, parents=0), [bio(MUM)], False, id="no parents"),
        pytest.param(replace(CHILD, parents=1), [bio(MUM)], True, id="one parent"),
        pytest.param(replace(CHILD, birth_on=None), [bio("self")], False, id="a pupil of unknown age"),
        pytest.param(replace(CHILD, birth_on=date(2008, 11, 21)), [bio("self")], False, id="18 tomorrow"),
        pytest.param(replace(CHILD, birth_on=date(2008, 11, 20)), [bio("self")], True, id="18 today"),
        pytest.param(SIXTH_FORMER, BOTH, False, id="an adult speaks for themselves"),
        pytest.param(SIXTH_FORMER, [bio("self"), bio(DAD, REFUSED)], False, id="nobody may object, of an adult too"),
        pytest.param(STAFF, [bio("self")], True, id="staff"),
        pytest.param(STAFF, [replace(bio("self"), evidence="")], False, id="staff without evidence"),
        pytest.param(STAFF, [bio("school")], False, id="staff, by the school"),
        pytest.param(replace(STAFF, birth_on=date(2009, 5, 1)), [bio("self")], False, id="an apprentice of 17"),
        pytest.param(replace(STAFF, kind=Kind.VISITOR), [bio("self")], False, id="a visitor of unknown age"),
        pytest.param(
            replace(STAFF, kind=Kind.VISITOR, birth_on=date(1990, 1, 1)), [bio("self")], True, id="an adult visitor"
        ),
    ],
)
def test_biometric_needs_every_parent_told_and_one_grant_with_evidence(
    person: Person, rows: list[Consent], *, matched: bool
) -> None:
    assert allows(person, rows, "biometric") is matched


@pytest.mark.parametrize("scope", SCOPES)
def test_a_leaver_is_shown_up_to_their_last_day(scope: str) -> None:
    rows = [row(MUM, scope=scope), row(DAD, scope=scope)]
    assert allows(replace(CHILD, leaving_on=TODAY), rows, scope)
    assert not allows(replace(CHILD, leaving_on=day(-1)), rows, scope)


@pytest.mark.parametrize("scope", ["", "Website", "poster", "any"])
def test_a_scope_that_there_is_not_is_never_allowed(scope: str) -> None:
    assert not allows(CHILD, [row(MUM, scope=scope), row(DAD, scope=scope)], scope)


def test_birthdays_of_29_february_are_kept_on_1_march() -> None:
    assert [age_on(date(2008, 2, 29), d) for d in (date(2026, 2, 28), date(2026, 3, 1))] == [17, 18]


def test_siblings_share_a_family_and_members_a_group() -> None:
    people = [replace(CHILD, subject=s, family=f) for s, f in (("A", "F"), ("B", "F"), ("C", ""), ("D", ""))]
    roster = Roster({p.subject: p for p in people}, [])
    assert roster.siblings("A") == {"B"}
    assert roster.siblings("C") == roster.siblings("nobody") == set()
    assert [p.subject for p in roster.members("4B", TODAY)] == ["A", "B", "C", "D"]
    assert roster.members("", TODAY) == []


# ---- whatever was said

parties = st.sampled_from(["parent:1", "parent:2", "parent:3", "self", "school"])
days = st.integers(-800, 400).map(day)
consents = st.builds(
    Consent, st.just("P1"), parties, st.sampled_from(SCOPES), st.sampled_from(list(Decision)), days,
    st.none() | days, st.sampled_from(["consent", "public_task", "legitimate_interest"]), st.sampled_from(["form", ""]),
)  # fmt: skip
people = st.builds(
    Person, st.just("P1"), st.sampled_from(Kind), st.just("4B"), st.just(""),
    st.none() | st.dates(date(2005, 1, 1), date(2020, 1, 1)), st.none() | days, st.none() | st.integers(0, 3),
    st.booleans(),
)  # fmt: skip
policies = st.builds(
    ConsentPolicy, st.none() | st.integers(8, 18), st.sets(st.sampled_from(CHANNELS), max_size=2).map(frozenset)
)
histories = st.lists(consents, max_size=8)


def shown(person: Person, rows: Sequence[Consent], policy: ConsentPolicy) -> set[str]:
    return {scope for scope in SCOPES if allows(person, rows, scope, policy)}


@given(people, histories, policies, consents, st.sampled_from([REFUSED, WITHDRAWN]), st.data())
def test_a_refusal_or_withdrawal_never_shows_more(
    person: Person, rows: list[Consent], policy: ConsentPolicy, extra: Consent, no: Decision, data: st.DataObject
) -> None:
    more = [*rows]
    more.insert(data.draw(st.integers(0, len(rows))), replace(extra, decision=no))
    assert shown(person, more, policy) <= shown(person, rows, policy)


@given(people, st.lists(consents, min_size=1, max_size=8), policies, st.data())
def test_an_earlier_end_never_shows_more(
    person: Person, rows: list[Consent], policy: ConsentPolicy, data: st.DataObject
) -> None:
    index = data.draw(st.integers(0, len(rows) - 1))
    ends = min(data.draw(days), rows[index].last_on)
    shorter = [*rows[:index], replace(rows[index], until_on=ends), *rows[index + 1 :]]
    assert shown(person, shorter, policy) <= shown(person, rows, policy)


@given(people, histories, policies, parties, st.sampled_from(SCOPES))
def test_without_a_partys_grants_never_more_is_shown(
    person: Person, rows: list[Consent], policy: ConsentPolicy, party: str, scope: str
) -> None:
    fewer = [r for r in rows if (r.party, r.scope, r.decision) != (party, scope, GRANTED)]
    assert shown(person, fewer, policy) <= shown(person, rows, policy)


@given(people, histories, policies, consents, st.data())
def test_a_row_that_cannot_be_read_never_shows_more(
    person: Person, rows: list[Consent], policy: ConsentPolicy, extra: Consent, data: st.DataObject
) -> None:
    scope = data.draw(st.sampled_from([extra.scope, ANY_SCOPE]))
    more = [*rows, replace(extra, decision=Decision.UNREADABLE, scope=scope)]
    assert shown(person, more, policy) <= shown(person, rows, policy) - ({scope} if scope else set(SCOPES))


@given(people, histories, policies, st.permutations(range(8)))
def test_the_order_of_recording_is_nothing_without_markers(
    person: Person, rows: list[Consent], policy: ConsentPolicy, order: list[int]
) -> None:
    said = [r for r in rows if r.decision not in (Decision.UNREADABLE, Decision.READABLE)]
    mixed = [said[i] for i in order if i < len(said)]
    assert shown(person, mixed, policy) == shown(person, said, policy)


@given(people, histories, policies)
def test_nobody_is_shown_over_a_no_that_is_in_force(person: Person, rows: list[Consent], policy: ConsentPolicy) -> None:
    for scope in shown(person, rows, policy):
        said = in_force([r for r in rows if r.scope == scope], TODAY)
        assert said
        assert not any(r.is_no for r in said.values())


@given(people, histories, policies)
def test_nothing_is_allowed_for_unknown_people_or_after_leaving(
    person: Person, rows: list[Consent], policy: ConsentPolicy
) -> None:
    assert not any(Roster({}, rows, policy).allows("P1", scope, TODAY) for scope in SCOPES)
    other = Roster({"P2": replace(person, subject="P2")}, rows, policy)
    assert not any(other.allows(subject, scope, TODAY) for scope in SCOPES for subject in ("P1", "P2"))
    assert shown(replace(person, leaving_on=day(-1)), rows, policy) == set()
