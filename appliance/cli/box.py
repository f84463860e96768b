"""The verbs about the box itself: init, run, verify, status, and its clock."""

from __future__ import annotations

from argparse import Namespace

from appliance.cli.output import Output, bar
from appliance.cli.sending import how_sending_goes
from appliance.errors import Damaged
from appliance.store.database import utc_now
from appliance.store.home import Home
from appliance.store.jobs import STAGES


def init(given: Namespace, out: Output) -> None:
    """`init`."""
    home = Home.create(given.home)
    home.audit.record("init")
    out.row({"home": str(given.home)}, f"{given.home} is ready. Next: appliance --home {given.home} roster import …")


def run(given: Namespace, out: Output) -> None:
    """`run`: until it is interrupted."""
    from appliance.cli.serve import serve

    serve(given.home, given.port, out)


def verify(given: Namespace, out: Output) -> None:
    """`verify`: exit 1 and a list if anything is off."""
    from appliance.pipeline.verify import verify as faults_of

    home = Home.open(given.home)
    with bar("verifying files") as progress:
        faults = faults_of(home, progress.update)
    for fault in faults:
        out.row({"fault": fault}, fault)
    if faults:
        raise Damaged(
            "verify_failed", f"{len(faults)} faults; nothing was changed. Restore what is damaged from a backup."
        )
    out.row({"faults": 0}, "everything is as it was written")


def status(given: Namespace, out: Output) -> None:
    """`status`."""
    from appliance.vision.decoder import Decoder

    home = Home.open(given.home)
    with Decoder() as decoder:
        walls = decoder.walls
    due = home.ledger.jobs.due()
    takedowns, target = home.ledger.takedowns.still_open(), home.config.target
    tasks = [t for t in takedowns if t.needs_a_person(target, utc_now())]
    matching, seen = home.people.matching(), home.ledger.clock_seen()
    refused = sorted(home.ledger.selftests.refused_bands(home.fpir))
    data = {
        "photos": {str(k): v for k, v in home.ledger.counts().items()}, "quarantined": len(home.people.quarantined()),
        "jobs": sum(due.get(s, 0) for s in STAGES), "parked_jobs": len(home.ledger.jobs.parked()),
        "unfinished_intakes": len(home.ledger.unfinished_intakes()), "people": len(home.people.roster().people),
        "conflicts": len(home.people.imports.conflicts()), "matching": "on" if matching.is_on else "off",
        "enrolled": len(home.gallery.templates().subjects), "enrolment_failures": len(home.gallery.failures()),
        "stated_fpir": home.fpir, "refused_ages": refused, "sending": how_sending_goes(home),
        "clock_went_back": utc_now() < seen[:16], "keys": "unprotected", "decoder": str(walls),
        "takedowns_open": len(takedowns), "takedowns_for_people": len(tasks),
    }  # fmt: skip
    out.row(data, "\n".join(f"{name.replace('_', ' '):20s} {value}" for name, value in data.items()))
    if refused:
        out.say(f"Nobody of these ages is matched by machine, by the self-test: {', '.join(refused)}.")
    if data["clock_went_back"]:
        out.say("The clock has gone back: nothing is released until `appliance clock confirm --as WHO`.")
    if not (walls.landlock and walls.filtered):
        out.say("Pictures are decoded with less protection than this box should give: see `decoder` above.")
    out.say("The keys in keys/ are protected by file permissions only: this is a development home.")


def confirm_clock(given: Namespace, out: Output) -> None:
    """`clock confirm --as WHO`."""
    home = Home.open(given.home)
    now = utc_now()
    home.audit.record("clock_confirmed", who=given.who, seen=home.ledger.clock_seen())
    home.ledger.reset_clock(now)
    out.row({"now": now, "who": given.who}, f"the time is {now}, says {given.who}")
