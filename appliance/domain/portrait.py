"""When a portrait is good enough to enrol from, and until when: measurements and dates in, reasons and states out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum


class Reason(StrEnum):
    """Why a portrait is not used; `good`: it is."""

    GOOD = ""
    UNREADABLE = "unreadable"
    NO_FACE = "no_face"
    TWO_FACES = "two_faces"
    TOO_SMALL = "too_small"
    TURNED = "turned"
    TILTED = "tilted"
    BLURRED = "blurred"
    EYES_HIDDEN = "eyes_hidden"
    EXPIRED = "expired"


SENTENCE = {
    Reason.GOOD: "The portrait is good.",
    Reason.UNREADABLE: "The file cannot be read as a picture. Save it as a JPEG and import it again.",
    Reason.NO_FACE: "No face was found. Take a portrait of the face from the front.",
    Reason.TWO_FACES: "There are two faces. Take a portrait of this person alone, or cut the other one off.",
    Reason.TOO_SMALL: "The face is too small. Go nearer, or send the picture at its full size.",
    Reason.TURNED: "The face is turned away. The person should look straight into the camera.",
    Reason.TILTED: "The head leans or the picture lies on its side. Hold head and camera upright.",
    Reason.BLURRED: "The picture is blurred. Hold the camera still, with more light.",
    Reason.EYES_HIDDEN: "The eyes or part of the face seem to be hidden. No dark glasses, hair or hands before them.",
    Reason.EXPIRED: "The portrait is too old to be used. A new one is needed.",
}
"""What whoever takes the portraits is told."""

NO_USABLE = "no_usable_portrait"
NO_USABLE_SENTENCE = "None of the portraits can be used, for different reasons: see “appliance portraits”."


@dataclass(frozen=True, slots=True)
class Measured:
    """What pixels and landmarks of a portrait's largest face say.

    width_px: of the detector's box, in decoded pixels. second: area of the next largest face as a share of it.
    roll: turn in the picture's plane, degrees. aside: how far the nose tip lies beside the line from between the eyes
    to between the mouth corners, in distances between the eyes. down: where along that line, 0 at the eyes, 1 at the
    mouth. narrow: how far it is from there to there, in distances between the eyes; a face turned aside is narrow.
    sharpness: variance of the Laplacian over that of the grey values, on the aligned face of 112 px.
    eyes: around each eye, the mean gradient in units of the cheeks' brightness; flat where something covers it.
    eyes_light: how light the lightest tenth around the darker eye is, in the same units; dark glasses are not.
    score: of the detector, 0 to 1; falls where part of a face is hidden.
    """

    width_px: float
    second: float
    roll: float
    aside: float
    down: float
    narrow: float
    sharpness: float
    eyes: tuple[float, float]
    eyes_light: float
    score: float


@dataclass(frozen=True, slots=True)
class Gate:
    """The limits, in the units of `Measured`; docs/error-rates.md has what each refuses and catches.

    eyes_alike: how much flatter one eye may be than the other, as a share. lean: from which share of the other limits a
    face whose eyes are hidden counts as turned or tilted: that is then what hides them.
    """

    width_px: float = 60.0
    second: float = 0.5
    roll: float = 35.0
    aside: float = 0.45
    down: tuple[float, float] = (0.3, 0.75)
    narrow: float = 1.42
    sharpness: float = 0.025
    eyes: float = 0.28
    eyes_alike: float = 0.4
    eyes_light: float = 0.5
    score: float = 0.87
    lean: float = 0.6


def fault(measured: Measured | None, gate: Gate) -> Reason:
    """What is wrong with a portrait, the first thing that the person taking it should mend; GOOD if nothing is."""
    m = measured
    if m is None:
        return Reason.NO_FACE
    is_hidden = _is_hidden(m, gate)
    share = gate.lean if is_hidden else 1.0
    is_aside = abs(m.aside) > share * gate.aside or m.narrow > 1 + share * (gate.narrow - 1)
    faults = (
        (m.second > gate.second, Reason.TWO_FACES),
        (m.width_px < gate.width_px, Reason.TOO_SMALL),
        (m.sharpness < gate.sharpness, Reason.BLURRED),
        (abs(m.roll) > share * gate.roll, Reason.TILTED),
        (is_aside or not gate.down[0] <= m.down <= gate.down[1], Reason.TURNED),
        (is_hidden, Reason.EYES_HIDDEN),
    )
    return next((reason for is_so, reason in faults if is_so), Reason.GOOD)


def _is_hidden(m: Measured, gate: Gate) -> bool:
    """Closed eyes are not told from open ones: at this size nothing measured tells them apart honestly."""
    flat, other = sorted(m.eyes)
    is_covered = flat < gate.eyes or flat < gate.eyes_alike * other or m.eyes_light < gate.eyes_light
    return is_covered or m.score < gate.score


@dataclass(frozen=True, slots=True)
class Examined:
    """What was found of one portrait. taken_on: the day that its camera wrote into it, where it is believable."""

    portrait: str
    reason: Reason
    taken_on: date | None


@dataclass(frozen=True, slots=True)
class Terms:
    """How long portraits last, in days from the day that they were taken (or imported, where that is not known).

    due: from then on a new one is asked for. ends: from then on it is not used any more; a child has grown.
    """

    due: int = 365
    ends: int = 730

    def due_on(self, taken_on: date | None, added_on: date) -> date:
        """The day from which a new portrait is asked for."""
        return _since(taken_on, added_on) + timedelta(days=self.due)

    def is_over(self, taken_on: date | None, added_on: date, today: date) -> bool:
        """Whether the portrait is too old to be used at all."""
        return today >= _since(taken_on, added_on) + timedelta(days=self.ends)


def believable(taken_on: date | None, added_on: date) -> date | None:
    """A camera's day, unless its clock was plainly wrong: a camera never set says 1980, or a future day."""
    return taken_on if taken_on and date(1990, 1, 1) < taken_on <= added_on + timedelta(days=1) else None


def why_none(reasons: Sequence[Reason]) -> str:
    """The reason for which nobody can be enrolled from these portraits: theirs, if they have one in common."""
    return str(reasons[0]) if len(set(reasons)) == 1 else NO_USABLE


def in_words(code: str) -> str:
    """The sentence for a reason, or for a failure to enrol."""
    if code == NO_USABLE:
        return NO_USABLE_SENTENCE
    return SENTENCE[Reason(code)] if code in list(Reason) else f"Enrolment failed: {code.replace('_', ' ')}."


def _since(taken_on: date | None, added_on: date) -> date:
    return min(taken_on or added_on, added_on)
