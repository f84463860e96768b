"""Who may use the page: whoever reads the console, once. Sessions live in memory and end with the process."""

from __future__ import annotations

import hashlib
import secrets
import threading
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from appliance.errors import Refusal
from appliance.web.page import page

COOKIE = "appliance_session"
SHORTEST_TOKEN = 16
LONGEST_NAME = 80
SAFE_METHODS = ("GET", "HEAD")

router = APIRouter()


@dataclass(slots=True)
class Session:
    """One browser. `who` is the person at it, asked for once; empty until then."""

    who: str = ""
    csrf: str = field(default_factory=lambda: secrets.token_urlsafe(32))


class Door:
    """Exchanges the token printed at start for a session, once."""

    def __init__(self, token: str) -> None:
        if len(token) < SHORTEST_TOKEN:
            raise Refusal("token_too_short", f"the page's token must have at least {SHORTEST_TOKEN} letters.")
        self._token: str | None = token
        self._sessions: dict[str, Session] = {}
        self._lock = threading.Lock()

    def enter(self, token: str) -> str | None:
        """The key of a new session, or None if this is not the token or it has been used."""
        with self._lock:
            if self._token is None or not secrets.compare_digest(token.encode(), self._token.encode()):
                return None
            self._token = None
            key = secrets.token_urlsafe(32)
            self._sessions[_hash(key)] = Session()
            return key

    def session(self, key: str | None) -> Session | None:
        """The session with this key. Keys are looked up by their hash, so that timing tells nothing about them."""
        return self._sessions.get(_hash(key)) if key else None


def session_of(request: Request) -> Session:
    """The session of a request that the guard let through."""
    session: Session | None = request.scope["state"]["session"]
    if session is None:
        raise HTTPException(401)
    return session


async def check_csrf(request: Request) -> None:
    """Refuses whatever changes something without its session's own token. Entry has no session yet."""
    if request.method in SAFE_METHODS or request.url.path == "/enter":
        return
    given = (await request.form()).get("csrf", "")
    if not isinstance(given, str) or not secrets.compare_digest(given.encode(), session_of(request).csrf.encode()):
        raise HTTPException(403)


@router.get("/enter")
def enter_page(request: Request, token: str = "") -> Response:
    """Ask for the token, or take it from the link that the console printed."""
    return _exchange(request, token) if token else page(request, "enter.html", 401, failed=False)


@router.post("/enter")
def enter(request: Request, token: Annotated[str, Form()] = "") -> Response:
    """Take the token that somebody pasted."""
    return _exchange(request, token.strip())


@router.get("/who")
def who_page(request: Request) -> Response:
    """Ask who is reviewing."""
    return page(request, "who.html", problem="", given=session_of(request).who)


@router.post("/who")
def who(request: Request, name: Annotated[str, Form()] = "") -> Response:
    """From now on this person is reviewing in this browser."""
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        problem = f"Please give your name, in at most {LONGEST_NAME} letters."
        return page(request, "who.html", 400, problem=problem, given=name[:LONGEST_NAME])
    session_of(request).who = name
    return RedirectResponse("/", 303)


def _exchange(request: Request, token: str) -> Response:
    door: Door = request.app.state.door
    key = door.enter(token)
    if key is None:
        return page(request, "enter.html", 401, failed=True)
    response = RedirectResponse("/", 303)
    response.set_cookie(COOKIE, key, httponly=True, samesite="strict", path="/")
    return response


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
