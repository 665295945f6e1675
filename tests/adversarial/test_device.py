"""Threads: several where those that wait sleep; elsewhere one, so that busy cores cost no CPU time."""

import subprocess
import sys

import pytest
import torch

from tabgan.adversarial.device import MANY_ROWS, threads_for


@pytest.fixture
def two_threads():
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


@pytest.mark.parametrize(
    ("policy", "rows", "expected"),
    [
        ("PASSIVE", MANY_ROWS, 2),
        ("passive", 10 * MANY_ROWS, 2),
        ("PASSIVE", MANY_ROWS - 1, 1),
        ("ACTIVE", 10 * MANY_ROWS, 1),
        (None, 10 * MANY_ROWS, 1),
    ],
)
def test_how_many(two_threads, monkeypatch, policy, rows, expected):
    monkeypatch.delenv("OMP_WAIT_POLICY", raising=False)
    if policy is not None:
        monkeypatch.setenv("OMP_WAIT_POLICY", policy)
    with threads_for(rows):
        assert torch.get_num_threads() == expected
    assert torch.get_num_threads() == 2


def test_the_command_line_has_threads_sleep():
    code = """
import os
os.environ.pop("OMP_WAIT_POLICY", None)
from tabgan.cli import main
try:
    main(["--version"])
except SystemExit:
    print(os.environ["OMP_WAIT_POLICY"])
"""
    run = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert run.stdout.split()[-1] == "PASSIVE"
