"""What stands before every route: nothing passes without a session, nothing leaves without its headers."""

from __future__ import annotations

from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import PlainTextResponse, RedirectResponse
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from appliance.web.auth import COOKIE, SAFE_METHODS, Door

OPEN = "/enter"
LARGEST_FORM = 64_000
"""Bytes. No form of the page comes near; a larger one is not read at all."""
STATIC = "/static/"

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "X-Robots-Tag": "noindex, noimageindex",
}


class Headed:
    """Puts the headers on every answer, errors included. Only static files may be kept by a browser."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        kept = scope["type"] == "http" and scope["path"].startswith(STATIC)

        async def send_headed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(HEADERS)
                headers["Cache-Control"] = "no-cache" if kept else "no-store"
            await send(message)

        await self._app(scope, receive, send_headed)


class Guard:
    """Sends whoever has no session to the entry, and whoever has not said who they are to that question."""

    def __init__(self, app: ASGIApp, door: Door) -> None:
        self._app = app
        self._door = door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        session = self._door.session(request.cookies.get(COOKIE))
        scope.setdefault("state", {})["session"] = session
        path = scope["path"]
        if request.method not in SAFE_METHODS and not _is_small(request):
            await PlainTextResponse("This is no form of this page.", 413)(scope, receive, send)
        elif path == OPEN or path.startswith(STATIC):
            await self._app(scope, receive, send)
        elif session is None:
            token = request.query_params.get("token", "") if path == "/" else ""
            entry = f"{OPEN}?{urlencode({'token': token})}" if token else OPEN
            await RedirectResponse(entry, 303)(scope, receive, send)
        elif not session.who and path != "/who":
            await RedirectResponse("/who", 303)(scope, receive, send)
        else:
            await self._app(scope, receive, send)


def _is_small(request: Request) -> bool:
    """Whether the request says how large it is, and is no larger than a form."""
    size = request.headers.get("content-length", "")
    return size.isdigit() and int(size) <= LARGEST_FORM
