"""What the GANs of the tutorials need: plain and convolutional networks, and a generator in a file.

The claims of the classics (a curve, flowers, digits) are asserted by the examples in the gallery.
"""

import json
import math
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
import torch

from tabgan import Adam, TabGAN, Validation, load_iris
from tabgan.adversarial.networks import DCGAN, MLP
from tabgan.adversarial.networks.heads import Heads
from tabgan.layout import Layout
from tabgan.table import ColumnType, Continuous

pytestmark = pytest.mark.slow  # trains networks, or waits for other processes

PIXEL = Continuous("minmax", spike_share=math.inf)
LABELLED = Layout.from_columns([("label", [("onehot", 3)]), *((k, [("scalar", 1)]) for k in range(64))])


class Below20(ColumnType):
    kinds = ("below 20",)
    scale = "numeric"

    def fit(self, column, y=None):
        return self

    def transform(self, column, rng=None):
        return column.to_numpy(dtype=np.float32)[:, None]

    def inverse_transform(self, codes, rng=None):
        return pd.Series(codes[:, 0].astype(int))

    def blocks(self):
        return [("onehot", 20)]


class Patience:
    def __init__(self):
        self.wrong = []

    def __call__(self, state):
        if state.step % 10 == 0:
            self.wrong.append(int((state.generate(state.latent(1000)).argmax(1) % 5 != 0).sum()))
        return "nothing wrong" if self.wrong[-10:] == [0] * 10 else None


def test_multiples_of_five_and_their_generator_in_another_process(tmp_path):
    numbers = pd.DataFrame({"number": 5 * np.random.default_rng(0).integers(0, 4, 1000)})
    model = TabGAN(
        columns={"number": Below20()}, backbone=MLP((64, 64), (64, 64), two_stage=False, latent_dim=32),
        objective="non-saturating", batch_size=128, max_steps=800,
        validation=Validation(0), refine=False, on_step=Patience(), random_state=0, verbose=0,
    ).fit(numbers)  # fmt: skip
    assert model.stop_reason_ == "nothing wrong"
    assert np.unique(model.sample(10_000)["number"]).tolist() == [0, 5, 10, 15]

    path, result = tmp_path / "multiples.pt2", tmp_path / "rows.pt"
    model.export(path)
    points = torch.randn(500, 52, generator=torch.Generator().manual_seed(0))
    here = torch.export.load(path).module()(points)
    assert (here.argmax(1) % 5 == 0).all()
    torch.save(points, tmp_path / "points.pt")
    code = """
import sys, torch
torch.save(torch.export.load(sys.argv[1]).module()(torch.load(sys.argv[2])), sys.argv[3])
assert "tabgan" not in sys.modules
"""
    subprocess.run(
        [sys.executable, "-c", code, path, tmp_path / "points.pt", result], check=True, cwd=tmp_path
    )
    assert torch.equal(torch.load(result), here)


def test_an_exported_generator_gives_the_rows_that_sample_draws(tmp_path):
    model = TabGAN(max_steps=5, backbone=MLP((16,), (16,)), random_state=0, verbose=0)
    model.set_params(optimizer__precision="float32").fit(load_iris())
    sampler = model.fitted_model_.sampler
    points = torch.randn(300, 64 + sampler.generator.noise_width, generator=torch.Generator().manual_seed(0))
    files = {"table.json": ""}
    model.export(tmp_path / "iris.pt2")
    rows = torch.export.load(tmp_path / "iris.pt2", extra_files=files).module()(points).detach().numpy()
    about = json.loads(files["table.json"])
    assert about["points"] == points.shape[1]
    assert about["blocks"][-1] == ["species", "onehot", 3]
    with torch.inference_mode():
        drawn, _ = sampler.generator(points[:, :64], torch.special.ndtr(points[:, 64:]))
        codes = sampler.encoding.codes(drawn).numpy()
    codes = sampler.stages["marginals"].apply(codes, np.random.default_rng(0))
    exported = sampler.encoding.codes(torch.from_numpy(rows)).numpy()
    decode = model.fitted_model_.transformer.inverse_transform
    pd.testing.assert_frame_equal(decode(exported, 0), decode(codes, 0))


def test_what_cannot_be_exported_is_refused(tmp_path):
    constant = TabGAN(verbose=0).fit(pd.DataFrame({"one": [1, 1, 1]}))
    with pytest.raises(ValueError, match="nothing to export"):
        constant.export(tmp_path / "constant.pt2")
    for name in ("constant.onnx", "constant.pt"):
        with pytest.raises(ValueError, match=rf"ends in \.pt2 \(TorchScript, .*got .*{name}"):
            constant.export(tmp_path / name)


def build(backbone):
    torch.manual_seed(0)
    heads = Heads(tuple(LABELLED), np.full(67, 1 / 3, np.float32))
    return backbone.build(heads, torch.arange(3, 67))


@pytest.mark.parametrize(
    "backbone",
    [
        DCGAN((1, 8, 8), (8, 4), latent_dim=10),
        DCGAN((4, 4, 4), (8,), latent_dim=10),
        MLP((8,), (8,), octaves=0, two_stage=False, activation="tanh", latent_dim=10),
        MLP((8,), (8,), batch_norm=True, latent_dim=10),
    ],
)
def test_both_networks_of_a_backbone_learn_in_all_their_weights(backbone):
    generator, critic = build(backbone)
    rows, _ = generator(torch.randn(32, 10), torch.rand(32, generator.noise_width))
    assert rows.shape == (32, 67)
    assert torch.allclose(rows[:, :3].sum(1), torch.ones(32))
    assert (rows[:, 3:].abs() <= 1).all()
    critic(rows).square().sum().backward()
    for network in (generator, critic):
        for name, weights in network.named_parameters():
            assert weights.grad is not None, name


def test_dcgan_starts_as_its_paper_says():
    for network in build(DCGAN((1, 8, 8))):
        for module in network.modules():
            if isinstance(module, torch.nn.Conv2d) and module.weight.numel() > 1000:
                # Standard error of the deviation is 2 % at most here.
                assert module.weight.std().item() == pytest.approx(0.02, rel=0.1)


def test_real_rows_do_not_change_what_the_critic_of_dcgan_sees_in_generated_ones():
    _, critic = build(DCGAN((1, 8, 8), (8, 4), dropout=0))
    real, fake, others = torch.rand(3, 32, 67)
    together = critic(torch.cat([real, fake]))
    torch.testing.assert_close(together[32:], critic(fake))
    torch.testing.assert_close(together[32:], critic(torch.cat([others, fake]))[32:])


def test_dcgan_draws_the_image_that_belongs_to_a_label():
    rng = np.random.default_rng(0)
    dark, light = rng.uniform(0, 0.2, (2, 400, 4, 2))
    label = rng.integers(0, 2, 400)
    images = np.where(label[:, None, None] == 0, np.dstack([dark, 1 - light]), np.dstack([1 - light, dark]))
    pixels = pd.DataFrame(images.reshape(400, 16)).rename(columns=str)
    model = TabGAN(
        columns=dict.fromkeys(pixels, PIXEL), backbone=DCGAN((1, 4, 4), (16,), latent_dim=16), batch_size=64,
        optimizer=Adam(betas=(0.5, 0.999)), max_steps=150, validation=Validation(0), refine=False,
        random_state=0, verbose=0,
    ).fit(pixels, pd.Series(label, name="label"))  # fmt: skip
    drawn = model.sample(500)
    halves = drawn.drop(columns="label").to_numpy().reshape(500, 4, 2, 2).mean((1, 3))
    assert set(drawn["label"]) == {0, 1}
    assert ((halves[:, 0] > halves[:, 1]) == (drawn["label"] == 1)).mean() > 0.95


def test_dcgan_says_what_it_needs():
    table = pd.DataFrame(np.random.default_rng(0).random((100, 15)))
    with pytest.raises(ValueError, match="needs 16 pixels, but the table has 15 scalars"):
        TabGAN(backbone=DCGAN((1, 4, 4)), verbose=0).fit(table)
    with pytest.raises(ValueError, match="4 dividing both sides"):
        TabGAN(backbone=DCGAN((1, 3, 5)), verbose=0).fit(table)


def test_activation_is_checked():
    with pytest.raises(ValueError, match="activation must be one of relu, leaky_relu, tanh, got 'sine'"):
        build(MLP(activation="sine"))


@pytest.mark.parametrize(
    "backbone",
    [DCGAN((1, 4, 4), (8, 4)), MLP((8,), (8,), two_stage=False, activation="tanh", batch_norm=True)],
)
def test_a_model_comes_back_from_its_file_whatever_the_backbone(backbone, tmp_path):
    rng = np.random.default_rng(0)
    table = pd.DataFrame(rng.random((64, 16))).assign(name=rng.choice(["a", "b"], 64)).rename(columns=str)
    columns = {str(k): PIXEL for k in range(16)}
    model = TabGAN(columns=columns, backbone=backbone, max_steps=2, batch_size=32, random_state=0, verbose=0)
    model.fit(table).save(tmp_path / "model.tabgan")
    drawn = TabGAN.load(tmp_path / "model.tabgan").sample(5, random_state=1)
    pd.testing.assert_frame_equal(drawn, model.sample(5, random_state=1))
