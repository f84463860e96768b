"""Five school years in one home: how long pages, a withdrawal and the nightly planning take, and how the files grow.

usage, from the checkout: python -m tests.bench.scale [--photos N] [--home DIR] [--write FILE]
Nothing is decoded: rows are written as the line would write them, with the sums that it keeps.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import tempfile
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

from appliance.domain.consent import CHANNELS, Consent, Decision
from appliance.domain.photo import PhotoId
from appliance.pipeline.consequences import Consequences, consequences
from appliance.pipeline.whatif import after_word
from appliance.store.audit import Asked
from appliance.store.home import Home

PEOPLE, PHOTOS, FACES_PER_PHOTO, COPIES = 1_200, 300_000, 6.67, 40_000
ENTRIES = 200_000
"""Of the audit log."""
YEARS = 5
LANDMARKS = "[[45.0, 45.0], [55.0, 45.0], [50.0, 50.0], [46.0, 56.0], [54.0, 56.0]]"


def sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def fill(home: Home, photos: int) -> None:
    """Write the school; `photos` scales everything but the people."""
    share, chance, began = photos / PHOTOS, random.Random(7), home.today() - timedelta(days=365 * YEARS)
    _people(home)
    db = home.ledger._db.conn
    db.execute("INSERT INTO intakes (path, event, asked_at) VALUES ('/card', 'Event', '2021')")
    db.execute("INSERT INTO intake_ends VALUES (1, 1, 1, 0, 0, '2021')")
    every, copies = 10_000, 0
    for start in range(0, photos, every):
        numbers = range(start, min(start + every, photos))
        days = {n: (began + timedelta(days=n * 365 * YEARS // photos)).isoformat() for n in numbers}
        ids = {n: sha(f"photo {n}") for n in numbers}
        with db:
            db.executemany("INSERT INTO photos VALUES (?, 5000000, ?, 1, ?)",
                           [(ids[n], f"Event {n // 400}", f"{days[n]}T10:00:00.{n % 1000000:06d}+00:00")
                            for n in numbers])  # fmt: skip
            db.executemany("INSERT INTO sightings VALUES (?, 1, ?)", [(ids[n], f"DCIM/IMG_{n}.JPG") for n in numbers])
            db.executemany("INSERT INTO analyses VALUES (?, ?, 'model', 'gallery', 6000, 4000, ?)",
                           [(n + 1, ids[n], days[n]) for n in numbers])  # fmt: skip
            faces = []
            for n in numbers:
                for f in range(int(FACES_PER_PHOTO) + (chance.random() < FACES_PER_PHOTO % 1)):
                    who = f"P{chance.randrange(PEOPLE):04d}" if chance.random() < 0.6 else None
                    faces.append((n + 1, sha(f"{n}:{f}")[:16], 100.5 + f * 300, 200.25, 120.0, 150.0, LANDMARKS, 0.93,
                                  "match" if who else "no_match", who, 0.61 if who else None))  # fmt: skip
            db.executemany("INSERT INTO faces VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", faces)
            db.executemany("INSERT INTO derivatives VALUES (?, ?, ?, ?)",
                           [(ids[n], sha(f"plan {n} {p}"), sha(f"derivative {n} {p}"), days[n]) for n in numbers
                            for p in range(2)])  # fmt: skip
            db.executemany("INSERT INTO renders VALUES (?, 'facts', ?)", [(ids[n], days[n]) for n in numbers])
            db.executemany("INSERT INTO jobs (stage, key, wanted, done) VALUES (?, ?, 1, 1)",
                           [(stage, ids[n]) for n in numbers for stage in ("analyse", "render")])  # fmt: skip
            out = [n for n in numbers if n % max(1, photos // int(COPIES * share)) == 0]
            copies += len(out)
            for state in ("possibly_published", "published"):
                db.executemany(
                    "INSERT INTO copies (derivative, photo, channel, target, path, state, at) VALUES (?,?,?,?,?,?,?)",
                    [(sha(f"derivative {n} 0"), ids[n], "website", "published", f"website/e/{n}.jpg", state, days[n])
                     for n in out])  # fmt: skip
            db.executemany("INSERT INTO grounds VALUES (?, ?, 'website', ?, 'parent:1', 'consent', ?, ?, NULL, ?)",
                           [(ids[n], sha(f"derivative {n} 0"), f"P{chance.randrange(PEOPLE):04d}", days[n], days[n],
                             days[n]) for n in out for _ in range(3)])  # fmt: skip
        with home.people._db.conn as people:
            people.executemany(
                "INSERT INTO rulings (photo, kind, who, at, channel, derivative) VALUES (?, 'approve', 'w', ?, ?, ?)",
                [(ids[n], days[n], "website", sha(f"derivative {n} 0")) for n in out])  # fmt: skip
    with db:
        for n in range(int(ENTRIES * share)):
            home.audit._append("page_viewed", {"photo": sha(f"photo {n}"), "who": "w"})


def _people(home: Home) -> None:
    today = home.today()
    with home.people._db.conn as db:
        db.executemany(
            """INSERT INTO persons (subject, given_name, family_name, known_as, grp, kind, birth_on, family, parents,
               protected, who, at) VALUES (?, ?, 'Family', '', ?, 'pupil', '2014-01-01', '', 2, 0, 'w', '2021')""",
            [(f"P{n:04d}", f"Given{n}", f"{n % 40}A") for n in range(PEOPLE)])  # fmt: skip
        for year in range(YEARS):
            begins = date(today.year - year, 1, 1).isoformat()
            db.executemany(
                """INSERT INTO consents (subject, party, scope, decision, from_on, basis, evidence, who, at)
                   VALUES (?, ?, ?, 'granted', ?, 'consent', 'form', 'w', ?)""",
                [(f"P{n:04d}", party, scope, begins, begins) for n in range(PEOPLE)
                 for scope in ("biometric", *CHANNELS) for party in ("parent:1", "parent:2")])  # fmt: skip


def measured(home: Home) -> dict[str, float]:
    """Milliseconds of each question, the best of three; caches are warm, as they are in a service."""
    from appliance.pipeline.records.publications import questions
    from appliance.pipeline.records.reminders import reminders
    from appliance.pipeline.records.retention import due
    from appliance.pipeline.records.unnamed import unnamed
    from appliance.worker import _decided_otherwise, _identified_otherwise

    today, ledger, people = home.today(), home.ledger, home.people
    some = PhotoId(sha("photo 77"))
    asked: dict[str, Callable[[], object]] = {
        "page: register, a sheet": lambda: ledger.register.sheet(1, 60),
        "page: register, counts": ledger.register.counted,
        "page: photo": lambda: (
            ledger.photo(some),
            ledger.analysis(some),
            people.rulings(some),
            ledger.register.copies(some),
        ),
        "page: status and progress": lambda: (ledger.counts(), ledger.jobs.due()),
        "page: reminders": lambda: reminders(home, today),
        "page: people": lambda: (people.persons(), people.portraits()),
        "audit log of one photo": lambda: home.audit.find(Asked(photo=some)),
        "withdrawal: what follows from it": lambda: withdrawal(home, "P0007"),
        "register with reasons, all": lambda: sum(1 for _ in questions(home, today)),
        "unnamed, one event": lambda: list(unnamed(home, event="Event 3")),
        "queue page: 100 photos decided": lambda: decided(home),
        "nightly: retention due": lambda: due(home, today),
        "nightly: who is identified otherwise": lambda: _identified_otherwise(home, "model"),
        "nightly: what is decided otherwise": lambda: _decided_otherwise(home),
    }
    return {name: min(_ms(ask) for _ in range(3)) for name, ask in asked.items()}


def withdrawal(home: Home, subject: str) -> Consequences:
    """What is shown before a withdrawal is recorded, by the product's own reckoning: it decides each photo twice."""
    said = Consent(subject, "parent:1", "website", Decision.WITHDRAWN, home.today())
    return consequences(home, after_word(home.people, said, home.today()), home.today(), subject)


def decided(home: Home) -> int:
    """What the queue page does for all photos when a new day begins, for a hundred of them."""
    from appliance.pipeline.listing import view

    rows = [home.ledger.photo(PhotoId(sha(f"photo {n}"))) for n in range(100)]
    return sum(len(view(r, home.ledger, home.people, home.looks, home.today()).faces) for r in rows if r)


def _ms(ask: Callable[[], object]) -> float:
    began = time.perf_counter()
    ask()
    return (time.perf_counter() - began) * 1000


def main() -> None:
    """Fill, measure, print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--photos", type=int, default=PHOTOS)
    parser.add_argument("--home", type=Path)
    parser.add_argument("--write", type=Path, help="a file for the figures, as JSON")
    given = parser.parse_args()
    root = given.home or Path(tempfile.mkdtemp()) / "home"
    began = time.perf_counter()
    if (root / "ledger.db").exists():
        home = Home.open(root)
    else:
        home = Home.create(root)
        fill(home, given.photos)
    filled = time.perf_counter() - began
    for db in (home.ledger._db, home.people._db):
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    sizes = {n: round((root / n).stat().st_size / 1e6, 1) for n in ("ledger.db", "people.db")}
    print(f"filled in {filled:.0f} s; MB: {sizes}")
    times = measured(home)
    for name, ms in times.items():
        print(f"{ms:10.1f} ms  {name}")
    if given.write:
        given.write.write_text(json.dumps({"photos": given.photos, "mb": sizes, "ms": times}, indent=1))


if __name__ == "__main__":
    main()
