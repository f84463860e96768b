"""The sender: does what release signed and nothing else, and is done only when the far end says so."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from appliance.errors import Damaged, Refusal
from appliance.outbox import Order, OrderKind, Outbox, load_or_create_signing_key, load_public_key
from appliance.sync.push import PushResult, push
from appliance.sync.remote import FolderTarget

KEY = Ed25519PrivateKey.generate()
TODAY = date(2026, 11, 20)
PICTURES = [f"picture {n}".encode() for n in range(3)]


def _order(
    jpeg: bytes, kind: OrderKind = OrderKind.PUBLISH, last: date | None = None, target: str = "published",
    approved_at: str = "2026-11-20T01:00:00+00:00",
) -> Order:  # fmt: skip
    sha256 = hashlib.sha256(jpeg).hexdigest()
    path = f"website/2026-11-20-sports-day/{sha256}.jpg"
    return Order(
        kind, sha256, "website", target, path, "2026-11-20T02:00:00+00:00", last, approved_at=approved_at
    )  # fmt: skip


class Box:
    """An outbox with a folder to send to."""

    def __init__(self, root: Path) -> None:
        self.root, self.far = root, root / "published"
        (root / "outbox").mkdir()
        self.far.mkdir()
        self.outbox, self.target = Outbox(root / "outbox"), FolderTarget("published", self.far)
        self.said: list[tuple[str, str]] = []

    def publish(self, jpeg: bytes, last: date | None = None, target: str = "published") -> str:
        return self.outbox.put(_order(jpeg, last=last, target=target), KEY, jpeg)

    def take_down(self, jpeg: bytes) -> str:
        return self.outbox.put(_order(jpeg, OrderKind.TAKEDOWN), KEY)

    def push(self, today: date = TODAY) -> PushResult:
        return push(
            self.outbox,
            self.target,
            KEY.public_key(),
            lambda what, _, code: self.said.append((what, code)),
            today=today,
        )

    def there(self) -> dict[str, bytes]:
        return {p.name: p.read_bytes() for p in self.far.rglob("*") if p.is_file() and p.suffix != ".json"}

    def manifest(self) -> list[dict[str, str]]:
        listed: list[dict[str, str]] = json.loads((self.far / "manifest.json").read_bytes())
        return listed


@pytest.fixture
def box(tmp_path: Path) -> Box:
    return Box(tmp_path)


def _name(jpeg: bytes) -> str:
    return f"{hashlib.sha256(jpeg).hexdigest()}.jpg"


def test_a_picture_arrives_where_the_order_says_and_is_listed(box: Box) -> None:
    box.publish(PICTURES[0])
    result = box.push()
    order = _order(PICTURES[0])
    assert (box.far / order.path).read_bytes() == PICTURES[0]
    assert box.manifest() == [{"path": order.path, "sha256": order.derivative, "channel": "website"}]
    assert (result.published, result.taken_down, result.left, box.said) == (1, 0, {}, [("publish", "")])
    (receipt,) = box.outbox.receipts()
    assert (receipt.kind, receipt.path, receipt.derivative) == (OrderKind.PUBLISH, order.path, order.derivative)


def test_pushing_again_changes_nothing(box: Box) -> None:
    box.publish(PICTURES[0])
    box.push()
    before = {p: p.stat().st_mtime_ns for p in box.far.rglob("*")}
    assert box.push() == PushResult()
    assert {p: p.stat().st_mtime_ns for p in box.far.rglob("*")} == before


def test_a_takedown_removes_the_file_its_empty_folders_and_its_line(box: Box) -> None:
    box.publish(PICTURES[0])
    box.push()
    box.take_down(PICTURES[0])
    assert box.push().taken_down == 1
    assert box.there() == {}
    assert box.manifest() == []
    assert sorted(p.name for p in box.far.iterdir()) == ["manifest.json", "tombstones.json"]
    assert [r.kind for r in box.outbox.receipts()] == [OrderKind.PUBLISH, OrderKind.TAKEDOWN]


def test_taking_down_what_is_gone_already_is_done(box: Box) -> None:
    box.take_down(PICTURES[0])
    assert box.push().taken_down == 1
    assert box.outbox.pending() == []


def test_a_takedown_removes_what_was_left_half_sent(box: Box) -> None:
    order = _order(PICTURES[0])
    half = (box.far / order.path).parent / f".partial-{_name(PICTURES[0])}"
    half.parent.mkdir(parents=True)
    half.write_bytes(PICTURES[0][:4])
    box.take_down(PICTURES[0])
    box.push()
    assert not half.exists()


def test_items_are_done_in_order(box: Box) -> None:
    box.publish(PICTURES[0])
    box.take_down(PICTURES[0])
    box.push()
    assert box.there() == {}
    box.take_down(PICTURES[1])
    box.outbox.put(_order(PICTURES[1], approved_at="2026-11-20T03:00:00+00:00"), KEY, PICTURES[1])
    box.push()
    assert box.there() == {_name(PICTURES[1]): PICTURES[1]}


def test_an_item_with_a_wrong_signature_is_left_and_reported_and_the_others_go(box: Box) -> None:
    bad, _ = box.outbox.put(_order(PICTURES[0]), Ed25519PrivateKey.generate(), PICTURES[0]), box.publish(PICTURES[1])
    assert box.push().left == {bad: "signature_wrong"}
    assert box.there() == {_name(PICTURES[1]): PICTURES[1]}
    assert [i.id for i in box.outbox.pending()] == [bad]
    assert ("left", "signature_wrong") in box.said


def test_a_takedown_with_a_wrong_signature_takes_nothing_down(box: Box) -> None:
    box.publish(PICTURES[0])
    box.outbox.put(_order(PICTURES[0], OrderKind.TAKEDOWN), Ed25519PrivateKey.generate())
    box.push()
    assert box.there() == {_name(PICTURES[0]): PICTURES[0]}


def test_another_picture_than_the_one_signed_for_is_not_sent(box: Box) -> None:
    bad = box.publish(PICTURES[0])
    (box.root / "outbox" / _name(PICTURES[0])).write_bytes(b"a bare face")
    assert box.push().left == {bad: "picture_differs"}
    assert box.there() == {}


def test_a_picture_whose_consent_is_over_is_not_sent_but_its_takedown_is(box: Box) -> None:
    late, _ = box.publish(PICTURES[0], last=date(2026, 11, 19)), box.publish(PICTURES[1], last=TODAY)
    box.take_down(PICTURES[2])
    result = box.push()
    assert result.left == {late: "expired"}
    assert (result.published, result.taken_down) == (1, 1)


def test_an_item_for_another_target_is_left(box: Box) -> None:
    other = box.publish(PICTURES[0], target="usb")
    assert box.push().left == {other: "other_target"}
    assert box.there() == {}


def test_a_far_end_that_is_not_there_is_a_refusal_and_nothing_is_lost(box: Box) -> None:
    box.publish(PICTURES[0])
    box.far.rmdir()
    with pytest.raises(Refusal) as caught:
        box.push()
    assert caught.value.code == "target_missing"
    box.far.mkdir()
    assert box.push().published == 1


def test_a_file_that_reads_back_differently_is_left_and_tried_again(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    item = box.publish(PICTURES[0])
    with monkeypatch.context() as patch:
        patch.setattr(FolderTarget, "read", lambda *_: b"rotten")
        assert box.push().left == {item: "far_end_differs"}
    assert box.outbox.receipts() == []
    assert box.push().published == 1


def test_a_takedown_is_not_done_while_the_file_is_still_there(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    box.publish(PICTURES[0])
    box.push()
    item = box.take_down(PICTURES[0])
    with monkeypatch.context() as patch:
        patch.setattr(FolderTarget, "remove", lambda *_: None)
        assert box.push().left == {item: "still_there"}
    box.push()
    assert box.there() == {}


def test_a_failing_disk_leaves_the_item_and_goes_on_with_the_next(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    first, _ = box.publish(PICTURES[0]), box.publish(PICTURES[1])
    put = FolderTarget.put

    def failing(self: FolderTarget, path: str, data: bytes) -> None:
        if data == PICTURES[0]:
            raise OSError(28, "No space left on device")
        put(self, path, data)

    monkeypatch.setattr(FolderTarget, "put", failing)
    assert box.push().left == {first: "target_full"}
    assert box.there() == {_name(PICTURES[1]): PICTURES[1]}


def test_an_item_taken_back_while_sending_is_not_sent(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    item = box.publish(PICTURES[0])
    monkeypatch.setattr(Outbox, "holds", lambda *_: False)
    assert box.push() == PushResult()
    assert box.there() == {}
    assert [i.id for i in box.outbox.pending()] == [item]


def test_two_pushes_do_not_run_at_once(box: Box) -> None:
    with box.outbox.sending(), pytest.raises(Refusal, match="sent already"):
        box.push()


def test_files_that_are_not_ours_stay_and_are_not_listed(box: Box) -> None:
    (box.far / "index.html").write_text("the school's own")
    (box.far / "website").mkdir()
    (box.far / "website" / "notes.jpg").write_bytes(b"")
    box.publish(PICTURES[0])
    box.push()
    box.take_down(PICTURES[0])
    box.push()
    assert sorted(box.there()) == ["index.html", "notes.jpg"]
    assert box.manifest() == []


def test_a_lost_or_wrong_manifest_is_mended_by_the_next_push(box: Box) -> None:
    box.publish(PICTURES[0])
    box.push()
    good = box.manifest()
    for spoil in ("", "[]", '[{"path": "gone.jpg"}]'):
        (box.far / "manifest.json").write_text(spoil)
        box.push()
        assert box.manifest() == good
    (box.far / "manifest.json").unlink()
    box.push()
    assert box.manifest() == good


# ---- power cuts


class PowerCut(BaseException):
    """Nothing happens after it."""


def _cut(patch: pytest.MonkeyPatch, after: int) -> Iterator[int]:
    """Let so many changes to the disk happen and none after them; gives how many were asked for."""
    count = 0

    def wrap(name: str) -> None:
        real = getattr(os, name)

        def step(*args: object, **kwargs: object) -> object:
            nonlocal count
            count += 1
            if count > after:
                raise PowerCut
            return real(*args, **kwargs)

        patch.setattr(os, name, step)

    for name in ("rename", "replace", "unlink", "mkdir", "rmdir", "fsync"):
        wrap(name)
    while True:
        yield count


def _prepared(root: Path) -> Box:
    root.mkdir()
    box = Box(root)
    box.publish(PICTURES[0])
    box.publish(PICTURES[1])
    box.push()
    box.take_down(PICTURES[0])
    box.publish(PICTURES[2])
    return box


def test_a_power_cut_at_any_moment_and_another_push_end_as_one_push_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = _prepared(tmp_path / "whole")
    whole.push()
    for after in range(1000):
        box = _prepared(tmp_path / str(after))
        with monkeypatch.context() as patch:
            counter = _cut(patch, after)
            next(counter)
            try:
                box.push()
            except PowerCut:
                done = False
            else:
                done = True
        box.push()
        assert (box.there(), box.manifest()) == (whole.there(), whole.manifest()), after
        assert [(r.kind, r.path) for r in box.outbox.receipts()] == [(r.kind, r.path) for r in whole.outbox.receipts()]
        shutil.rmtree(box.root)
        if done:
            assert after > 10
            return
    pytest.fail("it never finished")


# ---- the folder target


HOSTILE = [
    "",
    "/etc/passwd",
    "../x.jpg",
    "a/../../x",
    "a//b",
    ".",
    "..",
    "a/.hidden",
    "a/",
    "/",
    "a\\b/\x00",
    "a b",
    "é.jpg",
    "x" * 200,
]


@pytest.mark.parametrize("path", HOSTILE)
def test_paths_that_are_not_plain_are_refused(box: Box, path: str) -> None:
    with pytest.raises(Damaged, match="not a path"):
        box.target.put(path, b"x")
    with pytest.raises(Damaged, match="not a path"):
        box.target.read(path)
    with pytest.raises(Damaged, match="not a path"):
        box.target.remove(path)


def test_a_linked_folder_at_the_target_is_not_followed(box: Box, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    (elsewhere / "2026-11-20-sports-day").mkdir(parents=True)
    (elsewhere / "2026-11-20-sports-day" / _name(PICTURES[0])).write_bytes(PICTURES[0])
    (box.far / "website").symlink_to(elsewhere)
    item, down = box.publish(PICTURES[1]), box.take_down(PICTURES[0])
    assert box.push().left == {item: "target_failed", down: "target_failed"}
    assert [p.name for p in elsewhere.rglob("*.jpg")] == [_name(PICTURES[0])]
    assert box.target.paths() == ["manifest.json", "tombstones.json"]


def test_a_linked_file_at_the_target_is_replaced_not_written_through(box: Box, tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_bytes(b"precious")
    place = box.far / _order(PICTURES[0]).path
    place.parent.mkdir(parents=True)
    place.symlink_to(victim)
    place.with_name(f".partial-{place.name}").symlink_to(victim)
    assert box.target.read(_order(PICTURES[0]).path) is None
    box.publish(PICTURES[0])
    assert box.push().published == 1
    assert victim.read_bytes() == b"precious"
    assert not place.is_symlink()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_at_the_target_does_not_hang_it(box: Box) -> None:
    os.mkfifo(box.far / "pipe.jpg")
    assert box.target.read("pipe.jpg") is None


# ---- what the sender can see


SENDER = """
import sys
home = sys.argv[1]

def watch(event, args):
    if event in ("open", "os.listdir", "os.scandir") and isinstance(args[0], str) and args[0].startswith(home):
        inside = args[0][len(home):].split("/")[1]
        if inside not in ("outbox", "published"):
            raise PermissionError(args[0])
    if event in ("socket.connect", "socket.bind", "sqlite3.connect", "subprocess.Popen"):
        raise PermissionError(event)

key = open(home + "/keys/release.pub", "rb").read()
sys.addaudithook(watch)
from datetime import date
from pathlib import Path
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from appliance.outbox import Outbox
from appliance.sync.push import push
from appliance.sync.remote import FolderTarget
target = FolderTarget("published", Path(home, "published"))
result = push(Outbox(Path(home, "outbox")), target, load_pem_public_key(key), today=date(2026, 11, 20))
assert (result.published, result.left) == (1, {}), result
assert not {"sqlite3", "numpy", "cv2", "PIL", "appliance.store", "appliance.pipeline"} & set(sys.modules)
try:
    open(home + "/people.db")
except PermissionError:
    print("kept out")
"""


def test_the_sender_needs_nothing_but_the_outbox_and_its_target(box: Box) -> None:
    key = load_or_create_signing_key(box.root / "keys")
    (box.root / "people.db").write_bytes(b"names")
    box.outbox.put(_order(PICTURES[0]), key, PICTURES[0])
    top = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", SENDER, str(box.root)], cwd=top, check=True, capture_output=True, text=True
    )
    assert done.stdout == "kept out\n"
    assert box.there() == {_name(PICTURES[0]): PICTURES[0]}
    assert load_public_key(box.root / "keys").public_bytes_raw() == key.public_key().public_bytes_raw()
