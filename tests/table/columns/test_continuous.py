"""Numbers: ranks are uniform, spikes and ends exact, tails not smeared, grids and bounds kept."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from sklearn.base import clone

from tabgan.table import Continuous
from tabgan.table.columns.quantiles import Quantiles

RNG = np.random.default_rng(0)
N = 20_000
DISTRIBUTIONS = {
    "normal": RNG.normal(size=N),
    "pareto": RNG.pareto(0.8, N),
    "prices": np.round(RNG.lognormal(3, 1, N), 2),
    "amounts": np.round(RNG.lognormal(8, 2, N)),
    "spike and tail": np.where(RNG.random(N) < 0.6, 0, RNG.lognormal(0, 2, N) + 1),
    "two spikes": RNG.choice([-1.0, 5.0, np.nan], N, p=[0.3, 0.3, 0.4]),
    "counts": RNG.poisson(100, N).astype(float),
}
DISTRIBUTIONS["two spikes"] = np.where(
    np.isnan(DISTRIBUTIONS["two spikes"]), DISTRIBUTIONS["normal"], DISTRIBUTIONS["two spikes"]
)


def uniform(n, seed=1):
    return np.random.default_rng(seed).uniform(-1, 1, (n, 1)).astype(np.float32)


@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_ranks_are_uniform_and_uniform_positions_decode_to_the_distribution(name):
    column = pd.Series(DISTRIBUTIONS[name])
    fitted = Continuous().fit(column)
    encoded = fitted.transform(column, np.random.default_rng(0))[:, 0]
    # both tests fail by chance once in 1,000 seeds; the seeds are fixed
    assert stats.kstest(encoded, stats.uniform(-1, 2).cdf).pvalue > 1e-3
    decoded = fitted.inverse_transform(uniform(N))
    assert stats.ks_2samp(decoded, column).pvalue > 1e-3
    assert decoded.min() >= column.min()
    assert decoded.max() <= column.max()


@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_a_number_comes_back_to_within_the_spacing_of_quantiles(name):
    column = pd.Series(DISTRIBUTIONS[name])
    fitted = Continuous().fit(column)
    back = fitted.inverse_transform(fitted.transform(column, np.random.default_rng(0)))
    order = np.sort(column)
    rank = np.searchsorted(order, column)
    near = 2 * N // 1000  # ranks
    low, high = order[np.maximum(rank - near, 0)], order[np.minimum(rank + near, N - 1)]
    assert ((back >= low) & (back <= high)).all()


def test_a_spike_keeps_its_share_and_nothing_falls_between_it_and_the_next_number():
    column = pd.Series(DISTRIBUTIONS["spike and tail"])
    decoded = Continuous().fit(column).inverse_transform(uniform(N))
    assert abs((decoded == 0).mean() - (column == 0).mean()) < 0.015  # three standard errors
    assert not ((decoded > 0) & (decoded < column[column > 0].min())).any()


def test_few_distinct_numbers_come_back_exactly():
    column = pd.Series(RNG.choice(RNG.normal(size=400), 5000))
    fitted = Continuous().fit(column)
    back = fitted.inverse_transform(fitted.transform(column, np.random.default_rng(0)))
    pd.testing.assert_series_equal(back, column)
    assert fitted.inverse_transform(uniform(N)).isin(column).all()


def test_near_unique_numbers_are_not_only_those_of_training():
    column = pd.Series(RNG.normal(size=500))
    decoded = Continuous().fit(column).inverse_transform(uniform(N))
    assert set(decoded[decoded.isin(column)]) <= {column.min(), column.max()}  # whose bound is kept
    assert decoded.isin(column).mean() < 0.004


def test_one_extreme_number_does_not_smear():
    column = pd.Series(np.append(RNG.normal(size=N), 1e9))
    decoded = Continuous().fit(column).inverse_transform(uniform(N))
    beyond = decoded[decoded > column.iloc[:-1].max()]
    assert len(beyond) < 8  # one is expected, and so many have a probability of 0.00001


@pytest.mark.parametrize(
    ("column", "step"),
    [
        (pd.Series(RNG.integers(0, 10**6, N)) * 10_000, 10_000),
        (pd.Series(RNG.integers(0, 10**6, N)) * 4 - 7, 4),
        (pd.Series(RNG.integers(0, 10**6, N)) / 4, 0.25),
        (pd.Series(RNG.integers(0, 10**6, N), dtype="float64"), 1),
        (pd.Series(RNG.integers(2**62, 2**62 + 10**6, N)) * 2, 2),
    ],
)
@pytest.mark.parametrize("method", ["rank", "minmax"])
def test_a_grid_is_kept(column, step, method):
    decoded = Continuous(method).fit(column).inverse_transform(uniform(N))
    assert not decoded.isin(column).all()
    assert ((decoded - column.iloc[0]) % step == 0).all()


def test_decimals_of_float32_are_kept():
    column = pd.Series(np.round(RNG.lognormal(1, 1, N), 2), dtype="float32")
    decoded = Continuous().fit(column).inverse_transform(uniform(N))
    assert (decoded == decoded.astype(float).round(2).astype("float32")).all()


def test_minmax_is_linear():
    column = pd.Series(RNG.uniform(-3, 7, 1000))
    encoded = Continuous("minmax").fit(column).transform(column)[:, 0]
    assert (encoded.min(), encoded.max()) == (-1, 1)
    assert np.corrcoef(encoded, column)[0, 1] > 1 - 1e-9


@pytest.mark.parametrize("method", ["rank", "minmax"])
def test_missing_values_and_spikes_are_states(method):
    column = pd.Series(DISTRIBUTIONS["two spikes"]).mask(RNG.random(N) < 0.2)
    fitted = Continuous(method, spike_share=0.1).fit(column)
    assert fitted.blocks() == [("onehot", 4), ("scalar", 1)]
    encoded = fitted.transform(column, np.random.default_rng(0))
    state = encoded[:, 0]
    np.testing.assert_array_equal(state == 1, column.isna())
    np.testing.assert_array_equal(state == 2, column == -1)
    np.testing.assert_array_equal(state == 3, column == 5)
    idle = encoded[state > 0, 1]
    if method == "minmax":
        assert (idle == 0).all()
    else:
        assert stats.kstest(idle, stats.uniform(-1, 2).cdf).pvalue > 1e-3
    back = fitted.inverse_transform(encoded)
    pd.testing.assert_series_equal(back[state > 0], column[state > 0])


def test_spikes_by_default():
    column = pd.Series(DISTRIBUTIONS["two spikes"])
    assert Continuous("rank").fit(column).blocks() == [("scalar", 1)]
    assert Continuous("minmax").fit(column).blocks() == [("onehot", 3), ("scalar", 1)]
    assert Continuous("minmax", spike_share=2).fit(column).blocks() == [("scalar", 1)]


def test_numbers_out_of_range_go_to_its_ends():
    fitted = Continuous().fit(pd.Series([1.0, 2.0, 4.0]))
    assert fitted.transform(pd.Series([-1e300, 1e300]))[:, 0].tolist() == [-1, 1]


def test_a_seed_decides_and_the_global_state_is_left_alone():
    column = pd.Series(DISTRIBUTIONS["counts"])
    fitted = Continuous().fit(column)
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    first, second, other = (fitted.transform(column, np.random.default_rng(seed)) for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, second)
    assert (first != other).any()
    np.testing.assert_array_equal(before, np.random.get_state()[1])  # noqa: NPY002


def test_it_is_a_scikit_learn_estimator():
    column_type = clone(Continuous("minmax", spike_share=0.3))
    assert column_type.get_params() == {"method": "minmax", "spike_share": 0.3}


@pytest.mark.parametrize(
    ("column", "message"),
    [
        (pd.Series(["a", "b"], name="x"), "column 'x' holds no numbers"),
        (pd.Series([np.nan, np.nan], name="x"), "column 'x' holds no numbers"),
        (pd.Series([1, np.inf], name="x"), "column 'x' holds infinite numbers"),
    ],
)
def test_what_is_no_number_is_refused(column, message):
    with pytest.raises(ValueError, match=message):
        Continuous().fit(column)


def test_whole_numbers_may_come_as_floats():
    fitted = Continuous("minmax").fit(pd.Series(range(0, 101)))
    encoded = fitted.transform(pd.Series([0.0, 50.2, 1e30, np.inf, np.nan]))[:, 0]
    np.testing.assert_array_equal(encoded, [-1, 0, 1, np.nan, np.nan])


def test_parameters_that_make_no_sense_are_refused():
    with pytest.raises(ValueError, match="spike_share must be positive, got 0"):
        Continuous(spike_share=0).fit(pd.Series([1.0, 2.0]))
    with pytest.raises(ValueError, match="'rank' or 'minmax', got 'other'"):
        Continuous("other").fit(pd.Series([1.0, 2.0]))


@pytest.mark.parametrize("n", [200, 1000, 3000])
def test_dates_come_back_no_more_often_than_those_of_others(n):
    """Single days among 7,500, drawn against fresh ones: four standard errors of both."""
    rng = np.random.default_rng(n)
    known, fresh = rng.integers(7500, size=(2, n))
    drawn = Continuous().fit(pd.Series(known)).inverse_transform(uniform(n))
    shares = [np.isin(days, known).mean() for days in (drawn, fresh)]
    assert shares[0] - shares[1] < 4 * np.sqrt(2 * shares[1] / n)


@pytest.mark.parametrize("units", [[0.0, np.nan, 2.0], [0.0, 2.0, 1.0], [0.0, 1.0, np.inf]])
def test_quantiles_that_a_file_has_wrong_are_refused(units):
    with pytest.raises(ValueError, match="quantiles fall, or are no numbers"):
        Quantiles(np.array([-1, 0, 1], dtype=np.float32), np.array(units), 0.0)
