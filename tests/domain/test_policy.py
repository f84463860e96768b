"""What schools settle for themselves, and what a jurisdiction may ask for on top: it never shows more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.domain.consent import CHANNELS, SCOPES, Consent, Person, Roster
from appliance.domain.explain import explain
from appliance.domain.policy import JURISDICTIONS, ConsentPolicy, Jurisdiction, tightened
from tests.domain.test_consent import (
    BOTH,
    CHILD,
    DAD,
    GRANTED,
    MUM,
    NOTIFIED,
    REFUSED,
    TODAY,
    allows,
    consents,
    day,
    days,
    histories,
    people,
    row,
    shown,
)

policies = st.builds(
    ConsentPolicy, st.none() | st.integers(8, 18), st.sets(st.sampled_from(CHANNELS), max_size=2).map(frozenset),
    st.none() | st.sets(st.sampled_from(CHANNELS), min_size=1).map(frozenset), st.booleans(), st.booleans(),
    st.booleans(),
)  # fmt: skip
jurisdictions = st.sampled_from(list(JURISDICTIONS.values())) | st.builds(
    Jurisdiction, st.just(""), st.none() | st.integers(8, 18), st.booleans(), st.booleans(), st.booleans(),
    st.booleans(),
)  # fmt: skip


@given(people, histories, policies, jurisdictions)
def test_a_jurisdiction_never_shows_more(
    person: Person, rows: list[Consent], policy: ConsentPolicy, jurisdiction: Jurisdiction
) -> None:
    assert shown(person, rows, tightened(policy, jurisdiction)) <= shown(person, rows, policy)


@given(people, histories, policies)
def test_each_rule_that_is_switched_on_never_shows_more(
    person: Person, rows: list[Consent], policy: ConsentPolicy
) -> None:
    before = shown(person, rows, policy)
    for stricter in ({"yearly_renewal": True}, {"every_parent": True}, {"biometrics": False}):
        assert shown(person, rows, replace(policy, **stricter)) <= before  # type: ignore[arg-type]  # by name


@pytest.mark.parametrize(
    ("rows", "shows"),
    [
        pytest.param([row(MUM)], False, id="one of two parents"),
        pytest.param([row(MUM), row(DAD)], True, id="both parents"),
        pytest.param([row(MUM), row(DAD, NOTIFIED)], False, id="the other is only told"),
        pytest.param([row(MUM), row("parent:3")], False, id="the other is no parent of theirs"),
        pytest.param([row(MUM), row(DAD), row("self", REFUSED)], False, id="both parents, and the child refuses"),
    ],
)
def test_where_every_parent_is_asked_one_is_not_enough(rows: list[Consent], *, shows: bool) -> None:
    policy = ConsentPolicy(every_parent=True)
    assert allows(CHILD, rows, policy=policy) is shows
    assert not allows(replace(CHILD, parents=None), rows, policy=policy)


def test_a_yearly_renewal_ends_a_grant_that_would_last_longer() -> None:
    long = [row(MUM, begins=-364, until=900)]
    policy = ConsentPolicy(yearly_renewal=True)
    assert allows(CHILD, long, policy=policy)
    assert allows(CHILD, long, today=day(2))
    assert not allows(CHILD, long, policy=policy, today=day(2))


def test_a_channel_that_does_not_exist_here_is_no_channel() -> None:
    policy = ConsentPolicy(channels=frozenset({"newsletter"}))
    assert not allows(CHILD, [row(MUM)], policy=policy)
    assert allows(CHILD, [row(MUM, scope="newsletter")], "newsletter", policy)
    assert not allows(CHILD, BOTH, "biometric", ConsentPolicy(biometrics=False))


# ---- grace


@given(people, histories, policies, st.integers(0, 60))
def test_grace_adds_only_what_was_allowed_on_a_day_just_past_or_by_a_grant_that_ended(
    person: Person, rows: list[Consent], policy: ConsentPolicy, grace: int
) -> None:
    roster = Roster({"P1": person}, rows, policy)
    lenient = replace(roster, grace_days=grace)
    for scope in SCOPES:
        assert lenient.allows("P1", scope, TODAY) >= roster.allows("P1", scope, TODAY)
        if lenient.allows("P1", scope, TODAY) and not roster.allows("P1", scope, TODAY):
            ended = [r for r in rows if r.scope == scope and r.decision is GRANTED]
            assert any(TODAY - timedelta(grace) <= r.last_on < TODAY for r in ended) or policy.yearly_renewal


@given(people, histories, policies, consents, st.integers(0, 60))
def test_a_no_ends_grace_at_once(
    person: Person, rows: list[Consent], policy: ConsentPolicy, extra: Consent, grace: int
) -> None:
    no = replace(extra, decision=REFUSED, from_on=min(extra.from_on, TODAY), until_on=None)
    later = [r for r in rows if (r.party, r.scope) == (no.party, no.scope) and r.from_on > no.from_on]
    if not later:
        roster = Roster({"P1": person}, [*rows, no], policy, grace_days=grace)
        assert not roster.allows("P1", no.scope, TODAY)


# ---- removal and protection


@given(people, histories, policies, days)
def test_removing_older_pictures_never_shows_more_and_ends_no_consent(
    person: Person, rows: list[Consent], policy: ConsentPolicy, taken: object
) -> None:
    roster = Roster({"P1": person}, rows, policy)
    removed = replace(roster, removed_before={"P1": "2026-09-01"})
    for channel in CHANNELS:
        assert removed.allows("P1", channel, TODAY) == roster.allows("P1", channel, TODAY)
        assert removed.may_show("P1", channel, TODAY, str(taken)) <= roster.may_show("P1", channel, TODAY, str(taken))
        assert not removed.may_show("P1", channel, TODAY, "2026-08-31T23:59")
        assert not removed.may_show("P1", channel, TODAY, "")
        still = removed.may_show("P1", channel, TODAY, "2026-09-01T00:00")
        assert still == roster.may_show("P1", channel, TODAY, "2026-09-01T00:00")


@pytest.mark.parametrize(
    ("protected", "lead", "shows"),
    [
        pytest.param(False, frozenset(), True, id="not protected"),
        pytest.param(True, frozenset(), False, id="protected"),
        pytest.param(True, frozenset({"press"}), False, id="the lead allows another channel"),
        pytest.param(True, frozenset({"website"}), True, id="the lead allows the channel"),
    ],
)
def test_a_protected_person_is_shown_where_the_lead_allows_it(
    lead: frozenset[str], *, protected: bool, shows: bool
) -> None:
    person = replace(CHILD, protected=protected)
    roster = Roster({"P1": person}, [row(MUM)], lead_allows={"P1": lead} if lead else {})
    assert roster.may_show("P1", "website", TODAY, "2026") is shows
    assert roster.is_secret("P1") is (protected and not lead)
    assert not replace(roster, consents=[row(MUM), row(DAD, REFUSED)]).may_show("P1", "website", TODAY, "2026")


# ---- explaining


@given(people, histories, policies)
def test_an_explanation_says_allowed_exactly_where_it_is(
    person: Person, rows: Sequence[Consent], policy: ConsentPolicy
) -> None:
    roster = Roster({"P1": person}, rows, policy)
    for scope in SCOPES:
        words = explain(roster, "P1", scope, TODAY)
        assert words.startswith("allowed: ") is roster.allows("P1", scope, TODAY)
        assert words.startswith(("allowed: ", "not allowed: "))
        assert explain(replace(roster, people={"P1": replace(person, protected=True)}), "P1", scope, TODAY) == words


def test_an_explanation_names_what_decides() -> None:
    def why(rows: list[Consent], scope: str = "website") -> str:
        return explain(Roster({"P1": CHILD}, rows), "P1", scope, TODAY)

    assert why([]) == "not allowed: nothing is on record"
    assert why([row(MUM), row(DAD, REFUSED)]) == "not allowed: parent:2 refused from 2026-10-21"
    assert why([row(MUM, until=-3)]) == "not allowed: the last grant, by parent:1, ended on 2026-11-17"
    assert why([row(MUM, until=3)]) == "allowed: parent:1 granted from 2026-10-21 until 2026-11-23, form"
    assert why(BOTH[:1], "biometric") == "not allowed: nothing is on record for parent:2"
