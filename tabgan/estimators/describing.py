"""What a fitted estimator tells of itself: its learning curves, and a model card."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pandas as pd
from sklearn.utils.validation import check_is_fitted

from tabgan._version import __version__
from tabgan.io.atomic import replacing
from tabgan.table import Schema

REMEMBERED = {
    "nothing": "The model holds no training rows and no hashes of them.",
    "hashes": "The model holds salted hashes of the training rows: who guesses a row can find out whether it "
    "was there.",
    "rows": "**The model holds its training rows, as codes: treat it like the training table.**",
}
CURVES = ("fidelity", "coverage", "membership", "critic_accuracy")  # shares; the others are losses


class DescribingMixin:
    """The methods of an estimator that tell what `fit` has left."""

    schema_: Schema
    constraints_: list[Any]
    history_: pd.DataFrame
    n_iter_: int
    stop_reason_: str

    def plot_history(self) -> Any:
        """Draw the learning curves: losses above, fidelity and the other shares below, by training step.

        Of a `DPTabGAN`, the error of the noisy counts alone.

        Returns
        -------
        ndarray of shape (2,) or (1,) of matplotlib.axes.Axes
            Drawn by pandas and shown by a notebook; ``axes[0].figure`` is the figure.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If the model is not fitted.
        ValueError
            If there is no history, because no steps were trained.
        """
        check_is_fitted(self)
        if self.history_.empty:
            raise ValueError(f"there is no history to draw: {self.stop_reason_}")
        history = self.history_.set_index("step")
        shares = [name for name in CURVES if name in history]
        losses = [name for name in history if name not in CURVES]
        # Shares are checked less often than losses are read: the gaps between are drawn as lines.
        groups = {"loss": tuple(losses), "share": tuple(shares)} if shares else {losses[0]: tuple(losses)}
        axes = history.interpolate(limit_area="inside").plot(subplots=list(groups.values()))
        for each, label in zip(axes, groups, strict=True):
            each.set_ylabel(label)
        axes[0].set_title(self.stop_reason_, fontsize=9, parse_math=False)
        return axes

    def card(self, path: str | os.PathLike[str] | None = None) -> str:
        """Write a model card (Mitchell et al. 2019, *Model cards for model reporting*) in Markdown.

        It says what the model knows: parameters, columns, constraints, how training went, and what of the
        training table it holds. What the rows are for, and where the table came from, is yours to add.

        Parameters
        ----------
        path : str or path, optional
            A file that is written, or replaced once all is written.

        Returns
        -------
        str
            The card.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If the model is not fitted.
        OSError
            If the file cannot be written.

        Examples
        --------
        >>> from tabgan import TabGAN, load_iris
        >>> model = TabGAN(max_steps=5, verbose=0, random_state=0).fit(load_iris())
        >>> print(model.card().splitlines()[0])
        # A TabGAN model of a table of 5 columns
        """
        check_is_fitted(self)
        name = type(self).__name__
        text = "\n".join(
            [
                f"# A {name} model of a table of {len(self.schema_)} columns",
                "",
                f"Made by tabgan {__version__}. Rows that it draws are synthetic.",
                "",
                "```python",
                repr(self),
                "```",
                "",
                *_section("Columns", _table(self.schema_.to_frame())),
                *_section("Constraints", _constraints(self.constraints_)),
                *_section("Training", _training(self)),
                *_section("Privacy", _privacy(self)),
                *_section("Use", (USE + RARE * (name != "DPTabGAN")).format(name=name).splitlines()),
            ]
        )
        if path is not None:
            with replacing(Path(path)) as temporary:
                temporary.write_text(text, encoding="utf-8", errors="backslashreplace")
        return text


USE = """\
```python
from tabgan import {name}
rows = {name}.load("model.tabgan").sample(1000)
```

Compare rows with real ones by `tabgan.evaluate` before they are used, with a holdout that the model has not
seen."""
RARE = " Rare values are protected: questions about few records cannot be answered from synthetic rows."


def _section(title: str, lines: Iterable[str]) -> list[str]:
    return [f"## {title}", "", *lines, ""]


def _table(frame: pd.DataFrame) -> list[str]:
    """A frame as a table in Markdown."""
    rows: list[list[Any]] = [list(frame), ["---"] * frame.shape[1], *frame.to_numpy().tolist()]
    return ["| " + " | ".join(_cell(value) for value in row) + " |" for row in rows]


def _cell(value: object) -> str:
    """Text that ends no field of a table and no line."""
    return " ".join(str(value).replace("|", "\\|").split())


def _constraints(constraints: list[Any]) -> list[str]:
    if not constraints:
        return ["None were found or stated."]
    return ["Every row satisfies:", "", *(f"- {_cell(constraint)}" for constraint in constraints)]


def _training(model: Any) -> list[str]:
    lines = [f"- Steps: {model.n_iter_:,}", f"- It ended because: {model.stop_reason_}"]
    fidelity = model.history_.get("fidelity", pd.Series(dtype=float)).dropna()
    if len(fidelity):
        best = f"{fidelity.max():.3f}"
        lines.append(f"- Best fidelity to the validation set: {best} (1: as near to it as other real rows)")
    return lines


def _privacy(model: Any) -> list[str]:
    if (guarantee := model.fitted_model_.guarantee) is not None:
        stated = guarantee.statement()
        return [
            f"- Differential privacy: epsilon {stated['epsilon']:g}, delta {stated['delta']:g}.",
            f"- The unit is {stated['unit']}.",
            *(f"- Not covered: {each}" for each in stated["not_covered"]),
        ]
    privacy = model._group("privacy")
    protected = "Values are not protected: rare categories and extreme numbers may come back."
    if privacy.protect is not None:
        protected = (
            f"Categories that few records hold and the outermost numbers are neither learned nor drawn "
            f"(`protect={privacy.protect!r}`); the table of columns says where."
        )
    return [
        f"- {protected}",
        f"- {REMEMBERED[privacy.remember]}",
        "- This is protection by rules, not differential privacy.",
    ]
