"""One round of sending: release, push, and what the receipts say; for the night, the button and the command."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

from appliance.domain.far_end import Trouble, sentence, state_sentence
from appliance.domain.release import Held
from appliance.errors import Damaged, Refusal
from appliance.outbox import OrderKind, Outbox, load_or_create_signing_key, load_public_key, verify_item
from appliance.pipeline.records.anchors import hand_over_anchor
from appliance.pipeline.records.publications import record_grounds
from appliance.pipeline.release import ReleaseReport, record_receipts, release
from appliance.pipeline.takedown import Differences, compare
from appliance.store.database import utc_now
from appliance.store.home import Home
from appliance.sync.far_end import trouble_of
from appliance.sync.push import PushResult, push
from appliance.sync.remote import opened
from appliance.vision.eyes import Eyes
from appliance.worker import stale_photos

ROUNDS = 2
"""What differs at the far end is seen to at once, in a second round."""

WORDS_THAT_HOLD = {
    Held.NAME_IN_EVENT: "their event's name holds somebody's full name; see `appliance events`, then `event call`",
    Held.PERHAPS_A_NAME: "their event's name may hold a first name; see `appliance events`, then `event confirm`",
    Held.NAMES_ONLY: "the channel takes names, hence no pictures; see `appliance channels`",
}


@dataclass(frozen=True, slots=True)
class Sent:
    """What one round did; `refusal` if something did not go as it should, after everything else was done.

    foreign, altered: paths at the far end that are not this box's, or not what it sent. missing, returned: how many
    pictures were sent or taken down again.
    """

    sent: int
    taken_down: int
    failed: int
    refusal: Refusal | None
    waiting: int = 0
    missing: int = 0
    returned: int = 0
    foreign: tuple[str, ...] = field(default=())
    altered: tuple[str, ...] = field(default=())

    def raise_if_failed(self) -> None:
        """Raise the refusal, if there is one."""
        if self.refusal:
            raise self.refusal


def send(
    home: Home, say: Callable[[str], None], *, may_publish: Callable[[], bool] = lambda: True, read_all: bool = False,
    only_back: bool = False,
) -> Sent:  # fmt: skip
    """Release what may go, send it, take down what must go, verify, and enter it into the register.

    may_publish: whether it is still time to begin with a picture. read_all: fetch everything at the far end back.
    only_back: do no more than take down what may not be out any more; the far end is left alone if nothing is.
    Raises Refusal if another round is under way, or the target cannot be reached.
    """
    outbox, target = Outbox(home.outbox), home.config.target
    may_begin = (lambda: False) if only_back else may_publish
    load_or_create_signing_key(home.root / "keys")
    sent, taken_down, differences = 0, 0, Differences()
    for round_ in range(ROUNDS):
        report = _release(home, outbox, only_back=only_back)
        record_grounds(home, report.day)
        hand_over_anchor(home.audit, outbox, load_or_create_signing_key(home.root / "keys"))
        if only_back and not _has_takedowns(home, outbox):
            return Sent(0, 0, 0, report.refusal)
        try:
            with opened(target, home.config.remote, home.root, home.config.bandwidth_kib_s) as there:
                result = push(
                    outbox, there, load_public_key(home.root / "keys"), today=report.day, may_publish=may_begin,
                    read_all=read_all and not round_,
                )  # fmt: skip
        except OSError as error:
            _keep_trouble(outbox, trouble_of(error))
            raise Refusal(trouble_of(error), sentence(trouble_of(error))) from error
        record_receipts(home.ledger, outbox)
        sent, taken_down = sent + result.published, taken_down + result.taken_down
        found = _compare(home, outbox, result)
        differences = found if not round_ else differences
        if not (found.missing or found.returned):
            break
    home.audit.record("sync", sent=sent, taken_down=taken_down, left=len(result.left))
    _tell(say, report, result, differences)
    return _sent(sent, taken_down, report, result, differences)


def probe(home: Home) -> None:
    """Write, read back and remove a small file at the target. Raises Refusal with what is wrong and what to do."""
    try:
        with opened(home.config.target, home.config.remote, home.root) as there:
            there.probe()
    except OSError as error:
        raise Refusal(trouble_of(error), sentence(trouble_of(error))) from error


def how_sending_goes(home: Home) -> str:
    """One sentence about the last push; blank where there is nothing to say of it."""
    state = Outbox(home.outbox).noted("state")
    if not state:
        return ""
    at = datetime.fromisoformat(state["at"]).astimezone(home.config.zone)
    return f"{at:%d %b %H:%M}: {state_sentence(state)}"


def _release(home: Home, outbox: Outbox, *, only_back: bool) -> ReleaseReport:
    return release(
        ledger=home.ledger, people=home.people, vault=home.vault, audit=home.audit, outbox=outbox,
        key=load_or_create_signing_key(home.root / "keys"), looks=home.looks, target=home.config.target,
        zone=home.config.zone, today=home.today(), now=utc_now(),
        stale=stale_photos(home, Eyes.open(home.fpir).model), channels=home.config.channels,
        grace_days=home.config.expiry_grace_days, by_hand=home.config.by_hand,
        takedown_hours=home.config.takedown_hours, only_back=only_back,
    )  # fmt: skip


def _has_takedowns(home: Home, outbox: Outbox) -> bool:
    """Whether anything waits to be taken down; an item that cannot be believed is none."""
    for item in outbox.pending():
        with suppress(Damaged):
            if verify_item(item, load_public_key(home.root / "keys")).order.kind is OrderKind.TAKEDOWN:
                return True
    return False


def _compare(home: Home, outbox: Outbox, result: PushResult) -> Differences:
    if result.seen is None:
        return Differences()
    return compare(
        result.seen.good, result.seen.altered, ledger=home.ledger, audit=home.audit, outbox=outbox,
        key=load_or_create_signing_key(home.root / "keys"), target=home.config.target, now=utc_now(),
        hours=home.config.takedown_hours,
    )  # fmt: skip


def _keep_trouble(outbox: Outbox, trouble: Trouble) -> None:
    """Write down that the far end could not even be opened."""
    outbox.note("state", {"at": utc_now(), "trouble": trouble})


def _tell(say: Callable[[str], None], report: ReleaseReport, result: PushResult, found: Differences) -> None:
    for code, count in sorted(Counter(result.left.values()).items()):
        say(f"{count} not sent: {sentence(code)}")
    if result.waiting:
        say(f"{result.waiting} wait for the next night")
    for photo, channel, code in report.faults:
        say(f"photo {photo[:12]}… is not released to {channel}: {code}; run `appliance verify`")
    for held, why in WORDS_THAT_HOLD.items():
        if report.held[held]:
            say(f"{report.held[held]} held: {why}")
    if found.missing:
        say(f"{len(found.missing)} published pictures were not at the target any more and were sent again; to take one "
            "away, withhold it here")  # fmt: skip
    if found.returned:
        say(f"{len(found.returned)} pictures that were taken down were there again, and were taken down again")
    seen = result.seen
    for what, paths in (("altered", seen.altered if seen else ()), ("not this box's", _foreign(result, found))):
        if paths:
            say(f"{len(paths)} files at the target are {what}; they were not touched, look at: {', '.join(paths[:5])}")


def _foreign(result: PushResult, found: Differences) -> tuple[str, ...]:
    return (*(result.seen.foreign if result.seen else ()), *found.unknown)


def _sent(sent: int, taken_down: int, report: ReleaseReport, result: PushResult, found: Differences) -> Sent:
    failed = len(result.left) + len(report.faults)
    refusal = report.refusal
    if refusal is None and result.trouble is not None:
        refusal = Refusal(result.trouble, sentence(result.trouble))
    if refusal is None and failed:
        refusal = Refusal("not_all_sent", f"{failed} pictures were not sent; the reasons are above.")
    return Sent(
        sent, taken_down, failed, refusal, result.waiting, len(found.missing), len(found.returned),
        _foreign(result, found), result.seen.altered if result.seen else (),
    )  # fmt: skip
