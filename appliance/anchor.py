"""A signed head of the audit log, kept where this box cannot change it: at the far end, or on paper."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from appliance.errors import Damaged


@dataclass(frozen=True, slots=True)
class Anchor:
    """How many entries the log had, the last one's link, when that was written (UTC), and by which box's key."""

    entries: int
    link: str
    at: str
    box: str

    @property
    def name(self) -> str:
        """A file name that sorts by age and is never used for two heads."""
        return f"{self.entries:012d}-{self.link[:16]}.json"

    @property
    def to_print(self) -> str:
        """The link in groups of four, to be read aloud or compared on paper."""
        return " ".join(self.link[i : i + 4] for i in range(0, len(self.link), 4))


def fingerprint(key: Ed25519PublicKey) -> str:
    """Sixteen letters that tell one box's key from another's."""
    return hashlib.sha256(key.public_bytes(Encoding.Raw, PublicFormat.Raw)).hexdigest()[:16]


def sign(anchor: Anchor, key: Ed25519PrivateKey) -> bytes:
    """A small file: the anchor and its signature."""
    signature = key.sign(_canonical(anchor)).hex()
    return (json.dumps({"anchor": asdict(anchor), "signature": signature}, indent=1, sort_keys=True) + "\n").encode()


def read(untrusted: bytes, key: Ed25519PublicKey) -> Anchor:
    """Read a file and believe it. Raises Damaged if it is no anchor, or this box's key did not sign it."""
    try:
        raw: dict[str, Any] = json.loads(untrusted)
        said, signature = raw["anchor"], bytes.fromhex(raw["signature"])
        anchor = Anchor(int(said["entries"]), str(said["link"]), str(said["at"]), str(said["box"]))
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise Damaged("anchor_unreadable", "this is no anchor of an audit log") from error
    try:
        key.verify(signature, _canonical(anchor))
    except InvalidSignature as error:
        raise Damaged("anchor_not_ours", "this anchor was not signed by this box, or was changed") from error
    return anchor


def _canonical(anchor: Anchor) -> bytes:
    return json.dumps(asdict(anchor), sort_keys=True, separators=(",", ":")).encode()
