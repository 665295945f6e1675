"""Rows to complete: what they do not have is drawn given what they have."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tabgan.sampling.filters import RowFilter
from tabgan.sampling.imputation import Imputation
from tabgan.sampling.known import Known


def complete(
    imputation: Imputation, given: pd.DataFrame, seed: np.random.SeedSequence, row_filter: RowFilter
) -> pd.DataFrame:
    """Fill in what rows do not have: missing values, and columns that are absent.

    Parameters
    ----------
    imputation : Imputation
        Of the model.
    given : DataFrame of shape (n, n_given)
        Some of the columns, of any dtypes. Its missing values are filled in, unless the training column held
        nothing else; a value of an absent column may be missing as in any sample.
    seed : numpy.random.SeedSequence
    row_filter : RowFilter

    Returns
    -------
    DataFrame of shape (n, n_columns)
        With the index of `given`, and the columns and dtypes of the training table. Known values are those
        given.

    Raises
    ------
    ValueError
        If a column is unknown, or a value is none of its column's.
    RuntimeError
        If a row has no completion that passes.
    """
    known = Known.read(imputation.table, given)
    if not len(known):
        return imputation.pool.iloc[:0].set_axis(known.index, axis=0)
    ((drawn, passes),) = imputation.draw(known, 1, seed, row_filter)
    if not passes.all():
        raise RuntimeError(
            f"{(~passes).sum():,} of {len(passes):,} given rows have no completion that satisfies "
            f"{row_filter}, for example row {int(np.flatnonzero(~passes)[0])}; are they possible at all?"
        )
    return drawn.set_axis(known.index, axis=0)
