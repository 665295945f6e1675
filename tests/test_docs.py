"""Documents that run: the README's Python as printed, and what else the documents promise."""

import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pandas as pd
import pytest

from tabgan import load_adult, load_iris

pytestmark = pytest.mark.slow  # trains networks, or waits for other processes

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def test_the_first_screen_runs_as_printed(tmp_path):
    code = "\n".join(blocks(README, "python"))
    assert "TabGAN(random_state=0).fit(df)" in code
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", f"{code}\nassert synthetic.shape == (100, 5)"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["iris.tabgan", "report.html"]


PAGES = ["coming-from", "choosing-settings", "callbacks", "differential-privacy", "conditions", "questions"]
PRINTED = ("conditions",)  # pages that show what their code prints


@pytest.mark.parametrize("page", PAGES)
def test_pages_run_as_printed(page, tmp_path):
    text = (ROOT / f"docs/{page}.md").read_text(encoding="utf-8")
    code = [
        block
        for block in blocks(text, "python")
        if all(find_spec(library) for library in ("optuna", "mlflow", "tensorboard") if library in block)
    ]
    assert code
    run = subprocess.run(
        [sys.executable, "-c", "\n".join(code)],
        cwd=tmp_path, env={**os.environ, "MPLBACKEND": "Agg"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    if page in PRINTED:
        assert run.stdout == "".join(blocks(text, "text"))


def test_every_page_is_in_a_section():
    listed = {
        line.strip()
        for page in (ROOT / "docs").glob("*.md")
        for block in re.findall(r"```\{toctree\}\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
        for line in block.splitlines()
    }
    assert {path.stem for path in (ROOT / "docs").glob("*.md")} - {"index"} <= listed


def test_commands_that_documents_name_exist():
    from tabgan.cli import tabgan

    targets = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for document in [
        README,
        (ROOT / "CONTRIBUTING.md").read_text(),
        (ROOT / "docs/quickstart.md").read_text(),
        (ROOT / "docs/command-line.md").read_text(),
    ]:
        for line in "\n".join(blocks(document, "console")).splitlines():
            match line.removeprefix("$ ").split():
                case ["make", target, *_]:
                    assert target in targets
                case ["tabgan", command, *_]:
                    assert command in tabgan.commands


@pytest.mark.parametrize("document", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"])
def test_links_inside_the_repository_lead_somewhere(document):
    targets = re.findall(r"\]\((?!http)([^)#]+)", (ROOT / document).read_text(encoding="utf-8"))
    assert [target for target in targets if not (ROOT / target).exists()] == []


def test_bundled_tables():
    adult, iris = load_adult(), load_iris()
    assert adult.shape == (5000, 15)
    # The share in the 32,561 rows of the source is 0.24081.
    assert round((adult["income"] == ">50K").mean(), 4) == 0.2408
    assert adult.select_dtypes("number").shape[1] == 6
    assert adult.notna().all(axis=None)
    assert iris.shape == (150, 5)
    assert iris["species"].value_counts().to_dict() == {"setosa": 50, "versicolor": 50, "virginica": 50}
    pd.testing.assert_frame_equal(load_iris(), iris)  # a frame of the caller's own, each time
