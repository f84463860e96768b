"""The verbs of the line: take in, process, look at what became of it, send."""

from __future__ import annotations

import os
from argparse import Namespace
from dataclasses import asdict
from pathlib import Path

from appliance.cli.output import Output, bar
from appliance.cli.sending import probe, send
from appliance.domain.photo import PhotoState
from appliance.domain.takedown import BY_HAND
from appliance.errors import Refusal
from appliance.pipeline.admit import Intaken, admit
from appliance.pipeline.listing import PhotoView, as_json, views
from appliance.store.home import Home


def ingest(given: Namespace, out: Output) -> None:
    """`ingest PATH [--event NAME]`."""
    home = Home.open(given.home)
    home.now()
    taken = take_in(home, given.path, given.event)
    out.row(
        asdict(taken),
        f"{taken.files} files: {taken.admitted} new, {taken.duplicates} known already, "
        f"{taken.skipped} links or devices left out",
    )
    if taken.unread:
        raise Refusal(
            "card_unreadable", f"{taken.unread} files could not be read; put the card in again and repeat the command."
        )


def take_in(home: Home, path: Path, event: str) -> Intaken:
    """Take in a folder with a progress bar in megabytes."""
    with bar("taking in, MB") as progress:
        return admit(
            path, event, ledger=home.ledger, vault=home.vault, audit=home.audit,
            progress=lambda done, total: progress.update(done // 1_000_000, total // 1_000_000),
        )  # fmt: skip


def process(given: Namespace, out: Output) -> None:
    """`process`: interrupted intakes are taken up first, as far as their card is there."""
    from appliance import worker

    home = Home.open(given.home)
    for intake in home.ledger.unfinished_intakes():
        if Path(intake.path).is_dir():
            take_in(home, Path(intake.path), intake.event)
        else:
            out.say(f"{intake.path} was not taken in completely; put the card in again to finish it.")
    most: dict[str, int] = {}
    with bar("processing") as progress:

        def show(due: dict[str, int]) -> None:
            for stage, count in due.items():
                most[stage] = max(most.get(stage, 0), count)
            stage = next((s for s in ("enrol", "analyse", "render") if due.get(s)), "render")
            words = {"enrol": "enrolling people", "analyse": "looking at photos", "render": "making pictures"}[stage]
            progress.update(most.get(stage, 0) - due.get(stage, 0), most.get(stage, 0), words)

        worker.process(home, workers=given.workers, progress=show)
    counts = {str(state): n for state, n in sorted(home.ledger.counts().items())}
    out.row({"states": counts}, ", ".join(f"{n} {state}" for state, n in counts.items()) or "nothing to do")


def photos(given: Namespace, out: Output) -> None:
    """`photos [--state S]`."""
    home = Home.open(given.home)
    if given.state is not None and given.state not in list(PhotoState):
        raise Refusal("no_such_state", f"there is no state {given.state!r}. States: {', '.join(PhotoState)}.")
    for seen in views(home.ledger, home.people, home.looks, home.today()):
        if given.state in (None, seen.state):
            out.row(as_json(seen), _words(seen))


def derivative(given: Namespace, out: Output) -> None:
    """`derivative SHA256 --out FILE`."""
    home = Home.open(given.home)
    hidden = home.people.quarantined()
    made_of = home.ledger.photos_of(given.sha256)
    if not made_of or any(p in hidden for p in made_of):
        raise Refusal(
            "no_such_derivative", f"there is no derivative {given.sha256!r}. `appliance photos --json` lists them."
        )
    data = home.vault.read("derivatives", given.sha256)
    try:
        given.out.write_bytes(data)
    except OSError as error:
        raise Refusal("not_written", f"{given.out} cannot be written: {error.strerror}.") from error
    home.audit.record("derivative_copied", derivative=given.sha256, uid=os.getuid())
    out.row({"derivative": given.sha256, "out": str(given.out), "bytes": len(data)}, f"{given.out}: {len(data)} bytes")


def sync(given: Namespace, out: Output) -> None:
    """`sync [--test] [--read-all]`."""
    home = Home.open(given.home)
    if given.test:
        probe(home)
        words = "the target can be written, read back, cleared and listed"
        out.row({"target": home.config.target, "works": True}, words)
        return
    result = send(home, out.say, read_all=given.read_all)
    out.row(
        {
            "sent": result.sent,
            "taken_down": result.taken_down,
            "failed": result.failed,
            "missing": result.missing,
            "returned": result.returned,
            "foreign": list(result.foreign),
            "altered": list(result.altered),
        },
        f"{result.sent} sent, {result.taken_down} taken down, {result.failed} failed",
    )
    result.raise_if_failed()


def register(given: Namespace, out: Output) -> None:
    """`register`."""
    home = Home.open(given.home)
    for c in home.ledger.copies():
        data = {"derivative": c.derivative, "photo": c.photo, "channel": c.channel, "target": c.target, "path": c.path,
                "since": c.since, "until": c.until, "state": c.state}  # fmt: skip
        ended = f" until {c.until[:16]}" if c.until else ""
        how = " (carried on by hand, perhaps)" if c.target == BY_HAND else ""
        out.row(data, f"{c.state:18s} {c.path} since {c.since[:16]}{ended}{how}")


def _words(seen: PhotoView) -> str:
    name = seen.row.names[0] if seen.row.names else "?"
    if seen.decision is None:
        return f"{seen.row.id[:12]}  {name}  {seen.state}" + (f": {seen.row.reason}" if seen.row.reason else "")
    channels = ", ".join(
        f"{n} {'published' if c.published else 'approved' if c.approved else c.disposition}"
        for n, c in seen.channels.items()
    )
    return f"{seen.row.id[:12]}  {name}  {seen.state}  {len(seen.faces)} faces  {channels}"
