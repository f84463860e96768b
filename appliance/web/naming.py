"""Lists to choose from: people by the letters of their name, groups; each with where they may be shown."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import Response

from appliance.domain.consent import CHANNELS, Person, Roster, has_left
from appliance.domain.decide import whole_group_allowed
from appliance.store.people import Name
from appliance.web.page import page
from appliance.web.visit import AtVisit, Visit

MOST = 12

router = APIRouter()


@dataclass(frozen=True, slots=True)
class Choice:
    """Somebody, or a group, with the channels that their consents allow today; a picture may need more than that."""

    id: str
    name: str
    group: str
    portrait: str | None
    allowed: tuple[str, ...]


@router.get("/people")
def people_fragment(request: Request, visit: AtVisit, q: str = "", channel: str = "") -> Response:
    """People whose name, group or id has these letters: a piece of the naming dialog."""
    people = visit.home.people
    found = [(p, n) for p, n in people.persons() if not has_left(p, visit.today) and _fits(q, p, n)]
    found.sort(key=lambda pn: (_begins(q, pn[1]), pn[1].family.casefold(), pn[1].given.casefold()))
    roster, portraits = people.roster(), people.portraits()
    choices = [
        Choice(p.subject, n.full, p.group, next(iter(portraits.get(p.subject, [])), None), tuple(
            c for c in CHANNELS if roster.allows(p.subject, c, visit.today)
        ))
        for p, n in found[:MOST]
    ]  # fmt: skip
    more = len(found) - len(choices)
    return page(request, "people.html", choices=choices, more=more, channel=channel, channels=CHANNELS)


@router.get("/groups")
def groups_fragment(request: Request, visit: AtVisit, channel: str = "") -> Response:
    """Every group: a piece of the dialog that says that everybody in a picture is from one."""
    roster = visit.home.people.roster()
    choices = [Choice(g, g, "", None, _allowed_for_all(g, roster, visit)) for g in groups(roster, visit)]
    return page(request, "groups.html", choices=choices, channel=channel, channels=CHANNELS)


def groups(roster: Roster, visit: Visit) -> list[str]:
    """Every group that somebody is in today."""
    return sorted({p.group for p in roster.people.values() if p.group and not has_left(p, visit.today)})


def _allowed_for_all(group: str, roster: Roster, visit: Visit) -> tuple[str, ...]:
    return tuple(c for c in CHANNELS if whole_group_allowed(group, c, roster, visit.today))


def _fits(q: str, person: Person, name: Name) -> bool:
    text = f"{name.given} {name.known_as} {name.family} {person.group} {person.subject}".casefold()
    return all(part in text for part in q.casefold().split())


def _begins(q: str, name: Name) -> bool:
    """False sorts first: names that begin with the letters come before names that have them inside."""
    return not any(n.casefold().startswith(q.casefold().strip()) for n in (name.given, name.known_as, name.family) if n)
