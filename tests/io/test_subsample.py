"""Random samples of large tables: uniform, without replacement, whatever the table is kept in."""

import itertools

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal
from scipy import stats

from tabgan import evaluate, load_iris
from tabgan.cli import main
from tabgan.io.subsample import sample_rows

N = 10_000


@pytest.fixture(scope="module")
def table():
    rng = np.random.default_rng(0)
    zip_code = pd.Series(rng.integers(0, 99_999, N)).map("{:05d}".format)
    return pd.DataFrame({"row": np.arange(N), "x": rng.normal(size=N), "zip": zip_code})


@pytest.fixture(scope="module")
def places(table, tmp_path_factory):
    """The same table in folders of Parquet and of CSV files, and in single ones."""
    folder = tmp_path_factory.mktemp("scan")
    cuts = [0, 100, 4000, 4000, 9000, N]
    for name in ("parquet", "csv"):
        (folder / name).mkdir()
        (folder / name / "_notes.csv").write_text("not a table of ours")
    for k, (start, stop) in enumerate(itertools.pairwise(cuts)):
        part = table.iloc[start:stop]
        part.to_parquet(folder / "parquet" / f"part-{k}.parquet", index=False, row_group_size=700)
        part.to_csv(folder / "csv" / f"part-{k}.csv", index=False)
    return folder


SOURCES = ["parquet", "csv", "parquet/*.parquet", "csv/part-*.csv"]


@pytest.mark.parametrize("place", SOURCES)
def test_all_rows_where_they_are_few(table, places, place):
    found = sample_rows(places / place, N, np.random.SeedSequence(0))
    assert found.n_rows == N
    assert_frame_equal(found.frame, table)


@pytest.mark.parametrize("place", SOURCES)
def test_a_sample_is_uniform_and_without_replacement(table, places, place, monkeypatch):
    monkeypatch.setattr("tabgan.io.chunks.CHUNK", 900)
    found = sample_rows(places / place, 2000, np.random.SeedSequence(1))
    assert found.n_rows == N
    rows = found.frame["row"].to_numpy()
    assert len(np.unique(rows)) == 2000
    assert (np.diff(rows) > 0).all()
    assert_frame_equal(found.frame, table.take(rows).reset_index(drop=True))
    # The seed is fixed. Over seeds, 1 in 1,000 would fail: the null hypothesis is a uniform sample.
    assert stats.kstest((rows + 0.5) / N, "uniform").pvalue > 0.001
    again = sample_rows(places / place, 2000, np.random.SeedSequence(1)).frame
    assert_frame_equal(again, found.frame)
    assert set(sample_rows(places / place, 2000, np.random.SeedSequence(2)).frame["row"]) != set(rows)


def test_dask_frames(table, places):
    dd = pytest.importorskip("dask.dataframe")
    lazy = dd.from_pandas(table, npartitions=7)
    found = sample_rows(lazy, 2000, np.random.SeedSequence(1), like=table)
    rows = found.frame["row"].to_numpy()
    assert found.n_rows == N
    assert len(np.unique(rows)) == 2000
    assert_frame_equal(found.frame, table.take(rows).reset_index(drop=True))
    assert stats.kstest((rows + 0.5) / N, "uniform").pvalue > 0.001


def test_what_cannot_be_read_is_named(table, tmp_path):
    seed = np.random.SeedSequence(0)
    with pytest.raises(ValueError, match="there is no table at"):
        sample_rows(tmp_path / "*.parquet", 10, seed)
    table[:5].to_parquet(tmp_path / "a.parquet", index=False)
    table[:5].drop(columns="x").to_parquet(tmp_path / "b.parquet", index=False)
    with pytest.raises(ValueError, match=r"b\.parquet has other columns than .* it lacks \['x'\]"):
        sample_rows(tmp_path, 10, seed)
    (tmp_path / "b.parquet").write_bytes((tmp_path / "a.parquet").read_bytes()[:-30])
    with pytest.raises(ValueError, match=r"b\.parquet cannot be read"):
        sample_rows(tmp_path, 10, seed)
    table[:5].to_csv(tmp_path / "c.csv", index=False)
    with pytest.raises(ValueError, match="several formats"):
        sample_rows(tmp_path, 10, seed)
    with pytest.raises(ValueError, match="real: there is no table at"):
        evaluate(tmp_path / "nowhere.csv", table)


def test_a_report_on_folders_says_what_it_read(tmp_path, capsys, monkeypatch):
    iris = load_iris()
    (tmp_path / "real").mkdir()
    (tmp_path / "synthetic").mkdir()
    for k in range(4):
        iris.sample(100, random_state=k).to_parquet(tmp_path / "synthetic" / f"{k}.parquet", index=False)
    iris.to_parquet(tmp_path / "real" / "0.parquet", index=False)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as end:
        main(["evaluate", "real", "synthetic/*.parquet", "--max-rows", "200", "--verbose", "0"])
    assert end.value.code == 0
    said = capsys.readouterr().out
    assert "150 real and 200 synthetic rows" in said
    assert "Of the 400 synthetic rows a random sample of 200 was read and compared" in said
