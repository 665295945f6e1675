"""Build the conda package and run its tests, against a channel made of what is installed here.

    python -m pip install py-rattler-build
    python conda/check.py PYTHON

PYTHON is an interpreter with `tabgan`'s dependencies, hatchling and pip, outside of a virtual environment or
in one. The channel holds that interpreter as the package ``python``, and for each requirement a package of
the version that PYTHON has, whose files stay where they are. So the recipe is rendered, built, installed and
tested without conda-forge; that conda-forge has these packages for every platform is not tested.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import subprocess
import tempfile
from pathlib import Path

import rattler_build

RECIPE = Path(__file__).parent / "recipe.yaml"
PLATFORM = "linux-64"
PYPI = {"pytorch": "torch", "matplotlib-base": "matplotlib"}  # conda-forge's name -> that of the wheel
ASK = """
import importlib.metadata, json, sys, sysconfig
names = json.load(sys.stdin)
print(json.dumps({
    "base": sys.base_prefix, "executable": sys.executable, "version": sys.version.split()[0],
    "site": sysconfig.get_path("purelib"),
    "versions": {name: importlib.metadata.version(name) for name in names},
}))
"""


def main() -> None:
    """Make the channel, build, and test what was built."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("python", help="an interpreter with all requirements, hatchling and pip")
    python = parser.parse_args().python
    with tempfile.TemporaryDirectory() as folder:
        channel, output = Path(folder, "channel"), Path(folder, "built")
        make_channel(channel, python)
        built = rattler_build.Stage0Recipe.from_file(RECIPE).run_build(
            channels=[channel.as_uri()],
            output_dir=output,
            tool_config=rattler_build.ToolConfiguration(test_strategy="native"),
        )
        print(*(f"built and tested: {path}" for result in built for path in result.packages), sep="\n")


def make_channel(channel: Path, python: str) -> None:
    """Package the interpreter, and stand-ins for the requirements whose modules are found where they are."""
    recipe = rattler_build.Stage0Recipe.from_file(RECIPE).to_dict()
    wanted = [str(each).split()[0] for part in ("host", "run") for each in recipe["requirements"][part]]
    names = sorted({*wanted} - {"python"})
    answer = subprocess.run(
        [python, "-c", ASK], input=json.dumps([PYPI.get(name, name) for name in names]),
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    here = json.loads(answer.stdout)
    stage_interpreter(channel.parent / "python", here)
    put(channel, "python", here["version"], channel.parent / "python")
    (channel.parent / "nothing").mkdir()
    for name in names:
        put(channel, name, here["versions"][PYPI.get(name, name)], channel.parent / "nothing")


def stage_interpreter(staged: Path, here: dict[str, str]) -> None:
    """Copy an interpreter and its library; where the requirements are, a .pth file tells it."""
    series = "python" + ".".join(here["version"].split(".")[:2])
    base, library = Path(here["base"]), staged / "lib" / series
    leave_out = shutil.ignore_patterns("test", "tests", "idlelib", "__pycache__", "site-packages", "config-*")
    shutil.copytree(base / "lib" / series, library, ignore=leave_out)
    for shared in (base / "lib").glob("libpython*.so*"):
        shutil.copy(shared, staged / "lib", follow_symlinks=False)
    (staged / "bin").mkdir()
    shutil.copy(base / "bin" / series, staged / "bin" / series)
    for name in ("python", "python3"):
        (staged / "bin" / name).symlink_to(series)
    (library / "site-packages").mkdir()
    (library / "site-packages" / "requirements.pth").write_text(here["site"], encoding="utf-8")


def put(channel: Path, name: str, version: str, files: Path) -> None:
    """Put a package into the channel, and into its index."""
    is_python = name == "python"
    subdir, depends = (PLATFORM, []) if is_python else ("noarch", ["python"])
    folder, version = channel / subdir, version.partition("+")[0]
    package = rattler_build.assemble_package(
        name, version, subdir, "0", folder, files_dir=files, compression_level=1, depends=depends,
        noarch=None if is_python else "generic",
    )  # fmt: skip
    index = folder / "repodata.json"
    known = json.loads(index.read_text())["packages.conda"] if index.exists() else {}
    content = package.path.read_bytes()
    known[package.path.name] = {
        "name": name, "version": version, "build": "0", "build_number": 0, "subdir": subdir,
        "depends": depends, "size": len(content), "sha256": hashlib.sha256(content).hexdigest(),
        **({} if is_python else {"noarch": "generic"}),
    }  # fmt: skip
    index.write_text(json.dumps({"info": {"subdir": subdir}, "packages": {}, "packages.conda": known}))


if __name__ == "__main__":
    main()
