"""Where somebody is in the queue, carried along in every address so that two tabs never disturb each other."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Depends

from appliance.domain.consent import CHANNELS
from appliance.web.queue import Show


@dataclass(frozen=True, slots=True)
class Trail:
    """show: the filter. only: the one channel that is being worked on, or None. at: the photo's place in it, from 1."""

    show: Show = Show.REVIEW
    only: str | None = None
    at: int = 0

    def query(self, **more: str) -> str:
        """As a query string; what is empty is left out."""
        known = {"show": str(self.show), "only": self.only or "", "at": str(self.at or "")}
        return urlencode({k: v for k, v in (known | more).items() if v})

    def photo(self, photo: str, at: int, **more: str) -> str:
        """The address of a photo's page at this place of the queue."""
        return f"/photo/{photo}?{replace(self, at=at).query(**more)}"

    def queue(self, **more: str) -> str:
        """The address of the queue."""
        return f"/?{replace(self, at=0).query(**more)}"


def trail(show: str = "", only: str = "", at: int = 0) -> Trail:
    """Dependency: reads it; anything unknown is the default."""
    shown = Show(show) if show in list(Show) else Show.REVIEW
    return Trail(shown, only if only in CHANNELS else None, max(at, 0))


OnTrail = Annotated[Trail, Depends(trail)]
