"""Names and values that cannot be shown, encoded or squared as they are."""

import io
import json

import numpy as np
import pandas as pd
import pytest
import scipy.sparse

from tabgan import evaluate
from tabgan.evaluation.text import shown

N = 300
RNG = np.random.default_rng(0)
FRAME = pd.DataFrame({"x": RNG.normal(size=N), "s": RNG.choice(list("abc"), N)})


def test_what_cannot_be_seen_is_escaped():
    assert shown("a\ud800b\x00\u202e\n") == "a\\ud800b\\x00\\u202e\\n"
    assert shown("Größe 数 👩\u200d🔬 $x$") == "Größe 数 👩\u200d🔬 $x$"
    assert shown(("a", 1)) == "('a', 1)"


@pytest.mark.slow
@pytest.mark.parametrize("odd", ["a\ud800", "a\x00b", "\u202eabc", "a$\\frac{b$", "$_b"])
def test_odd_names_and_categories_come_through(odd, tmp_path):
    frame = FRAME.rename(columns={"x": odd}).assign(s=FRAME["s"].replace("a", odd))
    report = evaluate(frame, frame[::-1], random_state=0)
    # The row of the real table is found, whichever way its text is encoded.
    assert report.details["copies"]["exact"] == 1
    assert shown(odd) in json.loads(report.to_json(tmp_path / "r.json"))["columns"][0]["column"]
    assert "\x00" not in report.to_html(tmp_path / "r.html")
    report.plot().savefig(io.BytesIO())


@pytest.mark.slow
def test_numbers_whose_squares_overflow_are_compared():
    huge = RNG.uniform(-1.7, 1.7, N) * 1e308
    report = evaluate(FRAME.assign(x=huge), FRAME.assign(x=huge / 2)[::-1], random_state=0)
    row = report.columns[0]
    # A quarter: half of the range, of uniform numbers; its standard error is about 0.03.
    assert 0.15 < row.distance < 0.35
    # The mean distance of the two, in the units of the column.
    assert row.wasserstein == pytest.approx(0.425e308, rel=0.2)
    assert any("e+307" in label or "e+308" in label for label in report.charts["columns"][0]["labels"])


@pytest.mark.slow
def test_sparse_columns_are_compared():
    frame = FRAME.assign(z=pd.arrays.SparseArray(RNG.integers(0, 3, N), fill_value=0))
    report = evaluate(frame, frame.assign(z=frame["z"].sparse.to_dense() + 1), random_state=0)
    assert max(report.columns, key=lambda row: row.distance).column == "z"


@pytest.mark.parametrize(
    ("table", "remedy"),
    [
        (
            scipy.sparse.random(9, 2, 0.5, format="csr"),
            r"csr_matrix; turn it into one by pd.*from_spmatrix\(real\)",
        ),
        (FRAME.to_numpy(), r"ndarray; turn it into one by pd.DataFrame\(real\)"),
        ({"x": [1, 2]}, "dict; turn it into one by pd.DataFrame"),
    ],
)
def test_what_is_no_frame_is_refused_with_the_remedy(table, remedy):
    with pytest.raises(TypeError, match=remedy):
        evaluate(table, table)
