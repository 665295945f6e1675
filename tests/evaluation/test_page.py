"""The page in a real browser: all of it works, it asks nothing of the network, and anybody can use it."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tabgan import evaluate

pytestmark = pytest.mark.slow  # waits for other processes

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
AXE = Path(os.environ.get("TABGAN_AXE", "node_modules/axe-core/axe.min.js"))
FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--enable-logging=stderr",
]  # fmt: skip
# Notebooks style tables, and say which theme they have.
HOST_CSS = """
table { background: red } .jp td { border: 9px solid; padding: 30px }
.jp tbody tr:nth-child(odd) { background: cyan }
"""


@pytest.fixture(scope="module")
def report():
    rng = np.random.default_rng(0)
    names = rng.choice(["<b>", "it's", "ü"], 400)
    frame = pd.DataFrame(
        {
            "x & y": rng.normal(size=400),
            'a "name"': names,
            "z": rng.integers(0, 9, 400),
            "</script>": np.where(rng.random(400) < 0.6, 0.0, rng.gamma(2, 10, 400)),
            "gaps": np.where(rng.random(400) < 0.3, np.nan, rng.normal(size=400)),
        }
    )
    other = frame[150:300].assign(gaps=rng.normal(size=150))
    return evaluate(frame[:150], other, holdout=frame[300:], target="z", about={"name": "A table"})


@pytest.fixture
def page(report, tmp_path):
    path = tmp_path / "report.html"
    report.to_html(path)
    return path


def browse(path, *flags):
    """What the console says, which addresses are asked for, and the document as it stands then."""
    if CHROMIUM is None:
        pytest.skip("needs chromium")
    log = path.with_suffix(".netlog")
    folder = f"--user-data-dir={path.parent / 'profile'}"
    command = [CHROMIUM, *FLAGS, *flags, folder, f"--log-net-log={log}", "--dump-dom", path.as_uri()]
    run = subprocess.run(command, capture_output=True, text=True, timeout=200, check=True)
    console = re.findall(r"CONSOLE.*", run.stderr)
    # Of all requests, those of the page: the browser has some of its own.
    ours = r'"network_isolation_key":"file://[^{}]*.*"url":"((?:http|ws)[^"]*)"'
    asked = set(re.findall(ours, log.read_text()))
    return console, asked, run.stdout


def said(path, name, *flags):
    """What a script of this name finds in the page, after all of its own; an error of the page fails."""
    script = (Path(__file__).parent / "scripts" / f"{name}.js").read_text(encoding="utf-8")
    path.write_text(
        path.read_text(encoding="utf-8")
        + f"<script>const answer = (() => {{ {script} }})();"
        + "Promise.resolve(answer).then((it) => { document.title = JSON.stringify(it); });</script>",
        encoding="utf-8",
    )
    console, _, document = browse(path, *flags)
    assert console == []
    title = re.search(r"<title>(.*?)</title>", document, re.DOTALL)[1]
    return json.loads(title.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"))


def test_the_page_needs_nothing_and_complains_of_nothing(page):
    console, asked, document = browse(page)
    assert console == []
    assert asked == set()
    # Those of the file, and the three panels of a pair.
    assert document.count("<figure") == page.read_text().count("<figure>") + 3 > 9
    assert "it's" in document


def test_the_browser_would_have_told(tmp_path):
    path = tmp_path / "bad.html"
    path.write_text("<script>console.error('no')</script><img src='http://127.0.0.1:9/x.png'>")
    console, asked, _ = browse(path)
    assert "no" in console[0]
    assert asked == {"http://127.0.0.1:9/x.png"}


def test_charts_are_closed_shapes(page):
    text = re.sub("<script>.*?</script>", "", page.read_text(), flags=re.DOTALL)
    assert "nan" not in re.sub(r"[A-Za-z]*nan[a-z]+", "", text.lower())
    assert text.count("<svg") == text.count("</svg>")


def test_any_column_can_be_looked_at(page):
    found = said(page, "columns")
    names = {"x & y", 'a "name"', "z", "</script>", "gaps"}
    assert set(found["all"]) == {row[0] for row in found["rows"]} == names
    assert all(row[1] == "true" and row[2] > 4 and row[0] in row[3] for row in found["rows"])
    assert set(found["sorted"]) == names
    assert found["sought"] == ['a "name"']
    assert found["count"] == "1 of 5 columns"
    assert found["shown"] == 'a "name"'
    assert found["rows"][0][0] == "gaps"  # it differs most
    bars = {row[0]: row[4] for row in found["rows"]}
    assert bars['a "name"'] == 3
    assert bars["gaps"] == 41  # 40 bins, and the missing ones


def test_any_pair_can_be_drawn(page):
    found = said(page, "pairs")
    points = {tuple(row[:2]): row[3:5] for row in found["results"] if row[2] == "points"}
    real, synthetic = points[("x & y", "gaps")]
    assert 80 < real < 130  # of 150 rows, those that are not missing
    assert synthetic == 150
    assert points[('a "name"', "z")] == [150, 150]
    cells = {tuple(row[:2]): row[3:6] for row in found["results"] if row[2] == "cells"}
    assert all(3 <= n <= 27 for n in cells[('a "name"', "z")])  # three names by nine numbers
    assert len(set(found["after"])) == 2


def test_two_reports_in_a_notebook_keep_apart_and_keep_their_style(report, tmp_path):
    path = tmp_path / "notebook.html"
    parts = report._repr_html_() + report._repr_html_()
    path.write_text(
        f"<!doctype html><html lang=en><title>n</title><style>{HOST_CSS}</style>"
        f"<body class=jp data-jp-theme-light=false><table id=host><tr><td>1</td></tr></table>{parts}"
    )
    found = said(path, "notebook")
    assert found["charts"] == [1, 1]
    assert len(set(found["titles"])) == 2
    assert found["border"] == "0px"
    assert found["padding"] != "30px"
    assert found["row"] == found["table"] == "rgba(0, 0, 0, 0)"
    assert (found["host"], found["hosted"]) == ("30px", "rgb(255, 0, 0)")
    assert found["paper"] == "rgb(21, 25, 34)"  # dark, as the notebook says
    assert found["ids"] == found["different"]
    assert found["links"]


def test_nothing_is_cut_off_at_360_pixels(page, tmp_path):
    outer = tmp_path / "outer.html"
    outer.write_text(
        "<!doctype html><title>o</title>"
        "<iframe src=report.html style='width:360px;height:900px;border:0'></iframe>"
    )
    found = said(outer, "narrow", "--allow-file-access-from-files", "--virtual-time-budget=20000")
    assert found["width"] <= 360
    assert found["wide"] == []


@pytest.mark.skipif(not AXE.exists(), reason="needs axe-core; TABGAN_AXE is the path of axe.min.js")
@pytest.mark.parametrize("scheme", ["0", "1"])  # dark, light
def test_axe_finds_no_serious_fault(page, scheme):
    page.write_text(f"{page.read_text()}<script>{AXE.read_text(encoding='utf-8')}</script>")
    flags = "--virtual-time-budget=60000", f"--blink-settings=preferredColorScheme={scheme}"
    assert said(page, "axe", *flags) == []


def test_the_page_of_300_columns_is_small_and_quick(tmp_path):
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            f"column {k}": rng.normal(size=400) if k % 2 else rng.choice(["north", "south"], 400)
            for k in range(300)
        }
    )
    path = tmp_path / "wide.html"
    assert len(evaluate(frame[:200], frame[200:]).to_html(path).encode()) < 5e6
    found = said(path, "wide")
    assert (found["all"], found["found"]) == (300, 11)
    assert found["ms"] < 2000
