"""
Six planted faults, and which metrics detect them
=================================================

Take fresh real rows as a synthetic table, add one of six faults, and look at which metrics of the report
detect it.
"""

# %%
# The real table: some columns of the Adult census, a height and a weight with a linear dependence, and a dose
# with a quadratic response, so that their correlation is zero.

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
# The six faults. Each leaves all other columns unchanged.


def shuffled(column):
    """Permute the values of a column: the marginal stays right, the joint distribution does not."""
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
# One row per fault, one column per metric: the difference of the metric from that of fresh real rows. For
# single columns and pairs it is the worst of them.


def difference(report, name):
    """Difference of a metric from that of fresh real rows."""
    metric = next(metric for metric in report.metrics if metric.name.startswith(name))
    return metric.value - metric.ceiling


def metrics(report):
    """Some metrics of a report."""
    return {
        "worst column": max(row.distance - row.ceiling for row in report.columns),
        "categories lost": difference(report, "Categories lost"),
        "worst pair": max(row.distance - row.ceiling for row in report.pairs),
        "correlations": difference(report, "Mean difference of Spearman"),
        "AUC of boosted trees": difference(report, "AUC of boosted trees"),
        "AUC of logistic regression": difference(report, "AUC of logistic"),
        "exact copies": difference(report, "Exact copies"),
        "score": report.score,
    }


differences = pd.DataFrame({name: metrics(report) for name, report in reports.items()}).T
differences.round(3)

# %%
# The details say which column, pair or row it was.


def worst_pair(report):
    """The pair of columns whose joint distribution differs most."""
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
# No metric replaces the others. The correlation detects neither the shuffled categories nor the response.
# Logistic regression detects no dependence at all. The trees detect everything except the copied rows, which
# are real rows.

assert "marital-status" in worst["a shuffled column"]
assert worst["a dropped category"] == ["education"]
assert worst["a lost correlation"] in ("height", "weight")
assert set(worst["a lost non-linear dependence"]) == {"dose", "response"}
assert worst["missing values"] == ["age"]
assert differences.loc["copied rows", "exact copies"] > 0.09

import matplotlib.pyplot as plt

shares = differences.drop(columns=["score", "categories lost"]).abs()
shares = shares / shares.max()
figure, axis = plt.subplots(figsize=(8, 4), layout="constrained")
axis.imshow(shares, cmap="Blues", vmin=0, vmax=1, aspect="auto")
axis.set_xticks(range(shares.shape[1]), shares.columns, rotation=30, ha="right")
axis.set_yticks(range(len(shares)), shares.index)
axis.set_title("Which metric detects which fault (relative to the largest of each metric)")
plt.show()
