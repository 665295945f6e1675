"""Metrics against truth: what they give on tables whose distribution is known."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from tabgan.evaluation.comparison import Comparison, bin_edges, cut, nearest
from tabgan.evaluation.importance import permutation_importance
from tabgan.evaluation.metrics import METRICS, pairs, support, two_sample, utility
from tabgan.evaluation.uncertainty import bootstrap_error, chi_squared, holm, jackknife_error
from tabgan.table import Schema

pytestmark = pytest.mark.slow  # trains networks, or waits for other processes


def table(n, seed, shift=0.0):
    """Two numbers that depend on each other, a number that follows from them, and a category."""
    rng = np.random.default_rng(seed)
    a, b = rng.multivariate_normal([shift, 0], [[1, 0.8], [0.8, 1]], n).T
    name = np.where(a + rng.normal(size=n) > 0, "high", np.where(b > 0, "middle", "low"))
    return pd.DataFrame({"a": a, "b": b, "c": a - b**2, "name": name})


def compare(real, synthetic, holdout=None, **more):
    holdout = table(300, 99) if holdout is None else holdout
    frames = {"real": real, "synthetic": synthetic, "holdout": holdout}
    return Comparison(frames, Schema.infer(real), 0, **more)


def independent(frame, seed=0):
    rng = np.random.default_rng(seed)
    return frame.apply(lambda column: rng.permutation(column.to_numpy()))


# --- how sure


def test_resampling_gives_the_error_of_a_mean():
    x = np.random.default_rng(0).normal(size=2000)
    groups = np.arange(2000) % 20
    left_out = np.array([[x[groups != g].mean() for g in range(20)]])
    truth = 1 / np.sqrt(2000)
    # 20 groups, or 100 draws, know an error to a sixth.
    assert jackknife_error(left_out) == pytest.approx(truth, rel=0.5)
    error = bootstrap_error(lambda rows: float(x[rows].mean()), (2000,), np.random.default_rng(1))
    assert error == pytest.approx(truth, rel=0.35)


@pytest.mark.parametrize(("n", "k"), [(40, 30), (400, 30), (1000, 2)])
def test_chi_squared_keeps_its_level(n, k):
    rng = np.random.default_rng(0)
    shares = rng.dirichlet(np.ones(k))
    p_values = [chi_squared(rng.multinomial(n, shares, 2).astype(float)) for _ in range(1000)]
    # 1 % and 10 %, with standard errors of 0.3 and 1 %; the approximation is rough where rows are few.
    assert np.mean(np.array(p_values) < 0.01) < 0.025
    assert np.mean(np.array(p_values) < 0.1) < 0.14


def test_chi_squared_sees_rare_cells_that_differ():
    counts = np.zeros((2, 100))
    counts[0, :50], counts[1, 50:] = 2, 2
    assert chi_squared(counts) < 1e-9
    assert chi_squared(np.array([[3.0, 0], [4.0, 0]])) == 1


def test_importances_of_wide_tables_find_the_columns_that_matter():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(300, 500))
    truth = X[:, 7] + 0.5 * X[:, 450]
    n_predictions = []

    def predict(rows):
        n_predictions.append(len(rows) / len(X))
        return rows[:, 7] + 0.5 * rows[:, 450]

    falls = permutation_importance(predict, lambda y: -float(((y - truth) ** 2).mean()), X, rng)
    assert list(np.argsort(-falls)[:2]) == [7, 450]
    # Shuffling a column of weight w costs 2 w**2 in the mean.
    assert falls[7] == pytest.approx(2, rel=0.3)
    assert (falls != 0).sum() == 2
    assert sum(n_predictions) < 150
    few = permutation_importance(
        lambda rows: rows[:, 1], lambda y: -float(((y - X[:, 1]) ** 2).mean()), X[:, :3], rng, n_shuffles=2
    )
    assert list(few > 0) == [False, True, False]


def test_correlations_are_those_of_pandas_with_gaps():
    rng = np.random.default_rng(0)
    frame = table(200, 0)[["a", "b", "c"]].mask(rng.random((200, 3)) < 0.2)
    other = table(300, 1)[["a", "b", "c"]]
    gap, _ = pairs.correlation_gap(compare(frame, other, other), "synthetic")
    upper = np.triu_indices(3, 1)
    sides = [f.rank().corr().to_numpy()[upper] for f in (frame, other)]
    assert gap == pytest.approx(np.abs(sides[0] - sides[1]).mean(), abs=1e-9)


def test_associations_and_distances_of_pairs_are_those_of_the_whole_contingency_table():
    """Of which most cells are empty, and are left out."""
    rng, names = np.random.default_rng(0), np.array([f"name {k}" for k in range(40)])
    frames = []
    for seed in (1, 2):
        first = rng.integers(0, 40, 500)
        second = np.where(rng.random(500) < 0.5, first, rng.integers(0, 40, 500))
        frames.append(table(500, seed).assign(first=names[first], second=names[second]))
    tables = compare(*frames, holdout=frames[0])
    rows, _ = pairs.compare_pairs(tables, "synthetic", [("first", "second")])
    counts = [frame.groupby(["first", "second"]).size() for frame in frames]
    real, seen = (each.reindex(counts[0].index.union(counts[1].index), fill_value=0) for each in counts)
    assert rows[0].distance == pytest.approx((real / 500 - seen / 500).abs().sum() / 2)
    assert pairs.pair_distances(tables, "synthetic", [("first", "second")]) == [
        pytest.approx(rows[0].distance)
    ]
    for frame, association in zip(frames, (rows[0].association_real, rows[0].association_other), strict=True):
        whole = pd.crosstab(frame["first"], frame["second"])
        statistic = stats.chi2_contingency(whole, correction=False).statistic
        assert association == pytest.approx(np.sqrt(statistic / 500 / (min(whole.shape) - 1)))


def test_holm_by_hand():
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])


@pytest.mark.parametrize("name", ["marginal", "pairwise"])
def test_intervals_of_distances_hold_the_distance_of_large_tables(name):
    truth = METRICS[name](compare(table(30_000, 0), table(30_000, 1, shift=1.0))).metrics[0].value
    held = 0
    for seed in range(20):
        tables = compare(table(1500, 2 * seed + 10), table(1500, 2 * seed + 11, shift=1.0))
        low, high = METRICS[name](tables).metrics[0].interval
        held += low <= truth <= high
    # 95 % of 20, and distances of samples are a little too large: below 14 comes once in thousands.
    assert held >= 14


# --- pairs


def test_rank_correlations():
    real = table(2000, 0)
    gap, error = pairs.correlation_gap(compare(real, independent(real)), "synthetic")
    expected = real[["a", "b", "c"]].corr("spearman").to_numpy()[np.triu_indices(3, 1)]
    assert gap == pytest.approx(np.abs(expected).mean(), abs=0.05)
    assert 0 < error < 0.05
    holes = real.assign(a=real["a"].where(real.index % 3 > 0))
    assert pairs.correlation_gap(compare(real, holes), "synthetic")[0] < 0.03


def test_a_frequent_value_has_a_bin_of_its_own():
    values = np.r_[np.zeros(700), np.arange(1, 301), np.full(40, np.nan)]
    edges = bin_edges(values)
    assert len(np.unique(cut(values[values == 0], edges))) == 1
    assert not np.isin(cut(values[values != 0], edges), cut(np.zeros(1), edges)).any()
    counts = np.bincount(cut(values[values > 0], edges))
    np.testing.assert_array_equal(counts[counts > 0], [100, 100, 100])
    assert len(bin_edges(np.full(5, np.nan))) == 0
    assert len(np.unique(cut(np.arange(1000.0), bin_edges(np.arange(1000.0))))) == 10


@pytest.mark.parametrize("share", [0.6, 0.95])
def test_dependence_on_a_frequent_value_is_seen_when_lost(share):
    def spiked(n, seed, flips=0.0):
        rng = np.random.default_rng(seed)
        gain = np.where(rng.random(n) < share, 0, rng.gamma(2, 10, n))
        paid = np.where(rng.random(n) < 0.9, gain > 0, rng.random(n) < 1 - share)
        return pd.DataFrame({"gain": rng.permutation(gain) if flips else gain, "paid": paid.astype(str)})

    real, holdout = spiked(2000, 0), spiked(2000, 1)
    good, bad = (METRICS["pairwise"](compare(real, spiked(2000, 2, k), holdout)).details[0] for k in (0, 1))
    lost = 0.9 * 2 * share * (1 - share)  # total variation of independence
    assert bad.distance == pytest.approx(lost, abs=0.04)
    assert good.distance < 0.04
    assert good.association_other > 0.8 > 0.1 > bad.association_other


# --- the whole


def test_energy_distance_by_hand_and_by_permutation():
    tables = compare(table(200, 0), table(200, 1, shift=2.0))
    distances = two_sample._distances(tables, "synthetic")
    n = len(distances) // 2
    off = ~np.eye(n, dtype=bool)
    inner = distances[:n, :n][off].mean() + distances[n:, n:][off].mean()
    by_hand = 1 - inner / (2 * distances[:n, n:].mean())
    found = two_sample.energy_test(tables, "synthetic")
    assert found["value"] == pytest.approx(by_hand, abs=1e-5)
    assert found["p_value"] == 0.001
    assert found["value"] > 5 * found["error"]


def test_p_values_of_the_energy_test_are_uniform():
    p_values = [
        two_sample.energy_test(compare(table(60, 2 * seed), table(60, 2 * seed + 1)), "synthetic")["p_value"]
        for seed in range(60)
    ]
    # Fails once in a thousand sets of seeds; these are fixed.
    assert stats.kstest(p_values, "uniform").pvalue > 0.001


def test_logistic_regression_sees_shifts_and_trees_see_dependence():
    real = table(1500, 0)
    shifted = compare(real, table(1500, 1, shift=1.0))
    apart = compare(real, independent(table(1500, 1)))
    assert two_sample.logistic_test(shifted, "synthetic")["auc"] > 0.65
    # The standard error of an AUC of 1,500 rows a side is 0.011.
    assert abs(two_sample.logistic_test(apart, "synthetic")["auc"] - 0.5) < 0.04
    assert two_sample.trees_test(apart, "synthetic")["auc"] > 0.75


def test_precision_and_recall_by_hand():
    real, other = table(150, 0), table(150, 1, shift=0.5)
    tables = compare(real, other)
    found = support.precision_and_recall(tables, "synthetic", {})
    low, span = real[["a", "b", "c"]].min(), real[["a", "b", "c"]].max() - real[["a", "b", "c"]].min()

    def points(frame):
        names = np.column_stack([frame["name"] == name for name in ("high", "middle", "low")])
        return np.hstack([(frame[["a", "b", "c"]] - low) / span, names])

    X, S = points(real), points(other)
    sizes = np.linspace(0, 1, 30)
    radii = np.quantile(np.linalg.norm(X - X.mean(0), axis=1), sizes)
    inside = [(np.linalg.norm(S - X.mean(0), axis=1) <= radius).mean() for radius in radii]
    precision = 1 - np.abs(sizes - inside).sum() / sizes.sum()
    to_real = np.linalg.norm(X[:, None] - X[None], axis=2) + np.diag(np.full(150, np.inf))
    to_other = np.linalg.norm(X[:, None] - S[None], axis=2)
    depth = np.linalg.norm(S[to_other.argmin(1)] - S.mean(0), axis=1)
    covered = to_other.min(1) <= to_real.min(1)
    shares = [(covered & (depth <= radius)).mean() for radius in np.quantile(depth, sizes)]
    recall = 1 - np.abs(sizes - shares).sum() / sizes.sum()
    # A row that lies on a radius may fall to either side of it.
    assert found["precision"] == pytest.approx(precision, abs=0.01)
    assert found["recall"] == pytest.approx(recall, abs=0.01)


# --- utility


@pytest.mark.parametrize("target", ["name", "c"])
def test_importances_agree_if_the_dependence_does(target):
    real, holdout = table(600, 0), table(400, 2)
    good, bad = (
        utility.train_synthetic_test_real(compare(real, rows, holdout, target=target))
        for rows in (table(600, 1), independent(table(600, 1)))
    )
    assert good["agreement"] > 0.4
    assert good["synthetic"] > bad["synthetic"] + 0.1
    assert bad["p_value"] < 0.001 < good["p_value"]
    largest = [np.abs(found["importances"]).max() for found in (good, bad)]
    assert largest[0] > 3 * largest[1]


# --- neighbours


@pytest.mark.parametrize("same", [False, True])
def test_nearest_by_hand(same):
    rng = np.random.default_rng(0)
    reference = rng.integers(0, 4, (300, 3)).astype(np.float32)  # with many ties
    queries = reference if same else rng.normal(size=(270, 3)).astype(np.float32)
    apart = np.linalg.norm(queries[:, None] - reference[None], axis=2)
    if same:
        np.fill_diagonal(apart, np.inf)
    distances, positions = nearest(queries, reference, 2)
    np.testing.assert_allclose(distances, np.sort(apart, axis=1)[:, :2], atol=1e-6)
    np.testing.assert_allclose(np.take_along_axis(apart, positions, 1), distances, atol=1e-6)


# --- planted faults, each seen by the metric that should see it


def faults(real, fresh):
    """Real rows with one fault each, the metric that should see it, and what it says of them."""
    fresh = fresh.reset_index(drop=True)
    alone = independent(fresh)
    holes = fresh["b"].where(fresh.index % 2 == 0)
    return {
        "a shuffled column": (fresh.assign(name=alone["name"]), "pairwise", lambda a: worst(a).columns),
        "a dropped category": (fresh[fresh["name"] != "low"], "marginal", lambda a: worst(a).column),
        "a lost correlation": (fresh.assign(a=alone["a"], c=alone["c"]), "pairwise", lambda a: a.metrics[1]),
        "a lost non-linear dependence": (
            fresh.assign(c=alone["c"]), "trees", lambda a: a.details["giveaways"][0][0]
        ),
        "missing values": (fresh.assign(b=holes), "marginal", lambda a: worst(a).column),
        "copied rows": (pd.concat([real[:60], fresh[60:]]), "copies", lambda a: a.metrics[0]),
    }  # fmt: skip


def worst(result):
    return max(result.details, key=lambda row: row.distance - row.ceiling)


@pytest.mark.parametrize("fault", faults(table(10, 0), table(10, 1)))
def test_each_planted_fault_is_seen_by_the_metric_that_should(fault):
    real, fresh = table(600, 0), table(600, 1)
    rows, metric, ask = faults(real, fresh)[fault]
    result = METRICS[metric](compare(real, rows))
    found = ask(result)
    match fault:
        case "a shuffled column":
            assert "name" in found
        case "a dropped category":
            assert found == "name"
            assert result.metrics[3].value == 1
        case "a lost correlation":
            assert found.interval[0] > 5 * found.ceiling
        case "a lost non-linear dependence":
            assert found in ("a", "b", "c")
            assert result.metrics[0].p_value < 1e-6
        case "missing values":
            assert found == "b"
            assert result.metrics[0].p_value < 1e-6
        case "copied rows":
            assert found.value == 0.1
            assert found.p_value < 1e-6
