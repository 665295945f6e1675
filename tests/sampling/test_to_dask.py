"""Samples on Dask: the same rows on threads and on a cluster, also when one of its workers is killed."""

import os
import signal

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from tabgan import TabGAN, load_iris, sample_dask

pytestmark = pytest.mark.slow  # trains networks, or waits for other processes

dask = pytest.importorskip("dask")
pytest.importorskip("dask.dataframe")


@pytest.fixture(scope="module")
def model():
    return TabGAN(max_steps=10, random_state=0, verbose=0, device="cpu").fit(load_iris())


@pytest.fixture(scope="module")
def expected(model):
    return pd.concat(model.sample_batches(20_000, batch_rows=500, random_state=5), ignore_index=True)


def test_rows_are_those_of_batches(model, expected):
    with dask.config.set({"dataframe.convert-string": False}):
        lazy = sample_dask(model, 20_000, rows_per_part=500, random_state=5)
        assert lazy.npartitions == 40
        assert lazy.divisions[:2] == (0, 500)
        assert_frame_equal(
            lazy.partitions[[0, 7]].compute(scheduler="threads"),
            expected.take([*range(500), *range(3500, 4000)]),
        )
        assert_frame_equal(lazy.loc[700:703].compute(scheduler="sync"), expected.loc[700:703])
        assert len(sample_dask(model, 0).compute(scheduler="sync")) == 0


def test_arguments_are_refused_before_anything_is_drawn(model):
    with pytest.raises(ValueError, match="tulip"):
        sample_dask(model, 100, given={"species": "tulip"})


@pytest.mark.filterwarnings("default")  # those of Dask itself
def test_a_killed_worker_costs_nothing_but_time(model, expected):
    distributed = pytest.importorskip("distributed")
    settings = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": None}
    with (
        dask.config.set({"dataframe.convert-string": False}),
        distributed.LocalCluster(**settings) as cluster,
        distributed.Client(cluster) as client,
    ):
        lazy = sample_dask(model, 20_000, rows_per_part=500, random_state=5)
        parts = client.compute(lazy.to_delayed(), sync=False)
        distributed.wait(parts, return_when="FIRST_COMPLETED")
        os.kill(cluster.workers[0].pid, signal.SIGKILL)
        found = pd.concat(client.gather(parts))
    assert_frame_equal(found, expected)
