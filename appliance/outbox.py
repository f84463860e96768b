"""The hand-over from release to the sender: a folder of signed items, and the sender's receipts beneath it.

Only release adds and removes items; the sender reads them and writes receipts. Nothing here tells whose picture it is.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import secrets
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from appliance.errors import Damaged, Refusal


class OrderKind(StrEnum):
    """What the sender is asked to do."""

    PUBLISH = "publish"
    TAKEDOWN = "takedown"


@dataclass(frozen=True, slots=True)
class Order:
    """One thing to do at the target, with the certificate of why it may be done.

    path: below the target's top. expires_on: the last day of any consent behind a picture (None: no end known).
    plan, model, policy: what the picture was decided by; empty for a takedown. certificate: SHA-256 of the one that
    stays on the box. approved_at: when a person last said that it may go; the far end remembers takedowns, and an
    approval from before one counts for nothing there. is_for_good: a takedown that no later approval undoes.
    """

    kind: OrderKind
    derivative: str
    channel: str
    target: str
    path: str
    released_at: str
    expires_on: date | None = None
    plan: str = ""
    model: str = ""
    policy: str = ""
    certificate: str = ""
    approved_at: str = ""
    is_for_good: bool = False


@dataclass(frozen=True, slots=True)
class Item:
    """An item in the outbox. Its content is not to be believed before `verify_item`."""

    folder: Path
    id: str


@dataclass(frozen=True, slots=True)
class Verified:
    """A believed order, with the checked bytes of the picture where there is one to publish."""

    order: Order
    jpeg: bytes


@dataclass(frozen=True, slots=True)
class Receipt:
    """The sender's word that an item was carried out, and verified at the far end."""

    item: str
    kind: OrderKind
    derivative: str
    channel: str
    target: str
    path: str
    at: str


class Outbox:
    """One home's outbox. An item is complete when its signature is there; the ids sort in the order they were put."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._receipts = folder, folder / "receipts"

    # ---- release's side

    @contextmanager
    def releasing(self) -> Iterator[None]:
        """Be the only one to add and remove items. Raises Refusal if somebody else is."""
        with _locked(self._folder / ".lock", "release_running", "pictures are being released already; wait for that."):
            self._sweep()
            yield
            self._sweep()

    def put(self, order: Order, key: Ed25519PrivateKey, jpeg: bytes = b"") -> str:
        """Add a signed item, whole or not at all; returns its id. jpeg: the derivative's bytes, to publish it."""
        if order.kind is OrderKind.PUBLISH:
            _write(self._folder / f"{order.derivative}.jpg", jpeg)
        item = self._next_id()
        text = _canonical({"item": item, **asdict(order)})
        _write(self._folder / f"{item}.json", text)
        _write(self._folder / f"{item}.sig", key.sign(text))
        return item

    def pull(self, item: str) -> None:
        """Take an item back: it is none from the moment its signature is gone."""
        for suffix in (".sig", ".json"):
            (self._folder / f"{item}{suffix}").unlink(missing_ok=True)

    def receipts(self) -> list[Receipt]:
        """Return what the sender did, in the order of the items; one that cannot be read counts as not written."""
        found = (self._receipt(path.stem) for path in sorted(self._receipts.glob("*.json")))
        return [r for r in found if r is not None]

    def collect(self, receipt: Receipt) -> None:
        """Put away a receipt that is recorded, and its item."""
        self.pull(receipt.item)
        (self._receipts / f"{receipt.item}.json").unlink(missing_ok=True)

    def pull_pictures(self, derivatives: Collection[str]) -> int:
        """Take back every item that would publish one of these pictures, and the pictures; return how many items."""
        with self.releasing():
            names = {f"{derivative}.jpg" for derivative in derivatives}
            items = [item for item in self._ids() if self._picture_of(item) in names]
            for item in items:
                self.pull(item)
        return len(items)

    def put_anchor(self, name: str, signed: bytes) -> None:
        """Have a signed head of the audit log taken along; it stays here as well. The same name is the same head."""
        folder = self._folder / "anchors"
        folder.mkdir(exist_ok=True, mode=0o770)
        if not (folder / name).exists():
            _write(folder / name, signed)

    # ---- the sender's side

    def anchors(self, last: int = 3) -> list[tuple[str, bytes]]:
        """Return the newest signed heads (name, bytes), oldest first; not to be believed before `anchor.read`."""
        return [(p.name, p.read_bytes()) for p in sorted((self._folder / "anchors").glob("*.json"))[-last:]]

    @contextmanager
    def sending(self) -> Iterator[None]:
        """Be the only one to send. Raises Refusal if somebody else is."""
        self._receipts.mkdir(exist_ok=True, mode=0o770)
        with _locked(self._receipts / ".lock", "sync_running", "pictures are being sent already; wait for that."):
            for half in self._receipts.glob(".*.tmp"):
                half.unlink()
            yield

    def pending(self) -> list[Item]:
        """Return the items that were not carried out yet, oldest first."""
        return [Item(self._folder, i) for i in self._ids() if self._receipt(i) is None]

    def holds(self, item: Item) -> bool:
        """Whether it is still here: release may have taken it back."""
        return (self._folder / f"{item.id}.sig").exists()

    def mark_sent(self, receipt: Receipt) -> None:
        """Write a receipt; from now on the item is not pending."""
        self._receipts.mkdir(exist_ok=True, mode=0o770)
        _write(self._receipts / f"{receipt.item}.json", _canonical(asdict(receipt)))

    def note(self, name: str, said: dict[str, Any]) -> None:
        """Keep something for the next push, or for whoever wants to know how sending goes."""
        self._receipts.mkdir(exist_ok=True, mode=0o770)
        _write(self._receipts / f".{name}", _canonical(said))

    def noted(self, name: str) -> dict[str, Any]:
        """Return what was kept under this name; nothing if it was not, or cannot be read."""
        try:
            said = json.loads((self._receipts / f".{name}").read_bytes())
        except (FileNotFoundError, ValueError):
            return {}
        return said if isinstance(said, dict) else {}

    # ----

    def _ids(self) -> list[str]:
        return sorted(path.stem for path in self._folder.glob("*.sig"))

    def _next_id(self) -> str:
        """Count on: a number is never used again, so that no late receipt can be taken for another item's."""
        counter = self._folder / ".last"
        number = int(counter.read_text(encoding="ascii")) + 1 if counter.exists() else 1
        _write(counter, str(number).encode())
        return f"{number:012d}-{secrets.token_hex(4)}"

    def _picture_of(self, item: str) -> str | None:
        try:
            order = _order(item, (self._folder / f"{item}.json").read_bytes())
        except (Damaged, FileNotFoundError):
            return None
        return f"{order.derivative}.jpg" if order.kind is OrderKind.PUBLISH else None

    def _receipt(self, item: str) -> Receipt | None:
        try:
            raw = json.loads((self._receipts / f"{item}.json").read_bytes())
            return Receipt(**{**raw, "item": item, "kind": OrderKind(raw["kind"])})
        except (FileNotFoundError, ValueError, TypeError, KeyError):
            return None

    def _sweep(self) -> None:
        """Remove pictures that no item is about any more, and what a power cut left half done."""
        items = self._ids()
        kept = {f"{i}{suffix}" for i in items for suffix in (".sig", ".json")} | set(map(self._picture_of, items))
        for path in self._folder.iterdir():
            if path.suffix in (".tmp", ".json", ".jpg") and path.name not in kept:
                path.unlink()


def verify_item(item: Item, public_key: Ed25519PublicKey) -> Verified:
    """Read an item and believe it.

    Raises Damaged: item_gone, signature_wrong, order_unreadable, or picture_differs if the picture is not the one
    that was signed for.
    """
    try:
        untrusted_order = (item.folder / f"{item.id}.json").read_bytes()
        public_key.verify((item.folder / f"{item.id}.sig").read_bytes(), untrusted_order)
        order = _order(item.id, untrusted_order)
        jpeg = (item.folder / f"{order.derivative}.jpg").read_bytes() if order.kind is OrderKind.PUBLISH else b""
    except FileNotFoundError as error:
        raise Damaged("item_gone", f"item {item.id} was taken back, or is not whole") from error
    except InvalidSignature as error:
        raise Damaged(
            "signature_wrong", f"item {item.id} was not signed by this box's release; it is not sent"
        ) from error
    if order.kind is OrderKind.PUBLISH and hashlib.sha256(jpeg).hexdigest() != order.derivative:
        raise Damaged("picture_differs", f"the picture of item {item.id} is not the one that was signed for")
    return Verified(order, jpeg)


def load_or_create_signing_key(keys: Path) -> Ed25519PrivateKey:
    """Return the key that release signs with, made at first use; `release.pub` beside it is always its other half.

    Raises Damaged if the file is no such key.
    """
    keys.mkdir(exist_ok=True, mode=0o700)
    path = keys / "release.key"
    if not path.exists():
        made = Ed25519PrivateKey.generate()
        _write(path, made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()), mode=0o600, replace=False)
    key = _private_key(path)
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    if not (keys / "release.pub").exists() or (keys / "release.pub").read_bytes() != public:
        _write(keys / "release.pub", public, mode=0o644)
    return key


def load_public_key(keys: Path) -> Ed25519PublicKey:
    """Return the key that the sender checks signatures with. Raises Refusal if there is none yet."""
    try:
        key = load_pem_public_key((keys / "release.pub").read_bytes())
    except FileNotFoundError as error:
        raise Refusal("no_release_key", "there is no release.pub yet: nothing was ever released here.") from error
    except ValueError as error:
        raise Damaged("key_damaged", "release.pub is not a key; remove it and release again") from error
    if not isinstance(key, Ed25519PublicKey):
        raise Damaged("key_damaged", "release.pub is a key of another kind; remove it and release again")
    return key


def _private_key(path: Path) -> Ed25519PrivateKey:
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except ValueError as error:
        raise Damaged(
            "key_damaged", f"{path.name} is not a key; restore it, or remove it to have a new one made"
        ) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise Damaged("key_damaged", f"{path.name} is a key of another kind")
    return key


def _order(item: str, untrusted: bytes) -> Order:
    """Read an order that says it is this item's. Raises Damaged if it does not say exactly what an order says."""
    try:
        raw: dict[str, Any] = json.loads(untrusted)
        named, kind, last = raw.pop("item"), OrderKind(raw.pop("kind")), raw.pop("expires_on")
        good = raw.pop("is_for_good", False)
        order = Order(kind=kind, expires_on=date.fromisoformat(last) if last else None, is_for_good=good, **raw)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise Damaged("order_unreadable", f"item {item} does not say what an item says") from error
    if named != item or not all(isinstance(v, str) for v in raw.values()) or type(good) is not bool:
        raise Damaged("order_unreadable", f"item {item} says that it is another one, or not in words")
    return order


def _canonical(content: dict[str, Any]) -> bytes:
    return json.dumps(content, sort_keys=True, separators=(",", ":"), default=date.isoformat).encode()


def _write(path: Path, data: bytes, *, mode: int = 0o660, replace: bool = True) -> None:
    """Write a file whole or not at all, safe from a power cut. replace=False: one that is there already stays."""
    half = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    try:
        with open(os.open(half, os.O_CREAT | os.O_EXCL | os.O_WRONLY, mode), "wb") as file:  # noqa: PTH123  with a mode
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if replace:
            half.replace(path)
        else:
            with suppress(FileExistsError):
                path.hardlink_to(half)
    finally:
        half.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


@contextmanager
def _locked(path: Path, code: str, message: str) -> Iterator[None]:
    with path.open("ab") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Refusal(code, message) from error
        yield
