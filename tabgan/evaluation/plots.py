"""The report drawn with matplotlib."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def plot_columns(charts: list[dict[str, Any]]) -> Figure:
    """Draw charts side by side with matplotlib, four in a row."""
    from matplotlib.figure import Figure

    n_rows = -(-max(len(charts), 1) // 4)
    figure = Figure(figsize=(14, 2.8 * n_rows), layout="constrained")
    for k, chart in enumerate(charts):
        axes = figure.add_subplot(n_rows, 4, k + 1)
        place = np.arange(len(chart["labels"]))
        axes.bar(place - 0.2, chart["real"], 0.4, label="real", color="#4b6cb7")
        axes.bar(place + 0.2, chart["synthetic"], 0.4, label="synthetic", color="#e08e45")
        step = max(1, len(place) // 5)
        axes.set_xticks(place[::step], [label[:10] for label in chart["labels"][::step]], fontsize=7)
        axes.set_title(chart["column"], fontsize=9)
        if k == 0:
            axes.legend(fontsize=7)
    return figure
