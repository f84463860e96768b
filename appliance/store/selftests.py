"""Self-tests in the ledger: counts by age and group, and the ages in which nobody is matched for them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlite_utils import Database

from appliance.domain.band import Band
from appliance.store.database import transaction, utc_now


@dataclass(frozen=True, slots=True)
class SelfTestRow:
    """A self-test as recorded. gallery: the version of the templates that it was made with."""

    id: int
    gallery: str
    report: dict[str, Any]
    at: str


class SelfTests:
    """What the box measured on its own roster. The newest test counts."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def record(
        self, gallery: str, report: dict[str, Any], refused: Mapping[float, Iterable[Band]]
    ) -> int:  # fmt: skip
        """What the box measured on its own roster, and by tested rate the age bands in which matching is refused."""
        with transaction(self._db):
            selftest: int = self._db.execute(
                "INSERT INTO selftests (gallery, rates, report, at) VALUES (?, ?, ?, ?) RETURNING id",
                [gallery, json.dumps(sorted(refused)), json.dumps(report), utc_now()],
            ).fetchone()[0]
            for fpir, bands in refused.items():
                for band in sorted(bands):
                    self._db.execute("INSERT INTO refused_bands VALUES (?, ?, ?)", [selftest, fpir, band])
        return selftest

    def newest(self) -> SelfTestRow | None:
        """The newest self-test, if there is one."""
        r = next(self._db.query("SELECT * FROM selftests ORDER BY id DESC LIMIT 1"), None)
        return SelfTestRow(r["id"], r["gallery"], json.loads(r["report"]), r["at"]) if r else None

    def refused_bands(self, fpir: float) -> frozenset[Band]:
        """The age bands in which nobody is matched by machine at this rate, by the newest self-test.

        Where it did not test this rate, every band counts that it refused at any.
        """
        rows = self._db.execute(
            "SELECT fpir, band FROM refused_bands WHERE selftest = (SELECT max(id) FROM selftests)"
        ).fetchall()
        is_tested = fpir in self.tested_rates()
        return frozenset(Band(band) for at, band in rows if at == fpir or not is_tested)

    def tested_rates(self) -> list[float]:
        """The rates of false identification that the newest self-test tried."""
        row = self._db.execute("SELECT rates FROM selftests ORDER BY id DESC LIMIT 1").fetchone()
        return json.loads(row[0]) if row else []
