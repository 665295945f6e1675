"""The meta-estimators: scikit-learn's contract, no leak, the choice of an amount, and the test behind it."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from sklearn.base import clone
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.datasets import load_diabetes
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import average_precision_score
from sklearn.model_selection import KFold, RepeatedStratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder
from sklearn.svm import LinearSVC
from sklearn.utils.estimator_checks import parametrize_with_checks

from tabgan import (
    AugmentedClassifier,
    AugmentedRegressor,
    GANOverSampler,
    TabGAN,
    Validation,
    load_adult,
    load_iris,
)
from tabgan.adversarial.networks import MLP
from tabgan.augment.amount import REPEATS, choose, compare_amounts, ranking_score
from tabgan.augment.estimators import _in_proportion
from tabgan.augment.t_test import corrected_t_test

pytestmark = pytest.mark.slow  # trains networks, or waits for other processes

QUICK = TabGAN(max_steps=5, batch_size=32, refine=False, verbose=0, backbone=MLP((8,), (8,)))
FEW = {"amount": 0.2, "model": QUICK, "random_state": 0}


@parametrize_with_checks(
    [AugmentedClassifier(LogisticRegression(), **FEW), AugmentedRegressor(Ridge(), **FEW)]
)
def test_scikit_learn_checks(estimator, check):
    check(estimator)


@pytest.fixture(scope="module")
def adult():
    table = load_adult().iloc[:200]
    return table[["age", "education", "hours-per-week"]], table["income"]


class Recorder(LogisticRegression):
    """Notes what each fit and each prediction has seen."""

    fits, predictions = [], []

    def fit(self, X, y):
        self.fits.append(np.asarray(X)[:, 0])
        return super().fit(X, y)

    def predict(self, X):
        self.predictions.append(np.asarray(X)[:, 0])
        return super().predict(X)


def test_inner_folds_leak_no_row():
    # Real rows have whole numbers of their own in the first column.
    rng = np.random.default_rng(0)
    X = np.c_[rng.permutation(100), rng.normal(size=100)]
    y = np.repeat([0, 1], [60, 40])
    Recorder.fits.clear()
    Recorder.predictions.clear()
    model = TabGAN(**{**QUICK.get_params(deep=False), "validation": Validation(0)})
    cv = RepeatedStratifiedKFold(n_splits=2, n_repeats=2, random_state=0)
    classifier = AugmentedClassifier(Recorder(max_iter=1000), model=model, cv=cv, random_state=0)
    classifier.fit(X, y)
    n = 1 + len(AugmentedClassifier.AMOUNTS)
    assert len(Recorder.fits) == 2 * 2 * n + 1
    assert len(Recorder.predictions) == 2 * 2 * n
    for k, unseen in enumerate(Recorder.predictions):
        real = Recorder.fits[k][:50]
        assert set(real) | set(unseen) == set(range(100))
        assert not set(real) & set(unseen)
    assert sorted(len(fit) for fit in Recorder.fits[:n]) == [50, 60, 75, 100, 150]
    assert list(classifier.cv_results_.index) == [0, "balance", 0.5, 1.0, 2.0]


@pytest.mark.parametrize(("distance", "repetitions"), [(9, 1), (1, REPEATS)])
def test_folds_are_repeated_only_where_some_amount_gains(distance, repetitions):
    # Nothing gains where all predictions are right; one apart, 200 rows and 20, balance does.
    y = np.repeat([0, 1], [200, 20])
    X = pd.DataFrame({"x": np.random.default_rng(0).normal(size=220) + distance * y})
    Recorder.fits.clear()
    classifier = AugmentedClassifier(
        Recorder(), model=QUICK, cv=2, scoring="balanced_accuracy", random_state=0
    ).fit(X, y)
    assert len(Recorder.fits) == repetitions * 2 * (1 + len(AugmentedClassifier.AMOUNTS)) + 1
    if distance == 9:
        assert classifier.amount_ == 0
        assert (classifier.cv_results_["mean_score"] == 1).any()


def test_frames_go_through_a_pipeline(adult):
    X, y = adult
    encode = make_column_transformer(
        (OneHotEncoder(handle_unknown="ignore"), make_column_selector(dtype_include=object)),
        remainder="passthrough",
    )
    classifier = AugmentedClassifier(
        make_pipeline(encode, LogisticRegression(max_iter=5000)),
        amount="balance",
        model=QUICK,
        random_state=0,
    ).fit(X, y)
    counts = y.value_counts()
    assert classifier.n_synthetic_ == counts.max() - counts.min()
    assert list(classifier.classes_) == ["<=50K", ">50K"]
    assert classifier.predict_proba(X).shape == (200, 2)
    assert set(classifier.predict(X)) <= set(y)
    assert list(classifier.feature_names_in_) == list(X)
    again = clone(classifier).fit(X, y)
    assert np.array_equal(classifier.predict_proba(X), again.predict_proba(X))


@pytest.mark.parametrize("amount", [-1, "much", True, "rare"])
def test_bad_amounts_are_named(adult, amount):
    with pytest.raises(ValueError, match=r"amount must be 0 or more .* 'auto', 'balance'"):
        AugmentedClassifier(LogisticRegression(), amount=amount, model=QUICK).fit(
            np.zeros((9, 1)), [0, 1, 2] * 3
        )


def test_rows_are_split_over_classes_as_they_are():
    assert _in_proportion(np.array([70, 20, 10]), 11).tolist() == [8, 2, 1]


class NeverFitted(TabGAN):
    def fit(self, X, y=None):
        raise AssertionError("it was fitted")


def test_without_rows_it_is_the_estimator_alone():
    flowers = load_iris()
    X, y = flowers.drop(columns="species"), flowers["species"]
    plain = LogisticRegression(max_iter=1000).fit(X, y)
    none = AugmentedClassifier(LogisticRegression(max_iter=1000), amount=0, model=NeverFitted()).fit(X, y)
    assert np.array_equal(plain.predict_proba(X), none.predict_proba(X))
    assert none.n_synthetic_ == 0
    assert none.reason_ == "it was given"


def test_too_few_rows_to_choose_means_none():
    X = np.random.default_rng(0).normal(size=(10, 2))
    classifier = AugmentedClassifier(LogisticRegression(), model=QUICK).fit(X, [0] * 9 + [1])
    assert classifier.amount_ == 0
    assert classifier.cv_results_.empty
    assert classifier.reason_ == "none: class 1 (1 row) is too small for inner cross-validation"
    assert classifier.model_ is None


def test_bad_rows_are_not_taken(progression):
    # After five steps the rows are noise, and noise beside good rows does harm to a ridge regression.
    X, y = progression
    regressor = AugmentedRegressor(Ridge(alpha=0.01), model=QUICK, cv=KFold(4), random_state=0).fit(X, y)
    assert regressor.amount_ == 0
    assert (regressor.cv_results_["difference"].iloc[1:] < 0).all()
    assert regressor.score(X, y) == Ridge(alpha=0.01).fit(X, y).score(X, y)


def test_rare_numbers_are_preferred_if_wanted(progression):
    X, y = progression
    fitted = AugmentedRegressor(Ridge(), amount=1.0, alpha=1.0, model=QUICK, random_state=0).fit(X, y)
    assert fitted.n_synthetic_ == len(y)
    plain = clone(fitted).set_params(alpha=0.0).fit(X, y)
    assert not np.array_equal(fitted.predict(X), plain.predict(X))


@pytest.fixture(scope="module")
def progression():
    return load_diabetes(return_X_y=True, as_frame=True)


def chosen(gains, noise=0.001, sizes=(0, 40, 50, 100, 200), ranking=None):
    amounts = [0, "balance", 0.5, 1.0, 2.0]
    folds = noise * np.array([1, -1, 1, -1, 0])  # of mean zero, so that the means are the gains
    scores = 0.7 + np.array(gains) + folds[:, None] * np.array([0, 1, -1, 1, -1])
    ranking = np.tile([np.nan] * 5 if ranking is None else ranking, (5, 1))
    return amounts[choose(compare_amounts(amounts, scores, ranking, np.tile(sizes, (5, 1)), 1 / 4)).place]


def why(gains, **parameters):
    amounts, noise = [0, "balance", 0.5], 0.001 * np.array([1, -1, 1, -1, 0])
    scores = 0.7 + np.array([0, *gains]) + noise[:, None] * np.array([0, 1, -1])
    ranking = np.tile(parameters.get("ranking", [np.nan] * 3), (5, 1))
    return choose(compare_amounts(amounts, scores, ranking, np.tile([0, 40, 50], (5, 1)), 1 / 4)).reason


def test_reasons_say_what_was_gained_and_what_was_lacking():
    assert why([0.05, 0.02]) == "'balance' gains +0.050 ± 0.001 in inner cross-validation"
    assert why([0.05, 0.0505]).endswith("standard error of the best, 0.5, which adds more rows")
    assert why([0.001, -0.01]).endswith("not more than 2 standard errors")
    assert why([-0.02, -0.01]).startswith("none: no amount gains anything; 0.5 gains -0.010")
    assert why([0.05, 0], ranking=[0.5, 0.48, 0.5]).endswith("but loses 0.020 of average precision")


def test_an_amount_must_be_clearly_better_than_none():
    assert chosen([0, 0, 0, 0, 0.05]) == 2.0
    assert chosen([0, 0.05, 0, 0, 0]) == "balance"
    assert chosen([0, 0, 0.0497, 0.05, 0.05]) == 0.5  # as good within an error, and fewer rows
    assert chosen([0, -0.01, -0.02, -0.03, -0.04]) == 0
    # The corrected standard error is 0.67 of the noise: sqrt((1 / 5 + 1 / 4) * 1) of a variance of 1.
    assert chosen([0, 0.06, 0, 0.06, 0], noise=0.05) == 0
    assert chosen([0, 0.08, 0, 0.08, 0], noise=0.05) == "balance"
    assert chosen([0, 0, 0, 0, 0], noise=0) == 0


def test_ranking_is_not_traded_for_the_score():
    assert chosen([0, 0.05, 0, 0, 0], ranking=[0.5, 0.48, 0.5, 0.5, 0.5]) == 0
    assert chosen([0, 0.05, 0, 0.04, 0], ranking=[0.5, 0.48, 0.5, 0.5, 0.5]) == 1.0
    assert chosen([0, 0.05, 0, 0, 0], ranking=[0.5, 0.495, 0.5, 0.5, 0.5]) == "balance"
    assert chosen([0, 0.05, 0, 0, 0], ranking=[np.nan] * 5) == "balance"  # nothing known


def test_the_ranking_score_is_average_precision_over_classes():
    flowers = load_iris()
    X, y = flowers[["sepal_width"]], flowers["species"]
    model = LogisticRegression(max_iter=1000).fit(X, y)
    each = [
        average_precision_score(y == k, model.predict_proba(X)[:, i]) for i, k in enumerate(model.classes_)
    ]
    assert ranking_score(model, X, y) == pytest.approx(np.mean(each))
    assert np.isnan(ranking_score(model, X.iloc[:9], y.iloc[:9]))
    two = X.iloc[:100], y.iloc[:100]
    svm, logistic = LinearSVC().fit(*two), LogisticRegression().fit(*two)
    assert ranking_score(svm, *two) == pytest.approx(ranking_score(logistic, *two))  # monotone in one column


def test_no_amount_is_chosen_where_none_helps():
    # Four amounts that change nothing but for noise that they share, tested on the folds of two repeats.
    taken = 0
    for seed in range(300):
        rng = np.random.default_rng(seed)
        effects = rng.normal(size=(90, 5)) + rng.normal(size=(90, 1))
        effects[:, 0] = 0
        folds = [part for _ in range(2) for part in np.array_split(rng.permutation(90), 3)]
        scores = np.array([effects[part].mean(axis=0) for part in folds])
        taken += (
            choose(
                compare_amounts(
                    [0, 1, 2, 3, 4], scores, scores * np.nan, np.tile(np.arange(5), (6, 1)), 1 / 2
                )
            ).place
            > 0
        )
    # A single amount is taken in at most 5 % of the cases, one of four so in at most 20 %, which is 60; more
    # than 82 of 300 has a probability below 0.1 %.
    assert taken <= 82


def test_a_clear_gain_is_taken_and_progress_is_shown(capfd):
    # Two normal distributions, 1 apart, 1,000 and 100 rows: a regression finds 3 % of the rare (balanced
    # accuracy 0.51), and with the classes balanced 69 % of both. In a single column no row changes its rank.
    rng = np.random.default_rng(0)
    y = np.repeat([0, 1], [1000, 100])
    X = pd.DataFrame({"x": rng.normal(size=1100) + y})
    model = clone(QUICK).set_params(max_steps=80, batch_size=64, backbone=MLP((32,), (32,)))
    classifier = AugmentedClassifier(
        LogisticRegression(), model=model, scoring="balanced_accuracy", cv=2, random_state=0, verbose=1
    ).fit(X, y)
    shown = capfd.readouterr().err
    assert "choosing the amount" in shown
    assert f"amount 'balance': {classifier.reason_}" in shown
    assert classifier.amount_ == "balance"
    assert classifier.cv_results_.loc["balance", "ranking_difference"] == pytest.approx(0)


def test_the_corrected_test_is_the_plain_one_without_overlap():
    values = np.random.default_rng(0).normal(0.3, 1, 20)
    plain = stats.ttest_1samp(values, 0)
    test = corrected_t_test(values, 0)
    assert test.p_value == pytest.approx(plain.pvalue)
    assert (test.low, test.high) == pytest.approx(tuple(plain.confidence_interval()))
    wider = corrected_t_test(values, 1 / 4)
    assert wider.standard_error == pytest.approx(test.standard_error * np.sqrt((1 / 20 + 1 / 4) * 20))
    assert corrected_t_test([0.0, 0.0], 1 / 4).p_value == 1
    assert corrected_t_test([0.1, 0.1], 1 / 4).p_value == pytest.approx(0)


def test_the_corrected_test_keeps_its_level():
    # Accuracy of predictions that depend on nothing: two coins, tested on the folds of ten repeats.
    rejected = 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        correct = rng.random((60, 2)) < 0.5
        gap = correct[:, 0].astype(float) - correct[:, 1]
        folds = [part for _ in range(4) for part in np.array_split(rng.permutation(60), 5)]
        rejected += corrected_t_test([gap[part].mean() for part in folds], 1 / 4).p_value < 0.05
    # 5 % of 200 are 10; more than 20 has a probability below 0.2 %.
    assert rejected <= 20


def test_results_are_a_table(adult):
    X, y = adult[0][["age"]], adult[1]
    classifier = AugmentedClassifier(
        LogisticRegression(), model=QUICK, cv=2, scoring="balanced_accuracy", random_state=0
    ).fit(X, y)
    results = classifier.cv_results_
    assert isinstance(results, pd.DataFrame)
    assert results.loc[0, "difference"] == 0
    assert results["mean_score"].between(0, 1).all()
    assert classifier.amount_ in results.index


ONE_COLUMN = pd.DataFrame({"a": [1.0] * 40, "b": ["x"] * 40})


@pytest.mark.parametrize(
    "balance", ["rows that are all equal", "two distinct rows", "more columns than rows"]
)
def test_poor_tables_give_sensible_rows(balance):
    y = np.repeat([0, 1], [30, 10])
    X = {
        "rows that are all equal": ONE_COLUMN,
        "two distinct rows": ONE_COLUMN.assign(a=np.tile([1.0, 2.0], 20)),
        "more columns than rows": pd.DataFrame(np.random.default_rng(0).normal(size=(40, 50))),
    }[balance]
    numbers = X.select_dtypes("number")
    model = clone(QUICK)
    classifier = AugmentedClassifier(LogisticRegression(), amount="balance", model=model, random_state=0)
    assert classifier.fit(numbers, y).n_synthetic_ == 20
    more, labels = GANOverSampler(model=model, random_state=0).fit_resample(X, y)
    assert np.bincount(labels).tolist() == [30, 30]
    for name in numbers:
        assert more[name].between(X[name].min(), X[name].max()).all()


def test_a_single_class_is_refused_before_training():
    for estimator in (AugmentedClassifier(LogisticRegression()), GANOverSampler()):
        with pytest.raises(ValueError, match=r"at least two classes, and there is only class 0 \(40 rows\)"):
            getattr(estimator, "fit_resample", estimator.fit)(ONE_COLUMN, [0] * 40)


def test_what_cannot_be_fitted_or_scored_is_refused_before_any_model():
    X, y = pd.DataFrame({"a": ["x", "y"] * 30}), [0, 1] * 30
    for parameters in ({"scoring": "nope"}, {}, {"model": 5}, {"max_time": "5"}):
        parameters = {"model": NeverFitted(), **parameters}
        with pytest.raises((TypeError, ValueError), match=r"nope|convert string|model=5|max_time='5'"):
            AugmentedClassifier(LogisticRegression(), **parameters).fit(X, y)
