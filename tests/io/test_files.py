"""Tables and models on disk: what is written comes back, and what is broken is said to be broken."""

import json
import os
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tabgan.io import models, tables


def model(tmp_path: Path) -> Path:
    path = tmp_path / "a.tabgan"
    models.save_model(path, {"columns": ["ü", 1]}, {"w": np.arange(6.0, dtype="float32").reshape(2, 3)})
    return path


class TestTables:
    @pytest.mark.parametrize("ending", [".csv", ".csv.gz", ".parquet", ".pq"])
    def test_comes_back(self, tmp_path, ending):
        frame = pd.DataFrame(
            {
                "zip": ["01234", "98765", None],
                "gaps": pd.array([1, None, 2**53 + 1], dtype="Int64"),
                "day": pd.to_datetime(["2024-02-29", None, "1999-12-31"]),
                "price": [1.25, -3.0, 1e-300],
                "flag": [True, False, True],
                "text": ["a,b", "ü\n", '"'],
            }
        )
        tables.write_table(frame, tmp_path / f"table{ending}")
        back = tables.read_table(tmp_path / f"table{ending}")
        # The unit of a datetime differs between pandas 2 and 3 and between the formats.
        back["day"] = back["day"].astype(frame["day"].dtype)
        # Which null stands for a missing string differs as well.
        pd.testing.assert_frame_equal(back.fillna({"zip": "?"}), frame.fillna({"zip": "?"}))

    def test_the_last_ending_counts(self, tmp_path):
        tables.write_table(pd.DataFrame({"zip": ["01234"]}), tmp_path / "all.csv.parquet")
        assert pd.read_parquet(tmp_path / "all.csv.parquet")["zip"].tolist() == ["01234"]
        assert tables.read_table(tmp_path / "all.csv.parquet")["zip"].tolist() == ["01234"]

    def test_dates_with_a_time_zone(self, tmp_path):
        (tmp_path / "t.csv").write_text("when\n2024-01-01T10:00:00Z\n2024-01-02T11:30:00Z\n")
        assert str(tables.read_table(tmp_path / "t.csv")["when"].dt.tz) == "UTC"

    @pytest.mark.parametrize("value", ["2024-13-45", "2024-1-1", "soon"])
    def test_what_is_no_date_stays_text(self, tmp_path, value):
        (tmp_path / "t.csv").write_text(f"when\n{value}\n2024-01-01\n")
        assert tables.read_table(tmp_path / "t.csv")["when"].tolist() == [value, "2024-01-01"]

    def test_mixed_offsets_stay_text(self, tmp_path):
        written = ["2024-01-01T10:00:00+01:00", "2024-07-01T10:00:00+02:00"]
        (tmp_path / "t.csv").write_text("\n".join(["when", *written]))
        assert tables.read_table(tmp_path / "t.csv")["when"].tolist() == written

    def test_zero_itself_is_a_number(self, tmp_path):
        (tmp_path / "t.csv").write_text("a,b\n0,0.5\n1,-0.25\n")
        assert tables.read_table(tmp_path / "t.csv").dtypes.astype(str).tolist() == ["int64", "float64"]

    def test_an_empty_column_stays_empty(self, tmp_path):
        (tmp_path / "t.csv").write_text("a,b\n1,\n2,\n")
        assert tables.read_table(tmp_path / "t.csv")["b"].isna().all()

    @pytest.mark.parametrize("name", ["t.txt", "t", "csv"])
    def test_unknown_ending(self, tmp_path, name):
        with pytest.raises(ValueError, match=r"expected one of \.csv"):
            tables.read_table(tmp_path / name)
        with pytest.raises(ValueError, match=r"expected one of \.csv"):
            tables.write_table(pd.DataFrame({"a": [1]}), tmp_path / name)

    @pytest.mark.parametrize("name", ["t.csv", "t.parquet"])
    @pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00garbage\x00,\xff\n\x81"])
    def test_not_a_table(self, tmp_path, name, content):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(ValueError, match="cannot be read as"):
            tables.read_table(tmp_path / name)

    @pytest.mark.parametrize(
        ("content", "complaint"),
        [
            ("a,b\n1,2,3\n", "more fields"),
            ("a;b\n1;2\n", "separated by ';'"),
            ("a;b\n1,5;2\n3,5;4\n", "separated by ';'"),
            ("", "table: it is empty"),
            (
                "a,b\n1,\udce9\n",
                "table: it is not written in utf-8; name another",
            ),
            ("a,b\n1,2\n3,4,5\n", "table: line 3 has 3 fields, and those before it 2; put a field"),
            ('a,b\n1,2\n3,"4\n', "table: a double quote is never closed"),
            ("zip,x,zip\n1,2,3\n", "columns of the same name: .'zip'.; rename"),
        ],
    )
    def test_not_the_fields_one_thinks(self, tmp_path, content, complaint):
        (tmp_path / "t.csv").write_bytes(content.encode("utf-8", "surrogateescape"))
        with pytest.raises(ValueError, match=complaint):
            tables.read_table(tmp_path / "t.csv")

    def test_like_another_table(self, tmp_path):
        real = pd.DataFrame({"zip": ["01234", "98765"], "whole": [1, 2], "size": pd.Categorical(["s", "l"])})
        (tmp_path / "t.csv").write_text("zip,whole,size,new\n98765,2.0,l,1\n11111,3.0,s,2\n")
        read = tables.read_table(tmp_path / "t.csv", like=real)
        assert read.dtypes.drop("new").equals(real.dtypes)
        assert read["zip"].tolist() == ["98765", "11111"]

    def test_values_win_over_the_dtypes_of_another_table(self, tmp_path):
        (tmp_path / "t.csv").write_text("a\n1.5\nx\n")
        assert tables.read_table(tmp_path / "t.csv", like=pd.DataFrame({"a": [1]}))["a"].tolist() == [
            "1.5",
            "x",
        ]

    def test_not_there(self, tmp_path):
        with pytest.raises(FileNotFoundError):
            tables.read_table(tmp_path / "no.csv")

    def test_parquet_wants_names(self, tmp_path):
        with pytest.raises(ValueError, match=r"column names that are strings, got \[7\]"):
            tables.write_table(pd.DataFrame({7: [1]}), tmp_path / "t.parquet")

    def test_a_failure_leaves_the_old_file_alone(self, tmp_path):
        path = tmp_path / "t.parquet"
        tables.write_table(pd.DataFrame({"a": [1]}), path)
        with pytest.raises(Exception, match="object"):
            tables.write_table(pd.DataFrame({"a": [object(), 1]}), path)
        assert tables.read_table(path)["a"].tolist() == [1]
        assert os.listdir(tmp_path) == ["t.parquet"]


class TestModels:
    def test_comes_back(self, tmp_path):
        arrays = {
            "weights": np.linspace(0, 1, 6, dtype="float32").reshape(2, 3).T,  # not contiguous
            "scalar": np.array(3, dtype="int64"),
            "empty": np.zeros((0, 4)),
            "flags": np.array([True, False]),
        }
        models.save_model(tmp_path / "m.tabgan", {"ü": [1, None, 0.1]}, arrays)
        header, back = models.load_model(tmp_path / "m.tabgan")
        assert header == {"ü": [1, None, 0.1]}
        assert set(back) == set(arrays)
        for name, array in arrays.items():
            np.testing.assert_array_equal(back[name], array, strict=True)

    def test_same_model_same_bytes(self, tmp_path):
        first = model(tmp_path).read_bytes()
        assert model(tmp_path).read_bytes() == first

    def test_two_members_and_no_more(self, tmp_path):
        with zipfile.ZipFile(model(tmp_path)) as archive:
            assert archive.namelist() == ["model.json", "weights.safetensors"]

    @pytest.mark.parametrize("share", [0.001, 0.2, 0.5, 0.9, 0.999])
    def test_truncated(self, tmp_path, share):
        path = model(tmp_path)
        whole = path.read_bytes()
        path.write_bytes(whole[: max(2, int(len(whole) * share))])
        with pytest.raises(ValueError, match="damaged or incomplete"):
            models.load_model(path)

    def test_every_flipped_byte_is_an_error_or_harmless(self, tmp_path):
        path = model(tmp_path)
        whole = path.read_bytes()
        expected = models.load_model(path)
        silent = []
        for position in range(len(whole)):
            path.write_bytes(whole[:position] + bytes([whole[position] ^ 0xFF]) + whole[position + 1 :])
            try:
                header, arrays = models.load_model(path)
            except ValueError:
                continue
            if header != expected[0] or not np.array_equal(arrays["w"], expected[1]["w"]):
                silent.append(position)
        assert silent == []

    @pytest.mark.parametrize("content", [b"", b"hello", b"\x80\x04N.", b"a,b\n1,2\n"])
    def test_foreign(self, tmp_path, content):
        (tmp_path / "m.tabgan").write_bytes(content)
        with pytest.raises(ValueError, match="is not a tabgan model"):
            models.load_model(tmp_path / "m.tabgan")

    @pytest.mark.parametrize("document", [[], {"format": "another"}, {}])
    def test_foreign_zip(self, tmp_path, document):
        with zipfile.ZipFile(tmp_path / "m.zip", "w") as archive:
            archive.writestr("model.json", json.dumps(document))
        with pytest.raises(ValueError, match="is not a tabgan model"):
            models.load_model(tmp_path / "m.zip")

    def test_newer_format(self, tmp_path):
        with zipfile.ZipFile(tmp_path / "m.tabgan", "w") as archive:
            document = {"format": "tabgan-model", "format_version": 999, "tabgan_version": "9.0", "model": {}}
            archive.writestr("model.json", json.dumps(document))
        with pytest.raises(ValueError, match=r"written by tabgan 9\.0.*install the newer tabgan"):
            models.load_model(tmp_path / "m.tabgan")

    def test_weights_are_missing(self, tmp_path):
        with zipfile.ZipFile(tmp_path / "m.tabgan", "w") as archive:
            document = {"format": "tabgan-model", "format_version": models.FORMAT_VERSION, "model": {}}
            archive.writestr("model.json", json.dumps(document))
        with pytest.raises(ValueError, match="damaged or incomplete"):
            models.load_model(tmp_path / "m.tabgan")

    def test_not_there(self, tmp_path):
        (tmp_path / "iris.tabgan").touch()
        for name, said in [
            ("irs.tabgan", r"did you mean 'iris\.tabgan'\?"),
            ("x", "check its name and its f"),
        ]:
            with pytest.raises(FileNotFoundError, match=f"there is no file {tmp_path}/{name}; {said}"):
                models.load_model(tmp_path / name)
        with pytest.raises(FileNotFoundError, match=f"since there is no folder {tmp_path}/no; check both"):
            models.load_model(tmp_path / "no" / "iris.tabgan")

    def test_header_that_json_cannot_hold(self, tmp_path):
        with pytest.raises(TypeError):
            models.save_model(tmp_path / "m.tabgan", {"a": object()}, {})
        assert os.listdir(tmp_path) == []
