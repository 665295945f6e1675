"""Templates: new keys of the form of the old ones, none of which comes back or can be read in a file."""

import json
import re
import time
from itertools import product

import numpy as np
import pandas as pd
import pytest

from tabgan.table import Identifier
from tabgan.table.columns.check_digits import RULES, find_rule
from tabgan.table.columns.key_filter import KeyFilter
from tabgan.table.columns.states import pack_columns, unpack_columns
from tabgan.table.columns.template_fields import learn_counts, number_field, word
from tabgan.table.columns.templates import Template
from tests.table.keys import CHECKED, PATTERNS, keys, written

WORDS = ["".join(pair) for pair in product(("Mo", "Kel", "Ru", "Ta", "Li"), ("den", "by", "ham", "ton"))]
SIZES = [200, 1000, pytest.param(10_000, marks=pytest.mark.slow)]


def rows(n):
    return np.empty((n, 0), dtype=np.float32)


def in_file(fitted):
    """All that a model file holds of a column, as text."""
    content, arrays = pack_columns({"key": fitted})
    return json.dumps(content) + "".join(array.tobytes().decode("latin-1") for array in arrays.values())


@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("kind", PATTERNS)
def test_new_keys_have_the_form_and_none_is_known(kind, n):
    known = keys(kind, n)
    assert Template.of(known) is not None
    column = pd.Series(known, name="key", dtype=object)
    fitted = Identifier().fit(column)
    made = fitted.inverse_transform(rows(n), np.random.default_rng(1))
    assert made.is_unique
    assert not set(made) & set(known)
    assert {type(key) for key in made} == {type(known[0])}
    assert [key for key in made if not re.fullmatch(PATTERNS[kind], written(key))] == []
    if kind in CHECKED:
        assert all(RULES[CHECKED[kind]](key) == key for key in made)
    content = in_file(fitted)
    assert [key for key in known if written(key) in content] == []
    again = unpack_columns(*pack_columns({"key": fitted}))["key"]
    pd.testing.assert_series_equal(again.inverse_transform(rows(n), np.random.default_rng(1)), made)


@pytest.mark.parametrize("kind", PATTERNS)
def test_parts_of_a_sample_share_no_key(kind):
    fitted = Identifier().fit(pd.Series(keys(kind, 500), dtype=object))
    made = fitted.inverse_transform(rows(300))
    parts = [fitted.renew(made, np.random.default_rng(k), (k, 7, 300)) for k in range(7)]
    assert pd.concat(parts).is_unique


@pytest.mark.parametrize("dtype", ["object", "string", "string[pyarrow]", "category"])
def test_any_dtype_of_strings(dtype):
    known = keys("phone", 200)
    column = pd.Series(known, dtype=dtype).mask(np.arange(200) % 5 == 0)
    fitted = Identifier().fit(column)
    made = fitted.inverse_transform(fitted.transform(column), np.random.default_rng(0))
    assert made.dtype == (object if dtype == "category" else column.dtype)
    np.testing.assert_array_equal(made.isna(), column.isna())
    assert made.dropna().str.fullmatch(PATTERNS["phone"]).all()
    assert not set(made.dropna()) & set(known)
    assert [key for key in known if key in in_file(fitted)] == []


def test_bytes_of_arrow():
    column = pd.Series(keys("bytes", 100), dtype="binary[pyarrow]")
    made = Identifier().fit(column).inverse_transform(rows(100))
    assert {len(key) for key in made} == {16}


@pytest.mark.parametrize(
    "values",
    [
        ["yes", "no", "perhaps"] * 20,
        [f"{a}{b}" for a in ("Mül", "Schmi", "Ho", "Ba") for b in ("ler", "der", "mann", "er", "stein")],
        [f"{k} {street} Street" for k, street in enumerate(WORDS)],
        [f"{k} things and {'more ' * (k % 7)}" for k in range(100)],
        ["a1", 1] * 30,
        [1.5, 2.5] * 30,
        [],
    ],
    ids=["categories", "names", "addresses", "texts", "mixed", "fractions", "nothing"],
)
def test_what_has_no_template(values):
    assert Template.of(values) is None


def test_keys_of_no_common_form_become_words_if_they_are_declared():
    made = Template.of(["Anna", "Bob", "über alles", "?"], is_declared=True).draw(
        50, np.random.default_rng(0)
    )
    assert len(set(made)) == 50
    assert all(re.fullmatch("[A-Z][a-z]+", key) for key in made)


def test_prefixes_keep_their_share_and_rare_ones_are_gone():
    rng = np.random.default_rng(0)
    sizes = {"AB": 700, "XY": 297, "QQ": 3}
    known = [f"{prefix}-{rng.integers(10**6):06d}" for prefix, n in sizes.items() for _ in range(n)]
    made = pd.Series(Template.of(known).draw(4000, np.random.default_rng(0)))
    # The share of 4,000 keys has a standard error of 0.7 %.
    assert made.str.startswith("AB").mean() == pytest.approx(0.7, abs=0.03)
    assert not made.str.contains("Q").any()


def test_domains_keep_their_share_and_rare_ones_are_made_up():
    rng = np.random.default_rng(0)
    known = [
        f"{''.join(rng.choice(list('abcdefgh'), 8))}@{'mail.de' if k % 2 else f'own{k}.com'}"
        for k in range(600)
    ]
    made = pd.Series(Template.of(known).draw(2000, rng))
    # The standard error is 1.1 %.
    assert made.str.endswith("@mail.de").mean() == pytest.approx(0.5, abs=0.05)
    assert not made.str.contains("own").any()
    assert made.str.fullmatch(r"[a-z]+@[a-z]+\.(de|com)").all()


def test_running_numbers_go_on():
    known = [f"C{k:05d}" for k in range(1000)]
    rng = np.random.default_rng(0)
    assert Template.of(known).draw(500, rng).tolist() == [f"C{k:05d}" for k in range(1000, 1500)]
    shuffled = Template.of(rng.permutation(known).tolist()).draw(1000, rng).tolist()
    assert shuffled != sorted(shuffled)
    assert sorted(shuffled) == [f"C{k:05d}" for k in range(1000, 2000)]
    unpadded = Template.of([f"row {k} of 9" for k in range(95, 105)]).draw(2, rng).tolist()
    assert unpadded == ["row 105 of 9", "row 106 of 9"]
    in_tens = Template.of([f"{k}0" for k in range(100, 200)])
    assert in_tens.numbers is None


def test_a_form_that_is_full_grows():
    known = [f"{a}{b}-{k}" for a in "ABCDE" for b in "XYZ" for k in range(10)]
    filter_ = KeyFilter.of(known, "x")
    made = Template.of(known).draw(3000, np.random.default_rng(0), filter_)
    assert len(set(made)) == 3000
    assert not set(made) & set(known)
    assert all(re.fullmatch(r"[A-Z]+-\d+", key) for key in made)
    parts = [
        set(Template.of(known).draw(300, np.random.default_rng(k), filter_, (k, 5, 300))) for k in range(5)
    ]
    assert len(set.union(*parts)) == 1500


def test_a_leading_zero_gives_room():
    known = [f"{year}/00{k:02d}" for year in (2023, 2024) for k in range(100)]
    made = Template.of(known).draw(500, np.random.default_rng(0), KeyFilter.of(known, "x"))
    assert all(re.fullmatch(r"202[34]/0\d{3}", key) for key in made)


def test_sorted_keys_are_sorted():
    known = sorted(keys("ULID", 100))
    made = Template.of(known).draw(100, np.random.default_rng(0)).tolist()
    assert made == sorted(made)


@pytest.mark.parametrize("kind", ["UUID", "e-mail", "phone"])
def test_quick(kind):
    template, known = Template.of(keys(kind, 1000)), KeyFilter.of(keys(kind, 1000), "x")
    start = time.perf_counter()
    assert len(template.draw(50_000, np.random.default_rng(0), known)) == 50_000
    assert time.perf_counter() - start < 5  # half a second where nothing else runs


@pytest.mark.parametrize("n", [1, 10, 1000])
def test_a_filter_misses_no_key_and_hits_half_of_the_others(n):
    known = [f"known {k}" for k in range(n)]
    others = [f"other {k}" for k in range(4000)]
    filter_ = KeyFilter.of(known, "x")
    assert filter_.hits(known).all()
    assert len(filter_.bits) <= 1 + max(1, 1.45 * n / 8)
    if n == 1000:
        # A bit in 1,443 is set with a chance of one half; the share of 4,000 varies by 0.008 and 0.008 more.
        assert filter_.hits(others).mean() == pytest.approx(0.5, abs=0.06)
    assert (KeyFilter.of(known, "y").hits(others) != filter_.hits(others)).any() or n == 1
    assert not KeyFilter.of([], "x").hits(others).any()
    assert not KeyFilter.of(["\0"], "x").hits([f"\0{k}" for k in range(100)]).all()


def test_the_filter_of_a_saved_model_stays_valid():
    filter_ = KeyFilter.of(["a", "b", "\ud800"], "x")
    assert np.packbits(filter_.hits([str(number) for number in range(32)])).tolist() == [11, 61, 9, 3]


@pytest.mark.parametrize(
    ("rule", "key", "wrong"),
    [
        ("IBAN", "GB82WEST12345698765432", "GB83WEST12345698765432"),
        ("IBAN", "DE89 3704 0044 0532 0130 00", "DE98 3704 0044 0532 0130 00"),
        ("Luhn", "4111 1111 1111 1111", "4111 1111 1111 1112"),
        ("EAN", "4006381333931", "4006381333932"),
        ("EAN", "978-3-16-148410-0", "978-3-16-148410-1"),
        ("ISBN-10", "0-8044-2957-X", "0-8044-2957-1"),
    ],
)
def test_check_digits(rule, key, wrong):
    assert RULES[rule](key) == RULES[rule](wrong) == key
    assert RULES[rule]("no key") == ""
    assert find_rule([key] * 10) == rule
    assert find_rule([*[key] * 10, wrong]) == ""


@pytest.mark.parametrize(
    ("low", "high", "width"), [(0, 255, 0), (7, 7, 0), (1, 12, 2), (98, 1203, 0), (10, 40, 3)]
)
def test_a_range_of_numbers_as_positions(low, high, width):
    patterns = [
        "".join(f"[{each}]" for each in characters) for _, characters in number_field(low, high, width)
    ]
    every = [number for number in range(1500) if re.fullmatch("|".join(patterns), f"{number:0{width}d}")]
    assert every == list(range(low, high + 1))
    assert sum(count for count, _ in number_field(low, high, width)) == high - low + 1


def test_counts_are_of_five_at_least():
    counts = learn_counts([1] * 100 + [2] * 3 + [3] * 3 + [50])
    assert counts == {1: 100, 2: 7}
    assert learn_counts([4, 8]) == {6: 2}


def test_words_can_be_spoken():
    assert [len(word(size)) for size in range(1, 9)] == list(range(1, 9))
    assert word(2, is_capital=True)[0].isupper()


@pytest.mark.parametrize(
    "field",
    [((0, ("a",)),), ((1, (np.dtype("f8"),)),), ((1, ("a", "")),), (("1", ("a",)),), ((2**70, ("a",)),), ()],
)
def test_a_template_that_a_file_has_wrong_is_refused(field):
    """Only a few keys are drawn when a file is tried, so that a rare form would be met later."""
    with pytest.raises(ValueError, match=r"template|number of strings"):
        Template(((5, (field,)),))
