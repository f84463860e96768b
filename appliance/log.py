"""One log line per unit of work: a constant event name and allow-listed fields. Never names, files' names or scores."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime

ROUTINE = frozenset({"job_done", "sync"})
"""What a log keeps and nobody reads as it goes by: not written to a terminal, where progress is drawn."""
FIELDS = frozenset({"stage", "photo", "ms", "code", "count", "worker", "error"})


def event(name: str, **fields: str | int) -> None:
    """Write a line to standard error. A field that is not on the list is a programming error."""
    unknown = fields.keys() - FIELDS
    if unknown:
        raise ValueError(f"not a log field: {sorted(unknown)}")
    if name in ROUTINE and sys.stderr.isatty():
        return
    line = {"at": datetime.now(UTC).isoformat(timespec="milliseconds"), "event": name, **fields}
    sys.stderr.write(json.dumps(line) + "\n")
    sys.stderr.flush()
