"""Texts that are no formulas and no UTF-8, in cells and in names."""

import io

import numpy as np
import pandas as pd
import pytest

from tabgan import evaluate


@pytest.mark.parametrize("names", [("$_$", "$\\frac$"), ("\ud800", "ok"), ("x" * 20_000, "a\x00b\u202e")])
def test_names_and_cells(names, tmp_path):
    rng = np.random.default_rng(0)
    real = pd.DataFrame({names[0]: rng.choice(["$a^$", "\ud800", "b"], 120), names[1]: rng.normal(size=120)})
    report = evaluate(real, real.sample(frac=1, random_state=0), random_state=0)
    assert 0 <= report.score <= 1
    report.plot().savefig(io.BytesIO())
    report.to_html(tmp_path / "report.html")
    assert "<html" in (tmp_path / "report.html").read_text(encoding="utf-8").lower()
    assert report.to_json()
