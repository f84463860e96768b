"""What is done every day besides the line: erasures that were broken off, and what has been kept long enough."""

from __future__ import annotations

from appliance.pipeline.erase import finish_erasures
from appliance.pipeline.records.retention import enforce
from appliance.store.home import Home


def tidy(home: Home) -> None:
    """Finish erasures and enforce retention; run again it changes nothing."""
    finish_erasures(home)
    enforce(home, home.today())


class Daily:
    """Tidies once a day, and finishes broken-off erasures at once: work waits for them."""

    def __init__(self, home: Home) -> None:
        self._home, self._day = home, ""

    def tend(self) -> None:
        """Call it as often as one likes."""
        finish_erasures(self._home)
        today = self._home.today().isoformat()
        if today != self._day:
            tidy(self._home)
            self._day = today
