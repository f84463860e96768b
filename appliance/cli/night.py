"""When the box sends by itself: pictures at night, takedowns at once, and again after what failed."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import datetime, timedelta

from appliance import log
from appliance.cli.sending import send
from appliance.domain.photo import PhotoId
from appliance.errors import ApplianceError
from appliance.pipeline.render import general_version
from appliance.store.home import Home

LOOK_EVERY_S = 20.0
FIRST_RETRY_S, LONGEST_RETRY_S = 60.0, 3600.0


class Night:
    """Comes once a day, when the school's clock passes the hour that is set; a night that was missed comes late."""

    def __init__(self, home: Home) -> None:
        self._home, self._file = home, home.root / "last_night"
        if not self._file.exists():
            self._file.write_text(self._latest(), encoding="ascii")

    def has_come(self) -> bool:
        """True once for each night."""
        latest = self._latest()
        if latest <= self._file.read_text(encoding="ascii"):
            return False
        self._file.write_text(latest, encoding="ascii")
        return True

    def is_now(self) -> bool:
        """Whether it is between the hours that are set."""
        now = f"{datetime.now(self._home.config.zone):%H:%M}"
        begins, ends = self._home.config.night_at.zfill(5), self._home.config.night_ends_at.zfill(5)
        return begins <= now < ends if begins < ends else now >= begins or now < ends

    def _latest(self) -> str:
        now = datetime.now(self._home.config.zone)
        passed = f"{now:%H:%M}" >= self._home.config.night_at.zfill(5)
        return (now.date() if passed else now.date() - timedelta(days=1)).isoformat()


class Retry:
    """Says when to try again: after a minute, then after twice as long each time, up to an hour."""

    def __init__(self) -> None:
        self._at, self._delay = 0.0, FIRST_RETRY_S

    def is_due(self) -> bool:
        """Whether something failed, and it is time."""
        return 0.0 < self._at <= time.monotonic()

    def failed(self) -> None:
        """Wait longer than the last time."""
        self._at, self._delay = time.monotonic() + self._delay, min(self._delay * 2, LONGEST_RETRY_S)

    def worked(self) -> None:
        """Nothing is left to be tried again."""
        self._at, self._delay = 0.0, FIRST_RETRY_S


class Sender:
    """Sends when it is time to. `tend` it often."""

    def __init__(self, home: Home) -> None:
        self._home, self._night = home, Night(home)
        self._again, self._back_again = Retry(), Retry()
        self._known, self._looked_at = "", 0.0
        self._ruled: Mapping[PhotoId, int] = {}

    def tend(self, *, asked: bool) -> None:
        """Send if somebody asked, or at night; call back at once what may not be out any more. Logs what is refused."""
        if asked or self._night.has_come() or (self._again.is_due() and self._night.is_now()):
            began_at_night = self._night.is_now() and not asked
            self._send(self._again, until_morning=began_at_night)
        elif self._back_again.is_due() or self._has_changed():
            self._send(self._back_again, only_back=True)

    def _send(self, retry: Retry, *, until_morning: bool = False, only_back: bool = False) -> None:
        try:
            result = send(
                self._home, lambda _: None, only_back=only_back,
                may_publish=self._night.is_now if until_morning else lambda: True,
            )  # fmt: skip
            if result.sent or result.taken_down or not only_back:
                log.event("sync", count=result.sent + result.taken_down)
            result.raise_if_failed()
        except ApplianceError as error:
            log.event("sync_refused", code=error.code)
            retry.failed()
        else:
            retry.worked()

    def _has_changed(self) -> bool:
        """Whether something was said, or a day began, that may call a copy back; not looked at too often."""
        if time.monotonic() - self._looked_at < LOOK_EVERY_S:
            return False
        self._looked_at = time.monotonic()
        home, before, ruled = self._home, self._known, self._ruled
        self._known = general_version(home.people, home.looks, home.today())
        self._ruled = home.people.last_rulings()
        touched = [photo for photo, last in self._ruled.items() if ruled.get(photo) != last]
        return before != self._known or any(c.is_out for photo in touched for c in home.ledger.register.copies(photo))
