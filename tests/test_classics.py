"""The GANs of the tutorials: each does what its example in the gallery claims."""

import json
import math
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
import torch
from scipy.stats import ks_2samp
from sklearn.datasets import load_digits
from sklearn.svm import SVC

from tabgan import TabGAN, load_iris
from tabgan.adversarial.heads import Heads
from tabgan.adversarial.networks import DCGAN, MLP
from tabgan.table import ColumnType, Continuous

CLASSIC = {"validation_fraction": 0, "refine": False, "verbose": 0}
SCALED = Continuous("minmax", spike_share=math.inf)


def sine(seed):
    """Mean distance of samples to the curve, and the largest gap between neighbours along it."""
    x1 = np.random.default_rng(seed).uniform(0, 2 * np.pi, 1024)
    last = []
    model = TabGAN(
        numeric="minmax",
        backbone=MLP(generator=(16, 32), critic=(256, 128, 64), octaves=0, dropout=0.3, two_stage=False),
        objective="non-saturating", latent_dim=2, batch_size=128, betas=(0.9, 0.999),
        learning_rate=1e-3, critic_learning_rate=1e-3, max_steps=4000, random_state=seed,
        on_step=lambda state: last.append(state.average(state.latent(2000))) if state.step == 4000 else None,
        **CLASSIC,
    ).fit(pd.DataFrame({"x1": x1, "x2": np.sin(x1)}))  # fmt: skip
    drawn = model.sample(2000).sort_values("x1")
    raw = np.pi * (last[0].numpy()[:, 0].astype(float) + 1), last[0].numpy()[:, 1]
    return {
        "distance": np.abs(drawn["x2"] - np.sin(drawn["x1"])).mean(),
        "gap": np.diff(drawn["x1"], prepend=0, append=2 * np.pi).max(),
        "distance before calibration": np.abs(raw[1] - np.sin(raw[0])).mean(),
        "gap before calibration": np.diff(np.sort(raw[0]), prepend=0, append=2 * np.pi).max(),
    }


def setosa(seed):
    """p-values of the four features, of samples and of what the network gives before calibration."""
    flowers = load_iris()
    flowers = flowers[flowers["species"] == "setosa"].drop(columns="species")
    last = []
    model = TabGAN(
        columns=dict.fromkeys(flowers, SCALED),
        backbone=MLP(generator=(16, 32), critic=(32, 16), octaves=0, two_stage=False, activation="tanh"),
        objective="non-saturating", latent_dim=10, batch_size=50, betas=(0.5, 0.999),
        learning_rate=2e-4, critic_learning_rate=2e-4, max_steps=5000, random_state=seed,
        on_step=lambda state: last.append(state.average(state.latent(200))) if state.step == 5000 else None,
        **CLASSIC,
    ).fit(flowers)  # fmt: skip
    drawn = model.sample(200)
    low, high = flowers.min().to_numpy(), flowers.max().to_numpy()
    raw = (low + (last[0].numpy() + 1) / 2 * (high - low)).round(1)  # in mm, as the real ones
    return {
        "p": min(ks_2samp(flowers[name], drawn[name]).pvalue for name in flowers),
        "p before calibration": min(ks_2samp(flowers[n], raw[:, k]).pvalue for k, n in enumerate(flowers)),
    }


class Below100(ColumnType):
    kinds = ("below 100",)
    scale = "numeric"

    def fit(self, column, y=None):
        return self

    def transform(self, column, rng=None):
        return np.eye(100, dtype=np.float32)[column]

    def inverse_transform(self, matrix, rng=None):
        return pd.Series(matrix.argmax(axis=1))

    def blocks(self):
        return [("onehot", 100)]


class Patience:
    def __init__(self, length):
        self.length, self.wrong = length, []

    def __call__(self, state):
        if state.step % 10 == 0:
            drawn = state.average(state.latent(200)).reshape(-1, self.length, 100).argmax(-1)
            self.wrong.append(float((drawn % 5 != 0).float().mean()))
            if len(self.wrong) - 1 - int(np.argmin(self.wrong)) == 20:
                return f"{min(self.wrong):.2%} wrong, and no less for 20 looks"
        return None


def multiples(seed, length):
    numbers = 5 * np.random.default_rng(seed).integers(0, 20, (1000, length))
    table = pd.DataFrame(numbers, columns=[f"number {k}" for k in range(length)])
    return TabGAN(
        columns={name: Below100() for name in table},
        backbone=MLP(generator=(64, 64), critic=(64, 64), two_stage=False),
        latent_dim=32, batch_size=128, max_steps=3000, on_step=Patience(length), random_state=seed,
        **CLASSIC,
    ).fit(table)  # fmt: skip


def digits(seed, backbone, **parameters):
    """Share of samples that a classifier of real digits reads as asked for, by digit."""
    pixels, label = load_digits(return_X_y=True, as_frame=True)
    model = TabGAN(
        columns=dict.fromkeys(pixels, SCALED), backbone=backbone, latent_dim=100, batch_size=128,
        random_state=seed, **CLASSIC | parameters,
    ).fit(pixels, label.rename("label"))  # fmt: skip
    reader = SVC(gamma="scale").fit(pixels, label)
    drawn = [model.sample(100, given={"label": digit}) for digit in range(10)]
    return np.array([(reader.predict(d[pixels.columns]) == d["label"]).mean() for d in drawn])


def by_perceptrons(seed):
    backbone = MLP(generator=(128, 256), critic=(256, 128), octaves=0, batch_norm=True)
    return digits(seed, backbone, max_steps=2000)


def by_convolutions(seed):
    return digits(seed, DCGAN((1, 8, 8), (64, 32)), max_steps=1500, betas=(0.5, 0.999))


def test_sine_samples_lie_on_the_curve_and_cover_it():
    found = sine(0)
    assert found["distance"] < 0.05
    assert found["gap"] < 0.2


def test_setosa_is_not_told_apart_in_any_feature():
    assert setosa(0)["p"] > 0.01


@pytest.mark.parametrize("length", [1, 10])
def test_multiples_of_five_and_the_generator_in_another_process(length, tmp_path):
    model = multiples(0, length)
    assert model.stop_reason_.endswith("no less for 20 looks")
    drawn = model.sample(2000).to_numpy()
    assert np.unique(drawn).tolist() == list(range(0, 100, 5))

    path, result = tmp_path / "multiples.pt2", tmp_path / "rows.pt"
    model.export(path)
    points = torch.randn(50, 32 + 100 * length, generator=torch.Generator().manual_seed(0))
    here = torch.export.load(path).module()(points)
    assert ((here.reshape(50, length, 100).argmax(-1) % 5) == 0).all()
    code = f"""
import sys, torch
points = torch.randn(50, {points.shape[1]}, generator=torch.Generator().manual_seed(0))
torch.save(torch.export.load(sys.argv[1]).module()(points), sys.argv[2])
assert "tabgan" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", code, path, result], check=True, cwd=tmp_path)
    assert torch.equal(torch.load(result), here)


def test_digits_by_perceptrons_are_read_as_asked_for():
    read = by_perceptrons(0)
    assert read.mean() >= 0.9
    assert read.min() > 0.5


def test_digits_by_convolutions_are_read_as_asked_for():
    read = by_convolutions(0)
    assert read.mean() >= 0.9
    assert read.min() > 0.5


def test_an_exported_generator_gives_the_rows_that_sample_draws(tmp_path):
    model = TabGAN(
        max_steps=20, backbone=MLP((16,), (16,)), precision="float32", random_state=0, verbose=0
    ).fit(load_iris())
    model.export(tmp_path / "iris.pt2")
    files = {"table.json": ""}
    program = torch.export.load(tmp_path / "iris.pt2", extra_files=files).module()
    about = json.loads(files["table.json"])
    assert [block[:2] for block in about["blocks"]][-1] == ["species", "onehot"]
    points = torch.randn(300, about["points"], generator=torch.Generator().manual_seed(0))
    rows = program(points)
    assert torch.equal(program(points), rows)
    sampler = model._learned.sampler
    heads = next(module for module in sampler.generator.modules() if isinstance(module, Heads))
    heads.uniform = lambda raw: torch.special.ndtr(points[:, 64:])
    np.testing.assert_allclose(rows, sampler.at(points[:, :64]).rows, atol=1e-4)


def test_what_cannot_be_exported_is_refused(tmp_path):
    constant = TabGAN(verbose=0).fit(pd.DataFrame({"one": [1, 1, 1]}))
    with pytest.raises(ValueError, match="nothing to export"):
        constant.export(tmp_path / "constant.pt2")
    with pytest.raises(ValueError, match=r"ends in \.pt2"):
        constant.export(tmp_path / "constant.onnx")


def test_dcgan_says_what_it_needs():
    table = pd.DataFrame(np.random.default_rng(0).random((100, 15)))
    with pytest.raises(ValueError, match="needs 16 pixels, but the table has 15 scalars"):
        TabGAN(backbone=DCGAN((1, 4, 4)), verbose=0).fit(table)
    with pytest.raises(ValueError, match="4 dividing both sides"):
        TabGAN(backbone=DCGAN((1, 3, 5)), verbose=0).fit(table)


@pytest.mark.parametrize(
    "backbone",
    [
        DCGAN((1, 4, 4), (8, 4)),
        MLP((8,), (8,), two_stage=False, activation="tanh"),
        MLP((8,), (8,), batch_norm=True),
    ],
)
def test_a_model_comes_back_from_its_file_whatever_the_backbone(backbone, tmp_path):
    rng = np.random.default_rng(0)
    table = pd.DataFrame(rng.random((64, 16))).assign(name=rng.choice(["a", "b"], 64)).rename(columns=str)
    model = TabGAN(backbone=backbone, max_steps=4, batch_size=32, random_state=0, verbose=0).fit(table)
    model.save(tmp_path / "model.tabgan")
    drawn = TabGAN.load(tmp_path / "model.tabgan").sample(5, random_state=1)
    pd.testing.assert_frame_equal(drawn, model.sample(5, random_state=1))


def test_activation_is_checked():
    with pytest.raises(ValueError, match="activation must be one of relu, leaky_relu, tanh, got 'sine'"):
        MLP(activation="sine")
