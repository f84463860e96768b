"""The verbs about what is published: the register, and the audit that goes through it."""

from __future__ import annotations

import os
from argparse import Namespace

from appliance.cli.auditing import new_file
from appliance.cli.output import Output
from appliance.domain.photo import PhotoId
from appliance.domain.takedown import BY_HAND
from appliance.errors import Refusal
from appliance.pipeline.records import publications as published
from appliance.pipeline.rule import Reviewer
from appliance.store.home import Home
from appliance.store.publications import PublicationAudit


def register(given: Namespace, out: Output) -> None:
    """`register`."""
    home = Home.open(given.home)
    for q in published.questions(home, home.today()):
        c = q.copy
        how = " (carried on by hand, perhaps)" if c.target == BY_HAND else ""
        words = f"{c.state:18s} {c.path} since {c.since[:16]}{f' until {c.until[:16]}' if c.until else ''}{how}"
        out.row(published.as_json(q), words)


def start(given: Namespace, out: Output) -> None:
    """`audit-publications start --as WHO`."""
    home = Home.open(given.home)
    audit = home.ledger.publications.begin(given.who)
    home.audit.record("publication_audit_begun", audit=audit.id, who=given.who)
    left = sum(1 for _ in published.unanswered(home, audit.id, home.today()))
    out.row({"audit": audit.id, "at": audit.at, "left": left}, f"audit {audit.id}: {left} pictures to go through")


def next_question(given: Namespace, out: Output) -> None:
    """`audit-publications next [--last N]`: what nobody has answered for yet."""
    home = Home.open(given.home)
    audit, shown = _open(home), 0
    for q in published.unanswered(home, audit.id, home.today()):
        if shown == given.last:
            return
        shown += 1
        data = published.as_json(q) | {"advice": q.advice}
        words = f"{q.copy.derivative[:12]} on {q.copy.channel}, since {q.copy.since[:10]}: {q.event or 'no event'}"
        why = "; consent is over" * bool(q.consent_over) + "; somebody has left" * bool(q.left)
        out.row(data, f"{words}{why}. Still needed? {q.advice}")
    if not shown:
        out.say("Everything was answered: `appliance audit-publications finish --as WHO`.")


def answer(given: Namespace, out: Output) -> None:
    """`audit-publications answer DERIVATIVE --channel C keep|take_down --reason T --as WHO`."""
    home = Home.open(given.home)
    audit = _open(home)
    found = [c for c in home.ledger.register.copies() if c.is_out and c.channel == given.channel
             and c.derivative.startswith(given.derivative)]  # fmt: skip
    if not found or len({c.derivative for c in found}) > 1 or len(given.derivative) < 6:
        raise Refusal("no_such_copy", f"{given.derivative!r} is not one picture that is out on {given.channel}.")
    if given.answer == "take_down":
        _withhold(home, given, {c.photo for c in found})
    for copy in found:
        home.ledger.publications.answer(audit.id, copy, given.answer, reason=given.reason, who=given.who)
    home.audit.record("publication_answered", audit=audit.id, derivative=found[0].derivative, channel=given.channel,
                      answer=given.answer, who=given.who)  # fmt: skip
    then = "; the next sync takes it down" if given.answer == "take_down" else ""
    out.row({"audit": audit.id, "derivative": found[0].derivative, "answer": given.answer}, f"{given.answer}{then}")


def finish(given: Namespace, out: Output) -> None:
    """`audit-publications finish --as WHO`."""
    home = Home.open(given.home)
    audit = _open(home)
    left = sum(1 for _ in published.unanswered(home, audit.id, home.today()))
    if left:
        raise Refusal("audit_not_answered", f"{left} pictures are not answered for yet: `… next`.")
    home.ledger.publications.finish(audit.id, given.who)
    home.audit.record("publication_audit_finished", audit=audit.id, who=given.who)
    out.row({"audit": audit.id, "finished": True}, f"audit {audit.id} is finished")


def report(given: Namespace, out: Output) -> None:
    """`audit-publications report [--audit N] [--out FILE.csv|FILE.html]`."""
    home = Home.open(given.home)
    last = home.ledger.publications.last()
    if last is None:
        raise Refusal("no_audit", "no audit was begun yet: `appliance audit-publications start --as WHO`.")
    rows = published.report(home, given.audit or last.id, home.today())
    if given.out is None:
        for row in rows:
            out.row(dict(row), f"{row['answer']:12s} {row['channel']:10s} {row['path']}")
        return
    title = f"Audit {given.audit or last.id} of what is published"
    text = published.as_html(rows, title) if given.out.suffix == ".html" else published.as_csv(rows)
    with new_file(given.out).open("x", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    home.audit.record("publication_audit_exported", audit=given.audit or last.id, uid=os.getuid())
    out.row({"rows": len(rows), "out": str(given.out)}, f"{given.out}: {len(rows)} rows")


def _open(home: Home) -> PublicationAudit:
    last = home.ledger.publications.last()
    if last is None or home.ledger.publications.is_finished(last.id):
        raise Refusal("no_audit", "no audit is open: `appliance audit-publications start --as WHO`.")
    return last


def _withhold(home: Home, given: Namespace, photos: set[str]) -> None:
    reviewer = Reviewer(given.who, ledger=home.ledger, people=home.people, audit=home.audit, looks=home.looks,
                        today=home.today())  # fmt: skip
    for photo in sorted(photos):
        row = home.ledger.photo(PhotoId(photo))
        if row is not None:
            reviewer.withhold(row, given.channel, given.reason)
