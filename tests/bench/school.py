"""A home ready to be measured: school imported, matching on, everybody enrolled, cards taken in, nothing processed."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import Self

from tests.bench.card import BUILD, Card
from tests.bench.child import lines_of

LINKED = ("originals", "portraits")
"""Folders whose files never change: a copy of a home shares them."""


class School:
    """Makes a home once, through the command line, and hands out copies of it."""

    def __init__(self, *cards: Card) -> None:
        self._made = _emptied(BUILD / "homes" / "made")
        self._copies = 0
        cli(self._made, "init")
        self._import(cards[0].files)
        cli(self._made, "process")  # no photos yet: this only enrols
        for card in cards:
            cli(self._made, "ingest", card.path)

    def home(self) -> Path:
        """A fresh copy in which no photo has been looked at."""
        self._copies += 1
        root = _emptied(BUILD / "homes" / f"copy-{self._copies}")
        root.rmdir()
        shutil.copytree(self._made, root, copy_function=_copied)
        return root

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(BUILD / "homes", ignore_errors=True)

    def _import(self, files: Path) -> None:
        given = ("--people", files / "roster.csv", "--consents", files / "consents.csv")
        cli(self._made, "roster", "import", *given, "--portraits", files / "portraits", "--as", "bench")
        assessment = files / "dpia.md"
        assessment.write_text("Assessment for measuring speed on LFW pictures, signed off by nobody.\n")
        recorded = cli(self._made, "dpia", "record", assessment, "--as", "bench").strip()
        cli(self._made, "matching", "on", "--dpia", recorded, "--as", "bench")


def command(home: Path, *arguments: object) -> list[str]:
    """The command line of the appliance as a person would start it."""
    return [sys.executable, "-m", "appliance.cli", "--home", str(home), *map(str, arguments)]


def cli(home: Path, *arguments: object) -> str:
    """Run one command; its standard output."""
    return "".join(lines_of(command(home, *arguments)))


def _emptied(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def _copied(source: str, target: str) -> None:
    if any(f"{os.sep}{kind}{os.sep}" in source for kind in LINKED):
        os.link(source, target)
    else:
        shutil.copy2(source, target)
