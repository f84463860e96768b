"""Sending to real servers: everything arrives and comes back, whoever is killed when, and trouble is named."""

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Protocol

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from appliance.domain.far_end import Trouble
from appliance.errors import Refusal
from appliance.outbox import Order, OrderKind, Outbox, load_or_create_signing_key, verify_item
from appliance.sync.far_end import PICTURE, trouble_of
from appliance.sync.push import PushResult, push
from appliance.sync.remote import opened
from tests.sync.peers import KINDS, SECRET, Peer, free_port, why_missing

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]
TODAY = date(2026, 11, 20)
OWN = {"manifest.json", "tombstones.json"}
RUNS = 10


@dataclass
class Box:
    """What the sender has of a home, and what it was told to do so far."""

    home: Path
    key: Ed25519PrivateKey = field(init=False)
    wanted: dict[str, bytes] = field(default_factory=dict)
    ever: set[str] = field(default_factory=set)
    clock: int = 0

    def __post_init__(self) -> None:
        (self.home / "outbox").mkdir(parents=True)
        self.key, self.outbox = load_or_create_signing_key(self.home / "keys"), Outbox(self.home / "outbox")

    def now(self) -> str:
        self.clock += 1
        return f"2026-11-20T02:00:00.{self.clock:06}+00:00"

    def publish(self, jpeg: bytes) -> str:
        sha256 = hashlib.sha256(jpeg).hexdigest()
        path = f"website/2026-11-20-sports-day/{sha256}.jpg"
        approved, now = self.now(), self.now()
        order = Order(OrderKind.PUBLISH, sha256, "website", "school", path, now, approved_at=approved)
        self.outbox.put(order, self.key, jpeg)
        self.wanted[path] = jpeg
        self.ever.add(path)
        return path

    def take_down(self, path: str) -> None:
        """As release does it: what is not sent yet is taken back, and the place is cleared all the same."""
        for item in self.outbox.pending():
            if verify_item(item, self.key.public_key()).order.path == path:
                self.outbox.pull(item.id)
        order = Order(OrderKind.TAKEDOWN, path[-68:-4], "website", "school", path, self.now())
        self.outbox.put(order, self.key)
        self.wanted.pop(path)

    def push(self, where: str, *, read_all: bool = False) -> PushResult:
        with opened("school", where, self.home) as target:
            result = push(
                self.outbox, target, self.key.public_key(), today=TODAY, pause=lambda s: time.sleep(s / 10),
                read_all=read_all,
            )  # fmt: skip
        with self.outbox.releasing():
            for receipt in self.outbox.receipts():
                self.outbox.collect(receipt)
        return result

    def started(self, where: str, kib_s: int) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "tests.sync.sender", str(self.home), where, str(kib_s)]
        return subprocess.Popen(
            command, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            cwd=Path(__file__).parents[2],
        )  # fmt: skip


def jpeg(number: int, size: int = 40_000) -> bytes:
    return random.Random(number).randbytes(size)


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    missing = why_missing(request.param)
    if missing:
        pytest.skip(missing)
    return str(request.param)


@pytest.fixture
def box(tmp_path: Path) -> Box:
    return Box(tmp_path / "home")


@pytest.fixture
def peer(kind: str, box: Box, tmp_path: Path) -> Iterator[Peer]:
    (tmp_path / "peer").mkdir()
    made = Peer(kind, tmp_path / "peer", box.home / "keys")
    yield made
    made.kill()


def pictures(there: dict[str, bytes]) -> dict[str, bytes]:
    return {path: data for path, data in there.items() if path not in OWN}


def test_what_is_sent_is_there_and_what_is_taken_down_is_not(peer: Peer, box: Box) -> None:
    paths = [box.publish(jpeg(n)) for n in range(3)]
    result = box.push(peer.where)
    assert (result.published, result.left, result.trouble) == (3, {}, None)
    assert pictures(peer.there()) == box.wanted
    box.take_down(paths[0])
    result = box.push(peer.where)
    assert (result.taken_down, result.left) == (1, {})
    assert pictures(peer.there()) == box.wanted
    listed = json.loads(peer.there()["manifest.json"])
    assert {entry["path"] for entry in listed} == set(box.wanted)
    assert list(json.loads(peer.there()["tombstones.json"])) == [f"website/{paths[0][-68:-4]}"]
    before = peer.there()
    assert box.push(peer.where) == PushResult()
    assert peer.there() == before


def test_a_foreign_or_altered_file_is_reported_and_not_touched(peer: Peer, box: Box) -> None:
    kept, spoilt = box.publish(jpeg(1)), box.publish(jpeg(2))
    box.push(peer.where)
    time.sleep(1.1)
    peer.write(spoilt, b"another picture")
    peer.write("website/holiday snaps/IMG 1.jpg", b"the school's own")
    seen = box.push(peer.where).seen
    assert seen is not None
    assert (seen.good, seen.altered) == ((kept,), (spoilt,))
    assert seen.foreign == ("website/holiday snaps/IMG 1.jpg",)
    there = peer.there()
    assert there[spoilt] == b"another picture"
    assert there["website/holiday snaps/IMG 1.jpg"] == b"the school's own"
    peer.write(spoilt[:-5] + "0.jpg", jpeg(3))
    again = box.push(peer.where, read_all=True).seen
    assert again is not None and len(again.altered) == 2


def test_another_file_in_the_place_of_a_picture_is_left_alone(peer: Peer, box: Box) -> None:
    path = box.publish(jpeg(1))
    peer.write(path, b"not ours")
    result = box.push(peer.where)
    assert list(result.left.values()) == ["occupied"]
    assert peer.there()[path] == b"not ours"


def test_a_restored_box_does_not_bring_back_what_was_taken_down(peer: Peer, box: Box, tmp_path: Path) -> None:
    path = box.publish(jpeg(1))
    box.push(peer.where)
    box.take_down(path)
    box.push(peer.where)
    old = Box(tmp_path / "restored")
    shutil.copytree(box.home / "keys", old.home / "keys", dirs_exist_ok=True)
    old.key = load_or_create_signing_key(old.home / "keys")
    old.publish(jpeg(1))
    assert list(old.push(peer.where).left.values()) == ["buried"]
    assert pictures(peer.there()) == {}
    approved_since = "2026-11-21T02:00:00.000000+00:00"
    order = Order(
        OrderKind.PUBLISH, path[-68:-4], "website", "school", path, approved_since, approved_at=approved_since
    )
    box.outbox.put(order, box.key, jpeg(1))
    assert box.push(peer.where).published == 1


def test_the_target_can_be_tried_and_nothing_stays_behind(peer: Peer, box: Box) -> None:
    with opened("school", peer.where, box.home) as target:
        target.probe()
    assert peer.there() == {}


# ---- killed at random moments


def check_meanwhile(there: dict[str, bytes], box: Box) -> None:
    """Whatever was killed: each picture under its final name is whole, and one that was released at some time."""
    for path, data in there.items():
        if PICTURE.fullmatch(path):
            assert path in box.ever, path
            assert hashlib.sha256(data).hexdigest() == path[-68:-4], path
        else:
            assert path in OWN or path.rpartition("/")[2].startswith(".partial-"), path


@pytest.mark.parametrize("victim", ["sender", "peer"])
def test_killed_at_random_moments(peer: Peer, box: Box, victim: str) -> None:
    """Never a file that is not released, none missing after the next run, none partial, none under two names."""
    if peer.kind == "folder" and victim == "peer":
        pytest.skip("a folder has no server that could be killed")
    rng, caught = random.Random(f"{peer.kind} {victim}"), 0
    for run in range(RUNS):
        for n in range(4):
            box.publish(jpeg(run * 10 + n, 90_000))
        for path in rng.sample(sorted(box.wanted), 2):
            box.take_down(path)
        sender = box.started(peer.where, 100)
        time.sleep(rng.uniform(0.15, 0.4) if peer.kind == "folder" else rng.uniform(0.5, 3))
        caught += sender.poll() is None
        if victim == "sender":
            with suppress(ProcessLookupError):
                os.killpg(sender.pid, signal.SIGKILL)
            sender.wait()
        else:
            peer.kill()
            time.sleep(rng.uniform(0, 0.5))
            peer.start()
            sender.wait(120)
        check_meanwhile(peer.there(), box)
        result = box.push(peer.where)
        assert (result.left, result.trouble) == ({}, None), run
        assert pictures(peer.there()) == box.wanted, run
        assert len({hashlib.sha256(data).digest() for data in box.wanted.values()}) == len(box.wanted)
    print(f"{peer.kind}: {victim} killed {RUNS} times, {caught} of them at work")
    assert caught >= (1 if peer.kind == "folder" else RUNS // 3), "hardly ever caught at work: the test shows nothing"


# ---- trouble is named


def refused(box: Box, where: str) -> str:
    try:
        box.push(where)
    except OSError as error:
        return trouble_of(error)
    except Refusal as error:
        return error.code
    return ""


def needs(kind: str) -> None:
    if why_missing(kind):
        pytest.skip(why_missing(kind))


class Maker(Protocol):
    def __call__(self, kind: str, *, tls: bool = False, files_at: Path | None = None) -> Peer: ...


@pytest.fixture
def made(box: Box, tmp_path: Path) -> Iterator[Maker]:
    """Make a peer of this kind; it is killed in the end."""
    peers: list[Peer] = []

    def make(kind: str, *, tls: bool = False, files_at: Path | None = None) -> Peer:
        needs(kind)
        (tmp_path / "peer").mkdir()
        peers.append(Peer(kind, tmp_path / "peer", box.home / "keys", tls=tls, files_at=files_at))
        return peers[-1]

    yield make
    for peer in peers:
        peer.kill()


@pytest.mark.parametrize("kind", ["sftp", "webdav", "s3"])
def test_a_server_that_is_gone_is_gone(kind: str, box: Box, made: Maker) -> None:
    peer = made(kind)
    peer.kill()
    box.publish(jpeg(1))
    assert refused(box, peer.where) == Trouble.GONE
    peer.start()
    assert box.push(peer.where).published == 1


@pytest.mark.parametrize("kind", ["sftp", "webdav", "s3"])
def test_wrong_credentials_are_named(kind: str, box: Box, tmp_path: Path, made: Maker) -> None:
    peer = made(kind)
    config = box.home / "keys" / "rclone.conf"
    if kind == "sftp":
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / "other")], check=True)
        (box.home / "keys" / "id").write_bytes((tmp_path / "other").read_bytes())
    else:
        config.write_text(config.read_text().replace("user = school", "user = other").replace(SECRET, "wrong"))
    box.publish(jpeg(1))
    assert refused(box, peer.where) == Trouble.CREDENTIALS


def test_a_certificate_that_nobody_vouches_for_stops_everything(box: Box, made: Maker) -> None:
    peer = made("webdav", tls=True)
    box.publish(jpeg(1))
    assert refused(box, peer.where) == Trouble.CERTIFICATE
    assert peer.there() == {}
    (box.home / "keys" / "ca.pem").write_bytes((peer.root / "tls.pem").read_bytes())
    assert box.push(peer.where).published == 1


def test_another_host_key_stops_everything(box: Box, made: Maker) -> None:
    peer = made("sftp")
    known = box.home / "keys" / "known_hosts"
    known.write_text(known.read_text().split(" ")[0] + " " + " ".join((peer.root / "user.pub").read_text().split()[:2]))
    box.publish(jpeg(1))
    assert refused(box, peer.where) == Trouble.CERTIFICATE
    known.unlink()
    assert refused(box, peer.where) != ""
    assert peer.there() == {}


@pytest.mark.parametrize("kind", ["folder", "sftp", "webdav"])
@pytest.mark.skipif(os.getuid() != 0, reason="a small file system has to be mounted")
def test_a_full_and_a_read_only_far_end_are_named_and_takedowns_still_go(
    kind: str, box: Box, tmp_path: Path, made: Maker
) -> None:  # fmt: skip
    small = tmp_path / "small"
    small.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=400k", "none", str(small)], check=True)
    try:
        peer = made(kind, files_at=small)
        first = box.publish(jpeg(0))
        box.push(peer.where)
        for n in range(1, 12):
            box.publish(jpeg(n))
        box.take_down(first)
        result = box.push(peer.where)
        assert result.trouble is Trouble.FULL
        assert set(result.left.values()) == {Trouble.FULL}
        assert result.taken_down == 1
        assert first not in peer.there()
        check_meanwhile(peer.there(), box)
        subprocess.run(["mount", "-o", "remount,ro,size=4m", "none", str(small)], check=True)
        result = box.push(peer.where)
        assert set(result.left.values()) == {Trouble.READ_ONLY}
        subprocess.run(["mount", "-o", "remount,rw", "none", str(small)], check=True)
        assert box.push(peer.where).left == {}
        assert pictures(peer.there()) == box.wanted
    finally:
        subprocess.run(["umount", "-l", str(small)], check=True)


def test_a_folder_that_is_not_there_is_missing(box: Box, tmp_path: Path, made: Maker) -> None:
    peer = made("sftp")
    assert refused(box, peer.where + "/nowhere") == Trouble.MISSING
    assert refused(box, str(tmp_path / "nowhere")) == Trouble.MISSING


def test_nobody_listens_there(box: Box) -> None:
    box.home.joinpath("keys/rclone.conf").write_text(
        f"[school]\ntype = webdav\nurl = http://127.0.0.1:{free_port()}\nvendor = other\n"
    )
    box.home.joinpath("keys/rclone.conf").chmod(0o600)
    assert refused(box, "school:") == Trouble.GONE


def test_the_line_is_not_used_up(box: Box, made: Maker) -> None:
    peer = made("webdav")
    for n in range(4):
        box.publish(jpeg(n, 100_000))
    began = time.monotonic()
    sender = box.started(peer.where, 100)
    assert sender.wait(120) == 0
    assert time.monotonic() - began > 400_000 / 102_400
    assert pictures(peer.there()) == box.wanted


# ---- credentials


def test_credentials_are_in_no_argument_and_in_no_file_but_their_own(box: Box, made: Maker) -> None:
    peer = made("s3")
    box.publish(jpeg(1))
    with opened("school", peer.where, box.home):
        arguments = b"".join(p.read_bytes() for p in Path("/proc").glob("[0-9]*/cmdline") if _mine(p, box.home))
    assert str(box.home).encode() in arguments
    assert SECRET.encode() not in arguments
    box.push(peer.where)
    holding = [p.name for p in box.home.rglob("*") if p.is_file() and SECRET.encode() in p.read_bytes()]
    assert holding == ["rclone.conf"]


def _mine(path: Path, home: Path) -> bool:
    try:
        return str(home).encode() in path.read_bytes()
    except OSError:
        return False


def test_credentials_that_others_can_read_are_refused(box: Box) -> None:
    assert refused(box, "school:photos") == "no_credentials"
    (box.home / "keys" / "rclone.conf").write_text("[school]\ntype = memory\n")
    (box.home / "keys" / "rclone.conf").chmod(0o644)
    assert refused(box, "school:photos") == "credentials_open"
