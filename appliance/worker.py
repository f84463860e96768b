"""The only loop in the project: claims what is due and does it, in child processes that may die without harm."""

from __future__ import annotations

import errno
import multiprocessing as mp
import os
import secrets
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from multiprocessing.context import SpawnProcess
from multiprocessing.sharedctypes import Synchronized
from multiprocessing.synchronize import Event
from pathlib import Path

from appliance import log
from appliance.domain.photo import PhotoId
from appliance.errors import Refusal, Superseded
from appliance.pipeline.analyse import analyse, identification_version, templates_in_use, undecidable_subjects
from appliance.pipeline.enrol import enrol, may_enrol, stale_subjects
from appliance.pipeline.lightbox import Lightbox
from appliance.pipeline.render import general_version, render, version_of
from appliance.pipeline.selftest import selftest
from appliance.store.home import Home
from appliance.store.jobs import STAGES, ClaimLock, Job
from appliance.vision.decoder import Decoder
from appliance.vision.eyes import Eyes

IDLE_S = 0.05
LONGEST_JOB_S = 300.0
DISK_FULL = 28
"""Exit status of a worker that found the disk full: nothing is counted against the photo."""

ENDED_FROM_OUTSIDE = (-signal.SIGTERM, -signal.SIGINT, -signal.SIGHUP)
"""How a worker ends that was told to, as all of a box are when it is switched off: nothing is counted either."""

Progress = Callable[[dict[str, int]], None]


def process(home: Home, *, workers: int = 0, progress: Progress = lambda due: None) -> None:
    """Do everything that is due, until nothing is due or being worked on by anybody.

    progress: called several times a second with the jobs left, by stage. Raises Refusal if the disk is full.
    """
    crew = Crew(home, workers or home.config.workers or os.cpu_count() or 1)
    home.ledger.jobs.unpark()
    sweep(home, crew.model)
    try:
        while crew.tend() or sweep(home, crew.model):
            progress(home.ledger.jobs.due())
            time.sleep(IDLE_S)
    finally:
        crew.stop()


def sweep(home: Home, model: str) -> bool:
    """Compare what is with what should be, and request what follows; True if anything is due now.

    This is all there is to re-decision: a new portrait, a withdrawn consent, a ruling or a new day show up here as a
    difference, and the photo walks the line again.
    """
    today, jobs = home.today(), home.ledger.jobs
    home.gallery.tidy()
    stale = stale_subjects(home.people, home.gallery, model, today, home.terms)
    for subject in stale:
        if not may_enrol(subject, home.people, today):
            home.gallery.forget(subject)
    jobs.request_all("enrol", [s for s in stale if may_enrol(s, home.people, today)])
    if not jobs.due().get("enrol"):
        jobs.request_all("analyse", list(_identified_otherwise(home, model)))
        jobs.request_all("render", list(_decided_otherwise(home)))
    return _is_busy(home)


def stale_photos(home: Home, model: str) -> set[PhotoId]:
    """Photos whose faces would be looked at anew by `sweep`: what they show is not to be relied on until then."""
    today = home.today()
    stale = stale_subjects(home.people, home.gallery, model, today, home.terms)
    if any(may_enrol(s, home.people, today) for s in stale):
        return set(home.ledger.rendered_by())
    return set(_identified_otherwise(home, model))


def _identified_otherwise(home: Home, model: str) -> list[PhotoId]:
    today, fpir = home.today(), home.fpir
    undecidable = undecidable_subjects(home.people.roster(), today, home.ledger.selftests.refused_bands(fpir))
    version = identification_version(templates_in_use(home.gallery, home.people, today), undecidable, fpir)
    return home.ledger.analysed_otherwise(model, version)


def _decided_otherwise(home: Home) -> list[PhotoId]:
    general, last, hidden = (
        general_version(home.people, home.looks, home.today()),
        home.people.last_rulings(),
        home.people.quarantined(),
    )
    return [
        photo for photo, (analysis, facts) in home.ledger.rendered_by().items()
        if photo not in hidden and facts != version_of(analysis, last.get(photo, 0), general)
    ]  # fmt: skip


def _is_busy(home: Home) -> bool:
    return any(home.ledger.jobs.due().get(stage) for stage in STAGES)


@dataclass(slots=True)
class Hand:
    """One child: its process, the token its claims are signed with, and when it began its job (0: idle)."""

    process: SpawnProcess
    token: str
    began: Synchronized[float]


class Crew:
    """The children. Their deaths are seen here, and only here, and only those count against a job."""

    def __init__(self, home: Home, size: int) -> None:
        self._home, self._size, self._context = home, size, mp.get_context("spawn")
        self.model = Eyes.open(home.fpir).model
        self._stop: Event = self._context.Event()
        self._hands: list[Hand] = []
        self._looked_at = 0.0

    def tend(self) -> bool:
        """Start, replace and free what is needed; True while any job is due. Call it several times a second."""
        if time.monotonic() - self._looked_at > 0.5:
            self._home.ledger.jobs.free_dead_claims(self._home.claims)
            self._looked_at = time.monotonic()
        busy = _is_busy(self._home)
        self._hands = [h for h in self._hands if self._lives(h)]
        while busy and len(self._hands) < self._size:
            self._hands.append(self._hire())
        return busy

    def stop(self) -> None:
        """Let every child finish its job and go."""
        self._stop.set()
        for hand in self._hands:
            hand.process.join(LONGEST_JOB_S)
            hand.process.kill()

    def _hire(self) -> Hand:
        token, began = secrets.token_hex(8), self._context.Value("d", 0.0)
        child = self._context.Process(
            target=work, args=(self._home.root, token, self._stop, began, os.getpid()), daemon=True
        )
        child.start()
        return Hand(child, token, began)

    def _lives(self, hand: Hand) -> bool:
        if hand.process.is_alive():
            if hand.began.value and time.monotonic() - hand.began.value > LONGEST_JOB_S:
                hand.process.kill()
            return True
        if hand.process.exitcode == DISK_FULL:
            raise Refusal(
                "disk_full", "the disk of this box is full; free some space and run `appliance process` again."
            )
        code = hand.process.exitcode or 0
        log.event("worker_died", worker=hand.token, code=code)
        if code in ENDED_FROM_OUTSIDE:
            self._home.ledger.jobs.free(hand.token)
            return False
        for job in self._home.ledger.jobs.count_death(hand.token):
            log.event("job_parked", stage=job.stage)
        return False


def work(root: Path, token: str, stop: Event, began: Synchronized[float], parent: int) -> None:
    """A child's life: claim, do, complete; until told to stop or the parent is gone."""
    home = Home.open(root)
    lock = ClaimLock(home.claims, token)
    desk = Desk(home, lambda: _beat(began))
    while not stop.is_set() and os.getppid() == parent:
        job = home.ledger.jobs.claim(token, prefer=desk.lightbox.photo)
        if job is None:
            home.gallery.let_go()
            time.sleep(IDLE_S)
            continue
        began.value = time.monotonic()
        _do(desk, job, token)
        began.value = 0.0
    lock.release()


def _beat(began: Synchronized[float]) -> None:
    """A long job is still getting on: its time counts from now."""
    began.value = time.monotonic()


def _do(desk: Desk, job: Job, token: str) -> None:
    started = time.monotonic()
    try:
        desk.do(job)
    except Superseded:
        desk.home.ledger.jobs.request(job.stage, job.key)
        desk.home.ledger.jobs.complete(job)
        time.sleep(IDLE_S)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            os._exit(DISK_FULL)
        _failed(desk, job, token, error)
    except Exception as error:  # noqa: BLE001  the one place with a catch-all: the job is counted, the worker goes on
        _failed(desk, job, token, error)
    else:
        desk.home.ledger.jobs.complete(job)
        log.event("job_done", stage=job.stage, ms=round((time.monotonic() - started) * 1000))


def _failed(desk: Desk, job: Job, token: str, error: Exception) -> None:
    """Count it; after three times the job waits until somebody runs `process` again. The photo is not blamed."""
    log.event("job_failed", stage=job.stage, error=type(error).__name__, code=getattr(error, "code", ""))
    for parked in desk.home.ledger.jobs.count_death(token):
        log.event("job_parked", stage=parked.stage)


class Desk:
    """What one worker has at hand: the home, the eyes, and the picture decoded last."""

    def __init__(self, home: Home, beat: Callable[[], None] = lambda: None) -> None:
        self.home, self.decoder, self._beat, self._fpir = home, Decoder(), beat, home.fpir
        self.decoder.start()
        self.eyes, self.lightbox = Eyes.open(self._fpir), Lightbox(home.vault, self.decoder)

    def do(self, job: Job) -> None:
        """One job, whichever stage it is of."""
        h, today = self.home, self.home.today()
        self._look_by(h.fpir)
        photo = PhotoId(job.key)
        h.ledger.erasures.begin_work()
        if job.stage == "enrol":
            enrol(
                job.key, people=h.people, vault=h.vault, gallery=h.gallery, eyes=self.eyes, decoder=self.decoder,
                today=today, terms=h.terms,
            )  # fmt: skip
            self._unless_erased(job.key)
        elif job.stage == "selftest":
            self._selftest(today)
        elif job.stage == "analyse":
            analyse(
                photo,
                lightbox=self.lightbox,
                eyes=self.eyes,
                gallery=h.gallery,
                people=h.people,
                ledger=h.ledger,
                today=today,
                fpir=self._fpir,
            )
        elif job.stage == "render":
            render(
                photo,
                lightbox=self.lightbox,
                people=h.people,
                ledger=h.ledger,
                vault=h.vault,
                looks=h.looks,
                today=today,
            )

    def _look_by(self, fpir: float) -> None:
        """Use the thresholds of the rate that is stated now."""
        if fpir != self._fpir:
            self._fpir, self.eyes = fpir, self.eyes.at(fpir)

    def _selftest(self, today: date) -> None:
        """Test the roster; where there is nobody left to test, that is no fault."""
        h = self.home
        try:
            selftest(
                people=h.people, vault=h.vault, gallery=h.gallery, ledger=h.ledger, eyes=self.eyes,
                decoder=self.decoder, today=today, terms=h.terms, stated=self._fpir, progress=lambda *_: self._beat(),
            )  # fmt: skip
        except Refusal as refusal:
            log.event("selftest_refused", code=refusal.code)

    def _unless_erased(self, subject: str) -> None:
        """A template that was made while somebody was erased is forgotten; if it was not theirs, it is made again."""
        try:
            self.home.ledger.erasures.check()
        except Superseded:
            self.home.gallery.forget(subject)
            raise
