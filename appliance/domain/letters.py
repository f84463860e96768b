"""Text made plain for comparing names: without case, accents, invisible characters, or a choice of spelling. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

_LETTERS = str.maketrans({
    "ß": "ss", "ẞ": "SS", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "ø": "o", "Ø": "O", "đ": "d", "Đ": "D",
    "ð": "d", "Ð": "D", "ł": "l", "Ł": "L", "þ": "th", "Þ": "TH", "ı": "i", "ħ": "h", "Ħ": "H",
    "’": "'", "`": "'", "´": "'", "ʼ": "'", "‘": "'",
})  # fmt: skip
"""Letters that do not decompose into a plain one and an accent; and the apostrophes."""
_SPELT_OUT = str.maketrans({
    "ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "Å": "Aa", "Ø": "Oe",
})  # fmt: skip
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_RUN = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+|[^\W\d_A-Za-z]+")

_LETTERS_ONLY = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class Word:
    """A word, or part of one, in lower case: `text` stands at characters begin to end of what was read."""

    text: str
    begin: int
    end: int
    is_initials: bool = False


@dataclass(frozen=True, slots=True)
class Plain:
    """A text in plain letters, in their case; `places` says where in the text that was given each of them stood."""

    letters: str
    places: tuple[int, ...]

    def words(self) -> Iterator[Word]:
        """Every word whole, without a possessive or plural s, and in the parts that it is visibly made of."""
        for found in _WORD.finditer(self.letters):
            whole = found[0]
            yield self._word(whole.replace("'", ""), found.start(), found.end())
            stem = whole[:-2] if whole.lower().endswith("'s") else whole[:-1] if whole.lower().endswith("s") else ""
            if len(stem) > 1:
                yield self._word(stem.replace("'", "").rstrip("'"), found.start(), found.end())
            for part in chain(_RUN.finditer(whole), _LETTERS_ONLY.finditer(whole)):
                yield self._word(part[0], found.start() + part.start(), found.start() + part.end())

    def squeezed(self) -> Squeezed:
        """All letters and digits in lower case, with nothing between them."""
        numbered = enumerate(zip(self.letters, self.places, strict=True))
        letters = [(low, place, i) for i, (c, place) in numbered if c.isalnum() for low in c.lower()]
        words = [i - n for n, (_, _, i) in enumerate(letters)]
        return Squeezed("".join(c for c, _, _ in letters), tuple(p for _, p, _ in letters), tuple(words))

    def _word(self, text: str, begin: int, end: int) -> Word:
        dotted = self.letters[end : end + 1] == "."
        initials = text.isalpha() and len(text) <= 3 and (text.isupper() or (dotted and len(text) == 1))
        return Word(text.lower(), self.places[begin], self.places[end - 1] + 1, initials)


@dataclass(frozen=True, slots=True)
class Squeezed:
    """Letters and digits alone; `words` has the same number for those that stand together."""

    letters: str
    places: tuple[int, ...]
    words: tuple[int, ...]

    def find(self, run: str) -> Iterator[tuple[int, int]]:
        """Where in the text that was given a run of letters stands: within one word, or as several whole ones."""
        at = self.letters.find(run)
        while at >= 0:
            last = at + len(run) - 1
            if self.words[at] == self.words[last] or (self._parts(at - 1) and self._parts(last)):
                yield self.places[at], self.places[last] + 1
            at = self.letters.find(run, at + 1)

    def _parts(self, at: int) -> bool:
        """Whether a word ends at this letter."""
        return not 0 <= at < len(self.words) - 1 or self.words[at] != self.words[at + 1]


def plain(text: str, *, spelt_out: bool = False) -> Plain:
    """The text in plain letters. spelt_out: `ü` as `ue` and not as `u`."""
    if text.isascii():
        return Plain(text.replace("`", "'"), tuple(range(len(text))))
    letters: list[str] = []
    places: list[int] = []
    for i, char in enumerate(text):
        spelt = char.translate(_SPELT_OUT) if spelt_out else char
        decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", spelt).translate(_LETTERS))
        for c in decomposed:
            for bare in c.translate(_LETTERS):
                if not unicodedata.combining(bare) and unicodedata.category(bare) != "Cf":
                    letters.append(bare)
                    places.append(i)
    return Plain("".join(letters), tuple(places))


def spellings(text: str) -> tuple[Plain, ...]:
    """The text in plain letters in each way it may be spelt; places are those of the composed text (NFC)."""
    composed = unicodedata.normalize("NFC", text)
    ways = (plain(composed), plain(composed, spelt_out=True))
    return ways if ways[0].letters != ways[1].letters else ways[:1]
