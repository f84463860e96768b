"""What a file's bytes say, and only where that is beyond doubt: UTF-8, UTF-16 with its mark, Windows-1252.

Names read in the wrong encoding would be wrong for years, so whatever could be two things is refused with its line.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from appliance.errors import Refusal

ENCODINGS = ("utf-8", "utf-16", "windows-1252")
_LETTERS = "ŠšŽžŒœŸ" + "".join(map(chr, [*range(0xC0, 0xD7), *range(0xD8, 0xF7), *range(0xF8, 0x100)]))
_SIGNS = "€–—‘’“”…£§°·\xa0"
"""What a school's export may hold beyond ASCII besides letters; of these, some never touch a letter."""
_TOUCHING = re.compile(r"[£§°·](?=[^\W\d_])|(?<=[^\W\d_])[£§°·]")
_UTF8_PAIR = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}")
_CAPITAL_INSIDE = re.compile(r"[a-zß-öø-ÿšžœ][À-ÖØ-ÞŠŽŒŸ](?![A-ZÀ-ÖØ-ÞŠŽŒŸ])")


@dataclass(frozen=True, slots=True)
class Text:
    """A file's text. note: what a person should check, where the encoding had to be told by its letters."""

    text: str
    note: str = ""


def read_text(untrusted: bytes, file: str, encoding: str = "") -> Text:
    """Return the text. encoding: one of ENCODINGS, where the school has said which. Raises Refusal in any doubt."""
    marks = {b"\xff\xfe\x00\x00": "", b"\xef\xbb\xbf": "utf-8", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
    marked = next((name for mark, name in marks.items() if untrusted.startswith(mark)), None)
    if marked is not None and encoding not in ("", marked):
        raise _refused(file, f"begins with the mark of {marked}, and {encoding} was said")
    if marked == "":
        raise _refused(file, "is UTF-32")
    known = marked or encoding
    if not known:
        return _told_by_its_letters(untrusted, file)
    try:
        return Text(untrusted.decode("utf-8-sig" if known == "utf-8" else known))
    except UnicodeDecodeError as error:
        raise _refused(file, f"is not {known} text on {_line(untrusted, error.start)}") from error


def _told_by_its_letters(untrusted: bytes, file: str) -> Text:
    if untrusted.count(0) * 4 > len(untrusted):
        raise _refused(file, "looks like UTF-16 without its mark, or is no text")
    try:
        return Text(untrusted.decode("utf-8"))
    except UnicodeDecodeError as error:
        first = error.start
    try:
        text = untrusted.decode("windows-1252")
    except UnicodeDecodeError as error:
        raise _refused(file, f"is neither UTF-8 nor Windows-1252 on {_line(untrusted, error.start)}") from error
    if pair := _UTF8_PAIR.search(untrusted):
        raise _refused(file, f"is partly UTF-8 and partly not ({_line(untrusted, pair.start())})")
    strange = next((i for i, c in enumerate(text) if c > "\x7f" and c not in _LETTERS and c not in _SIGNS), None)
    inside = _CAPITAL_INSIDE.search(text)
    touching = _TOUCHING.search(text)
    if strange is None and (inside is not None or touching is not None):
        strange = inside.end() - 1 if inside is not None else touching.start() if touching is not None else 0
    if strange is not None:
        raise _refused(file, f"may be in one of several encodings: {text[strange]!r} on {_line(untrusted, strange)}")
    return Text(
        text, f"{file} is read as Windows-1252; check the names with accents, first on {_line(untrusted, first)}"
    )


def _line(untrusted: bytes, at: int) -> str:
    return f"line {untrusted[:at].count(10) + 1}"


def _refused(file: str, why: str) -> Refusal:
    choices = "|".join(ENCODINGS)
    return Refusal(
        "encoding_unclear",
        f"{file} {why}. Nothing was changed; save it as “CSV UTF-8”, or say what it is: --encoding {choices}.",
    )
