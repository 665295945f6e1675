"""Pictures of columns and pairs of columns, by matplotlib."""

from __future__ import annotations

from collections.abc import Hashable
from io import BytesIO
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.figure import Figure

from tabgan.evaluation.sample import decode, place_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLOURS = {"real": "#4b6cb7", "synthetic": "#d9772b"}
MAX_LABEL = 14
N_CELLS = 20  # of a scale, in either direction, for differences


class Picture(Figure):
    """A figure that a notebook shows, whatever it knows of matplotlib."""

    def _repr_png_(self) -> bytes:
        drawn = BytesIO()
        self.savefig(drawn, format="png", dpi=110)
        return drawn.getvalue()


def plot_columns(charts: list[dict[str, Any]]) -> Figure:
    """Draw charts side by side, four in a row, or a single one larger."""
    n_across = min(4, max(len(charts), 1))
    n_rows = -(-max(len(charts), 1) // n_across)
    size = (7, 4) if len(charts) == 1 else (3.5 * n_across, 2.8 * n_rows)
    figure = Picture(figsize=size, layout="constrained")
    for k, chart in enumerate(charts):
        axes = figure.add_subplot(n_rows, n_across, k + 1)
        _draw_column(axes, chart)
        axes.set_title(chart["column"], fontsize=9, parse_math=False)
        if k == 0:
            axes.legend(fontsize=7, loc="upper right")
    return figure


def _draw_column(axes: Axes, chart: dict[str, Any]) -> None:
    """Bars of both tables: levels beside each other; a scale, with its spikes apart on the left."""
    n_spikes, n = chart["n_spikes"], len(chart["labels"])
    gap = 2 if n_spikes else 0
    # A spike is as wide as two bins.
    place = np.array([3 * k - 3 * n_spikes - gap for k in range(n_spikes)] + list(range(n - n_spikes)))
    width = np.where(place < 0, 1.0, 0.4)
    for shift, (name, colour) in zip((-0.5, 0.5), COLOURS.items(), strict=True):
        axes.bar(place + shift * width, chart[name], width, label=name, color=colour)
    marks: list[tuple[float, str]] = list(enumerate(chart["labels"]))
    if chart["ticks"]:
        marks = [(at * (n - n_spikes) - 0.5, label) for at, label in chart["ticks"]]
    step = max(1, -(-len(marks) // 6))
    shown = [*zip(place[:n_spikes], chart["labels"], strict=False), *marks[::step]]
    at, labels = zip(*shown, strict=True)
    short = [label[:MAX_LABEL] for label in labels]
    axes.set_xticks(at, short, fontsize=7, parse_math=False, rotation=0 if chart["ticks"] else 20)
    axes.set_ylabel("share of rows", fontsize=7)
    axes.tick_params(axis="y", labelsize=7)


def plot_pair(charts: dict[str, Any], first: Hashable, second: Hashable) -> Figure:
    """Draw rows of both tables on two columns, and the difference of their shares."""
    places = [place_of(charts, name) for name in (first, second)]
    columns = [charts["columns"][place] for place in places]
    sides = {name: [_codes(charts, name, place) for place in places] for name in COLOURS}
    sizes = [len(chart["axis"]) or N_CELLS for chart in columns]
    figure = Picture(figsize=(10.5, 3.6), layout="constrained")
    panels = figure.subplots(1, 3)
    tables = {}
    rng = np.random.default_rng(0)
    for axes, (name, codes) in zip(panels, sides.items(), strict=False):
        at = [_places(chart, values) for chart, values in zip(columns, codes, strict=True)]
        both = ~np.isnan(at[0]) & ~np.isnan(at[1])
        x, y = (values[both] for values in at)
        tables[name] = np.histogram2d(x, y, sizes, [[0, 1], [0, 1]])[0] / max(len(codes[0]), 1)
        x, y = (
            values + (rng.uniform(-0.3, 0.3, len(values)) / size if chart["axis"] else 0)
            for values, size, chart in zip((x, y), sizes, columns, strict=True)
        )
        axes.plot(x, y, ".", markersize=2, alpha=0.5, color=COLOURS[name])
        axes.set_title(name, fontsize=9)
    difference = tables["synthetic"] - tables["real"]
    largest = max(np.abs(difference).max(), 1e-9)
    image = panels[2].imshow(
        difference.T, cmap="PuOr_r", vmin=-largest, vmax=largest, origin="lower", extent=(0, 1, 0, 1),
        aspect="auto",
    )  # fmt: skip
    panels[2].set_title("difference of shares: synthetic - real", fontsize=9)
    figure.colorbar(image, ax=panels[2])
    for axes in panels:
        _label_axes(axes, columns)
    return figure


def _codes(charts: dict[str, Any], name: str, place: int) -> Any:
    """The sample of a column of one table."""
    return decode(charts["sample"][name][place], is_scale=not charts["columns"][place]["axis"])


def _places(chart: dict[str, Any], codes: Any) -> Any:
    """Codes as places from 0 to 1: levels in the middle of their bins."""
    return (codes + 0.5) / len(chart["axis"]) if chart["axis"] else codes


def _label_axes(axes: Axes, columns: list[dict[str, Any]]) -> None:
    axes.set_xlim(-0.02, 1.02)
    axes.set_ylim(-0.02, 1.02)
    for which, chart in zip("xy", columns, strict=True):
        names = chart["axis"]
        marks = chart["ticks"] or [((k + 0.5) / len(names), name) for k, name in enumerate(names)]
        step = max(1, -(-len(marks) // 8))
        at, labels = zip(*marks[::step], strict=True)
        short = [label[:MAX_LABEL] for label in labels]
        getattr(axes, f"set_{which}ticks")(at, short, fontsize=6, parse_math=False)
        getattr(axes, f"set_{which}label")(chart["column"], fontsize=8, parse_math=False)
    if columns[0]["axis"]:
        axes.tick_params(axis="x", rotation=30)
