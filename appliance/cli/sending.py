"""One round of sending: release, push, and what the receipts say; for the night, the button and the command."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from appliance.domain.release import Held
from appliance.errors import Refusal
from appliance.outbox import Outbox, load_or_create_signing_key, load_public_key
from appliance.pipeline.records.anchors import hand_over_anchor
from appliance.pipeline.records.publications import record_grounds
from appliance.pipeline.release import record_receipts, release
from appliance.store.database import utc_now
from appliance.store.home import Home
from appliance.sync.push import push
from appliance.sync.remote import FolderTarget
from appliance.vision.eyes import Eyes
from appliance.worker import stale_photos

WHAT_LEFT = {
    "expired": "a consent behind it is over",
    "target_failed": "the target could not be written",
    "far_end_differs": "what arrived is not what was sent",
}

WORDS_THAT_HOLD = {
    Held.NAME_IN_EVENT: "their event's name holds somebody's full name; see `appliance events`, then `event call`",
    Held.PERHAPS_A_NAME: "their event's name may hold a first name; see `appliance events`, then `event confirm`",
    Held.NAMES_ONLY: "the channel takes names, hence no pictures; see `appliance channels`",
}


@dataclass(frozen=True, slots=True)
class Sent:
    """What one round did; `refusal` if something did not go as it should, after everything else was done."""

    sent: int
    taken_down: int
    failed: int
    refusal: Refusal | None

    def raise_if_failed(self) -> None:
        """Raise the refusal, if there is one."""
        if self.refusal:
            raise self.refusal


def send(home: Home, say: Callable[[str], None]) -> Sent:
    """Release what may go, send it, take down what must go, verify, and enter it into the register.

    Raises Refusal if another round is under way, or the target is not there.
    """
    key, outbox = load_or_create_signing_key(home.root / "keys"), Outbox(home.outbox)
    name = home.config.target
    report = release(
        ledger=home.ledger, people=home.people, vault=home.vault, audit=home.audit, outbox=outbox, key=key,
        looks=home.looks, target=name, zone=home.config.zone, today=home.today(), now=utc_now(),
        stale=stale_photos(home, Eyes.open(home.fpir).model), channels=home.config.channels,
        grace_days=home.config.expiry_grace_days,
    )  # fmt: skip
    record_grounds(home, report.day)
    hand_over_anchor(home.audit, outbox, key)
    target = FolderTarget(name, home.root / name)
    result = push(outbox, target, load_public_key(home.root / "keys"), today=report.day)
    record_receipts(home.ledger, outbox)
    for code in sorted(set(result.left.values())):
        say(f"not sent: {WHAT_LEFT.get(code, code)}; it is tried again next time")
    for photo, channel, code in report.faults:
        say(f"photo {photo[:12]}… is not released to {channel}: {code}; run `appliance verify`")
    for held, why in WORDS_THAT_HOLD.items():
        if report.held[held]:
            say(f"{report.held[held]} held: {why}")
    home.audit.record("sync", sent=result.published, taken_down=result.taken_down, left=len(result.left))
    failed = len(result.left) + len(report.faults)
    refusal = report.refusal
    if refusal is None and failed:
        refusal = Refusal("not_all_sent", f"{failed} pictures were not sent; the reasons are above.")
    return Sent(result.published, result.taken_down, failed, refusal)
