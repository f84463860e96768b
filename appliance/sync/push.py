"""Sends what the outbox holds: verifies each item, does it, reads the far end back, and writes the receipt.

It believes nothing that release has not signed. Broken off at any moment, it carries on when it is called again.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from appliance.anchor import read as read_anchor
from appliance.errors import Damaged
from appliance.outbox import Item, Order, OrderKind, Outbox, Receipt, Verified, verify_item
from appliance.sync.remote import Target

MANIFEST = "manifest.json"
ANCHORS = "anchors"
_PICTURE = re.compile(r"([^/]+)/[^/]+/([0-9a-f]{64})\.jpg")
"""Channel, event, SHA-256 of the derivative."""

Report = Callable[[str, str, str], None]
"""Called for each item with what became of it (publish, takedown, left), its id, and the code of why it was left."""


@dataclass(slots=True)
class PushResult:
    """What one push did. left: item → code of why it was not done; the next push tries it again."""

    published: int = 0
    taken_down: int = 0
    left: dict[str, str] = field(default_factory=dict)


def push(
    outbox: Outbox, target: Target, public_key: Ed25519PublicKey, report: Report = lambda *_: None, *, today: date
) -> PushResult:
    """Carry out every pending item, in order; what cannot be done is left, reported, and tried again next time.

    today: the day by which consents are over. Raises Refusal if a push is running, or the target is not there.
    """
    result = PushResult()
    with outbox.sending():
        target.paths()
        for item in outbox.pending():
            try:
                receipt = _sent(item, outbox, target, public_key, today)
            except (Damaged, OSError) as error:
                if outbox.holds(item):
                    result.left[item.id] = error.code if isinstance(error, Damaged) else "target_failed"
                    report("left", item.id, result.left[item.id])
                continue
            outbox.mark_sent(receipt)
            result.published += receipt.kind is OrderKind.PUBLISH
            result.taken_down += receipt.kind is OrderKind.TAKEDOWN
            report(receipt.kind, item.id, "")
        _write_manifest(target)
        _keep_anchors(outbox, target, public_key, result)
    return result


def _sent(item: Item, outbox: Outbox, target: Target, public_key: Ed25519PublicKey, today: date) -> Receipt:
    """Carry one item out. Raises Damaged if it may not or could not be done, OSError where the target fails."""
    verified = verify_item(item, public_key)
    _check(verified.order, target, today)
    if not outbox.holds(item):
        raise Damaged("item_gone", f"item {item.id} was taken back")
    _carry_out(verified, target)
    order, at = verified.order, datetime.now(UTC).isoformat(timespec="microseconds")
    return Receipt(item.id, order.kind, order.derivative, order.channel, order.target, order.path, at)


def _check(order: Order, target: Target, today: date) -> None:
    """Raise Damaged if this order is not for this target, or a consent behind it is over."""
    if order.target != target.name:
        raise Damaged("other_target", f"this is for the target {order.target!r}, not for {target.name!r}")
    if order.kind is OrderKind.PUBLISH and order.expires_on is not None and today > order.expires_on:
        raise Damaged("expired", "a consent behind this picture is over; it is not sent")


def _carry_out(verified: Verified, target: Target) -> None:
    """Do it, and ask the far end whether it is so."""
    order = verified.order
    if order.kind is OrderKind.TAKEDOWN:
        target.remove(order.path)
        if target.read(order.path) is not None:
            raise Damaged("still_there", f"{order.path} was removed and is still there")
        return
    target.put(order.path, verified.jpeg)
    back = target.read(order.path)
    if back is None or hashlib.sha256(back).hexdigest() != order.derivative:
        raise Damaged("far_end_differs", f"{order.path} reads back differently from what was sent")


def _keep_anchors(outbox: Outbox, target: Target, public_key: Ed25519PublicKey, result: PushResult) -> None:
    """Leave the newest signed heads of the audit log at the far end, where this box never changes or removes them."""
    for name, signed in outbox.anchors():
        try:
            read_anchor(signed, public_key)
            if target.read(f"{ANCHORS}/{name}") is None:
                target.put(f"{ANCHORS}/{name}", signed)
        except (Damaged, OSError) as error:
            result.left[name] = error.code if isinstance(error, Damaged) else "target_failed"


def _write_manifest(target: Target) -> None:
    """List what is there; written by what the far end holds, so that no broken-off push leaves it wrong for good."""
    found = (m for path in target.paths() if (m := _PICTURE.fullmatch(path)))
    listed = [{"path": m[0], "sha256": m[2], "channel": m[1]} for m in found]
    data = (json.dumps(listed, indent=1) + "\n").encode()
    if target.read(MANIFEST) != data:
        target.put(MANIFEST, data)
