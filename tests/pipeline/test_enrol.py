"""Portraits, templates and the self-test, with real pictures of adults in public office through the real models."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageFilter, ImageOps

from appliance.domain.band import Band
from appliance.domain.consent import Consent, Decision, Kind, Person
from appliance.domain.portrait import Reason
from appliance.domain.ruling import Ruling, RulingKind
from appliance.errors import Refusal
from appliance.pipeline.analyse import identification_version, templates_in_use, undecidable_subjects
from appliance.pipeline.enrol import enrol, look, stale_subjects
from appliance.pipeline.erase import erase
from appliance.pipeline.portrait_list import Entry, State, portrait_list
from appliance.pipeline.selftest import selftest
from appliance.pipeline.selftest_report import Report
from appliance.pipeline.state_rate import state_rate
from appliance.store.home import Home
from appliance.store.jobs import Job
from appliance.store.people import Name
from appliance.vision.decoder import Decoder
from appliance.vision.eyes import Eyes
from appliance.worker import Desk, sweep

PEOPLE = Path(__file__).parents[1] / "data" / "people"
TODAY = date(2026, 11, 25)
LONG_AGO = date(2024, 1, 1)


@pytest.fixture(scope="module")
def eyes() -> Eyes:
    return Eyes.open(0.001)


@pytest.fixture(scope="module")
def decoder() -> Iterator[Decoder]:
    with Decoder() as started:
        yield started


class School:
    """Adults with biometric consent and portraits."""

    def __init__(self, root: Path, eyes: Eyes, decoder: Decoder) -> None:
        self.home, self.eyes, self.decoder = Home.create(root), eyes, decoder
        assessment = self.home.people.record_assessment("ab" * 32, "test")
        self.home.people.switch_matching(on=True, assessment=assessment, who="test")

    def person(self, subject: str, *portraits: bytes, birth_on: date = date(1961, 8, 4), family: str = "") -> None:
        person = Person(subject, Kind.STAFF, "Staff", family, birth_on)
        self.home.people.record_person(person, Name("A", "B"), "test")
        self.say(subject, Decision.GRANTED, date(2026, 1, 1))
        for portrait in portraits:
            self.home.people.add_portrait(subject, self.home.vault.add("portraits", portrait))

    def say(self, subject: str, decision: Decision, begins: date = TODAY) -> None:
        said = Consent(subject, "self", "biometric", decision, begins, evidence="form")
        self.home.people.record_consent(said, "test")

    def enrol(self, today: date = TODAY) -> None:
        """Until the gallery says what it should: once is enough."""
        h = self.home
        for subject in stale_subjects(h.people, h.gallery, self.eyes.model, today, h.terms):
            enrol(
                subject, people=h.people, vault=h.vault, gallery=h.gallery, eyes=self.eyes, decoder=self.decoder,
                today=today, terms=h.terms,
            )  # fmt: skip
        assert stale_subjects(h.people, h.gallery, self.eyes.model, today, h.terms) == []

    def list(self, today: date = TODAY) -> list[Entry]:
        h = self.home
        return portrait_list(
            people=h.people, gallery=h.gallery, rules=self.eyes.thresholds, today=today, terms=h.terms
        )  # fmt: skip

    def test(self, stated: float = 0.001) -> Report:
        h = self.home
        return selftest(
            people=h.people, vault=h.vault, gallery=h.gallery, ledger=h.ledger, eyes=self.eyes,
            decoder=self.decoder, today=TODAY, terms=h.terms, stated=stated,
        )  # fmt: skip


@pytest.fixture
def school(tmp_path: Path, eyes: Eyes, decoder: Decoder) -> School:
    return School(tmp_path / "home", eyes, decoder)


def picture(name: str) -> Image.Image:
    return Image.open(PEOPLE / f"{name}.jpg").convert("RGB")


def jpeg(image: Image.Image, taken: date | None = None) -> bytes:
    data, exif = io.BytesIO(), Image.Exif()
    if taken:
        exif.get_ifd(0x8769)[0x9003] = f"{taken:%Y:%m:%d} 10:00:00"
    image.save(data, "JPEG", quality=92, exif=exif)
    return data.getvalue()


def portrait(name: str, taken: date | None = None) -> bytes:
    return jpeg(picture(name), taken)


def beside(one: Image.Image, other: Image.Image) -> Image.Image:
    pair = Image.new("RGB", (800, 500))
    for i, image in enumerate((one, other)):
        pair.paste(image.resize((400, 500)), (400 * i, 0))
    return pair


def barred(image: Image.Image) -> Image.Image:
    pixels = np.array(image.resize((400, 500)))
    pixels[170:260] = 20
    return Image.fromarray(pixels)


@pytest.mark.parametrize("name", sorted(p.stem for p in PEOPLE.glob("*.jpg")))
def test_real_portraits_pass(eyes: Eyes, decoder: Decoder, name: str) -> None:
    looked = look(portrait(name), eyes, decoder, TODAY)
    assert looked.reason is Reason.GOOD
    assert looked.template is not None and looked.probe is not None


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        pytest.param(b"\xff\xd8\xff nothing", Reason.UNREADABLE, id="no picture"),
        pytest.param(jpeg(Image.new("RGB", (400, 400), "grey")), Reason.NO_FACE, id="no face"),
        pytest.param(jpeg(beside(picture("obama_1"), picture("obama_1"))), Reason.TWO_FACES, id="two"),
        pytest.param(jpeg(picture("obama_1").resize((80, 100))), Reason.TOO_SMALL, id="small"),
        pytest.param(
            jpeg(picture("obama_1").filter(ImageFilter.GaussianBlur(14))), Reason.BLURRED, id="blurred"
        ),
        pytest.param(jpeg(picture("obama_1").rotate(50, expand=True)), Reason.TILTED, id="tilted"),
        pytest.param(jpeg(barred(picture("hopper_1"))), Reason.EYES_HIDDEN, id="a bar over the eyes"),
    ],
)  # fmt: skip
def test_spoilt_portraits_do_not(eyes: Eyes, decoder: Decoder, data: bytes, reason: Reason) -> None:
    looked = look(data, eyes, decoder, TODAY)
    assert looked.reason is reason
    assert looked.template is None and looked.probe is None


def test_a_refused_portrait_is_listed_with_its_reason_and_the_good_one_is_used(school: School) -> None:
    blurred = jpeg(picture("obama_1").filter(ImageFilter.GaussianBlur(14)))
    school.person("S1", portrait("obama_2"), blurred)
    school.person("S2", blurred)
    school.person("S3")
    school.enrol()
    states = sorted((e.subject, e.state, e.reason or "", e.renew) for e in school.list())
    assert states == [
        ("S1", State.REFUSED, "blurred", False), ("S1", State.USED, "", False), ("S2", State.REFUSED, "blurred", True),
        ("S3", State.MISSING, "", True),
    ]  # fmt: skip
    assert school.home.gallery.templates().subjects == ("S1",)
    assert school.home.gallery.failures() == {"S2": "blurred"}


def test_a_portrait_that_is_somebody_elses_is_reported_unless_they_are_family(school: School) -> None:
    school.person("S1", portrait("obama_1"))
    school.person("S2", portrait("obama_2"))
    school.person("S3", portrait("collins_1"))
    school.enrol()
    assert {e.subject: e.resembles for e in school.list()} == {"S1": ("S2",), "S2": ("S1",), "S3": ()}
    school.person("S1", family="F")
    school.person("S2", family="F")
    assert not any(e.resembles for e in school.list())


def test_a_portrait_becomes_due_and_then_ends_by_the_day_it_was_taken(school: School) -> None:
    taken = date.today() - timedelta(days=100)  # noqa: DTZ011  portraits are dated by the box's own clock
    school.person("S1", portrait("obama_1", taken))
    for days, state, renew in ((0, State.USED, False), (366, State.DUE, True), (731, State.EXPIRED, True)):
        today = taken + timedelta(days=days)
        school.say("S1", Decision.GRANTED, today)
        school.enrol(today)
        (entry,) = school.list(today)
        assert (entry.state, entry.renew, entry.taken_on) == (state, renew, taken)
        assert entry.due_on == taken + timedelta(days=365)
        assert (school.home.gallery.templates().subjects == ("S1",)) is (state is not State.EXPIRED)
    assert school.home.gallery.failures() == {"S1": "expired"}


def test_without_consent_nothing_is_looked_at_and_nothing_kept(school: School) -> None:
    school.person("S1", portrait("obama_1"))
    school.enrol()
    school.say("S1", Decision.WITHDRAWN)
    assert templates_in_use(school.home.gallery, school.home.people, TODAY).subjects == ()  # type: ignore[union-attr]
    school.enrol()
    assert [e.state for e in school.list()] == [State.NO_CONSENT]
    assert school.home.gallery.made_of() == {} and school.home.gallery.examined() == {}
    assert list((school.home.root / "keys" / "templates").glob("*")) == []


def test_erasing_somebody_destroys_the_key(school: School) -> None:
    school.person("S1", portrait("obama_1"))
    school.enrol()
    h = school.home
    erase("S1", "test", h)
    assert list((h.root / "keys" / "templates").glob("*")) == []
    assert h.gallery.examined() == {}


def test_what_staff_say_about_a_photo_never_changes_a_template(school: School) -> None:
    school.person("S1", portrait("obama_1"))
    school.enrol()
    h = school.home
    before = (h.gallery.version(), h.gallery.templates().vectors.tobytes())
    for kind in (RulingKind.NAME, RulingKind.APPROVE, RulingKind.COVER):
        h.people.rule(Ruling(0, "photo", kind, "Ann", "", face="f", subject="S1"))  # type: ignore[arg-type]
    sweep(h, school.eyes.model)
    assert "enrol" not in h.ledger.jobs.due()
    assert (h.gallery.version(), h.gallery.templates().vectors.tobytes()) == before


# ---- the self-test


def test_a_roster_of_adults_is_told_apart(school: School) -> None:
    school.person("S1", portrait("obama_1"), portrait("obama_2"), portrait("obama_3"))
    school.person("S2", portrait("biden_1"), portrait("biden_2"))
    school.person("S3", portrait("collins_1"))
    report = school.test()
    (whole, adults, group) = report.at(0.001)
    assert (report.people, report.portraits, report.single) == (3, 6, 1)
    assert (whole.name, adults.name, group.name) == ("all", "adult", "group Staff")
    assert (whole.strangers.hits, whole.strangers.of, whole.strangers.people) == (0, 6, 3)
    assert (whole.missed.hits, whole.missed.of) == (0, 5)
    assert school.home.ledger.selftests.refused_bands(0.001) == frozenset()
    assert report.curves["all"][0].missed == 0 < report.curves["all"][-1].missed


def test_a_roster_with_one_person_twice_refuses_the_band_and_matching_stops_there(school: School) -> None:
    school.person("S1", portrait("obama_1"), jpeg(ImageOps.mirror(picture("obama_1"))))
    school.person("S2", portrait("obama_2"))
    school.person("S3", portrait("collins_1"))
    school.enrol()
    h = school.home
    before = identification_version(templates_in_use(h.gallery, h.people, TODAY), frozenset(), 0.001)
    school.test()
    assert h.ledger.selftests.refused_bands(0.001) == {Band.ADULT}
    assert h.ledger.selftests.refused_bands(0.00123) == {Band.ADULT}, "a rate that was not tried trusts nobody"
    undecidable = undecidable_subjects(h.people.roster(), TODAY, h.ledger.selftests.refused_bands(0.001))
    assert undecidable == {"S1", "S2", "S3"}
    assert identification_version(templates_in_use(h.gallery, h.people, TODAY), undecidable, 0.001) != before
    school.test()
    assert h.ledger.selftests.refused_bands(0.001) == {Band.ADULT}, (
        "refusing a band does not hide what it was refused for"
    )
    school.person("S1", family="F")
    school.person("S2", family="F")
    school.test()
    assert h.ledger.selftests.refused_bands(0.001) == frozenset(), "who is known to be alike is left to people anyhow"


def test_the_self_test_needs_matching_and_two_people_and_keeps_no_subject(school: School) -> None:
    school.person("S1", portrait("obama_1"))
    with pytest.raises(Refusal, match="two people"):
        school.test()
    school.person("S2", portrait("biden_1"))
    school.test()
    row = school.home.ledger.selftests.newest()
    assert row is not None and "S1" not in str(row.report)
    school.home.people.switch_matching(on=False, assessment=None, who="test")
    with pytest.raises(Refusal, match="matching is off"):
        school.test()


def test_a_stated_rate_is_a_fact_that_makes_photos_stale(school: School) -> None:
    school.person("S1", portrait("obama_1"))
    school.person("S2", portrait("biden_1"))
    school.enrol()
    h = school.home
    with pytest.raises(Refusal, match="self-test"):
        state_rate(0.003, "Ann", people=h.people, ledger=h.ledger, audit=h.audit)
    school.test()
    with pytest.raises(Refusal, match="who"):
        state_rate(0.003, "console", people=h.people, ledger=h.ledger, audit=h.audit)
    used = templates_in_use(h.gallery, h.people, TODAY)
    before = identification_version(used, frozenset(), h.fpir)
    made_of = h.gallery.made_of()
    state_rate(0.003, "Ann", people=h.people, ledger=h.ledger, audit=h.audit)
    assert h.fpir == Home.open(h.root).fpir == 0.003
    assert identification_version(used, frozenset(), h.fpir) != before
    school.enrol()
    assert h.gallery.made_of() == made_of, "templates do not depend on it"
    assert school.eyes.at(0.003).model == school.eyes.model


def test_a_worker_tests_the_roster_at_the_rate_that_is_stated_when_it_does(school: School) -> None:
    school.person("S1", portrait("obama_1"))
    school.person("S2", portrait("biden_1"))
    desk, h = Desk(school.home), school.home
    desk.do(Job("selftest", "roster", 1))
    state_rate(0.003, "Ann", people=h.people, ledger=h.ledger, audit=h.audit)
    desk.do(Job("selftest", "roster", 2))
    row = h.ledger.selftests.newest()
    assert row is not None and Report.of_json(row.report).stated == 0.003
    h.people.switch_matching(on=False, assessment=None, who="test")
    desk.do(Job("selftest", "roster", 3))
    assert h.ledger.selftests.newest() == row
    desk.decoder.close()
