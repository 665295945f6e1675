"""A sample as a lazy Dask DataFrame, drawn part by part wherever Dask runs."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd
from sklearn.utils.validation import check_is_fitted

from tabgan.sampling.model import FittedModel, Seed
from tabgan.sampling.partitions import ROWS, Plan, Shipped
from tabgan.sampling.request import SampleRequest
from tabgan.sampling.shares import Balance

if TYPE_CHECKING:
    from dask.dataframe import DataFrame


def sample_dask(
    model: Any,
    n_samples: int,
    *,
    rows_per_part: int = ROWS,
    given: Mapping[Hashable, Any] | str | None = None,
    balance: Balance | None = None,
    missing: bool = True,
    exclude_copies: bool = False,
    min_distance: float = 0.0,
    random_state: Seed = None,
) -> DataFrame:
    """Draw new rows as a Dask DataFrame; nothing is drawn before Dask computes it.

    Each partition is drawn from another seed, wherever and as often as Dask needs it: on a thread, in
    another process or on another machine, and again where a worker of Dask was lost, it holds the same rows.
    Workers need tabgan of this version; the model goes to them as the content of its file, not as a pickle.

    Parameters
    ----------
    model : TabGAN or TabVAE
        Fitted.
    n_samples : int
        Rows of all partitions together.
    rows_per_part : int, default=250_000
        Rows of each partition but the last, which may have fewer.
    given, balance, missing, exclude_copies, min_distance
        As in :meth:`tabgan.TabGAN.sample`; `given` is no frame.
    random_state : int, RandomState, SeedSequence or None, default=None
        As in :meth:`tabgan.TabGAN.sample_batches`, which gives the same rows.

    Returns
    -------
    dask.dataframe.DataFrame
        Its index counts the rows, and its divisions are known.

    Raises
    ------
    ImportError
        If Dask is not installed.
    sklearn.exceptions.NotFittedError
        If the model is not fitted.
    TypeError, ValueError
        As in :meth:`tabgan.TabGAN.sample_batches`.

    Examples
    --------
    >>> frame = sample_dask(model, 1_000_000_000, random_state=0)  # doctest: +SKIP
    >>> frame.groupby("species").sepal_length.mean().compute()  # doctest: +SKIP
    """
    try:
        import dask
        import dask.dataframe as dd
    except ImportError as error:
        raise ImportError("sample_dask needs Dask: pip install 'dask[dataframe]'") from error
    check_is_fitted(model)
    fitted: FittedModel = model.fitted_model_
    request = SampleRequest(given, balance, missing, exclude_copies, min_distance)
    plan = Plan.of(fitted, n_samples, rows_per_part, request, random_state)
    shipped = dask.delayed(Shipped.of(fitted), pure=True)
    parts = [dask.delayed(_draw)(shipped, plan, part) for part in range(plan.n_parts)]
    starts = [part * plan.rows_per_part for part in range(plan.n_parts)]
    divisions = (*starts, max(0, plan.n_rows - 1))
    empty = fitted.sample(0, random_state=0)
    return dd.from_delayed(parts, meta=empty, divisions=divisions, verify_meta=False, prefix="tabgan")


def _draw(shipped: Shipped, plan: Plan, part: int) -> pd.DataFrame:
    frame = plan.draw(shipped.model(), part)
    start = part * plan.rows_per_part
    return frame.set_axis(pd.RangeIndex(start, start + len(frame)), axis=0)
