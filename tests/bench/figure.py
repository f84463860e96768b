"""One small picture: where the time of a photo goes, in multiples of the floor."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import matplotlib as mpl

mpl.use("svg")
import matplotlib.pyplot as plt

from tests.bench.alone import Alone
from tests.bench.stages import DECODE, DETECTOR, EMBEDDER, REST

GROUPS = {
    "read, decode, turn": ("read the file", DECODE),
    "detector network": (DETECTOR,),
    "around it": ("detect, around the network",),
    "align": ("align", "embed, around the network"),
    "embedder network": (EMBEDDER,),
    "match, decide": ("match", "decide"),
    "derive, encode, proof": ("derive", "encode and check", "proof"),
    "files, ledger": ("keep files", "fsync of files", "ledger", REST),
}
COLOURS = ("#56b4e9", "#0072b2", "#9ecae1", "#f0e442", "#d55e00", "#cc79a7", "#009e73", "#999999")
"""Distinct for the colour-blind. Source: M. Okabe, K. Ito, Color Universal Design, 2008."""


def draw(measured: Mapping[str, Alone], path: Path) -> None:
    """A stacked bar for each card."""
    mpl.rcParams.update({"svg.hashsalt": "0", "font.size": 9, "svg.fonttype": "none"})
    figure, ax = plt.subplots(figsize=(7.2, 1.1 + 0.55 * len(measured)))
    for row, alone in enumerate(measured.values()):
        stages, floor, left = alone.stages_ms(), alone.floor_ms(), 0.0
        for (group, names), colour in zip(GROUPS.items(), COLOURS, strict=True):
            width = sum(stages[n] for n in names) / floor
            ax.barh(row, width, left=left, color=colour, label=group if row == 0 else None, height=0.6)
            left += width
    ax.axvline(1, color="black", linewidth=1, linestyle=":")
    ax.set_yticks(range(len(measured)), list(measured))
    ax.invert_yaxis()
    ax.set_xlabel("× the floor (dotted): decode at half size, shrink, encode")
    ax.spines[["top", "right"]].set_visible(False)
    ax.legend(frameon=False, fontsize=8, ncols=4, loc="lower center", bbox_to_anchor=(0.5, 1.0))
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, metadata={"Date": None}, bbox_inches="tight")
    plt.close(figure)
