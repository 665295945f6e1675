"""DPTabGAN: nothing but ledgered answers reaches the model; samples, files, errors."""

from dataclasses import replace
from typing import ClassVar

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

import tabgan
from tabgan import DPTabGAN, TabGAN, load_adult
from tabgan.estimators import private
from tabgan.private.curator import Curator

pytestmark = pytest.mark.slow  # trains networks

BOUNDS = {"age": (17, 90), "hours-per-week": (1, 99), "capital-gain": (0, 99999)}
NAMES = [*BOUNDS, "sex", "education", "income"]


@pytest.fixture(scope="module")
def adult():
    return load_adult()[NAMES]


@pytest.fixture(scope="module")
def declared(adult):
    categories = {name: sorted(adult[name].unique()) for name in ("sex", "education", "income")}
    return {"bounds": BOUNDS, "categories": categories, "max_steps": 40, "n_points": 100, "verbose": 0}


@pytest.fixture(scope="module")
def fitted(adult, declared):
    parameters = {**declared, "max_steps": 250}
    return DPTabGAN(epsilon=5, target="income", random_state=0, **parameters).fit(adult)


class Recorder(Curator):
    """Keeps all that it says."""

    said: ClassVar[list] = []

    def keep(self, answer):
        self.said.append(answer)
        return answer

    @property
    def left(self):
        return self.keep(super().left)

    def ask(self, question, rho):
        return self.keep(super().ask(question, rho))

    def choose(self, *arguments):
        return self.keep(super().choose(*arguments))


def replay(said, ledger):
    """Give a curator that says this again, whatever it is asked, and has no rows."""

    class Replay(Curator):
        def __init__(self, rows, rho, source):
            super().__init__(None, rho, source)
            self.ledger, self.waiting = ledger, iter(said)

        @property
        def left(self):
            return next(self.waiting)

        def ask(self, question, rho):
            return next(self.waiting)

        def choose(self, *arguments):
            return next(self.waiting)

    return Replay


def neighbours(adult):
    """Give tables with one row more: out of range, unseen, missing, of other types."""
    last = adult.iloc[-1].to_dict()
    odd = [
        {}, {"age": 1000}, {"age": -5.5}, {"age": None}, {"age": "unknown"}, {"sex": "X"}, {"sex": None},
        {"sex": 3, "age": [1]}, {"income": None}, {"capital-gain": np.inf}, {"education": pd.NaT},
    ]  # fmt: skip
    rows = [pd.DataFrame([last | change]) for change in odd]
    return [pd.concat([adult.astype(object), row], ignore_index=True) for row in rows]


def content(model, path):
    model.save(path)
    return path.read_bytes()


@pytest.fixture(scope="module")
def recorded(adult, declared, tmp_path_factory):
    Recorder.said.clear()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(private, "Curator", Recorder)
        model = DPTabGAN(target="income", random_state=0, **declared).fit(adult)
    path = tmp_path_factory.mktemp("recorded") / "model"
    return list(Recorder.said), list(model.fitted_model_.guarantee.ledger), content(model, path)


@pytest.fixture
def is_same(declared, recorded, tmp_path, monkeypatch):
    """Tell whether a table gives the recorded model where it gets the recorded answers, bit for bit."""
    said, ledger, expected = recorded
    monkeypatch.setattr(private, "Curator", replay(said, ledger))

    def is_same(table):
        model = DPTabGAN(target="income", random_state=0, **declared)
        try:
            return content(model.fit(table), tmp_path / "model") == expected
        except (ValueError, IndexError):  # the answers are of other shapes than what is asked
            return False

    return is_same


@pytest.mark.filterwarnings("ignore:column")  # of values that were not declared, by the noisy counts
def test_neighbours_with_the_same_answers_give_the_same_model(adult, is_same):
    other = adult.sample(frac=1, random_state=0).astype(str)
    for table in [*neighbours(adult), adult.iloc[:1], other]:
        assert is_same(table)


def test_an_unledgered_look_at_the_number_of_rows_is_found(adult, is_same, monkeypatch):
    honest = private.measure

    def measure(*arguments):
        return replace(honest(*arguments), n_rows=float(len(table)))

    monkeypatch.setattr(private, "measure", measure)
    table = adult.iloc[:4000]  # the noisy number is that of 5,000 rows, with a standard deviation of 80
    assert not is_same(table)


def test_bounds_from_the_data_are_found(adult, is_same, monkeypatch):
    honest = private.declare

    def declare(names, bounds, categories, dtypes):
        return honest(names, bounds | {"age": (17, int(table["age"].max()))}, categories, dtypes)

    monkeypatch.setattr(private, "declare", declare)
    table = adult
    assert is_same(table)  # whose greatest age is the declared one
    table = adult.assign(age=adult["age"].clip(upper=89))
    assert not is_same(table)


def test_ledger_and_guarantee(fitted):
    ledger = fitted.privacy_ledger_
    assert list(ledger.columns) == ["question", "mechanism", "sensitivity", "sigma", "answers", "rho"]
    assert ledger["question"].iloc[0] == "number of rows"
    assert ledger["question"].str.startswith("table of").sum() == 15 + 10
    assert set(ledger["mechanism"]) == {"discrete Gaussian"}
    guarantee = fitted.guarantee_
    assert guarantee["rho"] == pytest.approx(ledger["rho"].sum())
    assert 4.9 < guarantee["epsilon"] <= 5
    assert guarantee["delta"] == 1e-9
    assert guarantee["noise"] == "system"
    assert any("several rows" in each for each in guarantee["not_covered"])


def test_samples(adult, fitted):
    drawn = fitted.sample(2000, random_state=0)
    assert list(drawn.columns) == NAMES
    assert drawn.dtypes.equals(adult.dtypes)
    assert drawn["age"].between(17, 90).all()
    assert set(drawn["sex"]) <= {"Male", "Female"}
    assert (drawn["capital-gain"] == 0).mean() == pytest.approx(0.917, abs=0.05)
    assert (drawn["income"] == ">50K").mean() == pytest.approx(0.24, abs=0.05)
    married = drawn.groupby("income")["age"].mean()
    assert married[">50K"] > married["<=50K"]
    pd.testing.assert_frame_equal(drawn, fitted.sample(2000, random_state=0))
    assert drawn.attrs["differential_privacy"]["epsilon"] == fitted.guarantee_["epsilon"]


def test_the_report_says_what_is_promised(adult, fitted):
    report = tabgan.evaluate(adult, fitted.sample(1000, random_state=0))
    assert report.details["differential_privacy"] == fitted.guarantee_
    note = next(note for note in report.notes if "epsilon" in note)
    assert note.startswith(
        "The synthetic rows are differentially private: epsilon 5 at delta 1e-09, for one row"
    )
    assert "figures that compare samples with real rows" in note
    assert "differential_privacy" not in tabgan.evaluate(adult[:500], adult[500:1000]).details


def test_conditions_are_exact(fitted):
    drawn = fitted.sample(20_000, random_state=0)
    given = fitted.sample(2000, given={"income": ">50K", "sex": "Female"}, random_state=1)
    assert (given["income"] == ">50K").all()
    assert (given["sex"] == "Female").all()
    rich = drawn[(drawn["income"] == ">50K") & (drawn["sex"] == "Female")]
    spread = np.sqrt(rich["age"].var() / len(rich) + given["age"].var() / len(given))
    assert abs(given["age"].mean() - rich["age"].mean()) < 4.5 * spread  # fails in one of 100,000 seeds
    assert fitted.sample(100, given={"age": slice(30, 40)})["age"].between(30, 40).all()
    assert (fitted.sample(100, given={"age": 33})["age"] == 33).all()
    assert fitted.sample(64, balance="education")["education"].value_counts().tolist() == [4] * 16
    rows = fitted.sample(3, given=pd.DataFrame({"sex": ["Male", "Female", None]}))
    assert rows["sex"].tolist()[:2] == ["Male", "Female"]


@pytest.mark.parametrize("load", [DPTabGAN.load, tabgan.load])
def test_files(fitted, tmp_path, load):
    fitted.save(tmp_path / "model")
    loaded = load(tmp_path / "model")
    assert isinstance(loaded, DPTabGAN)
    pd.testing.assert_frame_equal(loaded.sample(50, random_state=0), fitted.sample(50, random_state=0))
    pd.testing.assert_frame_equal(loaded.privacy_ledger_, fitted.privacy_ledger_)
    assert loaded.guarantee_ == fitted.guarantee_
    assert loaded.bounds == {name: list(ends) for name, ends in BOUNDS.items()}
    assert loaded.n_iter_ == fitted.n_iter_
    with pytest.raises(ValueError, match="holds a DPTabGAN, expected a TabGAN"):
        TabGAN.load(tmp_path / "model")


def test_parts_are_drawn_by_other_processes(fitted, tmp_path):
    fitted.sample_to(tmp_path / "parts", 300, rows_per_part=150, workers=2, verbose=0, random_state=0)
    assert len(pd.read_parquet(tmp_path / "parts")) == 300


def test_training_is_reproducible_and_noise_is_not(adult, declared):
    parameters = {**declared, "max_steps": 2}
    first, second = (DPTabGAN(random_state=0, **parameters).fit(adult) for _ in range(2))
    assert not first.sample(500, random_state=0).equals(second.sample(500, random_state=0))
    with pytest.warns(UserWarning, match="nothing is protected"):
        first, second = (
            DPTabGAN(random_state=0, noise="random_state", **parameters).fit(adult) for _ in range(2)
        )
    pd.testing.assert_frame_equal(first.sample(500), second.sample(500))
    assert first.guarantee_["noise"] == "random_state"


def test_scikit_learn_manners(declared):
    model = DPTabGAN(epsilon=2, **declared)
    assert clone(model).get_params()["epsilon"] == 2
    assert model.set_params(delta=1e-7).delta == 1e-7
    with pytest.raises(NotFittedError):
        model.sample(1)
    assert not hasattr(model, "guarantee_")


def test_no_score(fitted, adult):
    assert not hasattr(fitted, "score")
    with pytest.raises(AttributeError) as error:
        fitted.score(adult)
    assert "which no budget covers" in str(error.value.__cause__)


class Untouched(pd.DataFrame):
    """A frame whose values nobody may read."""

    def __getitem__(self, key):
        raise AssertionError(f"values of {key!r} were read")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"epsilon": 0}, "epsilon must be a positive number"),
        ({"epsilon": -1.0}, "epsilon must be a positive number"),
        ({"epsilon": float("nan")}, "epsilon must be a positive number"),
        ({"delta": 0}, "delta must be a positive number below 1"),
        ({"delta": 1.0}, "delta must be a positive number below 1"),
        ({"constraints": "auto"}, "would be a look at the table"),
        ({"constraints": [tabgan.FixedCombinations(["sex", "income"])]}, "outside the budget"),
        ({"constraints": ["age < height"]}, "there is no column 'height'"),
        ({"target": "wage"}, "target='wage' is no column"),
        ({"bounds": {"age": (17, 90)}}, "columns 'hours-per-week', 'capital-gain': neither bounds nor"),
        ({"bounds": {**BOUNDS, "age": (90, 17)}}, "column 'age': the lower bound must lie below"),
        ({"bounds": {**BOUNDS, "age": (17, np.inf)}}, "column 'age': bounds must be finite"),
        ({"bounds": {**BOUNDS, "age": ("soon", "later")}}, "finite numbers or times, such as '2020-01-31'"),
        ({"bounds": {**BOUNDS, "age": ("2020-01-31", "2020-02-31")}}, "or times.*got '2020-02-31'"),
        ({"bounds": {**BOUNDS, "sex": (0, 1)}}, "column 'sex' has bounds and categories"),
        ({"bounds": {**BOUNDS, "wage": (0, 1)}}, "column 'wage' is declared, but no such column"),
        ({"bounds": {**BOUNDS, "age": (0, 90, 1e-300)}}, "'age': from bound to bound there are"),
        ({"noise": "none"}, "noise must be one of 'system', 'random_state'"),
    ],
)
def test_bad_input_is_refused_before_any_look(adult, declared, change, message):
    with pytest.raises((ValueError, TypeError), match=message):
        DPTabGAN(**{**declared, **change}).fit(Untouched(adult))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("Male", "categories must be a list"),
        (["Male"], "two categories at least"),
        (["Male", "Male"], "given twice"),
        ([1, True], "given twice"),
        ([["Male"], "x"], "no hash"),
    ],
)
def test_bad_categories(adult, declared, given, message):
    categories = {**declared["categories"], "sex": given}
    with pytest.raises((ValueError, TypeError), match=f"column 'sex'.*{message}"):
        DPTabGAN(**{**declared, "categories": categories}).fit(adult)


def test_delta_is_compared_with_the_noisy_number_of_rows(adult, declared):
    with pytest.raises(ValueError, match=r"delta must lie below 1/n, and there are about [45],\d\d\d rows"):
        DPTabGAN(delta=1e-3, **declared).fit(adult)


def test_undeclared_values_are_spoken_of(adult, declared):
    categories = {**declared["categories"], "sex": ["Female", "Other"]}
    with pytest.warns(
        UserWarning, match=r"column 'sex': about 3,\d\d\d of [45],\d\d\d rows \(noisy counts\)"
    ):
        DPTabGAN(**{**declared, "categories": categories, "epsilon": 5}).fit(adult)


def test_what_is_not_there():
    with pytest.raises(TypeError, match="warm_start"):
        DPTabGAN(warm_start=True)
    with pytest.raises(TypeError, match="checkpoint"):
        DPTabGAN().fit(pd.DataFrame({"a": [1]}), checkpoint="folder")
    with pytest.raises(ValueError, match="needs a table in memory"):
        DPTabGAN().fit("data/*.parquet")


def test_missing_values_times_and_grids():
    rng = np.random.default_rng(0)
    n = 3000
    frame = pd.DataFrame(
        {
            "when": pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(0, 365, n), unit="D"),
            "price": rng.integers(0, 10_000, n) / 100,
            "rate": np.where(rng.random(n) < 0.3, 0.2, rng.random(n)),
            "city": rng.choice(["Rome", "Oslo"], n),
            "flag": rng.random(n) < 0.3,
        }
    )
    frame.loc[rng.random(n) < 0.25, ["price", "city"]] = None
    model = DPTabGAN(
        epsilon=20,
        bounds={
            "when": (pd.Timestamp("2020-01-01"), pd.Timestamp("2020-12-31"), pd.Timedelta("1D")),
            "price": (0, 100.0, 0.01, None),
            "rate": (0.0, 1.0),
        },
        categories={"city": ["Rome", "Oslo", None], "flag": [False, True]},
        dtypes={"when": "datetime64[ns]"},
        constraints=["rate > 0.01"],
        max_steps=250,
        n_points=100,
        verbose=0,
    ).fit(frame)
    drawn = model.sample(1000, random_state=0)
    assert drawn.dtypes.astype(str).to_dict() == {
        "when": "datetime64[ns]", "price": "float64", "rate": "float64", "city": "object", "flag": "bool",
    }  # fmt: skip
    assert (drawn["when"].dt.normalize() == drawn["when"]).all()
    assert (drawn["price"].dropna().round(2) == drawn["price"].dropna()).all()
    assert drawn["price"].isna().mean() == pytest.approx(0.25, abs=0.07)
    assert (drawn["price"].isna() & drawn["city"].isna()).mean() > 0.15  # they come together
    assert (drawn["rate"] == 0.2).mean() == pytest.approx(0.3, abs=0.07)  # an atom, exactly
    assert (drawn["rate"] > 0.01).all()
    assert model.schema_["price"].missing == pytest.approx(0.25, abs=0.05)
    assert model.sample(50, missing=False).notna().all(axis=None)
    rome = model.sample(20, given={"city": "Rome", "when": slice("2020-06-01", "2020-06-30")})
    assert (rome["when"].dt.month == 6).all()
    assert (model.sample(20, given={"price": slice(None, 50)})["price"] <= 50).all()
    with pytest.raises((ValueError, TypeError), match="'price'"):
        model.sample(20, given={"price": slice("cheap", None)})


def test_arrays_y_and_other_frames(adult):
    X, y = adult[["age", "hours-per-week"]].to_numpy(), adult["income"].to_numpy()
    quick = {"max_steps": 2, "n_points": 10, "verbose": 0, "epsilon": 5}
    model = DPTabGAN(bounds={"*": (0, 100)}, categories={"target": ["<=50K", ">50K"]}, **quick).fit(X, y)
    rows, labels = model.sample(10, return_X_y=True)
    assert (rows.shape, rows.dtype.kind, labels.shape) == ((10, 2), "f", (10,))
    assert model.privacy_ledger_["question"].str.contains("x 'target'$").sum() == 3
    polars = pytest.importorskip("polars")
    table = polars.from_pandas(adult[["age", "hours-per-week"]])
    assert isinstance(DPTabGAN(bounds={"*": (0, 100)}, **quick).fit(table).sample(5), polars.DataFrame)


def test_a_single_column(adult):
    model = DPTabGAN(bounds={"age": (17, 90)}, epsilon=5, verbose=0).fit(adult[["age"]])
    drawn = model.sample(4000, random_state=0)["age"]
    assert drawn.mean() == pytest.approx(adult["age"].mean(), abs=1.5)
    assert model.stop_reason_.startswith("there is a single column")


def test_wide_tables_choose_pairs(monkeypatch):
    monkeypatch.setattr("tabgan.private.measurement.MOST_PAIRS", 12)
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.integers(0, 2, (4000, 8)), columns=list("abcdefgh"))
    frame["b"], frame["d"] = frame["a"], 1 - frame["c"]
    model = DPTabGAN(
        epsilon=3,
        categories={name: [0, 1] for name in "abcdefgh"},
        target="h",
        max_steps=150,
        n_points=30,
        verbose=0,
    ).fit(frame)
    ledger = model.privacy_ledger_
    assert (ledger["mechanism"] == "exponential").sum() == 12 - 7
    questions = ledger["question"]
    assert questions.str.startswith("table of 'a' x 'b'").sum() == 2
    assert questions.str.startswith("table of 'c' x 'd'").sum() == 2
    assert 2.9 < model.guarantee_["epsilon"] <= 3
    drawn = model.sample(2000, random_state=0)
    assert (drawn["a"] == drawn["b"]).mean() > 0.9
    assert (drawn["c"] != drawn["d"]).mean() > 0.9
