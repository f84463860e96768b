"""What has to be gone: by when, how it ended, and what the far end really holds. Nothing unknown is claimed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from appliance.domain.release import Copy, CopyState
from appliance.domain.takedown import BY_HAND, SENDER, Takedown, Tombstone, Why
from appliance.errors import Refusal
from appliance.outbox import Order, OrderKind, Outbox, Receipt
from appliance.store.audit import Audit
from appliance.store.database import utc_now
from appliance.store.ledger import Ledger

PROOF = "the sender removed it, asked the target for it, and found it in no list"
ALLOWED_AGAIN = "it may be there again"


def due_at(now: str, hours: int) -> str:
    """When a takedown that begins now has to be done. Times are ISO 8601 in UTC."""
    return (datetime.fromisoformat(now) + timedelta(hours=hours)).isoformat(timespec="microseconds")


def gone(ledger: Ledger, copy: Copy) -> Copy:
    """What the register says of a copy that is gone: taken down, or under a tombstone."""
    is_buried = ledger.takedowns.buried(copy.photo, copy.derivative, copy.channel) is not None
    return replace(copy, state=CopyState.TOMBSTONED if is_buried else CopyState.TAKEN_DOWN)


def end_by(receipt: Receipt, ledger: Ledger) -> None:
    """End the takedown that a receipt is the proof of."""
    takedown = ledger.takedowns.at_place(receipt.target, receipt.path)
    if takedown is not None and receipt.kind is OrderKind.TAKEDOWN:
        ledger.takedowns.end(takedown.id, SENDER, PROOF, receipt.at)


def close(takedown: int, evidence: str, who: str, *, ledger: Ledger, audit: Audit, target: str) -> Takedown:
    """Record that a person has seen that a copy is gone, or was never carried on.

    target: the one that the sender sends to. Raises Refusal if there is no such open takedown, if nothing is said for
    it, or if the sender can still see to it itself.
    """
    found = ledger.takedowns.get(takedown)
    if found is None or not found.is_open:
        what = "is closed already" if found else "is not there"
        raise Refusal("no_such_takedown", f"takedown {takedown} {what}. `appliance takedowns` lists what is open.")
    if not evidence.strip() or not who.strip():
        raise Refusal("no_evidence", "say how you know that it is gone: what you looked at, and when.")
    if not found.needs_a_person(target, utc_now()):
        raise Refusal(
            "sender_does_it",
            "the box removes that copy itself and looks whether it is gone; run `appliance sync`. A person's word is "
            "taken once its time is over.",
        )
    here = [c for c in ledger.register.copies() if (c.target, c.path) == (found.target, found.path)]
    ledger.register.record([gone(ledger, c) for c in here if c.is_out])
    ledger.takedowns.end(found.id, who.strip(), evidence.strip())
    audit.record("takedown_closed", takedown=found.id, derivative=found.derivative, who=who.strip())
    return ledger.takedowns.get(found.id) or found


def bury(photo: str, channel: str, reason: str, who: str, *, ledger: Ledger, audit: Audit) -> None:
    """Say that a photo never goes out again, on one channel or (blank) on any. Raises Refusal without a reason."""
    if not reason.strip() or not who.strip():
        raise Refusal("no_reason", "say why it never goes out again; whoever meets it later will want to know.")
    ledger.takedowns.bury(Tombstone(photo, "", channel, reason.strip(), who.strip(), ""))
    audit.record("buried", photo=photo, channel=channel, who=who.strip())


def bury_for(why: Why, copy: Copy, ledger: Ledger) -> None:
    """Lay a tombstone where the reason for a takedown is one that never ends."""
    if why.is_for_good:
        ledger.takedowns.bury(Tombstone(copy.photo, "", "", why, SENDER, ""))


@dataclass(frozen=True, slots=True)
class Differences:
    """Paths where the far end is not as the register says.

    missing: published and not there; sent again. returned: taken down and there again; taken down again. unknown: good
    pictures of which nothing is known; reported, not touched.
    """

    missing: tuple[str, ...] = ()
    returned: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


def compare(
    good: Collection[str], altered: Collection[str], *, ledger: Ledger, audit: Audit, outbox: Outbox,
    key: Ed25519PrivateKey, target: str, now: str, hours: int,
) -> Differences:  # fmt: skip
    """Compare the register with what the sender found at the target, and see to what differs.

    A picture of which a copy is published and not there counts as possibly published, so that the next release hands it
    over anew; one that was taken down and is there again is ordered down again.
    """
    known: dict[str, list[Copy]] = {}
    for copy in ledger.register.copies():
        if copy.target == target:
            known.setdefault(copy.path, []).append(copy)
    there = {*good, *altered}
    missing = [
        copy for path, copies in known.items() if path not in there
        for copy in copies if copy.state is CopyState.PUBLISHED
    ]  # fmt: skip
    back = {p: known[p][-1] for p in sorted(there) if p in known and not any(c.is_out for c in known[p])}
    with outbox.releasing():
        ledger.register.record([replace(copy, state=CopyState.POSSIBLY_PUBLISHED) for copy in missing])
        for copy in back.values():
            ledger.takedowns.open(copy, Why.CAME_BACK, due_at(now, hours))
            for_good = copy.state is CopyState.TOMBSTONED
            order = Order(OrderKind.TAKEDOWN, copy.derivative, copy.channel, target, copy.path, now)
            outbox.put(replace(order, is_for_good=for_good), key)
            audit.record("came_back", photo=copy.photo, channel=copy.channel, derivative=copy.derivative)
    for copy in missing:
        audit.record("missing", photo=copy.photo, channel=copy.channel, derivative=copy.derivative)
    return Differences(
        tuple(sorted({c.path for c in missing})), tuple(back), tuple(sorted(p for p in good if p not in known))
    )


def carried_on(copy: Copy, by_hand: Collection[str], here: Collection[Copy]) -> list[Copy]:
    """The copy that people may carry on from a by-hand channel, if that is not in the register already."""
    if copy.channel not in by_hand:
        return []
    if any(c.is_out and (c.target, c.path) == (BY_HAND, copy.path) for c in here):
        return []
    return [replace(copy, target=BY_HAND, since="", until=None, state=CopyState.POSSIBLY_PUBLISHED)]
