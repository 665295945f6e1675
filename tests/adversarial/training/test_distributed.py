"""Several processes: they end with the same weights, learn what one learns, and do not wait for the dead."""

import contextlib
import io
import json
import os
import signal
import socket

import numpy as np
import pandas as pd
import pytest
import torch
import torch.distributed as dist

from tabgan import TabGAN, Validation
from tabgan.adversarial.networks import MLP
from tabgan.cli import main

SETTINGS = {
    "backbone": MLP(generator=(64, 64), critic=(64, 64)),
    "max_steps": 150,
    "validation": Validation(patience=None),
    "refine": False,
    "random_state": 0,
    "device": "cpu",
    "verbose": 0,
}

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="starts processes by fork"),
]


def table(n=1500):
    rng = np.random.default_rng(0)
    low = rng.random(n) < 0.3
    return pd.DataFrame({"height": np.where(low, 5.0, 400.0) + rng.random(n), "low": low})


def in_processes(folder, task, group=True, n=2):
    """Run ``task(rank) -> JSON-able`` in n processes of a group; their exit states, and what they gave."""
    children = []
    for rank in range(n):
        child = os.fork()
        if not child:
            status = 1
            try:
                torch.set_num_threads(1)
                if group:
                    meet = f"file://{folder}/meet"
                    dist.init_process_group("gloo", init_method=meet, rank=rank, world_size=n)
                (folder / f"{rank}.json").write_text(json.dumps(task(rank)))
                status = 0
            finally:
                os._exit(status)
        children.append(child)
    states = [os.waitpid(child, 0)[1] for child in children]
    return states, [json.loads(path.read_text()) for path in sorted(folder.glob("*.json"))]


@pytest.mark.parametrize("n", [2, 4])
def test_processes_end_with_the_same_weights_and_learn_the_distribution(tmp_path, n):
    def fit(rank):
        def stop(state):
            return "enough for the first" if rank == 0 and state.step == 120 else None

        model = TabGAN(**SETTINGS | {"on_step": stop}).fit(table())
        weights = model.fitted_model_.sampler.get_state() | model._state.critic.state_dict()
        drawn = model.sample(1000)
        right = float(((drawn["height"] < 100) == drawn["low"]).mean())
        bits = {name: np.asarray(value).tobytes().hex() for name, value in weights.items()}
        return [
            bits,
            right,
            float(drawn["low"].mean()),
            model.stop_reason_,
            model.n_iter_,
            model.history_.shape,
        ]

    states, (first, *others) = in_processes(tmp_path, fit, n=n)
    assert states == [0] * n
    assert all(other == first for other in others)
    assert first[1] > 0.8  # of independent columns 0.58 of the rows would be right
    assert abs(first[2] - 0.3) < 0.08  # +- 0.014 by the sample, and calibrated
    assert first[3:5] == ["enough for the first", 150]


def test_each_process_reads_its_own_part(tmp_path):
    frames = [table().assign(part=k) for k in range(2)]

    def parts(rank):
        from tabgan.estimators.training_data import opened
        from tabgan.table import Schema, TableTransformer

        with opened(frames, None, np.random.SeedSequence(0)) as source:
            transformer = TableTransformer(Schema.infer(source.table)).fit(source.table)
            table = source.encode(transformer, np.random.default_rng(0))
            read = transformer.inverse_transform(table.packing.codes(table.shards[0]))
        return [len(source.table), table.n_rows, read["part"].unique().tolist()]

    _, found = in_processes(tmp_path, parts)
    assert found == [[3000, 3000, [0]], [3000, 3000, [1]]]


def test_a_dead_process_ends_the_run(tmp_path):
    def fit(rank):
        def die(state):
            if rank == 1 and state.step == 20:
                os.kill(os.getpid(), signal.SIGKILL)

        TabGAN(**SETTINGS | {"on_step": die}).fit(table())

    states, found = in_processes(tmp_path, fit)
    assert states[1] == signal.SIGKILL
    assert states[0] != 0
    assert found == []


def test_the_command_line_under_torchrun_writes_one_model(tmp_path, monkeypatch):
    table(300).to_csv(tmp_path / "table.csv", index=False)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {"TORCHELASTIC_RUN_ID": "test", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
    for name, value in (environment | {"WORLD_SIZE": "2"}).items():  # as torchrun does
        monkeypatch.setenv(name, value)
    arguments = ["fit", f"{tmp_path}/table.csv", "-o", f"{tmp_path}/model", "--max-steps", "2"]

    def fit(rank):
        os.environ |= {"RANK": str(rank), "LOCAL_RANK": str(rank)}
        output = io.StringIO()
        with pytest.raises(SystemExit) as end, contextlib.redirect_stdout(output):
            main([*arguments, "--verbose", "0", "--no-refine", "--device", "cpu"])
        return [end.value.code, output.getvalue().count("Wrote")]

    assert in_processes(tmp_path, fit, group=False) == ([0, 0], [[0, 1], [0, 0]])
    assert TabGAN.load(tmp_path / "model").sample(5).shape == (5, 2)
