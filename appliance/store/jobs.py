"""The work that is due. A job is due while done < wanted; who claims it holds a lock that dies with the process.

A switched-off box therefore frees its claims by itself, and never counts as an attempt: only the worker's parent,
which saw its child die on a job, counts one. After `MAX_ATTEMPTS` the job is parked.
"""

from __future__ import annotations

import fcntl
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from sqlite_utils import Database

from appliance.store.database import transaction, unflushed

MAX_ATTEMPTS = 3
STAGES = ("enrol", "render", "analyse", "selftest")
"""In the order in which they are taken: people first, and a photo is finished before the next one is begun. No photo is
looked at, and no roster tested, while anybody is still to be enrolled."""


@dataclass(frozen=True, slots=True)
class Job:
    """One claimed piece of work; `wanted` is what completing it makes `done`."""

    stage: str
    key: str
    wanted: int


class ClaimLock:
    """A file locked for as long as this process lives (or until `release`): what claims are signed with."""

    def __init__(self, folder: Path, token: str | None = None) -> None:
        folder.mkdir(exist_ok=True, mode=0o770)
        self.token = token or secrets.token_hex(8)
        self._path = folder / self.token
        self._fd = os.open(self._path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o660)
        fcntl.flock(self._fd, fcntl.LOCK_EX)

    def release(self) -> None:
        """Let go; whatever is still claimed is free at once."""
        self._path.unlink(missing_ok=True)
        os.close(self._fd)


class Jobs:
    """The one mutable table of the ledger."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def request(self, stage: str, key: str) -> None:
        """Make a job due. Asking twice is asking once; asking while it runs makes it run again."""
        self._db.execute(
            """INSERT INTO jobs (stage, key, wanted) VALUES (?, ?, 1) ON CONFLICT DO UPDATE
               SET wanted = wanted + (done = wanted OR claimed_by IS NOT NULL), parked = NULL, attempts = 0""",
            [stage, key],
        )

    def request_all(self, stage: str, keys: list[str]) -> None:
        """Make many due in one transaction, those that are not due already."""
        with transaction(self._db):
            for key in keys:
                self._db.execute(
                    """INSERT INTO jobs (stage, key, wanted) VALUES (?, ?, 1)
                       ON CONFLICT DO UPDATE SET wanted = done + 1 WHERE done = wanted""",
                    [stage, key],
                )

    def claim(self, token: str, prefer: str | None = None, stages: tuple[str, ...] = STAGES) -> Job | None:
        """Take the next due job of these stages, in one statement; `prefer` is a key to take first within its stage.

        No photo is looked at while anybody is still to be enrolled: it would only have to be looked at again.
        """
        order = " ".join(f"WHEN '{s}' THEN {i}" for i, s in enumerate(stages))
        among = ", ".join(f"'{s}'" for s in stages)
        with unflushed(self._db):
            row = self._db.execute(
                f"""UPDATE jobs SET claimed_by = ? WHERE rowid = (
                      SELECT rowid FROM jobs WHERE done < wanted AND parked IS NULL AND claimed_by IS NULL
                        AND stage IN ({among}) AND (stage NOT IN ('analyse', 'selftest') OR NOT EXISTS (
                          SELECT 1 FROM jobs e WHERE e.stage = 'enrol' AND e.done < e.wanted AND e.parked IS NULL))
                      ORDER BY CASE stage {order} END, key <> ?, rowid LIMIT 1)
                    RETURNING stage, key, wanted""",
                [token, prefer or ""],
            ).fetchone()
        return Job(*row) if row else None

    def complete(self, job: Job) -> None:
        """The work that was wanted at the claim is done."""
        with unflushed(self._db):
            self._db.execute(
                "UPDATE jobs SET done = max(done, ?), claimed_by = NULL, attempts = 0 WHERE stage = ? AND key = ?",
                [job.wanted, job.stage, job.key],
            )

    def unpark(self) -> None:
        """Give every job that was given up another three attempts, except on files that were refused for it."""
        with transaction(self._db):
            self._db.execute(
                """UPDATE jobs SET parked = NULL, attempts = 0
                   WHERE parked IS NOT NULL AND key NOT IN (SELECT photo FROM set_aside)"""
            )

    def free(self, token: str) -> None:
        """Free what a worker claimed that is gone, through no fault of the work."""
        with transaction(self._db):
            self._db.execute("UPDATE jobs SET claimed_by = NULL WHERE claimed_by = ?", [token])

    def count_death(self, token: str) -> list[Job]:
        """A worker was seen to die on its claims: count it, free them; returns those that are parked for it now."""
        with transaction(self._db):
            self._db.execute("UPDATE jobs SET attempts = attempts + 1, claimed_by = NULL WHERE claimed_by = ?", [token])
            rows = self._db.execute(
                """UPDATE jobs SET parked = 'worker_died' WHERE attempts >= ? AND parked IS NULL
                   RETURNING stage, key, wanted""",
                [MAX_ATTEMPTS],
            ).fetchall()
        return [Job(*r) for r in rows]

    def free_dead_claims(self, folder: Path) -> None:
        """Free what was claimed by processes that are gone (their lock is free)."""
        tokens = self._db.execute("SELECT DISTINCT claimed_by FROM jobs WHERE claimed_by IS NOT NULL").fetchall()
        for (token,) in tokens:
            if not _is_alive(folder / token):
                with transaction(self._db):
                    self._db.execute("UPDATE jobs SET claimed_by = NULL WHERE claimed_by = ?", [token])

    def due(self) -> dict[str, int]:
        """How many jobs are due or being worked on, by stage (`sync` among them)."""
        rows = self._db.execute(
            "SELECT stage, count(*) FROM jobs WHERE done < wanted AND parked IS NULL GROUP BY stage"
        )
        return dict(rows.fetchall())

    def parked(self) -> list[Job]:
        """Jobs that were given up."""
        rows = self._db.execute("SELECT stage, key, wanted FROM jobs WHERE parked IS NOT NULL ORDER BY stage, key")
        return [Job(*r) for r in rows.fetchall()]


def _is_alive(path: Path) -> bool:
    try:
        fd = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    else:
        path.unlink(missing_ok=True)
        return False
    finally:
        os.close(fd)
