"""
Six planted faults, and who sees them
=====================================

Take fresh real rows for a synthetic table, spoil them in six ways, one at a time, and look at which metric
of the report sees what.
"""

# %%
# The real table: some columns of the Adult census, a height and a weight that go together in a straight
# line, and a dose with a response that first falls and then rises, so that their correlation is nil.

import numpy as np
import pandas as pd

from tabgan import evaluate, load_adult

rng = np.random.default_rng(0)
people = load_adult()[["age", "education", "marital-status", "sex", "hours-per-week", "income"]].sample(
    frac=1, random_state=0, ignore_index=True
)
people["height"] = rng.normal(170, 9, len(people)).round(1)
people["weight"] = (people["height"] - 100 + rng.normal(0, 6, len(people))).round(1)
people["dose"] = rng.uniform(-1, 1, len(people)).round(3)
people["response"] = (people["dose"] ** 2 + rng.normal(0, 0.05, len(people))).round(3)

real, fresh, holdout = people[:1500], people[1500:3000].reset_index(drop=True), people[3000:]
people[["height", "weight", "dose", "response"]].corr().round(2)

# %%
# The six faults. Each leaves all other columns as they are.


def shuffled(column):
    """Values of a column in another order: right alone, wrong beside the others."""
    return rng.permutation(fresh[column].to_numpy())


faults = {
    "nothing": fresh,
    "a shuffled column": fresh.assign(**{"marital-status": shuffled("marital-status")}),
    "a dropped category": fresh[fresh["education"] != "Masters"],
    "a lost correlation": fresh.assign(weight=shuffled("weight")),
    "a lost non-linear dependence": fresh.assign(response=shuffled("response")),
    "missing values": fresh.assign(age=fresh["age"].where(rng.random(len(fresh)) < 0.7)),
    "copied rows": pd.concat([real[:150], fresh[150:]], ignore_index=True),
}
reports = {
    name: evaluate(real, table, holdout=holdout, target="income", random_state=0)
    for name, table in faults.items()
}

# %%
# One row a fault, one column a witness: how far the metric of the spoiled table is from that of fresh real
# rows. For single columns and pairs it is the worst of them.


def excess(report, name):
    """How far a metric is from that of fresh real rows."""
    metric = next(metric for metric in report.metrics if metric.name.startswith(name))
    return metric.value - metric.ceiling


def witnesses(report):
    """What each of the metrics says."""
    return {
        "worst column": max(row.distance - row.ceiling for row in report.columns),
        "categories lost": excess(report, "Categories lost"),
        "worst pair": max(row.distance - row.ceiling for row in report.pairs),
        "correlations": excess(report, "Mean difference of Spearman"),
        "AUC of trees": excess(report, "AUC of boosted trees"),
        "AUC of logistic regression": excess(report, "AUC of logistic"),
        "exact copies": excess(report, "Exact copies"),
        "score": report.score,
    }


seen = pd.DataFrame({name: witnesses(report) for name, report in reports.items()}).T
seen.round(3)

# %%
# Which column, pair or row it was, the details say.


def worst_pair(report):
    """The two columns that go together least as they should."""
    return max(report.pairs, key=lambda row: row.distance - row.ceiling).columns


worst = {
    "a shuffled column": worst_pair(reports["a shuffled column"]),
    "a dropped category": [row.column for row in reports["a dropped category"].columns if row.lost],
    "a lost correlation": reports["a lost correlation"].details["trees"]["giveaways"][0][0],
    "a lost non-linear dependence": worst_pair(reports["a lost non-linear dependence"]),
    "missing values": [row.column for row in reports["missing values"].columns if row.missing_other > 0.1],
    "copied rows": reports["copied rows"].details["copies"]["exact_rows"][:3],
}
for name, what in worst.items():
    print(f"{name}: {what}")

# %%
# The witnesses are not interchangeable. The correlation sees neither the shuffled names nor the response;
# logistic regression sees no dependence at all; the trees see everything but the copied rows, which are
# real rows after all.

assert "marital-status" in worst["a shuffled column"]
assert worst["a dropped category"] == ["education"]
assert worst["a lost correlation"] in ("height", "weight")
assert set(worst["a lost non-linear dependence"]) == {"dose", "response"}
assert worst["missing values"] == ["age"]
assert seen.loc["copied rows", "exact copies"] > 0.09

import matplotlib.pyplot as plt

shares = seen.drop(columns=["score", "categories lost"]).abs()
shares = shares / shares.max()
figure, axis = plt.subplots(figsize=(8, 4), layout="constrained")
axis.imshow(shares, cmap="Blues", vmin=0, vmax=1, aspect="auto")
axis.set_xticks(range(shares.shape[1]), shares.columns, rotation=30, ha="right")
axis.set_yticks(range(len(shares)), shares.index)
axis.set_title("Who sees which fault (shares of the column's largest)")
plt.show()
