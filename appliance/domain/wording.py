"""Whether words that go out hold somebody's name: "names, no images; images, no names". Pure.

A full name blocks; a first name alone, which may be a word as well (Summer, Mark), is for a person to say.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import StrEnum

from appliance.domain.channel import Audience
from appliance.domain.letters import Plain, Word, spellings

_PARTICLES = frozenset(
    "al ap bin bint da dal de del della der di dos du el ibn la le les mac mc of o st ten ter the van von y zu".split()  # noqa: SIM905  read as words
)
"""Parts of family names that are no name by themselves."""
SHORTEST_JOINED = 6
"""Letters of a given and a family name written as one: fewer turn up inside other words."""


class Found(StrEnum):
    """What was found."""

    FULL_NAME = "full_name"
    FIRST_NAME = "first_name"


class Verdict(StrEnum):
    """What follows for words that are to go out."""

    CLEAR = "clear"
    ASK = "ask"
    BLOCK = "block"


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """A name at characters begin to end of the (composed) text; `word` is it in plain letters."""

    begin: int
    end: int
    kind: Found
    word: str


@dataclass(frozen=True, slots=True)
class Called:
    """What one person is called; `known_as` may hold several names."""

    given: str
    family: str
    known_as: str = ""


@dataclass(frozen=True, slots=True)
class _Person:
    first: frozenset[str]
    last: frozenset[str]
    joined: frozenset[str]
    handles: frozenset[str]
    initials: frozenset[str]


class Names:
    """Everybody's names, ready to be looked for."""

    def __init__(self, people: Iterable[Called]) -> None:
        self._people = [p for called in people for p in (_person(called),) if p.first or p.last]
        self._by_first: dict[str, set[int]] = defaultdict(set)
        self._by_last: dict[str, set[int]] = defaultdict(set)
        for i, person in enumerate(self._people):
            for word in person.first:
                self._by_first[word].add(i)
            for word in person.last:
                self._by_last[word].add(i)
        self._joined = frozenset(j for p in self._people for j in p.joined)
        self._handles = frozenset(h for p in self._people for h in p.handles)
        self._unspaced = frozenset(w for w in self._by_first if _is_unspaced(w))

    def find(self, text: str) -> tuple[Finding, ...]:
        """Every name in the text, in order; what a full name covers is not named again as a first name."""
        full: set[Finding] = set()
        first: set[Finding] = set()
        for way in spellings(text):
            words = list(way.words())
            full |= {*self._whole(words), *self._initialled(words, way), *self._run_together(way)}
            first |= {Finding(w.begin, w.end, Found.FIRST_NAME, w.text) for w in words if w.text in self._by_first}
            unspaced = [(place, name) for name in self._unspaced for place in way.squeezed().find(name)]
            first |= {Finding(*place, Found.FIRST_NAME, name) for place, name in unspaced}
        return tuple(_outermost(full, first))

    def _whole(self, words: list[Word]) -> Iterator[Finding]:
        """A given and a family name of one person, wherever in the text and in whichever order."""
        last: dict[int, list[Word]] = defaultdict(list)
        for word in words:
            for person in self._by_last.get(word.text, ()):
                last[person].append(word)
        for word in words:
            for person in self._by_first.get(word.text, set()) & last.keys():
                for other in last[person]:
                    if word.end <= other.begin or other.end <= word.begin:
                        yield _full(min(word.begin, other.begin), max(word.end, other.end), word.text, other.text)

    def _initialled(self, words: list[Word], way: Plain) -> Iterator[Finding]:
        """A family name with one of its owner's initials right before or after it, or written as one with it."""
        yield from (_full(w.begin, w.end, w.text) for w in words if w.text in self._handles)
        initials = [w for w in words if w.is_initials]
        for word in words:
            for person in self._by_last.get(word.text, ()):
                for near in _beside(word, initials, way):
                    if near.text != word.text and set(near.text) & self._people[person].initials:
                        yield _full(min(near.begin, word.begin), max(near.end, word.end), near.text, word.text)

    def _run_together(self, way: Plain) -> Iterator[Finding]:
        """A given and a family name written as one, or in letters with gaps."""
        squeezed = way.squeezed()
        for name in self._joined:
            if name in squeezed.letters:
                yield from (_full(begin, end, name) for begin, end in squeezed.find(name))


def verdict(findings: Iterable[Finding], audience: Audience, confirmed: AbstractSet[str] = frozenset()) -> Verdict:
    """What follows. confirmed: words that a person said are no names here; a full name no person can wave through.

    Within the school and one family a first name alone may stand.
    """
    worst = Verdict.CLEAR
    for finding in findings:
        if finding.kind is Found.FULL_NAME:
            return Verdict.BLOCK
        if audience in (Audience.PUBLIC, Audience.CLOSED_GROUP) and finding.word not in confirmed:
            worst = Verdict.ASK
    return worst


def _person(called: Called) -> _Person:
    first = {*_words(called.given), *_words(called.known_as)}
    last = _words(called.family)
    significant = {w for w in last if w not in _PARTICLES} or last
    wholes = [w for n in (called.given, called.known_as) for w in [*_words(n), *_squeezed(n)]]
    joined = {
        j
        for whole in wholes
        for family in {*_squeezed(called.family), *significant}
        for j in (whole + family, family + whole)
        if len(j) >= SHORTEST_JOINED or (_is_unspaced(j) and len(j) > 1)
    }
    initials = frozenset(w[0] for w in first)
    handles = {i + family for i in initials for family in significant if len(family) >= SHORTEST_JOINED - 1}
    return _Person(_longer(first), _longer(significant), frozenset(joined), frozenset(handles), initials)


def _longer(words: AbstractSet[str]) -> frozenset[str]:
    return frozenset(w for w in words if len(w) > 1 or _is_unspaced(w))


def _words(name: str) -> set[str]:
    """Each word of a name and, where it is written in parts, the parts as one."""
    found = set()
    for way in spellings(name):
        for part in way.letters.lower().replace("'", "").split():
            pieces = ["".join(c for c in piece if c.isalnum()) for piece in part.replace("–", "-").split("-")]
            found |= {*pieces, "".join(pieces)}
        apart = way.letters.lower().replace("'", " ").split()
        found |= {"".join(c for c in piece if c.isalnum()) for piece in apart if "-" not in piece}
    return found - {""}


def _squeezed(name: str) -> set[str]:
    return {way.squeezed().letters for way in spellings(name)} - {""}


def _is_unspaced(word: str) -> bool:
    """Whether it is in a script without capitals, in which words may stand without gaps (Chinese, Thai)."""
    return bool(word) and word.isalpha() and word.lower() == word.upper()


def _beside(word: Word, initials: list[Word], way: Plain) -> Iterator[Word]:
    """Initials that only dots, commas, dashes, gaps, particles and other initials part from this word."""
    reach = [word.begin, word.end]
    for near in sorted((i for i in initials if i.end <= word.begin), key=lambda i: -i.end):
        if _gap(way, near.end, reach[0]):
            reach[0] = near.begin
            yield near
    for near in sorted((i for i in initials if i.begin >= word.end), key=lambda i: i.begin):
        if _gap(way, reach[1], near.begin):
            reach[1] = near.end
            yield near


def _gap(way: Plain, begin: int, end: int) -> bool:
    """Whether two places of the text are near, with nothing but small words of family names between (van, de)."""
    between = "".join(c for c, at in zip(way.letters, way.places, strict=True) if begin <= at < end)
    words = "".join(c if c.isalnum() else " " for c in between.lower()).split()
    return len(between) - sum(map(len, words)) <= 4 and _PARTICLES.issuperset(words)


def _outermost(full: AbstractSet[Finding], first: AbstractSet[Finding]) -> Iterator[Finding]:
    """Each place once: no full name within another, no first name within a full one."""
    kept: list[Finding] = []
    for finding in sorted(full, key=lambda f: (f.begin, -f.end, -len(f.word), f.word)):
        if not kept or finding.end > kept[-1].end:
            kept.append(finding)
    yield from sorted(
        [*kept, *(f for f in first if not any(g.begin <= f.begin and f.end <= g.end for g in kept))],
    )


def _full(begin: int, end: int, *words: str) -> Finding:
    return Finding(begin, end, Found.FULL_NAME, " ".join(words))
