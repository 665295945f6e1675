"""The report: tables where the truth is known, its forms, and its baselines."""

import json
import sys

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt
from sklearn.base import BaseEstimator
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.datasets import load_diabetes
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.svm import LinearSVC

from tabgan import TabGAN, augmentation_report, load_adult
from tabgan.adversarial.networks import MLP
from tabgan.augment.baselines import (
    RowRepeater,
    Smote,
    with_class_weights,
    with_moved_threshold,
    with_rare_weights,
)
from tabgan.augment.comparison import OURS, REAL
from tabgan.augment.t_test import holm

pytestmark = pytest.mark.slow  # trains networks, or waits for other processes

QUICK = TabGAN(max_steps=5, batch_size=32, refine=False, verbose=0, backbone=MLP((8,), (8,)))


def encoded(estimator):
    encoder = make_column_transformer(
        (OneHotEncoder(handle_unknown="ignore"), make_column_selector(dtype_include=object)),
        (StandardScaler(), make_column_selector(dtype_include="number")),
    )
    return make_pipeline(encoder, estimator)


@pytest.fixture(scope="module")
def adult():
    table = load_adult().iloc[:250]
    return table[["age", "education", "hours-per-week", "sex"]], table["income"]


@pytest.fixture(scope="module")
def report(adult):
    model = encoded(LogisticRegression(max_iter=1000))
    return augmentation_report(*adult, model, model=QUICK, n_splits=3, n_repeats=1, random_state=0, verbose=0)


def test_all_methods_are_compared(report):
    cheap = ["class weights", "moved threshold", "rows repeated"]
    assert list(report.table["method"]) == [REAL, *cheap, "SMOTE", OURS]
    assert report.n_splits == 3
    assert len(report.scores) == 3 * 6
    assert report.table["score"].between(0, 1).all()
    scores = report.scores.pivot(index="split", columns="method", values="score")  # noqa: PD010
    gain = report.table.set_index("method")["difference"]
    assert gain["SMOTE"] == pytest.approx((scores["SMOTE"] - scores[REAL]).mean())
    assert report.table["p_value"].iloc[1:].between(0, 1).all()
    assert (report.table["p_holm"].iloc[1:] >= report.table["p_value"].iloc[1:]).all()


def test_forms(report):
    assert str(report).startswith(f"{report.advice}\n{report.verdict}")
    assert "\n" not in report.advice
    assert "balanced_accuracy" in report.verdict
    assert json.loads(json.dumps(report.to_dict()))["n_splits"] == 3
    assert "<table" in report._repr_html_()
    axes = report.plot()
    assert [label.get_text() for label in axes.get_yticklabels()][::-1] == list(report.table["method"])[1:]
    plt.close(axes.figure)


class Flipper(BaseEstimator):
    """Adds a copy of all rows with their labels turned round: nothing can be learned any more, or worse."""

    def __init__(self, random_state=None, times=3):
        self.random_state = random_state
        self.times = times

    def fit_resample(self, X, y):
        turned = [1 - y] * self.times
        return np.concatenate([X] * (1 + self.times)), np.concatenate([y, *turned])


class Oracle(BaseEstimator):
    """Adds many rows of the true distribution."""

    def __init__(self, random_state=None):
        self.random_state = random_state

    def fit_resample(self, X, y):
        more, labels = truth(2000, np.random.default_rng(self.random_state))
        return np.concatenate([X, more]), np.concatenate([y, labels])


def truth(n, rng):
    X = rng.normal(size=(n, 60))
    return X, (X[:, 0] + 0.5 * rng.normal(size=n) > 0).astype(int)


def test_help_and_harm_are_found():
    X, y = truth(200, np.random.default_rng(0))
    report = augmentation_report(
        X, y, LogisticRegression(), methods={"oracle": Oracle(), "flipped": Flipper()},
        scoring=["balanced_accuracy", "roc_auc"], random_state=0, verbose=0,
    )  # fmt: skip
    table = report.table.set_index(["metric", "method"])
    assert (table.loc[(slice(None), "oracle"), "low"] > 0).all()
    assert (table.loc[(slice(None), "flipped"), "high"] < 0).all()
    assert report.verdict.count("did harm") == 2
    helped = augmentation_report(
        X, y, LogisticRegression(), methods={"oracle": Oracle()}, random_state=0, verbose=0
    )
    assert helped.verdict.startswith("oracle helped: balanced_accuracy")


def test_numbers():
    X, y = load_diabetes(return_X_y=True, as_frame=True)
    report = augmentation_report(
        X, y, Ridge(), model=QUICK, n_splits=2, n_repeats=1, random_state=0, verbose=0
    )
    assert list(report.table["method"]) == [REAL, "rare rows weighted", "rare rows repeated", OURS]
    assert set(report.table["metric"]) == {"r2"}


def test_the_same_seed_gives_the_same_report(adult):
    parameters = {"model": QUICK, "n_splits": 2, "n_repeats": 1, "random_state": 3, "verbose": 0}
    first, second = (
        augmentation_report(adult[0][["age", "hours-per-week"]], adult[1], LogisticRegression(), **parameters)
        for _ in range(2)
    )
    pd.testing.assert_frame_equal(first.scores, second.scores)


def test_smote_is_left_out_where_it_cannot_be_used(adult, capfd):
    X = adult[0].assign(age=lambda frame: frame["age"].where(frame["age"] > 20, 20)).copy()
    X.loc[X.index[:5], "education"] = None
    report = augmentation_report(
        X, adult[1], encoded(LogisticRegression(max_iter=1000)), model=QUICK,
        n_splits=2, n_repeats=1, random_state=0,
    )  # fmt: skip
    assert "SMOTE" not in set(report.table["method"])
    assert "splits" in capfd.readouterr().err  # the progress bar


@pytest.mark.parametrize("columns", [["age", "hours-per-week"], ["education", "sex"], ["age", "sex"]])
def test_smote_by_the_kinds_of_columns(adult, columns):
    X, y = adult[0][columns], adult[1]
    more, labels = Smote(random_state=0).fit_resample(X, y)
    assert len(set(labels.value_counts())) == 1
    pd.testing.assert_frame_equal(more.iloc[: len(X)], X.reset_index(drop=True))
    assert (more.dtypes == X.dtypes).all()
    for name in X.select_dtypes("number"):
        assert more[name].between(X[name].min(), X[name].max()).all()


def test_without_imbalanced_learn_smote_is_left_out(adult, monkeypatch):
    for name in ("base", "utils", "over_sampling"):
        monkeypatch.setitem(sys.modules, f"imblearn.{name}", None)
    X, y = adult[0][["age", "hours-per-week"]], adult[1]
    report = augmentation_report(
        X, y, LogisticRegression(), model=QUICK, n_splits=2, n_repeats=1, random_state=0, verbose=0
    )
    methods = [REAL, "class weights", "moved threshold", "rows repeated", OURS]
    assert list(report.table["method"]) == methods


def shifted(n, share, seed=0):
    """Two normal distributions, 1 apart in each of two columns; 1 is rare."""
    rng = np.random.default_rng(seed)
    y = (rng.random(n) < share).astype(int)
    return rng.normal(size=(n, 2)) + y[:, None], y


def test_class_weights_win_where_only_the_threshold_is_wrong():
    X, y = shifted(1000, 0.1)
    methods = {
        "class weights": with_class_weights,
        "moved threshold": with_moved_threshold,
        "rows repeated": RowRepeater(),
    }
    report = augmentation_report(X, y, LogisticRegression(), methods=methods, random_state=0, verbose=0)
    table = report.table.set_index("method")
    # By the model: 0.76 with the threshold at 0.5 of equal classes, 0.57 with that of the frequencies.
    assert table.loc[["class weights", "moved threshold", "rows repeated"], "score"].between(0.71, 0.81).all()
    assert table.loc[REAL, "score"] < 0.65
    assert report.advice.startswith("Take class weights: balanced_accuracy 0.7")
    assert "without any new row" in report.advice
    ranked = augmentation_report(
        X, y, LogisticRegression(), methods=methods, scoring="roc_auc", random_state=0, verbose=0
    )
    assert ranked.advice.startswith("Add nothing: no method beats real rows only")
    assert ranked.table.set_index("method").loc["moved threshold", "difference"] == 0  # no rank is changed


def test_a_moved_threshold_is_that_of_bayes():
    X, y = shifted(4000, 0.1)
    moved = with_moved_threshold(LogisticRegression()).fit(X, y)
    plain = LogisticRegression().fit(X, y)
    assert np.array_equal(moved.predict(X), (plain.predict_proba(X)[:, 1] > y.mean()).astype(int))
    assert np.allclose(moved.predict_proba(X).sum(axis=1), 1)
    assert with_moved_threshold(LinearSVC()) is None


@pytest.mark.parametrize(
    "estimator",
    [
        LogisticRegression(),
        make_pipeline(StandardScaler(), make_pipeline(StandardScaler(), GaussianNB())),
        GridSearchCV(LogisticRegression(), {"C": [1.0]}),
    ],
)
def test_weights_reach_the_last_step(estimator):
    X, y = shifted(2000, 0.1)
    weighted = with_class_weights(estimator).fit(X, y)
    by_class = [np.mean(weighted.predict(X)[y == k] == k) for k in (0, 1)]
    assert abs(by_class[0] - by_class[1]) < 0.1  # 0.76 each; without weights 0.99 and 0.15
    assert with_class_weights(KNeighborsClassifier()) is None


def test_rare_numbers_can_weigh_more():
    rng = np.random.default_rng(0)
    x = rng.exponential(size=2000)
    y = np.where(x > 3, 2 * x - 3, x)  # a line, with a bend where rows are few
    plain, weighted = LinearRegression(), with_rare_weights(LinearRegression())
    errors = [np.abs(m.fit(x[:, None], y).predict(x[:, None]) - y)[x > 4].mean() for m in (plain, weighted)]
    assert errors[1] < 0.8 * errors[0]


def test_classes_too_small_for_the_folds_are_named():
    X = np.zeros((20, 2))
    with pytest.raises(
        ValueError, match=r"class 'b' \(3 rows\) is too small for 5 folds: .*or take n_splits=3"
    ):
        augmentation_report(X, ["a"] * 17 + ["b"] * 3, LogisticRegression())
    with pytest.raises(ValueError, match=r"class 'b' \(1 row\) is too small .* leave it out$"):
        augmentation_report(X, ["a"] * 19 + ["b"], LogisticRegression())
    with pytest.raises(ValueError, match=r"at least two classes, and there is only class 'a' \(20 rows\)"):
        augmentation_report(X, ["a"] * 20, LogisticRegression())


@pytest.mark.parametrize(
    ("methods", "said"),
    [
        ({}, "methods is empty"),
        ({REAL: Oracle()}, "no method can be called 'real rows only'"),
        ({"oracle": "oracle"}, "method 'oracle' is 'oracle': give an object with fit_resample"),
        ({"oracle": Oracle}, "give an object with fit_resample"),
    ],
)
def test_what_is_no_method_is_refused_before_any_fit(methods, said):
    with pytest.raises((TypeError, ValueError), match=said):
        augmentation_report(np.eye(20), [0, 1] * 10, LogisticRegression(), methods=methods)


def test_holm_by_hand():
    corrected = holm([0.01, np.nan, 0.04, 0.03, 0.9])
    assert np.allclose(corrected, [0.04, np.nan, 0.09, 0.09, 0.9], equal_nan=True)
    assert np.isnan(holm([np.nan])).all()


def test_holm_keeps_the_level_of_all_tests_together():
    rng = np.random.default_rng(0)
    p = rng.random((2000, 5))
    p[:, 1] = p[:, 0]  # dependent ones
    wrong = np.mean([holm(row).min() < 0.05 for row in p])
    assert 0.02 < wrong < 0.065  # at most 0.05, with a standard error of 0.005
