"""A subject-access pack: what is held about one person, and the pictures they are in with everybody else covered.

Every picture is made anew by the same covers as a derivative, walked by the same check, and looked at once more.
"""

from __future__ import annotations

import json
import os
import secrets
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from appliance.domain.decide import Look, Plan, cover_box
from appliance.domain.face import Box, head
from appliance.domain.identify import Match
from appliance.domain.photo import PhotoId, PhotoState
from appliance.domain.ruling import RulingKind
from appliance.errors import Damaged, Parked, Refusal, Unreadable
from appliance.pipeline.listing import facts_of
from appliance.pipeline.records.unnamed import Unsearched, unsearched
from appliance.sanitise.cover import derive
from appliance.sanitise.encode import encode
from appliance.store.audit import Asked
from appliance.store.home import Home
from appliance.vision.decoder import Decoder
from appliance.vision.eyes import Eyes
from appliance.vision.picture import Picture
from appliance.vision.wire import Purpose

LOOK = Look(long_side_px=2048, quality=88)
LOOKS_AGAIN = 3
SAME_FACE = 0.3
"""Overlap (IoU) from which a face seen in the finished picture is taken for the person's own."""


@dataclass(slots=True)
class Pack:
    """What went into a pack. left_out: photos by the reason why their picture is not in it."""

    pictures: int = 0
    portraits: int = 0
    left_out: dict[str, int] = field(default_factory=dict)
    not_searched: Unsearched | None = None

    def leave_out(self, why: str) -> None:
        """Count one."""
        self.left_out[why] = self.left_out.get(why, 0) + 1


def pack(
    subject: str,
    file: Path,
    home: Home,
    eyes: Eyes,
    decoder: Decoder,
    progress: Callable[[int, int], None] = lambda *_: None,
) -> Pack:
    """Write the pack of a subject to a new file, whole or not at all. Raises Refusal if there is nobody of that id."""
    if subject not in home.people.roster().people:
        raise Refusal("no_such_subject", f"there is nobody {subject!r} on the roster.")
    done, half = Pack(not_searched=unsearched(home)), file.with_name(f".{file.name}.{secrets.token_hex(4)}.tmp")
    photos = sorted(home.people.photos_naming(subject).union(home.ledger.traces.photos_with(subject)))
    try:
        with half.open("xb") as writing:
            os.fchmod(writing.fileno(), 0o600)
            with zipfile.ZipFile(writing, "w", zipfile.ZIP_DEFLATED) as archive:
                index = _add_pictures(subject, photos, archive, done, home, eyes, decoder, progress)
                _add_portraits(subject, archive, done, home, eyes, decoder)
                archive.writestr("records.json", json.dumps(_records(subject, index, home), indent=1, default=str))
                archive.writestr("READ ME FIRST.txt", _words(done))
            writing.flush()
            os.fsync(writing.fileno())
        file.hardlink_to(half)
    except FileExistsError as error:
        raise Refusal("file_exists", f"{file} exists already; give another name.") from error
    finally:
        half.unlink(missing_ok=True)
    return done


def _add_pictures(
    subject: str, photos: Sequence[PhotoId], archive: zipfile.ZipFile, done: Pack, home: Home, eyes: Eyes,
    decoder: Decoder, progress: Callable[[int, int], None],
) -> list[dict[str, Any]]:  # fmt: skip
    index = []
    for number, photo in enumerate(photos, start=1):
        progress(number, len(photos))
        row = home.ledger.photo(photo)
        made = _picture(subject, photo, home, eyes, decoder)
        if isinstance(made, str) or row is None:
            if made != "not_in_it":
                done.leave_out(str(made))
            continue
        done.pictures += 1
        name = f"pictures/{done.pictures:04d}.jpg"
        archive.writestr(name, made, zipfile.ZIP_STORED)
        copies = [{"channel": c.channel, "since": c.since, "until": c.until, "state": c.state}
                  for c in home.ledger.register.copies(photo)]  # fmt: skip
        index.append(
            {"picture": name, "photo": photo, "event": row.event, "taken_in": row.admitted_at, "published": copies}
        )
    return index


def _picture(subject: str, photo: PhotoId, home: Home, eyes: Eyes, decoder: Decoder) -> bytes | str:
    """The JPEG with everybody else covered, or why there is none."""
    facts = facts_of(photo, home.ledger, home.people)
    if photo in home.people.quarantined():
        return PhotoState.QUARANTINED
    if facts is None or not home.vault.has("originals", photo):
        return "no_longer_kept"
    names = {r.face: r.subject for r in facts.rulings if r.kind is RulingKind.NAME}
    own = [f for f in facts.faces if _is(subject, names.get(f.id), f.id in names, f.identification)]
    if not own:
        return "not_in_it"
    others = [head(f.detection) for f in facts.faces if f not in own]
    others += [r.box for r in facts.rulings if r.kind is RulingKind.COVER and r.box]
    try:
        picture = decoder.decode(home.vault.read("originals", photo), Purpose.PHOTO)
        return covered(picture, photo, [f.detection.box for f in own], others, eyes, decoder)
    except (Damaged, Parked, Unreadable) as error:
        return error.code


def covered(
    picture: Picture, photo: str, own: Sequence[Box], others: Sequence[Box], eyes: Eyes, decoder: Decoder
) -> bytes:
    """A clean JPEG in which only the `own` faces are bare. Boxes: pixels of the upright original.

    The finished bytes are looked at again, and what is seen there besides is covered too. Raises Damaged
    (second_look) if there is still somebody to be seen after that.
    """
    covers = list(others)
    for _ in range(LOOKS_AGAIN):
        boxes = {cover_box(b, picture.width, picture.height) for b in covers}
        plan = Plan(PhotoId(photo), picture.width, picture.height, tuple(sorted(boxes)), LOOK)
        jpeg = encode(derive(picture.pixels, plan), LOOK.quality)
        finished = decoder.decode(jpeg, Purpose.PHOTO)
        scale = picture.width / finished.width
        seen = [d for d in eyes.detect(finished) if all(_scaled(d.box, scale).iou(b) < SAME_FACE for b in own)]
        bare = [d for d in seen if not _is_under(_scaled(d.box, scale), covers)]
        if not bare:
            return jpeg
        covers += [_scaled(head(d), scale) for d in bare]
    raise Damaged("second_look", "there is somebody else to be seen")


def _is(subject: str, named: str | None, is_named: bool, who: object) -> bool:  # noqa: FBT001  one fact of three
    return named == subject if is_named else isinstance(who, Match) and who.subject == subject


def _is_under(box: Box, covers: Sequence[Box]) -> bool:
    """Whether this is a cover itself, taken for a face."""
    return any(box.overlap(c) >= 0.9 * box.area for c in covers)


def _scaled(box: Box, scale: float) -> Box:
    return Box(box.x * scale, box.y * scale, box.w * scale, box.h * scale)


def _add_portraits(
    subject: str, archive: zipfile.ZipFile, done: Pack, home: Home, eyes: Eyes, decoder: Decoder
) -> None:
    for portrait in home.people.portraits().get(subject, []):
        try:
            picture = decoder.decode(home.vault.read("portraits", portrait), Purpose.PORTRAIT)
            faces = sorted(eyes.detect(picture), key=lambda d: -d.box.area)
            jpeg = covered(picture, portrait, [d.box for d in faces[:1]], [head(d) for d in faces[1:]], eyes, decoder)
        except (Damaged, Parked, Unreadable) as error:
            done.leave_out(f"portrait_{error.code}")
            continue
        done.portraits += 1
        archive.writestr(f"portraits/{done.portraits:02d}.jpg", jpeg, zipfile.ZIP_STORED)


def _records(subject: str, pictures: list[dict[str, Any]], home: Home) -> dict[str, Any]:
    """Only what is listed here, so that nothing about anybody else comes along with a new table."""
    return {
        "subject": subject, **home.people.about(subject), "template": home.gallery.made_of().get(subject) is not None,
        "faces": home.ledger.traces.faces_of(subject), "pictures": pictures,
        "audit_log": home.audit.find(Asked(subject=subject, last=1_000_000)),
    }  # fmt: skip


def _words(done: Pack) -> str:
    missed = done.not_searched
    left = "".join(f"\n  {n} left out: {why.replace('_', ' ')}" for why, n in sorted(done.left_out.items()))
    return f"""What this box holds about one person.

records.json   roster entries, consents, who named them in which photo, matches, publications, log entries
pictures/      {done.pictures} pictures they are in, everybody else covered{left}
portraits/     {done.portraits} portraits

Look through the pictures before you hand them over: a face that the box did not find is not covered, and a covered
person may be known by other things.

What was not searched: {missed.photos if missed else 0} photos, in which nobody was named for
{missed.faces if missed else 0} faces, and {missed.unread if missed else 0} files that were never read. This person may
be in them. `appliance unnamed --event … --group …` lists the photos for somebody who knows the person to look through;
name them there, and make this pack again.
A safeguarding record, if there is one, is not in this pack: ask the safeguarding lead.
"""


def summary(done: Pack) -> dict[str, Any]:
    """As the command prints it."""
    return asdict(done)
