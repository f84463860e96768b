"""Sends what the outbox holds: verifies each item, does it, asks the far end whether it is so, and writes the receipt.

It believes nothing that release has not signed. Broken off at any moment, it carries on when it is called again.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from appliance.anchor import read as read_anchor
from appliance.domain.far_end import Trouble
from appliance.errors import Damaged, Refusal
from appliance.outbox import Item, Order, OrderKind, Outbox, Receipt, Verified, verify_item
from appliance.sync.far_end import (
    FOR_GOOD,
    Seen,
    attempted,
    buried,
    bury,
    look_through,
    memory_of,
    trouble_of,
    write_manifest,
)
from appliance.sync.target import FarEndError, Target, is_partial

ANCHORS = "anchors"
STATE = "state"
"""Under this name the outbox keeps how the last push went."""
MOST_REFUSED = 3
"""After so many pictures in a row that a full or read-only target did not take, the rest waits for the next push."""

Report = Callable[[str, str, str], None]
"""Called for each item with what became of it (publish, takedown, left), its id, and the code of why it was left."""


@dataclass(slots=True)
class PushResult:
    """What one push did.

    left: item → code of why it was not done; the next push tries it again. waiting: pictures for which the night was
    over. trouble: what is wrong with the far end. seen: what is there; None where it could not be looked at.
    """

    published: int = 0
    taken_down: int = 0
    left: dict[str, str] = field(default_factory=dict)
    waiting: int = 0
    trouble: Trouble | None = None
    seen: Seen | None = field(default=None, compare=False)


def push(
    outbox: Outbox, target: Target, public_key: Ed25519PublicKey, report: Report = lambda *_: None, *, today: date,
    may_publish: Callable[[], bool] = lambda: True, read_all: bool = False, pause: Callable[[float], None] = time.sleep,
) -> PushResult:  # fmt: skip
    """Carry out every pending item, in order; what cannot be done is left, reported, and tried again next time.

    today: the day by which consents are over. may_publish: whether it is still night; takedowns are never held up.
    read_all: fetch every picture back from the far end, also those that have not changed since they were checked.
    Raises Refusal if a push is running, or the far end cannot be reached.
    """
    with outbox.sending():
        sending = _Sending(outbox, target, public_key, report, today, may_publish, pause)
        try:
            sending.begin()
        except OSError as error:
            sending.result.trouble = trouble_of(error)
            _keep_state(outbox, sending.result)
            raise Refusal(sending.result.trouble, str(FarEndError(sending.result.trouble))) from error
        for item in outbox.pending():
            sending.attend(item)
        sending.end(read_all=read_all)
        _keep_anchors(outbox, target, public_key, sending.result)
        _keep_state(outbox, sending.result)
    return sending.result


@dataclass(slots=True)
class _Sending:
    """One push under way.

    there: what was listed at its beginning. dead: takedowns that the far end has to remember; remembered: those that it
    does. gone: takedowns that a list has to confirm yet. refused: pictures in a row that the target did not take.
    """

    outbox: Outbox
    target: Target
    public_key: Ed25519PublicKey
    report: Report
    today: date
    may_publish: Callable[[], bool]
    pause: Callable[[float], None]
    result: PushResult = field(default_factory=PushResult)
    there: dict[str, str] = field(default_factory=dict)
    dead: dict[str, str] = field(default_factory=dict)
    remembered: dict[str, str] = field(default_factory=dict)
    sent: set[str] = field(default_factory=set)
    gone: list[tuple[Item, Receipt]] = field(default_factory=list)
    refused: int = 0

    def begin(self) -> None:
        """Look at what is there, and sweep away what an earlier push left half sent. Raises OSError."""
        self.there = attempted(self.target.stamps, self.pause)
        self.remembered = attempted(lambda: buried(self.target), self.pause)
        self.dead = self._with_takedowns(self.remembered)
        for path in filter(is_partial, list(self.there)):
            self._unless_refused(lambda path=path: self.target.sweep(path))  # type: ignore[misc]  # bound at once
        self._unless_refused(self._remember)

    def _with_takedowns(self, before: dict[str, str]) -> dict[str, str]:
        """What the far end should remember once everything that is pending is taken down."""
        dead = dict(before)
        for item in self.outbox.pending():
            with suppress(Damaged):
                order = verify_item(item, self.public_key).order
                if order.kind is OrderKind.TAKEDOWN and order.target == self.target.name:
                    then = FOR_GOOD if order.is_for_good else order.released_at
                    dead[memory_of(order)] = max(then, dead.get(memory_of(order), ""))
        return dead

    def _remember(self) -> None:
        if self.dead != self.remembered:
            bury(self.target, self.dead)
            self.remembered = dict(self.dead)

    def _unless_refused(self, do: Callable[[], None]) -> None:
        """Do it; a target that is full or cannot be written has to be seen to, and stops no takedown."""
        try:
            attempted(do, self.pause)
        except OSError as error:
            if trouble_of(error).is_of_all:
                raise
            self.result.trouble = trouble_of(error)

    def attend(self, item: Item) -> None:
        """Carry one item out, or leave it with a code."""
        if self.result.trouble is not None and self.result.trouble.is_of_all:
            self._leave(item, self.result.trouble)
            return
        try:
            receipt = attempted(lambda: self._carried_out(item), self.pause)
        except Damaged as error:
            self._leave(item, error.code)
        except OSError as error:
            self.result.trouble = self._told_apart(error)
            self.refused += not self.result.trouble.may_pass
            self._leave(item, self.result.trouble)
        else:
            self.refused = 0
            if receipt.kind is OrderKind.TAKEDOWN:
                self.gone.append((item, receipt))
            else:
                self._done(item, receipt)

    def end(self, *, read_all: bool) -> None:
        """See that what was taken down is in no list any more, look through what is there, and write down what is."""
        if self.result.trouble is not None and self.result.trouble.is_of_all:
            for item, _ in self.gone:
                self._leave(item, self.result.trouble)
            return
        try:
            listed = attempted(self.target.stamps, self.pause)
            for item, receipt in self.gone:
                if receipt.path in listed:
                    self._leave(item, "still_there")
                else:
                    self._done(item, receipt)
            self.gone.clear()
            self._remember()
            self.result.seen = look_through(self.target, listed, self.outbox, self.sent, read_all=read_all)
            write_manifest(self.target, self.result.seen)
        except OSError as error:
            self.result.trouble = trouble_of(error)
            for item, _ in self.gone:
                self._leave(item, self.result.trouble)

    def _told_apart(self, error: OSError) -> Trouble:
        """Tell what is behind a failure for which a server gives no reason, or the wrong one."""
        trouble = trouble_of(error)
        if not isinstance(error, FarEndError):
            return trouble
        if trouble is Trouble.FAILED:
            with suppress(FarEndError):
                self.target.stamps()
                trouble = Trouble.READ_ONLY
        is_full = trouble is Trouble.READ_ONLY and self.result.published > 0
        return Trouble.FULL if is_full else trouble

    def _carried_out(self, item: Item) -> Receipt:
        """Raises Damaged if it may not or could not be done, OSError where the far end fails."""
        verified = verify_item(item, self.public_key)
        order = verified.order
        self._check(order)
        if not self.outbox.holds(item):
            raise Damaged("item_gone", f"item {item.id} was taken back")
        if order.kind is OrderKind.TAKEDOWN:
            self._take_down(order)
        else:
            self._publish(verified)
        at = datetime.now(UTC).isoformat(timespec="microseconds")
        return Receipt(item.id, order.kind, order.derivative, order.channel, order.target, order.path, at)

    def _check(self, order: Order) -> None:
        """Raise Damaged if this order is not for this target, or a consent behind it is over, or it may not go now."""
        if order.target != self.target.name:
            raise Damaged("other_target", f"this is for the target {order.target!r}, not for {self.target.name!r}")
        if order.kind is OrderKind.TAKEDOWN:
            return
        if order.expires_on is not None and self.today > order.expires_on:
            raise Damaged("expired", "a consent behind this picture is over; it is not sent")
        if memory_of(order) in self.dead and order.approved_at <= self.dead[memory_of(order)]:
            raise Damaged("buried", "this picture was taken down after it was approved, as the far end remembers")
        if not self.may_publish():
            raise Damaged("window_over", "the night is over; it is sent in the next")
        if self.refused >= MOST_REFUSED and self.result.trouble is not None:
            raise Damaged(self.result.trouble, "the target did not take the last pictures either")

    def _publish(self, verified: Verified) -> None:
        """Send a picture, unless it is there. What else stands in its place is not touched."""
        path, jpeg = verified.order.path, verified.jpeg
        if path in self.there:
            if not self.target.holds(path, jpeg):
                raise Damaged("occupied", f"{path} is something else at the target; it was not touched")
            return
        self.target.put(path, jpeg)
        if not self.target.holds(path, jpeg):
            self.target.remove(path)
            raise Damaged("far_end_differs", f"{path} reads back differently from what was sent")

    def _take_down(self, order: Order) -> None:
        """Remove what is under this path, whatever became of it there."""
        self.target.remove(order.path)
        if self.target.read(order.path) is not None:
            raise Damaged("still_there", f"{order.path} was removed and is still there")

    def _done(self, item: Item, receipt: Receipt) -> None:
        self.outbox.mark_sent(receipt)
        if receipt.kind is OrderKind.PUBLISH:
            self.result.published += 1
            self.sent.add(receipt.path)
        else:
            self.result.taken_down += 1
        self.report(receipt.kind, item.id, "")

    def _leave(self, item: Item, code: str) -> None:
        if code == "window_over":
            self.result.waiting += 1
        elif self.outbox.holds(item):
            self.result.left[item.id] = code
            self.report("left", item.id, code)


def _keep_anchors(outbox: Outbox, target: Target, public_key: Ed25519PublicKey, result: PushResult) -> None:
    """Leave the newest signed heads of the audit log at the far end, where this box never changes or removes them."""
    for name, signed in outbox.anchors():
        try:
            read_anchor(signed, public_key)
            if target.read(f"{ANCHORS}/{name}") is None:
                target.put(f"{ANCHORS}/{name}", signed)
        except (Damaged, OSError) as error:
            result.left[name] = error.code if isinstance(error, Damaged) else "target_failed"


def _keep_state(outbox: Outbox, result: PushResult) -> None:
    """Write down how it went, for `status` and the page: numbers and codes."""
    codes = list(result.left.values())
    seen = result.seen or Seen()
    outbox.note(STATE, {
        "at": datetime.now(UTC).isoformat(timespec="microseconds"), "trouble": result.trouble or "",
        "published": result.published, "taken_down": result.taken_down, "waiting": result.waiting,
        "left": {code: codes.count(code) for code in sorted(set(codes))},
        "foreign": len(seen.foreign), "altered": len(seen.altered),
    })  # fmt: skip
