"""
A census table
==============

Fit a table of numbers, categories and missing values, sample new people, and compare both: column by column,
pair by pair, and in a report.
"""

# %%
# 5,000 people of a census; a fifth is kept from the model, to show what real rows reach.

from sklearn.model_selection import train_test_split

from tabgan import TabGAN, evaluate, load_adult

people = load_adult()
train, holdout = train_test_split(people, test_size=0.2, random_state=0)
people.head()

# %%
# The inferred kind of each column, and the reason. Fewer steps than by default keep the gallery quick.

model = TabGAN(max_steps=400, random_state=0, verbose=0).fit(train)
print(model.schema_.to_frame()[["name", "kind", "reason"]].to_string(index=False))
print(model.stop_reason_)

# %%
# As many people as there are in the training table, compared with them.

synthetic = model.sample(len(train))
report = evaluate(train, synthetic, holdout=holdout, target="income", random_state=0)
print(report)

# %%
# The pair of age and working hours: most people work 40 hours, few of the old do.

report.plot("age", "hours-per-week")

# %%
# The columns that differ most. Zero holds most of the capital gains: it stands apart, on the left.

report.plot(max_columns=8)

# %%
# Conditions hold in every row.

young = model.sample(5, given={"age": slice(20, 25), "education": "Bachelors"})
assert young["age"].between(20, 25).all()
assert (young["education"] == "Bachelors").all()
young.head()
