"""Who is protected is the safeguarding lead's to know: pictures wait for the lead, and for others beside."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from appliance.domain.consent import CHANNELS, Kind, Person
from appliance.domain.decide import SECOND_LOOK
from appliance.domain.photo import PhotoId
from appliance.errors import Refusal
from appliance.pipeline.lead import Lead
from appliance.pipeline.listing import as_json, view
from appliance.store.home import Home
from appliance.store.people import Name
from tests.pipeline.releasing import TODAY, School

LEAD = "Dana Lead"


@pytest.fixture
def school(tmp_path: Path) -> School:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "config.toml").write_text(f'safeguarding_leads = ["{LEAD}"]\n', encoding="utf-8")
    return School(tmp_path / "home")


@pytest.fixture
def lead(school: School) -> Lead:
    return Lead(LEAD, school.home, TODAY)


def listed(school: School, photo: PhotoId) -> str:
    row = school.home.ledger.photo(photo)
    assert row is not None
    return json.dumps(as_json(view(row, school.home.ledger, school.home.people, school.home.looks, TODAY)))


def test_only_the_lead_may_ask(school: School) -> None:
    for who in ("Ann", "", "dana lead"):
        with pytest.raises(Refusal, match="only the safeguarding lead"):
            Lead(who, school.home, TODAY)


def test_a_picture_of_a_protected_person_waits_and_then_goes_on_covered(school: School, lead: Lead) -> None:
    photo = school.photo()
    school.approve(photo)
    school.sync()
    assert len(school.there()) == 1
    lead.protect("S1", protected=True)
    school.sync()
    assert school.there() == []
    school.render(photo)
    assert {c.why for c in school.decided(photo).values()} == {SECOND_LOOK}
    assert [(w.photo, w.subjects, w.protected) for w in lead.waiting()] == [(photo, ("S1",), ("S1",))]
    row = school.home.ledger.photo(photo)
    assert row is not None
    lead.passes(row)
    assert {c.why for c in school.decided(photo).values()} == {None}
    assert list(lead.waiting()) == []
    assert '"show"' not in listed(school, photo)
    with pytest.raises(Refusal, match="does not wait"):
        lead.passes(row)


def test_where_the_lead_allows_a_channel_they_are_shown_there_only(school: School, lead: Lead) -> None:
    photo = school.photo()
    lead.protect("S1", protected=True)
    lead.allow("S1", "website", allowed=True)
    row = school.home.ledger.photo(photo)
    assert row is not None
    lead.passes(row)
    (face,) = json.loads(listed(school, photo))["faces"]
    assert [c for c in CHANNELS if face["treatment"][c] == "show"] == ["website"]
    lead.allow("S1", "website", allowed=False)
    assert '"show"' not in listed(school, photo)
    assert [(p.subject, p.channels) for p in lead.protected()] == [("S1", ())]


def test_a_protected_person_and_a_few_others_read_the_same_while_they_wait(school: School, lead: Lead) -> None:
    home = school.home
    for number in range(2, 8):
        home.people.record_person(Person(f"S{number}", Kind.STAFF), Name("N", f"S{number}"), "t")
        for channel in ("website", "newsletter"):
            (grant,) = (c for c in home.people.consents("S1") if c.scope == channel)
            home.people.record_consent(replace(grant, subject=f"S{number}"), "t")
    lead.protect("S1", protected=True)
    waiting = home.people.roster().second_look
    (decoy,) = waiting - {"S1"}
    told = {}
    for subject in ("S1", decoy):
        photo = school.photo(f"of {subject}", subject=subject)
        text = listed(school, photo)
        told[subject] = _general(text, photo, subject)
        assert "protect" not in text
    assert told["S1"] == told[decoy]
    assert home.people.roster().second_look == Home.open(home.root).people.roster().second_look


def test_nobody_waits_where_nobody_is_protected(school: School) -> None:
    assert school.home.people.roster().second_look == frozenset()


def test_the_audit_log_says_that_the_lead_decided_and_of_nobody(school: School, lead: Lead) -> None:
    lead.protect("S1", protected=True)
    lead.allow("S1", "press", allowed=True)
    lead.protected()
    log = school.home.audit.entries()
    assert [e["event"] for e in log] == ["lead_listed", "lead_decided", "lead_decided"]
    assert "S1" not in json.dumps(log)


def test_erasing_leaves_nothing_of_what_the_lead_said(school: School, lead: Lead) -> None:
    lead.protect("S1", protected=True)
    lead.allow("S1", "press", allowed=True)
    school.home.people.erase("S1")
    assert school.home.people.requests.lead_allows() == {}
    assert school.home.people.roster().second_look == frozenset()


def _general(text: str, photo: PhotoId, subject: str) -> str:
    """Without what differs between any two photos: ids, hashes, names of files."""
    seen = json.loads(text)
    for face in seen["faces"]:
        face["face"] = ""
    for channel in seen["channels"].values():
        channel["derivative"] = ""
    return json.dumps(seen).replace(photo, "").replace(f'"{subject}"', "")
