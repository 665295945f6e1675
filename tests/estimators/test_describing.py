"""What a fitted model tells of itself."""

import matplotlib
import numpy as np
import pandas as pd
import pytest
from sklearn.exceptions import NotFittedError

import tabgan
from tabgan import Privacy, TabGAN, TabVAE

pytestmark = pytest.mark.slow  # trains networks
matplotlib.use("Agg")


@pytest.fixture(scope="module")
def frame():
    rng = np.random.default_rng(0)
    a = rng.integers(0, 50, 300)
    return pd.DataFrame(
        {"a|b": a, "twice": 2 * a, "name\n": rng.choice(["x", "y"], 300), "z": rng.normal(size=300)}
    )


def test_the_card_says_what_the_file_knows(frame, tmp_path):
    model = TabGAN(max_steps=100, privacy=Privacy(remember="rows"), random_state=0, verbose=0).fit(frame)
    model.save(tmp_path / "m.tabgan")
    card = tabgan.load(tmp_path / "m.tabgan").card(tmp_path / "card.md")
    assert card == (tmp_path / "card.md").read_text()
    assert card == model.card()
    table = [line for line in card.splitlines() if line.startswith("|")]
    # A row a column below two of the head; a bar in a name ends no cell.
    assert len(table) == 2 + 4
    assert {line.replace("\\|", "").count("|") for line in table} == {6}
    assert model.stop_reason_ in card
    assert all(
        " ".join(str(constraint).split()) in card.replace("\\|", "|") for constraint in model.constraints_
    )
    assert "treat it like the training table" in card
    assert "not differential privacy" in card
    assert "protect='auto'" in card


def test_a_model_that_is_not_fitted_has_no_card():
    with pytest.raises(NotFittedError):
        TabGAN().card()
    with pytest.raises(NotFittedError):
        TabGAN().plot_history()


@pytest.mark.parametrize("kind", [TabGAN, TabVAE])
def test_the_history_is_drawn(frame, kind):
    from matplotlib import pyplot

    model = kind(max_steps=150, random_state=0, verbose=0, refine=False).fit(frame)
    axes = model.plot_history()
    drawn = {line.get_label(): line for each in axes for line in each.get_lines()}
    assert set(drawn) == set(model.history_) - {"step"}
    np.testing.assert_array_equal(drawn["fidelity"].get_xdata(), model.history_["step"])
    checked = model.history_["fidelity"].notna().to_numpy()
    np.testing.assert_allclose(
        np.asarray(drawn["fidelity"].get_ydata(), float)[checked], model.history_["fidelity"][checked]
    )
    assert axes[0].get_title() == model.stop_reason_
    pyplot.close(axes[0].figure)
    with pytest.raises(ValueError, match="no history to draw: no steps were asked for"):
        kind(max_steps=0, random_state=0, verbose=0).fit(frame).plot_history()
