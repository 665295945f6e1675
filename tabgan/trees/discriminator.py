"""Boosted trees that tell generated rows from real ones after training, so that rejection leaves them out.

Networks and trees have different blind spots. What a critic of smooth functions could not teach the
generator, trees often see at once; their odds are a ratio of densities, and keeping rows in proportion to
it moves the distribution of what is left towards the real one (Azadi et al. 2019, *Discriminator rejection
sampling*, with trees in place of the discriminator).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from tabgan.layout import Block
from tabgan.trees.checks import check_weights, plain_trees

if TYPE_CHECKING:
    from lightgbm import Booster

Codes = NDArray[np.float32]
Draw = Callable[[int, np.random.SeedSequence], Codes]
Weights = NDArray[np.float64]
POOL = 100_000  # generated rows to rake with and, two for each real one, to learn from; at most
VALUES = 4_000_000  # of a wide table the pool holds fewer rows, but no less than LEAST_POOL
LEAST_POOL = 10_000
ACCEPTED = 0.5  # least share of the generated rows that is kept
LOST = 0.02  # of the weight of all rows, what is cut off above the ceiling
BINS = 32  # intervals of a scalar whose shares are kept
TREES_AT_ONCE = 40  # so many stay in the cache of the processor while all rows pass them
RAKING_ROUNDS = 15
FLOOR = 1e-4  # share below which the share of a category is not followed
MAX_TREES, PATIENCE = 300, 60
TREES: dict[str, Any] = {
    "objective": "binary", "num_leaves": 31, "learning_rate": 0.2, "min_data_in_leaf": 20, "lambda_l2": 1.0,
    "feature_fraction": 0.8, "bagging_fraction": 0.8, "bagging_freq": 1, "max_cat_to_onehot": 8,
    "deterministic": True, "force_row_wise": True, "num_threads": 1, "verbose": -1,
}  # fmt: skip


class Discriminator:
    """Keeps a generated row with a probability that rises with how real it looks; unfitted, it keeps all.

    The logarithm of a row's weight is the sum of what the trees say and of one term a block, which keeps
    every marginal distribution the real one (raking: Deming and Stephan 1940, *On a least squares adjustment
    of a sampled frequency table when the expected marginal totals are known*).

    Parameters
    ----------
    blocks : sequence of Block
        The layout of the rows.
    pool : int, default=POOL
        Generated rows to learn from, at most.

    Attributes
    ----------
    trees : lightgbm.Booster or None
        Trained to tell real rows (1) from generated ones (0), equally many of each in weight.
    edges, terms : list of ndarray
        Of each block, where its intervals or categories part, and what is added for each of them.
    ceiling : float
        Log weight from which on every row is kept.
    rate : float
        Share of the generated rows that is kept.
    """

    keeps_categories = True

    def __init__(self, blocks: Sequence[Block], pool: int = POOL) -> None:
        self.blocks, self.pool = blocks, pool
        self.trees: Booster | None = None
        self.edges: list[Weights] = []
        self.terms: list[Weights] = []
        self.ceiling, self.rate = 0.0, 1.0

    def fit(self, real: Codes, draw: Draw, seed: np.random.SeedSequence) -> None:
        """Train on codes of real rows, shape (n, n_blocks), and on those from ``draw(n, seed)``."""
        draw_seed, tree_seed = seed.spawn(2)
        generated = draw(min(self.pool, max(LEAST_POOL, VALUES // len(self.blocks))), draw_seed)
        trees = _grow(real, generated, self.blocks, tree_seed)
        self.edges = [_edges(real[:, j], block) for j, block in enumerate(self.blocks)]
        self._rake(trees, real, generated)

    def apply(self, codes: Codes, rng: np.random.Generator) -> Codes:
        """Leave the rows as they are: it only weighs them."""
        return codes

    def log_weight(self, codes: Codes) -> Weights:
        """Logarithm of the probability to keep each row, shape (n,), by its `codes`, shape (n, n_blocks)."""
        if self.trees is None or not len(codes):
            return np.zeros(len(codes))
        weights = _odds(self.trees, codes)
        for term, cut in zip(self.terms, self._cut(codes), strict=True):
            weights += term[cut]
        return np.minimum(weights - self.ceiling, 0)

    def _cut(self, codes: Codes) -> list[NDArray[np.intp]]:
        """Interval or category of each row in each block."""
        return [
            codes[:, j].astype(np.intp) if block.kind == "onehot" else np.searchsorted(edges, codes[:, j])
            for j, (block, edges) in enumerate(zip(self.blocks, self.edges, strict=True))
        ]

    def _rake(self, trees: Booster, real: Codes, generated: Codes) -> None:
        """Choose terms and ceiling with which the rows that are kept have the marginal shares of `real`."""
        shares = [_shares(c, edges) for c, edges in zip(self._cut(real), self.edges, strict=True)]
        cut, weights = self._cut(generated), _odds(trees, generated)
        self.terms = [np.zeros(len(share)) for share in shares]
        for _ in range(RAKING_ROUNDS):
            self.ceiling = _ceiling(weights)
            for term, c, share, edges in zip(self.terms, cut, shares, self.edges, strict=True):
                kept = np.exp(np.minimum(weights - self.ceiling, 0))
                kept_share = _shares(c, edges, kept)
                step = 0.7 * (np.log(share + FLOOR) - np.log(kept_share + FLOOR)).clip(-1, 1)
                term += step
                weights += step[c]
        self.ceiling = _ceiling(weights)
        self.rate = float(np.exp(np.minimum(weights - self.ceiling, 0)).mean())
        self.trees = trees

    def get_state(self) -> dict[str, NDArray[Any]]:
        """Give the trees as LightGBM's plain text, edges and terms as arrays; nothing if it is unfitted."""
        if self.trees is None:
            return {}
        text = plain_trees(self.trees.model_to_string(), len(self.blocks))
        trees = np.frombuffer(text.encode(), dtype=np.uint8)
        state = {"trees": trees, "ceiling": np.array([self.ceiling, self.rate])}
        for j, (edges, term) in enumerate(zip(self.edges, self.terms, strict=True)):
            state |= {f"edges.{j}": edges, f"term.{j}": term}
        return state

    def set_state(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Take back what `get_state` gave."""
        from lightgbm import Booster

        if arrays:
            text = plain_trees(arrays["trees"].tobytes().decode("ascii"), len(self.blocks))
            self.trees = Booster(model_str=text)
            places = range(len(self.blocks))
            self.edges, self.terms = ([arrays[f"{name}.{j}"] for j in places] for name in ("edges", "term"))
            self.ceiling, self.rate = map(float, arrays["ceiling"])
            check_weights(self.edges, self.terms, self.blocks, self.rate)


def _grow(real: Codes, generated: Codes, blocks: Sequence[Block], seed: np.random.SeedSequence) -> Booster:
    """Train trees until they tell the rows of a validation set, a tenth, no better."""
    import lightgbm

    rng = np.random.default_rng(seed)
    real = rng.permutation(real)[: len(generated) // 2]
    fake = generated[: 2 * len(real)]
    rows, label = np.concatenate([real, fake]), np.repeat([1.0, 0.0], [len(real), len(fake)])
    weight = np.where(label == 1, len(fake) / len(real), 1.0)
    order = rng.permutation(len(rows))
    parts = order[len(rows) // 10 :], order[: len(rows) // 10]
    nominal = [j for j, block in enumerate(blocks) if block.kind == "onehot" and block.width > 2]
    train, check = (lightgbm.Dataset(rows[part], label[part], weight=weight[part]) for part in parts)
    train.set_categorical_feature(nominal)
    check.set_reference(train)
    stop = lightgbm.early_stopping(PATIENCE, verbose=False)
    parameters = TREES | {"seed": int(seed.generate_state(1, np.uint64)[0] >> np.uint64(1)) % 2**31}
    return lightgbm.train(parameters, train, MAX_TREES, valid_sets=[check], callbacks=[stop])


def _odds(trees: Booster, codes: Codes) -> Weights:
    odds = np.zeros(len(codes))
    for first in range(0, trees.num_trees(), TREES_AT_ONCE):
        odds += trees.predict(codes, first, TREES_AT_ONCE, raw_score=True, num_threads=1)
    return odds


def _edges(codes: Codes, block: Block) -> Weights:
    """Where the intervals of a scalar, or the categories of a onehot block, part."""
    if block.kind == "onehot":
        return np.arange(0.5, block.width - 1)
    return np.unique(np.quantile(codes, np.linspace(0, 1, BINS + 1)[1:-1])).astype(np.float64)


def _shares(cut: NDArray[np.intp], edges: Weights, weights: Weights | None = None) -> Weights:
    counts = np.bincount(cut, weights, minlength=len(edges) + 1)
    return np.asarray(counts / counts.sum(), dtype=np.float64)


def _ceiling(weights: Weights) -> float:
    """Give the log weight above which every row is kept, by so much that `LOST` is cut off.

    It lies lower where less than the share `ACCEPTED` of the rows would be kept.
    """

    def share(ceiling: float) -> float:
        return float(np.exp(np.minimum(weights - ceiling, 0)).mean())

    low, high = float(weights.min()), float(weights.max())
    if low == high:
        return high
    whole = share(high)

    def lost(ceiling: float) -> float:
        return 1 - share(ceiling) * np.exp(ceiling - high) / whole

    if lost(low) <= LOST:  # the rows hardly differ
        return low
    if share(high) < ACCEPTED:
        low_enough = float(brentq(lambda ceiling: share(ceiling) - ACCEPTED, low, high, xtol=1e-3))
        if lost(low_enough) >= LOST:
            return low_enough
    return float(brentq(lambda ceiling: lost(ceiling) - LOST, low, high, xtol=1e-3))
