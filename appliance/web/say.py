"""Every machine word in plain English, in one place. A reason never tells that somebody is protected."""

from __future__ import annotations

from appliance.domain.consent import CHANNELS
from appliance.domain.decide import FaceDecision, IdentityKind, Treatment, Why
from appliance.domain.photo import PhotoState
from appliance.domain.release import CopyState
from appliance.domain.ruling import Ruling, RulingKind

CHANNEL = {
    "website": "Website", "social": "Social media", "newsletter": "Newsletter", "press": "Press",
    "display": "School display", "family": "Families",
}  # fmt: skip
_ON = {
    "website": "on the website", "social": "on social media", "newsletter": "in the newsletter",
    "press": "in the press", "display": "on displays in school", "family": "in what families get",
}  # fmt: skip

_ASIDE = {
    "empty": "The file is empty.",
    "too_large": "The file is larger than any photo should be.",
    "truncated": "The file ends too early. Copy it from the card again.",
    "damaged": "The picture is damaged and cannot be read.",
    "too_many_pixels": "The picture claims more pixels than any camera makes.",
    "decoder_died": "Reading this file failed three times, so it was left alone.",
    "video": "This is a video. Only photos are processed.",
    "sidecar": "This is a settings file that a camera or program writes beside a photo.",
    "heic_not_read_yet": "HEIC photos are not processed yet. Set the camera to JPEG.",
    "raw_not_read_yet": "RAW photos are not processed yet. Set the camera to RAW+JPEG.",
    "not_a_photo": "This is not a photo.",
}
_FAILURE = {
    "no_usable_portrait": "None of the portraits shows one clear face. A new portrait is needed.",
}
_STATE = {
    PhotoState.ADMITTED: "Waiting to be looked at",
    PhotoState.ANALYSED: "Being made",
    PhotoState.RENDERED: "Ready",
    PhotoState.PARKED: "Not processed",
    PhotoState.REFUSED: "Could not be read",
    PhotoState.QUARANTINED: "Quarantined",
}
CHANNEL_STATE = {
    "published": "Published", "approved": "Approved", "offered": "Waiting for approval",
    "rendering": "Being made", "withheld": "Withheld",
}  # fmt: skip
COPY_STATE = {
    CopyState.PUBLISHED: "Published",
    CopyState.POSSIBLY_PUBLISHED: "Possibly published",
    CopyState.TAKEN_DOWN: "Taken down",
    CopyState.TOMBSTONED: "Never to be published again",
}
_SAID = {
    "approved": "Approved. This is the next picture.",
    "approved_channel": "Approved. This channel still waits for you.",
    "all_done": "Approved. Nothing else in this list waits for you.",
    "approved_here": "Approved.",
    "covered": "Covered. The picture is being made again.",
    "uncovered": "Noted. The picture is being made again.",
    "named": "Noted. The picture is being made again.",
    "attested": "Noted. The picture is being made again.",
    "withheld": "Withheld. It will not go there.",
    "offered": "Offered again. It waits for approval.",
    "quarantined": "Quarantined. Nobody sees this photo from now on. Tell the safeguarding lead.",
    "takedown_closed": "Noted. The register says that this copy is gone, and who says so.",
    "sync_asked": "Approved pictures will be sent now.",
}
_RULING = {
    RulingKind.COVER: "covered a place by hand",
    RulingKind.UNCOVER: "took a cover back, or said that something is no face",
    RulingKind.NAME: "said who a face is",
    RulingKind.ATTEST: "said which group everybody belongs to",
    RulingKind.WITHHOLD: "withheld it",
    RulingKind.OFFER: "offered it again",
    RulingKind.APPROVE: "approved it",
    RulingKind.QUARANTINE: "quarantined it",
}


def channel(name: str) -> str:
    """A channel's name."""
    return CHANNEL.get(name, name)


def channels(names: list[str]) -> str:
    """Several channels: `Website, Press and Families`; all of them is `all channels`."""
    if len(names) == len(CHANNELS):
        return "all channels"
    words = [channel(n) for n in names]
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]])) if words else "no channel"


def set_aside(reason: str | None) -> str:
    """Why a file was parked or refused."""
    return _ASIDE.get(reason or "", f"It was set aside: {(reason or 'no reason given').replace('_', ' ')}.")


def failure(reason: str) -> str:
    """Why somebody could not be enrolled."""
    return _FAILURE.get(reason, f"Enrolment failed: {reason.replace('_', ' ')}.")


def state(photo: PhotoState) -> str:
    """Where a photo is on the line."""
    return _STATE[photo]


def said(code: str) -> str:
    """What has just been done, for the page that follows it; nothing for anything unknown."""
    return _SAID.get(code, "")


def ruling(fact: Ruling) -> str:
    """What somebody said, without who."""
    where = f" for {channel(fact.channel)}" if fact.channel else ""
    why = f": {fact.reason}" if fact.reason else ""
    return f"{_RULING[fact.kind]}{where}{why}"


def face(
    decision: FaceDecision, on: str, *, name: str | None, group: str | None, nobody: bool, is_doubtful: bool,
    drawn_by: str,
) -> str:  # fmt: skip
    """Why one face is shown or covered on a channel.

    nobody: staff said that it is nobody on the roster. is_doubtful: it may be no face. drawn_by: who drew the cover.
    """
    if decision.whys[on] is Why.COVERED_BY_HAND:
        return f"Covered by hand by {drawn_by}."
    where, is_shown = _ON.get(on, on), decision.treatment[on] is Treatment.SHOW
    if decision.identity is IdentityKind.ATTESTED:
        all_of_it = f"and everybody in {group}" if is_shown else f"but not everybody in {group}"
        return f"Everybody here is from {group}, {all_of_it} may be shown {where}."
    if name is None:
        return _unknown(decision, nobody=nobody, is_doubtful=is_doubtful)
    how = "Named by staff" if decision.identity is IdentityKind.NAMED else "Recognised"
    return f"{how}, and may {'' if is_shown else 'not '}be shown {where} today."


def _unknown(decision: FaceDecision, *, nobody: bool, is_doubtful: bool) -> str:
    if decision.identity is IdentityKind.AMBIGUOUS:
        return "This could be more than one person. Somebody who knows them has to say who it is."
    if nobody:
        return "Staff said that this is nobody on the roster."
    if is_doubtful:
        return "Perhaps a face, perhaps not. It is covered to be safe."
    return "Nobody on the roster was recognised."


def faces(shown: int, covered: int, doubtful: int) -> str:
    """`2 faces shown, 3 covered, 1 place covered to be safe`."""
    parts = [f"{shown} face{'s' * (shown != 1)} shown"] if shown else []
    if covered:
        parts.append(f"{covered} covered" if shown else f"{covered} face{'s' * (covered != 1)} covered")
    if doubtful:
        parts.append(f"{doubtful} place{'s' * (doubtful != 1)} covered to be safe")
    return ", ".join(parts) or "No faces were found"


def photos(count: int) -> str:
    """`1 photo`, `12 photos`."""
    return f"{count} photo{'s' * (count != 1)}"


def time_left(seconds: float | None) -> str:
    """An estimate, as rough as it is."""
    if seconds is None:
        return "working out how long it will take"
    if seconds < 60:
        return "less than a minute left"
    if seconds < 5400:
        minutes = round(seconds / 60)
        return f"about {minutes} minute{'s' * (minutes != 1)} left"
    return f"about {round(seconds / 3600)} hours left"
