"""One request at work: the home, who is asking, and which day it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path as Folder
from typing import Annotated

from fastapi import Depends, HTTPException, Path, Request

from appliance.domain.photo import PhotoId
from appliance.pipeline.listing import PhotoView, view
from appliance.pipeline.rule import Reviewer
from appliance.store.home import Home
from appliance.web.auth import Session, session_of

Sha = Annotated[str, Path(pattern="^[0-9a-f]{64}$")]
"""A photo, derivative or portrait in a path; anything else is not found."""


class Homes:
    """Open homes, each lent to one request at a time and kept for the next."""

    def __init__(self, root: Folder) -> None:
        self._root = root
        self._free = [Home.open(root)]

    @contextmanager
    def borrow(self) -> Iterator[Home]:
        """A home that nobody else uses meanwhile."""
        try:
            home = self._free.pop()
        except IndexError:
            home = Home.open(self._root)
        try:
            yield home
        finally:
            self._free.append(home)


@dataclass(frozen=True, slots=True)
class Visit:
    """What a route needs to answer one request."""

    home: Home
    session: Session
    today: date

    @property
    def reviewer(self) -> Reviewer:
        """The person at the browser, through whom every ruling goes."""
        h = self.home
        return Reviewer(
            self.session.who, ledger=h.ledger, people=h.people, audit=h.audit, looks=h.looks, today=self.today
        )

    def photo(self, photo: str) -> PhotoView:
        """The photo as it stands today. Answers 404 if there is none."""
        row = self.home.ledger.photo(PhotoId(photo))
        if row is None:
            raise HTTPException(404)
        return view(row, self.home.ledger, self.home.people, self.home.looks, self.today)


def visit(request: Request) -> Iterator[Visit]:
    """Dependency: lends a home for the time of the request."""
    homes: Homes = request.app.state.homes
    today: Callable[[], date] | None = request.app.state.today
    with homes.borrow() as home:
        _note_view(request, home)
        yield Visit(home, session_of(request), today() if today else home.today())


def _note_view(request: Request, home: Home) -> None:
    """Enter into the audit log who looked at which page; not what a page asks for by itself, again and again."""
    page = getattr(request.scope.get("route"), "path", "")
    if request.method == "GET" and page not in UNNOTED:
        photo = request.path_params.get("photo")
        home.audit.note("page_viewed", page=page, photo=photo, who=session_of(request).who)


UNNOTED = ("/progress", "/photo/{photo}/state", "/photo/{photo}/derivative/{derivative}", "/photo/{photo}/proof")
"""Polls, the covered pictures of which a page is full, and the proof, which writes an entry of its own."""

AtVisit = Annotated[Visit, Depends(visit)]
