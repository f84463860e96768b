"""Bytes of pictures: derivatives, proofs, portraits. Decodes nothing, and gives nothing of a quarantined photo."""

from __future__ import annotations

from fastapi import APIRouter, HTTPException
from fastapi.responses import Response

from appliance.domain.photo import PhotoId, PhotoState
from appliance.web.visit import AtVisit, Sha, Visit

router = APIRouter()

JPEG, PNG = b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"


@router.get("/photo/{photo}/derivative/{derivative}")
def derivative(visit: AtVisit, photo: Sha, derivative: Sha) -> Response:
    """A picture that this photo was rendered to, now or before."""
    _visible(visit, photo)
    if visit.home.ledger.plan_of(PhotoId(photo), derivative) is None:
        raise HTTPException(404)
    return _picture(visit, "derivatives", derivative)


@router.get("/photo/{photo}/proof")
def proof(visit: AtVisit, photo: Sha) -> Response:
    """The uncovered copy for staff; that it was looked at goes into the audit log."""
    _visible(visit, photo)
    answer = _picture(visit, "proofs", photo)
    visit.home.audit.record("proof_viewed", photo=photo, who=visit.session.who)
    return answer


@router.get("/portrait/{portrait}")
def portrait(visit: AtVisit, portrait: Sha) -> Response:
    """A portrait of somebody on the roster."""
    if not any(portrait in mine for mine in visit.home.people.portraits().values()):
        raise HTTPException(404)
    return _picture(visit, "portraits", portrait)


def _visible(visit: Visit, photo: str) -> None:
    if visit.photo(photo).state is PhotoState.QUARANTINED:
        raise HTTPException(404)


def _picture(visit: Visit, kind: str, name: str) -> Response:
    """The file, if it is here and begins like a JPEG or PNG."""
    if not visit.home.vault.has(kind, name):
        raise HTTPException(404)
    data = visit.home.vault.read(kind, name)
    for magic, media_type in ((JPEG, "image/jpeg"), (PNG, "image/png")):
        if data.startswith(magic):
            return Response(data, media_type=media_type)
    raise HTTPException(404)
