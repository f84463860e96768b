"""The verbs that look ahead and change nothing: what would follow from a change, and what ends by itself."""

from __future__ import annotations

import sys
import tomllib
from argparse import Namespace
from typing import Any

from appliance.cli.output import Output
from appliance.cli.roster import day
from appliance.domain.consent import Roster
from appliance.errors import Refusal
from appliance.pipeline.consequences import Consequences, consequences
from appliance.pipeline.expiring import expiring as forecast
from appliance.pipeline.roster.clear import midnight
from appliance.pipeline.roster.console import heard
from appliance.pipeline.whatif import after_leaving, after_policy, after_removal, after_word
from appliance.store.home import Home

LONGEST_DAYS = 730


def consent(given: Namespace, out: Output) -> None:
    """`whatif consent SUBJECT SCOPE DECISION --party PARTY …`."""
    home = Home.open(given.home)
    said = heard(
        home.people, given.subject, given.scope, given.decision, given.party, given.from_on, given.until_on,
        given.evidence, home.today(),
    )  # fmt: skip
    _tell(home, after_word(home.people, said, home.today()), out, given.subject)


def leave(given: Namespace, out: Output) -> None:
    """`whatif leave (--group GROUP | SUBJECT…)`."""
    home = Home.open(given.home)
    if not given.group and not given.subjects:
        raise Refusal("who_leaves", "say who: whatif leave --group GROUP, or subjects.")
    _tell(home, after_leaving(home.people, home.today(), group=given.group, subjects=given.subjects), out)


def clear(given: Namespace, out: Output) -> None:
    """`whatif clear SUBJECT --before D`."""
    home = Home.open(given.home)
    before_at = midnight(day("--before", given.before), home.config.zone)
    _tell(home, after_removal(home.people, given.subject, before_at), out, given.subject)


def policy(given: Namespace, out: Output) -> None:
    """`whatif policy KEY=VALUE …`: values as in config.toml."""
    home = Home.open(given.home)
    settings = dict(setting(text) for text in given.settings)
    _tell(home, after_policy(home.people, home.config, settings), out)


def expiring(given: Namespace, out: Output) -> None:
    """`expiring [--days N]`."""
    home = Home.open(given.home)
    if not 1 <= given.days <= LONGEST_DAYS:
        raise Refusal("no_such_days", f"--days is a number from 1 to {LONGEST_DAYS}.")
    for data, words in forecast(home, home.today(), given.days).lines():
        out.row(data, words)


def confirmed(found: Consequences, out: Output) -> bool:
    """Show what follows from a change, and ask; only on a terminal, where somebody is there to answer."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return True
    for _, words in found.lines():
        out.say(words)
    sys.stderr.write("Record it? [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().casefold() in ("y", "yes")


def setting(text: str) -> tuple[str, Any]:
    """A key with its value, as config.toml would have it. Raises Refusal if it is none."""
    key, equals, value = text.partition("=")
    try:
        return key.strip(), tomllib.loads(f"value = {value}")["value"]
    except tomllib.TOMLDecodeError as error:
        if equals and value.replace("-", "").isalnum():
            return key.strip(), value
        raise Refusal(
            "no_such_setting", f"{text!r} is no setting. Write it as in config.toml, for instance own_consent_age=13."
        ) from error


def _tell(home: Home, after: Roster, out: Output, about: str | None = None) -> None:
    for data, words in consequences(home, after, home.today(), about).lines():
        out.row(data, words)
