"""Takes in roster.csv: who is new, who has changed, who is not there any more. Nobody is told less protected by it."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import asdict, astuple, replace
from datetime import date, timedelta
from typing import Any

from appliance.domain.consent import Person, has_left
from appliance.pipeline.roster.desk import Desk
from appliance.pipeline.roster.merge import loosened
from appliance.pipeline.roster.report import Absence, Change
from appliance.pipeline.roster.rows import PeopleFile, PersonRow
from appliance.store.people import Name


def take_people(file: PeopleFile, desk: Desk) -> None:
    """Record what is new. A field that would ask fewer people's word keeps its value, and is a conflict.

    Whoever is protected stays so, and no line of the report tells: only the safeguarding lead says otherwise.
    """
    desk.report.warnings.extend(file.warnings)
    recorded = {p.subject: (p, n) for p, n in desk.people.persons()}
    heard: dict[str, set[str]] = {}
    for c in desk.people.consents():
        heard.setdefault(c.subject, set()).add(c.party)
    for row in file.rows:
        before = recorded.get(row.person.subject)
        if before is None:
            _add(row, desk)
        else:
            _change(_as_told(row, *before, file.untold), *before, heard.get(row.person.subject, set()), desk)
    there = {row.person.subject for row in file.rows}
    for person, name in recorded.values():
        is_meant = file.kind in ("", person.kind)
        if is_meant and person.subject not in there and not has_left(person, desk.today):
            _miss(person, name, desk)


def _add(row: PersonRow, desk: Desk) -> None:
    desk.people.record_person(row.person, row.name, desk.who)
    detail = f"{row.person.kind} {row.person.group}".strip()
    desk.report.added.append(Change("person", row.person.subject, row.line, detail))


def _as_told(row: PersonRow, old: Person, old_name: Name, untold: AbstractSet[str]) -> PersonRow:
    """The row with what is on record in every column of which the file says nothing."""
    person = {name: getattr(old, name) for name in untold & asdict(old).keys()}
    name = {field: called for field, called in zip(_NAME, astuple(old_name), strict=True) if field in untold}
    named = {**_called(row.name), **name}
    return replace(row, person=replace(row.person, **person), name=Name(*(named[field] for field in _NAME)))


def _change(row: PersonRow, old: Person, old_name: Name, heard: set[str], desk: Desk) -> None:
    person, subject = replace(row.person, protected=row.person.protected or old.protected), row.person.subject
    fields = loosened(old, person, heard, desk.policy, desk.today)
    why = "; ".join(f"{name}: {said}" for name, said in fields.items())
    cells = {"subject_id": subject, **{name: _text(getattr(person, name)) for name in fields}}
    if fields and not desk.resolves(subject, "roster", row.line, cells, why):
        person = replace(person, **{name: getattr(old, name) for name in fields})
    before, after = asdict(old) | _called(old_name), asdict(person) | _called(row.name)
    changed = [column for column in before if before[column] != after[column]]
    if changed:
        desk.people.record_person(person, row.name, desk.who)
    told = [column for column in changed if column != "protected"]
    change = Change("person", subject, row.line, ", ".join(told))
    (desk.report.changed if told else desk.report.unchanged).append(change)


def _miss(person: Person, name: Name, desk: Desk) -> None:
    """Somebody is not in the file: they stay; but if the file is complete, yesterday was their last day."""
    if desk.complete:
        left = replace(person, leaving_on=desk.today - timedelta(days=1))
        desk.people.record_person(left, name, desk.who)
    desk.report.absent.append(Absence("person", person.subject, "not in the roster", desk.complete))


_NAME = ("given_name", "family_name", "known_as")


def _called(name: Name) -> dict[str, str]:
    return dict(zip(_NAME, astuple(name), strict=True))


def _text(value: Any) -> str:
    """As the column would have it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value.isoformat() if isinstance(value, date) else "" if value is None else str(value)
