"""The conda recipe says what pyproject.toml says."""

import sys
from pathlib import Path

import pytest

from tabgan import __version__

ROOT = Path(__file__).parents[1]
CONDA = {"torch": "pytorch", "matplotlib": "matplotlib-base"}  # name of the wheel -> conda-forge's


@pytest.mark.skipif(sys.version_info < (3, 11), reason="needs tomllib, of Python 3.11")
def test_the_recipe_has_the_version_and_the_requirements_of_the_package():
    import tomllib

    yaml = pytest.importorskip("yaml")
    recipe = yaml.safe_load((ROOT / "conda/recipe.yaml").read_text(encoding="utf-8"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert recipe["context"]["version"] == __version__
    assert recipe["package"]["name"] == project["name"]
    needed = [f"python{project['requires-python']}"]
    for line in project["dependencies"]:
        name = line.partition(">=")[0]
        needed.append(line.replace(name, CONDA.get(name, name), 1))
    assert sorted(line.replace(" ", "") for line in recipe["requirements"]["run"]) == sorted(needed)
