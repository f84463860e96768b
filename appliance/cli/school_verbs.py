"""The part of the command line about people: roster, consents, portraits, matching, and who is protected."""

from __future__ import annotations

import argparse
from pathlib import Path

from appliance.cli import enrolment, exports, foresight, leading, roster, school
from appliance.cli.verbs import Verbs, by_whom, group, on_photo, verb
from appliance.domain.consent import CHANNELS, SCOPES

ENCODINGS = ("utf-8", "utf-16", "windows-1252")


def school_verbs(verbs: Verbs) -> None:
    """Add them."""
    _people_verbs(verbs)
    _lead_verbs(verbs)
    _foresight_verbs(verbs)


def _people_verbs(verbs: Verbs) -> None:
    record = verb(
        group(verbs, "dpia", "the assessment"), "record", school.record_assessment, "keep a signed-off assessment"
    )
    record.add_argument("file", type=Path, metavar="FILE")
    by_whom(record)
    matching = group(verbs, "matching", "comparing faces with templates")
    on = verb(matching, "on", school.matching_on, "on the strength of a recorded assessment")
    on.add_argument("--dpia", required=True, metavar="ID")
    by_whom(on)
    by_whom(verb(matching, "off", school.matching_off, "delete all templates; staff name faces"), required=False)
    verb(matching, "status", school.matching_status, "on or off, by which assessment")
    people = group(verbs, "roster", "people and consents")
    _roster_verbs(people)
    imports = verb(people, "import", school.import_roster, "from CSV files and portraits")
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
    by_whom(imports, required=False)
    consents = group(verbs, "consent", "one consent")
    consent = verb(consents, "set", school.set_consent, "record what a party said")
    _said(consent)
    consent.add_argument("--yes", action="store_true", help="do not show first what follows")
    by_whom(consent)
    clear = verb(consents, "clear", roster.clear, "remove somebody's pictures from before a day; consents stay")
    clear.add_argument("subject", metavar="SUBJECT")
    clear.add_argument("--before", required=True, metavar="D")
    clear.add_argument("--evidence", default="", metavar="T")
    by_whom(clear)
    portraits = verb(verbs, "portraits", enrolment.portraits, "every portrait, why it is not used, when one is due")
    portraits.add_argument("--state", default=None)
    portraits.add_argument("--renew", action="store_true", help="only of people who need a new portrait now")
    test = verb(verbs, "selftest", enrolment.selftest, "measure error rates on the box's own roster")
    test.add_argument("--set", dest="fpir", type=float, metavar="FPIR", help="and state this rate as the school's")
    by_whom(test, required=False)


def _said(added: argparse.ArgumentParser) -> None:
    """What a party says."""
    added.add_argument("subject", metavar="SUBJECT")
    added.add_argument("scope", choices=SCOPES)
    added.add_argument("decision", choices=("notified", "granted", "refused", "withdrawn"))
    added.add_argument("--party", required=True)
    added.add_argument("--from", dest="from_on", metavar="D")
    added.add_argument("--until", dest="until_on", metavar="D")
    added.add_argument("--evidence", default="", metavar="T")


def _roster_verbs(people: Verbs) -> None:
    profile = group(people, "profile", "how exports of other systems are read")
    verb(profile, "list", exports.list_profiles, "profiles of the school, and examples")
    verb(profile, "show", exports.show_profile, "the file of one").add_argument("name", metavar="NAME")
    save = verb(profile, "save", exports.save_profile, "keep a file, or a copy of an example, as one of the school's")
    save.add_argument("name", metavar="NAME")
    source = save.add_mutually_exclusive_group(required=True)
    source.add_argument("--file", type=Path)
    source.add_argument("--from", dest="example", metavar="EXAMPLE")
    by_whom(save, required=False)
    mapping = group(people, "mapping", "what one yes/no column is about: decided by the school, once, on record")
    record = verb(mapping, "record", exports.record_mapping, "record the decision")
    record.add_argument("profile", metavar="PROFILE")
    record.add_argument("column", metavar="COLUMN")
    record.add_argument("channels", nargs="+", choices=CHANNELS)
    record.add_argument("--evidence", required=True, metavar="TEXT")
    by_whom(record)
    verb(mapping, "list", exports.list_mappings, "the decisions that count")
    conflicts = group(people, "conflicts", "imported rows that were not applied, because they go against a no")
    verb(conflicts, "list", exports.list_conflicts, "the open ones")
    close = verb(conflicts, "close", exports.close_conflict, "what is on record stands; do not ask again")
    close.add_argument("conflict", metavar="CONFLICT")
    close.add_argument("--evidence", required=True, metavar="TEXT")
    by_whom(close)
    export = verb(people, "export", exports.export, "people and consents as CSV files, safe to open in a spreadsheet")
    export.add_argument("--out", type=Path, required=True, metavar="DIR")
    by_whom(export)
    show = verb(people, "show", roster.show, "what is believed of somebody on a day, and why")
    show.add_argument("subject", metavar="SUBJECT")
    show.add_argument("--on", metavar="D", help="the day that is asked about; today if left out")
    show.add_argument("--known", metavar="D", help="by what was on record at the end of that day; as --on if left out")


def _foresight_verbs(verbs: Verbs) -> None:
    whatif = group(verbs, "whatif", "what would follow from a change; nothing is changed")
    _said(verb(whatif, "consent", foresight.consent, "if a party said this"))
    leave = verb(whatif, "leave", foresight.leave, "if a group, or somebody, left")
    leave.add_argument("subjects", nargs="*", metavar="SUBJECT")
    leave.add_argument("--group", default="")
    clear = verb(whatif, "clear", foresight.clear, "if somebody's pictures from before a day went")
    clear.add_argument("subject", metavar="SUBJECT")
    clear.add_argument("--before", required=True, metavar="D")
    policy = verb(whatif, "policy", foresight.policy, "if these rules about consent were set in config.toml")
    policy.add_argument("settings", nargs="+", metavar="KEY=VALUE")
    expiring = verb(verbs, "expiring", foresight.expiring, "what ends by itself, and what goes with it")
    expiring.add_argument("--days", type=int, default=60)


def _lead_verbs(verbs: Verbs) -> None:
    lead = group(verbs, "lead", "what only the safeguarding lead sees and says")
    for name, run, text in (
        ("protected", leading.protected, "who is protected, and where they may be shown all the same"),
        ("waiting", leading.waiting, "photos that wait for the lead, and for whose sake"),
    ):
        by_whom(verb(lead, name, run, text))
    protect = verb(lead, "protect", leading.protect, "somebody is protected from now on")
    release = verb(lead, "unprotect", leading.unprotect, "somebody is not protected any more")
    for either in (protect, release):
        either.add_argument("subject", metavar="SUBJECT")
        by_whom(either)
    allow = verb(lead, "allow", leading.allow, "a protected person may be shown on this channel, if all others agree")
    forbid = verb(lead, "forbid", leading.forbid, "take that back")
    for either in (allow, forbid):
        either.add_argument("subject", metavar="SUBJECT")
        either.add_argument("channel", choices=CHANNELS)
        by_whom(either)
    on_photo(lead, "pass", leading.passes, "a photo that waits goes on to whoever approves it")
