"""Tables in parts: the distribution as in memory, samples with every value, errors that name the part."""

import numpy as np
import pandas as pd
import pyarrow.dataset
import pytest

import tabgan.estimators.training_data
import tabgan.io.chunks
import tabgan.io.subsample
from tabgan import FixedCombinations, Privacy, TabGAN
from tabgan.adversarial.networks import MLP
from tabgan.estimators.training_data import Source, opened
from tabgan.io.chunks import open_parts
from tabgan.io.containers import Containers
from tabgan.io.subsample import sample_of
from tabgan.table import Schema, TableTransformer

pytestmark = pytest.mark.slow  # trains networks, or waits for other processes

QUICK = {
    "max_steps": 3,
    "backbone": MLP(generator=(64, 64), critic=(64, 64)),
    "random_state": 0,
    "verbose": 0,
    "refine": False,
    "device": "cpu",
}


def table(n=1500, seed=0):
    rng = np.random.default_rng(seed)
    city = rng.choice(["Oslo", "Rome", "Bern"], n)
    height = np.where(city == "Oslo", 5.0, 400.0) + rng.random(n).round(3)
    when = pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 10**6, n), unit="s")
    frame = pd.DataFrame({"city": city, "height": height, "count": rng.poisson(90, n), "when": when})
    frame["height"] = frame["height"].mask(rng.random(n) < 0.1)
    return frame


@pytest.fixture
def folder(tmp_path):
    frame = table()
    for k in range(3):
        frame.iloc[500 * k : 500 * (k + 1)].to_parquet(tmp_path / f"{k}.parquet")
    frame.to_csv(tmp_path / "all.csv", index=False)
    return tmp_path


@pytest.fixture
def small(monkeypatch):
    """Chunks, samples and windows so small that a small table needs many."""
    monkeypatch.setattr(tabgan.io.chunks, "CHUNK", 100)
    monkeypatch.setattr(tabgan.io.subsample, "SAMPLE", 400)
    monkeypatch.setattr(tabgan.estimators.training_data, "WINDOW", 400)


def sources(folder):
    frame = table()
    return {
        "pattern": f"{folder}/*.parquet",
        "file": folder / "all.csv",
        "dataset": pyarrow.dataset.dataset([str(folder / f"{k}.parquet") for k in range(3)]),
        "frames": [frame.iloc[:700], frame.iloc[700:]],
        "function": lambda: iter([frame.iloc[:700], frame.iloc[700:]]),
    }


@pytest.mark.parametrize("kind", ["pattern", "file", "dataset", "frames", "function"])
def test_every_form_reads_the_same_table_twice(folder, kind):
    parts = open_parts(sources(folder)[kind])
    for _ in range(2):
        whole = pd.concat([frame for _, frame in parts], ignore_index=True)
        pd.testing.assert_frame_equal(whole, table(), check_dtype=kind != "file")
    sample, n_rows = sample_of(parts, np.random.default_rng(0))
    assert n_rows == 1500
    pd.testing.assert_frame_equal(sample, whole)


def test_a_small_table_in_parts_gives_the_model_that_it_gives_in_memory(tmp_path):
    table().to_parquet(tmp_path / "all.parquet")
    models = [TabGAN(**QUICK).fit(X) for X in (table(), tmp_path / "all.parquet")]
    assert models[0].sample(200).equals(models[1].sample(200))


def test_outermost_rows_of_parts_break_no_constraint_that_holds(tmp_path):
    """Their values are drawn further in, but are right as they are; a row that does break one is named."""
    rng = np.random.default_rng(0)
    start = pd.Timestamp("2022-01-01") + pd.to_timedelta(rng.integers(0, 700, 600), "D")
    dates = pd.DataFrame({"start": start, "end": start + pd.to_timedelta(rng.integers(0, 40, 600), "D")})
    dates.to_parquet(tmp_path / "all.parquet")
    (found,) = TabGAN(**QUICK).fit(tmp_path / "all.parquet").constraints_
    assert str(found) == "start <= end"
    parts = [dates[:300], dates[300:]]
    TabGAN(**QUICK, constraints=["start <= end"]).fit(parts)
    dates.loc[450, "end"] = dates.loc[450, "start"] - pd.Timedelta("1D")
    with pytest.raises(ValueError, match=r"start <= end is broken by 1 of .* training rows, for example row"):
        TabGAN(**QUICK, constraints=["start <= end"]).fit([parts[0], dates[300:]])


def test_a_rare_combination_in_a_part_breaks_nothing():
    """It is a combination of the table, whether or not one record is too few to draw it."""
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"city": rng.choice(["Bonn", "Lyon"], 600), "x": rng.normal(size=600)})
    frame["country"] = frame["city"].map({"Bonn": "DE", "Lyon": "FR"})
    frame.loc[599, ["city", "country"]] = "Bonn", "FR"
    parts = [frame[:300], frame[300:]]
    drawn = TabGAN(**QUICK, constraints=[FixedCombinations(["city", "country"])]).fit(parts).sample(200)
    assert set(zip(drawn["city"], drawn["country"], strict=True)) == {("Bonn", "DE"), ("Lyon", "FR")}


def test_a_sample_is_random_and_has_every_value(small):
    frame = pd.DataFrame({"row": np.arange(3000.0), "rare": "usual", "gap": 1.5})
    frame.loc[2222, "rare"], frame.loc[1717, "gap"] = "once", np.nan
    frames = [frame.iloc[:1100], frame.iloc[1100:]]
    taken = np.zeros(3000)
    for seed in range(20):
        sample, n_rows = sample_of(open_parts(frames), np.random.default_rng(seed))
        assert n_rows == 3000
        assert 400 <= len(sample) <= 405
        assert {0, 1717, 2222, 2999} <= set(sample["row"])
        taken[sample["row"].astype(int)] += 1
    # 20 times 400 of 3000 rows: each third of the table gets 2667, +- 39; and at most 3 x 20 witnesses
    thirds = taken.reshape(3, 1000).sum(1)
    assert np.abs(thirds - thirds.mean()).max() < 5 * 39 + 60


def test_windows_hold_every_row_once_and_each_a_random_part(small, tmp_path):
    frame = pd.DataFrame({"row": np.arange(3000.0), "even": np.arange(3000) % 2 == 0})
    parts = open_parts([frame.iloc[:1100], frame.iloc[1100:]])
    transformer = TableTransformer(Schema.infer(frame, {"row": "continuous"})).fit(frame)
    source = Source(frame, Containers(["row", "even"]), parts, 3000, tmp_path)
    windows = source.encode(transformer, np.random.default_rng(0))
    assert len(windows.shards) == 8
    rows = [transformer.inverse_transform(windows.packing.codes(shard)) for shard in windows.shards]
    whole = pd.concat(rows).sort_values("row", ignore_index=True)
    assert np.abs(whole["row"] - frame["row"]).max() <= 1  # up to what float32 tells apart
    assert (whole["even"] == frame["even"]).mean() > 0.99
    means = np.array([part["row"].mean() for part in rows])
    # 375 rows uniform up to 3000: the mean is 1500 +- 45; five deviations, 1 in 100,000 for eight
    assert np.abs(means - 1499.5).max() < 5 * 45


def test_many_windows_learn_the_same_distribution(small, folder):
    settings = QUICK | {"max_steps": 400}
    drawn = TabGAN(**settings).fit(sources(folder)["pattern"]).sample(2000, random_state=0)
    shares = drawn["city"].value_counts(normalize=True)
    assert np.abs(shares - 1 / 3).max() < 0.06  # +- 0.016 for a sample, and as much for 1500 rows
    oslo = drawn["city"] == "Oslo"
    # in the table all of Oslo is low and all else high; by chance 0.56 of the rows would be right, and six
    # seeds gave 0.71 to 0.92
    assert ((drawn["height"] < 100) == oslo)[drawn["height"].notna()].mean() > 0.65


def test_errors_name_the_part(folder):
    path = f"{folder}/*.parquet"
    (folder / "4.parquet").write_bytes(b"nonsense")
    with pytest.raises(ValueError, match=r"4\.parquet cannot be read"):
        TabGAN(**QUICK).fit(path)
    table(5).drop(columns="city").to_parquet(folder / "4.parquet")
    with pytest.raises(ValueError, match=r"4\.parquet has other columns.*lacks \['city'\]"):
        TabGAN(**QUICK).fit(path)
    table(5).astype({"count": str}).to_parquet(folder / "4.parquet")
    with pytest.raises(ValueError, match=r"4\.parquet: column 'count'"):
        TabGAN(**QUICK).fit(path)
    with pytest.raises(ValueError, match="there is no table at"):
        TabGAN(**QUICK).fit(folder / "nothing.parquet")
    with pytest.raises(ValueError, match="leave y out"):
        TabGAN(**QUICK).fit(path, [1])
    with pytest.raises(ValueError, match="needs a table in memory"):
        TabGAN(**QUICK, privacy=Privacy("rows")).fit(path)


def test_columns_take_the_order_of_the_first_part_and_no_rows_are_refused():
    frame = table(10)
    parts = open_parts([frame, frame[frame.columns[::-1]]])
    assert [list(chunk) for _, chunk in parts] == [list(frame)] * 2
    with pytest.raises(ValueError, match="the table has no rows"):
        list(open_parts([frame[:0], frame[:0]]))


def test_a_cache_is_gone_after_the_fit(small):
    frame = table()
    with opened([frame, frame], None, np.random.SeedSequence(0)) as source:
        transformer = TableTransformer(Schema.infer(source.table)).fit(source.table)
        source.encode(transformer, np.random.default_rng(0))
        assert source.folder.is_dir()
    assert not source.folder.exists()
