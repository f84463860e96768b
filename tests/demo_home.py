"""Makes a home with the demo card and roster, unless there is a home already. `make run` calls it.

usage, from the checkout: python -m tests.demo_home HOME SCRATCH
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.demo import build_demo


def main(home: Path, scratch: Path) -> None:
    """Everything a newcomer would type, in order, through the command line itself."""
    if (home / "ledger.db").exists():
        return
    print("Making the demo card and roster …", flush=True)
    build_demo(scratch)
    appliance(home, "init")
    files = (
        "--people",
        scratch / "roster.csv",
        "--consents",
        scratch / "consents.csv",
        "--portraits",
        scratch / "portraits",
    )
    appliance(home, "roster", "import", *files, "--as", "demo")
    assessment = appliance(home, "dpia", "record", scratch / "dpia.md", "--as", "demo").strip()
    appliance(home, "matching", "on", "--dpia", assessment, "--as", "demo")
    appliance(home, "ingest", scratch / "card", "--event", "Open day")
    appliance(home, "process")


def appliance(home: Path, *arguments: object) -> str:
    """Run one command; its standard output. Its progress and messages go to the terminal."""
    command = [str(Path(sys.executable).with_name("appliance")), "--home", str(home), *map(str, arguments)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return done.stdout


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
