"""What an import did, or would do: for the operator's eyes, by subject ids and line numbers, without names."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

Line = tuple[dict[str, Any], str]
"""An object for --json, and the same in words."""


@dataclass(frozen=True, slots=True)
class Change:
    """Something that is on record now. what: person, consent or portrait; detail: in words, which."""

    what: str
    subject: str
    line: int | None
    detail: str

    def said(self, result: str) -> Line:
        """As a line."""
        words = f"{result}: {self.what} {self.subject}{_at(self.line)}: {self.detail}"
        return {"result": result, **asdict(self)}, words


@dataclass(frozen=True, slots=True)
class Absence:
    """Something on record that is not in the file. ended: the file was complete, and it holds no longer."""

    what: str
    subject: str
    detail: str
    ended: bool

    def said(self) -> Line:
        """As a line."""
        words = f"absent: {self.what} {self.subject}: {self.detail}; {'ended' if self.ended else 'stays as it is'}"
        return {"result": "absent", **asdict(self)}, words


@dataclass(frozen=True, slots=True)
class Conflict:
    """A row that was not applied, because it would allow what is on record as a no. scope: a scope, or `roster`."""

    conflict: str
    line: int
    subject: str
    scope: str
    why: str

    def said(self) -> Line:
        """As a line."""
        words = f"conflict {self.conflict}: {self.subject} {self.scope}{_at(self.line)}, not applied: {self.why}"
        return {"result": "conflict", **asdict(self)}, words


@dataclass(frozen=True, slots=True)
class Blocked:
    """A row that could not be read, so that its scope (blank: every scope) is blocked. line: None if it is gone."""

    line: int | None
    subject: str
    scope: str
    reason: str

    def said(self) -> Line:
        """As a line."""
        words = f"blocked: {self.subject} {self.scope or 'every scope'}{_at(self.line)}: {self.reason}"
        return {"result": "blocked", **asdict(self)}, words


@dataclass(frozen=True, slots=True)
class ImportReport:
    """The whole import."""

    dry_run: bool
    added: list[Change] = field(default_factory=list)
    changed: list[Change] = field(default_factory=list)
    unchanged: list[Change] = field(default_factory=list)
    absent: list[Absence] = field(default_factory=list)
    conflicts: list[Conflict] = field(default_factory=list)
    blocked: list[Blocked] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    @property
    def portraits(self) -> list[Change]:
        """The portraits among what was added."""
        return [c for c in self.added if c.what == "portrait"]

    def lines(self) -> Iterator[Line]:
        """Each thing an operator should see; the last line says how many there are of each."""
        yield from (change.said("added") for change in self.added)
        yield from (change.said("changed") for change in self.changed)
        yield from (absence.said() for absence in self.absent)
        yield from (conflict.said() for conflict in self.conflicts)
        yield from (blocked.said() for blocked in self.blocked)
        yield from (({"result": "note", "note": note}, f"note: {note}") for note in self.warnings)
        counts = {"result": "summary", "dry_run": self.dry_run, **self._counts()}
        yield counts, "dry run" if self.dry_run else "imported"

    def summary(self) -> str:
        """In one sentence."""
        done = "Nothing was changed; an import would give" if self.dry_run else "Imported"
        return f"{done}: {', '.join(f'{number} {name}' for name, number in self._counts().items())}."

    def _counts(self) -> dict[str, int]:
        return {
            "added": len(self.added), "changed": len(self.changed), "unchanged": len(self.unchanged),
            "absent": len(self.absent), "conflicts": len(self.conflicts), "blocked": len(self.blocked),
            "notes": len(self.warnings),
        }  # fmt: skip


def _at(line: int | None) -> str:
    return f" (line {line})" if line is not None else ""
