"""Samples in parts: the same rows however they are taken, and after a kill."""

import itertools
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from tabgan import TabGAN, Unique, load_iris

pytestmark = pytest.mark.slow  # trains networks, or waits for other processes

QUICK = {"max_steps": 10, "random_state": 0, "verbose": 0, "device": "cpu"}


@pytest.fixture(scope="module")
def model():
    return TabGAN(**QUICK).fit(load_iris())


@pytest.fixture(scope="module")
def pairs():
    """A model of an array, of which no row may occur twice."""
    table = np.column_stack([np.arange(200) % 20, np.arange(200) // 20])
    return TabGAN(constraints=[Unique(["x0", "x1"])], **QUICK).fit(table)


def odd_table():
    """Dtypes of all kinds, with values that are missing in most parts of a sample, or in all."""
    rng = np.random.default_rng(0)
    n = 300
    days = pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 900, n), unit="D")
    return pd.DataFrame(
        {
            "id": np.arange(5000, 5000 + 3 * n, 3),
            "code": rng.permutation(np.arange(10_000, 10_000 + 2 * n, 2)),
            "day": days,
            "count": pd.array(rng.integers(0, 1000, n), dtype="Int64"),
            "level": pd.Categorical(rng.choice(["low", "high"], n), ["low", "high", "never"], ordered=True),
            "rare": np.where(np.arange(n) == 7, "seen", None),
            "flag": rng.random(n) < 0.5,
            "none": pd.Series([None] * n, dtype=object),
        }
    )


def test_batches_are_the_same_whatever_was_drawn_before(model):
    whole = list(model.sample_batches(250, batch_rows=100, random_state=3))
    assert [len(part) for part in whole] == [100, 100, 50]
    again = model.sample_batches(250, batch_rows=100, random_state=3)
    next(again)
    model.sample(7)
    assert_frame_equal(next(again), whole[1])
    longer = next(itertools.islice(model.sample_batches(1000, batch_rows=100, random_state=3), 1, None))
    assert_frame_equal(longer, whole[1])
    assert not whole[0].equals(whole[1])


def test_batches_without_a_seed_go_on_with_the_stream(model):
    first, second = (pd.concat(model.sample_batches(60, batch_rows=30)) for _ in range(2))
    assert not first.equals(second)


def test_batches_follow_conditions(model):
    drawn = list(model.sample_batches(90, batch_rows=40, given={"species": "setosa"}, random_state=0))
    assert [len(part) for part in drawn] == [40, 40, 10]
    assert set(pd.concat(drawn)["species"]) == {"setosa"}


def test_no_rows_are_one_empty_part(model, tmp_path):
    (only,) = model.sample_batches(0)
    assert only.shape == (0, 5)
    assert pd.read_parquet(model.sample_to(tmp_path / "out", 0, verbose=0)).shape == (0, 5)


def test_a_folder_holds_what_batches_give(tmp_path):
    table = odd_table()
    model = TabGAN(columns={"id": "identifier", "code": "identifier"}, **QUICK).fit(table)
    folder = model.sample_to(tmp_path / "out", 500, rows_per_part=120, random_state=1, verbose=0)
    files = sorted(folder.glob("*.parquet"))
    assert [len(pd.read_parquet(file)) for file in files] == [120, 120, 120, 120, 20]
    expected = pd.concat(model.sample_batches(500, batch_rows=120, random_state=1), ignore_index=True)
    found = pd.read_parquet(folder)
    assert_frame_equal(found, expected)
    assert (found.dtypes == table.dtypes).all()
    # keys that are numbers differ over all parts, and rise where those of the training table did
    assert found["id"].is_monotonic_increasing
    assert found["id"].is_unique
    assert found["code"].is_unique
    assert not found["code"].is_monotonic_increasing


def test_keys_of_arrays_differ_over_all_batches_too():
    array = np.column_stack([np.arange(1000, 1300), np.random.default_rng(0).integers(0, 9, 300)])
    model = TabGAN(columns={"x0": "identifier"}, **QUICK).fit(array)
    parts = list(model.sample_batches(500, batch_rows=120, random_state=1))
    assert {type(part) for part in parts} == {np.ndarray}
    assert len(np.unique(np.concatenate(parts)[:, 0])) == 500


def test_arrays_get_names(pairs, tmp_path):
    found = pd.read_parquet(pairs.sample_to(tmp_path / "out", 20, random_state=1, verbose=0))
    assert list(found) == ["x0", "x1"]


def test_goes_on_after_a_kill(model, tmp_path):
    model.save(tmp_path / "iris.tabgan")
    folder = tmp_path / "out"
    command = [sys.executable, "-m", "tabgan", "sample", "iris.tabgan", "-n", "8000", "-o", "out/"]
    options = ["--rows-per-part", "200", "--random-state", "5", "--workers", "2", "--verbose", "0"]
    run = subprocess.Popen([*command, *options], cwd=tmp_path)
    try:
        while len(list(folder.glob("part-*"))) < 3:
            assert run.poll() is None, "it ended before it could be killed"
            time.sleep(0.01)
    finally:
        run.kill()
        run.wait()
    time.sleep(0.5)  # its workers follow it
    before = {path: path.stat().st_mtime_ns for path in folder.glob("part-*")}
    assert 3 <= len(before) < 40
    time.sleep(0.5)
    assert len(list(folder.glob("part-*"))) == len(before), "a worker goes on without its parent"
    model.sample_to(folder, 8_000, rows_per_part=200, verbose=0)
    assert all(path.stat().st_mtime_ns == then for path, then in before.items()), "drawn twice"
    whole = pd.concat(model.sample_batches(8_000, batch_rows=200, random_state=5), ignore_index=True)
    assert_frame_equal(pd.read_parquet(folder), whole)
    assert not list(folder.glob(".*")), "what a kill left half written is gone"


def test_a_damaged_part_is_drawn_again(model, tmp_path):
    folder = model.sample_to(tmp_path / "out", 300, rows_per_part=100, random_state=1, verbose=0)
    first, second, third = (folder / f"part-{k:06d}.parquet" for k in range(3))
    content = second.read_bytes()
    first_time = first.stat().st_mtime_ns
    second.write_bytes(content[:-40])
    third.unlink()
    model.sample_to(folder, 300, rows_per_part=100, random_state=1, verbose=0)
    assert second.read_bytes() == content
    assert len(pd.read_parquet(folder)) == 300
    assert first.stat().st_mtime_ns == first_time


def flip(path):
    """Change one bit of the data, which the footer says nothing of."""
    content = bytearray(path.read_bytes())
    content[200] ^= 1
    path.write_bytes(content)


def copy_another(path):
    path.write_bytes(path.with_name("part-000000.parquet").read_bytes())


@pytest.mark.parametrize("damage", [flip, copy_another])
def test_a_part_that_is_not_the_one_that_was_written_is_drawn_again(model, tmp_path, damage):
    settings = {"rows_per_part": 100, "random_state": 1, "verbose": 0}
    folder = model.sample_to(tmp_path / "out", 300, **settings)
    part = folder / "part-000001.parquet"
    content = part.read_bytes()
    damage(part)
    assert part.read_bytes() != content
    model.sample_to(folder, 300, **settings)
    assert part.read_bytes() == content


def test_a_surplus_part_is_refused(model, tmp_path):
    settings = {"rows_per_part": 100, "random_state": 1, "verbose": 0}
    folder = model.sample_to(tmp_path / "out", 300, **settings)
    (folder / "part-000003.parquet").write_bytes((folder / "part-000000.parquet").read_bytes())
    with pytest.raises(
        ValueError, match=r"out holds 'part-000003\.parquet', which is no part of this sample"
    ):
        model.sample_to(folder, 300, **settings)


def test_a_log_that_is_cut_off_or_gone_costs_no_more_than_its_parts(model, tmp_path):
    settings = {"rows_per_part": 100, "random_state": 1, "verbose": 0}
    folder = model.sample_to(tmp_path / "out", 300, **settings)
    before = pd.read_parquet(folder)
    log = folder / "_tabgan-parts.jsonl"
    lines = log.read_text().splitlines()
    assert len(lines) == 3
    for text in (lines[0] + "\n" + lines[1][:40], "[" * 50_000, "", '["part-000000.parquet", 1]'):
        log.write_text(text)
        model.sample_to(folder, 300, **settings)
        assert_frame_equal(pd.read_parquet(folder), before)


@pytest.mark.parametrize("text", ["[" * 50_000, "", "null", "{}", "3"])
def test_a_description_that_is_none_is_refused(model, tmp_path, text):
    folder = model.sample_to(tmp_path / "out", 30, verbose=0)
    (folder / "_tabgan.json").write_text(text)
    with pytest.raises(ValueError, match=r"out/_tabgan\.json cannot be read .*; choose a new folder"):
        model.sample_to(folder, 30, verbose=0)


@pytest.mark.parametrize(("key", "value"), [("entropy", "x"), ("entropy", -1), ("spawn_key", ["x"])])
def test_a_seed_that_is_none_is_refused(model, tmp_path, key, value):
    folder = model.sample_to(tmp_path / "out", 30, verbose=0)
    path = folder / "_tabgan.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {key: value}))
    with pytest.raises(ValueError, match=r"_tabgan\.json cannot be read .*; choose a new folder"):
        model.sample_to(folder, 30, verbose=0)


def test_more_parts_than_names_are_refused(model, tmp_path):
    with pytest.raises(ValueError, match="more than 1,000,000 parts; ask for more rows a part"):
        model.sample_to(tmp_path / "out", 10**21, verbose=0)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"n_samples": 400}, "rows"),
        ({"rows_per_part": 50}, "rows_per_part"),
        ({"random_state": 2}, "random_state"),
        ({"given": {"species": "setosa"}}, "given"),
    ],
)
def test_other_arguments_are_refused(model, tmp_path, change, word):
    settings = {"n_samples": 300, "rows_per_part": 100, "random_state": 1, "verbose": 0}
    folder = model.sample_to(tmp_path / "out", **settings)
    with pytest.raises(ValueError, match=f"another sample, which differs in {word};"):
        model.sample_to(folder, **{**settings, **change})
    assert len(pd.read_parquet(folder)) == 300


def test_another_model_is_refused_but_the_same_one_loaded_is_not(model, pairs, tmp_path):
    folder = model.sample_to(tmp_path / "out", 30, rows_per_part=10, random_state=1, verbose=0)
    model.save(tmp_path / "iris.tabgan")
    (folder / "part-000001.parquet").unlink()
    TabGAN.load(tmp_path / "iris.tabgan").sample_to(folder, 30, rows_per_part=10, verbose=0)
    assert len(pd.read_parquet(folder)) == 30
    with pytest.raises(ValueError, match="differs in the fitted model"):
        pairs.sample_to(folder, 10, rows_per_part=10, verbose=0)


def test_wrong_arguments_are_refused(model, tmp_path):
    with pytest.raises(ValueError, match="n_samples"):
        model.sample_batches(-1)
    with pytest.raises(TypeError, match="n_samples"):
        model.sample_batches(1.5)
    with pytest.raises(ValueError, match="rows per part must be at least 1"):
        model.sample_batches(10, batch_rows=0)
    with pytest.raises(TypeError, match="given must be a mapping"):
        model.sample_batches(1, given=load_iris()[:1])
    with pytest.raises(ValueError, match="workers must be at least 1"):
        model.sample_to(tmp_path / "out", 10, workers=0)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("precious")
    with pytest.raises(ValueError, match=r"not empty.*thesis\.txt"):
        model.sample_to(tmp_path / "mine", 10)
    (tmp_path / "mine" / "_tabgan.json").write_text(json.dumps({"rows": 1}))
    with pytest.raises(ValueError, match="cannot be read"):
        model.sample_to(tmp_path / "mine", 10)
    assert sorted(os.listdir(tmp_path / "mine")) == ["_tabgan.json", "thesis.txt"]
    assert not Path(tmp_path / "out").exists()


def test_a_constraint_on_all_rows_together_needs_one_part(pairs):
    with pytest.raises(ValueError, match="on all rows together"):
        pairs.sample_batches(60, batch_rows=30)
    (only,) = pairs.sample_batches(60, batch_rows=60)
    assert len(np.unique(only, axis=0)) == 60


def test_what_parquet_cannot_hold_is_refused_before_anything_is_drawn(tmp_path):
    frame = load_iris()
    frame["size"] = pd.cut(frame.pop("petal_length"), [0, 2, 5, 9])
    model = TabGAN(max_steps=3, verbose=0, random_state=0, refine=False).fit(frame)
    with pytest.raises(ValueError, match="Parquet cannot hold column 'size'"):
        model.sample_to(tmp_path / "parts", 100)
    assert not list(tmp_path.glob("parts/*.parquet"))
