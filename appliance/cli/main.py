"""The verbs of the command line. Each is one function elsewhere in this package; heavy imports wait until it runs."""

from __future__ import annotations

import argparse
import os
import re
import sqlite3
import sys
from collections.abc import Sequence
from pathlib import Path

from appliance.cli import aside, box, line, publishing, reviewing, takedowns
from appliance.cli.output import Output
from appliance.cli.record_verbs import record_verbs
from appliance.cli.school_verbs import school_verbs
from appliance.cli.verbs import Verbs, by_whom, group, on_photo, verb
from appliance.domain.consent import CHANNELS
from appliance.errors import ApplianceError, Refusal


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command. Exit status: 0 done, 1 refused with a line that says what to do, 2 wrong usage."""
    given = parser().parse_args([_positional(a) for a in (sys.argv[1:] if arguments is None else arguments)])
    out = Output(as_json=getattr(given, "json", False))
    try:
        given.run(given, out)
    except ApplianceError as error:
        out.refuse(error)
        sys.exit(1)
    except sqlite3.Error as error:
        out.refuse(
            Refusal(
                "database_failed", f"the database could not be read or written ({error}); nothing was lost. Try again."
            )
        )
        sys.exit(1)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        what = f"{error.strerror}: {error.filename}" if error.filename else str(error.strerror)
        out.refuse(Refusal("system_failed", f"{what}. Mend that and repeat the command; nothing was lost."))
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


def _positional(argument: str) -> str:
    """A box that begins with a minus sign, made to look like a value and not like an option."""
    return f" {argument}" if re.fullmatch(r"-\d[\d.]*,[-\d.,]+", argument) else argument


def parser() -> argparse.ArgumentParser:
    """Everything that can be typed."""
    p = argparse.ArgumentParser(
        prog="appliance", description="Photos in; pictures that show only consenting people out."
    )
    default = os.environ.get("APPLIANCE_HOME", "var")
    p.add_argument("--home", type=Path, default=Path(default), metavar="DIR", help=f"all state of one box ({default})")
    verbs = p.add_subparsers(metavar="COMMAND", required=True)
    _box_verbs(verbs)
    school_verbs(verbs)
    _line_verbs(verbs)
    _review_verbs(verbs)
    _publishing_verbs(verbs)
    _takedown_verbs(verbs)
    record_verbs(verbs)
    return p


def _box_verbs(verbs: Verbs) -> None:
    verb(verbs, "init", box.init, "a new, empty home")
    run = verb(verbs, "run", box.run, "all services of one box in the foreground")
    run.add_argument("--port", type=int, default=8080)
    verb(verbs, "verify", box.verify, "check every hash, row and audit link")
    verb(verbs, "status", box.status, "what a person at the box needs to know")
    clock = group(verbs, "clock", "the time of this box")
    confirm = verb(clock, "confirm", box.confirm_clock, "say that the time is right, after the clock went back")
    by_whom(confirm)


def _line_verbs(verbs: Verbs) -> None:
    ingest = verb(verbs, "ingest", line.ingest, "take in a card's mount point or any folder; safe to run again")
    ingest.add_argument("path", type=Path, metavar="PATH")
    ingest.add_argument("--event", default="", metavar="NAME")
    process = verb(verbs, "process", line.process, "run due jobs until none is due")
    process.add_argument("--workers", type=int, default=0, help="child processes; 0: one a processor core")
    photos = verb(verbs, "photos", line.photos, "every photo and refused file")
    photos.add_argument("--state", default=None)
    parked = group(verbs, "parked", "files that were set aside")
    export = on_photo(parked, "export", aside.export, "give a parked file and what hangs on it back to its owner")
    export.add_argument("--out", type=Path, required=True, metavar="DIR")
    on_photo(parked, "erase", aside.erase, "remove a parked file and what hangs on it")
    derivative = verb(verbs, "derivative", line.derivative, "write a derivative to a file")
    derivative.add_argument("sha256", metavar="SHA256")
    derivative.add_argument("--out", type=Path, required=True, metavar="FILE")
    sync = verb(verbs, "sync", line.sync, "release what may go, send it, take down what must go, verify")
    sync.add_argument("--test", action="store_true", help="only try whether the target works, with a small file")
    sync.add_argument("--read-all", action="store_true", help="fetch back what was checked before, too")


def _review_verbs(verbs: Verbs) -> None:
    review = group(verbs, "review", "what a person says about photos")
    approve = verb(review, "approve", reviewing.approve, "approve exactly these bytes for one channel")
    which = approve.add_mutually_exclusive_group(required=True)
    which.add_argument("--all", action="store_true")
    which.add_argument("derivatives", nargs="*", default=[], metavar="DERIVATIVE")
    approve.add_argument("--channel", required=True, choices=CHANNELS)
    by_whom(approve)
    on_photo(review, "name", reviewing.name, "say who a face is (`nobody`: nobody on the roster)", "face", "subject")
    on_photo(review, "cover", reviewing.cover, "draw a cover", "box")
    on_photo(review, "uncover", reviewing.uncover, "take back a cover, or dismiss a detection", "cover")
    attest = on_photo(review, "attest", reviewing.attest, "everybody in it belongs to this group")
    attest.add_argument("--group", required=True)
    withhold = on_photo(review, "withhold", reviewing.withhold, "keep a photo from a channel")
    withhold.add_argument("--channel", required=True, choices=CHANNELS)
    withhold.add_argument("--reason", required=True, metavar="TEXT")
    offer = on_photo(review, "offer", reviewing.offer, "take a withholding back")
    offer.add_argument("--channel", required=True, choices=CHANNELS)
    quarantine = verb(verbs, "quarantine", reviewing.quarantine, "nobody sees, sends or deletes this photo from now on")
    quarantine.add_argument("photo", metavar="PHOTO")
    by_whom(quarantine)


def _publishing_verbs(verbs: Verbs) -> None:
    verb(verbs, "channels", publishing.channels, "who sees each channel, what may go there, how its pictures look")
    verb(verbs, "events", publishing.events, "what each event is called outside, and whether that holds a name")
    event = group(verbs, "event", "the name of one event")
    confirm = verb(event, "confirm", publishing.confirm, "what reads like a first name in it is just a word")
    confirm.add_argument("event", metavar="EVENT")
    by_whom(confirm)
    call = verb(event, "call", publishing.call, "call it something else outside")
    call.add_argument("event", metavar="EVENT")
    call.add_argument("name", metavar="NAME")
    by_whom(call)
    words = verb(verbs, "words", publishing.words, "whether a caption may go out beside pictures")
    words.add_argument("text", metavar="TEXT")
    words.add_argument("--channel", default="website", choices=CHANNELS)
    certificate = verb(verbs, "certificate", publishing.certificate, "what was checked of a file that left")
    certificate.add_argument("derivative", metavar="DERIVATIVE")


def _takedown_verbs(verbs: Verbs) -> None:
    listed = verb(verbs, "takedowns", takedowns.takedowns, "copies that have to be gone, the most urgent first")
    listed.add_argument("--all", action="store_true", help="closed ones too")
    more = listed.add_subparsers(metavar="COMMAND")
    close = verb(more, "close", takedowns.close, "record that a copy is gone, or was never carried on")
    close.add_argument("takedown", metavar="ID")
    close.add_argument("--evidence", required=True, metavar="TEXT", help="what you looked at, and when; no names")
    by_whom(close)
    bury = verb(more, "bury", takedowns.bury, "say that a photo never goes out again")
    bury.add_argument("photo", metavar="PHOTO")
    bury.add_argument("--channel", choices=CHANNELS, help="only there; everywhere if left out")
    bury.add_argument("--reason", required=True, metavar="TEXT")
    by_whom(bury)
    verb(more, "tombstones", takedowns.tombstones, "what never goes out again, and why")
