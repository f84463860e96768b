"""A small school with a real home, photos that were "seen" without a model, and a browser without a screen."""

from __future__ import annotations

import hashlib
import io
import re
import warnings
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from PIL import Image, ImageDraw

from appliance.domain.consent import CHANNELS, Consent, Decision, Kind, Person
from appliance.domain.decide import Plan, SeenFace
from appliance.domain.face import Box, Detection, face_id
from appliance.domain.identify import Identification, NoMatch
from appliance.domain.photo import PhotoId, PhotoState
from appliance.pipeline.listing import PhotoView, view
from appliance.pipeline.rule import Reviewer
from appliance.store.home import Home
from appliance.store.people import Name
from appliance.web.app import create_app

with warnings.catch_warnings():  # Starlette would like another HTTP client, for tests only
    warnings.simplefilter("ignore")
    from fastapi.testclient import TestClient

TODAY = date(2026, 6, 1)
TOKEN = "a-token-of-the-console"  # noqa: S105  opens a page that lives for one test
SIZE = (800, 600)
Face = tuple[Box, Identification]


class School:
    """One home, filled by the ledger's own methods."""

    def __init__(self, root: Path) -> None:
        self.home = Home.create(root)

    def person(self, subject: str, given: str, family: str, channels: Sequence[str] = CHANNELS, **more: object) -> None:
        facts = {"kind": Kind.PUPIL, "group": "5B", "parents": 1, "protected": False} | more
        self.home.people.record_person(Person(subject, **facts), Name(given, family), "test")  # type: ignore[arg-type]
        for scope in ("biometric", *channels):
            said = Consent(subject, "parent:1", scope, Decision.GRANTED, date(2026, 1, 1), evidence="form")
            self.home.people.record_consent(said, "test")

    def withdraw(self, subject: str, channel: str) -> None:
        said = Consent(subject, "parent:1", channel, Decision.WITHDRAWN, date(2026, 2, 1))
        self.home.people.record_consent(said, "test")

    def match_faces(self) -> None:
        assessment = self.home.people.record_assessment("ab" * 32, "test")
        self.home.people.switch_matching(on=True, assessment=assessment, who="test")

    def admit(self, name: str, event: str = "Sports day", aside: tuple[PhotoState, str] | None = None) -> PhotoId:
        photo = PhotoId(hashlib.sha256(name.encode()).hexdigest())
        ledger = self.home.ledger
        intake = ledger.begin_intake("/card", event)
        ledger.admit(intake, photo, 1, name, aside)
        ledger.end_intake(intake, files=1, admitted=1, duplicates=0, skipped=0)
        return photo

    def photo(
        self,
        name: str = "IMG_1.JPG",
        faces: Sequence[Face] = ((Box(100, 100, 80, 100), NoMatch()),),
        score: float = 0.9,
        event: str = "Sports day",
    ) -> PhotoId:
        photo = self.admit(name, event)
        seen = [SeenFace(face_id(photo, box), detection(box, score), who) for box, who in faces]
        self.home.ledger.record_analysis(photo, "model", "gallery", SIZE, seen)
        self.home.vault.add("proofs", picture(()), photo)
        self.render(photo)
        return photo

    def render(self, photo: PhotoId) -> None:
        """What the line would do now."""
        decision = self.view(photo).decision
        assert decision
        plans = {c.plan.id: c.plan for c in decision.channels.values()}
        made = {i: self.home.vault.add("derivatives", picture_of(plan)) for i, plan in plans.items()}
        self.home.ledger.record_render(photo, made, f"{sorted(made)}")

    def view(self, photo: PhotoId) -> PhotoView:
        row = self.home.ledger.photo(photo)
        assert row
        return view(row, self.home.ledger, self.home.people, self.home.looks, TODAY)

    def derivative(self, photo: PhotoId, channel: str = "website") -> str:
        made = self.view(photo).channels[channel].derivative
        assert made
        return made

    def reviewer(self, who: str = "Somebody else") -> Reviewer:
        h = self.home
        return Reviewer(who, ledger=h.ledger, people=h.people, audit=h.audit, looks=h.looks, today=TODAY)


class Browser:
    """A client that carries its session's CSRF token."""

    def __init__(self, school: School) -> None:
        app = create_app(school.home.root, token=TOKEN, today=lambda: TODAY)
        self.client = TestClient(app, base_url="http://127.0.0.1:8080", raise_server_exceptions=False)

    def get(self, path: str) -> str:
        answer = self.client.get(path)
        assert answer.status_code == 200, answer.text
        return str(answer.text)

    @property
    def csrf(self) -> str:
        found = re.search(r'name="csrf" value="([^"]+)"', str(self.client.get("/who").text))
        assert found
        return found[1]

    def post(self, path: str, **fields: object) -> tuple[int, str]:
        data = {"csrf": self.csrf} | {k: v if isinstance(v, list) else str(v) for k, v in fields.items()}
        answer = self.client.post(path, data=data, follow_redirects=False)
        return answer.status_code, answer.text


def detection(box: Box, score: float = 0.9) -> Detection:
    x, y, w, h = box.x, box.y, box.w, box.h
    return Detection(box, ((x + w * 0.3, y + h * 0.4), (x + w * 0.7, y + h * 0.4), (x + w * 0.5, y + h * 0.6),
                           (x + w * 0.35, y + h * 0.8), (x + w * 0.65, y + h * 0.8)), score)  # fmt: skip


def picture_of(plan: Plan) -> bytes:
    return picture(plan.covers, int(plan.photo[:2], 16))


def picture(covers: Sequence[tuple[int, int, int, int]], shade: int = 0) -> bytes:
    """A JPEG; another `shade` is another photo."""
    image = Image.new("RGB", SIZE, (200, 210, shade))
    for cover in covers:
        ImageDraw.Draw(image).rectangle(cover, fill=(96, 103, 112))
    data = io.BytesIO()
    image.save(data, "JPEG")
    return data.getvalue()
