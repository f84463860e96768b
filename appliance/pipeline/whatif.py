"""The changes one can ask about before making them: a word about a consent, leaving, a removal, another policy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from appliance.config import Config, checked
from appliance.domain.consent import Consent, Roster
from appliance.errors import Refusal
from appliance.pipeline.roster.console import facts_of_word
from appliance.store.people import People

POLICY = ("own_consent_age", "school_basis_channels", "used_channels", "yearly_renewal", "every_parent", "jurisdiction")


def after_word(people: People, said: Consent, today: date) -> Roster:
    """The roster as it would be once this was recorded."""
    roster = people.roster()
    return replace(roster, consents=[*roster.consents, *facts_of_word(people.consents(said.subject), said, today)])


def after_leaving(people: People, today: date, *, group: str = "", subjects: Sequence[str] = ()) -> Roster:
    """The roster as it would be, had everybody in a group, or these people, left yesterday.

    Raises Refusal if there is nobody.
    """
    roster = people.roster()
    leaving = {p.subject for p in roster.people.values() if group and p.group == group} | set(subjects)
    if unknown := sorted(set(subjects) - roster.people.keys()):
        raise Refusal("no_such_subject", f"there is nobody {unknown[0]!r} on the roster.")
    if not leaving:
        groups = sorted({p.group for p in roster.people.values() if p.group})
        raise Refusal("no_such_group", f"nobody is in a group {group!r}. Groups: {', '.join(groups) or 'none'}.")
    last = today - timedelta(1)
    gone = {s: replace(roster.people[s], leaving_on=last) for s in leaving}
    return replace(roster, people={**roster.people, **gone})


def after_removal(people: People, subject: str, before_at: str) -> Roster:
    """The roster as it would be, were this person's pictures from before a time to go."""
    roster = people.roster()
    if subject not in roster.people:
        raise Refusal("no_such_subject", f"there is nobody {subject!r} on the roster.")
    return replace(roster, removed_before={**roster.removed_before, subject: before_at})


def after_policy(people: People, config: Config, settings: Mapping[str, Any]) -> Roster:
    """The roster as it would be, were these settings in config.toml. Raises Refusal for what is no such setting."""
    strange = sorted(settings.keys() - set(POLICY))
    if strange:
        raise Refusal("no_such_setting", f"{strange[0]!r} is no rule about consent. These are: {', '.join(POLICY)}.")
    now = {name: getattr(config, name) for name in POLICY if getattr(config, name) is not None}
    policy = checked({**now, **settings}, "the settings asked about").policy
    return replace(people.roster(), policy=policy, consents=people.consents())
