"""The interval in which a measured share's true value lies nineteen times in twenty."""

from __future__ import annotations

import math

Z = 1.959964
"""Two-sided 95 % quantile of the normal distribution."""


def interval(share: float, trials: int) -> tuple[float, float]:
    """Wilson's 95 % score interval of a share (0 to 1) of so many independent trials; everything where there are none.

    Source: E. B. Wilson, JASA 22(158), 1927.
    """
    if not trials:
        return 0.0, 1.0
    centre = share + Z * Z / (2 * trials)
    half = Z * math.sqrt(share * (1 - share) / trials + Z * Z / (4 * trials * trials))
    whole = 1 + Z * Z / trials
    return max(0.0, (centre - half) / whole), min(1.0, (centre + half) / whole)
