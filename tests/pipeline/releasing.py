"""A school for the tests of release: one member of staff, photos of them, and everything from ledger to target."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import simplejpeg

from appliance.domain.consent import Consent, Decision, Kind, Person
from appliance.domain.decide import ChannelDecision, SeenFace, decide
from appliance.domain.face import Box, Detection, face_id
from appliance.domain.identify import NoMatch
from appliance.domain.photo import PhotoId
from appliance.domain.release import Copy, CopyState
from appliance.domain.ruling import Ruling, RulingKind
from appliance.outbox import OrderKind, Outbox, load_or_create_signing_key, verify_item
from appliance.pipeline.listing import facts_of
from appliance.pipeline.release import ReleaseReport, record_receipts, release
from appliance.store.database import utc_now
from appliance.store.home import Home
from appliance.store.people import Name
from appliance.sync.push import PushResult, push
from appliance.sync.remote import FolderTarget

TODAY = date(2026, 11, 20)
ZONE = ZoneInfo("Europe/London")


class School:
    """A home with one member of staff, S1, who may be shown on the website and in the newsletter until March."""

    def __init__(self, root: Path) -> None:
        self.home, self.today = Home.create(root), TODAY
        self.outbox, self.key = Outbox(self.home.outbox), load_or_create_signing_key(root / "keys")
        self.target_name, self.by_hand = "published", frozenset[str]()
        self.target = FolderTarget("published", root / "published")
        self.home.people.record_person(Person("S1", Kind.STAFF), Name("Amelia", "Nonsuch"), "test")
        for channel in ("website", "newsletter"):
            self.consent(channel, Decision.GRANTED, date(2026, 1, 1), date(2027, 3, 1))

    def consent(self, channel: str, decision: Decision, begins: date = TODAY, until: date | None = None) -> None:
        self.home.people.record_consent(
            Consent("S1", "self", channel, decision, begins, until, evidence="form"), "test"
        )

    def photo(self, content: str = "one", event: str = "Sports day", subject: str | None = "S1") -> PhotoId:
        """Take in and analyse a photo with one face, named by hand."""
        original = content.encode()
        photo = PhotoId(self.home.vault.add("originals", original))
        intake = self.home.ledger.begin_intake(f"/card/{content}", event)
        self.home.ledger.admit(intake, photo, len(original), "IMG_0001.JPG", None)
        landmarks = ((45.0, 45.0), (55.0, 45.0), (50.0, 50.0), (46.0, 56.0), (54.0, 56.0))
        box = Box(40, 40, 20, 20)
        face = SeenFace(face_id(photo, box), Detection(box, landmarks, 0.9), NoMatch())
        self.home.ledger.record_analysis(photo, "model-1", "gallery-1", (200, 160), [face])
        if subject is not None:
            self.rule(photo, RulingKind.NAME, face=face.id, subject=subject)
        self.render(photo)
        return photo

    def rule(self, photo: PhotoId, kind: RulingKind, **said: Any) -> None:
        self.home.people.rule(Ruling(0, photo, kind, "w", "", **said))

    def render(self, photo: PhotoId) -> None:
        """Make a picture for every plan; photos of equal covers get equal pixels, as two copies of one shot would."""
        made = {}
        for decided in self.decided(photo).values():
            pixels = np.full((80, 100, 3), len(decided.plan.covers) * 40, np.uint8)
            jpeg = simplejpeg.encode_jpeg(pixels, quality=85, colorspace="RGB", colorsubsampling="420")
            made[decided.plan.id] = self.home.vault.add("derivatives", jpeg)
        self.home.ledger.record_render(photo, made, "facts")

    def decided(self, photo: PhotoId) -> Mapping[str, ChannelDecision]:
        facts = facts_of(photo, self.home.ledger, self.home.people)
        assert facts is not None
        return decide(facts, self.home.people.roster(), self.home.looks, self.today).channels

    def derivative(self, photo: PhotoId, channel: str = "website") -> str:
        found = self.home.ledger.derivative(photo, self.decided(photo)[channel].plan.id)
        assert found is not None
        return found

    def approve(self, photo: PhotoId, channel: str = "website", derivative: str | None = None) -> str:
        derivative = derivative or self.derivative(photo, channel)
        self.rule(photo, RulingKind.APPROVE, channel=channel, derivative=derivative)
        return derivative

    def release(self, now: str | None = None, grace_days: int = 0) -> ReleaseReport:
        h = self.home
        return release(
            ledger=h.ledger, people=h.people, vault=h.vault, audit=h.audit, outbox=self.outbox, key=self.key,
            looks=h.looks, target=self.target_name, zone=ZONE, today=self.today, now=now or utc_now(),
            channels=h.config.channels, grace_days=grace_days, by_hand=self.by_hand,
        )  # fmt: skip

    def push(self) -> PushResult:
        return push(self.outbox, self.target, self.key.public_key(), today=self.today)

    def sync(self, grace_days: int = 0) -> ReleaseReport:
        report = self.release(grace_days=grace_days)
        self.push()
        record_receipts(self.home.ledger, self.outbox)
        return report

    def there(self) -> list[str]:
        """Pictures, and whatever else is not the box's own list or anchor."""
        own = ("manifest.json", "tombstones.json")
        return [p for p in self.target.paths() if p not in own and not p.startswith("anchors/")]

    def manifest(self) -> list[dict[str, str]]:
        listed: list[dict[str, str]] = json.loads((self.home.root / "published" / "manifest.json").read_bytes())
        return listed

    def register(self) -> list[Copy]:
        return self.home.ledger.register.copies()

    def states(self) -> list[CopyState]:
        return [c.state for c in self.register()]

    def orders(self) -> list[OrderKind]:
        return [verify_item(i, self.key.public_key()).order.kind for i in self.outbox.pending()]
