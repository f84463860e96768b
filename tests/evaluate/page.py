"""Puts the measured sections together to docs/error-rates.md."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from tests.evaluate.source import BUILD, DOCS, version_of_eyes

PAGE = DOCS / "error-rates.md"
SECTIONS = BUILD / "sections"


def keep(name: str, command: str, text: str, today: date) -> None:
    """Put a measured section by, with what made it and when, for this page and later ones."""
    SECTIONS.mkdir(parents=True, exist_ok=True)
    made = f"*Measured on {today.isoformat()} by `{command}`, eyes {version_of_eyes()}.*"
    (SECTIONS / f"{name}.md").write_text(f"{made}\n\n{_filled(text)}\n", encoding="utf-8")


def write(parts: Mapping[str, str]) -> Path:
    """The page, from the sections that have been measured so far. parts: heading by section."""
    blocks = [HEAD.format(version=version_of_eyes()).strip()]
    for name, heading in parts.items():
        kept = SECTIONS / f"{name}.md"
        text = kept.read_text(encoding="utf-8") if kept.exists() else "*Not measured yet.*\n"
        blocks.append(f"## {heading}\n\n{text.strip()}")
    blocks.append(OPEN.strip())
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text("\n\n".join(blocks) + "\n", encoding="utf-8")
    return PAGE


def _filled(text: str) -> str:
    """The text with its paragraphs filled anew: figures put into it have moved its line ends."""
    blocks = text.strip().split("\n\n")
    return "\n\n".join(b if b.startswith(("|", "!")) else textwrap.fill(b, 118, break_on_hyphens=False) for b in blocks)


HEAD = """\
# Error rates

What the appliance gets wrong, measured on real pictures by the product's own code. `make evaluate` measures everything
again and writes this page; no number in it is typed by hand, and none but the times depends on the machine. The data
(research sets that may not be passed on) is not part of the repository, and no picture of a person, and no template,
is ever kept here.

| the question | where |
| --- | --- |
| Is anybody shown who must not be? | the card: **leak** |
| Who is under a cover? | the adversary: identified beside chance, and beside blur and mosaic |
| How much work is left for people? | the card: **kept**; needless covers |
| Is every face found, so that it can be covered? | crowd photos, turned heads, small faces |
| Is a stranger taken for somebody with consent? | **FPIR**: adults, and children by age |
| Is somebody with consent recognised? | **TPIR**: adults only |

Figures in parentheses are 95 % intervals (Wilson).
"""

OPEN = """\
## Still out of reach

- **Children's own recognition rate.** There is no set with several pictures of each child that may be used. A box can
  measure it on its own roster: how many portraits of a child match the template made of that child's other portraits.
- **Siblings and twins.** No threshold parts them; the product relies on the roster saying that they exist.
- **Faces turned away, half hidden, behind glass or masks.** Not in any set used here with a truth to count against.
- **Real event photos of a school.** The card is made of pasted portraits; a person's approval stands between every
  picture and the outside.
- **Recognition by other things than the face** (clothes, hair, names on shirts): covers do not address it.
- **The boards.** Error rates do not depend on the machine; times do and are measured by `make bench`.
"""
