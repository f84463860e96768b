"""What a change does in the moment it is recorded; the rest follows when the photos walk the line again."""

from __future__ import annotations

from contextlib import suppress
from datetime import date

from appliance.errors import Refusal
from appliance.outbox import Outbox
from appliance.pipeline.consequences import Consequences
from appliance.pipeline.enrol import may_enrol
from appliance.store.home import Home


def carry_out(found: Consequences, home: Home, today: date) -> None:
    """Delete templates, pull what waits in the outbox, and have the pictures made again; run twice it does no more.

    While a release is running nothing is pulled here: the next one does it.
    """
    drop_templates(home, today)
    with suppress(Refusal):
        outbox = Outbox(home.outbox)
        with outbox.releasing():
            for pulled in found.outbox:
                outbox.pull(pulled.item)
    for redone in found.photos:
        home.ledger.ask("render", redone.photo)


def drop_templates(home: Home, today: date) -> None:
    """Delete the template of everybody of whom none may exist today."""
    for subject in home.gallery.made_of():
        if not may_enrol(subject, home.people, today):
            home.gallery.forget(subject)
