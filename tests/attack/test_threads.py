"""Many threads and forked processes on one loaded model: each draw is that of its seed alone."""

import os
import random
import resource
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import count
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

import tabgan
from tabgan import TabGAN, load_adult
from tests.attack.budget import SECONDS, SEED, Attack

pytestmark = pytest.mark.slow  # trains networks

N_THREADS = 64
MOST_GROWTH = 50  # megabytes, from the second third of the draws to the last one
KINDS = {
    "plain": {},
    "one": {"given": {"sex": "Female"}},
    "range": {"given": {"age": slice(30, 40), "income": "<=50K"}},
    "several": {"given": {"sex": ["Male"], "age": slice(None, 35)}},
    "balance": {"balance": "sex"},
}


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """Trees move its rows and reject some, so that all stages are asked at once."""
    path = tmp_path_factory.mktemp("model") / "adult.tabgan"
    rows = load_adult()[["age", "education", "hours-per-week", "sex", "income"]].head(1200)
    TabGAN(max_steps=60, verbose=0, random_state=0, device="cpu").fit(rows).save(path)
    model = tabgan.load(path, device="cpu")
    model.fitted_model_.sampler.batch = 512
    return model


def global_streams():
    """Give where the streams are that a program may use itself."""
    state = np.random.get_state()  # noqa: NPY002
    return state[1].tolist(), state[2], torch.random.get_rng_state().tolist(), random.getstate()


def megabytes():
    """Give the memory that is held at present; where the system does not say, the most that was ever held."""
    with suppress(OSError):
        pages = Path("/proc/self/statm").read_text().split()[1]
        return int(pages) * resource.getpagesize() / 2**20
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def draw(model, number):
    """Give what one call draws, whose kind and seed are those of its number."""
    if number == 0:  # the slowest kind
        return model.sample(given=pd.DataFrame({"sex": ["Male", "Female"] * 5}), random_state=0)
    return model.sample(10, **KINDS[sorted(KINDS)[number % len(KINDS)]], random_state=number)


def test_each_draw_of_64_threads_is_that_of_its_seed(model):
    n_draws = 48
    alone = [draw(model, number) for number in range(n_draws)]
    before = global_streams()
    attack, until = Attack("threads", 128), time.monotonic() + SECONDS
    numbers, lock, wrong = count(), threading.Lock(), []
    memory = []

    def work():
        done = 0
        while done < 2 or time.monotonic() < until:
            done += 1
            with lock:
                chosen = next(numbers) * 7919 % n_draws
            if not draw(model, chosen).equals(alone[chosen]):
                wrong.append(chosen)
            with lock:
                attack.note(chosen, "draw", "the same" if not wrong else "another")
                memory.append(megabytes())

    with ThreadPoolExecutor(N_THREADS) as pool:
        for future in [pool.submit(work) for _ in range(N_THREADS)]:
            future.result()
    assert not wrong
    assert global_streams() == before
    assert attack.ends["the same"] >= 128
    thirds = [np.median(part) for part in np.array_split(memory, 3)]
    print(f"threads: {attack.ends}, memory of each third of the draws: {np.round(thirds)} MB")
    assert thirds[2] - thirds[1] < MOST_GROWTH, "memory grows with the number of draws"


def test_draws_without_a_seed_differ_in_all_threads(model):
    with ThreadPoolExecutor(N_THREADS) as pool:
        drawn = list(pool.map(lambda _: model.sample(20), range(N_THREADS)))
    assert len({frame.to_csv() for frame in drawn}) == N_THREADS


@pytest.mark.skipif(not hasattr(os, "fork"), reason="forks")
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_forked_children_draw_other_rows_without_a_seed_and_the_same_with_one(model, tmp_path):
    expected = model.sample(30, random_state=SEED).to_csv()
    for child in range(3):
        process = os.fork()
        if not process:
            torch.set_num_threads(1)
            (tmp_path / f"free-{child}").write_text(model.sample(30).to_csv())
            (tmp_path / f"seeded-{child}").write_text(model.sample(30, random_state=SEED).to_csv())
            os._exit(0)
        assert os.waitpid(process, 0)[1] == 0
    free = {(tmp_path / f"free-{child}").read_text() for child in range(3)} | {model.sample(30).to_csv()}
    assert len(free) == 4
    assert {(tmp_path / f"seeded-{child}").read_text() for child in range(3)} == {expected}


def test_no_seed_moves_no_stream_of_the_program():
    before = global_streams()
    model = TabGAN(max_steps=2, verbose=0).fit(load_adult()[["age", "sex"]].head(50))
    model.sample(5)
    with pytest.raises(ValueError, match="row"):
        TabGAN(max_steps=2, verbose=0).fit(load_adult().head(1))
    assert global_streams() == before
