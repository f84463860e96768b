"""Every machine word in plain English, in one place. A reason never tells that somebody is protected."""

from __future__ import annotations

from appliance.domain.consent import CHANNELS
from appliance.domain.decide import SECOND_LOOK, FaceDecision, IdentityKind, Treatment, Why
from appliance.domain.photo import PhotoState
from appliance.domain.portrait import in_words as portrait_in_words
from appliance.domain.release import CopyState
from appliance.domain.ruling import Ruling, RulingKind
from appliance.domain.selftest import Line
from appliance.domain.wording import Verdict
from appliance.pipeline.selftest_report import Report, in_words, name_in_words, rate_in_words

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
    "decoder_died": "Reading this file ended its reader twice. It is damaged, or made to do harm.",
    "took_too_long": "Reading this file took far longer than any photo takes, so it was left alone.",
    "jpeg_12_bit": "This JPEG has more than 8 bits a colour. Export it as a plain JPEG.",
    "jpeg_arithmetic": "This JPEG is coded in a way that hardly any program reads. Export it as a plain JPEG.",
    "jpeg_lossless": "This is a lossless JPEG. Export it as a plain JPEG.",
    "video": "This is a video. Only photos are processed.",
    "sidecar": "This is a settings file that a camera or program writes beside a photo.",
    "format_not_read": "This is a picture of a kind that is not read. Export it as JPEG.",
    "raw_not_read": "This camera's RAW is not read. Set the camera to RAW+JPEG.",
    "not_a_photo": "This is not a photo.",
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
    "selftest_asked": "The test begins as soon as a worker is free.",
    "rate_stated": "Stated. All photos are identified anew at this rate.",
    "takedown_closed": "Noted. The register says that this copy is gone, and who says so.",
    "sync_asked": "Approved pictures will be sent now.",
}
_EVENT_HELD = {
    Verdict.CLEAR: "",
    Verdict.ASK: "The event's name may hold somebody's first name. Nothing is sent until staff confirm at the box that "
    "it is just a word, or call the event something else: appliance events.",
    Verdict.BLOCK: "The event's name holds the full name of somebody on the roster. Nothing is sent until staff call "
    "the event something else at the box: appliance events.",
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
    RulingKind.LOOKED: "gave it a second look",
}


_SECOND_LOOK = (
    "The safeguarding lead looks at this picture before it may go. Some pictures get a second look; it says nothing "
    "about anybody in it."
)


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


def withheld(why: str | None) -> str:
    """Why a photo is kept from a channel: what somebody wrote, or that it waits."""
    return _SECOND_LOOK if why == SECOND_LOOK else why or ""


def failure(reason: str) -> str:
    """Why somebody could not be enrolled."""
    return portrait_in_words(reason)


def rate(fpir: float) -> str:
    """A stated rate: `1 in 1,000 strangers`."""
    return rate_in_words(fpir)


def tested(name: str) -> str:
    """Whom a line of the self-test is about, with a capital letter."""
    words = name_in_words(name)
    return words[:1].upper() + words[1:]


def tested_line(line: Line) -> str:
    """What a line of the self-test means."""
    return in_words(line)


def bands_of(report: Report) -> list[Line]:
    """The whole roster and its age bands, at the rate that was stated when it was tested."""
    return [line for line in report.at(report.stated) if not line.name.startswith("group ")]


def is_fit(report: Report) -> bool:
    """Whether no age group would be refused at the recommended rate."""
    return all(line.verdict != "refused" for line in report.at(report.recommended))


def groups_of(report: Report) -> list[Line]:
    """Its groups."""
    return [line for line in report.at(report.stated) if line.name.startswith("group ")]


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


def event_held(verdict: Verdict) -> str:
    """Why a photo waits for its event's name; nothing if it does not."""
    return _EVENT_HELD[verdict]


def reminder(kind: str) -> str:
    """What there is to see to."""
    return _REMINDER[kind]


_REMINDER = {
    "consent_ends": "Consent ends, and nobody has renewed it",
    "template_ends": "Will not be recognised any more: consent to matching ends",
    "portrait_old": "The portrait is old: take a new one",
    "takedown_due": "A published picture has to come down: sync, or remove it by hand",
    "audit_due": "Go through what is published: “appliance audit-publications start”",
}


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
