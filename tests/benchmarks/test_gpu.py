"""The benchmark of GPUs, on the CPU at a small size; with a GPU all variants run."""

import sys

import pytest
import torch

from benchmarks import gpu, results

pytestmark = pytest.mark.slow


def run(folder, path, monkeypatch, *words):
    words = [str(folder), "--max-steps", "60", "--sample-rows", "500", "--results", str(path), *words]
    monkeypatch.setattr(sys, "argv", ["gpu", *words])
    gpu.main()
    return results.read(path)


def test_the_cpu_is_measured(folder, tmp_path, monkeypatch, capsys):
    (row,) = run(folder, tmp_path / "results.jsonl", monkeypatch, "--variants", "cpu")
    assert row["steps"] <= 60
    assert min(row[name] for name in ("fit_wall_s", "steps_per_s", "sample_rows_per_s")) > 0
    assert 0.4 < row["c2st_gbdt_auc"] <= 1
    assert row["peak_gpu_MiB"] is None
    assert "| iris | cpu |" in capsys.readouterr().out


def test_a_variant_that_is_unknown_is_refused(folder, tmp_path, monkeypatch, capsys):
    with pytest.raises(SystemExit):
        run(folder, tmp_path / "results.jsonl", monkeypatch, "--variants", "tpu")
    assert "unknown variants tpu; there are gpu; " in capsys.readouterr().err


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
@pytest.mark.filterwarnings("ignore:.torch.jit.script_method. is deprecated:DeprecationWarning")  # compile's
def test_all_variants_run_on_a_gpu(folder, tmp_path, monkeypatch):
    rows = run(folder, tmp_path / "results.jsonl", monkeypatch)
    assert [row["variant"] for row in rows] == list(gpu.VARIANTS)
    assert all(row["peak_gpu_MiB"] > 0 for row in rows if row["variant"] != "cpu")
