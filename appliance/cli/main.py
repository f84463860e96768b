"""The verbs of the command line. Each is one function elsewhere in this package; heavy imports wait until it runs."""

from __future__ import annotations

import argparse
import os
import re
import sqlite3
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TypeAlias

from appliance.cli import (
    aside,
    box,
    enrolment,
    exports,
    foresight,
    leading,
    line,
    publishing,
    reviewing,
    roster,
    school,
    takedowns,
)
from appliance.cli.output import Output
from appliance.cli.record_verbs import record_verbs
from appliance.domain.consent import CHANNELS, SCOPES
from appliance.errors import ApplianceError, Refusal

ENCODINGS = ("utf-8", "utf-16", "windows-1252")
Verbs: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"  # noqa: SLF001  argparse gives it no public name


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
    _school_verbs(verbs)
    _lead_verbs(verbs)
    _foresight_verbs(verbs)
    _line_verbs(verbs)
    _review_verbs(verbs)
    _publishing_verbs(verbs)
    _takedown_verbs(verbs)
    record_verbs(verbs, _verb, _group)
    return p


def _box_verbs(verbs: Verbs) -> None:
    _verb(verbs, "init", box.init, "a new, empty home")
    run = _verb(verbs, "run", box.run, "all services of one box in the foreground")
    run.add_argument("--port", type=int, default=8080)
    _verb(verbs, "verify", box.verify, "check every hash, row and audit link")
    _verb(verbs, "status", box.status, "what a person at the box needs to know")
    clock = _group(verbs, "clock", "the time of this box")
    confirm = _verb(clock, "confirm", box.confirm_clock, "say that the time is right, after the clock went back")
    _as(confirm)


def _school_verbs(verbs: Verbs) -> None:
    record = _verb(
        _group(verbs, "dpia", "the assessment"), "record", school.record_assessment, "keep a signed-off assessment"
    )
    record.add_argument("file", type=Path, metavar="FILE")
    _as(record)
    matching = _group(verbs, "matching", "comparing faces with templates")
    on = _verb(matching, "on", school.matching_on, "on the strength of a recorded assessment")
    on.add_argument("--dpia", required=True, metavar="ID")
    _as(on)
    _as(_verb(matching, "off", school.matching_off, "delete all templates; staff name faces"), required=False)
    _verb(matching, "status", school.matching_status, "on or off, by which assessment")
    people = _group(verbs, "roster", "people and consents")
    _roster_verbs(people)
    imports = _verb(people, "import", school.import_roster, "from CSV files and portraits")
    for option in ("--people", "--consents", "--portraits"):
        imports.add_argument(option, type=Path)
    imports.add_argument(
        "--profile", metavar="NAME", help="--people is an export of another system, read by this profile"
    )
    imports.add_argument("--encoding", default="", choices=ENCODINGS)
    imports.add_argument("--dry-run", action="store_true", help="show what would change, and change nothing")
    imports.add_argument("--complete", action="store_true", help="the files are everything: who is absent has gone")
    imports.add_argument("--resolve", action="append", default=[], metavar="CONFLICT")
    imports.add_argument("--evidence", default="", metavar="TEXT")
    _as(imports, required=False)
    consents = _group(verbs, "consent", "one consent")
    consent = _verb(consents, "set", school.set_consent, "record what a party said")
    _said(consent)
    consent.add_argument("--yes", action="store_true", help="do not show first what follows")
    _as(consent)
    clear = _verb(consents, "clear", roster.clear, "remove somebody's pictures from before a day; consents stay")
    clear.add_argument("subject", metavar="SUBJECT")
    clear.add_argument("--before", required=True, metavar="D")
    clear.add_argument("--evidence", default="", metavar="T")
    _as(clear)
    portraits = _verb(verbs, "portraits", enrolment.portraits, "every portrait, why it is not used, when one is due")
    portraits.add_argument("--state", default=None)
    portraits.add_argument("--renew", action="store_true", help="only of people who need a new portrait now")
    test = _verb(verbs, "selftest", enrolment.selftest, "measure error rates on the box's own roster")
    test.add_argument("--set", dest="fpir", type=float, metavar="FPIR", help="and state this rate as the school's")
    _as(test, required=False)


def _said(verb: argparse.ArgumentParser) -> None:
    """What a party says."""
    verb.add_argument("subject", metavar="SUBJECT")
    verb.add_argument("scope", choices=SCOPES)
    verb.add_argument("decision", choices=("notified", "granted", "refused", "withdrawn"))
    verb.add_argument("--party", required=True)
    verb.add_argument("--from", dest="from_on", metavar="D")
    verb.add_argument("--until", dest="until_on", metavar="D")
    verb.add_argument("--evidence", default="", metavar="T")


def _roster_verbs(people: Verbs) -> None:
    profile = _group(people, "profile", "how exports of other systems are read")
    _verb(profile, "list", exports.list_profiles, "profiles of the school, and examples")
    _verb(profile, "show", exports.show_profile, "the file of one").add_argument("name", metavar="NAME")
    save = _verb(profile, "save", exports.save_profile, "keep a file, or a copy of an example, as one of the school's")
    save.add_argument("name", metavar="NAME")
    source = save.add_mutually_exclusive_group(required=True)
    source.add_argument("--file", type=Path)
    source.add_argument("--from", dest="example", metavar="EXAMPLE")
    _as(save, required=False)
    mapping = _group(people, "mapping", "what one yes/no column is about: decided by the school, once, on record")
    record = _verb(mapping, "record", exports.record_mapping, "record the decision")
    record.add_argument("profile", metavar="PROFILE")
    record.add_argument("column", metavar="COLUMN")
    record.add_argument("channels", nargs="+", choices=CHANNELS)
    record.add_argument("--evidence", required=True, metavar="TEXT")
    _as(record)
    _verb(mapping, "list", exports.list_mappings, "the decisions that count")
    conflicts = _group(people, "conflicts", "imported rows that were not applied, because they go against a no")
    _verb(conflicts, "list", exports.list_conflicts, "the open ones")
    close = _verb(conflicts, "close", exports.close_conflict, "what is on record stands; do not ask again")
    close.add_argument("conflict", metavar="CONFLICT")
    close.add_argument("--evidence", required=True, metavar="TEXT")
    _as(close)
    export = _verb(people, "export", exports.export, "people and consents as CSV files, safe to open in a spreadsheet")
    export.add_argument("--out", type=Path, required=True, metavar="DIR")
    _as(export)
    show = _verb(people, "show", roster.show, "what is believed of somebody on a day, and why")
    show.add_argument("subject", metavar="SUBJECT")
    show.add_argument("--on", metavar="D", help="the day that is asked about; today if left out")
    show.add_argument("--known", metavar="D", help="by what was on record at the end of that day; as --on if left out")


def _foresight_verbs(verbs: Verbs) -> None:
    whatif = _group(verbs, "whatif", "what would follow from a change; nothing is changed")
    _said(_verb(whatif, "consent", foresight.consent, "if a party said this"))
    leave = _verb(whatif, "leave", foresight.leave, "if a group, or somebody, left")
    leave.add_argument("subjects", nargs="*", metavar="SUBJECT")
    leave.add_argument("--group", default="")
    clear = _verb(whatif, "clear", foresight.clear, "if somebody's pictures from before a day went")
    clear.add_argument("subject", metavar="SUBJECT")
    clear.add_argument("--before", required=True, metavar="D")
    policy = _verb(whatif, "policy", foresight.policy, "if these rules about consent were set in config.toml")
    policy.add_argument("settings", nargs="+", metavar="KEY=VALUE")
    expiring = _verb(verbs, "expiring", foresight.expiring, "what ends by itself, and what goes with it")
    expiring.add_argument("--days", type=int, default=60)


def _lead_verbs(verbs: Verbs) -> None:
    lead = _group(verbs, "lead", "what only the safeguarding lead sees and says")
    for name, run, text in (
        ("protected", leading.protected, "who is protected, and where they may be shown all the same"),
        ("waiting", leading.waiting, "photos that wait for the lead, and for whose sake"),
    ):
        _as(_verb(lead, name, run, text))
    protect = _verb(lead, "protect", leading.protect, "somebody is protected from now on")
    release = _verb(lead, "unprotect", leading.unprotect, "somebody is not protected any more")
    for verb in (protect, release):
        verb.add_argument("subject", metavar="SUBJECT")
        _as(verb)
    allow = _verb(lead, "allow", leading.allow, "a protected person may be shown on this channel, if all others agree")
    forbid = _verb(lead, "forbid", leading.forbid, "take that back")
    for verb in (allow, forbid):
        verb.add_argument("subject", metavar="SUBJECT")
        verb.add_argument("channel", choices=CHANNELS)
        _as(verb)
    _on_photo(lead, "pass", leading.passes, "a photo that waits goes on to whoever approves it")


def _line_verbs(verbs: Verbs) -> None:
    ingest = _verb(verbs, "ingest", line.ingest, "take in a card's mount point or any folder; safe to run again")
    ingest.add_argument("path", type=Path, metavar="PATH")
    ingest.add_argument("--event", default="", metavar="NAME")
    process = _verb(verbs, "process", line.process, "run due jobs until none is due")
    process.add_argument("--workers", type=int, default=0, help="child processes; 0: one a processor core")
    photos = _verb(verbs, "photos", line.photos, "every photo and refused file")
    photos.add_argument("--state", default=None)
    parked = _group(verbs, "parked", "files that were set aside")
    export = _on_photo(parked, "export", aside.export, "give a parked file and what hangs on it back to its owner")
    export.add_argument("--out", type=Path, required=True, metavar="DIR")
    _on_photo(parked, "erase", aside.erase, "remove a parked file and what hangs on it")
    derivative = _verb(verbs, "derivative", line.derivative, "write a derivative to a file")
    derivative.add_argument("sha256", metavar="SHA256")
    derivative.add_argument("--out", type=Path, required=True, metavar="FILE")
    sync = _verb(verbs, "sync", line.sync, "release what may go, send it, take down what must go, verify")
    sync.add_argument("--test", action="store_true", help="only try whether the target works, with a small file")
    sync.add_argument("--read-all", action="store_true", help="fetch back what was checked before, too")


def _review_verbs(verbs: Verbs) -> None:
    review = _group(verbs, "review", "what a person says about photos")
    approve = _verb(review, "approve", reviewing.approve, "approve exactly these bytes for one channel")
    which = approve.add_mutually_exclusive_group(required=True)
    which.add_argument("--all", action="store_true")
    which.add_argument("derivatives", nargs="*", default=[], metavar="DERIVATIVE")
    approve.add_argument("--channel", required=True, choices=CHANNELS)
    _as(approve)
    _on_photo(review, "name", reviewing.name, "say who a face is (`nobody`: nobody on the roster)", "face", "subject")
    _on_photo(review, "cover", reviewing.cover, "draw a cover", "box")
    _on_photo(review, "uncover", reviewing.uncover, "take back a cover, or dismiss a detection", "cover")
    attest = _on_photo(review, "attest", reviewing.attest, "everybody in it belongs to this group")
    attest.add_argument("--group", required=True)
    withhold = _on_photo(review, "withhold", reviewing.withhold, "keep a photo from a channel")
    withhold.add_argument("--channel", required=True, choices=CHANNELS)
    withhold.add_argument("--reason", required=True, metavar="TEXT")
    offer = _on_photo(review, "offer", reviewing.offer, "take a withholding back")
    offer.add_argument("--channel", required=True, choices=CHANNELS)
    quarantine = _verb(
        verbs, "quarantine", reviewing.quarantine, "nobody sees, sends or deletes this photo from now on"
    )
    quarantine.add_argument("photo", metavar="PHOTO")
    _as(quarantine)


def _publishing_verbs(verbs: Verbs) -> None:
    _verb(verbs, "channels", publishing.channels, "who sees each channel, what may go there, how its pictures look")
    _verb(verbs, "events", publishing.events, "what each event is called outside, and whether that holds a name")
    event = _group(verbs, "event", "the name of one event")
    confirm = _verb(event, "confirm", publishing.confirm, "what reads like a first name in it is just a word")
    confirm.add_argument("event", metavar="EVENT")
    _as(confirm)
    call = _verb(event, "call", publishing.call, "call it something else outside")
    call.add_argument("event", metavar="EVENT")
    call.add_argument("name", metavar="NAME")
    _as(call)
    words = _verb(verbs, "words", publishing.words, "whether a caption may go out beside pictures")
    words.add_argument("text", metavar="TEXT")
    words.add_argument("--channel", default="website", choices=CHANNELS)
    certificate = _verb(verbs, "certificate", publishing.certificate, "what was checked of a file that left")
    certificate.add_argument("derivative", metavar="DERIVATIVE")


def _takedown_verbs(verbs: Verbs) -> None:
    group = _verb(verbs, "takedowns", takedowns.takedowns, "copies that have to be gone, the most urgent first")
    group.add_argument("--all", action="store_true", help="closed ones too")
    more = group.add_subparsers(metavar="COMMAND")
    close = _verb(more, "close", takedowns.close, "record that a copy is gone, or was never carried on")
    close.add_argument("takedown", metavar="ID")
    close.add_argument("--evidence", required=True, metavar="TEXT", help="what you looked at, and when; no names")
    _as(close)
    bury = _verb(more, "bury", takedowns.bury, "say that a photo never goes out again")
    bury.add_argument("photo", metavar="PHOTO")
    bury.add_argument("--channel", choices=CHANNELS, help="only there; everywhere if left out")
    bury.add_argument("--reason", required=True, metavar="TEXT")
    _as(bury)
    _verb(more, "tombstones", takedowns.tombstones, "what never goes out again, and why")


def _group(verbs: Verbs, name: str, text: str) -> Verbs:
    return verbs.add_parser(name, help=text).add_subparsers(metavar="COMMAND", required=True)


def _verb(verbs: Verbs, name: str, run: object, text: str) -> argparse.ArgumentParser:
    verb = verbs.add_parser(name, help=text, description=text)
    verb.set_defaults(run=run)
    verb.add_argument("--json", action="store_true", help="one JSON object per line")
    return verb


def _on_photo(verbs: Verbs, name: str, run: object, text: str, *more: str) -> argparse.ArgumentParser:
    verb = _verb(verbs, name, run, text)
    verb.add_argument("photo", metavar="PHOTO")
    for argument in more:
        verb.add_argument(argument, metavar="X,Y,W,H" if argument == "box" else argument.upper())
    _as(verb)
    return verb


def _as(verb: argparse.ArgumentParser, *, required: bool = True) -> None:
    verb.add_argument("--as", dest="who", required=required, default="console", metavar="WHO", help="who says so")
