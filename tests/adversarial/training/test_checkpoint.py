"""Checkpoints: a killed run ends as if it had not been, other runs are refused, a full disk harms nothing."""

import dataclasses
import os
import resource
import signal
import zipfile

import numpy as np
import pytest
import torch

from tabgan import TabGAN, TabVAE, load_iris
from tabgan.adversarial.training.batches import PackedTable
from tabgan.adversarial.training.callbacks import HISTORY_COLUMNS, History
from tabgan.adversarial.training.checkpoint import CHECKSUM, NAME, Checkpoint, _checksum
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


def test_no_damage_gives_another_model(tmp_path):
    """Any bit, in the weights or around them: the checksum tells, and the sentence says what to do."""
    fit(tmp_path)
    path = tmp_path / NAME
    whole = path.read_bytes()
    rng = np.random.default_rng(0)
    for place in rng.integers(len(whole), size=60):
        content = bytearray(whole)
        content[place] ^= 1 << rng.integers(8)
        path.write_bytes(content)
        try:
            checkpoint = Checkpoint(tmp_path, {"steps": str(STEPS)})
        except ValueError as error:
            assert str(path) in str(error)  # noqa: PT017
            assert "delete it" in str(error) or "name another folder" in str(error)  # noqa: PT017
        else:
            assert comparable(checkpoint._saved) == comparable(Checkpoint._read(checkpoint))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"step": 7}, "its checksum does not fit"),
        ({"seed": "x"}, "its checksum does not fit"),
        ({"sha256": None}, "its checksum does not fit"),
        ({"format": "tabgan-checkpoint-4"}, "no checkpoint of this version"),
    ],
)
def test_metadata_that_were_changed_are_refused(tmp_path, change, said):
    fit(tmp_path)
    content = torch.load(tmp_path / NAME, weights_only=True)
    torch.save(content | change, tmp_path / NAME)
    with pytest.raises(ValueError, match=said):
        Checkpoint(tmp_path, {"steps": str(STEPS)})


def test_networks_of_another_shape_are_refused(tmp_path):
    """With the right checksum, as whoever wants to do harm would write it."""
    fit(tmp_path)
    content = torch.load(tmp_path / NAME, weights_only=True)
    del content[CHECKSUM]
    content["generator"] = {name: weight[:1] for name, weight in content["generator"].items()}
    torch.save(content | {CHECKSUM: _checksum(content)}, tmp_path / NAME)
    with pytest.raises(ValueError, match=r"does not fit this run .*; delete it"):
        fit(tmp_path)


@pytest.mark.parametrize("name", ["seed", "step", "total"])
def test_numbers_below_zero_are_refused(tmp_path, name):
    fit(tmp_path)
    content = torch.load(tmp_path / NAME, weights_only=True)
    del content[CHECKSUM]
    content[name] = -1
    torch.save(content | {CHECKSUM: _checksum(content)}, tmp_path / NAME)
    with pytest.raises(ValueError, match=r"is damaged.*delete it"):
        Checkpoint(tmp_path, {"steps": str(STEPS)})


def test_a_compressed_checkpoint_is_not_unpacked(tmp_path):
    fit(tmp_path)
    with zipfile.ZipFile(tmp_path / NAME) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(tmp_path / NAME, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    with pytest.raises(ValueError, match=r"cannot be read .*delete it"):
        fit(tmp_path)


@pytest.mark.parametrize(
    "state",
    [
        {"rows": "none", "recent": []},
        {"rows": [{"step": 1}], "recent": []},
        {"rows": [dict.fromkeys(HISTORY_COLUMNS, "1")], "recent": []},
        {"rows": [], "recent": [torch.zeros(2)]},
    ],
)
def test_a_record_of_training_that_is_none_is_not_taken_back(state):
    with pytest.raises(ValueError, match="record of training"):
        History().load_state_dict(state)
