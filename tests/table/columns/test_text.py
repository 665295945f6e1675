"""Near-unique strings: newly generated, and no training value comes back unless it is asked for."""

import json

import numpy as np
import pandas as pd
import pytest

from tabgan import Privacy, TabGAN
from tabgan.table import Schema, Text
from tabgan.table.columns.states import pack_columns, unpack_columns
from tabgan.table.columns.words import Words

pytestmark = pytest.mark.slow  # trains networks, or waits for other processes

RNG = np.random.default_rng(0)
FIRST = ["Anna", "Bo", "Zoë", "Kwame", "Mei", "Łukasz", "José", "Ngozi", "Ivan", "Fatima"]
SYLLABLES = ["ba", "rit", "son", "mo", "kel", "ta", "vich", "lund", "o", "hara", "de", "wen"]


def surname():
    return "".join(RNG.choice(SYLLABLES, 3)).capitalize()


NAMES = [f"{surname()}, {title} {RNG.choice(FIRST)}" for title in RNG.choice(["Mr.", "Mrs.", "Dr."], 400)]
COLUMNS = {
    "names": NAMES,
    "emails": [f"{surname().lower()}{RNG.integers(100)}@{surname().lower()}.com" for _ in range(300)],
    "phones": [f"0{RNG.integers(100, 999)} {RNG.integers(10**6, 10**7)}" for _ in range(300)],
    "reviews": [
        " ".join(RNG.choice(["fine", "bad,", "Very", "good!", "why?", "🙂", "\n"], 12)) for _ in range(200)
    ],
    "han": ["".join(chr(0x4E00 + k) for k in RNG.integers(20_000, size=4)) for _ in range(200)],
}


def rows(n):
    return np.empty((n, 0), dtype=np.float32)


@pytest.mark.parametrize("name", COLUMNS)
def test_no_training_value_comes_back(name):
    column = pd.Series(COLUMNS[name])
    kind = "identifier" if name in ("emails", "phones") else "text"
    assert Schema.infer(pd.DataFrame({"x": column}))["x"].kind == kind
    fitted = Text().fit(column)
    assert len(fitted.inverse_transform(rows(0))) == 0
    made = fitted.inverse_transform(rows(5000), np.random.default_rng(0))
    assert made.dtype == column.dtype
    assert not set(made) & set(column)
    # The mean number of words of 5,000 texts has a standard error of a hundredth of its spread, at most 0.01.
    assert made.str.count(" ").mean() == pytest.approx(column.str.count(" ").mean(), abs=0.05)
    content, arrays = pack_columns({"x": fitted})
    assert [text for text in column if json.dumps(text) in json.dumps(content)] == []
    again = unpack_columns(content, arrays)["x"]
    pd.testing.assert_series_equal(again.inverse_transform(rows(50), np.random.default_rng(1)),
                                   fitted.inverse_transform(rows(50), np.random.default_rng(1)))  # fmt: skip


def test_words_look_alike():
    made = Text().fit(pd.Series(NAMES)).inverse_transform(rows(500), np.random.default_rng(0))
    assert made.str.fullmatch(r"\w+, (Mr|Mrs|Dr)\. \w+").all()
    assert not made.str.lower().str.contains("[bcdfghjklmnpqrstvwxz]{4}", regex=True).any()


def test_what_few_texts_have_is_not_kept():
    texts = [f"{''.join(RNG.choice(list('abcdefg'), 6))} lives here" for _ in range(200)]
    texts[:3] = ["Žofie žije doma", "x y z u v w", "+++ here!?"]
    fitted = Text().fit(pd.Series(texts))
    made = fitted.inverse_transform(rows(2000), np.random.default_rng(0))
    assert not made.str.contains(r"[žŽxyzuw+!?A-Z]").any()
    assert made.str.endswith(" lives here").all()
    assert set(fitted.words_.letters) <= set("abcdefghilrsv")


def test_short_texts_grow_where_there_are_too_few():
    known = [f"{a}{b}" for a in "abcde" for b in "abcde"]
    made = Text().fit(pd.Series(known)).inverse_transform(rows(3000), np.random.default_rng(0))
    assert made.is_unique
    assert not set(made) & set(known)


def test_names_repeat_as_often():
    known = pd.Series(RNG.choice(sorted({surname() for _ in range(500)}), 1000))
    made = Text().fit(known).inverse_transform(rows(1000), np.random.default_rng(0))
    # The number of different ones varies by some 12.
    assert made.nunique() == pytest.approx(known.nunique(), abs=50)
    assert not set(made) & set(known)


def test_where_all_pairs_of_common_words_are_taken_one_is_made_up():
    known = [
        f"{first} {last}" for first in FIRST[:6] for last in ("Smith", "Jones", "Mayer", "Brown", "Klein")
    ]
    made = Text().fit(pd.Series(known)).inverse_transform(rows(300), np.random.default_rng(0))
    assert made.is_unique
    assert not set(made) & set(known)
    assert made.str.fullmatch(r"\w+ \w{5,}").all()


@pytest.mark.parametrize("marks", [["+", "-", "*"], ["🙂", "🙃", "👍"]])
def test_texts_of_marks(marks):
    known = pd.Series(["".join(RNG.choice(marks, 12)) for _ in range(100)])
    made = Text().fit(known).inverse_transform(rows(100), np.random.default_rng(0))
    assert made.is_unique
    assert not set(made) & set(known)


@pytest.mark.parametrize(
    "values",
    [
        RNG.choice(NAMES[:100], 1000).tolist(),
        NAMES[:15],
    ],
    ids=["repeated", "few"],
)
def test_what_is_no_text(values):
    assert Schema.infer(pd.DataFrame({"x": values}))["x"].kind == "categorical"


def test_names_of_which_few_rows_hold_each_are_text():
    assert Schema.infer(pd.DataFrame({"x": RNG.choice(NAMES, 1000)}))["x"].kind == "text"


def test_a_model_draws_training_values_only_if_asked_for():
    frame = pd.DataFrame({"name": NAMES, "age": RNG.integers(18, 90, len(NAMES)).astype(float)})
    frame.loc[::10, "name"] = None
    quick = {"max_steps": 5, "random_state": 0, "verbose": 0}
    drawn = TabGAN(**quick).fit(frame).sample(400)
    assert not set(drawn["name"].dropna()) & set(NAMES)
    assert 0 < drawn["name"].isna().mean() < 1
    with pytest.warns(UserWarning, match="'name' is declared categorical, but few of its"):
        allowed = (
            TabGAN(columns={"name": "categorical"}, **quick, privacy=Privacy(protect=None))
            .fit(frame)
            .sample(400)
        )
    assert set(allowed["name"].dropna()) <= set(NAMES)
    with pytest.raises(ValueError, match="'name' holds keys or text"):
        TabGAN(**quick).fit(frame).sample(5, given={"name": NAMES[0]})


def test_other_values_are_refused():
    with pytest.raises(ValueError, match="column 'x' cannot be text"):
        Text().fit(pd.Series(["a", 1], name="x"))


@pytest.mark.parametrize(
    "changes",
    [
        {"sizes": {}},
        {"sizes": {2: 0}},
        {"sizes": {10**9: 3}},
        {"shapes": {(0, 0): {}}},
        {"shapes": {(0, 0): {7: 3}}},
        {"letters": ""},
        {"follows": np.full((3, 2), np.nan)},
        {"follows": np.array([[1.0, 1], [1, 1], [0, 0]])},
        {"others": None},
    ],
)
def test_words_that_a_file_has_wrong_are_refused(changes):
    right = {
        "sizes": {2: 3}, "shapes": {(0, 0): {"\ue201\ue200": 3}}, "letters": "ab", "follows": np.ones((3, 2)),
        "others": "",
    }  # fmt: skip
    Words(**right)
    with pytest.raises(ValueError, match=r"words have|letter|number of strings"):
        Words(**(right | changes))
