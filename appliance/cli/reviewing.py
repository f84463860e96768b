"""The verbs of `appliance review`, and quarantine: what somebody at the box's own console says about photos."""

from __future__ import annotations

from argparse import Namespace

from appliance.cli.output import Output
from appliance.domain.face import Box
from appliance.domain.ruling import Ruling
from appliance.errors import Refusal
from appliance.pipeline.listing import the_photo
from appliance.pipeline.rule import Reviewer
from appliance.store.home import Home
from appliance.store.ledger import PhotoRow

NOBODY = "nobody"


def approve(given: Namespace, out: Output) -> None:
    """`review approve (--all | DERIVATIVE…) --channel CHANNEL --as WHO`."""
    _, reviewer = _open(given)
    said = (
        [reviewer.approve_all(given.channel)]
        if given.all
        else (reviewer.approve(derivative, given.channel) for derivative in given.derivatives)
    )
    count = 0
    for ruling in (ruling for rulings in said for ruling in rulings):
        _print(ruling, out, f"approved {ruling.derivative} for {ruling.channel}")
        count += 1
    out.say(f"{count} approved for {given.channel}.")


def name(given: Namespace, out: Output) -> None:
    """`review name PHOTO FACE SUBJECT --as WHO`."""
    row, reviewer = _on(given)
    subject = None if given.subject == NOBODY else given.subject
    _print(reviewer.name(row, given.face, subject), out, f"face {given.face} is {given.subject}")


def cover(given: Namespace, out: Output) -> None:
    """`review cover PHOTO X,Y,W,H --as WHO`."""
    row, reviewer = _on(given)
    ruling = reviewer.cover(row, _box(given.box))
    _print(ruling, out, f"cover {ruling.face}")


def uncover(given: Namespace, out: Output) -> None:
    """`review uncover PHOTO COVER --as WHO`."""
    row, reviewer = _on(given)
    _print(reviewer.uncover(row, given.cover), out, f"taken back: {given.cover}")


def attest(given: Namespace, out: Output) -> None:
    """`review attest PHOTO --group GROUP --as WHO`."""
    row, reviewer = _on(given)
    _print(reviewer.attest(row, given.group), out, f"everybody in it belongs to {given.group}")


def withhold(given: Namespace, out: Output) -> None:
    """`review withhold PHOTO --channel CHANNEL --as WHO --reason TEXT`."""
    row, reviewer = _on(given)
    _print(reviewer.withhold(row, given.channel, given.reason), out, f"withheld from {given.channel}")


def offer(given: Namespace, out: Output) -> None:
    """`review offer PHOTO --channel CHANNEL --as WHO`."""
    row, reviewer = _on(given)
    _print(reviewer.offer(row, given.channel), out, f"offered to {given.channel} again")


def quarantine(given: Namespace, out: Output) -> None:
    """`quarantine PHOTO --as WHO`."""
    row, reviewer = _on(given)
    _print(reviewer.quarantine(row), out, "quarantined: nobody sees, sends or deletes it from now on")


def _open(given: Namespace) -> tuple[Home, Reviewer]:
    home = Home.open(given.home)
    reviewer = Reviewer(
        given.who, ledger=home.ledger, people=home.people, audit=home.audit, looks=home.looks, today=home.today()
    )
    return home, reviewer


def _on(given: Namespace) -> tuple[PhotoRow, Reviewer]:
    home, reviewer = _open(given)
    return the_photo(given.photo, home.ledger), reviewer


def _box(text: str) -> Box:
    try:
        x, y, w, h = (float(part) for part in text.split(","))
    except ValueError as error:
        raise Refusal("not_a_box", f"{text!r} is not X,Y,W,H: four numbers, pixels of the upright original.") from error
    return Box(x, y, w, h)


def _print(ruling: Ruling, out: Output, words: str) -> None:
    r = ruling
    out.row(
        {"ruling": r.id, "kind": r.kind, "photo": r.photo, "face": r.face, "subject": r.subject, "channel": r.channel,
         "derivative": r.derivative, "who": r.who, "at": r.at},
        words,
    )  # fmt: skip
