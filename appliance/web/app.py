"""The review page put together: routes, guard, headers, and a calm page for whatever goes wrong."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date
from http import HTTPStatus
from pathlib import Path

from fastapi import Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException
from starlette.middleware.trustedhost import TrustedHostMiddleware

from appliance.errors import ApplianceError, Refusal
from appliance.web import (
    auth,
    health,
    naming,
    pictures,
    progress,
    register,
    reminders,
    review,
    rulings,
    selftest,
    takedowns,
)
from appliance.web.album import Album
from appliance.web.guard import HEADERS, Guard, Headed
from appliance.web.page import page, web_root
from appliance.web.visit import Homes

LOCAL = ("127.0.0.1", "localhost")


def create_app(
    root: Path, *, token: str, today: Callable[[], date] | None = None, hosts: Sequence[str] = LOCAL
) -> FastAPI:  # fmt: skip
    """The page of the home at `root`.

    token: what the console prints; it opens one session, once. today: the day that counts; the home's own if left out.
    hosts: names under which the page may be called, so that no other site's name can be pointed at it. Raises Refusal
    if there is no home.
    """
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, dependencies=[Depends(auth.check_csrf)])
    app.state.homes, app.state.album, app.state.pace = Homes(root), Album(), progress.Pace()
    app.state.today, app.state.door = today, auth.Door(token)
    for noun in (
        auth,
        review,
        rulings,
        pictures,
        naming,
        progress,
        register,
        reminders,
        takedowns,
        health,
        selftest,
    ):
        app.include_router(noun.router)
    app.mount("/static", StaticFiles(directory=web_root() / "static"))
    app.add_middleware(Guard, door=app.state.door)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=list(hosts), www_redirect=False)
    app.add_middleware(Headed)
    app.add_exception_handler(Refusal, _refused)
    app.add_exception_handler(RequestValidationError, _unreadable)
    app.add_exception_handler(HTTPException, _not_so)
    app.add_exception_handler(ApplianceError, _failed)
    app.add_exception_handler(Exception, _failed)
    return app


def _refused(request: Request, error: Exception) -> Response:
    """Something that cannot be done as asked: say why, and lead back."""
    words = str(error)
    return _error(request, 409, "That could not be done", words[:1].upper() + words[1:])


def _unreadable(request: Request, error: Exception) -> Response:
    """A path that cannot exist, or a form that was not filled in."""
    parts = error.errors() if isinstance(error, RequestValidationError) else []
    if any(p["loc"][0] == "path" for p in parts):
        return _error(request, 404, *_WORDS[404])
    return _error(request, 400, "That form was not complete", "Go back, fill it in and send it again.")


def _not_so(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    phrase = HTTPStatus(status).phrase
    return _error(request, status, *_WORDS.get(status, (phrase, "Go back and try again.")))


def _failed(request: Request, error: Exception) -> Response:
    """Anything unforeseen. What it was stands in the log, never on the page."""
    message = str(error) if isinstance(error, ApplianceError) else _UNFORESEEN
    response = _error(request, 500, "Something went wrong", message)
    response.headers.update(HEADERS | {"Cache-Control": "no-store"})
    return response


def _error(request: Request, status: int, title: str, message: str) -> Response:
    photo = re.match(r"/photo/[0-9a-f]{64}(?=/)", request.url.path)
    back = photo[0] if photo and status == 409 else "/"
    return page(request, "error.html", status, title=title, message=message, back=back)


_UNFORESEEN = "Nothing was sent anywhere. Try again; if it happens again, tell whoever looks after this box."
_WORDS = {
    403: ("That was not accepted", "The request came from another page, or this one was open for too long. Try again."),
    404: ("There is nothing here", "The address is wrong, or what was here is not to be seen any more."),
    405: ("That cannot be done here", "Go back and use the buttons of the page."),
}
