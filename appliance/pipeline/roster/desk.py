"""What every part of an import has at hand: who imports, on which day, by which rules, and the report so far."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from itertools import count

from appliance.domain.policy import ConsentPolicy
from appliance.pipeline.roster.report import Conflict, ImportReport
from appliance.store.people import People


@dataclass(slots=True)
class Desk:
    """One import under way. resolve: the conflicts in which `who` says, by `evidence`, that the row holds."""

    people: People
    policy: ConsentPolicy
    who: str
    today: date
    complete: bool
    resolve: frozenset[str]
    evidence: str
    report: ImportReport
    resolved: set[str] = field(default_factory=set)

    def resolves(self, subject: str, scope: str, line: int, cells: dict[str, str], why: str) -> bool:
        """Whether a row that goes against the record holds after all; if not, it is listed as a conflict."""
        conflict = self._conflict(subject, cells, why)
        if conflict in self.resolve:
            self.people.imports.resolve_conflict(conflict, self.who, self.evidence)
            self.resolved.add(conflict)
            return True
        if not self.people.imports.is_closed(conflict):
            self.report.conflicts.append(Conflict(conflict, line, subject, scope, why))
        return False

    def _conflict(self, subject: str, cells: dict[str, str], why: str) -> str:
        """Record a conflict: one for a row, and a new one where it was resolved before a further no."""
        for again in count(1):
            row = cells if again == 1 else {**cells, "again": str(again)}
            conflict = self.people.imports.record_conflict(subject, row, why)
            if self.people.imports.has_open_conflict(conflict) or self.people.imports.is_closed(conflict):
                return conflict
        raise AssertionError
