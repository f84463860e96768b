"""One rclone process for the time of one push, spoken to through a socket that only this user can reach.

It is given a file of credentials, never the credentials: they are in no argument, message or log.
"""

from __future__ import annotations

import http.client
import json
import os
import shutil
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from appliance.domain.far_end import Trouble, trouble
from appliance.errors import Refusal
from appliance.sync.target import FarEndError

CONFIG, KNOWN_HOSTS, AUTHORITY = "rclone.conf", "known_hosts", "ca.pem"
"""Files in the keys folder: remotes and their credentials, host keys of SFTP servers, a school's own authority."""
START_S, CALL_S = 10.0, 900.0

_GONE_FOR_GOOD = {
    "RCLONE_DRIVE_USE_TRASH": "false",
    "RCLONE_ONEDRIVE_HARD_DELETE": "true",
    "RCLONE_B2_HARD_DELETE": "true",
    "RCLONE_MEGA_HARD_DELETE": "true",
}
"""What is taken down is deleted, not kept in a bin."""


class Engine:
    """rclone at work. `staging`: a folder of this process's own, gone with it."""

    def __init__(self, staging: Path, process: subprocess.Popen[bytes]) -> None:
        self.staging, self._process = staging, process

    def call(self, what: str, **given: Any) -> dict[str, Any]:
        """Have one thing done. Raises FarEndError with what is wrong, NotThere if the far end has no such file."""
        connection = _Connection(self.staging / "socket", CALL_S)
        try:
            connection.request("POST", f"/{what}", json.dumps(given), {"Content-Type": "application/json"})
            answer = connection.getresponse()
            said: dict[str, Any] = json.loads(answer.read())
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise FarEndError(Trouble.GONE) from error
        finally:
            connection.close()
        if answer.status != http.HTTPStatus.OK:
            words = str(said.get("error", ""))
            if "object not found" in words:
                raise NotThere
            raise FarEndError(trouble(words)) from None
        return said

    def wait(self) -> None:
        """Wait until it answers. Raises Refusal if it does not."""
        late = time.monotonic() + START_S
        while time.monotonic() < late and self._process.poll() is None:
            try:
                self.call("rc/noop")
            except FarEndError:
                time.sleep(0.02)
            else:
                return
        raise Refusal("engine_failed", "rclone did not start; is keys/rclone.conf a file that `rclone config` wrote?")


class NotThere(FarEndError):
    """The far end has no such file."""

    def __init__(self) -> None:
        super().__init__(Trouble.FAILED)


@contextmanager
def engine(keys: Path, limit_kib_s: int) -> Iterator[Engine]:
    """Run rclone with the credentials in this folder. limit_kib_s: KiB a second both ways; 0: as fast as it goes.

    Raises Refusal if rclone or the credentials are missing, or others could read them.
    """
    config = keys / CONFIG
    _check_credentials(config)
    with tempfile.TemporaryDirectory(prefix="sending-") as made:
        staging = Path(made)
        process = subprocess.Popen(
            _command(config, keys / AUTHORITY, staging, limit_kib_s), env=_environment(keys, staging),
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=staging,
        )  # fmt: skip
        running = Engine(staging, process)
        try:
            running.wait()
            yield running
        finally:
            process.kill()
            process.wait()


def _check_credentials(config: Path) -> None:
    try:
        mode = config.stat().st_mode
    except FileNotFoundError as error:
        raise Refusal(
            "no_credentials",
            f"{config} is not there. Make it with: rclone config --config {config}; it names the remote that `remote` "
            "in config.toml begins with.",
        ) from error
    if stat.S_IMODE(mode) & 0o077:
        raise Refusal("credentials_open", f"others can read {config}; make that impossible with: chmod 600 {config}")


def _command(config: Path, authority: Path, staging: Path, limit_kib_s: int) -> list[str]:
    rclone = Path(sys.executable).parent / "rclone"
    if not rclone.exists():
        raise Refusal("no_engine", "rclone is not installed beside Python; install the appliance from its lock file.")
    dies_with_us = ["setpriv", "--pdeathsig", "KILL"] if shutil.which("setpriv") else []
    limit = ["--bwlimit", f"{limit_kib_s}k"] if limit_kib_s else []
    own_authority = ["--ca-cert", str(authority)] if authority.exists() else []
    return [
        *dies_with_us, str(rclone), "rcd", "--rc-addr", f"unix://{staging}/socket", "--rc-no-auth",
        "--config", str(config), "--temp-dir", str(staging), "--cache-dir", str(staging / "cache"),
        "--inplace", "--retries", "1", "--low-level-retries", "1", "--contimeout", "10s", "--timeout", "60s",
        "--use-server-modtime", "--log-level", "ERROR", *limit, *own_authority,
    ]  # fmt: skip


def _environment(keys: Path, staging: Path) -> dict[str, str]:
    """Nothing of ours: an rclone of its own, whose SFTP knows only servers that the school has written down."""
    return {
        "PATH": os.defpath, "HOME": str(staging), "RCLONE_SFTP_KNOWN_HOSTS_FILE": str(keys / KNOWN_HOSTS),
        **_GONE_FOR_GOOD,
    }  # fmt: skip


class _Connection(http.client.HTTPConnection):
    """HTTP through a socket in the file system."""

    def __init__(self, path: Path, timeout_s: float) -> None:
        super().__init__("localhost", timeout=timeout_s)
        self._path = path

    def connect(self) -> None:
        """Connect."""
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._path))
