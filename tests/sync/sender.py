"""One push in a process of its own, to be killed: python -m tests.sync.sender HOME WHERE KIB_S."""

from __future__ import annotations

import sys
import time
from datetime import date
from pathlib import Path

from appliance.errors import Refusal
from appliance.outbox import Outbox, load_public_key
from appliance.sync.push import push
from appliance.sync.remote import opened


def main() -> None:
    home, where, limit = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    try:
        with opened("school", where, home, limit) as target:
            result = push(
                Outbox(home / "outbox"), target, load_public_key(home / "keys"), today=date(2026, 11, 20),
                pause=lambda s: time.sleep(s / 10),
            )  # fmt: skip
    except (OSError, Refusal) as error:
        print(error)
        sys.exit(1)
    print(result.published, result.taken_down, result.left, result.trouble)


if __name__ == "__main__":
    main()
