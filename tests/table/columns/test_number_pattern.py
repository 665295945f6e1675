"""Strings that write numbers: every unit, mark and number of decimals is found; codes are left alone."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tabgan.table.columns.number_pattern import NumberPattern
from tests.table.written import NUMBERS, values, written


@pytest.mark.parametrize("name", NUMBERS)
def test_patterns_are_found(name):
    texts = list(dict.fromkeys(written(name, 300)))
    found = NumberPattern.of(texts)
    assert found is not None
    pattern, numbers = found
    again, fits = pattern.read(texts)
    assert fits.all()
    np.testing.assert_array_equal(again, numbers)
    assert [text.replace("-0.00", "0.00") for text in texts] == pattern.write(numbers)
    if name in ("euros", "dollars", "trimmed"):
        exact = [float(re.sub("[^-.0-9]", "", text)) for text in texts]
        np.testing.assert_allclose(pattern.floats(numbers), exact)
    assert re.fullmatch(NUMBERS[name][0], pattern.example) or name == "tiny floats"


@given(
    st.lists(st.integers(-(10**12), 10**12), min_size=1, unique=True),
    st.sampled_from([("", "."), (",", "."), (".", ","), (" ", ","), ("'", ".")]),
    st.integers(1, 4),
    st.sampled_from([("", ""), ("$", ""), ("", " EUR"), ("CHF ", ""), ("", "%")]),
    st.booleans(),
)
def test_what_a_pattern_writes_it_reads(numbers, marks, places, unit, sign_first):
    pattern = NumberPattern(*unit, *marks, places, places, sign_first)
    units = np.array(numbers)
    texts = pattern.write(units)
    again, fits = pattern.read(texts)
    assert fits.all()
    np.testing.assert_array_equal(again, units)
    found = NumberPattern.of(texts)
    assert found is not None
    assert found[0].write(found[1]) == texts


@pytest.mark.parametrize(
    "texts",
    [
        ["10115", "80331", "20095"],  # codes of one length
        ["007", "12", "3"],
        ["C1001", "C17"],
        ["#17", "#4"],
        ["17@example.com", "4@example.com"],
        ["+49 30", "+49 4711"],
        ["5 kg", "5 g"],
        ["113.2.201.192", "10.0.0.1"],
        ["1,23", "1.23"],
        ["1.10", "1.2"],
        ["1,2345.50", "1.50"],
        ["12345678901234567890123", "1"],
        ["12-17", "13-15"],
        ["NaN", "inf"],
        ["(1)", "(22)"],
        ["(1.50)", "-2.50", "3.50"],
        ["(1.50", "2.50)"],
        ["٣", "4"],
        [""],
        [],
    ],
)
def test_other_strings_have_none(texts):
    assert NumberPattern.of(texts) is None


@pytest.mark.parametrize(("before", "after"), [("", ""), ("$", ""), ("", " EUR")])
def test_parentheses_are_a_minus(before, after):
    numbers = [round(value, 2) for value in values(200)[1]]
    plain = [f"{before}{abs(number):,.2f}{after}" for number in numbers]
    texts = [f"({text})" if number < 0 else text for text, number in zip(plain, numbers, strict=True)]
    pattern, read = NumberPattern.of(texts)
    np.testing.assert_allclose(pattern.floats(read), numbers)
    assert pattern.write(read) == texts
    others = [f"({before}0.00{after})", f"-{plain[0]}", "(1.00"]
    assert pattern.read(others)[1].tolist() == [True, False, False]


def test_a_mark_is_of_thousands_or_of_decimals():
    assert NumberPattern.of(["1,234", "23,456", "7"])[0].thousands == ","
    assert NumberPattern.of(["1,234", "0,456"])[0].point == ","
    assert NumberPattern.of(["1.234", "23.456"])[0].places == 3
    assert NumberPattern.of(["1.234.567", "23.456"])[0].thousands == "."


def test_a_negative_zero_is_zero():
    pattern, numbers = NumberPattern.of(["-0.00", "0.01", "-1.50"])
    assert numbers.tolist() == [0, 1, -150]
    assert pattern.write(numbers) == ["0.00", "0.01", "-1.50"]


def test_floats_keep_all_their_digits():
    _, numbers = values(200)
    pattern, read = NumberPattern.of(list(map(repr, numbers)))
    assert read.tolist() == numbers
    assert pattern.write(read) == list(map(repr, numbers))
