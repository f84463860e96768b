"""The verbs of the safeguarding lead."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import asdict

from appliance.cli.output import Output
from appliance.pipeline.lead import Lead
from appliance.pipeline.listing import the_photo
from appliance.store.home import Home


def protected(given: Namespace, out: Output) -> None:
    """`lead protected --as WHO`."""
    for p in _lead(given).protected():
        out.row(asdict(p), f"{p.subject}  allowed on: {', '.join(p.channels) or 'no channel'}")


def waiting(given: Namespace, out: Output) -> None:
    """`lead waiting --as WHO`."""
    for w in _lead(given).waiting():
        of_them = f"; protected: {', '.join(w.protected)}" if w.protected else ""
        out.row(asdict(w), f"{w.photo[:12]}  {w.event or 'no event'}  for {', '.join(w.subjects)}{of_them}")


def protect(given: Namespace, out: Output) -> None:
    """`lead protect SUBJECT --as WHO`."""
    _lead(given).protect(given.subject, protected=True)
    out.row({"subject": given.subject, "protected": True}, f"{given.subject} is protected")


def unprotect(given: Namespace, out: Output) -> None:
    """`lead unprotect SUBJECT --as WHO`."""
    _lead(given).protect(given.subject, protected=False)
    out.row({"subject": given.subject, "protected": False}, f"{given.subject} is not protected")


def allow(given: Namespace, out: Output) -> None:
    """`lead allow SUBJECT CHANNEL --as WHO`."""
    _allow(given, out, allowed=True)


def forbid(given: Namespace, out: Output) -> None:
    """`lead forbid SUBJECT CHANNEL --as WHO`."""
    _allow(given, out, allowed=False)


def passes(given: Namespace, out: Output) -> None:
    """`lead pass PHOTO --as WHO`."""
    home = Home.open(given.home)
    said = Lead(given.who, home, home.today()).passes(the_photo(given.photo, home.ledger))
    out.row({"photo": said.photo, "who": said.who}, f"photo {said.photo[:12]} goes on; run `appliance process`")


def _allow(given: Namespace, out: Output, *, allowed: bool) -> None:
    _lead(given).allow(given.subject, given.channel, allowed=allowed)
    words = (
        f"{given.subject} may {'' if allowed else 'not '}be shown on {given.channel}, as far as the lead is concerned"
    )
    out.row({"subject": given.subject, "channel": given.channel, "allowed": allowed}, words)


def _lead(given: Namespace) -> Lead:
    home = Home.open(given.home)
    return Lead(given.who, home, home.today())
