"""Documents that run: the code of every page, its commands, and what else the documents promise."""

import io
import os
import re
import shlex
import shutil
import subprocess
import sys
from contextlib import redirect_stdout
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import pandas as pd
import pytest

from tabgan import TabGAN, load_adult, load_iris
from tabgan.cli import main
from tests.forks import FORKS

pytestmark = pytest.mark.slow  # trains networks, or waits for other processes

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = {path.stem: path.read_text(encoding="utf-8") for path in sorted((ROOT / "docs").glob("*.md"))}
EVERYTHING = {
    "README": README,
    "CONTRIBUTING": (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"),
    **PAGES,
}

PRINTED = ("conditions",)  # pages that show what their code prints
SKETCHES = ("from-gan-to-tabgan",)  # an algorithm in the form of code, with names that stand for nothing

# What the code of a page takes for granted. Networks and trees learn little, where rows need not be good.
FEW_STEPS = """
import tabgan
from tabgan.adversarial.generator import calibration, sampler
from tabgan.adversarial.training import teacher
from tabgan.trees import discriminator, transport
from tabgan.adversarial.networks import MLP
MLP.__init__.__defaults__ = ((32,), (32,), *MLP.__init__.__defaults__[2:])
teacher.PUPIL, teacher.TREES, discriminator.MAX_TREES = MLP(), 1, 20
sampler.BATCH = teacher.LESSON = sampler.MODEL_ROWS = calibration.SHARE_ROWS = 1_000
transport.LEAST_POOL = discriminator.LEAST_POOL = 1_000
for estimator in (tabgan.TabGAN, tabgan.TabVAE, tabgan.DPTabGAN):
    estimator.__init__.__kwdefaults__["max_steps"] = 20
"""
MODEL = """
import pandas as pd
from tabgan import TabGAN, evaluate, load_adult, load_iris
"""
LABELLED = """
from tabgan.augment import source
source.AT_LEAST = source.AT_MOST = 500
small_model = source.small_model
source.small_model = lambda *given: small_model(*given).set_params(max_steps=20)
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
iris = tabgan.load_iris()[:70]  # 50 flowers of one species, 20 of another
X, y = iris.drop(columns="species"), iris["species"]
pipeline, regressor = make_pipeline(StandardScaler(), LogisticRegression()), LinearRegression()
price = X["petal_length"]
tabgan.augmentation_report.__kwdefaults__.update(n_splits=2, n_repeats=1)
for estimator in (tabgan.AugmentedClassifier, tabgan.AugmentedRegressor):
    estimator.__init__.__kwdefaults__["cv"] = 2
"""
BEFORE = {
    "quickstart": FEW_STEPS,
    "evaluation": FEW_STEPS + MODEL + """
people = load_adult()
real, holdout, synthetic = people[:300], people[300:500], people[500:800]
""",
    "augmentation": FEW_STEPS + LABELLED,
    **dict.fromkeys(("callbacks", "choosing-settings", "coming-from", "index", "questions"), FEW_STEPS),
    "differential-privacy": FEW_STEPS,
    "constraints": FEW_STEPS + """
import numpy as np
import pandas as pd
rng = np.random.default_rng(0)
df = pd.DataFrame({"start": rng.integers(0, 50, 300), "net": rng.integers(100, 900, 300)})
df["end"], df["tax"] = df["start"] + rng.integers(0, 50, 300), df["net"] // 5
df["gross"], df["age"] = df["net"] + df["tax"], rng.integers(18, 90, 300)
df["income"], df["city"] = df["age"] * 100, rng.choice(["Rome", "Oslo"], 300)
df["country"] = df["city"].map({"Rome": "Italy", "Oslo": "Norway"})
""",
    "large-samples": FEW_STEPS + MODEL + """
model = TabGAN(verbose=0).fit(load_iris())
for folder in ("data", "out"):
    __import__("pathlib").Path(folder).mkdir()
    load_iris().to_csv(f"{folder}/part.csv", index=False)
""",
    "large-tables": FEW_STEPS + MODEL + """
df = load_iris()
__import__("pathlib").Path("data").mkdir()
df.to_parquet("data/part.parquet")
""",
    "real-tables": FEW_STEPS + MODEL + "model = TabGAN(verbose=0).fit(load_adult())\n",
}  # fmt: skip
# What is large, or far away, in a document -> what stands for it in a test.
SMALLER = {
    "1_000_000_000": "1_000", "250_000": "250", "10_000": "100", "1_000_000": "1_000", "s3://": "memory://",
    "-n 10000 ": "-n 100 ", "load_adult()  #": "load_adult()[:800]  #",
    "load_adult().head(1000)": "load_adult().head(300)", "people[:4000]": "people[:400]",
    "people[4000:]": "people[400:800]",
}  # fmt: skip


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def smaller(text: str) -> str:
    for large, small in SMALLER.items():
        text = text.replace(large, small)
    return text


def commands(text: str) -> list[list[str]]:
    """The commands of a document, without variables and comments before and behind them."""
    lines = "\n".join(blocks(text, "console")).replace("\\\n", " ").splitlines()
    found = [shlex.split(line.removeprefix("$ "), comments=True) for line in lines if line.startswith("$ ")]
    return [words[next(k for k, word in enumerate(words) if "=" not in word) :] for words in found if words]


def execute(code: str, folder: Path, out: Path, err: Path) -> None:
    """Run a program in a folder, with its two streams in files."""
    for stream, path in ((1, out), (2, err)):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT), stream)
    os.chdir(folder)
    os.environ["MPLBACKEND"] = "Agg"
    exec(compile(code, "<page>", "exec"), {"__name__": "__main__"})


@pytest.mark.timeout(900)
@pytest.mark.parametrize("page", [name for name, text in PAGES.items() if "```python" in text])
def test_code_runs_as_printed(page, tmp_path):
    if page in SKETCHES:
        pytest.skip("an algorithm, not a program")
    code = [
        smaller(block) if page in BEFORE else block
        for block in blocks(EVERYTHING[page], "python")
        if all(find_spec(library) for library in ("optuna", "mlflow", "tensorboard") if library in block)
    ]
    assert code
    out, err, folder = tmp_path / "out.txt", tmp_path / "err.txt", tmp_path / "here"
    folder.mkdir()
    process = FORKS.Process(target=execute, args=("\n".join([BEFORE.get(page, ""), *code]), folder, out, err))
    process.start()
    process.join()
    assert process.exitcode == 0, err.read_text()
    if page in PRINTED:
        assert out.read_text() == "".join(blocks(EVERYTHING[page], "text"))


def test_the_first_screen_warns_of_nothing_and_writes_two_files(tmp_path):
    code = "\n".join(blocks(README, "python"))
    assert "TabGAN(random_state=0).fit(df)" in code
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", f"{code}\nassert synthetic.shape == (100, 5)"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["iris.tabgan", "report.html"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with what commands take for granted."""
    folder = tmp_path_factory.mktemp("commands")
    people = load_adult()[:500]
    (folder / "data").mkdir()
    people.to_csv(folder / "data" / "part.csv", index=False)
    people.to_csv(folder / "data.csv", index=False)
    TabGAN(max_steps=20, verbose=0).fit(people).save(folder / "model.tabgan")
    shutil.copy(folder / "model.tabgan", folder / "data.tabgan")
    return folder


@pytest.mark.timeout(900)
@pytest.mark.parametrize("page", [name for name, text in EVERYTHING.items() if "$ tabgan " in text])
def test_commands_run_as_printed(page, folder, monkeypatch, capsys):
    """All but the demo, which has a test of its own."""
    monkeypatch.chdir(folder)
    for words in commands(smaller(EVERYTHING[page])):
        match words:
            case ["tabgan", "fit", *arguments]:
                arguments = ["fit", *arguments, "--max-steps", "20"]
            case ["tabgan", "sample" | "evaluate" | "info" | "schema", *_]:
                arguments = words[1:]
            case _:
                continue
        with pytest.raises(SystemExit) as end:
            main(arguments)
        assert end.value.code == 0, f"{shlex.join(words)}: {capsys.readouterr().err}"


@cache
def help_of(*words: str) -> str:
    folder = ROOT / words[0].replace(".", "/")
    module = import_module(f"{words[0]}.__main__" if folder.is_dir() else words[0])
    shown = io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(shown):
        patch.setattr(sys, "argv", [*words, "--help"])
        with pytest.raises(SystemExit):
            module.main()
    return shown.getvalue()


@pytest.mark.timeout(900)
def test_benchmarks_that_documents_name_have_these_options():
    """They take minutes to hours, and need data of others: tested is that they are there."""
    of_text = re.findall(r"`(python -m benchmarks[^`\n]*)`", "\n".join(EVERYTHING.values()))
    asked = [words for text in EVERYTHING.values() for words in commands(text)]
    for words in [*asked, *(line.split() for line in of_text)]:
        match words:
            case ["python", "-m", module, *arguments] if module.startswith("benchmarks"):
                options = {word.partition("=")[0] for word in arguments if word.startswith("--")}
                # Options of a subcommand stand in its own help.
                places = [help_of(module)]
                places += [
                    help_of(module, word) for word in arguments[:1] if word.isalpha() and word in places[0]
                ]
                assert options <= set(re.findall(r"--[\w-]+", " ".join(places))), words


def test_every_page_is_in_a_section():
    listed = {
        line.strip()
        for text in PAGES.values()
        for block in re.findall(r"```\{toctree\}\n(.*?)```", text, re.DOTALL)
        for line in block.splitlines()
    }
    assert PAGES.keys() - {"index"} <= listed


def test_commands_that_documents_name_exist():
    from tabgan.cli import tabgan

    targets = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for text in EVERYTHING.values():
        for words in commands(text):
            match words:
                case ["make", target, *_]:
                    assert target in targets
                case ["tabgan", command, *_]:
                    assert command in tabgan.commands
                case [script, *_] if script.startswith(".ci/"):
                    assert (ROOT / script).exists()


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
