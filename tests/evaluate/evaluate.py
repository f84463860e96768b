"""Measures the product's error rates on real data and writes docs/error-rates.md. `make evaluate` runs it.

    python -m tests.evaluate.evaluate [--quick] [--only PART …] [--photos N] [--people N] [--seed N]

Needs the data folder `../shared` beside the checkout (or $SHARED); without it, it says so and ends well.
"""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.evaluate import (
    adversary,
    bands,
    card,
    detection,
    ideas,
    identification,
    page,
    portraits,
    sizes,
    source,
    turned,
)

Measure = Callable[[Path, card.Order], str]

PARTS: Mapping[str, tuple[str, Measure]] = {
    "card": ("A whole card, by its finished pictures", card.measure),
    "detection": ("Finding faces in a crowd", lambda shared, _: detection.measure(shared / "data")),
    "turned": ("Heads that lean or lie", lambda shared, _: turned.measure(shared / "data")),
    "identification": ("Recognising adults", lambda shared, _: identification.measure(shared / "data")),
    "sizes": ("Small faces", lambda shared, _: sizes.measure(shared / "data")),
    "bands": ("Children: strangers of one age", lambda shared, _: bands.measure(shared / "data")),
    "adversary": ("Who is under a cover", lambda shared, _: adversary.measure(shared / "data")),
    "portraits": ("Portraits, and the self-test", lambda shared, _: portraits.measure(shared / "data")),
    "ideas": ("For every idea, what it changed", lambda shared, _: ideas.measure(shared)),
}


def main(arguments: Sequence[str]) -> int:
    """Measure the parts asked for, then write the page from everything measured so far."""
    given = _parser().parse_args(arguments)
    shared = source.shared()
    if shared is None:
        print("The evaluation is skipped: its data is not here. It needs the folder ../shared beside the checkout.")
        return 0
    source.version_of_eyes()
    order = card.Order(given.people, 20 if given.quick else given.photos, given.seed)
    command = shlex.join(["python", "-m", "tests.evaluate.evaluate", *arguments])
    for name in given.only or PARTS:
        heading, measure = PARTS[name]
        print(f"{heading} …", file=sys.stderr, flush=True)
        page.keep(name, command, measure(shared, order), date.today())  # noqa: DTZ011  a page's date, not a rule's
        page.write({n: h for n, (h, _) in PARTS.items()})
    print(page.PAGE)
    return 0


def _parser() -> argparse.ArgumentParser:
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--quick", action="store_true", help="a card of 20 photos")
    p.add_argument("--only", nargs="+", choices=list(PARTS), metavar="PART", help=", ".join(PARTS))
    p.add_argument("--people", type=int, default=80, help="people on the card's roster")
    p.add_argument("--photos", type=int, default=60, help="photos on the card")
    p.add_argument("--seed", type=int, default=11, help="of the card")
    return p


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
