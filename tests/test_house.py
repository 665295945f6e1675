"""The house: who imports whom, no import circles, shelves that are complete, and an import that is quick."""

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

# Room -> what else of tabgan it may import. Everything may ask `tabgan` itself for its version.
MAY_IMPORT = {
    "adversarial": set(),
    "augment": {"gan", "adversarial", "table"},
    "__main__": {"cli"},
    "chunks": {"files", "scan"},
    "cli": {"gan", "adversarial", "evaluation", "files", "datasets", "loading", "parts", "table"},
    "datasets": set(),
    "drawing": {"table", "adversarial"},
    "encoding": {"table", "adversarial", "form", "chunks"},
    "evaluation": {"table", "scan"},
    "files": set(),
    "form": {"table"},
    "gan": {"table", "adversarial", "parameters", "synthesizer"},
    "lazy": {"parts"},
    "loading": {"files", "gan", "vae"},
    "parameters": {"table", "adversarial"},
    "parts": {"files", "table"},
    "scan": {"files"},
    "synthesizer": {
        "table",
        "adversarial",
        "drawing",
        "encoding",
        "files",
        "form",
        "parameters",
        "streams",
    },
    "streams": {"parts", "writing"},
    "table": set(),
    "vae": {"table", "adversarial", "form", "parameters", "synthesizer"},
    "writing": {"files", "parts", "table"},
}

# Room -> libraries it must do without.
MUST_NOT_IMPORT = {
    "__main__": {"torch", "sdmetrics", "matplotlib"},
    "adversarial": {"pandas", "sdmetrics", "matplotlib"},
    "augment": {"torch", "sdmetrics"},
    "cli": {"torch", "sdmetrics", "matplotlib"},
    "datasets": {"torch", "sdmetrics", "matplotlib"},
    "drawing": {"sdmetrics", "matplotlib"},
    "encoding": {"sdmetrics", "matplotlib"},
    "evaluation": {"torch"},
    "files": {"torch", "sdmetrics", "matplotlib", "sklearn"},
    "form": {"torch", "sdmetrics", "matplotlib"},
    "gan": {"sdmetrics", "matplotlib"},
    "lazy": {"torch", "sdmetrics", "matplotlib"},
    "loading": {"torch", "sdmetrics", "matplotlib"},
    "parameters": {"sdmetrics", "matplotlib"},
    "chunks": {"torch", "sdmetrics", "matplotlib"},
    "parts": {"torch", "sdmetrics", "matplotlib"},
    "synthesizer": {"sdmetrics", "matplotlib"},
    "scan": {"torch", "sdmetrics", "matplotlib"},
    "streams": {"torch", "sdmetrics", "matplotlib"},
    "table": {"torch", "sdmetrics", "matplotlib"},
    "vae": {"sdmetrics", "matplotlib"},
    "writing": {"sdmetrics", "matplotlib"},
}

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
    """Give the dotted names that a file imports, here or there, except those for type checkers alone."""
    todo: list[ast.AST] = [ast.parse(path.read_text(encoding="utf-8"))]
    while todo:
        node = todo.pop()
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            todo.extend(node.orelse)
            continue
        todo.extend(ast.iter_child_nodes(node))
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute here"
            assert node.module is not None
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                yield whole if whole in MODULES else node.module


@pytest.mark.parametrize("module", [module for module in MODULES if room(module)])
def test_who_imports_whom(module):
    here = room(module)
    assert here in MAY_IMPORT, f"{module} is a new room: say in this test what it may import"
    for name in imports(MODULES[module]):
        if name.split(".")[0] == "tabgan":
            assert room(name) in {"", here} | MAY_IMPORT[here], f"{module} must not import {name}"
        else:
            assert name.split(".")[0] not in MUST_NOT_IMPORT[here], f"{module} must not import {name}"


def test_no_import_circles():
    graph = {
        module: {name for name in imports(path) if name in MODULES and name not in {"tabgan", module}}
        for module, path in MODULES.items()
        if module != "tabgan"  # its names are loaded when asked for
    }
    TopologicalSorter(graph).prepare()  # raises a CycleError that names the circle


def test_sdmetrics_is_asked_in_one_file_only():
    asking = [
        module for module, path in MODULES.items() if any(n.startswith("sdmetrics") for n in imports(path))
    ]
    assert len(asking) <= 1, asking


@pytest.mark.parametrize("library", ["pickle", "cloudpickle", "joblib", "copulas"])
def test_never_imported(library):
    assert [m for m, path in MODULES.items() if library in {n.split(".")[0] for n in imports(path)}] == []


@pytest.mark.parametrize("shelf", SHELVES)
def test_every_file_on_a_shelf_stands_in_its_table(shelf):
    table = getattr(importlib.import_module(shelf), SHELVES[shelf])
    values = table.values() if isinstance(table, dict) else table
    used = {getattr(value, "__module__", type(value).__module__) for value in values}
    files = {module for module in MODULES if module.rpartition(".")[0] == shelf}
    assert files <= used, f"not in {SHELVES[shelf]}: {sorted(files - used)}"


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
    with pytest.raises(AttributeError, match="has no attribute 'nonsense'; it has Augmented"):
        tabgan.nonsense  # noqa: B018
