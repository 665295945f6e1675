"""What rows learned from few are worth: distinguishable, memorised, useful."""

from __future__ import annotations

from typing import Any

import lightgbm
import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.metrics import r2_score, roc_auc_score

from benchmarks.judge.marginals import pair_error
from benchmarks.judge.privacy import copies, distances, ranks
from benchmarks.judge.tables import Roles, Rows, Tables, encode
from benchmarks.judge.two_sample import trees_auc

TREES = {
    "learning_rate": 0.1, "num_leaves": 31, "min_data_in_leaf": 20, "num_threads": 1, "seed": 0,
    "deterministic": True, "force_row_wise": True, "verbosity": -1,
}  # fmt: skip
LEARNER = {**TREES, "learning_rate": 0.05, "num_leaves": 15, "min_data_in_leaf": 10}
N_TREES = 100
FEW = 1_000
MOST_ASKED, DRAWS = 1_500, 8  # synthetic rows, and draws of other rows, to tell which are nearer
MOST_SEEN, MOST_MEMBERS = 3_000, 500  # synthetic rows that an attacker sees, and members attacked
TIE = 1e-6


def score(
    train: pd.DataFrame, others: pd.DataFrame, synthetic: pd.DataFrame, roles: Roles, seed: int
) -> dict[str, float]:
    """Judge synthetic rows by the rows that they were learned from and by others, see `benchmarks.small`."""
    tables = encode(train, others, synthetic, roles)
    rng = np.random.default_rng([seed, len(train), 99])
    rows = tables.synthetic.draw(len(synthetic), rng)
    return {
        "c2st": auc(rows, tables.test, rng, len(rows)),
        "c2st_1000": auc(rows, tables.test, rng, FEW),
        "nearer": nearer(tables, rng),
        "attack": attack(tables, rng),
        "mle_n": taught(rows[: len(train)], tables),
        "mle_all": taught(rows, tables),
        "mle_real": taught(tables.train, tables),
        "pair": pair_error(tables.test, rows),
        "copies": copies(tables, rng)["exact_copies"],
    }


def auc(synthetic: Rows, others: Rows, rng: np.random.Generator, most: int) -> float:
    """How well boosted trees distinguish at most so many rows of each; the mean of two tries if there are."""
    n_tries = 2 if min(len(synthetic), len(others)) >= 2 * most else 1
    parameters = {**TREES, "objective": "binary"}
    tries = [trees_auc(synthetic, others, rng, most, parameters, N_TREES) for _ in range(n_tries)]
    return float(np.mean(tries))


def nearer(tables: Tables, rng: np.random.Generator) -> float:
    """Share of synthetic rows nearer to a training row than to any of as many other rows; ties count half."""
    asked, train, others = _placed(tables, tables.synthetic.draw(MOST_ASKED, rng), tables.train, tables.test)
    n = min(len(train), len(others))
    others = others[: DRAWS * n]
    to_others = np.vstack(list(distances(asked, others, 1)))
    to_train = np.vstack(list(distances(asked, train, 1)))
    shares = []
    for _ in range(DRAWS):
        first = to_train[:, rng.permutation(len(train))[:n]].min(axis=1)
        second = to_others[:, rng.permutation(len(others))[:n]].min(axis=1)
        shares.append(np.where(np.abs(first - second) <= TIE, 0.5, first < second).mean())
    return float(np.mean(shares))


def attack(tables: Tables, rng: np.random.Generator) -> float:
    """AUC of telling training rows from others by their nearness to a synthetic row."""
    seen, members, others = _placed(
        tables, tables.synthetic.draw(MOST_SEEN, rng), tables.train.draw(MOST_MEMBERS, rng),
        tables.test.draw(MOST_MEMBERS, rng),
    )  # fmt: skip
    near = [-np.concatenate([d.min(axis=1) for d in distances(rows, seen, 1)]) for rows in (members, others)]
    return float(roc_auc_score(np.repeat([1, 0], [len(each) for each in near]), np.concatenate(near)))


def taught(rows: Rows, tables: Tables) -> float:
    """Score of boosted trees on other real rows: R2, at least -1, or mean AUC of a class against the rest."""
    roles = tables.roles
    features, target = _parted(rows, roles)
    asked, truth = _parted(tables.test, roles)
    categorical = list(range(features.shape[1] - rows.codes.shape[1], features.shape[1]))

    def predict(label: npt.NDArray[Any], objective: str) -> npt.NDArray[Any]:
        data = lightgbm.Dataset(features, label, categorical_feature=categorical)
        model = lightgbm.train({**LEARNER, "objective": objective}, data, N_TREES)
        return np.asarray(model.predict(asked))

    if roles.task == "regression":
        return float(max(-1.0, r2_score(truth, predict(target, "regression"))))
    classes = np.unique(truth)
    scores = []
    for value in classes[1:] if len(classes) == 2 else classes:
        label = target == value
        constant = label.all() or not label.any()
        scores.append(
            0.5 if constant else roc_auc_score(truth == value, predict(label.astype(int), "binary"))
        )
    return float(np.mean(scores)) if scores else 0.5


def _parted(rows: Rows, roles: Roles) -> tuple[npt.NDArray[np.float64], npt.NDArray[Any]]:
    """Give features, the target hidden by zeros, and the target."""
    numbers, codes = rows.numbers.copy(), rows.codes.astype(float)
    column = (
        numbers[:, roles.numerical.index(roles.target)]
        if roles.task == "regression"
        else codes[:, roles.categorical.index(roles.target)]
    )
    target = column.copy()
    column[:] = 0
    return np.hstack([numbers, codes]), target


def _placed(tables: Tables, *parts: Rows) -> list[Rows]:
    """Numbers as ranks among all real rows."""
    real = np.sort(np.vstack([tables.train.numbers, tables.test.numbers]), axis=0)
    return [ranks(part, real) for part in parts]
