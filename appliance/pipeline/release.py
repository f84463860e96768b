"""Last stage: hands over, signed, what may leave today, and calls back what may not be out any more.

It decodes nothing and believes nobody: it decides again with today's facts, and checks the bytes it signs for.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta, tzinfo
from importlib.metadata import version

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from appliance.domain.certificate import Certificate, Checked, certify
from appliance.domain.channel import Allows, Profile, profiles
from appliance.domain.decide import ChannelDecision, Decision, Disposition, Look, PhotoFacts, decide
from appliance.domain.event import folder
from appliance.domain.photo import PhotoId, PhotoState
from appliance.domain.policy import ConsentPolicy
from appliance.domain.release import Copy, CopyState, Held, approval, holds_until, may_release, must_come_back
from appliance.domain.ruling import RulingKind
from appliance.domain.takedown import SENDER, Why
from appliance.domain.wording import Verdict
from appliance.errors import Damaged, Refusal
from appliance.outbox import Order, OrderKind, Outbox, Receipt, verify_item
from appliance.pipeline.grace import may_stay
from appliance.pipeline.listing import facts_of
from appliance.pipeline.takedown import ALLOWED_AGAIN, bury_for, carried_on, due_at, end_by, gone
from appliance.pipeline.wording import Wording
from appliance.sanitise.leaks import check
from appliance.store.audit import Audit
from appliance.store.ledger import Ledger, PhotoRow
from appliance.store.people import People
from appliance.store.vault import Vault

CLOCK_TOLERANCE = timedelta(minutes=2)
"""A time server may set the clock back a little; more than this revives nothing."""

SOFTWARE = "school-photo-appliance"

Place = tuple[str, str]
"""A target's name, and a path at it."""


@dataclass(slots=True)
class ReleaseReport:
    """What one release did.

    day: by which it decided. handed_over, called_back: items put into the outbox. held: channels of photos that may
    not leave, by reason. waiting: pictures whose place has to be cleared first. faults: photo, channel and code where a
    stored picture is not what it should be. refusal: why nothing was handed over; what was called back goes out anyway.
    """

    day: date
    handed_over: int = 0
    called_back: int = 0
    held: Counter[Held] = field(default_factory=Counter)
    waiting: int = 0
    faults: list[tuple[PhotoId, str, str]] = field(default_factory=list)
    refusal: Refusal | None = None


def release(
    *, ledger: Ledger, people: People, vault: Vault, audit: Audit, outbox: Outbox, key: Ed25519PrivateKey,
    looks: Mapping[str, Look], target: str, zone: tzinfo, today: date, now: str,
    stale: AbstractSet[PhotoId] = frozenset(), channels: Mapping[str, Profile] | None = None, grace_days: int = 0,
    by_hand: AbstractSet[str] = frozenset(), takedown_hours: int = 72, only_back: bool = False,
) -> ReleaseReport:  # fmt: skip
    """Put into the outbox what may leave for `target` today and what has to be taken down, wherever it is.

    A second call changes nothing until facts change. zone: the school's, in which `today` is a day. now: ISO 8601 in
    UTC; if this box has known a later time, nothing is handed over, and what has to come back is decided by the latest
    day known. stale: photos whose faces have to be looked at anew first; nothing new of them is handed over. channels:
    who sees each and what it takes; as is safe where not given. grace_days: for how long a copy may stay after a
    consent behind it has ended. by_hand: channels from which people carry pictures on. takedown_hours: within which
    what has to come back has to be gone. only_back: hand nothing over this time. Raises Refusal if one is running.
    """
    refusal = clock_refusal(ledger.clock_seen(), now)
    report = ReleaseReport(today, refusal=refusal)
    if refusal is not None:
        report.day = max(today, datetime.fromisoformat(ledger.clock_seen()).astimezone(zone).date())
    desk = _Desk(
        ledger, people, vault, audit, outbox, key, looks, target, zone, now, report, stale,
        profiles({}) if channels is None else channels, Wording(people), grace_days, by_hand, takedown_hours,
    )  # fmt: skip
    with outbox.releasing():
        _record(ledger, outbox)
        desk.call_back()
        if refusal is None:
            ledger.see_clock(now)
        if refusal is None and not only_back:
            desk.hand_over()
    return report


def record_receipts(ledger: Ledger, outbox: Outbox) -> int:
    """Enter into the register what the sender did, put the receipts away, and return how many there were."""
    with outbox.releasing():
        return _record(ledger, outbox)


def clock_refusal(seen: str, now: str) -> Refusal | None:
    """Return why nothing may leave, if it is earlier than it has been already. Times are ISO 8601 in UTC."""
    if not seen or datetime.fromisoformat(now) >= datetime.fromisoformat(seen) - CLOCK_TOLERANCE:
        return None
    return Refusal(
        "clock_went_back",
        f"the clock says {now[:16]} (UTC), but on this box it has been {seen[:16]} already, so nothing is released. "
        "Set the clock right; if it is right, say so with: appliance clock confirm --as WHO",
    )


def _record(ledger: Ledger, outbox: Outbox) -> int:
    register: dict[tuple[str, ...], list[Copy]] = {}
    for copy in ledger.register.copies():
        register.setdefault((copy.target, copy.path, copy.derivative, copy.channel), []).append(copy)
    receipts = outbox.receipts()
    for receipt in receipts:
        said = (receipt.target, receipt.path, receipt.derivative, receipt.channel)
        before = register.get(said, [])
        after = [_after(receipt, copy, ledger) for copy in before]
        ledger.register.record([now for now, then in zip(after, before, strict=True) if now.state is not then.state])
        register[said] = after
        end_by(receipt, ledger)
        outbox.collect(receipt)
    return len(receipts)


def _after(receipt: Receipt, copy: Copy, ledger: Ledger) -> Copy:
    """Say what a receipt makes of a copy; a receipt that is read again makes no difference."""
    if receipt.kind is OrderKind.TAKEDOWN:
        return gone(ledger, copy) if copy.is_out else copy
    return replace(copy, state=CopyState.PUBLISHED) if copy.state is CopyState.POSSIBLY_PUBLISHED else copy


@dataclass(slots=True)
class _Desk:
    """What one release has at hand.

    hidden: photos in quarantine. coming, going: places that items in the outbox are about.
    """

    ledger: Ledger
    people: People
    vault: Vault
    audit: Audit
    outbox: Outbox
    key: Ed25519PrivateKey
    looks: Mapping[str, Look]
    target: str
    zone: tzinfo
    now: str
    report: ReleaseReport
    stale: AbstractSet[PhotoId]
    channels: Mapping[str, Profile]
    wording: Wording
    grace_days: int
    by_hand: AbstractSet[str]
    takedown_hours: int
    hidden: set[PhotoId] = field(default_factory=set)
    coming: set[Place] = field(default_factory=set)
    going: set[Place] = field(default_factory=set)

    def call_back(self) -> None:
        """Take back what is not sent yet, and order down what may be out and may not stay."""
        rows, self.hidden = {row.id: row for row in self.ledger.photos()}, self.people.quarantined()
        leaving: dict[Place, tuple[Copy, Why]] = {}
        staying: set[Place] = set()
        for copy in self.ledger.register.copies():
            why = self._why_back(copy, rows.get(PhotoId(copy.photo)))
            if why is not None:
                leaving[copy.target, copy.path] = copy, why
            elif copy.is_out:
                staying.add((copy.target, copy.path))
        self._look_through_outbox(staying)
        self._call_off(staying)
        for place in sorted(leaving.keys() - staying):
            self._call_back(*leaving[place])

    def _call_off(self, staying: set[Place]) -> None:
        """End what has to be taken down no more."""
        for takedown in self.ledger.takedowns.still_open():
            if (place := (takedown.target, takedown.path)) in staying and place not in self.going:
                self.ledger.takedowns.end(takedown.id, SENDER, ALLOWED_AGAIN)

    def _call_back(self, copy: Copy, why: Why) -> None:
        """Open a takedown; order it where the sender can do it. Elsewhere it is a task for a person from now on."""
        bury_for(why, copy, self.ledger)
        if self.ledger.takedowns.open(copy, why, due_at(self.now, self.takedown_hours)):
            self.report.called_back += 1
            self.audit.record("called_back", photo=copy.photo, channel=copy.channel, derivative=copy.derivative)
        if copy.target == self.target and (copy.target, copy.path) not in self.going:
            order = Order(OrderKind.TAKEDOWN, copy.derivative, copy.channel, copy.target, copy.path, self.now)
            is_for_good = gone(self.ledger, copy).state is CopyState.TOMBSTONED
            self.outbox.put(replace(order, is_for_good=is_for_good), self.key)
            self.going.add((copy.target, copy.path))

    def hand_over(self) -> None:
        """Hand over whatever may leave and is not out."""
        names = [part for n in self.people.names().values() for part in (n.given, n.family, n.known_as)]
        for row in self.ledger.photos():
            facts, decision = self._decided(row)
            if facts is None or decision is None:
                continue
            if row.id in self.stale:
                self.report.held[Held.OUT_OF_DATE] += len(decision.channels)
                continue
            copies = self.ledger.register.copies(row.id)
            for channel, decided in decision.channels.items():
                here = [c for c in copies if c.channel == channel]
                derivative, held = self._judged(facts, channel, decided, here)
                if held is not None:
                    self.report.held[held] += 1
                    continue
                copy = self._copy(row, channel, derivative, here, names)
                wrong = self._held_by_words(copy, row.event)
                if wrong is not None:
                    self.report.held[wrong] += 1
                    continue
                self._hand_over(copy, carried_on(copy, self.by_hand, here), facts, decided, row.event)

    def _look_through_outbox(self, staying: set[Place]) -> None:
        """See what is under way. A picture with no business out there is pulled, and one whose certificate is over."""
        for item in self.outbox.pending():
            try:
                order = verify_item(item, self.key.public_key()).order
            except Damaged:
                continue
            place = (order.target, order.path)
            if order.target != self.target:
                self.outbox.pull(item.id)
            elif order.kind is OrderKind.TAKEDOWN:
                self.going.add(place)
            elif place not in staying or (order.expires_on is not None and self.report.day > order.expires_on):
                self.outbox.pull(item.id)
            else:
                self.coming.add(place)

    def _why_back(self, copy: Copy, row: PhotoRow | None) -> Why | None:
        """Return why a copy may not be out any more; None if it may."""
        if not copy.is_out:
            return None
        facts, decision = self._decided(row) if row is not None else (None, None)
        decided = decision.channels.get(copy.channel) if decision is not None else None
        current = self.ledger.derivative(PhotoId(copy.photo), decided.plan.id) if decided is not None else None
        whatever_is_decided = self._why_never(copy)
        if whatever_is_decided is not None:
            return whatever_is_decided
        if not must_come_back(copy, decided, current):
            return None
        if not self.ledger.photos_of(copy.derivative):
            return Why.PICTURE_GONE
        roster, day = self.people.roster(), self.report.day
        if facts is not None and may_stay(copy, facts, roster, self.looks, self.ledger, day, self.grace_days):
            return None
        is_offered = decided is not None and decided.disposition is Disposition.OFFER
        return Why.SHOWN_OTHERWISE if is_offered else Why.WITHHELD

    def _why_never(self, copy: Copy) -> Why | None:
        """Return why a copy may not be out whatever is decided of its photo; None if there is no such reason."""
        if self._is_hidden(copy.derivative):
            return Why.QUARANTINED
        if self.ledger.takedowns.buried(copy.photo, copy.derivative, copy.channel) is not None:
            return Why.BURIED
        return Why.WITHHELD if self.channels[copy.channel].allows is Allows.NAMES else None

    def _decided(self, row: PhotoRow) -> tuple[PhotoFacts | None, Decision | None]:
        """Return today's decision, with the facts it was made of; nothing for what is no (analysed) photo."""
        facts = None
        if row.state not in (PhotoState.PARKED, PhotoState.REFUSED):
            facts = facts_of(row.id, self.ledger, self.people)
        return facts, decide(facts, self.people.roster(), self.looks, self.report.day) if facts is not None else None

    def _is_hidden(self, derivative: str) -> bool:
        """Whether a photo with these very pixels is in quarantine, even if this one is not."""
        return not self.hidden.isdisjoint(self.ledger.photos_of(derivative))

    def _judged(
        self, facts: PhotoFacts, channel: str, decided: ChannelDecision, here: list[Copy]
    ) -> tuple[str, Held | None]:
        derivative = self.ledger.derivative(facts.id, decided.plan.id)
        if derivative is None:
            return "", Held.OUT_OF_DATE
        if self._is_hidden(derivative):
            return derivative, Held.WITHHELD
        if self.ledger.takedowns.buried(facts.id, derivative, channel) is not None:
            return derivative, Held.TOMBSTONED
        if self.channels[channel].allows is Allows.NAMES:
            return derivative, Held.NAMES_ONLY
        rulings = [r for r in facts.rulings if r.channel == channel]
        return derivative, may_release(decided, decided.plan.id, derivative, rulings, here)

    def _held_by_words(self, copy: Copy, event: str) -> Held | None:
        """Whether the event that a picture would be filed under holds a name; what is out already is where it is."""
        if copy.state is CopyState.PUBLISHED:
            return None
        said = self.wording.event(event).verdict(self.channels[copy.channel].audience)
        return {Verdict.CLEAR: None, Verdict.ASK: Held.PERHAPS_A_NAME, Verdict.BLOCK: Held.NAME_IN_EVENT}[said]

    def _copy(self, row: PhotoRow, channel: str, derivative: str, here: list[Copy], names: list[str]) -> Copy:
        """Return the copy that is out, or may be; else a new one, not recorded yet (it is `since` no time)."""
        for copy in here:
            if copy.is_out and (copy.derivative, copy.target) == (derivative, self.target):
                return copy
        day = datetime.fromisoformat(row.admitted_at).astimezone(self.zone).date()
        outward = self.wording.event(row.event)
        path = f"{channel}/{folder(outward.text, day, names, outward.confirmed)}/{derivative}.jpg"
        return Copy(derivative, row.id, channel, self.target, path, "", None, CopyState.POSSIBLY_PUBLISHED)

    def _hand_over(
        self, copy: Copy, carried: list[Copy], facts: PhotoFacts, decided: ChannelDecision, event: str
    ) -> None:
        """Write into the register that it may be out, then hand it over; broken off in between, that is made up for.

        carried: the copy that people may make of it from now on.
        """
        place = (copy.target, copy.path)
        if copy.state is CopyState.PUBLISHED:
            self.ledger.register.record(carried)
            return
        if place in self.going:
            self.report.waiting += 1
            return
        try:
            jpeg, blocks = self._checked(copy.derivative)
        except Damaged as error:
            self.report.faults.append((facts.id, copy.channel, error.code))
            return
        if carried or not copy.since:
            self.ledger.register.record([*carried, *([] if copy.since else [copy])])
        if place not in self.coming:
            checked = Checked(len(jpeg), blocks, confirmed=self.wording.event(event).was_confirmed)
            self.outbox.put(self._certified(self._order(copy, facts, decided), facts, decided, checked), self.key, jpeg)
            self.coming.add(place)
            self.report.handed_over += 1
            self.audit.record("handed_over", photo=facts.id, channel=copy.channel, derivative=copy.derivative)

    def _checked(self, derivative: str) -> tuple[bytes, int]:
        """Return the derivative and its blocks. Raises Damaged unless it is what its name says, and only a picture."""
        jpeg = self.vault.read("derivatives", derivative)
        if hashlib.sha256(jpeg).hexdigest() != derivative:
            raise Damaged("derivative_differs", f"derivative {derivative} is not what was rendered; render it again")
        return jpeg, check(jpeg)

    def _order(self, copy: Copy, facts: PhotoFacts, decided: ChannelDecision) -> Order:
        roster, analysis = self.people.roster(), self.ledger.analysis(facts.id)
        last = holds_until(facts, roster, copy.channel, self.looks[copy.channel], self.report.day)
        approvals = [
            r.at for r in facts.rulings
            if r.kind is RulingKind.APPROVE and (r.channel, r.derivative) == (copy.channel, copy.derivative)
        ]  # fmt: skip
        return Order(
            OrderKind.PUBLISH, copy.derivative, copy.channel, copy.target, copy.path, self.now, last,
            plan=decided.plan.id, model=analysis.model if analysis else "",
            policy=_policy_version(roster.policy, self.channels[copy.channel]), approved_at=max(approvals, default=""),
        )  # fmt: skip

    def _certified(self, order: Order, facts: PhotoFacts, decided: ChannelDecision, checked: Checked) -> Order:
        """Keep a certificate of what was checked, and name it in the order: who has the one can ask for the other."""
        here = [c for c in self.ledger.register.copies(facts.id) if c.channel == order.channel]
        given = approval(order.derivative, [r for r in facts.rulings if r.channel == order.channel], here)
        if given is None:
            raise Damaged("approval_gone", f"nobody approved derivative {order.derivative}; it is not released")
        text = certify(
            derivative=order.derivative, channel=order.channel, target=order.target, plan=decided.plan, approval=given,
            checked=checked, decided_on=self.report.day, expires_on=order.expires_on, released_at=order.released_at,
            versions={"eyes": order.model, "policy": order.policy, "software": version(SOFTWARE)},
        )  # fmt: skip
        certificate = Certificate(order.derivative, order.channel, text, self.key.sign(text.encode()).hex())
        self.ledger.certificates.record(certificate)
        return replace(order, certificate=certificate.sha256)


def _policy_version(policy: ConsentPolicy, channel: Profile) -> str:
    said = f"{policy.version}:{channel.audience}:{channel.allows}"
    return hashlib.sha256(said.encode()).hexdigest()[:16]
