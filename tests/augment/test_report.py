"""The report: tables where the truth is known, its forms, and its baselines."""

import json

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt
from sklearn.base import BaseEstimator
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.datasets import load_diabetes
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from tabgan import TabGAN, augmentation_report, load_adult
from tabgan.adversarial.networks import MLP
from tabgan.augment.baselines import Smote
from tabgan.augment.report import OURS, REAL

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
    assert list(report.table["method"]) == [REAL, "rows repeated", "SMOTE", OURS]
    assert report.n_splits == 3
    assert len(report.scores) == 3 * 4
    assert report.table["score"].between(0, 1).all()
    scores = report.scores.pivot(index="split", columns="method", values="score")  # noqa: PD010
    gain = report.table.set_index("method")["difference"]
    assert gain["SMOTE"] == pytest.approx((scores["SMOTE"] - scores[REAL]).mean())
    assert report.table["p_value"].iloc[1:].between(0, 1).all()


def test_forms(report):
    assert str(report).startswith("tabgan ")
    assert "balanced_accuracy" in report.verdict
    assert json.loads(json.dumps(report.to_dict()))["n_splits"] == 3
    assert "<table" in report._repr_html_()
    axes = report.plot()
    assert [label.get_text() for label in axes.get_yticklabels()][::-1] == ["rows repeated", "SMOTE", OURS]
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
    assert list(report.table["method"]) == [REAL, "rare rows repeated", OURS]
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
