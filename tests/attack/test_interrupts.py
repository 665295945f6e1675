"""Ctrl-C at any moment of a fit: a usable model that says what was left out, or that nothing was learned."""

import signal
import time
from itertools import count

import numpy as np
import pytest

import tabgan
from tabgan import TabGAN, load_adult, load_iris
from tabgan.adversarial.generator.sampler import STAGES, Sampler
from tabgan.adversarial.networks import MLP
from tabgan.adversarial.training.finish import INTERRUPTED, LEFT_OUT, NOTHING
from tabgan.io.tables import read_table
from tests.attack.budget import SEED, TABLE, times

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="interrupts itself by a timer"),
]

QUICK = {"verbose": 0, "random_state": 0, "device": "cpu", "backbone": MLP((16,), (16,)), "max_steps": 40}


def press_after(seconds):
    """Have Ctrl-C pressed once, so many seconds of the processor from now."""
    signal.signal(signal.SIGPROF, lambda *_: signal.raise_signal(signal.SIGINT))
    signal.setitimer(signal.ITIMER_PROF, seconds)


@pytest.fixture
def adult():
    """Enough rows that trees come after the networks."""
    return load_adult()[["age", "education", "hours-per-week", "sex", "income"]].head(1300)


def test_any_moment_leaves_a_model_or_the_sentence(adult, tmp_path):
    rows, settings = adult, QUICK
    if TABLE:
        rows, settings = read_table(TABLE), QUICK | {"backbone": None, "max_steps": 300}
    TabGAN(**QUICK).fit(adult)  # fills caches
    start = time.process_time()
    TabGAN(**settings).fit(rows)
    whole = time.process_time() - start
    rng, ends = np.random.default_rng(SEED), []
    for _ in range(times(4)):
        model = TabGAN(**settings)
        press_after(max(1e-3, whole * rng.random()))
        try:
            model.fit(rows)
        except KeyboardInterrupt as interrupt:
            signal.setitimer(signal.ITIMER_PROF, 0)
            said = str(interrupt)
            assert not model.__sklearn_is_fitted__()
            ends.append(f"nothing: {said}")
            continue
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
        assert len(model.sample(50)) == 50
        model.save(tmp_path / "m.tabgan")
        assert tabgan.load(tmp_path / "m.tabgan").stop_reason_ == model.stop_reason_
        ends.append(model.stop_reason_)
    print(
        f"of {len(ends)} moments of {whole:.1f} s of the processor, {len(rows):,} rows:",
        *sorted(ends),
        sep="\n",
    )
    assert len(ends) == times(4)
    # without a word it comes only in the first and last microseconds, outside of what `fit` guards
    assert {end for end in ends if end.startswith("nothing")} <= {f"nothing: {NOTHING}", "nothing: "}


@pytest.mark.parametrize("name", STAGES[True])
def test_each_stage_that_it_comes_in_is_left_out(adult, monkeypatch, name):
    """But for the one that protects records, which is made anew."""
    before, calls = Sampler.fit, count()

    def fit(self, *arguments, **options):
        stage = self.stages[name]
        whole = stage.fit

        def interrupted(*parts):
            if next(calls) == 0:
                signal.raise_signal(signal.SIGINT)
            whole(*parts)

        stage.fit = interrupted
        return before(self, *arguments, **options)

    monkeypatch.setattr(Sampler, "fit", fit)
    model = TabGAN(**QUICK).fit(adult)
    places = [each for each in STAGES[True] if each in LEFT_OUT]
    expected = places[places.index(name) :] if name in LEFT_OUT else []
    assert [each for each in places if LEFT_OUT[each] in model.stop_reason_] == expected
    assert not model.stop_reason_.startswith(INTERRUPTED)
    assert len(model.sample(100)) == 100


@pytest.mark.parametrize("refine", [True, False])
def test_between_training_and_the_stages(adult, monkeypatch, refine):
    before, calls = Sampler.fit, count()

    def fit(self, *arguments, **options):
        if next(calls) == 0:
            signal.raise_signal(signal.SIGINT)
        return before(self, *arguments, **options)

    monkeypatch.setattr(Sampler, "fit", fit)
    model = TabGAN(**QUICK, refine=refine).fit(adult)
    assert LEFT_OUT["marginals"] in model.stop_reason_
    assert len(model.sample(100)) == 100


def test_before_the_first_step_nothing_is_learned_and_what_was_there_stays(monkeypatch):
    def press(*_):
        raise KeyboardInterrupt

    model = TabGAN(**QUICK).fit(load_iris())
    drawn = model.sample(5, random_state=0)
    monkeypatch.setattr(TabGAN, "_training_step", lambda self: press)
    with pytest.raises(KeyboardInterrupt, match=NOTHING):
        model.fit(load_iris())
    assert model.sample(5, random_state=0).equals(drawn)
