"""The benchmark of GPUs, on the CPU at a small size, and on a GPU where there is one."""

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
    (row,) = run(folder, tmp_path / "results.jsonl", monkeypatch, "--devices", "cpu")
    assert row["steps"] <= 60
    assert min(row[name] for name in ("fit_wall_s", "steps_per_s", "sample_rows_per_s")) > 0
    assert 0.4 < row["c2st_gbdt_auc"] <= 1
    assert row["peak_gpu_MiB"] is None
    assert "| iris | " in capsys.readouterr().out


def test_a_device_that_is_unknown_is_refused(folder, tmp_path, monkeypatch, capsys):
    with pytest.raises(SystemExit):
        run(folder, tmp_path / "results.jsonl", monkeypatch, "--devices", "tpu")
    assert "unknown devices tpu; there are cuda, cpu" in capsys.readouterr().err


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_a_gpu_is_measured(folder, tmp_path, monkeypatch):
    on_gpu, on_cpu = run(folder, tmp_path / "results.jsonl", monkeypatch)
    assert on_gpu["peak_gpu_MiB"] > 0
    assert on_cpu["peak_gpu_MiB"] is None
