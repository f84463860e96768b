"""Line plots for the page. Curves only: never a picture, a crop or anything else of a person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import matplotlib as mpl
import matplotlib.axes

mpl.use("svg")
import matplotlib.pyplot as plt

from tests.evaluate.source import DOCS

FIGURES = DOCS / "figures"
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7")
"""Distinct for the colour-blind. Source: M. Okabe, K. Ito, Color Universal Design, 2008."""
STYLES = ("-", "--", "-.", ":")


@dataclass(frozen=True, slots=True)
class Axes:
    """What a plot's axes say. percent: axes that are shares and read as per cent."""

    x: str
    y: str
    log_x: bool = False
    log_y: bool = False
    percent: str = "y"
    x_range: tuple[float, float] | None = None
    y_range: tuple[float, float] | None = None
    x_ticks: Sequence[float] | None = None


Curve = tuple[Sequence[float], Sequence[float]]


def plot(name: str, axes: Axes, curves: Mapping[str, Curve], dots: Mapping[str, Curve] | None = None) -> str:
    """Draw into docs/figures/NAME.svg, the same bytes for the same numbers; the path as the page writes it.

    dots: single points in the colour of the curve of the same name.
    """
    mpl.rcParams.update({"svg.hashsalt": "0", "font.size": 9, "svg.fonttype": "none"})
    figure, ax = plt.subplots(figsize=(6.2, 3.6))
    for (label, (x, y)), colour, style in zip(curves.items(), COLOURS, STYLES, strict=False):
        ax.plot(x, y, style, color=colour, label=label, linewidth=1.6)
        ax.plot(*(dots or {}).get(label, ([], [])), "o", color=colour, markersize=5)
    _dress(ax, axes)
    FIGURES.mkdir(parents=True, exist_ok=True)
    figure.savefig(FIGURES / f"{name}.svg", metadata={"Date": None}, bbox_inches="tight")
    plt.close(figure)
    return f"figures/{name}.svg"


def _dress(ax: matplotlib.axes.Axes, axes: Axes) -> None:
    ax.set_xlabel(axes.x)
    ax.set_ylabel(axes.y)
    ax.set_xscale("log" if axes.log_x else "linear")
    ax.set_yscale("log" if axes.log_y else "linear")
    if axes.x_ticks is not None:
        ax.set_xticks(list(axes.x_ticks))
    ax.set(xlim=axes.x_range, ylim=axes.y_range)
    for letter, axis in (("x", ax.xaxis), ("y", ax.yaxis)):
        if letter in axes.percent:
            axis.set_major_formatter(lambda v, _: f"{100 * v:g} %")
    ax.grid(visible=True, which="major", color="#dddddd", linewidth=0.6)
    ax.spines[["top", "right"]].set_visible(False)
    ax.legend(frameon=False, fontsize=8)
