"""`reminders`: on the screen, and by e-mail where a mail server is set."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import asdict
from datetime import UTC, datetime

from appliance import log
from appliance.cli.output import Output
from appliance.errors import ApplianceError, Refusal
from appliance.pipeline.records.reminders import counts, letter, reminders, words
from appliance.store.home import Home
from appliance.sync.mail import Post, Sent, Server, password_of


def list_reminders(given: Namespace, out: Output) -> None:
    """`reminders [--mail]`."""
    home = Home.open(given.home)
    found = reminders(home, home.today())
    for one in found:
        words_ = f"{one.due_on}  {words(one.kind)}" + "".join(f"  {v}" for v in (one.subject, one.scope) if v)
        out.row(asdict(one) | {"due_on": one.due_on.isoformat()}, words_)
    if not found:
        out.say("Nothing to be reminded of.")
    if given.mail:
        server = server_of(home)
        if server is None:
            raise Refusal("no_mail_server", "no mail server is set; write [mail] into config.toml first.")
        queue_mail(home, server)
        sent = send_mail(home, server)
        out.say(f"{sent.sent} messages sent, {sent.left} wait for another try {sent.why}".rstrip())


def server_of(home: Home) -> Server | None:
    """The school's mail server by its settings, if there is one."""
    m = home.config.mail
    if not m:
        return None
    return Server(m["host"], m["port"], m["security"], m["sender"], tuple(m["to"]), m["user"],
                  password_of(home.root / "keys") if m["user"] else "")  # fmt: skip


def queue_mail(home: Home, server: Server) -> bool:
    """One message a day, if there is anything to be reminded of."""
    found = counts(reminders(home, home.today()))
    if not found:
        return False
    subject, text = letter(found, "the page of the box, under Reminders")
    queued = Post(home.root / "mail").queue(server, subject, text, key=f"reminders-{home.today().isoformat()}")
    if queued:
        home.audit.record("reminders_queued", count=sum(found.values()))
    return queued


def send_mail(home: Home, server: Server) -> Sent:
    """Send what waits, as far as it is due."""
    sent = Post(home.root / "mail").send(server, datetime.now(UTC))
    if sent.sent or sent.given_up:
        home.audit.record("mail", sent=sent.sent, given_up=sent.given_up)
    return sent


def tend_mail(home: Home) -> None:
    """For the service: send what is due; whatever is wrong with the mail stops nothing else."""
    try:
        server = server_of(home)
        if server is not None:
            queue_mail(home, server)
            send_mail(home, server)
    except ApplianceError as error:
        log.event("mail_failed", code=error.code)
