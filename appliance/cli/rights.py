"""The verbs about what is kept and what goes: holds, retention, erasing a person, and looking for unnamed people."""

from __future__ import annotations

import hashlib
import json
import os
from argparse import Namespace
from dataclasses import asdict
from datetime import date

from appliance.cli.auditing import new_file
from appliance.cli.output import Output, bar
from appliance.cli.roster import day
from appliance.errors import Refusal
from appliance.pipeline import erase as erasing
from appliance.pipeline.listing import the_photo
from appliance.pipeline.records import retention as keeping
from appliance.pipeline.records.unnamed import unnamed
from appliance.store.home import Home


def hold(given: Namespace, out: Output) -> None:
    """`hold PHOTO | --subject S | --event E --as WHO --reason T`."""
    home = Home.open(given.home)
    if sum(v is not None for v in (given.photo, given.subject, given.event)) != 1:
        raise Refusal("hold_what", "say what is to be held: one PHOTO, or --subject S, or --event E.")
    photo = the_photo(given.photo, home.ledger).id if given.photo else None
    if given.subject is not None and given.subject not in home.people.roster().people:
        raise Refusal("no_such_subject", f"there is nobody {given.subject!r} on the roster.")
    if given.event is not None and not home.ledger.traces.photos_of_event(given.event):
        raise Refusal("no_such_event", f"no photo was taken in for an event {given.event!r}.")
    placed = home.holds.place(who=given.who, reason=given.reason, photo=photo, subject=given.subject, event=given.event)
    home.audit.record("hold_placed", hold=placed.id, photo=photo, subject=given.subject, who=given.who)
    out.row(asdict(placed), f"hold {placed.id}: nothing of it is deleted until it is released")


def unhold(given: Namespace, out: Output) -> None:
    """`unhold HOLD --as WHO --reason T`: what waited for it is done by the next `process`."""
    home = Home.open(given.home)
    released = home.holds.release(given.hold, who=given.who, reason=given.reason)
    home.audit.record("hold_released", hold=released.id, photo=released.photo, subject=released.subject, who=given.who)
    out.row(asdict(released), f"hold {released.id} is released")


def holds(given: Namespace, out: Output) -> None:
    """`holds`."""
    for one in Home.open(given.home).holds.in_force():
        what = one.photo or (f"person {one.subject}" if one.subject else f"event {one.event}")
        out.row(asdict(one), f"hold {one.id}: {what}, since {one.at[:10]} by {one.who}: {one.reason}")


def retention(given: Namespace, out: Output) -> None:
    """`retention [--dry-run]`: one row for each thing that is due, or for each class that went."""
    home = Home.open(given.home)
    if given.dry_run:
        for one in keeping.due(home, home.today()):
            out.row(asdict(one), f"{one.kind:10s} {one.what}")
        return
    counts = keeping.enforce(home, home.today())
    for kind, count in counts.items():
        out.row({"kind": kind, "deleted": count}, f"{count} {kind} deleted")
    out.say("Nothing is due." if not counts else "Entered into the audit log.")


def erase(given: Namespace, out: Output) -> None:
    """`erase SUBJECT --as WHO [--dry-run] [--out FILE]`."""
    home = Home.open(given.home)
    if given.dry_run:
        found = erasing.reach(given.subject, home)
        data = {"subject": given.subject, "photos": sorted(found.photos), "kept": sorted(found.kept),
                "portraits": len(found.portraits), "copies_to_take_down": found.copies,
                "not_searched": asdict(found.not_searched)}  # fmt: skip
        out.row(data, f"{len(found.photos)} photos would be made again, {found.copies} copies taken down")
        return _say_unsearched(found.not_searched.photos, out)
    file = new_file(given.out) if given.out else None
    done = erasing.erase(given.subject, given.who, home)
    if file:
        with file.open("x", encoding="utf-8") as writing:
            json.dump(done.certificate, writing, indent=1)
            writing.flush()
            os.fsync(writing.fileno())
    out.row(
        {"erased": given.subject, "portraits": done.portraits, "photos": done.photos, "certificate": done.certificate},
        f"{given.subject} is erased: {done.portraits} portraits deleted, {done.photos} photos to be made again "
        f"(certificate {done.certificate['certificate']}). "
        "Run `appliance process`, then `appliance sync` to take down what is published.",
    )
    return _say_unsearched(done.certificate["not_searched"]["photos"], out)


def access(given: Namespace, out: Output) -> None:
    """`sar SUBJECT --out FILE.zip --as WHO`."""
    from appliance.pipeline.records.access import pack, summary
    from appliance.vision.decoder import Decoder
    from appliance.vision.eyes import Eyes

    home = Home.open(given.home)
    file = new_file(given.out)
    with bar("covering everybody else") as progress, Decoder() as decoder:
        done = pack(given.subject, file, home, Eyes.open(home.fpir), decoder, progress.update)
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    home.audit.record("access_pack", subject=given.subject, who=given.who, pictures=done.pictures, sha256=digest)
    out.row(
        {"subject": given.subject, "out": str(file), "sha256": digest, **summary(done)},
        f"{file}: {done.pictures} pictures, {done.portraits} portraits. Look through it before you hand it over.",
    )
    _say_unsearched(done.not_searched.photos if done.not_searched else 0, out)


def certificates(given: Namespace, out: Output) -> None:
    """`certificates`: what was erased, without anybody's data."""
    for one in Home.open(given.home).ledger.erasures.certificates():
        out.row(
            one, f"{one['certificate']}  {one['erased_at'][:16]}  {one['photos']} photos, {one['consents']} consents"
        )


def look_for(given: Namespace, out: Output) -> None:
    """`unnamed [--event E] [--from D] [--until D] [--group G]`: photos for a person to look through."""
    home = Home.open(given.home)
    home.audit.record("unnamed_listed", uid=os.getuid())
    found = unnamed(
        home,
        event=given.event,
        since=_day("--from", given.from_on),
        until=_day("--until", given.until_on),
        group=given.group,
    )
    for one in found:
        data = asdict(one) | {"day": one.day.isoformat(), "page": f"/photo/{one.photo}?show=all"}
        out.row(data, f"{one.photo[:12]}  {one.day}  {one.faces} unnamed  {one.event}")


def _say_unsearched(photos: int, out: Output) -> None:
    if photos:
        out.say(
            f"In {photos} photos nobody was named for some faces: they could not be searched. "
            "`appliance unnamed --event …` lists them for somebody to look through."
        )


def _day(option: str, text: str | None) -> date | None:
    return day(option, text) if text else None
