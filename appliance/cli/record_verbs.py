"""The part of the command line about records and rights; `main` puts it beside the rest."""

from __future__ import annotations

from pathlib import Path

from appliance.cli import auditing, folder, publications, reminding, rights
from appliance.cli.verbs import Verbs, by_whom, group, verb
from appliance.domain.consent import CHANNELS


def record_verbs(verbs: Verbs) -> None:
    """Add them."""
    _audit(group(verbs, "audit", "the audit log"))
    verb(verbs, "register", publications.register, "every published copy: what, where, by whom, under which consents")
    _publications(group(verbs, "audit-publications", "go through what is published"))
    remind = verb(verbs, "reminders", reminding.list_reminders, "what ends soon, and what is due")
    remind.add_argument("--mail", action="store_true", help="and send the numbers to the addresses in config.toml")
    _folder(verbs)
    _keeping(verbs)
    _going(verbs)


def _audit(audit: Verbs) -> None:
    listed = verb(audit, "list", auditing.list_entries, "who did what, when, to what")
    listed.add_argument("--since", metavar="D", help="a day, or a time in UTC")
    listed.add_argument("--until", metavar="D")
    listed.add_argument("--kind", metavar="EVENT")
    listed.add_argument("--subject", metavar="S")
    listed.add_argument("--photo", metavar="PHOTO")
    listed.add_argument("--last", type=int, default=100, metavar="N", help="at most so many, the newest (100)")
    exported = verb(audit, "export", auditing.export, "all of it, one JSON object a line, to be checked elsewhere")
    exported.add_argument("--out", type=Path, required=True, metavar="FILE")
    by_whom(exported)
    verb(audit, "head", auditing.head, "the end of the log, to print and keep outside this box")
    checked = verb(audit, "check", auditing.check, "does the log still lead to this head?")
    checked.add_argument("anchors", nargs="+", metavar="FILE|ENTRIES:LINK")


def _publications(audit: Verbs) -> None:
    by_whom(verb(audit, "start", publications.start, "begin to go through the register"))
    asked = verb(audit, "next", publications.next_question, "what is not answered for: needed, consented, in school?")
    asked.add_argument("--last", type=int, default=1, metavar="N", help="so many at once (1)")
    answered = verb(audit, "answer", publications.answer, "keep it, or have it taken down")
    answered.add_argument("derivative", metavar="DERIVATIVE")
    answered.add_argument("answer", choices=("keep", "take_down"))
    answered.add_argument("--channel", required=True, choices=CHANNELS)
    answered.add_argument("--reason", required=True, metavar="TEXT")
    by_whom(answered)
    by_whom(verb(audit, "finish", publications.finish, "everything was answered for"))
    reported = verb(audit, "report", publications.report, "what was asked and said")
    reported.add_argument("--audit", type=int, metavar="N")
    reported.add_argument("--out", type=Path, metavar="FILE.csv|FILE.html")


def _folder(verbs: Verbs) -> None:
    looked = verb(verbs, "audit-folder", folder.audit, "look through pictures that are published already; only reads")
    looked.add_argument("folder", type=Path, metavar="DIR")
    looked.add_argument("--channel", default="website", choices=CHANNELS, help="where they are published (website)")
    looked.add_argument("--all", action="store_true", help="list files with nothing to do as well")
    looked.add_argument("--workers", type=int, default=0, help="child processes; 0: one a processor core")
    by_whom(looked, required=False)


def _keeping(verbs: Verbs) -> None:
    hold = verb(verbs, "hold", rights.hold, "keep a photo, a person's pictures or an event's from being deleted")
    hold.add_argument("photo", nargs="?", metavar="PHOTO")
    hold.add_argument("--subject", metavar="S")
    hold.add_argument("--event", metavar="E")
    unhold = verb(verbs, "unhold", rights.unhold, "release a hold")
    unhold.add_argument("hold", type=int, metavar="HOLD")
    for either in (hold, unhold):
        either.add_argument("--reason", required=True, metavar="TEXT")
        by_whom(either)
    verb(verbs, "holds", rights.holds, "every hold in force")
    retention = verb(verbs, "retention", rights.retention, "delete what has been kept long enough (done daily, too)")
    retention.add_argument("--dry-run", action="store_true", help="list what is due, and delete nothing")


def _going(verbs: Verbs) -> None:
    erase = verb(verbs, "erase", rights.erase, "remove a person everywhere")
    erase.add_argument("subject", metavar="SUBJECT")
    erase.add_argument("--dry-run", action="store_true", help="show what it would reach, and change nothing")
    erase.add_argument("--out", type=Path, metavar="FILE", help="the certificate, without personal data")
    by_whom(erase)
    sar = verb(verbs, "sar", rights.access, "everything about one person, with everybody else covered, in one archive")
    sar.add_argument("subject", metavar="SUBJECT")
    sar.add_argument("--out", type=Path, required=True, metavar="FILE.zip")
    by_whom(sar)
    verb(verbs, "certificates", rights.certificates, "every erasure, without anybody's data")
    unnamed = verb(verbs, "unnamed", rights.look_for, "photos with faces that nobody was named for, to look through")
    unnamed.add_argument("--event", metavar="E")
    unnamed.add_argument("--from", dest="from_on", metavar="D")
    unnamed.add_argument("--until", dest="until_on", metavar="D")
    unnamed.add_argument("--group", metavar="G", help="with somebody of this group in them")
