"""What release certifies of one file that leaves: what it is, by what it was decided, and what was checked. Pure.

No name of a person, file or event is in it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from appliance.domain.decide import Plan
from appliance.domain.ruling import Ruling

FORM = 1
_CLEAR = "the event's words hold no full name of anybody on the roster, and no first name that must be asked about"
_CONFIRMED = "the event's words hold no full name; a person said that what reads like a first name is none"


@dataclass(frozen=True, slots=True)
class Certificate:
    """`text` is what was signed: canonical JSON. signature: Ed25519, in hexadecimal."""

    derivative: str
    channel: str
    text: str
    signature: str

    @property
    def sha256(self) -> str:
        """Of the text; the signed item in the outbox names it."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    @property
    def said(self) -> dict[str, Any]:
        """The text, read."""
        said: dict[str, Any] = json.loads(self.text)
        return said


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found of the final bytes. blocks: coded blocks that the data holds, and nothing else.

    confirmed: whether a person had to say that a word of the event's name that goes out is no name.
    """

    size: int
    blocks: int
    confirmed: bool


def certify(
    *, derivative: str, channel: str, target: str, plan: Plan, approval: Ruling, checked: Checked, decided_on: date,
    expires_on: date | None, released_at: str, versions: Mapping[str, str],
) -> str:  # fmt: skip
    """The text of a certificate, canonical: keys sorted, no gaps. versions: of the eyes, policy, and software."""
    content = {
        "form": FORM,
        "derivative": derivative,
        "bytes": checked.size,
        "channel": channel,
        "target": target,
        "plan": plan.id,
        "covers": len(plan.covers),
        "approval": {"ruling": approval.id, "kind": approval.kind, "at": approval.at},
        "decided_on": decided_on.isoformat(),
        "expires_on": expires_on.isoformat() if expires_on else None,
        "released_at": released_at,
        "versions": dict(versions),
        "checked": [
            {"check": "hash", "result": "the bytes are the derivative that was approved"},
            {"check": "segments", "result": "only those that our encoder writes, with its fixed tables"},
            {"check": "codes", "result": "every bit belongs to a block of the picture", "blocks": checked.blocks},
            {"check": "decision", "result": "today's facts make the same plan, and offer it"},
            {"check": "words", "result": _CONFIRMED if checked.confirmed else _CLEAR},
        ],
    }
    return json.dumps(content, sort_keys=True, separators=(",", ":"))
