"""What is done every day besides the line: erasures that were broken off, and what has been kept long enough."""

from __future__ import annotations

import time

from appliance.cli.reminding import tend_mail
from appliance.pipeline.erase import finish_erasures
from appliance.pipeline.records.retention import enforce
from appliance.store.home import Home

MAIL_S = 60.0


def tidy(home: Home) -> None:
    """Finish erasures and enforce retention; run again it changes nothing."""
    finish_erasures(home)
    enforce(home, home.today())


class Daily:
    """Tidies once a day, and finishes broken-off erasures at once: work waits for them."""

    def __init__(self, home: Home) -> None:
        self._home, self._day, self._mail_at = home, "", 0.0

    def tend(self) -> None:
        """Call it as often as one likes."""
        finish_erasures(self._home)
        today = self._home.today().isoformat()
        if time.monotonic() > self._mail_at:
            tend_mail(self._home)
            self._mail_at = time.monotonic() + MAIL_S
        if today != self._day:
            tidy(self._home)
            self._day = today
