"""Few rows: forests learn them and teach the networks, which never see a real row."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import cross_val_predict

from tabgan import TabGAN, load_adult, load_iris
from tabgan.adversarial.networks import MLP
from tabgan.adversarial.training import teacher
from tabgan.adversarial.training.batches import PackedTable
from tabgan.layout import Layout
from tabgan.trees.forest import ConditionalForest

BLOCKS = tuple(Layout.from_columns([("x", [("scalar", 1)]), ("side", [("onehot", 2)])]))


def table(n: int, seed: int = 0) -> np.ndarray:
    """A number, and on which side of 0 it lies."""
    x = np.random.default_rng(seed).uniform(-1, 1, n)
    return np.column_stack([x, x > 0]).astype(np.float32)


def test_a_lesson_is_many_rows_that_hold_what_the_real_ones_do() -> None:
    packed = PackedTable.of(table(200), BLOCKS)
    lesson = teacher.lesson(packed, packed.shards[0], teacher.STEPS, np.random.default_rng(0))
    drawn = lesson.packing.codes(lesson.shards[0])
    assert len(drawn) == teacher.LESSON
    assert ((drawn[:, 0] > 0) == drawn[:, 1]).mean() > 0.95
    assert np.isin(drawn[:, 0], table(200)[:, 0]).mean() < 0.05  # a number moves towards its neighbours


def test_fewer_rows_have_larger_leaves() -> None:
    leaves = [teacher.least_leaf(n) for n in (20, 300, 700, teacher.MOST_ROWS)]
    assert leaves == sorted(leaves, reverse=True)
    assert leaves[0] > leaves[-1] >= teacher.LEAF
    assert teacher.least_leaf(700, is_wide=True) < leaves[-1]


def test_few_rows_are_learned_in_fewer_steps() -> None:
    assert teacher.n_steps(teacher.ENOUGH - 1) < teacher.n_steps(teacher.ENOUGH) == teacher.STEPS


def test_smaller_networks_are_taught_unless_others_are_asked_for() -> None:
    assert teacher.pupil(MLP()) == teacher.PUPIL
    assert teacher.pupil(MLP(generator=(64,))) == MLP(generator=(64,))


@pytest.mark.slow
def test_a_taught_model_is_saved_with_its_networks_and_goes_on_with_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(teacher, "LESSON", 2_000)
    flowers = load_iris()
    model = TabGAN(max_steps=100, verbose=0, random_state=0).fit(flowers)
    assert model.fitted_model_.backbone == teacher.PUPIL
    assert model.fitted_model_.sampler.stages["transport"].members  # type: ignore[union-attr]
    model.save(tmp_path / "flowers.tabgan")
    loaded = TabGAN.load(tmp_path / "flowers.tabgan")
    pd.testing.assert_frame_equal(loaded.sample(50, random_state=1), model.sample(50, random_state=1))
    again = loaded.set_params(warm_start=True).fit(flowers)
    assert again.n_iter_ == 200
    assert again.fitted_model_.backbone == teacher.PUPIL
    assert model.partial_fit(flowers).fitted_model_.backbone == teacher.PUPIL


@pytest.mark.slow
def test_who_is_taught(monkeypatch: pytest.MonkeyPatch) -> None:
    fitted: list[int] = []
    fit = ConditionalForest.fit

    def counted(self: ConditionalForest, codes: np.ndarray, *args: object) -> ConditionalForest:
        fitted.append(len(codes))
        return fit(self, codes, *args)  # type: ignore[arg-type]

    monkeypatch.setattr(ConditionalForest, "fit", counted)
    monkeypatch.setattr(teacher, "LESSON", 2_000)
    rng = np.random.default_rng(0)
    many = teacher.MOST_ROWS + 1
    frame = pd.DataFrame({"x": rng.normal(size=many), "side": rng.choice(["a", "b"], many)})
    taught = TabGAN(max_steps=100, verbose=0, random_state=0).fit(frame.head(300))
    assert fitted == [300]
    assert taught.stop_reason_.endswith("taught by 1,000 rows of forests")
    for rows, parameters in ((300, {"max_steps": 99}), (300, {"refine": False}), (many, {})):
        other = TabGAN(**{"max_steps": 100, **parameters}, verbose=0, random_state=0).fit(frame.head(rows))
        assert "taught" not in other.stop_reason_
    assert fitted == [300]


@pytest.mark.slow
def test_rows_of_taught_networks_are_harder_to_tell_from_real_ones() -> None:
    """Boosted trees, against other rows than the 300 that were learned; an AUC has an error of 0.008."""
    real = load_adult()
    others = real.iloc[300:2300]
    auc = {}
    for refine in (True, False):
        drawn = TabGAN(refine=refine, verbose=0, random_state=0).fit(real.head(300)).sample(len(others))
        rows = pd.concat([drawn, others])
        for name in rows.select_dtypes(["object", "category"]):
            rows[name] = rows[name].astype("category").cat.codes
        answers = np.repeat([0, 1], len(others))
        scores = cross_val_predict(
            HistGradientBoostingClassifier(random_state=0), rows, answers, method="predict_proba", cv=3
        )
        auc[refine] = roc_auc_score(answers, scores[:, 1])
    assert auc[True] < auc[False] - 0.02
