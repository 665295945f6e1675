"""Checkpoints: a killed run ends as if it had not been, other runs are refused, a full disk harms nothing."""

import dataclasses
import os
import resource
import signal

import numpy as np
import pytest
import torch

from tabgan import TabGAN, TabVAE, load_iris
from tabgan.adversarial.training.batches import PackedTable
from tabgan.adversarial.training.checkpoint import NAME, Checkpoint
from tabgan.adversarial.training.fit import learn
from tabgan.adversarial.training.loop import adversarial_step
from tabgan.adversarial.training.losses import OBJECTIVES
from tests.adversarial.training.test_fit import LAYOUT, SETTINGS, known_rows

pytestmark = pytest.mark.slow  # trains networks, or waits for other processes

QUICK = {"max_steps": 5, "random_state": 0, "verbose": 0, "refine": False, "device": "cpu"}
STEPS = 50  # in which a run saves after each


class Enough(Exception):
    """Ends a run before it calibrates, which takes longer than its training."""


def fit(folder, on_step=lambda state: None, rows=500, **changes):
    """Train up to the last step but one."""
    settings = dataclasses.replace(SETTINGS, **{"max_steps": STEPS} | changes)
    table = PackedTable.of(known_rows(rows), LAYOUT)
    checkpoint = Checkpoint(folder, {"steps": str(settings.max_steps)})
    checkpoint.start(0, table.fingerprint())

    def listen(state):
        on_step(state)
        if state.step == settings.max_steps:
            raise Enough

    with pytest.raises(Enough):
        learn(table, settings, np.random.SeedSequence(0), listen, None, checkpoint)
    return comparable(torch.load(folder / NAME, weights_only=True))  # all that training knows


def comparable(value):
    """Tensors as the bytes of their values, wherever they are."""
    if isinstance(value, torch.Tensor):
        return value.dtype, value.shape, value.numpy().tobytes()
    if isinstance(value, dict):
        return {key: comparable(each) for key, each in value.items()}
    return [comparable(each) for each in value] if isinstance(value, list) else repr(value)


def killed_at(step, folder, **changes):
    """Fit in a process that kills itself."""

    def kill(state):
        if state.step == step:
            os.kill(os.getpid(), signal.SIGKILL)

    process = os.fork()
    if not process:
        torch.set_num_threads(1)
        fit(folder, kill, **changes)
        os._exit(1)
    assert os.waitpid(process, 0)[1] == signal.SIGKILL


@pytest.mark.skipif(not hasattr(os, "fork"), reason="kills a process of its own")
@pytest.mark.parametrize(
    "changes",
    [{"max_steps": 120}, {"training_step": adversarial_step(OBJECTIVES["wasserstein"]), "batch_size": 600}],
)
def test_a_killed_run_ends_as_if_it_had_not_been(tmp_path, changes):
    undisturbed = fit(tmp_path / "undisturbed", **changes)
    for step in (1, 20, 21, 48):  # the first before anything is saved
        killed_at(step, tmp_path / "killed", **changes)
    seen = []
    went_on = fit(tmp_path / "killed", lambda state: seen.append(state.step), **changes)
    assert 46 <= seen[0] <= 48
    assert went_on == undisturbed
    assert [path.name for path in (tmp_path / "killed").iterdir()] == [NAME]


@pytest.mark.parametrize("model", [TabGAN, TabVAE])
def test_a_finished_run_gives_the_same_model_again(tmp_path, model):
    rows = load_iris()
    first = model(**QUICK | {"random_state": None}).fit(rows, checkpoint=tmp_path)
    steps = []
    settings = QUICK | {"random_state": None, "on_step": lambda state: steps.append(state.step)}
    again = model(**settings).fit(rows, checkpoint=tmp_path)
    assert not steps
    assert first.sample(50).equals(again.sample(50))
    with pytest.raises(ValueError, match=r"backbone=.*, and now it is .*latent_dim=24"):
        model(**settings).set_params(backbone__latent_dim=24).fit(rows, checkpoint=tmp_path)


def test_another_run_is_refused(tmp_path):
    fit(tmp_path)
    with pytest.raises(ValueError, match="other rows"):
        fit(tmp_path, rows=499)
    with pytest.raises(ValueError, match="steps=50, and now it is 30"):
        fit(tmp_path, max_steps=30)


def test_what_is_no_checkpoint_is_refused(tmp_path):
    (tmp_path / NAME).write_bytes(b"nonsense")
    with pytest.raises(ValueError, match=r"cannot be read .*delete it"):
        fit(tmp_path)


def test_a_full_disk_leaves_the_last_checkpoint(tmp_path):
    def fill(state):
        if state.step == 15:
            resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))

    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        with pytest.raises(OSError, match="no checkpoint could be written"):
            fit(tmp_path, fill, max_steps=30)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert [path.name for path in tmp_path.iterdir()] == [NAME]
    assert fit(tmp_path, max_steps=30) == fit(tmp_path / "undisturbed", max_steps=30)
