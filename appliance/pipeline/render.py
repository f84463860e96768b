"""Third stage: decides, and makes the pictures that the decision asks for, with a staff-only proof beside them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date

from appliance.domain.decide import Look, Plan, decide
from appliance.domain.photo import PhotoId
from appliance.domain.ruling import RulingKind
from appliance.errors import Superseded
from appliance.pipeline.lightbox import Lightbox
from appliance.pipeline.listing import facts_of
from appliance.sanitise.cover import derive
from appliance.sanitise.encode import encode, proof
from appliance.sanitise.mark import Pixels, read_mark
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
    plans = {c.plan.id: c.plan for c in decision.channels.values()}
    made = {plan: known for plan in plans if (known := _known(plan, photo, ledger, vault))}
    missing = set() if ledger.erasures.is_retired(photo, "originals") else plans.keys() - made.keys()
    new = {plan: _encoded(plans[plan], lightbox.picture(photo).pixels, vault) for plan in missing}
    files = [("derivatives", data, hashlib.sha256(data).hexdigest()) for data in new.values()]
    if not vault.has("proofs", photo) and not _is_over(photo, ledger):
        files.append(("proofs", proof(lightbox.picture(photo).pixels), photo))
    made |= dict(zip(new, vault.add_all(files), strict=False))
    try:
        ledger.record_render(photo, made, version_of(analysis.id, last_ruling, general))
    except Superseded:
        for kind, _, name in files:
            if kind == "derivatives" and not ledger.photos_of(name):
                vault.remove(kind, name)
        raise


def general_version(people: People, looks: Mapping[str, Look], today: date) -> str:
    """The part of it that is the same for all photos."""
    rules = people.roster().policy.version
    return f"{people.version()}/{people.matching().at}/{today}/{sorted(looks.items())}/{rules}"


def version_of(analysis: int, last_ruling: int, general: str) -> str:
    """Names the facts by which a photo is decided: equal versions cannot decide differently."""
    return f"{analysis}/{last_ruling}/{general}"


def _is_over(photo: PhotoId, ledger: Ledger) -> bool:
    """Whether no proof of this photo is made any more: its time is over, or the original's is."""
    return any(ledger.erasures.is_retired(photo, kind) for kind in ("proofs", "originals"))


def _known(plan: str, photo: PhotoId, ledger: Ledger, vault: Vault) -> str | None:
    derivative = ledger.derivative(photo, plan)
    return derivative if derivative and vault.has("derivatives", derivative) else None


def _encoded(plan: Plan, pixels: Pixels, vault: Vault) -> bytes:
    mark = read_mark(vault.read("watermarks", plan.look.mark)) if plan.look.mark else None
    return encode(derive(pixels, plan, mark), plan.look.quality)
