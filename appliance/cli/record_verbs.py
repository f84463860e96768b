"""The part of the command line about records and rights; `main` puts it beside the rest."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

from appliance.cli import auditing

Verbs: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"  # noqa: SLF001  argparse gives it no public name
Adds: TypeAlias = Callable[[Verbs, str, Any, str], argparse.ArgumentParser]


def record_verbs(verbs: Verbs, verb: Adds, group: Callable[[Verbs, str, str], Verbs]) -> None:
    """Add them. verb, group: how `main` adds one verb, and a group of verbs."""
    _audit(group(verbs, "audit", "the audit log"), verb)


def _audit(audit: Verbs, verb: Adds) -> None:
    listed = verb(audit, "list", auditing.list_entries, "who did what, when, to what")
    listed.add_argument("--since", metavar="D", help="a day, or a time in UTC")
    listed.add_argument("--until", metavar="D")
    listed.add_argument("--kind", metavar="EVENT")
    listed.add_argument("--subject", metavar="S")
    listed.add_argument("--photo", metavar="PHOTO")
    listed.add_argument("--last", type=int, default=100, metavar="N", help="at most so many, the newest (100)")
    exported = verb(audit, "export", auditing.export, "all of it, one JSON object a line, to be checked elsewhere")
    exported.add_argument("--out", type=Path, required=True, metavar="FILE")
    who(exported)
    verb(audit, "head", auditing.head, "the end of the log, to print and keep outside this box")
    checked = verb(audit, "check", auditing.check, "does the log still lead to this head?")
    checked.add_argument("anchors", nargs="+", metavar="FILE|ENTRIES:LINK")


def who(verb: argparse.ArgumentParser) -> None:
    """Somebody has to say so."""
    verb.add_argument("--as", dest="who", required=True, metavar="WHO", help="who says so")
