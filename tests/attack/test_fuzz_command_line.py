"""Random words on the command line: it does what they say, or says in one line why not."""

import os

import numpy as np
import pytest

from tabgan import TabGAN, load_iris
from tabgan.adversarial.networks import MLP
from tabgan.cli import main
from tabgan.io.tables import write_table
from tests.attack.budget import Attack

pytestmark = pytest.mark.slow  # trains networks

COMMANDS = {
    "fit": ["iris.csv", "-o", "new.tabgan", "--max-steps", "2", "--verbose", "0", "--no-refine"],
    "sample": ["iris.tabgan", "-n", "30", "-o", "new.csv", "--verbose", "0"],
    "evaluate": ["iris.csv", "rows.csv", "--max-rows", "100"],
}
OPTIONS = {
    "fit": [
        "--columns",
        "--constraints",
        "--objective",
        "--batch-size",
        "--max-time",
        "--refine",
        "--device",
        "--random-state",
        "--remember",
        "--protect",
        "--learning-rate",
        "--critic-learning-rate",
        "--average",
        "--precision",
        "--validation-fraction",
        "--patience",
        "--checkpoint",
        "--in-parts",
        "--max-steps",
    ],
    "sample": [
        "--given",
        "--balance",
        "--exclude-copies",
        "--rows-per-part",
        "--workers",
        "--random-state",
        "-n",
        "-o",
    ],
    "evaluate": ["--holdout", "--target", "--html", "--json", "--fail-under", "--max-rows", "--random-state"],
}
WORDS = [
    "",
    " ",
    "-1",
    "0",
    "1",
    "2",
    "7",
    "1e30",
    "nan",
    "inf",
    "1" * 30,
    "none",
    "auto",
    "iris.csv",
    "iris.tabgan",
    "rows.csv",
    "damaged.tabgan",
    "folder",
    "folder/",
    "nowhere/x.csv",
    "out/",
    "out.csv",
    "out.parquet",
    "out.html",
    "*.csv",
    "[",
    "{}",
    "species",
    "species=setosa",
    "species=tulip",
    "species=",
    "sepal_length=1..9",
    "sepal_length=..",
    "=",
    "é",
    "\ud800",
    "sepal_length <= 9",
    "1/0 < sepal_length",
    "sepal_length=categorical",
    "wasserstein",
    "cpu",
    "cuda:7",
    "float32",
    "-",
    "--",
    "--help",
    "-x",
    "/dev/null",
    "/dev/zero",
    "/proc/x",
    ".",
    "..",
    "x" * 3000,
    "a\nb",
    "%s",
    "$HOME",
    "~",
    "hashes",
]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    write_table(load_iris(), tmp_path / "iris.csv")
    write_table(load_iris().sample(frac=1, random_state=0), tmp_path / "rows.csv")
    model = TabGAN(max_steps=2, verbose=0, random_state=0, refine=False, backbone=MLP((8,), (8,)))
    model.fit(load_iris()).save(tmp_path / "iris.tabgan")
    (tmp_path / "damaged.tabgan").write_bytes((tmp_path / "iris.tabgan").read_bytes()[:5000])
    (tmp_path / "folder").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def words(rng):
    """Put together a command, mostly a right one."""
    command = str(rng.choice(list(COMMANDS)))
    given = list(COMMANDS[command])
    for _ in range(rng.integers(0, 4)):
        kind, word = rng.random(), WORDS[rng.integers(len(WORDS))]
        place = int(rng.integers(len(given) + 1))
        if kind < 0.5:
            given += [str(rng.choice(OPTIONS[command])), word]
        elif kind < 0.7 and place < len(given):
            given[place] = word
        elif kind < 0.85 and given:
            del given[min(place, len(given) - 1)]
        else:
            given.insert(place, word)
    return [command, *given]


def test_command_lines(folder, capsys):
    kept = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    attack = Attack("command lines", 60)
    for number, rng in attack.tries():
        line = words(rng)
        if line[0] == "fit" and any(len(word) > 20 and word.isdecimal() for word in line):
            continue  # right, and takes for ever
        attack.note(number, repr(line), "begun")
        with pytest.raises(SystemExit) as end:
            main(line)
        _, complained = capsys.readouterr()
        code = end.value.code
        assert code in (0, 1, 2), line
        if code == 2 and "--help" not in line:
            assert complained.startswith("tabgan: "), (line, complained)
            assert complained.count("\n") == 1, (line, complained)
            assert len(complained) < 20_000, line
        attack.note(number, repr(line), f"exit {code}")
        for name, content in kept.items():  # an output may well replace one
            if not (folder / name).exists() or (folder / name).read_bytes() != content:
                assert any(name in word for word in line), (line, name)
                (folder / name).write_bytes(content)
        hidden = [name for name in os.listdir(folder) if name.startswith(".")]
        assert hidden == [], line
    assert np.isin(["exit 0", "exit 2"], list(attack.ends)).all()
