"""The register with its reasons, and the termly walk through it: is it needed, consented to, of people in school."""

from __future__ import annotations

import html
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from appliance.domain.consent import has_left, in_force
from appliance.domain.decide import IdentityKind, Treatment, decide
from appliance.domain.photo import PhotoId
from appliance.domain.release import Copy
from appliance.domain.ruling import RulingKind
from appliance.pipeline.listing import facts_of
from appliance.pipeline.roster.sheet import sheet
from appliance.store.home import Home
from appliance.store.publications import Answer, Ground


@dataclass(frozen=True, slots=True)
class Question:
    """One published picture to be gone through. Lists hold ids of people who are shown in it."""

    copy: Copy
    event: str
    audience: str
    approved_by: str | None
    approved_at: str | None
    grounds: tuple[Ground, ...]
    consent_over: tuple[str, ...]
    left: tuple[str, ...]

    @property
    def advice(self) -> str:
        """What follows if nobody knows better."""
        return "take_down" if self.consent_over or self.left else "keep_if_needed"

    @property
    def key(self) -> tuple[str, str, str]:
        """What an answer is about."""
        return self.copy.photo, self.copy.derivative, self.copy.channel


def record_grounds(home: Home, today: date) -> int:
    """For each copy that went out and has none recorded: who is shown in it, under which consents. After a release."""
    known, roster, made = home.ledger.publications.grounded(), home.people.roster(), 0
    for copy in home.ledger.register.copies():
        if not copy.is_out or copy.channel not in home.looks or (copy.photo, copy.derivative, copy.channel) in known:
            continue
        facts = facts_of(PhotoId(copy.photo), home.ledger, home.people)
        if facts is None:
            continue
        decision = decide(facts, roster, {copy.channel: home.looks[copy.channel]}, today)
        if home.ledger.derivative(facts.id, decision.channels[copy.channel].plan.id) != copy.derivative:
            continue
        shown = [f for f in decision.faces if f.treatment[copy.channel] is Treatment.SHOW]
        group = next((r.group for r in reversed(facts.rulings) if r.kind is RulingKind.ATTEST), None)
        grounds = [g for f in {f.subject for f in shown if f.subject} for g in _consents(copy, f, home, today)]
        if any(f.identity is IdentityKind.ATTESTED for f in shown):
            grounds.append(Ground(copy.photo, copy.derivative, copy.channel, grp=group))
        home.ledger.publications.record_grounds(grounds or [Ground(copy.photo, copy.derivative, copy.channel)])
        made += 1
    return made


def questions(home: Home, today: date) -> Iterator[Question]:
    """Every copy that ever left, with its reasons, oldest first."""
    rulings = {
        (r.photo, r.derivative, r.channel): (r.who, r.at) for r in home.people.rulings() if r.kind is RulingKind.APPROVE
    }
    roster, events = home.people.roster(), {row.id: row.event for row in home.ledger.photos()}
    for copy in home.ledger.register.copies():
        who, at = rulings.get((PhotoId(copy.photo), copy.derivative, copy.channel), (None, None))
        grounds = tuple(home.ledger.publications.grounds(copy))
        shown = sorted({g.subject for g in grounds if g.subject})
        over = tuple(s for s in shown if not roster.allows(s, copy.channel, today))
        left = tuple(s for s in shown if s not in roster.people or has_left(roster.people[s], today))
        audience = home.config.channels[copy.channel].audience
        yield Question(copy, events.get(PhotoId(copy.photo), ""), audience, who, at, grounds, over, left)


def unanswered(home: Home, audit: int, today: date) -> Iterator[Question]:
    """What is out there and nobody has answered for in this audit."""
    said = home.ledger.publications.answers(audit)
    yield from (q for q in questions(home, today) if q.copy.is_out and q.key not in said)


def as_json(question: Question) -> dict[str, Any]:
    """One row of the register."""
    c = question.copy
    return {
        "derivative": c.derivative, "photo": c.photo, "channel": c.channel, "target": c.target, "path": c.path,
        "since": c.since, "until": c.until, "state": c.state, "event": question.event,
        "audience": question.audience, "approved_by": question.approved_by, "approved_at": question.approved_at,
        "consents": [{k: v for k, v in asdict(g).items() if k not in ("photo", "derivative", "channel")}
                     for g in question.grounds if g.subject or g.grp],
        "consent_over": list(question.consent_over), "left": list(question.left),
    }  # fmt: skip


def report(home: Home, audit: int, today: date) -> list[dict[str, str]]:
    """What was asked and said in one audit, one row a picture and channel; for a table."""
    said: dict[tuple[str, str, str], Answer] = home.ledger.publications.answers(audit)
    rows = []
    for q in questions(home, today):
        answer = said.get(q.key)
        if answer is None and not q.copy.is_out:
            continue
        rows.append({
            "channel": q.copy.channel, "audience": q.audience, "path": q.copy.path,
            "since": q.copy.since[:10], "state": q.copy.state, "approved_by": q.approved_by or "",
            "shown": str(len({g.subject for g in q.grounds if g.subject})),
            "consent_over": " ".join(q.consent_over), "left_school": " ".join(q.left),
            "answer": answer.answer if answer else "not answered", "reason": answer.reason if answer else "",
            "answered_by": answer.who if answer else "", "answered_on": answer.at[:10] if answer else "",
        })  # fmt: skip
    return rows


def as_csv(rows: list[dict[str, str]]) -> str:
    """A table for a spreadsheet; what a spreadsheet would take for a formula is made harmless."""
    return sheet(list(rows[0]) if rows else ["channel"], [list(row.values()) for row in rows])


def as_html(rows: list[dict[str, str]], title: str) -> str:
    """A page to print."""
    heads = "".join(f"<th>{html.escape(k.replace('_', ' '))}</th>" for k in (rows[0] if rows else {}))
    body = "".join("<tr>" + "".join(f"<td>{html.escape(v)}</td>" for v in row.values()) + "</tr>\n" for row in rows)
    style = "body{font:14px sans-serif}table{border-collapse:collapse}td,th{border:1px solid #999;padding:4px}"
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{html.escape(title)}</title>'
        f"<style>{style}</style>"
        f"<h1>{html.escape(title)}</h1><table><thead><tr>{heads}</tr></thead><tbody>\n{body}</tbody></table></html>\n"
    )


def _consents(copy: Copy, subject: str, home: Home, today: date) -> list[Ground]:
    rows = [c for c in home.people.consents(subject) if c.scope == copy.channel]
    return [
        Ground(copy.photo, copy.derivative, copy.channel, subject, party, c.basis, c.from_on.isoformat(),
               c.last_on.isoformat())
        for party, c in sorted(in_force(rows, today).items())
    ]  # fmt: skip
