"""Takes in the school's roster, consents and portraits: all or nothing.

An import may add, tighten and renew. It never overrides a no by itself, and what it cannot read it does not guess.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import date
from pathlib import Path

from appliance.errors import Refusal
from appliance.pipeline.roster.consents import take_consents
from appliance.pipeline.roster.desk import Desk
from appliance.pipeline.roster.persons import take_people
from appliance.pipeline.roster.portraits import Found, portraits_kept
from appliance.pipeline.roster.profile import Profile
from appliance.pipeline.roster.report import Change, ImportReport
from appliance.pipeline.roster.rows import ConsentsFile, PeopleFile, read_consents, read_people
from appliance.pipeline.roster.table import Form
from appliance.pipeline.roster.translate import translate
from appliance.store.people import People
from appliance.store.vault import Vault

LARGEST_CSV = 100_000_000
NOT_A_NAME = ("", "console")


class _Undone(Exception):
    """How a dry run leaves its transaction."""


def import_roster(
    *, people: People, vault: Vault, people_csv: Path | None, consents_csv: Path | None, portraits: Path | None,
    who: str, today: date, dry_run: bool = False, complete: bool = False, resolve: Sequence[str] = (),
    evidence: str = "", profile: Profile | None = None, encoding: str = "",
) -> ImportReport:  # fmt: skip
    """Take in what is given, in one transaction; the same files again change nothing. Returns what became of each row.

    dry_run: the same report, and nothing is written. complete: who is not in the files has left, and grants that are
    not in them end. resolve: conflicts in which the row holds after all, by `evidence` that `who` has seen. profile:
    how `people_csv`, an export of another system, is to be read. encoding: of the files, where it was said. Raises
    Refusal, and nothing has changed, where a file is not what it should be or a row does not say of whom it speaks.
    """
    if resolve and (who.strip() in NOT_A_NAME or not evidence.strip()):
        raise Refusal("resolution_incomplete", "--resolve needs --as WHO, a person's name, and --evidence TEXT.")
    persons, consents = _read(people, people_csv, consents_csv, profile, encoding, today)
    if complete and ((persons and not persons.rows) or (consents and not (consents.rows or consents.bad))):
        raise Refusal("complete_file_empty", "a file without a row is no complete file: it would end everything.")
    desk = Desk(
        people, people.roster().policy, who.strip() or "console", today, complete, frozenset(resolve), evidence.strip(),
        ImportReport(dry_run),
    )  # fmt: skip
    subjects = set(people.names()) | {row.person.subject for row in (persons.rows if persons else ())}
    with portraits_kept(portraits, subjects, vault=vault, people=people, dry_run=dry_run) as found:
        _take(desk, persons, consents, found)
    return desk.report


def _read(
    people: People, people_csv: Path | None, consents_csv: Path | None, profile: Profile | None, encoding: str,
    today: date,
) -> tuple[PeopleFile | None, ConsentsFile | None]:  # fmt: skip
    if profile is not None and (people_csv is None or consents_csv is not None):
        raise Refusal(
            "profile_without_file", "--profile is about one export: give that as --people, and no --consents."
        )
    if profile is not None and people_csv is not None:
        return translate(_bytes(people_csv), people_csv.name, profile, people.imports.mappings(), today, encoding)
    form = Form(encoding)
    persons = read_people(_bytes(people_csv), people_csv.name, today, form) if people_csv else None
    return persons, read_consents(_bytes(consents_csv), consents_csv.name, form) if consents_csv else None


def _take(desk: Desk, persons: PeopleFile | None, consents: ConsentsFile | None, found: Found) -> None:
    """All of it or, if it is refused or only tried, nothing."""
    with suppress(_Undone), desk.people.transaction():
        if persons is not None:
            take_people(persons, desk)
        if consents is not None:
            take_consents(consents, desk)
        _take_portraits(found, desk)
        if desk.report.dry_run:
            raise _Undone
    for conflict in sorted(desk.resolve - desk.resolved):
        desk.report.warnings.append(f"there is no conflict {conflict!r} in these files; it resolved nothing")


def _take_portraits(found: Found, desk: Desk) -> None:
    for portrait in found.portraits:
        is_new = desk.people.add_portrait(portrait.subject, portrait.sha256)
        change = Change("portrait", portrait.subject, None, portrait.sha256)
        (desk.report.added if is_new else desk.report.unchanged).append(change)
    desk.report.warnings.extend(found.left_out)


def _bytes(path: Path) -> bytes:
    try:
        if path.stat().st_size > LARGEST_CSV:
            raise Refusal("file_too_large", f"{path} is larger than any roster. Nothing was changed.")
        return path.read_bytes()
    except OSError as error:
        raise Refusal("file_unreadable", f"{path} cannot be read: {error.strerror}. Nothing was changed.") from error
