"""Tables in each format: what is written comes back, whole and in chunks, and what is no table is refused."""

from importlib.util import find_spec

import numpy as np
import pandas as pd
import pytest

from tabgan.io.formats import format_of
from tabgan.io.tables import find_files, read_chunks, read_table, write_table

FRAME = pd.DataFrame({"n": np.arange(250), "x": np.arange(250) / 8, "s": ["a,b", "ü", None, '"', "c"] * 50})
NAMES = [
    "t.csv", "t.tsv", "t.jsonl", "t.ndjson", "t.parquet", "t.pq", "t.feather", "t.arrow",
    "t.csv.gz", "t.tsv.xz", "t.jsonl.bz2", "t.csv.zip", "T.CSV",
    pytest.param("t.xlsx", marks=pytest.mark.skipif(not find_spec("openpyxl"), reason="needs openpyxl")),
]  # fmt: skip


def filled(frame):
    """Missing strings as one value: formats differ in what stands for them."""
    return frame.astype({"s": object}).fillna({"s": "missing"})


@pytest.mark.parametrize("name", NAMES)
def test_what_is_written_comes_back(name, tmp_path):
    path = tmp_path / name
    write_table(FRAME, path)
    pd.testing.assert_frame_equal(filled(read_table(path)), filled(FRAME), check_dtype=False)
    chunks = list(read_chunks(path, 100))
    assert max(map(len, chunks)) <= 100
    again = pd.concat(chunks, ignore_index=True)
    pd.testing.assert_frame_equal(filled(again), filled(FRAME), check_dtype=False)
    assert find_files(tmp_path) == [path]


@pytest.mark.parametrize("name", ["t.txt", "t", "t.gz", "t.parquet.gz", "csv"])
def test_endings_that_tell_nothing_are_refused(name, tmp_path):
    with pytest.raises(
        ValueError, match=r"has no ending that tells its format; expected one of \.csv, \.tsv"
    ):
        format_of(tmp_path / name)


@pytest.mark.parametrize("name", ["t.jsonl", "t.feather", "t.csv.zip", "t.csv.gz", "t.parquet"])
def test_what_is_no_table_is_refused_in_one_sentence(name, tmp_path):
    path = tmp_path / name
    path.write_bytes(b"\x00\x01 no table")
    with pytest.raises((ValueError, OSError)) as caught:
        read_table(path)
    assert "\n" not in str(caught.value)


def test_separators_and_encodings(tmp_path):
    path = tmp_path / "t.csv"
    path.write_bytes("a;b\n1;grün\n2;blau\n".encode("latin-1"))
    frame = read_table(path, sep=";", encoding="latin-1")
    assert frame["b"].tolist() == ["grün", "blau"]
    with pytest.raises(ValueError, match="cannot be read"):
        read_table(path, sep=";")
    with pytest.raises(ValueError, match="'latin-99' is no encoding"):
        read_table(path, sep=";", encoding="latin-99")
    path.write_text("a;b\n1;2\n")
    with pytest.raises(ValueError, match="separated by ';', expected ','"):
        read_table(path)
    write_table(FRAME, tmp_path / "t.parquet")
    with pytest.raises(ValueError, match="no CSV or TSV file, and has no separator"):
        read_table(tmp_path / "t.parquet", sep=";")


def test_files_of_several_formats_are_no_table(tmp_path):
    write_table(FRAME, tmp_path / "a.csv")
    write_table(FRAME, tmp_path / "b.feather")
    with pytest.raises(ValueError, match="several formats"):
        find_files(tmp_path)
