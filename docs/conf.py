"""Configuration of the documentation: Sphinx with numpydoc, Markdown, and examples that run at each build."""

import re
from typing import Any

from tabgan import __version__

project = "tabgan"
author = "The tabgan developers"
copyright = "The tabgan developers"
version = release = __version__

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.mathjax",
    "sphinx.ext.viewcode",
    "numpydoc",
    "myst_parser",
    "sphinx_gallery.gen_gallery",
]
templates_path = ["_templates"]
html_static_path = ["_static"]
html_css_files = ["cards.css"]
exclude_patterns = ["_build", "auto_examples/**/*.ipynb", "auto_examples/*.ipynb"]

myst_enable_extensions = ["dollarmath", "deflist", "colon_fence"]
myst_heading_anchors = 3

autodoc_member_order = "bysource"
autodoc_typehints = "none"  # the docstrings say them, with shapes
default_role = "literal"  # a word in single backticks, as docstrings of the scikit-learn family have them
autosummary_generate = True
numpydoc_show_class_members = False
numpydoc_class_members_toctree = False

sphinx_gallery_conf = {
    "examples_dirs": "../examples",
    "gallery_dirs": "auto_examples",
    "filename_pattern": "/plot_",
    "within_subsection_order": "FileNameSortKey",
    "abort_on_example_error": True,
    "download_all_examples": False,
    "show_signature": False,
    "write_computation_times": False,
}

html_theme = "pydata_sphinx_theme"
html_title = f"tabgan {version}"
html_theme_options = {"show_toc_level": 2, "navigation_with_keys": False, "header_links_before_dropdown": 8}
html_sidebars = {"benchmarks": [], "about": []}  # pages without others below them
html_show_sourcelink = False


def setup(app: Any) -> None:
    """Make some habits of the scikit-learn family fit for Sphinx."""

    def skip(app: Any, what: str, name: str, member: Any, skipped: bool, options: Any) -> bool | None:
        """Leave out the methods that scikit-learn adds to every estimator to route metadata."""
        return True if name.endswith("_request") or name == "get_metadata_routing" else None

    def escape(app: Any, what: str, name: str, member: Any, options: Any, lines: list[str]) -> None:
        """Keep ``of shape (n_features_in_,)`` from being read as a link to `n_features_in`.

        References of inherited docstrings lead to pages of scikit-learn that are not among these.
        """
        for number, line in enumerate(lines):
            line = re.sub(r"of shape \(.*\)", lambda it: re.sub(r"_(?=\W)", r"\_", it[0]), line)
            lines[number] = re.sub(r":ref:`([^`<]*[^`<\s])\s*(<[^`]*>)?`", r"\1", line)

    app.connect("autodoc-skip-member", skip)
    app.connect("autodoc-process-docstring", escape, priority=400)  # before numpydoc, at 500
