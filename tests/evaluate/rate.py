"""A measured share, with the interval in which the true one lies nineteen times in twenty."""

from __future__ import annotations

from dataclasses import dataclass

from appliance.domain.wilson import interval


@dataclass(frozen=True, slots=True)
class Rate:
    """`hits` of `of` trials. independent: how many of the trials say something new, if not all of them."""

    hits: int
    of: int
    independent: int | None = None

    @property
    def share(self) -> float:
        """0 to 1; 0 where nothing was tried."""
        return self.hits / self.of if self.of else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's 95 % score interval."""
        return interval(self.share, min(self.of, self.independent or self.of))

    def __add__(self, other: Rate) -> Rate:
        """Both counted together; the independent trials are the larger of the two numbers, for want of a better one."""
        known = [r.independent for r in (self, other) if r.independent is not None]
        return Rate(self.hits + other.hits, self.of + other.of, max(known) if known else None)

    def __str__(self) -> str:
        """As it stands in a table: per cent, and the interval in parentheses."""
        if not self.of:
            return "–"
        low, high = self.interval
        digits = 1 if self.share >= 0.02 else 2 if self.share >= 0.001 or high >= 0.01 else 3
        return f"{100 * self.share:.{digits}f} % ({100 * low:.{digits}f}–{100 * high:.{digits}f})"
