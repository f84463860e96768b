"""Takes the head of the audit log out of the box's own reach, and finds out whether the log still leads there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from appliance.anchor import Anchor, fingerprint, read, sign
from appliance.errors import Damaged, Refusal
from appliance.outbox import Outbox
from appliance.store.audit import Audit

FOLDER = "anchors"
"""In the outbox, and at the far end: the newest heads. The sender adds them there and never removes one."""


def anchor_of(audit: Audit, key: Ed25519PublicKey) -> Anchor:
    """The head as it is now, safe on the disk."""
    audit.flush()
    head = audit.head()
    return Anchor(head.entries, head.link, head.at, fingerprint(key))


def hand_over_anchor(audit: Audit, outbox: Outbox, key: Ed25519PrivateKey) -> Anchor:
    """Put the signed head into the outbox for the sender to take along; once for the same head."""
    anchor = anchor_of(audit, key.public_key())
    if anchor.entries:
        outbox.put_anchor(anchor.name, sign(anchor, key))
    return anchor


def anchor_faults(audit: Audit, folders: list[Path], key: Ed25519PublicKey | None) -> Iterator[str]:
    """Every anchor in these folders that is not this box's, or that the audit log does not lead to."""
    for path in sorted(p for folder in folders if folder.is_dir() for p in folder.glob("*.json")):
        if key is None:
            yield f"{path.parent.name}/{path.name} cannot be checked: keys/release.pub is missing"
            continue
        try:
            anchor = read(path.read_bytes(), key)
        except (Damaged, OSError) as error:
            yield f"{path.parent.name}/{path.name}: {error}"
            continue
        if not audit.has(anchor.entries, anchor.link):
            where = f"its entry {anchor.entries} is not {anchor.link[:16]}…"
            yield f"the audit log is not the one of {anchor.at[:16]}: {where}"


def check_anchor(given: str, audit: Audit, key: Ed25519PublicKey) -> Anchor:
    """An anchor's file, or `ENTRIES:LINK` as it was printed. Raises Damaged if the log does not lead there."""
    entries, colon, link = given.partition(":")
    if colon and entries.strip().isdigit():
        anchor = Anchor(int(entries), "".join(link.split()).lower(), "", fingerprint(key))
    else:
        try:
            anchor = read(Path(given).read_bytes(), key)
        except OSError as error:
            raise Refusal("anchor_unreadable", f"{given} is neither a readable file nor ENTRIES:LINK.") from error
    if not audit.has(anchor.entries, anchor.link):
        raise Damaged(
            "anchor_not_found",
            f"the audit log does not lead to entry {anchor.entries} with that link: it was changed or cut short since.",
        )
    return anchor
