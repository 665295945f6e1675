"""The benchmarks of imputation and prediction, on a small table from end to end."""

import sys

import numpy as np
import pandas as pd
import pytest

from benchmarks import impute, predict, results

pytestmark = pytest.mark.slow  # trains networks


def test_coverage_of_a_further_draw_is_what_it_should_be():
    rng = np.random.default_rng(0)
    # 19 of 21; three standard errors of 20,000 are 0.6 %. Also where nearly all numbers are the same.
    for draw in (rng.normal, lambda size: (rng.random(size) < 0.05).astype(float)):
        assert impute.coverage(draw(size=(20, 20_000)), draw(size=20_000), rng) == pytest.approx(
            19 / 21, abs=0.007
        )


def test_holes_by_value_hit_the_great():
    table = pd.DataFrame({"a": np.arange(10_000.0)})
    gone = impute.holes(table, "by value", np.random.default_rng(0))[:, 0]
    assert gone.mean() == pytest.approx(0.2, abs=0.015)
    assert gone[5000:].mean() == pytest.approx(0.3, abs=0.02)


def test_all_methods_fill_everything(folder, tmp_path, monkeypatch, capsys):
    arguments = [str(folder), "--set", "max_steps=5", "--results", str(tmp_path / "r.jsonl")]
    monkeypatch.setattr(sys, "argv", ["impute", *arguments])
    impute.main()
    rows = results.read(tmp_path / "r.jsonl")
    assert len(rows) == 12
    error = {row["method"]: row["error"] for row in rows if row["removed"] == "at random"}
    assert error["MICE by forests"] < error["mean, most frequent"]
    assert "| MICE by forests |" in capsys.readouterr().out


def test_predictions_are_scored(folder, tmp_path, monkeypatch, capsys):
    arguments = [str(folder), "--set", "max_steps=5", "--results", str(tmp_path / "r.jsonl")]
    monkeypatch.setattr(sys, "argv", ["predict", *arguments])
    predict.main()
    (row,) = results.read(tmp_path / "r.jsonl")
    assert (row["score"], row["rows"]) == ("AUC", 100)
    assert row["lightgbm"] > 0.9
    assert "| iris, species | AUC |" in capsys.readouterr().out
