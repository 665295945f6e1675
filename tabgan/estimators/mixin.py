"""What a fitted estimator does with its fitted model: draw rows, at once or in parts, score and export it."""

from __future__ import annotations

import os
from collections.abc import Hashable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, overload

import pandas as pd
from sklearn.utils.validation import check_is_fitted

from tabgan.adversarial.generator.export import write_program
from tabgan.io.containers import join
from tabgan.sampling.model import FittedModel, Seed
from tabgan.sampling.parquet import write_parts
from tabgan.sampling.partitions import ROWS, Plan
from tabgan.sampling.request import SampleRequest
from tabgan.sampling.shares import Balance


class SamplingMixin:
    """The methods of an estimator that need nothing but its `fitted_model_`."""

    fitted_model_: FittedModel
    n_features_in_: int

    # Typed for frames: an estimator that was fitted with an array gives one.
    @overload
    def sample(
        self,
        n_samples: int | None = ...,
        *,
        given: Mapping[Hashable, Any] | str | pd.DataFrame | None = ...,
        balance: Balance | None = ...,
        missing: bool = ...,
        exclude_copies: bool = ...,
        min_distance: float = ...,
        return_X_y: Literal[False] = ...,
        random_state: Seed = ...,
    ) -> pd.DataFrame: ...

    @overload
    def sample(
        self,
        n_samples: int | None = ...,
        *,
        given: Mapping[Hashable, Any] | str | pd.DataFrame | None = ...,
        balance: Balance | None = ...,
        missing: bool = ...,
        exclude_copies: bool = ...,
        min_distance: float = ...,
        return_X_y: Literal[True],
        random_state: Seed = ...,
    ) -> tuple[pd.DataFrame, pd.Series]: ...

    def sample(
        self,
        n_samples: int | None = None,
        *,
        given: Mapping[Hashable, Any] | str | pd.DataFrame | None = None,
        balance: Balance | None = None,
        missing: bool = True,
        exclude_copies: bool = False,
        min_distance: float = 0.0,
        return_X_y: bool = False,
        random_state: Seed = None,
    ) -> Any:
        """Draw new rows.

        Parameters
        ----------
        n_samples : int, optional
            How many rows, by default one; 0 gives an empty table. Left out if `given` is a frame.
        given : mapping, str or DataFrame, optional
            A mapping from column names to what every row must have there: a value; a list or set of values; a
            slice, with both ends, or a ``pandas.Interval`` for a range, where None leaves an end open; None
            for a missing value; ``tabgan.Not`` of any of these. A value of the column is always that value.
            Or an expression, such as ``"age > 30 and sex == 'Female'"``. The other columns are drawn from
            their conditional distribution. Or a frame with some of the columns: rows to complete, one for
            one, with their index; its missing values are filled in, too.
        balance : column name or mapping, optional
            A column of categories, of which each gets the same number of rows; missing values get none. Or
            shares by column, as in ``{"income": {">50K": 0.4}}``; of numbers, a list of ranges and shares, as
            in ``{"age": [(slice(18, 30), 0.5)]}``. Counts are exact; other values keep their proportions.
        missing : bool, default=True
            Whether rows may have missing values, except where `given` asks for them.
        exclude_copies : bool, default=False
            Whether to leave out exact copies of training rows; the model must `remember` them.
        min_distance : float, default=0.0
            Leave out rows that are nearer than this to a training row, on a scale from 0 to 1: the root of
            the mean over columns of squared differences, of numbers that in rank, of categories 0 or 1. The
            model must `remember` "rows".
        return_X_y : bool, default=False
            Whether to give the column that was `y` in `fit` apart.
        random_state : int, RandomState, SeedSequence or None, default=None
            None goes on with the random stream of the model, so that two calls differ.

        Returns
        -------
        DataFrame of shape (n_samples, n_columns), or what `fit` was given
            An array if `fit` was given an array. With `return_X_y`, a pair (X, y).

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If the model is not fitted.
        TypeError
            If an argument is of another type.
        ValueError
            If an argument is out of its range, `return_X_y` is asked of a model fitted without `y`, a
            condition can never be satisfied, or the model does not `remember` what is needed.
        RuntimeError
            If a condition is so rare that two million rows hold less than two that satisfy it, or hardly any
            row satisfies the constraints or is far enough from training rows; the message states the rate.
        """
        check_is_fitted(self)
        containers = self.fitted_model_.containers
        if return_X_y and containers.target is None:
            raise ValueError("return_X_y needs a model that was fitted with y: fit(X, y)")
        request = SampleRequest(given, balance, missing, exclude_copies, min_distance)
        return containers.give_back(self.fitted_model_.sample(n_samples, request, random_state), return_X_y)

    def sample_batches(
        self,
        n_samples: int,
        *,
        batch_rows: int = ROWS,
        given: Mapping[Hashable, Any] | str | None = None,
        balance: Balance | None = None,
        missing: bool = True,
        exclude_copies: bool = False,
        min_distance: float = 0.0,
        random_state: Seed = None,
    ) -> Iterator[Any]:
        """Draw new rows as tables of at most `batch_rows` rows, one after the other, in constant memory.

        Parameters
        ----------
        n_samples : int
            Rows of all tables together.
        batch_rows : int, default=250_000
            Rows of each table but the last, which may have fewer.
        given, balance, missing, exclude_copies, min_distance
            As in `sample`; `given` is no frame.
        random_state : int, RandomState, SeedSequence or None, default=None
            As in `sample`. Each table has its seed: the k-th is the same for one seed and `batch_rows`
            whether those before it are drawn or not, and not that of one call of `sample`.

        Yields
        ------
        DataFrame or ndarray of shape (m, n_columns)
            As `sample` gives it. Keys that are numbers differ in all tables; strings that are keys differ
            within each, and between them as far as their format makes it likely.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If the model is not fitted.
        TypeError, ValueError, RuntimeError
            As in `sample`. Also a ValueError if there is a constraint on all rows together (``Unique``),
            which only a single table can satisfy.
        """
        check_is_fitted(self)
        request = SampleRequest(given, balance, missing, exclude_copies, min_distance)
        model = self.fitted_model_
        plan = Plan.of(model, n_samples, batch_rows, request, random_state)
        return (model.containers.give_back(plan.draw(model, part)) for part in range(plan.n_parts))

    def sample_to(
        self,
        path: str | os.PathLike[str],
        n_samples: int,
        *,
        rows_per_part: int = ROWS,
        given: Mapping[Hashable, Any] | str | None = None,
        balance: Balance | None = None,
        missing: bool = True,
        exclude_copies: bool = False,
        min_distance: float = 0.0,
        workers: int = 1,
        verbose: int = 1,
        random_state: Seed = None,
    ) -> Path:
        """Draw new rows into a folder of Parquet files, in constant memory.

        Killed on the way, the same call goes on where it stopped, and ends with the same files as a call
        that was not: each is complete when it gets its name, ``part-000000.parquet`` and so on. The arguments
        of the call stand in the folder's ``_tabgan.json``.

        Parameters
        ----------
        path : str or path
            A folder: new, empty, or one that the same call has begun.
        n_samples : int
            Rows of all files together.
        rows_per_part : int, default=250_000
            Rows of each file but the last, which may have fewer; they are in memory at a time.
        given, balance, missing, exclude_copies, min_distance
            As in `sample`; `given` is no frame.
        workers : int, default=1
            Processes that draw parts; they do not change the rows. A script that asks for more than one
            must guard what it does by ``if __name__ == "__main__"``.
        verbose : int, default=1
            0 is silent, 1 shows a progress bar.
        random_state : int, RandomState, SeedSequence or None, default=None
            None takes up the seed in the folder, or goes on with the model's random stream in a new one. The
            rows are those of `sample_batches`.

        Returns
        -------
        pathlib.Path
            The folder.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If the model is not fitted.
        TypeError, ValueError, RuntimeError
            As in `sample_batches`. Also a ValueError if the folder holds something else, Parquet cannot hold
            a column, or the model cannot be saved.
        OSError
            If a file cannot be written; all parts so far are kept.
        """
        check_is_fitted(self)
        request = SampleRequest(given, balance, missing, exclude_copies, min_distance)
        return write_parts(
            self.fitted_model_, Path(path), n_samples, rows_per_part, request, random_state, workers, verbose
        )

    def score(self, X: Any, y: Any = None) -> float:
        """Fidelity of newly drawn rows to held-out rows; the same call gives the same score.

        It is one minus the mean total variation distance between the pairwise tables of samples and of `X`
        (:class:`~tabgan.adversarial.training.fidelity.PairFidelity`). Few rows have noisy tables and score
        lower: compare scores only on the same rows. :func:`tabgan.evaluate` says more.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_rows, n_columns)
        y : Series or array-like of shape (n_rows,), optional
            If `fit` was given one.

        Returns
        -------
        float
            Between 0 and 1; higher is better.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If the model is not fitted.
        TypeError, ValueError
            If `X` is not a table of the columns that `fit` was given.
        """
        check_is_fitted(self)
        table, containers = join(X, y, minimum=1)
        if containers.X_dtype is not None and len(containers.features) != self.n_features_in_:
            raise ValueError(
                f"X has {len(containers.features)} features, but {type(self).__name__} is expecting "
                f"{self.n_features_in_} features as input"
            )
        return self.fitted_model_.score(table)

    def export(self, path: str | os.PathLike[str]) -> None:
        """Write the generator as a program that runs where there is PyTorch but no tabgan.

        The file, whose name ends in ``.pt2``, is for ``torch.export.load(path).module()``. The program turns
        standard normal points, a tensor of shape (n, k), into encoded rows, shape (n, width): the same points
        always into the same rows, which are what `sample` draws before `refine` moves them. In the file,
        "table.json" says what k is, and of each block of an encoded row its column, kind and width: a
        "scalar" is a number in [-1, 1], a "onehot" has a 1 in the place of a category.

        Parameters
        ----------
        path : str or path

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If the model is not fitted.
        ValueError
            If the name ends otherwise, or all columns are constants or keys, so that nothing was learned.
        OSError
            If the file cannot be written.
        """
        check_is_fitted(self)
        model = self.fitted_model_
        write_program(path, model.sampler, model.transformer.layout_.to_dict())
