"""`audit-folder`: what is on the school's website already, as a list to act on."""

from __future__ import annotations

from argparse import Namespace
from collections import Counter
from dataclasses import asdict

from appliance.cli.output import Output, bar
from appliance.pipeline.records.folder import audit_folder
from appliance.store.home import Home


def audit(given: Namespace, out: Output) -> None:
    """`audit-folder DIR [--channel C] [--all] --as WHO`."""
    home = Home.open(given.home)
    with bar("looking at pictures") as progress:
        number = audit_folder(
            given.folder, given.channel, given.who, home, home.today(), progress.update, given.workers
        )
    counted: Counter[str] = Counter()
    for f in home.ledger.folders.findings(number):
        counted.update(["files", *f.to_do])
        if f.to_do or given.all:
            data = asdict(f) | {"to_do": f.to_do, "people": [{"subject": s, "verdict": v} for s, v in f.people]}
            out.row(data, f"{f.path}: {', '.join(f.to_do) or 'nothing to do'}")
    home.audit.record("folder_audit", audit=number, who=given.who, files=counted["files"])
    out.say(", ".join(f"{n} {what.replace('_', ' ')}" for what, n in sorted(counted.items())) or "no pictures there")
    if not home.people.matching().is_on:
        out.say("Matching is off, so nobody was recognised: who is in these pictures is for a person to see.")
