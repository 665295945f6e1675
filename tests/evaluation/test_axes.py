"""Axes of charts: scales, levels, spikes, and the sample that any pair is drawn from."""

import numpy as np
import pandas as pd
import pytest

from tabgan.evaluation.axes import axis_of, bars
from tabgan.evaluation.comparison import Comparison
from tabgan.evaluation.sample import decode, encode
from tabgan.table import Schema

RNG = np.random.default_rng(0)
N = 2000
FRAME = pd.DataFrame(
    {
        "normal": RNG.normal(size=N),
        "heavy": RNG.lognormal(0, 3, N),
        "whole": RNG.integers(0, 90, N),
        "spiked": np.where(RNG.random(N) < 0.6, 0.0, RNG.gamma(2, 10, N)),
        "gaps": np.where(RNG.random(N) < 0.2, np.nan, RNG.normal(size=N)),
        "few": RNG.integers(0, 5, N),
        "name": RNG.choice([f"n{k}" for k in range(40)], N),
    }
)


@pytest.fixture(scope="module")
def tables():
    return Comparison({"real": FRAME[:1500], "synthetic": FRAME[1500:]}, Schema.infer(FRAME), 0)


@pytest.mark.parametrize("name", FRAME.columns)
def test_bars_hold_all_rows(tables, name):
    drawn = bars(tables, name, axis_of(tables, name))
    for side in ("real", "synthetic"):
        assert sum(drawn[side]) == pytest.approx(1, abs=1e-3)
        assert len(drawn[side]) == len(drawn["labels"])


def test_scales_are_logarithmic_where_numbers_are_skewed(tables):
    assert axis_of(tables, "heavy").is_log
    assert not axis_of(tables, "normal").is_log
    ticks = [float(label.replace(",", "")) for _, label in axis_of(tables, "heavy").ticks]
    assert np.allclose(np.log10(ticks), np.rint(np.log10(ticks)))
    places = [place for place, _ in axis_of(tables, "heavy").ticks]
    assert np.all(np.diff(places) > 0)
    assert 0 <= places[0] < places[-1] <= 1


def test_spikes_and_missing_values_stand_apart(tables):
    spiked = bars(tables, "spiked", axis_of(tables, "spiked"))
    assert spiked["labels"][: spiked["n_spikes"]] == ["0"]
    assert spiked["real"][0] == pytest.approx(0.6, abs=0.05)
    gaps = bars(tables, "gaps", axis_of(tables, "gaps"))
    assert gaps["labels"][: gaps["n_spikes"]] == ["missing"]
    assert gaps["real"][0] == pytest.approx(0.2, abs=0.05)


def test_bins_of_whole_numbers_hold_as_many_each(tables):
    axis = axis_of(tables, "whole")
    width = (axis.edges[1] - axis.edges[0]) / axis.n_bins
    assert width == round(width)
    drawn = bars(tables, "whole", axis)
    assert drawn["labels"][:2] == ["0 to 2", "3 to 5"]
    assert drawn["ends"] == ["0", "89"]
    shares = np.array(drawn["real"])
    # Uniform numbers: each bin of 3 of 90 numbers holds 50 of 1,500 rows, with a standard error of 7.
    assert len(shares) == 30
    assert np.abs(shares[1:-1] * 1500 - 50).max() < 4 * 7


def test_rare_categories_share_a_level(tables):
    axis = axis_of(tables, "name")
    assert len(axis.labels) == 24
    assert axis.labels[-1] == "all others"


@pytest.mark.parametrize("name", FRAME.columns)
def test_the_sample_gives_the_places_back(tables, name):
    axis = axis_of(tables, name)
    values = tables.values["synthetic"][name]
    text = encode(axis, values)
    assert len(text) == 2 * len(values)
    np.testing.assert_allclose(
        decode(text, is_scale=not axis.labels), axis.places(values), atol=0.5 / 1294 + 1e-9
    )
