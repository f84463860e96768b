"""The report of a self-test: counts, kept as JSON, and said in words that mean something at a school."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from appliance.domain.band import IN_WORDS, Band
from appliance.domain.selftest import Line, Point, Share, Verdict


@dataclass(frozen=True, slots=True)
class Report:
    """One self-test.

    stated: the rate that counted then. single: people with one good portrait, who cannot be missed in the test. never:
    enrolled people whom the machine never matches (the youngest, siblings). curves: by `all` or band.
    """

    stated: float
    people: int
    portraits: int
    single: int
    never: int
    lines: tuple[Line, ...]
    recommended: float
    curves: Mapping[str, tuple[Point, ...]]

    def as_json(self) -> dict[str, Any]:
        """For the ledger and --json."""
        return asdict(self)

    @classmethod
    def of_json(cls, data: Mapping[str, Any]) -> Report:
        """As it was recorded."""
        read = tuple(
            Line(r["fpir"], r["name"], Share(**r["strangers"]), Share(**r["missed"]), Verdict(r["verdict"]))
            for r in data["lines"]
        )
        curves = {name: tuple(Point(**p) for p in points) for name, points in data["curves"].items()}
        return cls(**{**data, "lines": read, "curves": curves})

    def at(self, fpir: float) -> list[Line]:
        """The lines for one rate: the whole roster, its bands and, for the stated rate, its groups."""
        return [line for line in self.lines if line.fpir == fpir]


def name_in_words(name: str) -> str:
    """Whom a line is about."""
    if name == "all":
        return "the whole roster"
    return IN_WORDS[Band(name)] if name in list(Band) else name


def in_words(line: Line) -> str:
    """What a line means."""
    parts = [_strangers(line.strangers), _missed(line.missed), verdict_in_words(line)]
    return " ".join(filter(None, parts))


def verdict_in_words(line: Line) -> str:
    """What follows from it; nothing for a group, which is too small to conclude from."""
    if line.name == "all" or line.name not in list(Band):
        return ""
    rate = rate_in_words(line.fpir)
    return {
        Verdict.SUPPORTED: f"That is within {rate}.",
        Verdict.TOO_FEW: f"Nothing speaks against {rate}, but so few people cannot prove it; "
        "it rests on what was measured with the model.",
        Verdict.REFUSED: f"That is more than {rate}: nobody of this age is matched by machine. "
        "Staff name them. “appliance portraits” says who resembles whom; of relatives, enter the family.",
        Verdict.NEVER: "Nobody of this age is ever matched by machine. Staff name them.",
        Verdict.NOBODY: "",
    }[line.verdict]


def rate_in_words(fpir: float) -> str:
    """A stated rate: `1 in 1,000 strangers`."""
    return f"1 in {round(1 / fpir):,} strangers"


def _strangers(share: Share) -> str:
    if share.value is None:
        return ""
    low, high = share.interval
    if not share.hits:
        return (
            f"Of {share.people:,} people shown as strangers none was taken for somebody else; "
            f"of 1,000 strangers it would be at most {_of_thousand(high)}."
        )
    return (
        f"Of 1,000 strangers about {_of_thousand(share.value)} would be taken for somebody on the roster "
        f"(between {_of_thousand(low)} and {_of_thousand(high)})."
    )


def _missed(share: Share) -> str:
    if share.value is None:
        return "How many are recognised was not tested: that needs somebody with two good portraits who may be matched."
    low, high = share.interval
    found = f"Of 100 portraits of enrolled people about {100 * (1 - share.value):.0f} are recognised by the others"
    return f"{found} (between {100 * (1 - high):.0f} and {100 * (1 - low):.0f})."


def _of_thousand(share: float) -> str:
    number = 1000 * share
    return f"{number:,.0f}" if number >= 10 or number == round(number) else f"{number:.1f}"
