"""Looks through a folder of pictures that are published already: metadata, unknown faces, consents, leavers.

It only reads; probes stay in memory; every finding is kept, so that a run that is broken off carries on. Memory holds a
few pictures at a time, however many there are. Pictures are decoded in child processes that may die without harm.
"""

from __future__ import annotations

import atexit
import hashlib
import multiprocessing as mp
import os
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Self

from appliance.domain.consent import Roster, has_left
from appliance.domain.identify import Match, identify
from appliance.errors import ApplianceError, Refusal
from appliance.pipeline.analyse import templates_in_use, undecidable_subjects
from appliance.pipeline.records.metadata import metadata
from appliance.store.folders import Finding
from appliance.store.gallery import Templates
from appliance.store.home import Home
from appliance.vision.decoder import Decoder
from appliance.vision.eyes import Eyes
from appliance.vision.search import compare
from appliance.vision.wire import Purpose

PICTURES = (".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".avif")
BATCH = 16
SURE = 0.6
"""Detector score from which a face counts; places of doubt are not worth a person's time here."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class File:
    """One file to look at."""

    path: str
    name: str
    size: int
    changed_ns: int


@dataclass(frozen=True, slots=True)
class Seen:
    """What a child saw of one file. known: subjects that were matched."""

    state: str
    metadata: tuple[str, ...] = ()
    faces: int = 0
    known: tuple[str, ...] = ()
    sha256: str = ""


def audit_folder(
    root: Path, channel: str, who: str, home: Home, today: date, progress: Progress = lambda *_: None, workers: int = 0
) -> int:
    """Look at every picture under `root` that was not looked at yet; returns the audit's number.

    progress: called with the files done and those in all. Raises Refusal if the folder cannot be read.
    """
    if not root.is_dir():
        raise Refusal("no_such_folder", f"{root} is not a folder that can be read.")
    folders, root = home.ledger.folders, root.absolute()
    audit = folders.audit(str(root), channel, who)
    total, batch, known = sum(1 for _ in files(root)), list[Finding](), 0
    seen_now = 0

    def unknown() -> Iterator[File]:
        nonlocal known
        for file in files(root):
            if folders.knows(audit, file.name, file.size, file.changed_ns):
                known += 1
            else:
                yield file

    with _Crew(home, workers or os.cpu_count() or 1, today) as crew:
        for file, seen in crew.look(unknown()):
            batch.append(_finding(file, seen, home, channel, today))
            seen_now += 1
            if len(batch) == BATCH:
                folders.record(audit, batch)
                batch = []
            progress(known + seen_now, total)
    folders.record(audit, batch)
    return audit


def files(folder: Path, above: str = "") -> Iterator[File]:
    """Every picture file below a folder, in order; links are never followed."""
    with os.scandir(folder) as found:
        entries = sorted(found, key=lambda e: e.name)
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            yield from files(Path(entry.path), f"{above}{entry.name}/")
        elif entry.is_file(follow_symlinks=False) and Path(entry.name).suffix.lower() in PICTURES:
            stat = entry.stat(follow_symlinks=False)
            yield File(entry.path, f"{above}{entry.name}", stat.st_size, stat.st_mtime_ns)


def _finding(file: File, seen: Seen, home: Home, channel: str, today: date) -> Finding:
    roster = home.people.roster()
    people = tuple((s, _verdict(s, roster, channel, today)) for s in sorted(set(seen.known)))
    ours = seen.sha256 if seen.sha256 and home.ledger.photos_of(seen.sha256) else None
    return Finding(file.name, file.size, file.changed_ns, seen.state, seen.metadata, seen.faces,
                   seen.faces - len(seen.known), people, ours)  # fmt: skip


def _verdict(subject: str, roster: Roster, channel: str, today: date) -> str:
    person = roster.people.get(subject)
    if person is None:
        return "gone"
    if has_left(person, today):
        return "left"
    return "ok" if not person.protected and roster.allows(subject, channel, today) else "no_consent"


class _Crew:
    """Child processes that look at files; a file that kills its child twice is unreadable, and the rest goes on."""

    def __init__(self, home: Home, size: int, today: date) -> None:
        templates = templates_in_use(home.gallery, home.people, today)
        refused = home.ledger.selftests.refused_bands(home.fpir)
        undecidable = undecidable_subjects(home.people.roster(), today, refused)
        self._size, self._given = size, (home.fpir, templates, undecidable)
        self._pool = self._hire()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(cancel_futures=True)

    def look(self, wanted: Iterator[File]) -> Iterator[tuple[File, Seen]]:
        """What is seen in each file, in order, with a few under way at a time."""
        waiting: deque[tuple[File, Future[Seen]]] = deque()
        for file in wanted:
            waiting.append((file, self._submit(file)))
            if len(waiting) >= 2 * self._size:
                yield self._settled(waiting)
        while waiting:
            yield self._settled(waiting)

    def _settled(self, waiting: deque[tuple[File, Future[Seen]]]) -> tuple[File, Seen]:
        file, future = waiting.popleft()
        try:
            return file, future.result()
        except BrokenProcessPool:
            self._pool = self._hire()
            seen = self._alone(file)
            again = [(f, self._submit(f)) for f, _ in waiting]
            waiting.clear()
            waiting.extend(again)
            return file, seen

    def _alone(self, file: File) -> Seen:
        """Look once more, with nobody else under way: then it is known who is to blame."""
        try:
            return self._pool.submit(_look, file.path).result()
        except BrokenProcessPool:
            self._pool = self._hire()
            return Seen("decoder_died")

    def _submit(self, file: File) -> Future[Seen]:
        try:
            return self._pool.submit(_look, file.path)
        except BrokenProcessPool:
            self._pool = self._hire()
            return self._pool.submit(_look, file.path)

    def _hire(self) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(self._size, mp.get_context("spawn"), _begin, self._given)


_eyes: list[tuple[Eyes, Decoder, Templates | None, frozenset[str]]] = []
"""What one child sees with, opened once."""


def _begin(fpir: float, templates: Templates | None, undecidable: frozenset[str]) -> None:
    decoder = Decoder()
    decoder.start()
    atexit.register(decoder.close)
    _eyes.append((Eyes.open(fpir), decoder, templates, undecidable))


def _look(path: str) -> Seen:
    eyes, decoder, templates, undecidable = _eyes[0]
    try:
        untrusted = Path(path).read_bytes()
    except OSError:
        return Seen("unreadable")
    kinds, sha256 = metadata(untrusted), hashlib.sha256(untrusted).hexdigest()
    try:
        picture = decoder.decode(untrusted, Purpose.PHOTO)
    except ApplianceError as error:
        return Seen(error.code, kinds, sha256=sha256)
    faces = [d for d in eyes.detect(picture) if d.score >= SURE]
    known: tuple[str, ...] = ()
    if templates is not None and templates.subjects and faces:
        scores = [compare(p, templates.subjects, templates.vectors) for p in eyes.probes(picture, faces).values()]
        known = tuple(a.subject for a in identify(scores, eyes.thresholds, undecidable) if isinstance(a, Match))
    return Seen("seen", kinds, len(faces), known, sha256)
