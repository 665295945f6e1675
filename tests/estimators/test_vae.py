"""TabVAE: the contract of the estimators, the two terms of its bound, its latent space."""

import math

import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.utils.estimator_checks import parametrize_with_checks

from tabgan import TabGAN, TabVAE, load, load_iris
from tabgan.adversarial.networks.heads import Heads
from tabgan.adversarial.networks.vae import Autoencoder
from tabgan.cli import main
from tabgan.io.models import save_model
from tabgan.layout import Layout

pytestmark = pytest.mark.slow  # trains networks, or waits for other processes

QUICK = {
    "max_steps": 3, "batch_size": 32, "verbose": 0, "random_state": 0, "backbone": Autoencoder((16,), (16,)),
}  # fmt: skip


@pytest.fixture(scope="module")
def model():
    return TabVAE(
        backbone=Autoencoder(latent_dim=2), kl_weight=0.2, max_steps=500, random_state=0, verbose=0
    ).fit(load_iris())


@parametrize_with_checks([TabVAE(**QUICK)], expected_failed_checks={})
def test_scikit_learn_checks(estimator, check):
    check(estimator)


def test_the_terms_of_the_bound_are_those_of_the_formulas():
    layout = tuple(Layout.from_columns([("x", [("scalar", 1)]), ("z", [("onehot", 3)])]))
    shares = np.array([0, 0.5, 0.3, 0.2], dtype=np.float32)
    network, _ = Autoencoder((8,), (8,), 2).build(Heads(layout, shares), torch.tensor([0]))
    for part in (network.encoder, network.nominal, network.scalar):
        torch.nn.init.zeros_(part[-1].weight)
        torch.nn.init.zeros_(part[-1].bias)
    rows = torch.tensor([[0.5, 0, 1, 0], [-0.5, 1, 0, 0]])
    lost, divergence = network.evidence(rows, torch.randn(2, 2))
    spread = math.exp(-1)
    density = 0.5**2 / spread**2 / 2 + math.log(spread) + math.log(2 * math.pi) / 2
    assert lost.item() == pytest.approx(density - (math.log(0.3) + math.log(0.5)) / 2, abs=1e-3)
    assert divergence.item() == 0
    network.encoder[-1].bias.data = torch.tensor([1.0, 0, 0, math.log(4)])  # mean (1, 0), variance (1, 4)
    assert network.evidence(rows, torch.randn(2, 2))[1].item() == pytest.approx((1 + 4 - 1 - math.log(4)) / 2)


def test_iris_is_learned(model):
    iris, drawn = load_iris(), model.sample(1500, random_state=1)
    assert drawn.dtypes.equals(iris.dtypes)
    # calibrated on 150 rows, of which a tenth are the standard errors of these means at most
    assert ((drawn.iloc[:, :4].mean() - iris.iloc[:, :4].mean()).abs() < 0.2 * iris.iloc[:, :4].std()).all()
    means = drawn.groupby("species")["petal_length"].mean()  # 1.46, 4.26 and 5.55 in real rows
    assert means["setosa"] < 2.6 < means["versicolor"] < 4.9 < means["virginica"]
    lost = model.history_["negative_log_likelihood"]
    assert lost.iloc[-1] < lost.iloc[0]


def test_latent_points_tell_the_species_and_decode_to_rows_like_theirs(model):
    iris = load_iris()
    points = model.encode(iris)
    assert points.shape == (150, 2)
    assert LogisticRegression().fit(points, iris["species"]).score(points, iris["species"]) > 0.9
    back = model.decode(points, random_state=0)
    assert (back["species"] == iris["species"]).mean() > 0.9
    # three seeds gave 0.85 to 0.87
    assert np.corrcoef(back["petal_length"], iris["petal_length"])[0, 1] > 0.8
    pd.testing.assert_frame_equal(back, model.decode(points, random_state=0))


def test_bad_points_are_refused(model):
    with pytest.raises(ValueError, match="2 columns, got 3"):
        model.decode(np.zeros((1, 3)))
    with pytest.raises(ValueError, match="unlike any in the training column"):
        model.encode(load_iris().assign(species="moss"))
    with pytest.raises(ValueError, match="kl_weight must be a number that is not negative"):
        TabVAE(kl_weight=-1).fit(load_iris())


def test_score_speaks_of_the_class_that_it_is_of(model):
    narrow = TabVAE(max_steps=2, verbose=0).fit(load_iris().iloc[:, :4].to_numpy())
    with pytest.raises(ValueError, match="X has 3 features, but TabVAE is expecting 4 features as input"):
        narrow.score(load_iris().iloc[:, :3].to_numpy())


def test_a_file_holds_both_networks(model, tmp_path):
    path = tmp_path / "iris.tabgan"
    model.save(path)
    again = TabVAE.load(path)
    pd.testing.assert_frame_equal(again.sample(20, random_state=3), model.sample(20, random_state=3))
    np.testing.assert_array_equal(again.encode(load_iris()), model.encode(load_iris()))
    with pytest.raises(ValueError, match=r"holds a TabVAE, expected a TabGAN; load it with TabVAE\.load"):
        TabGAN.load(path)


def test_load_knows_which_estimator_a_file_holds(model, tmp_path):
    path = tmp_path / "iris.tabgan"
    model.save(path)
    again = load(path)
    assert type(again) is TabVAE
    pd.testing.assert_frame_equal(again.sample(20, random_state=3), model.sample(20, random_state=3))
    with pytest.raises(SystemExit, match="0"):
        main(["sample", str(path), "-n", "20", "-o", str(tmp_path / "rows.csv")])
    assert len(pd.read_csv(tmp_path / "rows.csv")) == 20
    save_model(path, {"estimator": "TabFlow"}, {})
    with pytest.raises(ValueError, match=r"expected a TabGAN or TabVAE or DPTabGAN; .* update tabgan"):
        load(path)
