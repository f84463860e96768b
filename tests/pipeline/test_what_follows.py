"""What follows from a change is foretold, and then is what happens."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from appliance.domain.consent import Consent, Decision, Kind, Person
from appliance.domain.identify import Match
from appliance.domain.photo import PhotoId
from appliance.domain.release import CopyState
from appliance.domain.ruling import RulingKind
from appliance.errors import Refusal
from appliance.outbox import OrderKind
from appliance.pipeline.at_once import carry_out
from appliance.pipeline.consequences import consequences
from appliance.pipeline.expiring import expiring
from appliance.pipeline.roster.clear import clear_before, midnight
from appliance.pipeline.whatif import after_leaving, after_policy, after_removal, after_word
from appliance.store.people import Name
from tests.pipeline.releasing import TODAY, ZONE, School

NO = Consent("S1", "self", "website", Decision.WITHDRAWN, TODAY)


def the_word(school: School, said: Consent = NO) -> object:
    return consequences(school.home, after_word(school.home.people, said, TODAY), TODAY)


def test_a_withdrawal_is_foretold_and_then_happens(school: School) -> None:
    out, queued = school.photo("out"), school.photo("queued", event="Another day")
    other = school.photo("other", subject=None)
    school.approve(out)
    school.sync()
    school.approve(queued)
    school.release()
    found = consequences(school.home, after_word(school.home.people, NO, TODAY), TODAY)
    assert [(t.subject, t.scope, t.allowed) for t in found.turns] == [("S1", "website", False)]
    assert [(p.photo, p.channels) for p in found.photos] == sorted(
        [(out, ("website",)), (queued, ("website",))], key=lambda said: said[0]
    )
    assert [c.photo for c in found.takedowns] == [out]
    assert len(found.outbox) == 1
    assert other not in [p.photo for p in found.photos]
    assert school.there() != []
    school.consent("website", Decision.WITHDRAWN)
    carry_out(found, school.home, TODAY)
    assert school.orders() == []
    school.sync()
    assert school.there() == []
    again = the_word(school)
    assert again == type(found)()


def test_what_changes_nothing_has_no_consequences(school: School) -> None:
    school.approve(school.photo())
    school.sync()
    renewed = replace(NO, decision=Decision.GRANTED, until_on=date(2027, 6, 1), evidence="form")
    found = consequences(school.home, after_word(school.home.people, renewed, TODAY), TODAY)
    assert found.counts() == dict.fromkeys(("ended", "allowed", "templates", "photos", "outbox", "takedowns"), 0)
    assert [data["result"] for data, _ in found.lines()] == ["summary"]


def test_a_template_goes_with_biometric_consent_in_the_same_moment(school: School) -> None:
    home = school.home
    grant = Consent("S1", "self", "biometric", Decision.GRANTED, date(2026, 6, 1), evidence="form")
    home.people.record_consent(grant, "test")
    home.people.switch_matching(on=True, assessment=home.people.record_assessment("ab" * 32, "t"), who="t")
    home.gallery.fail("S1", made_of="x", reason="no_usable_portrait")
    no = replace(grant, decision=Decision.WITHDRAWN, from_on=TODAY)
    found = consequences(home, after_word(home.people, no, TODAY), TODAY)
    assert found.templates == ["S1"]
    home.people.record_consent(no, "test")
    carry_out(found, home, TODAY)
    assert home.gallery.made_of() == {}


def test_a_group_leaves(school: School) -> None:
    home = school.home
    home.people.record_person(Person("S1", Kind.STAFF, group="Year 6"), Name("Amelia", "Nonsuch"), "test")
    photo = school.photo()
    school.approve(photo)
    school.sync()
    found = consequences(home, after_leaving(home.people, TODAY, group="Year 6"), TODAY)
    assert [c.photo for c in found.takedowns] == [photo]
    assert {t.scope for t in found.turns} == {"website", "newsletter"}
    with pytest.raises(Refusal, match="Groups: Year 6"):
        after_leaving(home.people, TODAY, group="Year 9")
    with pytest.raises(Refusal, match="nobody 'P9'"):
        after_leaving(home.people, TODAY, subjects=["P9"])


def test_a_policy_is_asked_about_without_being_set(school: School) -> None:
    home = school.home
    photo = school.photo()
    school.approve(photo)
    school.sync()
    found = consequences(home, after_policy(home.people, home.config, {"used_channels": ["newsletter"]}), TODAY)
    assert [c.photo for c in found.takedowns] == [photo]
    assert after_policy(home.people, home.config, {"jurisdiction": "every-parent"}).policy.every_parent
    for settings in ({"quality": 80}, {"own_consent_age": "old"}, {"used_channels": ["poster"]}):
        with pytest.raises(Refusal):
            after_policy(home.people, home.config, settings)


def test_pictures_from_before_a_day_go_and_consents_stay(school: School) -> None:
    photo = school.photo()
    school.approve(photo)
    school.sync()
    tomorrow = date.today() + timedelta(2)  # noqa: DTZ011  photos are taken in by the real clock
    home = school.home
    found = consequences(home, after_removal(home.people, "S1", midnight(tomorrow, ZONE)), TODAY)
    assert [c.photo for c in found.takedowns] == [photo]
    clear_before(home.people, "S1", tomorrow, ZONE, evidence="asked", who="Ann")
    school.sync()
    assert school.there() == []
    assert home.people.roster().allows("S1", "website", TODAY)
    clear_before(home.people, "S1", date(2020, 1, 1), ZONE, evidence="", who="Ann")
    assert home.people.requests.removed_before() == {"S1": midnight(tomorrow, ZONE)}


# ---- ends


def test_an_end_is_forecast_with_its_copies_and_the_day_they_go(school: School) -> None:
    photo = school.photo()
    school.approve(photo)
    school.sync()
    assert expiring(school.home, date(2026, 12, 1), 60).endings == []
    found = expiring(school.home, date(2027, 1, 15), 60)
    assert [(e.subject, e.scope, e.last_on) for e in found.endings] == [
        ("S1", "newsletter", date(2027, 3, 1)), ("S1", "website", date(2027, 3, 1)),
    ]  # fmt: skip
    assert found.endings[0].why == "the last grant, by self, ended on 2027-03-01"
    assert [(c.photo, c.last_on, c.down_on) for c in found.copies] == [(photo, date(2027, 3, 1), date(2027, 3, 16))]


def test_an_end_stops_what_is_new_at_once_and_takes_down_after_the_grace(school: School) -> None:
    published, waiting = school.photo("published"), school.photo("waiting", event="Another day")
    school.approve(published)
    school.sync(grace_days=14)
    there = school.there()
    school.approve(waiting)
    for day in (date(2027, 3, 2), date(2027, 3, 15)):
        school.today = day
        for photo in (published, waiting):
            school.render(photo)
        report = school.sync(grace_days=14)
        assert (report.handed_over, report.called_back) == (0, 0)
        assert school.there() == there
    school.today = date(2027, 3, 16)
    school.sync(grace_days=14)
    assert school.there() == []
    assert school.states() == [CopyState.TAKEN_DOWN]


@pytest.mark.parametrize("kind", ["withdrawn", "left", "protected", "covered", "withheld", "removed"])
def test_anything_but_an_end_takes_down_at_once(school: School, kind: str) -> None:
    photo = school.photo()
    school.approve(photo)
    school.sync(grace_days=14)
    school.today = date(2027, 3, 2)
    people = school.home.people
    if kind == "withdrawn":
        school.consent("website", Decision.WITHDRAWN, begins=date(2027, 3, 2))
    elif kind in ("left", "protected"):
        person = Person("S1", Kind.STAFF, leaving_on=date(2027, 3, 1) if kind == "left" else None)
        people.record_person(replace(person, protected=kind == "protected"), Name("A", "N"), "test")
    elif kind == "covered":
        facts = school.home.ledger.analysis(photo)
        assert facts is not None
        school.rule(photo, RulingKind.COVER, box=facts.faces[0].detection.box, face="drawn")
    elif kind == "withheld":
        school.rule(photo, RulingKind.WITHHOLD, channel="website", reason="no")
    else:
        clear_before(people, "S1", date(2027, 3, 1), ZONE, evidence="", who="Ann")
    school.sync(grace_days=14)
    assert school.there() == []


def test_a_copy_goes_as_soon_as_another_is_approved_in_its_place(school: School) -> None:
    photo = school.photo()
    old = school.approve(photo)
    school.sync(grace_days=14)
    school.today = date(2027, 3, 2)
    school.render(photo)
    new = school.approve(photo)
    assert new != old
    school.sync(grace_days=14)
    assert not any(old in path for path in school.there())


def test_who_was_recognised_stays_for_the_grace_although_the_template_goes_at_once(school: School) -> None:
    home = school.home
    home.people.switch_matching(on=True, assessment=home.people.record_assessment("ab" * 32, "t"), who="t")
    home.people.record_consent(
        Consent("S1", "self", "biometric", Decision.GRANTED, date(2026, 1, 1), date(2026, 12, 1), evidence="form"), "t"
    )
    photo = school.photo(subject=None)
    _seen_as(school, photo, "S1")
    school.approve(photo)
    school.sync(grace_days=14)
    assert len(school.there()) == 1
    school.today = date(2026, 12, 2)
    _seen_as(school, photo, None)
    assert school.sync(grace_days=14).called_back == 0
    assert len(school.there()) == 1
    school.today = date(2026, 12, 16)
    school.sync(grace_days=14)
    assert school.there() == []


def test_a_pulled_item_is_never_sent(school: School) -> None:
    photo = school.photo()
    school.approve(photo)
    school.release()
    assert school.orders() == [OrderKind.PUBLISH]
    carry_out(consequences(school.home, after_word(school.home.people, NO, TODAY), TODAY), school.home, TODAY)
    school.push()
    assert school.there() == []


def _seen_as(school: School, photo: PhotoId, subject: str | None) -> None:
    """Another analysis, in which the face is taken for somebody, or for nobody."""
    analysis = school.home.ledger.analysis(photo)
    assert analysis is not None
    from appliance.domain.identify import NoMatch

    who = Match(subject, 0.7) if subject else NoMatch()
    faces = [replace(f, identification=who) for f in analysis.faces]
    school.home.ledger.record_analysis(photo, "model-1", f"gallery-{subject}", (200, 160), faces)
    school.render(photo)
