"""AugmentationReport: scores with and without synthetic rows, the tests between them, and what follows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from tabgan.augment.t_test import corrected_t_test, holm

REAL = "real rows only"
OURS = "tabgan"
WITHOUT_ROWS = ("class weights", "moved threshold", "rare rows weighted")
KEYS = ["estimator", "metric"]
LEVEL = 0.05  # of all tests of a report together


@dataclass(frozen=True)
class AugmentationReport:
    """Scores of an estimator with and without synthetic rows, and what follows from them.

    Attributes
    ----------
    scores : DataFrame
        One row a split, estimator, metric and method: ``estimator``, ``metric``, ``split``, ``method``,
        ``score``.
    table : DataFrame
        For each estimator, metric and method the mean ``score``, its mean ``difference`` to real rows only,
        the bounds ``low`` and ``high`` of a 95 % confidence interval for it, the ``p_value`` of this
        difference alone, and ``p_holm``, corrected for the number of differences in the table.
    n_splits : int
        Train and test splits.
    test_over_train : float
        Rows of a test part over rows of a training part.
    """

    scores: pd.DataFrame
    table: pd.DataFrame
    n_splits: int
    test_over_train: float

    @property
    def advice(self) -> str:
        """One line: the cheapest method that beats real rows only, and that none beats, beyond noise."""
        groups: list[tuple[Any, pd.DataFrame]] = list(self.table.groupby(KEYS, sort=False))
        chosen = [self._cheapest(keys, group) for keys, group in groups]
        if len(groups) == 1:
            return _advice(groups[0][0][1], groups[0][1].set_index("method"), chosen[0])
        counts = pd.Series(chosen).value_counts()
        return (
            f"Of {len(groups)} comparisons, take " + ", ".join(f"{k} in {n}" for k, n in counts.items()) + "."
        )

    def _cheapest(self, keys: Any, group: pd.DataFrame) -> str:
        """The method to take; the table has them in the order of their cost."""
        better = group[(group["difference"] > 0) & (group["p_holm"] < LEVEL)]
        if better.empty:
            return REAL
        of_group = (self.scores[KEYS] == list(keys)).all(axis=1)
        wide = self.scores[of_group].pivot(index="split", columns="method", values="score")  # noqa: PD010
        best = better.loc[better["score"].idxmax(), "method"]

        def is_beaten(method: str) -> bool:
            return corrected_t_test(wide[best] - wide[method], self.test_over_train).p_value < LEVEL

        return next(method for method in better["method"] if method == best or not is_beaten(method))

    @property
    def verdict(self) -> str:
        """One sentence for each estimator and metric: whether the rows of tabgan helped."""
        groups = self.table.groupby(KEYS, sort=False)
        return "\n".join(_sentence(keys, group, len(groups) > 1) for keys, group in groups)

    def to_dict(self) -> dict[str, Any]:
        """The report as plain data.

        Returns
        -------
        dict
            ``advice``, ``verdict``, ``n_splits``, ``table`` and ``scores``, the last two as lists of dicts.
        """
        return {
            "advice": self.advice,
            "verdict": self.verdict,
            "n_splits": self.n_splits,
            "table": self.table.to_dict("records"),
            "scores": self.scores.to_dict("records"),
        }

    def plot(self, axes: Any = None) -> Any:
        """Draw the differences to real rows only with their 95 % intervals.

        Parameters
        ----------
        axes : matplotlib axes, optional
            By default those of a new figure.

        Returns
        -------
        matplotlib axes
        """
        import matplotlib.pyplot as plt

        others = self.table[self.table["method"] != REAL].iloc[::-1]
        if axes is None:
            axes = plt.subplots(figsize=(7, 1 + 0.35 * len(others)), layout="constrained")[1]
        several = self.table.groupby(KEYS).ngroups > 1
        names = [
            f"{row.estimator}, {row.metric}: {row.method}" if several else row.method
            for row in others.itertuples()
        ]
        reach = [others["difference"] - others["low"], others["high"] - others["difference"]]
        colors = ["tab:orange" if method.startswith(OURS) else "tab:blue" for method in others["method"]]
        axes.hlines(names, others["low"], others["high"], colors=colors)
        axes.scatter(others["difference"], names, c=colors, zorder=3)
        axes.axvline(0, color="gray", linewidth=1)
        score = "score" if several else self.table["metric"].iloc[0]
        axes.set(xlabel=f"difference of {score} to {REAL}", title="Did synthetic rows help?")
        axes.margins(x=0.1 if np.ptp(np.concatenate(reach)) else 0.5)
        return axes

    def __str__(self) -> str:
        table = self.table.drop(columns=[key for key in KEYS if len(self.table[key].unique()) == 1])
        return (
            f"{self.advice}\n{self.verdict}\n\n{table.to_string(index=False, float_format='{:.3f}'.format)}"
        )

    def _repr_html_(self) -> str:
        sentences = "".join(f"<p>{each}</p>" for each in [self.advice, *self.verdict.splitlines()])
        return sentences + self.table.to_html(index=False, float_format="{:.3f}".format)


def differences(scores: pd.DataFrame, test_over_train: float) -> pd.DataFrame:
    """The table of a report from its scores."""
    rows = []
    for keys, group in scores.groupby(KEYS, sort=False):
        wide = group.set_index(["split", "method"])["score"].unstack("method")  # noqa: PD010 - nothing to sum
        for method in group["method"].unique():
            test = corrected_t_test(wide[method] - wide[REAL], test_over_train)
            row = {**dict(zip(KEYS, keys, strict=True)), "method": method, "score": wide[method].mean()}
            if method != REAL:
                row |= dict(difference=test.mean, low=test.low, high=test.high, p_value=test.p_value)  # noqa: C408
            rows.append(row)
    table = pd.DataFrame(rows)
    table["p_holm"] = holm(table["p_value"])
    return table


def _advice(metric: str, by_method: pd.DataFrame, chosen: str) -> str:
    """Which method to take, in a line."""
    row: Any = by_method.loc[chosen]
    if chosen == REAL:
        return f"Add nothing: no method beats {REAL} beyond noise ({metric} {row.score:.3f})."
    line = f"Take {chosen}: {metric} {row.score:.3f}, {row.difference:+.3f} on {REAL} (p = {row.p_holm:.2g})"
    if chosen in WITHOUT_ROWS:
        line += ", without any new row"
    if chosen != OURS and OURS in by_method.index:
        ours: Any = by_method.loc[OURS]
        line += f"; {OURS} ({ours.score:.3f}) is no better beyond noise"
    return f"{line}."


def _sentence(keys: Any, group: pd.DataFrame, several: bool) -> str:
    """What became of tabgan, or of the last method where it is not among them."""
    estimator, metric = keys
    by_method = group.set_index("method")
    name = OURS if OURS in by_method.index else by_method.index[-1]
    ours, real = by_method.loc[name], by_method.loc[REAL]
    start = f"{estimator}: " if several else ""
    scores = f"{metric} is {ours.score:.3f} with its rows and {real.score:.3f} with {REAL}"
    interval = f"95 % interval {ours.low:+.3f} to {ours.high:+.3f}, p = {ours.p_holm:.2g} by Holm"
    reason = f" (difference {ours.difference:+.3f}, {interval})"
    if ours.low == ours.high == 0:
        outcome, reason = "did not help", ""
    elif ours.p_holm < LEVEL:
        outcome = "helped" if ours.difference > 0 else "did harm"
    else:
        outcome = "did not help beyond noise" if ours.high >= 0 else "did no harm beyond noise"
    return f"{start}{name} {outcome}: {scores}{reason}."
