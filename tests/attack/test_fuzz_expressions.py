"""Random expressions over columns of many types: true or false of a row, or refused in a sentence."""

import resource
import time
import warnings

import numpy as np
import pandas as pd

from tabgan import Predicate
from tabgan.table import ConstraintSet, Schema
from tabgan.table.columns.facts import TableFacts
from tests.attack.budget import Attack
from tests.table.dtypes import all_columns

MOST_SECONDS, MOST_MEGABYTES = 10, 300  # seconds of the processor
CONSTANTS = [
    "0",
    "1",
    "-1",
    "3",
    "0.5",
    "1e308",
    "1e-308",
    "9" * 20,
    "9" * 400,
    "'x'",
    "''",
    "'a' 'b'",
    "'%10000000d'",
    "None",
    "True",
    "False",
    "b'x'",
    "1j",
    "...",
    "[1, 2]",
    "(1, 'x')",
    "[]",
    "['a', 'B']",
    "'2020-01-01'",
    "nan",
    "inf",
]
SIGNS = [
    "+",
    "-",
    "*",
    "/",
    "//",
    "%",
    "&",
    "|",
    "and",
    "or",
    "<",
    "<=",
    ">",
    ">=",
    "==",
    "!=",
    "in",
    "not in",
]
STRANGE = [
    "**",
    "<<",
    "^",
    "@",
    ".str",
    "(1)",
    "[0]",
    ":=",
    "if",
    "lambda:",
    "`",
    "\\",
    "\n",
    "\0",
    "#",
    "f'{a}'",
    "é",
]


def expression(rng, names, depth):
    """Write one, mostly of what is allowed."""
    if depth == 0 or rng.random() < 0.15:
        if rng.random() < 0.65:
            name = names[rng.integers(len(names))]
            return name if name.isidentifier() else f"`{name}`"
        return CONSTANTS[rng.integers(len(CONSTANTS))]
    kind = rng.random()
    if kind < 0.1:
        return f"{rng.choice(['-', '+', '~', 'not '])}({expression(rng, names, depth - 1)})"
    left, right = expression(rng, names, depth - 1), expression(rng, names, depth - 1)
    sign = rng.choice(SIGNS)
    if kind < 0.2:
        return f"{left} {sign} {right} {rng.choice(SIGNS)} {expression(rng, names, depth - 1)}"
    return f"({left}) {sign} ({right})"


def mutated(rng, text):
    """Change a few characters, or repeat a part very often."""
    place = int(rng.integers(len(text) + 1))
    kind = rng.random()
    if kind < 0.5:
        return text[:place] + str(rng.choice(STRANGE)) + text[place:]
    if kind < 0.8:
        return text[:place] + text[place + int(rng.integers(1, 4)) :]
    part = text[place : place + int(rng.integers(1, 4))]
    return text[:place] + part * int(rng.choice([10, 300, 3000, 100_000])) + text[place:]


def test_expressions():
    columns = {name: column.head(40) for name, column in all_columns().items()}
    names = sorted(columns)
    attack = Attack("expressions", 1500)
    schemas: dict[tuple[str, ...], tuple[TableFacts, Schema]] = {}
    for number, rng in attack.tries():
        some = tuple(
            names[k] for k in np.random.default_rng(number % 50).choice(len(names), 5, replace=False)
        )
        if some not in schemas:
            frame = pd.DataFrame({name: columns[name] for name in some})
            schemas[some] = TableFacts(frame), Schema.infer(frame)
        text = expression(rng, some, int(rng.integers(1, 5)))
        if rng.random() < 0.3:
            text = mutated(rng, text)
        start, before = time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            warnings.filterwarnings("ignore", category=SyntaxWarning)  # of Python, on odd but valid text
            warnings.filterwarnings("ignore", category=DeprecationWarning, message="invalid")
            warnings.filterwarnings("ignore", category=pd.errors.PerformanceWarning)
            try:
                table, schema = schemas[some]
                constraints = ConstraintSet([Predicate(text)]).fit(table, schema)
                assert constraints.check(table.frame).all()
                end = "true of all rows"
            except ValueError as error:
                said = str(error)
                assert text[:10] in said or repr(text[:10])[1:-1] in said or "column" in said
                end = "refused: " + ("broken" if "is broken by" in str(error) else "no constraint")
        assert time.process_time() - start < MOST_SECONDS, text
        assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < MOST_MEGABYTES * 1024, text
        attack.note(number, text[:2000], end)
    assert len(attack.ends) == 3
