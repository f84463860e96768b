"""What a photo is to the ledger: known by its content, and always in exactly one state."""

from __future__ import annotations

from enum import StrEnum
from typing import NewType

PhotoId = NewType("PhotoId", str)
"""Lower-case hex SHA-256 of the original's bytes."""


class PhotoState(StrEnum):
    """Where a photo is on the line. The last three are ends; the reason is kept beside them."""

    ADMITTED = "admitted"
    ANALYSED = "analysed"
    RENDERED = "rendered"
    PARKED = "parked"
    REFUSED = "refused"
    QUARANTINED = "quarantined"
