"""Takes somebody out of the pictures from before a day, without ending any consent. It cannot be taken back."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, tzinfo

from appliance.errors import Refusal
from appliance.store.people import People


def clear_before(people: People, subject: str, before: date, zone: tzinfo, *, evidence: str, who: str) -> None:
    """From now on this person is covered in every picture that was taken in before that day of the school's."""
    if subject not in people.roster().people:
        raise Refusal("no_such_subject", f"there is nobody {subject!r} on the roster.")
    if not who.strip():
        raise Refusal("who_is_missing", "say who records this: --as WHO.")
    before_at = midnight(before, zone)
    if before_at > people.requests.removed_before().get(subject, ""):
        people.requests.remove_before(subject, before_at, evidence.strip(), who.strip())


def midnight(day: date, zone: tzinfo) -> str:
    """The moment at which a day of the school's begins, ISO 8601 in UTC."""
    return datetime.combine(day, time(), zone).astimezone(UTC).isoformat(timespec="microseconds")
