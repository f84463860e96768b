"""Turns a school's own export into people and consents, by a profile. A word that the profile does not list blocks."""

from __future__ import annotations

import calendar
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from appliance.domain.consent import Decision
from appliance.errors import Refusal
from appliance.pipeline.roster.profile import DAYS, Answers, Profile
from appliance.pipeline.roster.rows import PEOPLE_COLUMNS, ConsentsFile, PeopleFile, consents_of, people_of
from appliance.pipeline.roster.table import Form, Table, read_table

Mappings = Mapping[tuple[str, str], Mapping[str, Any]]
DAY_COLUMNS = ("birth_on", "leaving_on")
Cells = Mapping[str, str]


def translate(
    untrusted: bytes, file: str, profile: Profile, mappings: Mappings, today: date, encoding: str = ""
) -> tuple[PeopleFile, ConsentsFile | None]:
    """Read an export. Raises Refusal where a column's meaning has not been decided, or as `read_people` does.

    An answer without a day counts from `today`, unless the same answer is on record already.
    """
    form = Form(encoding or profile.form.encoding, profile.form.delimiter)
    table = read_table(untrusted, file, profile.headings, form)
    rows = [(line, _person(cells, profile)) for line, cells in table.rows]
    read = people_of(Table(rows, table.uneven, table.warnings), file, today)
    untold = frozenset(PEOPLE_COLUMNS) - profile.people.keys() - profile.always.keys()
    people = replace(read, untold=untold, kind=profile.always.get("kind", ""))
    if not profile.answers:
        return people, None
    scopes = {answers: _scopes(answers, profile, mappings) for answers in profile.answers}
    said = [s for line, cells in table.rows for s in _said(line, cells, profile, scopes, today)]
    undated = {place for place, (_, _, is_dated) in enumerate(said) if not is_dated}
    consents = consents_of(Table([(line, cells) for line, cells, _ in said], [], []), file, undated)
    about = frozenset((answers.party, scope) for answers, named in scopes.items() for scope in named)
    return people, replace(consents, about=about)


def _scopes(answers: Answers, profile: Profile, mappings: Mappings) -> Sequence[str]:
    if answers.scopes is not None:
        return answers.scopes
    decided = mappings.get((profile.name, answers.column))
    if decided is None:
        raise Refusal(
            "mapping_undecided",
            f"the school has not recorded yet what {answers.column!r} is about. Record it once: appliance roster "
            f"mapping record {profile.name} {answers.column!r} CHANNEL… --as WHO --evidence TEXT",
        )
    return list(decided["scopes"])


def _person(cells: Cells, profile: Profile) -> dict[str, str]:
    person = dict.fromkeys(PEOPLE_COLUMNS, "") | dict(profile.always)
    for column, heading in profile.people.items():
        text = cells[heading]
        if column in DAY_COLUMNS:
            text = _day(text, profile.days)
        words = profile.words.get(column)
        person[column] = words.get(text, text) if words and text else text
    return person


def _said(
    line: int, cells: Cells, profile: Profile, scopes: Mapping[Answers, Sequence[str]], today: date
) -> Iterator[tuple[int, dict[str, str], bool]]:
    """Yield what a row says of each scope, as rows of consents.csv; and whether it says from when."""
    for answers, about in scopes.items():
        word = cells[answers.column]
        if not word:
            continue
        decision = Decision.GRANTED if word in answers.granted else Decision.REFUSED
        is_known = word in answers.granted | answers.refused
        begun = _day(cells[answers.from_on], profile.days) if answers.from_on else ""
        evidence = (cells[answers.evidence] if answers.evidence else "") or f"{profile.name}: {answers.column}"
        if answers.evidence and not cells[answers.evidence]:
            evidence = ""
        for scope in about:
            yield line, {
                "subject_id": cells[profile.people["subject_id"]], "party": answers.party, "scope": scope,
                "decision": str(decision) if is_known else word, "from_on": begun or today.isoformat(), "until_on": "",
                "basis": answers.basis, "evidence": evidence,
            }, bool(begun)  # fmt: skip


def _day(text: str, written: str) -> str:
    """Return a day as 2026-11-24; what is not written as the profile says stays as it is, and is refused later on."""
    try:
        if written == "DD MMM YYYY":
            day, month, year = text.split(" ")
            number = [m.casefold() for m in calendar.month_abbr].index(month.casefold())
            return date(int(year), number, int(day)).isoformat()
        return datetime.strptime(text, DAYS[written]).date().isoformat()  # noqa: DTZ007  a day has no zone
    except ValueError:
        return f"{text} (not {written})" if text and written != "YYYY-MM-DD" else text
