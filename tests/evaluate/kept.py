"""Why faces that may be shown are covered all the same, by what the product says of each photo."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from appliance.domain.face import Box, Detection, head
from tests.evaluate.table import table

REASONS = {
    "shown": "shown",
    "hidden": "known, but another cover lies over the middle of the face",
    "ambiguous": "somebody is near enough, but it is not clear who",
    "no_match": "compared, and nobody is near enough; or too small or unsure to be compared",
    "no_consent": "taken for somebody without consent",
    "not_found": "not found at all",
}
SAME_IOU = 0.2


def reasons(card: Path, listed: str, channel: str) -> str:
    """A table of them. listed: what `appliance photos --json` printed."""
    rows = {name: row for line in listed.splitlines() for row in [json.loads(line)] for name in row["names"]}
    counted = Counter[str]()
    for photo in json.loads((card / "truth.json").read_text(encoding="utf-8"))["photos"]:
        row = next(r for name, r in rows.items() if name == photo["name"] or name.endswith("/" + photo["name"]))
        allowed = [Box(*face["box"]) for face in photo["faces"] if face["may_show"][channel]]
        counted.update(_reason(face, row["faces"], channel) for face in allowed)
    return table(["what became of a face that may be shown", channel], [[REASONS[r], counted[r]] for r in REASONS])


def _reason(face: Box, seen: Sequence[Mapping[str, Any]], channel: str) -> str:
    here = max(seen, key=lambda s: Box(*s["box"]).iou(face), default=None)
    if here is None or Box(*here["box"]).iou(face) < SAME_IOU:
        return "not_found"
    if here["treatment"][channel] != "show":
        return str(here["why"])
    middle = Box(face.x + face.w / 4, face.y + face.h / 4, face.w / 2, face.h / 2)
    covers = [_cover(s) for s in seen if s["treatment"][channel] != "show"]
    return "hidden" if any(c.overlap(middle) > 0 for c in covers) else "shown"


def _cover(seen: Mapping[str, Any]) -> Box:
    a, b, c, d, e = ((float(x), float(y)) for x, y in seen["landmarks"])
    return head(Detection(Box(*seen["box"]), (a, b, c, d, e), float(seen["score"])))
