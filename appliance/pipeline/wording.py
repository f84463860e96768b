"""The words that go out beside pictures: what an event is called outside, and whether that holds anybody's name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from appliance.domain.channel import Audience
from appliance.domain.wording import Called, Finding, Found, Names, Verdict, verdict
from appliance.errors import Refusal
from appliance.store.audit import Audit
from appliance.store.events import EventWords
from appliance.store.people import People

LONGEST = 200


@dataclass(frozen=True, slots=True)
class Outward:
    """An event as it is called outside. findings: names in `text`. confirmed: words that somebody said are none."""

    event: str
    text: str
    findings: tuple[Finding, ...]
    confirmed: frozenset[str] = frozenset()

    @property
    def was_confirmed(self) -> bool:
        """Whether it took a person's word that something in it is no name."""
        return any(f.word in self.confirmed for f in self.findings)

    def verdict(self, audience: Audience) -> Verdict:
        """Whether pictures may be filed under it there."""
        return verdict(self.findings, audience, self.confirmed)


class Wording:
    """Everybody's names and everything that was said of events, read once."""

    def __init__(self, people: People) -> None:
        self._names = Names(Called(n.given, n.family, n.known_as) for n in people.names().values())
        self._said = people.events.words()
        self._known: dict[str, Outward] = {}

    def event(self, event: str) -> Outward:
        """What this event is called outside, and what is found in that."""
        if event not in self._known:
            said = self._said.get(event, EventWords("", frozenset(), "", ""))
            text = said.outward or event
            self._known[event] = Outward(event, text, self._names.find(text), said.confirmed)
        return self._known[event]

    def find(self, text: str) -> tuple[Finding, ...]:
        """Names in any text: a caption, the words beside a picture."""
        return self._names.find(text)


_known: WeakKeyDictionary[People, tuple[tuple[str, Mapping[str, EventWords]], Wording]] = WeakKeyDictionary()


def wording_of(people: People) -> Wording:
    """As `Wording`, read anew only when people, or what was said of events, have changed."""
    version = (people.version(), people.events.words())
    if people not in _known or _known[people][0] != version:
        _known[people] = (version, Wording(people))
    return _known[people][1]


def confirm_event(event: str, *, people: People, audit: Audit, who: str) -> Outward:
    """Record that what reads like a first name in the event's outward name is none. Raises Refusal on a full name."""
    outward = Wording(people).event(event)
    _refuse_full_name(outward.findings, outward.text)
    words = {f.word for f in outward.findings}
    said = people.events.words().get(event)
    people.events.say(event, said.outward if said else "", words | outward.confirmed, who)
    audit.record("event_words_confirmed", who=who, words=len(words))
    return Wording(people).event(event)


def call_event(event: str, outward: str, *, people: People, audit: Audit, who: str) -> Outward:
    """Record what the event is called outside from now on; it may ask for a first name again. Raises Refusal."""
    outward = outward.strip()
    if not outward or len(outward) > LONGEST:
        raise Refusal("not_a_name_for_it", f"an event is called something, in at most {LONGEST} letters.")
    _refuse_full_name(Wording(people).find(outward), outward)
    people.events.say(event, outward, (), who)
    audit.record("event_called", who=who)
    return Wording(people).event(event)


def place(finding: Finding, text: str) -> str:
    """Where in the text it stands, for a person to read: `letters 1 to 14: Amelia Nonsuch`."""
    return f"letters {finding.begin + 1} to {finding.end}: {text[finding.begin : finding.end]}"


def _refuse_full_name(findings: tuple[Finding, ...], text: str) -> None:
    for finding in findings:
        if finding.kind is Found.FULL_NAME:
            raise Refusal(
                "full_name",
                f"that holds the full name of somebody on the roster ({place(finding, text)}). Call the event "
                "something else outside: appliance event call EVENT NAME --as WHO",
            )
