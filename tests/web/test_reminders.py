"""The page of reminders."""

from datetime import date

from appliance.domain.consent import Consent, Decision
from tests.web.school import Browser, School


def test_what_ends_soon_is_listed_with_who_and_where(school: School, browser: Browser) -> None:
    assert "Nothing ends soon" in browser.get("/reminders")
    school.person("P1", "Anna", "Bell", ())
    ends = Consent("P1", "parent:1", "website", Decision.GRANTED, date(2026, 1, 1), date(2026, 6, 20), evidence="f")
    school.home.people.record_consent(ends, "w")
    text = browser.get("/reminders")
    assert "Anna Bell" in text and "20 Jun 2026" in text and "Website" in text


def test_looking_at_pages_is_in_the_audit_log(school: School, browser: Browser) -> None:
    photo = school.photo()
    browser.get(f"/photo/{photo}")
    from appliance.store.audit import Asked

    seen = school.home.audit.find(Asked(event="page_viewed", photo=photo))
    assert [e["payload"]["who"] for e in seen] == ["Sam Patel"]
    browser.get("/progress")
    assert not any(e["payload"]["page"] == "/progress" for e in school.home.audit.find(Asked(event="page_viewed")))
