"""The samplers: imbalanced-learn's contract, exact counts, dtypes, small classes, pipelines."""

import sys
from collections import Counter
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from imblearn.pipeline import Pipeline
from imblearn.utils.estimator_checks import parametrize_with_checks
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.datasets import load_diabetes
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from tabgan import AugmentedClassifier, GANOverSampler, GANRegressionSampler, TabGAN, load_adult, load_iris
from tabgan.adversarial.networks import MLP
from tabgan.augment.source import Source, fit_margin, rows_of_classes

pytestmark = pytest.mark.slow  # trains networks, or waits for other processes

QUICK = TabGAN(max_steps=15, batch_size=32, refine=False, verbose=0, backbone=MLP((16,), (16,)))


def quick(**parameters):
    return GANOverSampler(**{"model": QUICK, "random_state": 0, **parameters})


@pytest.fixture(scope="module")
def adult():
    table = load_adult().iloc[:300].copy()
    table.loc[table.index[::7], "age"] = None
    table["occupation"] = table["occupation"].replace("?", None).astype("category")
    table["capital"] = table.pop("capital-gain") > 0
    return table.drop(columns="income"), table["income"]


# pytest 9 wants a list where imbalanced-learn 0.14 gives a generator.
names, checks = parametrize_with_checks([quick()]).args
ids = parametrize_with_checks([quick()]).kwargs["ids"]


# None of the checks is expected to fail. `check_samplers_sparse` alone is not among them: a table is dense.
@pytest.mark.parametrize(names, list(checks), ids=ids)
def test_imbalanced_learn_checks(estimator, check):
    check(estimator)


def test_real_rows_come_first_and_everything_keeps_its_container(adult):
    X, y = adult
    sampler = quick()
    more, labels = sampler.fit_resample(X, y)
    pd.testing.assert_frame_equal(more.iloc[: len(X)], X.reset_index(drop=True))
    pd.testing.assert_series_equal(labels.iloc[: len(y)], y.reset_index(drop=True))
    assert (more.dtypes == X.dtypes).all()
    assert labels.name == "income"
    assert set(labels.value_counts()) == {y.value_counts().max()}
    assert sampler.sampling_strategy_ == {">50K": len(labels) - len(y)}
    assert sampler.n_synthetic_ == sampler.sampling_strategy_
    new = more.iloc[len(X) :]
    assert 0 < new["age"].isna().mean() < 0.6  # 14 % of the real ones
    assert set(new["occupation"].dropna()) <= set(X["occupation"].cat.categories)
    assert not new.duplicated().all()


@pytest.mark.parametrize(
    "y",
    [
        np.array([0, 1]), np.array([False, True]), np.array(["no", "yes"]), np.array([1.0, 2.0], np.float32),
        pd.Series(["no", "yes"], dtype="category", name="answer"), pd.Series([3, 4], dtype="Int64"),
        pd.Series(["no", "yes"], dtype="string", index=[7, 9]), pd.DataFrame({"answer": [0, 1]}),
        ["no", "yes"],
    ],
    ids=lambda y: f"{type(y).__name__} {getattr(y, 'dtype', '')}",
)  # fmt: skip
def test_y_keeps_dtype_name_and_classes(y):
    places = [0] * 30 + [1] * 10
    X = np.random.default_rng(0).normal(size=(40, 2)).astype(np.float32)
    y = [y[k] for k in places] if isinstance(y, list) else y.iloc[places] if hasattr(y, "iloc") else y[places]
    more, labels = quick().fit_resample(X, y)
    assert more.dtype == np.float32
    assert len(more) == len(labels) == 60
    assert type(labels) is type(y)
    assert np.array_equal(more[:40], X)
    counts = pd.Series(np.asarray(labels).ravel()).value_counts()
    assert counts.tolist() == [30, 30]
    if hasattr(y, "dtype"):
        assert labels.dtype == y.dtype
    if isinstance(y, pd.Series):
        assert labels.name == y.name


def added_rows(strategy, **sizes):
    y = [label for label, n in sizes.items() for _ in range(n)]
    return quick(sampling_strategy=strategy).fit(np.zeros((len(y), 1)), y).sampling_strategy_


@pytest.mark.parametrize(
    ("strategy", "added"),
    [
        ("minority", {"a": 30}), ("not minority", {"b": 15, "c": 0}), ("not majority", {"a": 30, "b": 15}),
        ("all", {"a": 30, "b": 15, "c": 0}), ("auto", {"a": 30, "b": 15}),
        ({"a": 12, "c": 40}, {"a": 2, "c": 0}),
        (lambda y: {"b": len(y) - 45}, {"b": 5}),
    ],
)  # fmt: skip
def test_strategies_of_several_classes(strategy, added):
    assert added_rows(strategy, a=10, b=25, c=40) == added


@pytest.mark.parametrize(("ratio", "added"), [(0.48, 2), (0.77, 9), (1.0, 15)])
def test_ratios_of_two_classes(ratio, added):
    assert added_rows(ratio, a=10, b=25) == {"a": added}


@pytest.mark.parametrize(
    ("strategy", "said"),
    [
        ("majority", "majority"), ("most", "needs to be one of"), (0.5, "binary"), ({"d": 3}, "not present"),
        ({"a": 5}, "Originally, there is 10 samples and 5 samples are asked"), ([1], "cannot be a list"),
    ],
)  # fmt: skip
def test_strategies_that_do_not_fit_are_refused(strategy, said):
    X, y = np.zeros((75, 1)), np.array(["a"] * 10 + ["b"] * 25 + ["c"] * 40)
    with pytest.raises(ValueError, match=said):
        quick(sampling_strategy=strategy).fit_resample(X, y)
    with pytest.raises(ValueError, match="remove samples"):
        quick(sampling_strategy=0.1).fit_resample(X[:35], y[:35])


def test_without_imbalanced_learn_it_says_what_to_install(monkeypatch):
    X, y = np.random.default_rng(0).normal(size=(30, 2)), np.repeat([0, 1], [20, 10])
    monkeypatch.setitem(sys.modules, "imblearn.base", None)
    monkeypatch.setitem(sys.modules, "imblearn.utils", None)
    with pytest.raises(ImportError, match=r"pip install 'tabgan-torch\[augment\]'"):
        quick(sampling_strategy="minority").fit_resample(X, y)
    assert np.bincount(quick().fit_resample(X, y)[1]).tolist() == [20, 20]  # "auto" does without
    numbers = GANRegressionSampler(model=QUICK, random_state=0).fit_resample(X, X[:, 0])[1]
    assert len(numbers) == 45
    classifier = AugmentedClassifier(LogisticRegression(), model=QUICK, amount="balance", random_state=0)
    assert classifier.fit(X, y).n_synthetic_ == 10


def test_a_balanced_table_is_given_back_without_a_model():
    flowers = load_iris()
    sampler = quick()
    X, y = sampler.fit_resample(flowers.drop(columns="species"), flowers["species"])
    pd.testing.assert_frame_equal(X.assign(species=y), flowers)
    assert sampler.model_ is None


def test_small_classes_are_repeated_with_a_warning_or_refused():
    flowers = load_iris().iloc[list(range(50)) + list(range(50, 53)) + list(range(100, 120))]
    X, y = flowers.drop(columns="species"), flowers["species"]
    sampler = quick()
    with pytest.warns(UserWarning, match=r"class 'versicolor' \(3 rows\) is too small.* 47 real rows"):
        more, labels = sampler.fit_resample(X, y)
    assert labels.value_counts().tolist() == [50, 50, 50]
    assert sampler.n_synthetic_ == {"versicolor": 0, "virginica": 30}
    added = more.iloc[len(X) :][(labels == "versicolor").iloc[len(X) :]]
    assert len(added.merge(X.iloc[50:53].drop_duplicates())) == 47
    with pytest.raises(ValueError, match=r"'versicolor' \(3 rows\) is too small"):
        quick(small_classes="error").fit_resample(X, y)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"small_classes": "drop"}, "small_classes must be one of 'repeat', 'error', got"),
        ({"model": 5}, r"model must be None or an estimator, such as TabGAN\(\), got model=5"),
        ({"model": TabGAN}, "model must be None or an estimator"),
        ({"min_class_size": -1}, "min_class_size must be a positive whole number"),
        ({"min_class_size": "a"}, "min_class_size must be a positive whole number"),
        ({"reject": "x"}, "reject must be True or False"),
        ({"max_time": -1}, "max_time must be None or a number of seconds"),
        ({"verbose": "loud"}, "verbose must be 0 or 1"),
    ],
)
def test_wrong_settings_are_refused_before_any_work(wrong, said):
    """Also where no model would be fitted, as every class is too small."""
    X, y = pd.DataFrame({"a": range(20)}), [0] * 17 + [1] * 3
    with pytest.raises((TypeError, ValueError), match=said):
        quick(**wrong).fit_resample(X, y)


def test_the_same_seed_gives_the_same_rows(adult):
    first, second, other = (quick(random_state=s).fit_resample(*adult)[0] for s in (0, 0, 1))
    pd.testing.assert_frame_equal(first, second)
    assert not first.equals(other)


def test_a_fitted_model_is_used_as_it_is(adult):
    X, y = adult
    model = TabGAN(**{**QUICK.get_params(deep=False), "random_state": 0}).fit(X, y)
    sampler = quick(model=model)
    _, labels = sampler.fit_resample(X.iloc[:200], y.iloc[:200])
    assert sampler.model_ is model
    assert len(set(labels.value_counts())) == 1
    with pytest.raises(ValueError, match="knows 14 columns"):
        sampler.fit_resample(X.iloc[:, :5], y)
    with pytest.raises(ValueError, match="fitted with y"):
        quick(model=TabGAN(**QUICK.get_params(deep=False)).fit(X)).fit_resample(X, y)
    with pytest.raises(NotFittedError):
        QUICK.sample(1)  # a clone was fitted, never the model that was given


class Recorder(TabGAN):
    """Notes the rows that each fit has seen."""

    seen = []  # noqa: RUF012 - shared by the clones

    def fit(self, X, y=None):
        self.seen.append(set(X["id"]))
        return super().fit(X, y)


def encoded(*steps):
    return Pipeline([
        *steps,
        ("encode", make_column_transformer(
            (OneHotEncoder(handle_unknown="ignore"), make_column_selector(dtype_include=object)),
            (StandardScaler(), make_column_selector(dtype_include="number")),
        )),
        ("classify", LogisticRegression(max_iter=1000)),
    ])  # fmt: skip


def test_no_test_row_is_seen_in_cross_validation():
    table = load_adult().iloc[:250]
    X, y = table[["age", "education", "sex"]].assign(id=np.arange(250) + 0.5), table["income"]
    Recorder.seen.clear()
    model = Recorder(**{**QUICK.get_params(deep=False), "max_steps": 2})
    test_rows = []

    def scorer(pipeline, X, y):
        test_rows.append(set(X["id"]))
        return pipeline.score(X, y)

    pipeline = encoded(("balance", quick(model=model)))
    scores = cross_val_score(pipeline, X, y, cv=5, scoring=scorer, error_score="raise")
    assert np.isfinite(scores).all()
    assert len(Recorder.seen) == len(test_rows) == 5
    for seen, unseen in zip(Recorder.seen, test_rows, strict=True):
        assert not seen & unseen
        assert seen | unseen == set(X["id"])


def test_a_fitted_model_in_a_pipeline_is_fitted_again_in_each_fold():
    table = load_adult().iloc[:120]
    X, y = table[["age", "education", "sex"]].assign(id=np.arange(120) + 0.5), table["income"]
    model = Recorder(**{**QUICK.get_params(deep=False), "max_steps": 2}).fit(X, y)
    Recorder.seen.clear()
    cross_val_score(encoded(("balance", quick(model=model))), X, y, cv=2, error_score="raise")
    assert [len(seen) for seen in Recorder.seen] == [60, 60]


def test_grid_search_reaches_the_parameters_of_the_gan(adult):
    X, y = adult[0][["education", "hours-per-week"]], adult[1]
    pipeline = encoded(("balance", quick()))
    grid = [{"balance__model__backbone__latent_dim": [2, 4]}, {"balance__sampling_strategy": [0.8]}]
    search = GridSearchCV(pipeline, grid, cv=2, error_score="raise").fit(X, y)
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()
    balance = search.best_estimator_["balance"]
    assert balance.model_.backbone.latent_dim == search.best_params_.get(
        "balance__model__backbone__latent_dim", 64
    )


def test_the_default_model_is_shown_bounded_in_time_and_adjustable(capfd):
    flowers = load_iris().iloc[:62]
    rows = flowers.drop(columns="species"), flowers["species"]
    sampler = GANOverSampler(max_time=0.2, verbose=1, random_state=0)
    sampler.fit_resample(*rows)
    assert "step" in capfd.readouterr().err
    assert "max_time" in sampler.model_.stop_reason_
    assert sampler.model_.privacy.protect is None
    given = quick(max_time=60)
    given.fit_resample(*rows)
    assert given.model_.max_time == 60
    assert QUICK.max_time is None  # only the clone is changed


def test_rows_of_a_class_come_with_bounded_effort_and_those_with_a_margin_first():
    drawn = []

    class Model:
        def sample(self, n, return_X_y, random_state):
            drawn.append(n)
            x = random_state.random_sample(n)
            return pd.DataFrame({"x": x}), pd.Series(np.where(x < 0.5, "a", "b"))

    rng = np.random.RandomState(0)
    source = Source(Model(), ["x"])
    rows = rows_of_classes(source, {"a": 50, "b": 10, "c": 5}, lambda X, y: 0.4 - X["x"].to_numpy(), rng)
    assert rows["a"]["x"].max() < 0.4
    assert len(rows["a"]) == 50
    assert len(rows["b"]) == 10  # none has a margin of 0, and some are needed: those of the largest
    assert rows["b"]["x"].max() < 0.51
    assert len(rows["c"]) == 0  # there are none
    assert 5_000 <= sum(drawn) <= 13_000


def test_margins_of_real_rows_and_of_wrong_labels():
    flowers = load_iris()
    X, y = flowers.drop(columns="species"), flowers["species"]
    margin = fit_margin(X.iloc[::2], y.iloc[::2], np.random.RandomState(0))
    assert (margin(X.iloc[1::2], y.iloc[1::2].to_numpy()) >= 0).mean() > 0.9
    assert (margin(X.iloc[1::2], np.roll(y.iloc[1::2].to_numpy(), 25)) >= 0).mean() < 0.1


@pytest.fixture(scope="module")
def progression():
    return load_diabetes(return_X_y=True, as_frame=True)


def test_rare_numbers_get_more_rows(progression):
    X, y = progression
    sampler = GANRegressionSampler(model=QUICK, amount=0.5, random_state=0)
    more, values = sampler.fit_resample(X, y)
    pd.testing.assert_frame_equal(more.iloc[:442], X)
    pd.testing.assert_series_equal(values.iloc[:442], y)
    assert len(more) == len(values) == 663
    plain = GANRegressionSampler(model=QUICK, amount=0.5, alpha=0, random_state=0).fit_resample(X, y)[1]
    low, high = y.quantile([0.1, 0.9])

    def rare(values):
        return ((values < low) | (values > high)).mean()

    # 20 % of the real rows. 221 drawn at random would have a standard error of 3 %.
    assert rare(values.iloc[442:]) > rare(plain.iloc[442:]) + 0.1


def test_arrays_and_no_rows_of_a_number(progression):
    X, y = (part.to_numpy() for part in progression)
    sampler = GANRegressionSampler(model=QUICK, amount=0)
    more, values = sampler.fit_resample(X, y)
    assert np.array_equal(more, X)
    assert np.array_equal(values, y)
    assert sampler.model_ is None
    with pytest.raises(ValueError, match="amount"):
        GANRegressionSampler(amount=-1).fit_resample(X, y)
    with pytest.raises(ValueError, match="alpha"):
        GANRegressionSampler(alpha=-1).fit_resample(X, y)


def test_bad_tables_are_refused():
    X, y = np.zeros((20, 2)), np.repeat([0, 1], [12, 8])
    with pytest.raises(ValueError, match="y is needed"):
        quick().fit_resample(X, None)
    with pytest.raises(ValueError, match="inconsistent"):
        quick().fit_resample(X, y[:-1])
    with pytest.raises(ValueError, match="missing values"):
        quick().fit_resample(X, pd.Series(y).replace(1, None))
    with pytest.raises(ValueError, match="several labels"):
        quick().fit_resample(X, np.ones((20, 3), int))


@pytest.mark.slow
@pytest.mark.parametrize(
    "labels",
    [
        ("0", "1"),
        (b"n", b"y"),
        (pd.Period("2020"), pd.Period("2021")),
        (pd.Timestamp("2020"), pd.Timestamp("2021")),
        (pd.Interval(0, 1), pd.Interval(1, 2)),
        (Decimal(0), Decimal(1)),
        (False, True),
    ],
)
def test_classes_may_be_anything_that_has_an_order(labels):
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"a": rng.normal(size=120), "b": rng.normal(size=120)})
    y = pd.Series([labels[int(k)] for k in rng.random(120) < 0.2], dtype=object)
    model = TabGAN(max_steps=10, random_state=0, verbose=0)
    _, more = GANOverSampler(model=model).fit_resample(X, y)
    assert len(set(Counter(more).values())) == 1
    assert set(more) == set(labels)


def test_classes_without_an_order_are_refused_before_training():
    y = pd.Series([0, "yes"] * 30, dtype=object)
    with pytest.raises(ValueError, match=r"different types \(int, str\); turn them into strings"):
        GANOverSampler().fit_resample(pd.DataFrame({"a": range(60)}), y)


def test_columns_of_the_same_name_are_refused():
    X = pd.DataFrame(np.random.default_rng(0).normal(size=(60, 2)), columns=["x", "x"])
    with pytest.raises(ValueError, match=r"X has columns of the same name, rename them: \['x'\]"):
        GANOverSampler(model=QUICK).fit_resample(X, [0] * 40 + [1] * 20)
