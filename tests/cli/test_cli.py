"""The command line: it does what the library does, and says in one line what is wrong."""

import inspect
import json
import re
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import click
import fsspec
import pandas as pd
import pytest

from tabgan import Predicate, TabGAN, TabVAE, load_iris
from tabgan.adversarial.training.fit import REFINED_STEPS
from tabgan.cli import main, tabgan
from tabgan.cli.fit import HELP
from tabgan.io.tables import read_table, write_table
from tabgan.table import ConstraintSet

pytestmark = pytest.mark.slow  # trains networks, or waits for other processes

QUICK = ["--max-steps", "30", "--verbose", "0", "--random-state", "0", "--device", "cpu"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with a table and a model of it, made by the command itself."""
    folder = tmp_path_factory.mktemp("cli")
    write_table(load_iris(), folder / "iris.csv")
    with pytest.raises(SystemExit) as end:
        main(["fit", str(folder / "iris.csv"), "-o", str(folder / "iris.tabgan"), *QUICK])
    assert end.value.code == 0
    return folder


@pytest.fixture
def run(capsys, folder, monkeypatch):
    """Run a command in that folder; give its exit code, what it says and what it complains of."""

    def run(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.chdir(folder)
        with pytest.raises(SystemExit) as end:
            main([str(argument) for argument in arguments])
        said = capsys.readouterr()
        return end.value.code, said.out, said.err

    return run


def test_sample_gives_what_the_library_gives(run, folder):
    code, said, _ = run("sample", "iris.tabgan", "-n", 40, "-o", "rows.parquet", "--random-state", 7)
    assert code == 0
    assert "40 rows of 5 columns" in said
    expected = TabGAN.load(folder / "iris.tabgan").sample(40, random_state=7)
    pd.testing.assert_frame_equal(read_table(folder / "rows.parquet"), expected)


def test_sample_is_the_same_in_another_process(run, folder):
    run("sample", "iris.tabgan", "-n", 40, "-o", "here.csv", "--random-state", 7)
    command = ["sample", "iris.tabgan", "-n", "40", "-o", "there.csv", "--random-state", "7"]
    subprocess.run([sys.executable, "-m", "tabgan", *command], cwd=folder, check=True)
    assert (folder / "there.csv").read_bytes() == (folder / "here.csv").read_bytes()


def test_info_is_the_card_and_schema_says_why(run, folder):
    code, said, _ = run("info", "iris.tabgan")
    assert code == 0
    assert said.strip() == TabGAN.load(folder / "iris.tabgan").card().strip()
    load_iris().to_csv(folder / "other.csv", index=False, sep=";", encoding="utf-16")
    code, said, _ = run("schema", "other.csv", "--sep", ";", "--encoding", "utf-16")
    assert code == 0
    assert all(name in said for name in load_iris().columns)
    code, _, complaint = run("schema", "other.csv")
    assert code == 2
    assert len(complaint.splitlines()) == 1


def test_fit_reads_other_separators_and_formats(run, folder):
    load_iris().to_csv(folder / "semi.csv", index=False, sep=";")
    write_table(load_iris(), folder / "iris.jsonl")
    assert run("fit", "semi.csv", "-o", "semi.tabgan", "--sep", ";", *QUICK)[0] == 0
    assert run("fit", "iris.jsonl", "-o", "jsonl.tabgan", *QUICK)[0] == 0
    assert run("sample", "semi.tabgan", "-n", 9, "-o", "o.tsv", "--random-state", 0)[0] == 0
    assert list(read_table(folder / "o.tsv")) == list(load_iris().columns)
    code, _, complaint = run("fit", ".", "-o", "semi.tabgan", "--sep", ";", *QUICK)
    assert code == 2
    assert "one CSV file" in complaint


def test_fit_says_where_nothing_is_protected(run, folder):
    for n, options, is_said in ((19, [], True), (20, [], False), (19, ["--protect", "none"], False)):
        load_iris().head(n).to_csv(folder / "few.csv", index=False)
        code, _, complaint = run("fit", "few.csv", "-o", "few.tabgan", *QUICK, *options)
        assert code == 0
        assert ("Nothing is protected" in complaint) == is_said


def test_no_rows(run, folder):
    assert run("sample", "iris.tabgan", "-n", 0, "-o", "none.csv")[0] == 0
    assert (folder / "none.csv").read_text().strip() == ",".join(load_iris().columns)


def test_evaluate(run, folder):
    run("sample", "iris.tabgan", "-n", 150, "-o", "rows.csv", "--random-state", 1)
    files = ["--html", "report.html", "--json", "report.json"]
    code, said, _ = run(
        "evaluate", "iris.csv", "rows.csv", "--target", "species", "--random-state", 0, *files
    )
    assert code == 0
    score = json.loads((folder / "report.json").read_text())["score"]
    assert 0 <= score <= 1
    assert said.strip()
    assert "<html" in (folder / "report.html").read_text().lower()


def test_fail_under(run):
    # 30 steps teach nothing: rows of such a model are far from the real ones.
    run("sample", "iris.tabgan", "-n", 150, "-o", "rows.csv", "--random-state", 1)
    code, _, complaint = run("evaluate", "iris.csv", "rows.csv", "--random-state", 0, "--fail-under", 0.99)
    assert code == 1
    assert "is below 0.99" in complaint
    assert run("evaluate", "iris.csv", "rows.csv", "--random-state", 0, "--fail-under", 0)[0] == 0


def test_fit_takes_the_parameters_of_the_estimator(run):
    code, said, _ = run("fit", "--help")
    assert code == 0
    not_to_be_written = {"backbone", "on_step", "optimizer", "privacy", "validation", "warm_start"}
    within_groups = {"learning-rate", "average", "precision", "patience", "validation-fraction", "remember"}
    for name in set(inspect.signature(TabGAN).parameters) - not_to_be_written | within_groups:
        assert f"--{name.replace('_', '-')}" in said, name
    assert "--on-step" not in said
    usual, experts = said.split("Options for experts:")
    assert all(option in usual for option in ("--output", "--max-steps", "--protect", "--help"))
    assert all(option in experts for option in ("--learning-rate", "--latent-dim", "--checkpoint"))
    assert "[nothing|hashes|rows]" in said
    assert "[default: relativistic]" in " ".join(said.split())


def test_every_option_has_a_whole_sentence_of_help():
    for command in tabgan.commands.values():
        for option in command.get_params(click.Context(command)):
            if isinstance(option, click.Option) and option.name != "help":
                assert (option.help or "").endswith("."), (command.name, option.name)


def test_documents_say_how_many_steps_there_are_by_default():
    page = (Path(__file__).parents[2] / "docs/choosing-settings.md").read_text(encoding="utf-8")
    for document in (TabGAN.__doc__, TabVAE.__doc__, HELP["max_steps"], page):
        assert f"{REFINED_STEPS:,}" in (document or "")


def test_standard_input_and_output(folder):
    """A model goes through a pipe from its fit to its rows, and these to their report."""
    command = f"{shlex.quote(sys.executable)} -m tabgan"
    line = (
        f"cat iris.csv | {command} fit - -o - {' '.join(QUICK)} | "
        f"{command} sample - -n 150 -o - --sep ';' --random-state 1 --verbose 0 | tee piped.csv | "
        f"{command} evaluate iris-semicolons.csv - --sep ';' --json - --verbose 0"
    )
    load_iris().to_csv(folder / "iris-semicolons.csv", index=False, sep=";")
    done = subprocess.run(line, shell=True, cwd=folder, check=True, capture_output=True, text=True)
    assert json.loads(done.stdout)["about"]["synthetic"] == "-"
    assert "150 rows of 5 columns" in done.stderr
    expected = TabGAN.load(folder / "iris.tabgan").sample(150, random_state=1)
    pd.testing.assert_frame_equal(read_table(folder / "piped.csv", sep=";"), expected)


def test_urls_and_layouts(run, folder):
    assert (
        run("sample", "iris.tabgan", "-n", 20, "-o", "memory://cli/rows.parquet", "--random-state", 1)[0] == 0
    )
    assert len(read_table("memory://cli/rows.parquet")) == 20
    options = ["--sep", ";", "--encoding", "utf-16", "--random-state", 1]
    assert run("sample", "iris.tabgan", "-n", 20, "-o", "rows.csv", *options)[0] == 0
    layout = {"sep": ";", "encoding": "utf-16"}
    pd.testing.assert_frame_equal(
        read_table(folder / "rows.csv", **layout), read_table("memory://cli/rows.parquet"), check_dtype=False
    )
    code, _, _ = run(
        "evaluate", "iris.csv", "memory://cli/rows.parquet", "--html", "memory://cli/report.html"
    )
    assert code == 0
    assert fsspec.filesystem("memory").cat("/cli/report.html").startswith(b"<!doctype html>")


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["evaluate", "-", "-"], "one table"),
        (["fit", "iris.csv", "-o", "m.tabgan", "\ud800"], "\\ud800"),
        (["evaluate", "iris.csv", "memory://nothing.csv"], "nothing.csv"),
        (["sample", "iris.tabgan", "-n", 5, "-o", "memory://out/"], "local"),
        (["sample", "iris.tabgan", "-n", 5, "-o", "memory://out"], "no ending"),
        (["sample", "iris.tabgan", "-n", 5, "-o", "o.parquet", "--sep", ";"], "no separator"),
        (["sample", "iris.tabgan", "-n", 5, "-o", "o.csv", "--sep", ";;"], "one character"),
        (["sample", "iris.tabgan", "-n", 5, "-o", "o.csv", "--encoding", "utf-0"], "no encoding"),
        (["fit", "memory://x.csv", "-o", "m.tabgan", "--in-parts"], "local files"),
        (["fit", "iris.csv", "-o", "m.tabgan", "--objective", "chess"], "wasserstein"),
    ],
)
def test_wrong_places_get_one_line(run, arguments, complaint):
    code, _, said = run(*arguments)
    assert code == 2
    assert said.startswith("tabgan: ")
    assert said.count("\n") == 1
    assert complaint in said


def test_fit_passes_them_on(run, folder):
    columns = ["--columns", "sepal_width=categorical", "--columns", "petal_width=continuous"]
    options = ["--columns", "*=minmax", "--latent-dim", 8, "--learning-rate", 5e-4, "--patience", 5]
    assert run("fit", "iris.csv", "-o", "other.tabgan", *QUICK, *columns, *options)[0] == 0
    model = TabGAN.load(folder / "other.tabgan")
    assert (model.backbone.latent_dim, model.optimizer.learning_rate) == (8, 5e-4)
    assert (model.validation.patience, model.max_steps) == (5, 30)
    assert model.schema_["sepal_length"].column_type.method == "minmax"
    assert model.schema_["sepal_width"].kind == "categorical"
    assert 0 < model.n_iter_ <= 30  # with so little patience training may end before


def test_defaults_are_the_estimator_s(run, folder):
    assert run("fit", "iris.csv", "-o", "other.tabgan", "--max-time", 0.1, "--verbose", 0)[0] == 0
    changed = {"max_time": 0.1, "verbose": 0}
    assert TabGAN.load(folder / "other.tabgan").get_params() == TabGAN(**changed).get_params()


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ("fit nothing.csv -o m.tabgan", "'nothing.csv' does not exist"),
        ("fit iris.csv", "Missing option '-o'"),
        ("fit iris.csv -o nowhere/m.tabgan", "the folder nowhere does not exist"),
        ("fit iris.csv -o m.tabgan --batch-size -1", "batch_size"),
        ("fit iris.csv -o m.tabgan --batch-size many", "--batch-size"),
        ("fit iris.csv -o m.tabgan --numeric wrong", "numeric"),
        ("fit iris.csv -o m.tabgan --columns species", "NAME=KIND"),
        ("fit iris.csv -o m.tabgan --columns species=wrong", "species"),
        ("fit iris.csv -o m.tabgan --columns colour=categorical", "colour"),
        ("fit empty.csv -o m.tabgan", "empty.csv cannot be read"),
        ("fit one.csv -o m.tabgan", "row"),
        ("fit iris.tabgan -o m.tabgan", "no ending that tells its format"),
        ("sample iris.csv -n 3 -o rows.csv", "iris.csv is not a tabgan model"),
        ("sample damaged.tabgan -n 3 -o rows.csv", "damaged.tabgan is damaged"),
        ("sample iris.tabgan -n -3 -o rows.csv", "-3"),
        ("sample iris.tabgan -n 3 -o rows.txt", "expected one of .csv"),
        ("sample iris.tabgan -n 3 -o nowhere/rows.csv", "the folder nowhere does not exist"),
        ("sample iris.tabgan -n 3 -o rows", "no ending that tells its format"),
        ("sample iris.tabgan -n 3 -o rows.csv --workers 2", "--workers is for a folder"),
        ("sample iris.tabgan -n 3 -o iris.csv/", "iris.csv"),
        ("sample iris.tabgan -n 3 -o nowhere/rows/", "the folder nowhere does not exist"),
        ("sample iris.tabgan -n 3 -o parts/ --given species=tulip", "tulip"),
        ("fit uneven.csv -o m.tabgan", "line 3 has 3 fields, and those before it 2"),
        ("evaluate iris.csv uneven.csv", "line 3 has 3 fields, and those before it 2"),
        ("evaluate iris.csv narrow.csv", "species"),
        ("evaluate iris.csv nothing/*.csv", "synthetic: there is no table at nothing"),
        ("evaluate iris.csv iris.csv --target colour", "colour"),
        ("evaluate iris.csv iris.csv --fail-under 2", "--fail-under"),
        ("nonsense", "No such command 'nonsense'"),
        (
            "fit iris.csv -o m.tabgan --constraints 1/0<=sepal_length",
            "cannot be worked out: division by zero",
        ),
        ("fit iris.csv -o m.tabgan --learning-rate 1e30 --max-steps 30 --verbose 0", "nothing worth keeping"),
        ("fit iris.csv -o /proc/m.tabgan", "no file can be made in the folder /proc"),
        ("sample iris.tabgan -n 1000000000 -o big.csv", "-o out/ draws them in constant memory"),
        ("sample iris.tabgan -n 1000000000000000000000 -o big.csv", "-o out/ draws them in constant memory"),
        ("sample iris.tabgan -n 1000000000000000000000 -o parts/", "more than 1,000,000 parts"),
        ("sample iris.tabgan -n 1000000000 -o parts/ --rows-per-part 1000000000", "fewer --rows-per-part"),
        ("sample iris.tabgan -n 9000 -o deep/", "_tabgan.json cannot be read"),
        ("sample iris.tabgan -n 3 -o iris.tabgan/", "iris.tabgan is a file"),
        ("evaluate iris.csv iris.csv --json /proc/x.json", "no file can be made in the folder /proc"),
    ],
)
def test_wrong_input_gets_one_line(run, folder, arguments, complaint):
    (folder / "empty.csv").write_text("")
    (folder / "one.csv").write_text("a,b\n1,2\n")
    (folder / "uneven.csv").write_text("a,b\n1,2\n3,4,5\n")
    (folder / "deep").mkdir(exist_ok=True)
    (folder / "deep" / "_tabgan.json").write_text("[" * 50_000)
    (folder / "damaged.tabgan").write_bytes((folder / "iris.tabgan").read_bytes()[:1000])
    write_table(load_iris().drop(columns="species"), folder / "narrow.csv")
    code, said, complained = run(*arguments.split())
    assert code == 2
    assert said == ""
    assert complained.startswith("tabgan: ")
    assert complained.count("\n") == 1
    assert complaint in complained
    assert not (folder / "m.tabgan").exists()


def test_an_empty_name_is_refused(run):
    code, said, complained = run("fit", "iris.csv", "-o", "")
    assert (code, said, complained.count("\n")) == (2, "", 1)
    assert "'.' is no name of a file" in complained


def test_a_rule_that_hardly_a_row_obeys_gets_one_line(run, folder):
    iris = load_iris().assign(code=range(150))
    rule = ["sepal_length * 7919 % 1000 < 2000"]
    model = TabGAN(max_steps=3, verbose=0, random_state=0, constraints=rule).fit(iris)
    model.fitted_model_.transformer.constraint_set_ = ConstraintSet([Predicate("sepal_length < 0")], [])
    model.save(folder / "never.tabgan")
    code, _, complained = run("sample", "never.tabgan", "-n", 3, "-o", "never.csv")
    assert (code, complained.count("\n")) == (2, 1)
    assert "only 0 of 100," in complained


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="signals of Unix")
def test_ctrl_c_while_training_still_writes_the_model(folder):
    """And where nothing was learned yet, it says so."""
    command = [
        sys.executable,
        "-m",
        "tabgan",
        "fit",
        "iris.csv",
        "-o",
        "stopped.tabgan",
        "--max-steps",
        "100000",
    ]
    run = subprocess.Popen([*command, "--no-refine"], cwd=folder, stdout=-1, stderr=-1, text=True)
    shown = ""
    while not re.search(r"\b[1-9]\d*/100000", shown):  # the bar says that a step was taken
        shown += run.stderr.read(80)
    run.send_signal(signal.SIGINT)
    said, complained = run.communicate(timeout=100)
    assert run.returncode == 0, complained
    assert "Training ended: interrupted; what was learned until then is kept" in said
    assert len(TabGAN.load(folder / "stopped.tabgan").sample(7)) == 7


def test_ctrl_c_before_that_says_that_nothing_was_learned(run, monkeypatch):
    def press(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("tabgan.estimators.learning.fit_transformer", press)
    code, said, complained = run("fit", "iris.csv", "-o", "m.tabgan", *QUICK)
    assert (code, said) == (130, "")
    assert complained.strip() == "tabgan: interrupted before anything was learned, so that there is no model"


def test_demo(run, folder, monkeypatch):
    monkeypatch.setattr("tabgan.cli.demo.DEMO", {"max_steps": 50, "verbose": 0})  # as it is, but shorter
    code, said, _ = run("demo", "--folder", "demo/here")
    assert code == 0
    assert "Fidelity" in said
    for name in ["synthetic.csv", "report.html", "adult.tabgan"]:
        assert f"demo/here/{name}" in said
        assert (folder / "demo/here" / name).stat().st_size > 10_000
    assert read_table(folder / "demo/here/synthetic.csv").shape == (4000, 15)


def test_version_and_help(run):
    assert run("--version")[1].startswith("tabgan 0.")
    code, said, _ = run("--help")
    assert code == 0
    assert all(command in said for command in ("demo", "fit", "sample", "evaluate"))
    assert run()[0] == 2


def test_help_does_not_wait_for_torch():
    code = "import sys, tabgan.cli; sys.exit('torch' in sys.modules or 'matplotlib' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_sample_takes_conditions(run, folder):
    first = load_iris().columns[0]
    given = ["--given", "species=setosa,virginica", "--given", f"{first}=..6.0"]
    assert run("sample", "iris.tabgan", "-n", 30, "-o", "given.csv", *given)[0] == 0
    drawn = pd.read_csv(folder / "given.csv")
    assert len(drawn) == 30
    assert set(drawn["species"]) <= {"setosa", "virginica"}
    assert drawn[first].max() <= 6
    assert run("sample", "iris.tabgan", "-n", 30, "-o", "even.csv", "--balance", "species")[0] == 0
    assert set(pd.read_csv(folder / "even.csv")["species"].value_counts()) == {10}
    for wrong, word in (("species=tulip", "tulip"), ("species", "NAME=VALUE")):
        code, _, complaint = run("sample", "iris.tabgan", "-n", 3, "-o", "none3.csv", "--given", wrong)
        assert code != 0
        assert word in complaint
    assert not (folder / "none3.csv").exists()


def test_conditions_and_shares(run, folder):
    """Not, expressions, and shares of a category and of a range; what is wrong is said in one line."""
    sample = ("sample", "iris.tabgan", "-n", 20, "-o", "some.csv")
    name = load_iris().columns[0]
    assert run(*sample, "--given", "species!=setosa")[0] == 0
    assert "setosa" not in set(pd.read_csv(folder / "some.csv")["species"])
    assert run(*sample, "--given", f"`{name}` > 6 and species in ['virginica', 'versicolor']")[0] == 0
    assert pd.read_csv(folder / "some.csv")[name].min() > 6
    assert run(*sample, "--given", f"{name}=6..300", "--balance", "species:virginica=0.75")[0] == 0
    drawn = pd.read_csv(folder / "some.csv")
    assert drawn[name].min() >= 6
    assert (drawn["species"] == "virginica").sum() == 15
    assert run(*sample, "--balance", f"{name}:..5.8=0.5", "--balance", "species:setosa=0.5")[0] == 0
    drawn = pd.read_csv(folder / "some.csv")
    assert ((drawn[name] <= 5.8).sum(), (drawn["species"] == "setosa").sum()) == (10, 10)
    for wrong, said in {
        ("--given", "species=setos"): "did you mean 'setosa'?",
        ("--given", f"{name}=9..3"): "is reversed",
        ("--given", "species == 'tulip'"): "held nothing like 'tulip'",
        ("--balance", "species:setosa=2"): "must lie between 0 and 1",
        ("--balance", "species:setosa"): "--balance needs NAME, or NAME:VALUE=SHARE",
    }.items():
        code, _, complaint = run(*sample, *wrong)
        assert code == 2
        assert said in complaint
        assert len(complaint.splitlines()) == 1
