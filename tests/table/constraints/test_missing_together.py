"""Values that are missing together: found, kept in samples, conditions and files."""

import numpy as np
import pandas as pd
import pytest

from tabgan import MissingTogether, TabGAN, TabVAE, load, suggest_constraints

QUICK = {"max_steps": 3, "verbose": 0, "random_state": 0}
GROUP = ["systolic", "diastolic", "arm"]


def patients(n=600, share=0.3, seed=0):
    rng = np.random.default_rng(seed)
    systolic = rng.normal(120, 15, n).round()
    frame = pd.DataFrame(
        {
            "systolic": systolic,
            "diastolic": pd.array((systolic * 0.6 + rng.normal(0, 5, n)).round(), dtype="Int64"),
            "age": rng.integers(18, 90, n),
            "arm": rng.choice(["left", "right"], n),
            "weight": np.where(rng.random(n) < 0.1, np.nan, rng.normal(70, 10, n).round(1)),
        }
    )
    frame.loc[rng.random(n) < share, GROUP] = None
    return frame


def test_they_are_found_and_what_is_missing_alone_is_not():
    (found,) = [c for c in suggest_constraints(patients()) if isinstance(c, MissingTogether)]
    assert found.names == tuple(GROUP)
    assert "rows have none of them" in found.evidence
    alone = patients()
    alone.loc[alone["arm"].isna().to_numpy().argmax(), "arm"] = "left"
    (found,) = [c for c in suggest_constraints(alone) if isinstance(c, MissingTogether)]
    assert found.names == ("systolic", "diastolic")


def test_chance_is_no_evidence():
    frame = patients(share=0)
    frame.loc[:1, GROUP] = None  # that two of 600 rows agree is as likely as one in 179,700
    assert [c for c in suggest_constraints(frame) if isinstance(c, MissingTogether)] == []


@pytest.mark.parametrize("estimator", [TabGAN, TabVAE])
def test_samples_have_all_or_none(estimator, tmp_path):
    frame = patients()
    model = estimator(**QUICK).fit(frame)
    assert [type(c) for c in model.constraints_] == [MissingTogether]
    drawn = model.sample(2000)
    n_missing = drawn[GROUP].isna().sum(axis=1)
    assert set(n_missing.unique()) == {0, 3}
    assert drawn.dtypes.equals(frame.dtypes)
    model.save(tmp_path / "model.tabgan")
    again = load(tmp_path / "model.tabgan").sample(50, random_state=0)
    pd.testing.assert_frame_equal(again, model.sample(50, random_state=0))


def test_conditions_decide():
    model = TabGAN(**QUICK).fit(patients())
    assert model.sample(50, given={"arm": None})[GROUP].isna().all(None)
    assert model.sample(50, given={"arm": "left"})[GROUP].notna().all(None)
    assert model.sample(50, missing=False)[GROUP].notna().all(None)


def test_rows_are_completed_and_filled_accordingly():
    frame = patients()
    model = TabGAN(**QUICK).fit(frame)
    rows = pd.DataFrame({"systolic": [120.0, 140.0], "diastolic": [None, 90], "arm": [None, None]})
    assert model.impute(rows).notna().all(None)


def test_settled_rows_keep_what_is_fixed():
    frame = pd.DataFrame({"a": [1.0, None, 3, None], "b": [None, 2.0, 4, None], "c": [None, 7.0, 5, None]})
    constraint = MissingTogether(["a", "b", "c"])
    assert constraint.check(frame).tolist() == [False, False, True, True]
    settled = constraint.settle(frame, [])
    assert settled.isna().all(axis=1).tolist() == [True, False, False, True]
    assert settled.loc[1].tolist() == [3, 2, 7]
    kept = constraint.settle(frame, ["a"])
    assert kept["a"].equals(frame["a"])
    assert kept.isna().sum(axis=1).tolist() == [0, 3, 0, 3]
    both = constraint.settle(frame, ["a", "b"])  # what is fixed disagrees in the first two rows
    assert both.equals(frame)
