"""The verbs about people: roster, consents, the assessment, matching, erasing."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import asdict
from datetime import date

from appliance.cli.foresight import confirmed
from appliance.cli.output import Output
from appliance.errors import Refusal
from appliance.pipeline.at_once import carry_out, drop_templates
from appliance.pipeline.consequences import consequences
from appliance.pipeline.roster import console, imports
from appliance.pipeline.roster.profile import load
from appliance.pipeline.roster.table import RowsRefused
from appliance.pipeline.whatif import after_word
from appliance.store.home import Home


def record_assessment(given: Namespace, out: Output) -> None:
    """`dpia record FILE --as WHO`."""
    home = Home.open(given.home)
    try:
        data = given.file.read_bytes()
    except OSError as error:
        raise Refusal("file_unreadable", f"{given.file} cannot be read: {error.strerror}.") from error
    if not data.strip():
        raise Refusal("assessment_empty", f"{given.file} is empty: record the signed-off assessment itself.")
    sha256 = home.vault.add("assessments", data)
    assessment = home.people.record_assessment(sha256, given.who)
    home.audit.record("assessment_recorded", assessment=assessment, sha256=sha256, who=given.who)
    out.row({"dpia": assessment, "sha256": sha256, "who": given.who}, assessment)


def matching_on(given: Namespace, out: Output) -> None:
    """`matching on --dpia ID --as WHO`."""
    home = Home.open(given.home)
    known = [a["id"] for a in home.people.assessments() if given.dpia in (a["id"], a["sha256"])]
    if not known:
        raise Refusal(
            "no_such_assessment",
            f"no assessment {given.dpia!r} is recorded; `appliance dpia record FILE --as WHO` first.",
        )
    home.people.switch_matching(on=True, assessment=known[0], who=given.who)
    home.audit.record("matching_on", assessment=known[0], who=given.who)
    matching_status(given, out)


def matching_off(given: Namespace, out: Output) -> None:
    """`matching off`: every template is deleted at once; photos are decided anew by the next `process`."""
    home = Home.open(given.home)
    home.people.switch_matching(on=False, assessment=None, who=given.who)
    for subject in home.gallery.made_of():
        home.gallery.forget(subject)
    home.audit.record("matching_off", who=given.who)
    matching_status(given, out)


def matching_status(given: Namespace, out: Output) -> None:
    """`matching status`."""
    home = Home.open(given.home)
    m, enrolled = home.people.matching(), len(home.gallery.templates().subjects)
    words = f"matching is on, by assessment {m.assessment}; {enrolled} enrolled" if m.is_on else "matching is off"
    out.row({"matching": "on" if m.is_on else "off", "dpia": m.assessment, "enrolled": enrolled, "who": m.who}, words)


def import_roster(given: Namespace, out: Output) -> None:
    """`roster import …`."""
    home = Home.open(given.home)
    if not (given.people or given.consents or given.portraits):
        raise Refusal("nothing_to_import", "give at least one of --people, --consents, --portraits.")
    profile = load(home.root, given.profile) if given.profile else None
    try:
        report = imports.import_roster(
            people=home.people, vault=home.vault, people_csv=given.people, consents_csv=given.consents,
            portraits=given.portraits, who=given.who, dry_run=given.dry_run, complete=given.complete,
            resolve=given.resolve, evidence=given.evidence, today=home.today(), profile=profile,
            encoding=given.encoding,
        )  # fmt: skip
    except RowsRefused as error:
        for number, reason in error.rows:
            out.row({"result": "refused", "line": number, "reason": reason}, f"refused: line {number}: {reason}")
        raise
    if not given.dry_run:
        drop_templates(home, home.today())
        home.audit.record("roster_import", who=given.who, added=len(report.added), changed=len(report.changed))
    for data, words in report.lines():
        out.row(data, words)
    out.say(report.summary())


def set_consent(given: Namespace, out: Output) -> None:
    """`consent set SUBJECT SCOPE DECISION --party PARTY …`: on a terminal it shows first what follows."""
    home = Home.open(given.home)
    today = home.today()
    said = console.heard(
        home.people, given.subject, given.scope, given.decision, given.party, given.from_on, given.until_on,
        given.evidence, today,
    )  # fmt: skip
    found = consequences(home, after_word(home.people, said, today), today, given.subject)
    if not given.yes and not confirmed(found, out):
        raise Refusal("not_confirmed", "nothing was recorded.")
    consent = console.set_consent(
        people=home.people, subject=given.subject, scope=given.scope, decision=given.decision, party=given.party,
        from_on=given.from_on, until_on=given.until_on, evidence=given.evidence, who=given.who, today=today,
    )  # fmt: skip
    carry_out(found, home, today)
    home.audit.record("consent", subject=given.subject, scope=given.scope, decision=given.decision, who=given.who)
    data = {k: v.isoformat() if isinstance(v, date) else v for k, v in asdict(consent).items()}
    out.row(data, f"{given.subject}: {given.scope} {given.decision} by {given.party} from {consent.from_on}")
