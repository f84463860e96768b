"""Who gets in, and what stands on every answer."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from fastapi import FastAPI

from appliance.errors import Refusal
from appliance.web.app import create_app
from tests.web.school import TODAY, TOKEN, Browser, School

CANARY = "CANARY"


def every_route(browser: Browser, school: School) -> list[tuple[str, str]]:
    """(method, path) of every route, with the ids of a photo that exists."""
    app = browser.client.app
    assert isinstance(app, FastAPI)
    photo = school.photo(f"{CANARY}.JPG")
    school.person(f"P-{CANARY}", CANARY, CANARY)
    school.home.people.add_portrait(
        f"P-{CANARY}", school.home.vault.add("portraits", b"\xff\xd8\xff" + CANARY.encode())
    )
    portrait = school.home.people.portraits()[f"P-{CANARY}"][0]
    ids = {"photo": photo, "derivative": school.derivative(photo), "portrait": portrait, "takedown": "1"}
    routes = [(method.upper(), path) for path, methods in app.openapi()["paths"].items() for method in methods]
    assert len(routes) > 20
    return [(method, re.sub(r"\{(\w+)\}", lambda g: ids[g[1]], path)) for method, path in routes]


def test_the_token_opens_one_session_and_then_no_other(stranger: Browser) -> None:
    assert stranger.client.get("/", params={"token": TOKEN}).status_code == 200
    stranger.client.cookies.clear()
    answer = stranger.client.get("/", params={"token": TOKEN})
    assert answer.status_code == 401
    assert "it has been used" in answer.text


def test_a_pasted_token_works_too_and_only_once(stranger: Browser) -> None:
    first = stranger.client.post("/enter", data={"token": f" {TOKEN} "}, follow_redirects=False)
    assert (first.status_code, first.headers["location"]) == (303, "/")
    stranger.client.cookies.clear()
    assert stranger.client.post("/enter", data={"token": TOKEN}).status_code == 401


@pytest.mark.parametrize("token", ["", "x", TOKEN[:-1], TOKEN + "x", TOKEN.upper(), "é"])
def test_another_token_opens_nothing(stranger: Browser, token: str) -> None:
    assert stranger.client.post("/enter", data={"token": token}).status_code == 401
    assert "appliance_session" not in stranger.client.cookies
    assert stranger.client.get("/", params={"token": TOKEN}).status_code == 200  # a wrong guess does not use it up


def test_the_cookie_cannot_be_read_by_scripts_or_sent_by_other_sites(stranger: Browser) -> None:
    cookie = stranger.client.post("/enter", data={"token": TOKEN}, follow_redirects=False).headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie


def test_a_forged_cookie_is_no_session(stranger: Browser) -> None:
    stranger.client.cookies.set("appliance_session", "x" * 43)
    assert stranger.client.get("/").status_code == 401


def test_a_short_token_is_refused_at_start(school: School) -> None:
    with pytest.raises(Refusal, match="token"):
        create_app(school.home.root, token="x" * 15, today=lambda: TODAY)


def test_without_a_session_no_route_gives_any_data(stranger: Browser, school: School) -> None:
    for method, path in every_route(stranger, school):
        answer = stranger.client.request(method, path)
        assert answer.status_code in ((401,) if path != "/enter" else (200, 401)), path
        assert "console" in answer.text, path
        assert CANARY not in answer.text, path
    assert not school.home.people.rulings()


def test_somebody_who_has_not_said_who_they_are_is_asked_first(stranger: Browser, school: School) -> None:
    stranger.client.get("/", params={"token": TOKEN})
    for method, path in every_route(stranger, school):
        if path in ("/enter", "/who"):
            continue
        answer = stranger.client.request(method, path, follow_redirects=False)
        assert (answer.status_code, answer.headers["location"]) == (303, "/who"), path


@pytest.mark.parametrize("name", ["", "   ", "x" * 81, "a\x00b", "\u202eabc"])
def test_a_name_that_nobody_can_have_is_asked_for_again(browser: Browser, name: str) -> None:
    assert browser.post("/who", name=name)[0] == 400
    assert "Sam Patel" in browser.get("/")


def test_the_person_is_shown_and_can_be_changed(browser: Browser) -> None:
    assert "Sam Patel" in browser.get("/")
    browser.post("/who", name="Alex  Moss")
    assert "Alex Moss" in browser.get("/")


def test_no_form_is_taken_without_its_csrf_token(browser: Browser, school: School) -> None:
    for method, path in every_route(browser, school):
        if method != "POST" or path == "/enter":
            continue
        for data in ({}, {"csrf": "wrong"}, {"csrf": "é"}):
            assert browser.client.post(path, data=data).status_code in (400, 403), path
        complete = {"csrf": "wrong", "face": "a", "channel": "website", "derivative": "a", "reason": "b", "name": "Eve",
                    "x": "1", "y": "1", "w": "99", "h": "99", "confirm": "yes", "nobody": "yes"}  # fmt: skip
        assert browser.client.post(path, data=complete).status_code == 403, path
    assert not school.home.people.rulings()
    assert "sync" not in school.home.ledger.jobs.due()


def test_what_is_too_large_for_a_form_is_not_read(browser: Browser) -> None:
    def endless() -> Iterator[bytes]:
        yield b"name=" + b"x" * 10
        yield b"x" * 10

    assert browser.client.post("/who", data={"name": "x" * 70_000}).status_code == 413
    assert browser.client.post("/who", content=endless()).status_code == 413


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "192.168.1.5", ""])
def test_another_host_name_is_refused(browser: Browser, host: str) -> None:
    answer = browser.client.get("/", headers={"host": host})
    assert answer.status_code == 400
    assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_every_answer_has_its_headers_and_is_not_kept(browser: Browser, school: School) -> None:
    for method, path in [*every_route(browser, school), ("GET", "/no/such"), ("GET", "/photo/zz")]:
        answer = browser.client.request(method, path, follow_redirects=False)
        policy = answer.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'"), path
        assert "unsafe" not in policy, path
        assert answer.headers["cache-control"] == "no-store", path
        assert answer.headers["x-content-type-options"] == "nosniff", path


def test_static_files_may_be_kept_but_not_without_asking(browser: Browser) -> None:
    answer = browser.client.get("/static/style.css")
    assert answer.headers["cache-control"] == "no-cache"
    assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_static_files_do_not_lead_out_of_their_folder(browser: Browser) -> None:
    for path in (
        "/static/../templates/base.html",
        "/static/%2e%2e/templates/base.html",
        "/static/..%2f..%2fpyproject.toml",
    ):
        assert browser.client.get(path).status_code in (404, 400), path


def test_what_goes_wrong_inside_is_not_told(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError(CANARY)

    monkeypatch.setattr("appliance.web.register.page", broken)
    answer = browser.client.get("/register")
    assert answer.status_code == 500
    assert CANARY not in answer.text
    assert "Traceback" not in answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
