"""Drives one box through its command line, as a person would, in processes of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.demo import build_demo

SHARED = Path(os.environ.get("SHARED", Path(__file__).parents[3] / "shared"))


@dataclass(frozen=True)
class Box:
    """A home, and the commands that act on it."""

    home: Path

    def command(self, *arguments: object) -> list[str]:
        return [sys.executable, "-m", "appliance.cli", "--home", str(self.home), *map(str, arguments)]

    def run(self, *arguments: object, expect: int = 0) -> list[dict[str, Any]]:
        """Run a command with --json; its objects. Fails the test if the exit status is another than expected."""
        done = subprocess.run([*self.command(*arguments), "--json"], capture_output=True, check=False, timeout=900)
        assert done.returncode == expect, done.stderr.decode()[-2000:]
        return [json.loads(line) for line in done.stdout.splitlines()]

    def kill_after(self, seconds: float, *arguments: object) -> bool:
        """Run a command and switch the box off after so many seconds: everything dies at once. False: it was done."""
        child = subprocess.Popen(
            self.command(*arguments), start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            child.wait(seconds)
        except subprocess.TimeoutExpired:
            kill_everything(self.home)
            child.wait()
            return True
        return False

    def photos(self) -> list[dict[str, Any]]:
        return self.run("photos")


def kill_everything(home: Path) -> None:
    """SIGKILL to every process whose command line names this home, at once, as a power cut would."""
    victims = [
        pid
        for pid in (int(p.name) for p in Path("/proc").iterdir() if p.name.isdigit())
        if pid != os.getpid() and _is_of(home, pid)
    ]
    groups = {os.getpgid(pid) for pid in victims if _exists(pid)}
    for group in groups - {os.getpgid(0)}:
        os.killpg(group, signal.SIGKILL)
    while any(_exists(pid) for pid in victims):
        time.sleep(0.01)


def _is_of(home: Path, pid: int) -> bool:
    try:
        return str(home).encode() in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def _exists(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split(") ")[1][0] != "Z"
    except OSError:
        return False


def school(box: Box, files: Path) -> None:
    """Init, roster, consents, portraits, assessment, matching on."""
    box.run("init")
    given = ("--people", files / "roster.csv", "--consents", files / "consents.csv", "--portraits", files / "portraits")
    box.run("roster", "import", *given, "--as", "office")
    (files / "dpia.md").touch()
    if not (files / "dpia.md").read_text():
        (files / "dpia.md").write_text("Assessment, signed off for a test.")
    (recorded,) = box.run("dpia", "record", files / "dpia.md", "--as", "office")
    box.run("matching", "on", "--dpia", recorded["dpia"], "--as", "office")


def demo(folder: Path, photos: int = 4) -> Path:
    """The demo card and roster."""
    build_demo(folder, photos=photos)
    return folder
