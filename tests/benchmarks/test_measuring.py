"""The benchmarks: what they print, what they skip, and one measurement from end to end. No peers needed."""

import math
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import folders, measuring, peers, results, table, width
from benchmarks.__main__ import main

pytestmark = pytest.mark.slow  # trains networks, or waits for other processes

ROOT = Path(__file__).parents[2]


def row(name="adult", seed=0, auc=0.6, method="tabgan", **fields):
    judge = {
        "c2st_gbdt_auc": auc, "c2st_gbdt_auc_reference": 0.505,
        "pair_error_fixed_bins": 3.0, "pair_floor": 2.0,
        "trend_error": 2.0, "trend_floor": 1.5, "shape_error": 0.5, "shape_floor": 0.6,
        "mle": 0.81, "mle_real": 0.9, "mle_gap": 0.09, "alpha_precision": 99.0, "beta_recall": 45.0,
        "dcr_excess": 1.0, "dcr_excess_se": 3.0,
    }  # fmt: skip
    return {
        "benchmark": "fit", "table": name, "method": method, "seed": seed, "version": "1", "parameters": {},
        "torch": "2", "threads": 1, "machine": "m", "date": "2026-01-01", "fit_cpu_s": 100, "fit_wall_s": 110,
        "peak_MiB": 500, "sample_rows_per_s": 70000, "judge": judge, **fields,
    }  # fmt: skip


def lines(text):
    """Markdown -> first cell of each line -> the other cells."""
    cells = [
        [part.strip() for part in line.strip("|").split("|")] for line in text.splitlines() if "|" in line
    ]
    return {first: rest for first, *rest in cells}


# --- The results file ---------------------------------------------------------------------------------------


def test_rows_are_appended_and_read_back(tmp_path):
    path = tmp_path / "new" / "results.jsonl"
    assert results.read(path) == []
    results.append(path, row(seed=0))
    results.append(path, row(seed=1))
    assert results.read(path) == [row(seed=0), row(seed=1)]


def test_rows_of_before_are_fits_of_tabgan(tmp_path):
    path = tmp_path / "results.jsonl"
    path.write_text('{"table": "adult", "tabgan": "0.1.0", "seed": 0, "parameters": {}}\n\n')
    (old,) = results.read(path)
    assert (old["method"], old["version"], old["benchmark"]) == ("tabgan", "0.1.0", "fit")


def test_the_results_of_the_repository_can_be_printed():
    rows = table.scored(results.read())
    text = table.comparison(results.latest(rows), table.chosen(None, (r["table"] for r in rows)), ["tabgan"])
    assert "trees' AUC" in text


@pytest.mark.parametrize(
    ("change", "there"),
    [
        ({}, True),
        ({"date": "2027-01-01", "fit_cpu_s": 1}, True),
        ({"table": "magic"}, False),
        ({"seed": 1}, False),
        ({"method": "ctgan"}, False),
        ({"version": "2"}, False),
        ({"parameters": {"batch_size": 8}}, False),
    ],
)
def test_what_stands_already(change, there):
    assert results.stands({**row(), **change}, [row()]) is there


def test_parameters_stand_in_any_order():
    first, second = {"a": 1, "b": 2}, {"b": 2, "a": 1}
    assert results.stands(row(parameters=first), [row(parameters=second)])


def test_the_latest_measurement_counts():
    rows = [row(auc=0.7), row(auc=0.6, version="2"), row(seed=1)]
    assert [(r["seed"], r["judge"]["c2st_gbdt_auc"]) for r in results.latest(rows)] == [(0, 0.6), (1, 0.6)]


# --- Printed tables -----------------------------------------------------------------------------------------


def test_one_method_has_a_column_a_table_and_the_mean():
    rows = [row(auc=0.6), row(seed=1, auc=0.7), row("magic", auc=0.5), row("magic", seed=1, auc=0.5)]
    text = lines(table.comparison(rows, ["adult", "magic"], ["tabgan"]))
    assert text["figure"] == ["adult (2 seeds)", "magic (2 seeds)", "mean"]
    assert text["trees' AUC"] == [
        "0.650 (0.600 to 0.700)", "0.500 (0.500 to 0.500)", "0.575 (0.550 to 0.600)",
    ]  # fmt: skip
    assert text["pair error / floor"][0] == "1.50 (1.50 to 1.50)"
    assert text["MLE gap to real, %"][0] == "10.0 (10.0 to 10.0)"
    # Errors of independent tables add in squares: sqrt(3^2 + 3^2) / 2 = 2.1.
    assert text["DCR excess, %"][1:] == ["1.0 ± 3.0 (1.0 to 1.0)", "1.0 ± 2.1 (1.0 to 1.0)"]
    assert text["sampling, rows a second"][0].startswith("70,000")


def test_several_methods_stand_side_by_side_and_share_the_tables_of_the_mean():
    rows = [
        *(row(name, auc=auc) for name, auc in [("adult", 0.6), ("magic", 0.5), ("beijing", 0.9)]),
        *(row(name, auc=1.0, method="ctgan", parameters={"epochs": 3}) for name in ("adult", "magic")),
    ]
    text = table.comparison(rows, ["adult", "magic", "beijing"], ["tabgan", "ctgan"])
    adult, magic, beijing, mean = text.split("###")[1:]
    assert lines(adult)["figure"] == ["real rows", "tabgan (1 seed)", "ctgan, epochs=3 (1 seed)"]
    assert lines(adult)["trees' AUC"] == ["0.505", "0.600", "1.000"]
    assert lines(beijing)["figure"] == ["real rows", "tabgan (1 seed)"]
    assert mean.startswith(" Mean of adult, magic\n")
    assert lines(mean)["trees' AUC"] == ["0.550", "1.000"]
    assert "5 fits; ctgan 1, tabgan 1; PyTorch 2; threads: 1; m; 2026-01-01." in mean
    assert lines(magic)["trees' AUC"] == ["0.505", "0.500", "1.000"]


def test_a_figure_that_was_not_measured_is_a_dash():
    incomplete = row()
    del incomplete["judge"]["trend_error"], incomplete["peak_MiB"]
    text = lines(table.comparison([incomplete], ["adult"], ["tabgan"]))
    assert text["trend error, %"] == text["peak memory, MiB"] == ["-"]


def test_ablation_compares_on_the_same_tables_and_seeds():
    without = {"parameters": {"refine": False}}
    rows = [
        row(auc=0.6), row(seed=1, auc=0.6), row("magic", auc=0.5),
        row(auc=0.7, **without), row(seed=1, auc=0.8, **without), row("beijing", auc=0.9, **without),
        row(auc=0.1, version="2"),
    ]  # fmt: skip
    text = lines(table.ablations(rows))
    assert list(text)[2:4] == ["defaults", "refine=false"]
    assert text["defaults"][:3] == ["2", "3", "0.567"]
    # Differences 0.1 and 0.2: mean 0.15, standard error 0.0707 / sqrt(2) = 0.05. Beijing has no partner.
    assert text["refine=false"][:3] == ["2", "3", "0.800 (+0.150 ± 0.050)"]


def test_ablation_of_one_setting_says_so():
    assert "more than one setting" in table.ablations([row()])


def test_quick_judgements_are_left_out():
    quick = row()
    quick["judge"]["fast"] = True
    assert table.scored([quick, row(seed=1), {"benchmark": "width"}]) == [row(seed=1)]


# --- Width --------------------------------------------------------------------------------------------------


def test_exponent_is_that_of_a_power_law():
    widths = [10, 30, 100, 300]
    assert width.exponent(widths, [2 * w**1.5 for w in widths]) == pytest.approx(1.5)
    assert math.isnan(width.exponent([10], [1]))


def test_width_prints_growth_line_by_line():
    rows = [
        {"columns": c, "encoded_width": 2 * c, "step_cpu_ms": ms} for c, ms in [(10, 1), (100, 1), (1000, 10)]
    ]
    text = width.markdown(rows)
    assert lines(text)["1,000"] == ["2,000", "10.0", "1.00"]
    assert lines(text)["100"] == ["200", "1.0", "0.00"]
    assert text.endswith("to the power of 0.50.")


def test_width_measures_steps():
    measured = width.measure(8, n_rows=200, steps=2, parameters={})
    assert measured["columns"] == 8
    assert measured["encoded_width"] >= 8
    assert measured["step_cpu_ms"] > 0


# --- Measuring ----------------------------------------------------------------------------------------------


JUDGE = """
import json, sys
import pandas as pd
train, synthetic = (pd.read_parquet(sys.argv[i]) for i in (1, 3))
figures = {"c2st_gbdt_auc": 0.5, "same_rows": len(train) == len(synthetic), "words": "no number"}
json.dump(figures, open(sys.argv[6], "w"))
"""


def test_measured_once_then_skipped(folder, tmp_path, monkeypatch, capsys):
    (tmp_path / "judge.py").write_text(JUDGE)
    path = tmp_path / "results.jsonl"
    words = [str(folder), "--judge", str(tmp_path / "judge.py"), "--results", str(path), "--missing"]
    words += ["--set", "max_steps=3", "--speed-rows", "10"]
    monkeypatch.setattr(sys, "argv", ["benchmarks", *words])
    for _ in range(2):
        with pytest.raises(SystemExit, match=r"^0$"):
            main()
    assert "stands already" in capsys.readouterr().err
    (measured,) = results.read(path)
    assert (measured["table"], measured["method"], measured["rows"]) == ("iris", "tabgan", 100)
    assert (measured["seed"], measured["parameters"], measured["steps"]) == (0, {"max_steps": 3}, 3)
    assert measured["judge"] == {"c2st_gbdt_auc": 0.5, "same_rows": True}
    assert measured["version"] == measuring.tabgan_version()
    assert min(measured[name] for name in ("fit_cpu_s", "fit_wall_s", "peak_MiB", "sample_rows_per_s")) > 0


def test_a_failure_is_told_and_the_others_go_on(folder, tmp_path, capsys):
    bench = measuring.Bench(tmp_path / "results.jsonl")
    # No interpreter of the tests has this method's package.
    failed = bench.run([measuring.Job("tvae", folder, 0, {}), measuring.Job("ctgan", folder, 0, {})])
    assert failed == 2
    assert "PackageNotFoundError" in capsys.readouterr().err
    assert results.read(bench.results) == []


def test_a_folder_that_lacks_a_file_is_named(folder):
    (folder / "test.parquet").unlink()
    with pytest.raises(ValueError, match=r"lacks test\.parquet"):
        folders.meta_of(folder)


def test_command_lines():
    assert measuring.parse_settings(["a=1", 'b="x=y"']) == {"a": 1, "b": "x=y"}
    assert measuring.parse_seeds("3,1") == [3, 1]
    assert peers.parse_settings(["tvae.epochs=1", "tvae.l2scale=0.1"]) == {
        "tvae": {"epochs": 1, "l2scale": 0.1}
    }
    assert peers.python_of("tabgan", "other") == sys.executable
    assert peers.python_of("cart", "other") == sys.executable
    assert peers.python_of("ctgan", "other") == "other"


def test_peers_that_are_not_installed_are_left_out_and_named(capsys):
    assert peers.chosen(None, sys.executable) == ["tabgan", "cart", "gaussian_copula"]
    assert capsys.readouterr().err == "not installed: tabularargn, arfpy, tvae, ctgan\n"
    assert peers.chosen("ctgan,tabgan", sys.executable) == ["ctgan", "tabgan"]


def test_a_peer_is_judged_by_the_judge_of_the_repository(folder, tmp_path):
    bench = measuring.Bench(tmp_path / "results.jsonl", speed_rows=10)
    assert bench.run([measuring.Job("cart", folder, 0, {"leaf": 10})]) == 0
    (measured,) = results.read(bench.results)
    assert (measured["method"], measured["parameters"]) == ("cart", {"leaf": 10})
    assert {"c2st_gbdt_auc", "pair_floor", "mle_gap", "dcr_excess"} <= set(measured["judge"])
    assert "trees' AUC" in table.comparison([measured], ["iris"], ["cart"])


@pytest.mark.slow
def test_stages_can_be_left_out(folder, tmp_path, capsys):
    bench = measuring.Bench(tmp_path / "results.jsonl", speed_rows=10)
    leave_out = {"max_steps": 2, "without": ["rejection"]}
    jobs = [
        measuring.Job("tabgan", folder, 0, leave_out),
        measuring.Job("tabgan", folder, 0, {"without": ["all"]}),
    ]
    assert bench.run(jobs) == 1
    assert "no stage is named all; there are marginals, transport" in capsys.readouterr().err
    (measured,) = results.read(bench.results)
    assert measured["parameters"] == leave_out


def test_the_version_is_that_of_the_sources():
    assert measuring.tabgan_version() == measuring.tabgan_version()
    assert len(measuring.tabgan_version().split("+")[1]) == 8
    for name in measuring.SOURCES:
        assert (ROOT / "tabgan" / name).exists(), f"{name} left: say in measuring.SOURCES where it went"


@pytest.mark.parametrize(
    "command",
    [f"benchmarks{name}" for name in (".table", ".peers", ".judge", ".fetch")],
)
def test_commands_say_what_they_are_for(command):
    run = subprocess.run(
        [sys.executable, "-m", command, "--help"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert "usage: python -m" in run.stdout
