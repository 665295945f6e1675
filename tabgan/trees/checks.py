"""What a file says of trees and maps is checked, as a wrong number would lead rows astray."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tabgan.layout import Block

if TYPE_CHECKING:
    from tabgan.trees.conditional import ConditionalTree
    from tabgan.trees.leaf_maps import RankMap, ShareMap

NUMBER = re.compile(r"-?\d+(\.\d*)?(e[-+]?\d+)?")  # as LightGBM writes one
HEAD = """tree
version=v4
num_class=1
num_tree_per_iteration=1
label_index=0
max_feature_idx={last}
objective=binary sigmoid:1
feature_names={names}
feature_infos={infos}

"""
OF_NODES = ("split_feature", "threshold", "decision_type", "left_child", "right_child")


def require(fits: bool | np.bool_, what: str) -> None:
    """Raise a ValueError unless something holds of what was read."""
    if not fits:
        raise ValueError(f"it holds {what} that cannot be")


def check_tree(tree: ConditionalTree, blocks: Sequence[Block]) -> None:
    """Refuse a tree whose nodes lead elsewhere than down, or that looks at what is not there."""
    feature, right = tree.feature, tree.right
    n = len(feature)
    require(feature.dtype.kind == right.dtype.kind == "i" and feature.ndim == 1 <= n == len(right), "a tree")
    inner, leaf = np.flatnonzero(feature >= 0), np.flatnonzero(feature < 0)
    require(len(leaf) == len(inner) + 1 and feature.max() < 2 * len(blocks), "nodes of a tree")
    numbered = {blocks[place].kind for place in feature[feature >= len(blocks)] - len(blocks)}
    require(numbered <= {"onehot"}, "nodes of a tree")
    require(bool(np.all((right[inner] > inner + 1) & (right[inner] < n))), "children of a node")
    require(np.array_equal(right[leaf], np.arange(len(leaf))), "leaves of a tree")
    require(bool(np.isfinite(tree.threshold).all()), "a threshold")
    for place, ranks in tree.ranks.items():
        require(0 <= place < len(blocks) and len(ranks) == blocks[place].width, "ranks of categories")
        require(bool(np.isfinite(ranks).all()), "ranks of categories")


def check_map(leaf_map: RankMap | ShareMap, n_leaves: int, block: Block) -> None:
    """Refuse a map that is not one of so many leaves, or whose pieces are not in order."""
    columns = vars(leaf_map)
    size = columns["size"]
    names = ("low", "high", "left", "right") if block.kind == "scalar" else ("category", "keep", "missing")
    require(len(size) == n_leaves and size.dtype.kind == "i" and bool((size > 0).all()), "the size of leaves")
    for name in names:
        values = columns[name]
        require(values.shape == (size.sum(),) and len(values) > 0, f"the {name} of leaves")
        require(bool(np.isfinite(values).all()), f"the {name} of leaves")
        if name != "category":
            require(bool((np.abs(values) <= 1).all()), f"the {name} of leaves")
    within = np.diff(np.repeat(np.arange(n_leaves), size)) == 0
    for name in ("right",) if block.kind == "scalar" else ("category", "missing"):
        is_rising = np.diff(columns[name].astype(np.float64))[within] >= 0
        require(bool(is_rising.all()), "leaves whose values are not in order, a map")
    if block.kind == "onehot":
        category = columns["category"]
        require(
            category.dtype.kind == "i" and category.min() >= 0 and category.max() < block.width, "categories"
        )


def check_weights(
    edges: Sequence[NDArray[Any]], terms: Sequence[NDArray[Any]], blocks: Sequence[Block], rate: float
) -> None:
    """Refuse terms that are none of these blocks, and a rate that is none."""
    for edge, term, block in zip(edges, terms, blocks, strict=True):
        width = block.width if block.kind == "onehot" else len(edge) + 1
        require(edge.ndim == term.ndim == 1 and len(term) == width, "terms of a block")
        require(bool(np.isfinite(edge).all() and np.isfinite(term).all()), "terms of a block")
        require(bool((np.diff(edge) > 0).all()), "intervals of a block")
    require(0 < rate <= 1, "a rate")


def plain_trees(text: str, n_features: int) -> str:
    """Give LightGBM's text of binary trees with what predictions need and nothing else, each number checked.

    Raises
    ------
    ValueError
        If it is no such text, or a node leads elsewhere than down.
    """
    names = " ".join(f"Column_{k}" for k in range(n_features))
    infos = " ".join(["[-1:1]"] * n_features)
    parts = [HEAD.format(last=n_features - 1, names=names, infos=infos)]
    for number, tree in enumerate(_trees_in(text)):
        lines = [f"Tree={number}", *_checked(tree, n_features), "is_linear=0", "shrinkage=1"]
        parts.append("\n".join(lines) + "\n\n\n")
    require(len(parts) > 1, "a text without trees")
    return "".join([*parts, "end of trees\n"])


def _trees_in(text: str) -> Iterator[dict[str, str]]:
    """Give the entries of each tree."""
    body = text.partition("\nend of trees")[0]
    for part in body.split("\nTree=")[1:]:
        yield dict(line.split("=", 1) for line in part.splitlines()[1:] if "=" in line)


def _checked(tree: Mapping[str, str], n_features: int) -> Iterator[str]:
    """Give the lines of one tree."""
    (n_leaves,), (n_categorical,) = (_numbers(tree, name, 1, np.int64) for name in ("num_leaves", "num_cat"))
    yield from (f"num_leaves={n_leaves}", f"num_cat={n_categorical}")
    n_nodes = n_leaves - 1
    require(n_leaves >= 1 and 0 <= n_categorical <= n_nodes, "a tree")
    _numbers(tree, "leaf_value", n_leaves, np.float64)
    yield f"leaf_value={tree['leaf_value']}"
    if not n_nodes:
        return
    feature, kind = (_numbers(tree, name, n_nodes, np.int64) for name in ("split_feature", "decision_type"))
    threshold = _numbers(tree, "threshold", n_nodes, np.float64)
    require(bool(np.all((feature >= 0) & (feature < n_features) & (kind >= 0) & (kind < 16))), "a split")
    children = np.concatenate(
        [_numbers(tree, f"{side}_child", n_nodes, np.int64) for side in ("left", "right")]
    )
    nodes, leaves = children[children >= 0], ~children[children < 0]
    require(np.array_equal(np.sort(leaves), np.arange(n_leaves)), "leaves of a tree")
    require(np.array_equal(np.sort(nodes), np.arange(1, n_nodes)), "nodes of a tree")
    require(bool((children[children >= 0] > np.tile(np.arange(n_nodes), 2)[children >= 0]).all()), "nodes")
    yield from (f"{name}={tree[name]}" for name in OF_NODES)
    categorical = threshold[kind % 2 == 1]
    require(
        bool(np.all((categorical >= 0) & (categorical < n_categorical) & (categorical % 1 == 0))), "a split"
    )
    if n_categorical:
        bounds = _numbers(tree, "cat_boundaries", n_categorical + 1, np.int64)
        require(bounds[0] == 0 and bool((np.diff(bounds) >= 0).all()) and bounds[-1] < 2**24, "categories")
        bits = _numbers(tree, "cat_threshold", int(bounds[-1]), np.int64)
        require(bool(np.all((bits >= 0) & (bits < 2**32))), "categories")
        yield from (f"{name}={tree[name]}" for name in ("cat_boundaries", "cat_threshold"))


def _numbers(tree: Mapping[str, str], name: str, n: int, dtype: type[Any]) -> NDArray[Any]:
    """Give so many numbers, of which each is written as one."""
    words = tree.get(name, "").split(" ")
    require(len(words) == n and all(map(NUMBER.fullmatch, words)), f"{name} of a tree")
    values = np.array([float(word) for word in words]).astype(dtype)
    require(bool(np.isfinite(values).all()), f"{name} of a tree")
    return values
