"""The report: it sees planted faults, calls real rows real, and refuses what cannot be compared."""

import json
import sys
import time
import warnings

import numpy as np
import pandas as pd
import pytest

from tabgan import evaluate, load_adult
from tabgan.evaluation.checks import check_holdout
from tabgan.evaluation.metrics import METRICS
from tabgan.evaluation.summary import GOOD

pytestmark = pytest.mark.slow  # trains networks, or waits for other processes


@pytest.fixture(scope="module")
def adult():
    return load_adult().sample(frac=1, random_state=0, ignore_index=True)


def value(report, name):
    return next(metric.value for metric in report.metrics if metric.name.startswith(name))


@pytest.fixture
def quick(monkeypatch):
    """Leave out what takes time, and gives no mark."""
    for name in ("logistic", "energy", "support", "sdmetrics"):
        monkeypatch.delitem(METRICS, name)


def pair_of(n, dependence, seed):
    """Two numbers, b = a**2 with some noise, or independent of each other."""
    rng = np.random.default_rng(seed)
    a = rng.uniform(-1, 1, n)
    b = a**2 + rng.normal(scale=0.05, size=n)
    return pd.DataFrame({"a": a, "b": b if dependence else rng.permutation(b)})


def test_real_rows_are_called_real(adult):
    report = evaluate(adult[:2000], adult[2000:4000], holdout=adult[4000:])
    assert report.score > 0.95
    assert value(report, "Columns rejected") == 0
    # The AUC of 2,000 rows a side has a standard error of 0.009.
    assert abs(value(report, "AUC of boosted trees") - 0.5) < 0.035
    assert "no copying" in report.verdict


def test_a_copy_of_the_training_rows_raises_the_alarm(adult, quick):
    report = evaluate(adult[:2000], adult[:2000], holdout=adult[2000:])
    assert report.score < 0.1
    assert "do not share" in report.verdict
    assert value(report, "Exact copies") == 1
    half = pd.concat([adult[:1000], adult[3000:4000]])
    partly = evaluate(adult[:2000], half, holdout=adult[4000:])
    # Half of the rows are copies: the excess has a standard error below 0.02.
    assert 0.4 < partly.details["copies"]["excess"] < 0.6


def test_jittered_copies_are_found_too(adult, quick):
    near = adult[:2000].copy()
    near["fnlwgt"] += 7
    report = evaluate(adult[:2000], near, holdout=adult[2000:])
    assert value(report, "Exact copies") < 0.01
    assert report.details["copies"]["excess"] > 0.9


def test_shuffled_columns_are_told_from_real_rows(adult):
    rng = np.random.default_rng(0)
    real = adult[:2000]
    shuffled = real.apply(lambda column: rng.permutation(column.to_numpy()))
    report = evaluate(real, shuffled, holdout=adult[2000:])
    assert value(report, "AUC of boosted trees") > 0.9
    assert report.score < 0.6
    assert value(report, "Mean KS") < 1e-9


@pytest.mark.parametrize("real_depends", [True, False])
def test_dependence_without_correlation_is_seen_when_lost_and_when_invented(real_depends):
    real, holdout = (pair_of(1500, real_depends, seed) for seed in (0, 1))
    report = evaluate(real, pair_of(1500, not real_depends, 2), holdout=holdout)
    assert report.score < 0.75
    pair = report.pairs[0]
    assert pair.distance > 0.3 > pair.ceiling
    assert abs(pair.association_real - pair.association_other) > 0.2


def test_missing_values_lost_categories_and_shifts_are_seen(adult, quick):
    real, rest = adult[:2000], adult[2000:4000].copy()
    faults = {
        "age": rest["age"].where(np.arange(2000) % 2 == 0),
        "sex": pd.Series("Male", rest.index),
        "hours-per-week": rest["hours-per-week"] + 5,
    }
    for name, column in faults.items():
        report = evaluate(real, rest.assign(**{name: column}), holdout=adult[4000:])
        worst = max(report.columns, key=lambda row: row.distance - row.ceiling)
        assert worst.column == name
        assert worst.p_adjusted < 1e-6
        assert name in [column for column, _ in report.details["trees"]["giveaways"][:2]]


def test_p_values_of_real_against_real_are_uniform():
    from scipy import stats

    from tabgan.evaluation.comparison import Comparison
    from tabgan.evaluation.metrics.marginals import compare_columns
    from tabgan.table import Schema

    p_values = {"x": [], "name": []}
    for seed in range(200):
        rng = np.random.default_rng(seed)
        frame = pd.DataFrame({"x": rng.normal(size=600), "name": rng.choice(list("abcd"), 600)})
        tables = Comparison({"real": frame[:300], "synthetic": frame[300:]}, Schema.infer(frame), 0)
        for row in compare_columns(tables, "synthetic")[0]:
            p_values[row.column].append(row.p_value)
    # Each fails once in a thousand sets of seeds; these are fixed.
    for values in p_values.values():
        assert stats.kstest(values, "uniform").pvalue > 0.001


def test_the_target_is_predicted_from_synthetic_rows(adult, quick):
    good = evaluate(adult[:2500], adult[2500:4000], holdout=adult[4000:], target="income").details["utility"]
    assert good["measure"] == "ROC AUC"
    assert good["real"] > 0.85
    assert abs(good["real"] - good["synthetic"]) < 0.05
    spoiled = adult[2500:4000].assign(income=np.random.default_rng(0).permutation(adult["income"][2500:4000]))
    assert (
        evaluate(adult[:2500], spoiled, holdout=adult[4000:], target="income").details["utility"]["synthetic"]
        < 0.65
    )
    numbers = pair_of(1000, True, 0)
    assert evaluate(numbers, pair_of(1000, True, 1), target="b").details["utility"]["measure"] == "R squared"


def test_forms_of_the_report(adult, tmp_path):
    real = adult[:300]
    report = evaluate(real, adult[300:600])
    before = real.copy()
    again = evaluate(real, adult[300:600])
    assert report.to_json() == again.to_json()
    pd.testing.assert_frame_equal(real, before)
    assert json.loads(report.to_json(tmp_path / "r.json"))["score"] == report.score
    page = report.to_html(tmp_path / "r.html")
    assert page == (tmp_path / "r.html").read_text()
    # Fifteen columns, three heat maps, ROC, three maps, distances; nothing gives the rows away.
    assert page.count("<figure>") == 23
    assert "http://" not in page.replace("http://www.w3.org", "")
    assert "https://" not in page
    assert "<!doctype" not in report._repr_html_()
    assert report.verdict in str(report)
    assert len(repr(report).splitlines()) == 1
    assert f"score {report.score:.2f}" in repr(report)
    assert len(list(tmp_path.iterdir())) == 2


def test_every_metric_stands_beside_real_rows_and_says_how_sure_it_is(adult):
    report = evaluate(adult[:400], adult[400:700], holdout=adult[700:1000], target="income")
    for metric in report.metrics:
        assert metric.ceiling is not None or "rejected" in metric.name, metric
        if not isinstance(metric.value, int) and metric.question != "sdmetrics":
            low, high = metric.interval
            assert low <= metric.value <= high
        assert metric.caption
    assert list(report.marks) == ["marginal", "pairwise", "joint", "utility", "privacy"]
    assert all(0 <= mark <= 1 for mark in report.marks.values())
    # The form of the JSON text is a promise to programs.
    data = json.loads(report.to_json())
    assert list(data) == [
        "score", "verdict", "marks", "metrics", "columns", "pairs", "details", "notes", "red_marks", "about",
    ]  # fmt: skip
    assert list(data["metrics"][0]) == [
        "question", "name", "value", "interval", "ceiling", "p_value", "better", "caption",
    ]  # fmt: skip
    assert {"column", "distance", "ceiling", "p_value", "p_adjusted", "wasserstein"} < set(data["columns"][0])
    assert {"columns", "distance", "ceiling", "association_real"} < set(data["pairs"][0])


def test_columns_stand_in_the_order_of_the_distance_that_is_shown(adult):
    charts = evaluate(adult[:300], adult[300:600].assign(age=40), random_state=0).charts["columns"]
    distances = [chart["distance"] for chart in charts]
    assert charts[0]["column"] == "age"
    assert distances == sorted(distances, reverse=True)


def test_pictures_of_columns_and_pairs(adult):
    report = evaluate(adult[:400], adult[400:800].assign(age=30))
    assert len(report.plot(max_columns=3).axes) == 3
    picture = report.plot("age")
    assert picture._repr_png_().startswith(b"\x89PNG")
    # Of all synthetic rows, 30 holds all; it is a spike, and stands left of the scale.
    real, synthetic = picture.axes[0].containers
    assert synthetic[0].get_height() == 1
    assert synthetic[0].get_x() < 0
    assert sum(bar.get_height() for bar in real) == pytest.approx(1, abs=1e-3)
    first, _, difference, _ = report.plot("age", "sex").axes
    assert len(first.get_lines()[0].get_xdata()) == 320  # a fifth of the real rows is the holdout
    assert difference.images[0].get_array().shape == (2, 20)
    assert float(difference.images[0].get_array().sum()) == pytest.approx(0, abs=1e-9)
    for columns, said in [(("aeg",), "'aeg' is not drawn"), (("age", "sex", "race"), "one column, or two")]:
        with pytest.raises(ValueError, match=said):
            report.plot(*columns)


def test_the_page_shows_rows_only_if_it_may(adult):
    synthetic = pd.concat([adult[:5], adult[400:700]])
    real = adult[:400].assign(fnlwgt=adult["fnlwgt"] + 50.123456)
    report = evaluate(real, synthetic, holdout=adult[700:1000], about={"name": "A <b> name", "model": "none"})
    page = report.to_html()
    assert "A &lt;b&gt; name" in page
    assert report.about["seed"] == "0"
    assert f"{real['fnlwgt'][0]:.8g}" in page
    # Each of these rows lies nearest to the one it was made of, and differs from it in one column.
    pair = report.charts["pointed_rows"][0]
    assert pair["synthetic"] == pair["real"]
    unequal = [a != b for a, b in zip(*pair["values"], strict=True)]
    assert sum(unequal) == 1
    assert 'class="unequal"' in page
    without = report.to_html(rows=False)
    assert f"{real['fnlwgt'][0]:.8g}" not in without
    assert 'class="unequal"' not in without


def test_gaps_are_counted_together():
    frame = pd.DataFrame({"a": np.arange(60) / 7, "b": np.arange(60) / 3, "c": ["u", "v"] * 30})
    real, other = frame.copy(), frame.copy()
    real.loc[:14, ["a", "b"]] = None
    other.loc[:14, "a"] = None
    fresh = real.assign(a=real["a"] + 0.01)
    gaps = evaluate(real, other, holdout=fresh).charts["gaps"]
    assert {tuple(gap["columns"]): (gap["real"], gap["synthetic"]) for gap in gaps} == {
        (): (0.75, 0.75), ("a", "b"): (0.25, 0.0), ("a",): (0.0, 0.25),
    }  # fmt: skip


def test_a_few_copies_are_named_in_the_verdict(adult):
    rows = pd.concat([adult[:20], adult[1000:1380]])
    report = evaluate(adult[:1000], rows, holdout=adult[1500:2500])
    assert "5.00% are exact copies" in report.verdict
    assert report.marks["privacy"] <= 0.5
    assert [str(label) for label in report.details["copies"]["exact_rows"][0]] == ["0", "0"]


def test_progress_goes_to_standard_error_if_wanted(capsys):
    frame = pair_of(60, True, 0)
    evaluate(frame, frame)
    assert capsys.readouterr() == ("", "")
    evaluate(frame, frame, verbose=1)
    said = capsys.readouterr()
    assert said.out == ""
    assert "evaluate" in said.err  # the last step may be too quick to be drawn
    assert "/11 [" in said.err


def test_text_of_a_table_is_no_html():
    frame = pd.DataFrame({"<script>x</script>": ["<b>", "&", "c"] * 20})
    assert "<script>x" not in evaluate(frame, frame[::-1]).to_html()


def test_tables_of_any_kind():
    rng = np.random.default_rng(0)
    n = 120
    frame = pd.DataFrame(
        {
            0: rng.normal(size=n),
            ("a", 1): rng.choice([True, False], n),
            "constant": 1,
            "none": [None] * n,
            "day": pd.to_datetime("2020-01-01") + pd.to_timedelta(rng.integers(0, 99, n), "D"),
            "zone": pd.Series(pd.to_datetime("2020-01-01", utc=True) + pd.to_timedelta(range(n), "h")),
            "span": pd.to_timedelta(rng.integers(0, 99, n), "s"),
            "gaps": pd.array([None, 1, 2] * (n // 3), dtype="Int64"),
            "name": pd.Categorical(rng.choice(["u", "v"], n), categories=["u", "v", "w"]),
            "key": range(1000, 1000 + n),
        }
    )
    other = frame.iloc[rng.permutation(n)].assign(name="w", none=1.0)
    report = evaluate(frame, other)
    assert {row.column for row in report.columns} == set(frame.columns) - {"key"}
    json.loads(report.to_json())
    report.to_html()
    evaluate(frame[:2], frame[2:4])


@pytest.mark.parametrize(
    ("other", "target", "said"),
    [
        (pd.DataFrame({"x": [1.0, 2, 3]}), None, "'y'"),
        (pd.DataFrame({"x": [1.0, 2, 3], "y": list("abc"), "z": 1}), None, "'z'"),
        (pd.DataFrame({"x": list("abc"), "y": list("abc")}), None, "'x' is numbers in real and strings"),
        (pd.DataFrame({"x": [1.0], "y": ["a"]}), None, "1 row"),
        (pd.DataFrame({"x": [1.0, 2, 3], "y": list("abc")}), "w", "target 'w'"),
        (
            pd.DataFrame({"x": pd.to_datetime(["2020"] * 3), "y": list("abc")}),
            None,
            "'x' is numbers in real and times",
        ),
        (pd.DataFrame({"x": [1.0, 2, 3], "y": [1, 2, 3]}), None, "'y' is strings in real and numbers"),
        (pd.DataFrame([[1.0, "a", "b"]] * 2, columns=["x", "y", "y"]), None, "same name"),
        (pd.DataFrame({"x": [], "y": []}), None, "0 row"),
        ([1, 2], None, "DataFrame"),
    ],
)
def test_what_cannot_be_compared_is_refused_before_any_work(other, target, said, monkeypatch):
    monkeypatch.setattr("tabgan.evaluation.report.summarize", None)
    real = pd.DataFrame({"x": np.arange(30) / 7, "y": list("abc") * 10})
    with pytest.raises((ValueError, TypeError), match=said):
        evaluate(real, other, target=target)
    with pytest.raises((ValueError, TypeError), match=said):
        evaluate(real, real, holdout=other, target=target)


@pytest.mark.parametrize("name", ["synthetic", "holdout"])
@pytest.mark.parametrize("dtype", ["float64", "Float64", "object"])
def test_infinite_numbers_are_refused(name, dtype, monkeypatch):
    monkeypatch.setattr("tabgan.evaluation.report.summarize", None)
    frame = pd.DataFrame({"pay": np.arange(30) / 7, "s": list("ab") * 15})
    bad = frame.assign(pay=frame["pay"].where(frame.index != 7, np.inf).astype(dtype))
    with pytest.raises(ValueError, match=f"'pay' of {name} holds infinite numbers; make them missing"):
        evaluate(frame, **({"synthetic": frame, "holdout": frame} | {name: bad}))


def test_a_wide_table_takes_seconds():
    rng = np.random.default_rng(0)
    real, other = (
        pd.DataFrame((rng.random((1000, 100)) < 0.5).astype(int)).rename(columns="b{}".format) for _ in "ab"
    )
    before = time.process_time()
    report = evaluate(real, other)
    assert time.process_time() - before < 25  # 8 on an idle machine
    assert any("16 of 100 columns" in note for note in report.notes)
    assert len(report.columns) == 100


def test_the_time_of_wide_tables_grows_less_than_with_the_square():
    rng = np.random.default_rng(0)
    columns = {
        f"c{k}": rng.normal(size=300) if k % 2 else rng.choice(list("abcdef"), 300) for k in range(300)
    }
    real = pd.DataFrame(columns)
    before = time.process_time()
    report = evaluate(real, real.apply(lambda column: rng.permutation(column.to_numpy())))
    assert time.process_time() - before < 60  # 15 on an idle machine
    assert any("5,000 pairs, drawn at random from 44,850" in note for note in report.notes)


@pytest.mark.timeout(900)
@pytest.mark.parametrize("n", [60, 200])
def test_fresh_real_rows_are_good_in_everything(adult, n, quick):
    good = 0
    for seed in range(12):
        rows = adult.sample(3 * n, random_state=seed)
        marks = evaluate(rows[:n], rows[n : 2 * n], holdout=rows[2 * n :], target="income").marks
        good += min(marks.values()) >= GOOD
    assert good >= 11


def test_real_rows_without_any_difference_have_no_map():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        report = evaluate(
            pd.DataFrame({"a": [1.0] * 30, "b": [2.0] * 30}), pd.DataFrame({"a": [1.0, 3.0] * 9, "b": 2.0})
        )
    assert report.charts["map"] == {}
    assert "</html>" in report.to_html()


def test_identifiers_are_neither_compared_nor_predicted():
    keys = pd.DataFrame({"key": range(1000, 1100)})
    with pytest.raises(ValueError, match="nothing to compare"):
        evaluate(keys, keys)
    keys["x"] = np.arange(100) % 7
    with pytest.raises(ValueError, match="target 'key'"):
        evaluate(keys, keys, target="key")


def test_without_sdmetrics_only_its_rows_are_missing(adult, monkeypatch):
    monkeypatch.setitem(sys.modules, "sdmetrics", None)
    monkeypatch.setitem(sys.modules, "sdmetrics.reports", None)
    report = evaluate(adult[:200], adult[200:400])
    assert not [metric for metric in report.metrics if metric.question == "sdmetrics"]
    assert "not installed" in report.details["sdmetrics"]["note"]


@pytest.mark.parametrize("n", [100, 400])
def test_a_holdout_of_real_rows_is_refused_and_fresh_rows_are_not(n):
    """However often rows repeat by chance: three standard errors."""
    people = load_adult()
    with pytest.raises(ValueError, match=rf"{n} of the {n} rows of the holdout are real rows, too"):
        evaluate(people[:500], people[500:900], holdout=people[:n])
    rng = np.random.default_rng(0)
    for levels in (2, 30, 1000):
        frames = [pd.DataFrame({"a": rng.zipf(1.5, n) % levels, "b": rng.integers(2, size=n)}) for _ in "123"]
        check_holdout({"real": frames[0], "synthetic": frames[1], "holdout": frames[2]})
