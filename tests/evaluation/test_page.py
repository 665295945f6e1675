"""The page in a real browser: nothing in its console, nothing asked of the network."""

import json
import re
import shutil
import subprocess

import numpy as np
import pandas as pd
import pytest

from tabgan import evaluate

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--enable-logging=stderr",
]  # fmt: skip


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    rng = np.random.default_rng(0)
    names = rng.choice(["<b>", "it's", "ü"], 400)
    frame = pd.DataFrame({"x & y": rng.normal(size=400), 'a "name"': names, "z": rng.integers(0, 9, 400)})
    path = tmp_path_factory.mktemp("page") / "report.html"
    evaluate(frame[:150], frame[150:300], holdout=frame[300:], target="z").to_html(path)
    return path


def browse(path):
    """What the console says, which addresses are asked for, and the document as it stands then."""
    if CHROMIUM is None:
        pytest.skip("needs chromium")
    log = path.with_suffix(".netlog")
    folder = f"--user-data-dir={path.parent / 'profile'}"
    command = [CHROMIUM, *FLAGS, folder, f"--log-net-log={log}", "--dump-dom", path.as_uri()]
    run = subprocess.run(command, capture_output=True, text=True, timeout=200, check=True)
    console = re.findall(r"CONSOLE.*", run.stderr)
    # Of all requests, those of the page: the browser has some of its own.
    ours = r'"network_isolation_key":"file://[^{}]*.*"url":"((?:http|ws)[^"]*)"'
    asked = set(re.findall(ours, log.read_text()))
    return console, asked, run.stdout


def test_the_page_needs_nothing_and_complains_of_nothing(page):
    console, asked, document = browse(page)
    assert console == []
    assert asked == set()
    assert document.count("<figure") == page.read_text().count("<figure") > 6
    assert "it's" in document


def test_the_browser_would_have_told(tmp_path):
    path = tmp_path / "bad.html"
    path.write_text("<script>console.error('no')</script><img src='http://127.0.0.1:9/x.png'>")
    console, asked, _ = browse(path)
    assert "no" in console[0]
    assert asked == {"http://127.0.0.1:9/x.png"}


def test_charts_are_closed_shapes(page):
    text = page.read_text()
    assert "nan" not in re.sub(r"[A-Za-z]*nan[a-z]+", "", text.lower())
    assert text.count("<svg") == text.count("</svg>")
    json.dumps(text)
