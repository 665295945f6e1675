"""URLs of fsspec, open files, and standard input: tables and models that are no local files."""

import io

import fsspec
import numpy as np
import pandas as pd
import pytest

import tabgan
from tabgan import DPTabGAN, TabGAN, evaluate, load_iris
from tabgan.adversarial.networks import MLP
from tabgan.io.remote import fetched
from tabgan.io.tables import read_table, write_table

QUICK = {"max_steps": 2, "verbose": 0, "random_state": 0, "refine": False, "backbone": MLP((8,), (8,))}


def frame(n=20):
    day = pd.Timestamp("2024-05-06")
    return pd.DataFrame({"id": [f"{k:03}" for k in range(n)], "x": np.arange(n) / 4, "day": [day] * n})


@pytest.mark.parametrize("ending", [".csv", ".csv.gz", ".tsv", ".parquet", ".feather", ".jsonl"])
def test_a_url_is_written_and_read_like_a_file(ending, tmp_path):
    url, path = f"memory://folder/table{ending}", tmp_path / f"table{ending}"
    write_table(frame(), url)
    write_table(frame(), path)
    pd.testing.assert_frame_equal(read_table(url), read_table(path))
    with fsspec.open(url) as file:
        assert file.read(2) == path.read_bytes()[:2]


@pytest.mark.parametrize(
    "ending", [".csv", ".csv.gz", ".csv.bz2", ".csv.xz", ".parquet", ".feather", ".jsonl"]
)
def test_the_format_of_an_open_file_is_told_by_its_first_bytes(ending, tmp_path):
    path = tmp_path / f"table{ending}"
    write_table(frame(), path)
    pd.testing.assert_frame_equal(read_table(io.BytesIO(path.read_bytes())), read_table(path))


def test_open_files_stay_open_and_may_hold_text():
    text = io.StringIO()
    write_table(frame(), text)
    assert text.getvalue().startswith("id,x,day\n000,0.0,2024-05-06\n")
    text.seek(0)
    pd.testing.assert_frame_equal(read_table(text), frame(), check_dtype=False)
    assert not text.closed
    semicolons = io.StringIO("a;b\n1;2\n")
    assert read_table(semicolons, sep=";").shape == (1, 2)


def test_errors_name_the_place(tmp_path):
    with pytest.raises(OSError, match=r"none\.csv"):
        read_table("memory://none.csv")
    with pytest.raises(ValueError, match=r"nosuch://a\.csv.*nosuch"):
        read_table("nosuch://a.csv")
    fsspec.filesystem("memory").pipe("/broken.parquet", b"PAR1 no more")
    with pytest.raises(ValueError, match=r"^memory://broken\.parquet cannot be read as a \.parquet table"):
        read_table("memory://broken.parquet")
    with pytest.raises(ValueError, match=r"^the open file is not a tabgan model"):
        tabgan.load(io.BytesIO(b"PA"))


def test_a_failure_while_writing_leaves_nothing_there():
    with pytest.raises(ValueError, match="Parquet needs column names"):
        write_table(pd.DataFrame({1: [2]}), "memory://never.parquet")
    assert not fsspec.filesystem("memory").exists("/never.parquet")


def test_copies_are_gone_after_use():
    with fetched(io.BytesIO(b"a,b\n1,2\n")) as path:
        assert path.read_text() == "a,b\n1,2\n"
    assert not path.parent.exists()


def test_from_a_url_to_a_report():
    """Fit, save, load and evaluate; what is at a URL is what is in memory."""
    rows = load_iris()
    write_table(rows, "memory://iris.csv")
    model = TabGAN(**QUICK).fit("memory://iris.csv")
    model.save("memory://models/iris.tabgan")
    opened = io.BytesIO()
    model.save(opened)
    opened.seek(0)
    drawn = TabGAN(**QUICK).fit(read_table("memory://iris.csv")).sample(40, random_state=1)
    for again in (tabgan.load("memory://models/iris.tabgan"), TabGAN.load(opened)):
        pd.testing.assert_frame_equal(again.sample(40, random_state=1), drawn)
    report = evaluate("memory://iris.csv", io.StringIO(drawn.to_csv(index=False)))
    assert report.score == evaluate(rows, drawn).score
    assert report.about["real"] == "memory://iris.csv"
    with pytest.raises(ValueError, match="neither bounds nor categories"):
        DPTabGAN(verbose=0).fit("memory://iris.csv")
