"""How a verb is put on the command line; what may be typed is said in `main`, `school_verbs` and `record_verbs`."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any, TypeAlias

Verbs: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"  # noqa: SLF001  argparse gives it no public name
Runs: TypeAlias = Callable[[Any, Any], None]  # (what was typed, where to say it)


def group(verbs: Verbs, name: str, text: str) -> Verbs:
    """A word that verbs follow, as in `roster import`."""
    return verbs.add_parser(name, help=text).add_subparsers(metavar="COMMAND", required=True)


def verb(verbs: Verbs, name: str, run: Runs, text: str) -> argparse.ArgumentParser:
    """One verb; the parser that is returned takes its options. Each can answer with `--json`."""
    added = verbs.add_parser(name, help=text, description=text)
    added.set_defaults(run=run)
    added.add_argument("--json", action="store_true", help="one JSON object per line")
    return added


def on_photo(verbs: Verbs, name: str, run: Runs, text: str, *more: str) -> argparse.ArgumentParser:
    """A verb about one photo, said by somebody; more: what else has to be typed, in this order."""
    added = verb(verbs, name, run, text)
    added.add_argument("photo", metavar="PHOTO")
    for argument in more:
        added.add_argument(argument, metavar="X,Y,W,H" if argument == "box" else argument.upper())
    by_whom(added)
    return added


def by_whom(added: argparse.ArgumentParser, *, required: bool = True) -> None:
    """Who says so; unless that is required, it is the console."""
    added.add_argument("--as", dest="who", required=required, default="console", metavar="WHO", help="who says so")
