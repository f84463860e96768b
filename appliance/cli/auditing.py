"""The verbs about the audit log: list, export, its head, and whether an old head still leads there."""

from __future__ import annotations

import json
import os
from argparse import Namespace
from dataclasses import asdict
from pathlib import Path

from appliance.cli.output import Output
from appliance.errors import Refusal
from appliance.outbox import load_or_create_signing_key, load_public_key
from appliance.pipeline.records.anchors import anchor_of, check_anchor
from appliance.store.audit import Asked
from appliance.store.home import Home


def list_entries(given: Namespace, out: Output) -> None:
    """`audit list [--since D] [--until D] [--kind EVENT] [--subject S] [--photo P] [--last N]`."""
    home = Home.open(given.home)
    asked = Asked(given.kind, given.subject, given.photo, given.since, given.until, given.last)
    for entry in home.audit.find(asked):
        said = entry["payload"]
        words = "forgotten" if said is None else ", ".join(f"{k} {v}" for k, v in said.items() if v is not None)
        out.row(entry, f"{entry['id']:>7} {entry['at'][:19]} {entry['event']:22s} {words}")


def export(given: Namespace, out: Output) -> None:
    """`audit export --out FILE --as WHO`: everything needed to reckon the chain again elsewhere."""
    home = Home.open(given.home)
    home.audit.record("audit_exported", who=given.who, uid=os.getuid())
    count = 0
    with new_file(given.out).open("x", encoding="utf-8") as file:
        for entry in home.audit.everything():
            count += 1
            file.write(json.dumps(entry, sort_keys=True) + "\n")
        file.flush()
        os.fsync(file.fileno())
    out.row({"entries": count, "out": str(given.out)}, f"{given.out}: {count} entries")


def head(given: Namespace, out: Output) -> None:
    """`audit head`: what to print, and keep where this box cannot reach it."""
    home = Home.open(given.home)
    anchor = anchor_of(home.audit, load_or_create_signing_key(home.root / "keys").public_key())
    out.row(
        asdict(anchor),
        f"Audit log of box {anchor.box}\nentries  {anchor.entries}\nhead     {anchor.to_print}\n"
        f"written  {anchor.at} (UTC)\n"
        f"Keep this sheet. Later: appliance audit check '{anchor.entries}:{anchor.link}'",
    )


def check(given: Namespace, out: Output) -> None:
    """`audit check ANCHOR…`: each a file from the far end, or ENTRIES:LINK from paper."""
    home = Home.open(given.home)
    for one in given.anchors:
        anchor = check_anchor(one, home.audit, load_public_key(home.root / "keys"))
        out.row(
            asdict(anchor), f"the log still leads to its entry {anchor.entries} as it was {anchor.at[:16]}".rstrip()
        )


def new_file(path: Path) -> Path:
    """A file that does not exist yet. Raises Refusal if it does, or its folder does not."""
    if path.exists():
        raise Refusal("file_exists", f"{path} exists already; give another name, or remove it first.")
    if not path.absolute().parent.is_dir():
        raise Refusal("no_such_folder", f"{path.absolute().parent} is not a folder.")
    return path
