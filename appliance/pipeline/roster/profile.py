"""How a school's export is to be read: which heading is which column, which word which answer. A file one can read.

Profiles of the school lie in `profiles/` of the home; the examples that come along are marked as such.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from appliance.domain.consent import BIOMETRIC, SCOPES
from appliance.errors import Refusal
from appliance.pipeline.roster.rows import BASES, PARTY, PEOPLE_COLUMNS
from appliance.pipeline.roster.table import DELIMITERS, Form
from appliance.pipeline.roster.text import ENCODINGS

EXAMPLES = Path(__file__).parent / "profiles"
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,40}")
DECIDED_BY_SCHOOL = "decided"
DAYS = {
    "YYYY-MM-DD": "%Y-%m-%d", "DD/MM/YYYY": "%d/%m/%Y", "DD-MM-YYYY": "%d-%m-%Y", "DD.MM.YYYY": "%d.%m.%Y",
    "MM/DD/YYYY": "%m/%d/%Y", "YYYY/MM/DD": "%Y/%m/%d", "DD MMM YYYY": "%d %b %Y", "YYYYMMDD": "%Y%m%d",
}  # fmt: skip
NEEDED = ("subject_id", "given_name", "family_name")


@dataclass(frozen=True, slots=True)
class Answers:
    """A column of answers. scopes: what it is about; None where the school decides that once, on record.

    granted, refused: the only words that are understood; a blank cell says nothing. from_on, evidence: headings of the
    columns that hold them, or blank: then it counts from the day it was first imported.
    """

    column: str
    scopes: tuple[str, ...] | None
    party: str
    granted: frozenset[str]
    refused: frozenset[str]
    basis: str = "consent"
    from_on: str = ""
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class Profile:
    """One way to read one kind of export. people: our column → their heading. always: our column → one value."""

    name: str
    about: str
    is_example: bool
    form: Form
    days: str
    people: Mapping[str, str]
    always: Mapping[str, str]
    words: Mapping[str, Mapping[str, str]]
    answers: Sequence[Answers]

    @property
    def headings(self) -> list[str]:
        """Every heading that the file must have, once."""
        named = [*self.people.values(), *(h for a in self.answers for h in (a.column, a.from_on, a.evidence) if h)]
        return list(dict.fromkeys(named))


def profiles(home: Path) -> list[Profile]:
    """Return the school's own profiles and the examples, by name; one's own hides an example of its name."""
    found = {path.stem: path for folder in (EXAMPLES, home / "profiles") for path in sorted(folder.glob("*.toml"))}
    return [_read(path) for _, path in sorted(found.items())]


def path_of(home: Path, name: str) -> Path:
    """Return the file of a profile. Raises Refusal if there is none of that name."""
    for folder in (home / "profiles", EXAMPLES):
        if NAME.fullmatch(name) and (folder / f"{name}.toml").is_file():
            return folder / f"{name}.toml"
    known = ", ".join(p.name for p in profiles(home))
    raise Refusal("no_such_profile", f"there is no profile {name!r}. There are: {known}.")


def load(home: Path, name: str) -> Profile:
    """Return a profile by its name. Raises Refusal if there is none, or it cannot be read."""
    return _read(path_of(home, name))


def save(home: Path, name: str, source: Path) -> Path:
    """Keep a file as one of the school's profiles, if it is one. Raises Refusal; what was there before stays then."""
    if not NAME.fullmatch(name):
        raise Refusal("no_such_profile", f"{name!r} is no name for a profile: small letters, digits and hyphens.")
    text = _parse(source, name).encode()
    folder = home / "profiles"
    folder.mkdir(exist_ok=True, mode=0o770)
    half = folder / f".{name}.tmp"
    with half.open("wb") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    half.replace(folder / f"{name}.toml")
    return folder / f"{name}.toml"


def _parse(source: Path, name: str) -> str:
    """Return the text of a file that is a profile; an example that is saved is the school's own from then on."""
    try:
        text = source.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise Refusal("file_unreadable", f"{source} cannot be read as text.") from error
    _profile(name, text)
    return re.sub(r"(?m)^example = true$", "example = false", text)


def _read(path: Path) -> Profile:
    return _profile(path.stem, path.read_text(encoding="utf-8"))


def _profile(name: str, text: str) -> Profile:
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Refusal("profile_unreadable", f"profile {name} cannot be read: {error}.") from error
    check = _Checker(name)
    check.known("the top", raw, ("about", "example", "file", "people", "always", "words", "consents"))
    file, people, always = raw.get("file", {}), raw.get("people", {}), raw.get("always", {})
    check.known("[file]", file, ("encoding", "delimiter", "days"))
    check.known("[people]", people, PEOPLE_COLUMNS)
    check.known("[always]", always, PEOPLE_COLUMNS)
    days = file.get("days", "YYYY-MM-DD")
    check.want(days in DAYS, f"days is one of {', '.join(DAYS)}")
    encoding, delimiter = file.get("encoding", ""), file.get("delimiter", "")
    check.want(encoding in ("", *ENCODINGS), f"encoding is one of {', '.join(ENCODINGS)}")
    check.want(delimiter in ("", *DELIMITERS), "delimiter is a comma, a semicolon or a tab")
    check.want(not people or all(c in people for c in NEEDED), f"[people] needs {', '.join(NEEDED)}")
    check.want("subject_id" in people, "[people] needs subject_id, by which everything else is about somebody")
    check.want(not people.keys() & always.keys(), "a column stands in [people] or in [always], not in both")
    answers = tuple(_answers(check, given) for given in raw.get("consents", []))
    return Profile(
        name, str(raw.get("about", "")), raw.get("example") is True, Form(encoding, delimiter), days,
        {k: " ".join(str(v).split()) for k, v in people.items()}, {k: str(v) for k, v in always.items()},
        raw.get("words", {}), answers,
    )  # fmt: skip


def _answers(check: _Checker, given: Mapping[str, Any]) -> Answers:
    keys = ("column", "scopes", "party", "granted", "refused", "basis", "from_on", "evidence")
    check.known("[[consents]]", given, keys)
    check.want(all(k in given for k in ("column", "scopes", "party")), "[[consents]] needs column, scopes and party")
    scopes, column = given["scopes"], " ".join(str(given["column"]).split())
    is_left_open = scopes == DECIDED_BY_SCHOOL
    check.want(
        is_left_open or (isinstance(scopes, list) and scopes and set(scopes) <= set(SCOPES)),
        f'scopes of {column!r} is "{DECIDED_BY_SCHOOL}", or a list of {", ".join(SCOPES)}',
    )
    check.want(
        is_left_open or len(scopes) == 1,
        f'{column!r} is one answer about several scopes: write scopes = "{DECIDED_BY_SCHOOL}", and record the decision '
        "with: appliance roster mapping record",
    )
    check.want(
        is_left_open or BIOMETRIC not in scopes or given.get("evidence"),
        f"{column!r}: biometric consent needs a column with its evidence",
    )
    check.want(PARTY.fullmatch(str(given["party"])), "party is parent:1, parent:2, …, self or school")
    check.want(given.get("basis", "consent") in BASES, f"basis is one of {', '.join(BASES)}")
    granted, refused = frozenset(given.get("granted", [])), frozenset(given.get("refused", []))
    check.want(not granted & refused, f"a word of {column!r} is both granted and refused")
    return Answers(
        column, None if is_left_open else tuple(scopes), str(given["party"]), granted, refused,
        str(given.get("basis", "consent")), " ".join(str(given.get("from_on", "")).split()),
        " ".join(str(given.get("evidence", "")).split()),
    )  # fmt: skip


class _Checker:
    """Refuses a profile with what is wrong in it."""

    def __init__(self, name: str) -> None:
        self._name = name

    def want(self, holds: object, what: str) -> None:
        """Raise Refusal unless it holds."""
        if not holds:
            raise Refusal("profile_unreadable", f"profile {self._name}: {what}.")

    def known(self, where: str, table: Mapping[str, Any], keys: Sequence[str]) -> None:
        """Raise Refusal for a key that means nothing."""
        strange = next((k for k in table if k not in keys), None)
        self.want(strange is None, f"{where} has no {strange!r}; known: {', '.join(keys)}")
