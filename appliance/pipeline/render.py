"""Third stage: decides, and makes the pictures that the decision asks for, with a staff-only proof beside them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from appliance.domain.decide import Look, Plan, decide
from appliance.domain.photo import PhotoId
from appliance.domain.ruling import RulingKind
from appliance.pipeline.lightbox import Lightbox
from appliance.pipeline.listing import facts_of
from appliance.sanitise.cover import derive
from appliance.sanitise.encode import encode, proof
from appliance.store.ledger import Ledger
from appliance.store.people import People
from appliance.store.vault import Vault


def render(
    photo: PhotoId, *, lightbox: Lightbox, people: People, ledger: Ledger, vault: Vault, looks: Mapping[str, Look],
    today: date,
) -> None:  # fmt: skip
    """Make every derivative that today's decision asks for and that is not there yet. A quarantined photo is left."""
    general = general_version(people, looks, today)
    analysis, facts = ledger.analysis(photo), facts_of(photo, ledger, people)
    if analysis is None or facts is None or any(r.kind is RulingKind.QUARANTINE for r in facts.rulings):
        return
    last_ruling = max((r.id for r in facts.rulings if r.kind is not RulingKind.APPROVE), default=0)
    decision = decide(facts, people.roster(), looks, today)
    made = {}
    for plan in {c.plan.id: c.plan for c in decision.channels.values()}.values():
        made[plan.id] = _derivative(plan, photo, lightbox, ledger, vault)
    if not vault.has("proofs", photo):
        vault.add("proofs", proof(lightbox.picture(photo).pixels), photo)
    ledger.record_render(photo, made, version_of(analysis.id, last_ruling, general))


def general_version(people: People, looks: Mapping[str, Look], today: date) -> str:
    """The part of it that is the same for all photos."""
    return f"{people.version()}/{people.matching().at}/{today}/{sorted(looks.items())}"


def version_of(analysis: int, last_ruling: int, general: str) -> str:
    """Names the facts by which a photo is decided: equal versions cannot decide differently."""
    return f"{analysis}/{last_ruling}/{general}"


def _derivative(plan: Plan, photo: PhotoId, lightbox: Lightbox, ledger: Ledger, vault: Vault) -> str:
    known = ledger.derivative(photo, plan.id)
    if known and vault.has("derivatives", known):
        return known
    return vault.add("derivatives", encode(derive(lightbox.picture(photo).pixels, plan), plan.look.quality))
