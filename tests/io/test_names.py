"""What may be meant by a name that is not there."""

from tabgan.io.names import columns_like, like


def test_names_that_are_nearly_the_same():
    assert like("SPECIS", ["species", "petal", 3]) == ["species"]
    assert like(30, [3, 300, "x"]) == [300, 3]
    assert columns_like("specis", ["petal", "species"]) == "did you mean 'species'?"


def test_of_other_names_a_few_are_shown():
    assert columns_like("q", ["a", 7]) == "the columns are 'a', 7"
    assert columns_like("q", [f"column {k}" for k in range(1000)]).endswith("'column 19' and 980 more")
