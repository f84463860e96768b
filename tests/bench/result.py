"""Everything that one run of the benchmark found out."""

from __future__ import annotations

from dataclasses import dataclass

from tests.bench.alone import Alone
from tests.bench.card import Card
from tests.bench.crew import Crews
from tests.bench.intake import Intakes
from tests.bench.rival import Rival


@dataclass(frozen=True, slots=True)
class Result:
    """rival: or why there is no comparison with deface. others: share of the machine that other work took meanwhile."""

    card_24: Card
    card_12: Card
    alone_24: Alone
    alone_12: Alone
    crews: Crews
    intakes: Intakes
    rival: Rival | str
    others: float
    command: str
