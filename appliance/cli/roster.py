"""The verbs about the roster beside the import itself: what was believed, and pictures that go."""

from __future__ import annotations

from argparse import Namespace
from datetime import date

from appliance.cli.output import Output
from appliance.errors import Refusal
from appliance.pipeline.at_once import carry_out
from appliance.pipeline.consequences import consequences
from appliance.pipeline.roster.clear import clear_before, midnight
from appliance.pipeline.roster.rows import parse_day
from appliance.pipeline.roster.show import in_words
from appliance.pipeline.roster.show import show as shown
from appliance.pipeline.whatif import after_removal
from appliance.store.home import Home


def show(given: Namespace, out: Output) -> None:
    """`roster show SUBJECT [--on D] [--known D]`."""
    home = Home.open(given.home)
    on = day("--on", given.on) if given.on else home.today()
    known = day("--known", given.known) if given.known else on
    data = shown(home.people, given.subject, on, known, home.config.zone)
    home.audit.record("roster_shown", subject=given.subject)
    out.row(data, in_words(data))


def clear(given: Namespace, out: Output) -> None:
    """`consent clear SUBJECT --before D --as WHO`."""
    home = Home.open(given.home)
    before, today = day("--before", given.before), home.today()
    after = after_removal(home.people, given.subject, midnight(before, home.config.zone))
    found = consequences(home, after, today, given.subject)
    clear_before(home.people, given.subject, before, home.config.zone, evidence=given.evidence, who=given.who)
    carry_out(found, home, today)
    home.audit.record("pictures_cleared", subject=given.subject, who=given.who)
    out.row(
        {"subject": given.subject, "before": before.isoformat(), "who": given.who},
        f"{given.subject} is covered in every picture taken in before {before}; consents stay as they are. "
        "Run `appliance process`, then `appliance sync`.",
    )


def day(option: str, text: str) -> date:
    """The day that somebody typed. Raises Refusal with what is wrong."""
    try:
        return parse_day(option, text)
    except ValueError as error:
        raise Refusal("no_such_day", f"{error}.") from error
