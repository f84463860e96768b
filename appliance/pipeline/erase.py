"""Removes a person everywhere: roster, consents, portraits, template, names given to faces, pictures that show them."""

from __future__ import annotations

from dataclasses import dataclass

from appliance.domain.photo import PhotoId
from appliance.domain.ruling import RulingKind
from appliance.errors import Refusal
from appliance.store.audit import Audit
from appliance.store.gallery import Gallery
from appliance.store.ledger import Ledger
from appliance.store.people import People
from appliance.store.vault import Vault


@dataclass(frozen=True, slots=True)
class Erased:
    """How many portraits went, and how many photos have to be made again without them."""

    portraits: int
    photos: int


def erase(
    subject: str, who: str, *, people: People, gallery: Gallery, ledger: Ledger, vault: Vault, audit: Audit
) -> Erased:
    """Erase a subject. What shows them is made again with the face covered; the next sync takes published copies down.

    Originals in which they appear stay, because others are in them; nothing says any more who they are. The roster goes
    last: broken off anywhere, the same call finishes it.
    Raises Refusal if there is nobody of that id.
    """
    named = {r.photo for r in people.rulings() if r.kind is RulingKind.NAME and r.subject == subject}
    if subject not in people.roster().people and not named and subject not in gallery.made_of():
        raise Refusal("no_such_subject", f"there is nobody {subject!r} to erase.")
    gallery.forget(subject)
    photos, portraits = named.union(ledger.photos_with(subject)), people.portraits_only_of(subject)
    for photo in sorted(photos):
        _forget_pictures(photo, ledger, vault)
    ledger.forget_subject(subject)
    for portrait in portraits:
        vault.remove("portraits", portrait)
    audit.forget(subject)
    people.erase(subject)
    audit.record("erase", who=who, photos=len(photos))
    return Erased(len(portraits), len(photos))


def _forget_pictures(photo: PhotoId, ledger: Ledger, vault: Vault) -> None:
    for derivative in ledger.derivatives_only_of(photo):
        vault.remove("derivatives", derivative)
    ledger.forget_derivatives(photo)
    ledger.ask("render", photo)
