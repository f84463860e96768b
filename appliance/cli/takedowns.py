"""The verbs about copies that have to be gone."""

from __future__ import annotations

from argparse import Namespace
from typing import Any

from appliance.cli.output import Output
from appliance.domain.takedown import BY_HAND, Takedown
from appliance.errors import Refusal
from appliance.pipeline import takedown as stage
from appliance.pipeline.listing import the_photo
from appliance.store.database import utc_now
from appliance.store.home import Home


def takedowns(given: Namespace, out: Output) -> None:
    """`takedowns [--all]`: what has to be gone, the most urgent first."""
    home, now = Home.open(given.home), utc_now()
    found = home.ledger.takedowns.all() if given.all else home.ledger.takedowns.still_open()
    for t in found:
        data = as_json(t, home.config.target, now)
        due = f"due {t.due_at[:16]}{' OVERDUE' if data['overdue'] else ''}" if t.is_open else f"closed by {t.who}"
        where = "carried on by hand" if t.target == BY_HAND else t.target
        task = " – needs a person: appliance takedowns close" if data["needs_a_person"] else ""
        out.row(data, f"{t.id:5d}  {due}  {t.channel} ({where})  {t.derivative[:12]}…  {t.why.words}{task}")
    if not found and not out.as_json:
        out.say("Nothing has to be taken down.")


def as_json(t: Takedown, target: str, now: str) -> dict[str, Any]:
    """The object that `appliance takedowns --json` prints."""
    return {
        "takedown": t.id, "photo": t.photo, "derivative": t.derivative, "channel": t.channel, "target": t.target,
        "path": t.path, "why": t.why, "opened_at": t.at, "due_at": t.due_at, "state": "open" if t.is_open else "closed",
        "overdue": t.is_open and now > t.due_at, "needs_a_person": t.needs_a_person(target, now),
        "who": t.who or None, "evidence": t.evidence or None, "closed_at": t.ended_at or None,
    }  # fmt: skip


def close(given: Namespace, out: Output) -> None:
    """`takedowns close ID --evidence TEXT --as WHO`."""
    home = Home.open(given.home)
    if not given.takedown.isdigit():
        raise Refusal("no_such_takedown", f"{given.takedown!r} is not the number of a takedown.")
    closed = stage.close(
        int(given.takedown), given.evidence, given.who, ledger=home.ledger, audit=home.audit, target=home.config.target
    )
    out.row(as_json(closed, home.config.target, utc_now()), f"takedown {closed.id} is closed")


def bury(given: Namespace, out: Output) -> None:
    """`takedowns bury PHOTO [--channel CHANNEL] --reason TEXT --as WHO`: it never goes out again."""
    home = Home.open(given.home)
    photo = the_photo(given.photo, home.ledger).id
    channel = given.channel or ""
    stage.bury(photo, channel, given.reason, given.who, ledger=home.ledger, audit=home.audit)
    out.row(
        {"photo": photo, "channel": channel or None, "reason": given.reason, "who": given.who},
        f"photo {photo[:12]}… never goes {f'to {channel}' if channel else 'anywhere'} again; the next sync takes down "
        "what is out",
    )


def tombstones(given: Namespace, out: Output) -> None:
    """`takedowns tombstones`: what never goes out again, and why."""
    for t in Home.open(given.home).ledger.takedowns.all_tombstones():
        data = {"photo": t.photo, "channel": t.channel or None, "why": t.why, "who": t.who, "at": t.at}
        out.row(data, f"{t.at[:16]}  {t.photo[:12]}…  {t.channel or 'every channel'}: {t.why} ({t.who})")
