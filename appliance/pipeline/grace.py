"""Which published copies may stay for a while although a consent behind them has ended: no website empties overnight.

Anything but an end by itself (a no, leaving, a ruling, protection) brings a copy back at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from appliance.domain.consent import BIOMETRIC, Roster
from appliance.domain.decide import Disposition, Look, PhotoFacts, SeenFace, decide
from appliance.domain.identify import Match
from appliance.domain.release import Copy, approved
from appliance.store.ledger import Ledger


def may_stay(
    copy: Copy, facts: PhotoFacts, roster: Roster, looks: Mapping[str, Look], ledger: Ledger, today: date, days: int
) -> bool:  # fmt: skip
    """Whether a copy that is not today's picture would be it, had no grant ended in the last so many days.

    The second look is for what is new; what is out already does not wait for it. A copy goes as soon as a person has
    approved what takes its place.
    """
    if days < 1 or copy.channel not in looks:
        return False
    lenient = replace(roster, grace_days=days, second_look=frozenset())
    then = replace(facts, faces=[_as_recognised(f, lenient, ledger.once_matched(facts.id), today) for f in facts.faces])
    look = {copy.channel: looks[copy.channel]}
    decided = decide(then, lenient, look, today).channels[copy.channel]
    if decided.disposition is not Disposition.OFFER or ledger.derivative(facts.id, decided.plan.id) != copy.derivative:
        return False
    now = decide(facts, roster, look, today).channels[copy.channel]
    current = ledger.derivative(facts.id, now.plan.id)
    said = [r for r in facts.rulings if r.channel == copy.channel]
    here = [c for c in ledger.register.copies(facts.id) if c.channel == copy.channel]
    return current is None or current == copy.derivative or not approved(current, said, here)


def _as_recognised(face: SeenFace, lenient: Roster, once: Mapping[str, Match], today: date) -> SeenFace:
    """The face as it was taken for somebody whose template has gone since, because a biometric consent ended."""
    known = once.get(face.id)
    if known is None or isinstance(face.identification, Match) or not lenient.allows(known.subject, BIOMETRIC, today):
        return face
    if replace(lenient, grace_days=0).allows(known.subject, BIOMETRIC, today):
        return face
    return replace(face, identification=known)
