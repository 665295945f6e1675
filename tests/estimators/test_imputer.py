"""TabGANImputer in pipelines."""

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from tabgan import TabGAN, TabGANImputer, TabVAE, load_iris
from tabgan.adversarial.networks import MLP

pytestmark = pytest.mark.slow  # trains networks

QUICK = {"max_steps": 3, "batch_size": 32, "verbose": 0, "random_state": 0, "backbone": MLP((16,), (16,))}


@parametrize_with_checks([TabGANImputer(TabGAN(**QUICK), random_state=0)], expected_failed_checks={})
def test_scikit_learn_checks(estimator, check):
    check(estimator)


@pytest.fixture(scope="module")
def iris():
    frame = load_iris()
    gone = np.random.default_rng(0).random((len(frame), 4)) < 0.2
    return pd.concat([frame.iloc[:, :4].mask(gone), frame["species"]], axis=1)


def test_pipeline_of_columns_in_cross_validation(iris):
    numbers = list(iris.columns[:4])
    X = iris[numbers].assign(color=np.where(iris.index % 3, "red", None))
    imputed = make_pipeline(TabGANImputer(TabGAN(**QUICK), random_state=0), StandardScaler())
    columns = make_column_transformer((imputed, numbers), (OneHotEncoder(), ["color"]))
    scores = cross_validate(make_pipeline(columns, LogisticRegression()), X, iris["species"], cv=3)
    assert scores["test_score"].mean() > 0.8  # one in three by chance


def test_frames_stay_frames(iris):
    imputer = TabGANImputer(TabVAE(**{**QUICK, "backbone": None}), random_state=0).fit(iris)
    filled = imputer.transform(iris)
    assert filled.isna().sum().sum() == 0
    assert filled.dtypes.equals(iris.dtypes)
    assert imputer.get_feature_names_out().tolist() == list(iris)
    with pytest.raises(ValueError, match="feature names"):
        imputer.transform(iris[iris.columns[::-1]])


def test_set_output(iris):
    with_pandas = TabGANImputer(TabGAN(**QUICK), random_state=0).set_output(transform="pandas")
    filled = with_pandas.fit_transform(iris.iloc[:, :4].to_numpy())
    assert isinstance(filled, pd.DataFrame)
    assert filled.notna().all(None)


def test_more_imputations_are_nearer(iris):
    full = load_iris()
    gone = iris["petal_length"].isna()

    def error(n_imputations, seed):
        model = TabGAN(**{**QUICK, "max_steps": 150})  # those of 3 steps know nothing to be averaged
        imputer = TabGANImputer(model, n_imputations=n_imputations, random_state=seed)
        filled = imputer.fit_transform(iris)["petal_length"]
        return np.sqrt(((filled - full["petal_length"])[gone] ** 2).mean())

    assert error(15, 0) < np.mean([error(1, seed) for seed in range(2)])  # 0.37 and 0.57


def test_parameters_are_checked(iris):
    with pytest.raises(ValueError, match="n_imputations must be at least 1, got 0"):
        TabGANImputer(n_imputations=0).fit(iris)
    with pytest.raises(TypeError, match="model must be None or an estimator such as TabGAN"):
        TabGANImputer("TabGAN").fit(iris)
