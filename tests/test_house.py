"""The house: who imports whom, how large a thing may be, shelves that are complete, an import that is quick.

Run as a script, it prints the picture that stands in CONTRIBUTING.md.
"""

import ast
import importlib
import json
import subprocess
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import tabgan

ROOT = Path(tabgan.__file__).parent
MODULES = {
    ".".join(("tabgan", *path.relative_to(ROOT).with_suffix("").parts)).removesuffix(".__init__"): path
    for path in sorted(ROOT.rglob("*.py"))
}

# Room -> what it is for, the rooms below that it may import, the libraries it does without. Imports for type
# checkers count. Every room may ask `_version` for the version.
LIGHT = {"torch", "sdmetrics", "matplotlib"}
HOUSE: dict[str, tuple[str, set[str], set[str]]] = {
    "cli": (
        "the command line",
        {"augment", "estimators", "evaluation", "sampling", "table", "adversarial", "io", "datasets"},
        LIGHT,
    ),
    "augment": (
        "more rows in pipelines, and whether they helped",
        {"estimators", "adversarial", "table", "io"},
        {"torch", "sdmetrics"},
    ),
    "estimators": (
        "TabGAN, TabVAE, DPTabGAN: fit, and everything else delegated",
        {"sampling", "private", "adversarial", "trees", "table", "layout", "io"},
        {"sdmetrics", "matplotlib"},
    ),
    "sampling": (
        "from a fitted model to rows of a table",
        {"private", "adversarial", "trees", "table", "layout", "io"},
        {"sdmetrics", "matplotlib"},
    ),
    "private": (
        "noisy counts of a table, and a generator fitted to them",
        {"adversarial", "table", "layout", "io"},
        {"sdmetrics", "matplotlib"},
    ),
    "evaluation": ("is the copy good, useful, private?", {"table", "layout", "io"}, {"torch"}),
    "adversarial": (
        "networks, losses, the training loop, the generator",
        {"trees", "layout"},
        {"pandas", "sdmetrics", "matplotlib"},
    ),
    "trees": ("trees that move, reject and draw rows", {"layout"}, {"pandas", *LIGHT}),
    "table": ("what a table is: DataFrame <-> encoded rows", {"layout", "io"}, LIGHT),
    "layout": ("which block of an encoded row is whose", {"io"}, {"pandas", *LIGHT}),
    "io": ("tables and models on disk, containers", set(), LIGHT),
    "datasets": ("two bundled tables", set(), LIGHT),
}
DOORS = {"", "__main__", "_version"}  # the public names, `python -m tabgan`, and the version

MOST_LINES, MOST_METHODS, MOST_BODY, MOST_ARGUMENTS = 300, 12, 40, 16
EXCUSED: dict[str, str] = {}

# Module with a shelf's table -> the name of the table. What a table holds is defined in the files beside it.
SHELVES = {
    "tabgan.adversarial.networks": "BACKBONES",
    "tabgan.evaluation.metrics": "METRICS",
    "tabgan.table.columns": "COLUMN_TYPES",
    "tabgan.table.constraints": "CONSTRAINTS",
}


def room(module: str) -> str:
    return module.split(".")[1] if "." in module else ""


def imports(path: Path) -> Iterator[str]:
    """Give the dotted names that a file imports, here or there, for type checkers or not."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute here"
            assert node.module is not None
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                yield whole if whole in MODULES else node.module


def picture() -> str:
    """Draw the rooms from the top floor down, each with the rooms that it imports indeed."""
    uses = {
        here: {room(name) for module in MODULES if room(module) == here for name in imports(MODULES[module])}
        for here in HOUSE
    }
    floor: dict[str, int] = {}
    for here in TopologicalSorter({name: uses[name] & set(HOUSE) - {name} for name in HOUSE}).static_order():
        floor[here] = 1 + max((floor[below] for below in uses[here] & set(floor) - {here}), default=-1)
    rows = sorted(HOUSE, key=lambda name: (-floor[name], name))
    below = {name: ", ".join(n for n in rows if n in uses[name] - {name}) for name in rows}
    width = max(map(len, below.values()))
    arrows = {name: "──>" if below[name] else "   " for name in rows}
    return "\n".join(
        f"{floor[name]}  {name:<11} {arrows[name]} {below[name]:<{width}}  {HOUSE[name][0]}" for name in rows
    )


@pytest.mark.parametrize("module", [module for module in MODULES if room(module) not in DOORS])
def test_who_imports_whom(module):
    here = room(module)
    assert here in HOUSE, f"{module} is a new room: say in this test what it is for and what it may import"
    _, below, without = HOUSE[here]
    for name in imports(MODULES[module]):
        if name.split(".")[0] == "tabgan":
            assert room(name) in {"_version", here} | below, f"{module} must not import {name}"
        else:
            assert name.split(".")[0] not in without, f"{module} must not import {name}"


def test_rooms_lie_on_floors():
    TopologicalSorter({name: below for name, (_, below, _) in HOUSE.items()}).prepare()


def test_no_import_circles():
    graph = {
        module: {name for name in imports(path) if name in MODULES and name != module}
        for module, path in MODULES.items()
    }
    TopologicalSorter(graph).prepare()  # raises a CycleError that names the circle


def test_the_picture_in_contributing_is_this_one():
    assert picture() in (ROOT.parent / "CONTRIBUTING.md").read_text(encoding="utf-8"), (
        "print it by `python tests/test_house.py`"
    )


def too_large(module: str, path: Path) -> Iterator[str]:
    """Name what is larger than a reader likes, as "module" or "module:thing"."""
    text = path.read_text(encoding="utf-8")
    if text.count("\n") > MOST_LINES:
        yield module
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ClassDef):
            methods = [each for each in node.body if isinstance(each, ast.FunctionDef)]
            if len(methods) > MOST_METHODS:
                yield f"{module}:{node.name}"
        elif isinstance(node, ast.FunctionDef):
            docstring = ast.get_docstring(node, clean=False)
            begin = node.body[1 if docstring is not None and len(node.body) > 1 else 0].lineno
            if node.end_lineno - begin + 1 > MOST_BODY and node.name != "__init__":
                yield f"{module}:{node.name}"
            arguments = [*node.args.args, *node.args.kwonlyargs]
            if node.name == "__init__" and len(arguments) - 1 > MOST_ARGUMENTS:
                yield f"{module}:{node.name}"


def test_nothing_is_too_large_but_what_is_excused():
    found = {name for module, path in MODULES.items() for name in too_large(module, path)}
    assert found == set(EXCUSED), (
        "split it, or excuse it with a reason; and excuse nothing that is small enough"
    )


def test_sdmetrics_is_asked_in_one_file_only():
    asking = [
        module for module, path in MODULES.items() if any(n.startswith("sdmetrics") for n in imports(path))
    ]
    assert len(asking) <= 1, asking


@pytest.mark.parametrize("library", ["pickle", "cloudpickle", "joblib", "copulas"])
def test_never_imported(library):
    assert [m for m, path in MODULES.items() if library in {n.split(".")[0] for n in imports(path)}] == []


@pytest.mark.parametrize("shelf", SHELVES)
def test_every_class_on_a_shelf_stands_in_its_table(shelf):
    table = getattr(importlib.import_module(shelf), SHELVES[shelf])
    values = list(table.values() if isinstance(table, dict) else table)
    homes = {getattr(value, "__module__", type(value).__module__) for value in values}
    assert {home.rpartition(".")[0] for home in homes} == {shelf}
    for base in {base for value in values if isinstance(value, type) for base in value.__mro__[1:]}:
        for kind in base.__subclasses__() if base.__module__.startswith(shelf) else ():
            is_whole = not getattr(kind, "__abstractmethods__", None) and not kind.__subclasses__()
            assert kind in values or not is_whole or not kind.__module__.startswith(shelf), kind


def test_import_is_quick_and_light():
    code = """
import json, sys, time, warnings
filters, start = list(warnings.filters), time.perf_counter()
import tabgan
seconds = time.perf_counter() - start
print(json.dumps([seconds, sorted(sys.modules), filters == warnings.filters, dir(tabgan)]))
"""
    run = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    seconds, modules, same_filters, names = json.loads(run.stdout)
    assert seconds < 1
    assert not {"torch", "sdmetrics", "matplotlib", "pandas", "lightgbm"} & set(modules)
    assert same_filters, "the user's warnings are the user's"
    assert set(tabgan.__all__) <= set(names)


def test_every_public_name_is_there():
    assert [name for name in tabgan.__all__ if getattr(tabgan, name) is None] == []
    with pytest.raises(AttributeError, match="has no attribute 'nonsense'; it has Adam, Augmented"):
        tabgan.nonsense  # noqa: B018


if __name__ == "__main__":
    print(picture())
