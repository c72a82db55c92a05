"""
Partial dependence of a model for tables
========================================

How does the prediction change with one column? The partial dependence is the mean prediction of
all rows if that column had the same value in each of them.
"""

# %%
# The estimators work with the tools of scikit-learn. We show the three most important columns of
# the diabetes table.

import matplotlib.pyplot as plt
from sklearn.datasets import load_diabetes
from sklearn.inspection import PartialDependenceDisplay, permutation_importance
from sklearn.model_selection import train_test_split

from jubako import TabularRegressor

X, y = load_diabetes(return_X_y=True, as_frame=True, scaled=False)
X, X_test, y, y_test = train_test_split(X, y, random_state=0)
model = TabularRegressor("fast", n_folds=3, random_state=0).fit(X, y)

importance = permutation_importance(model, X_test, y_test, n_repeats=10, random_state=0)
order = importance.importances_mean.argsort()

fig, ax = plt.subplots(figsize=(6, 3.6), layout="constrained")
means, errors = importance.importances_mean[order], importance.importances_std[order]
ax.barh(X.columns[order], means, xerr=errors, color="C0", ecolor="gray")
ax.set(xlabel="decrease of R² when the column is shuffled", title="permutation importance")
plt.show()

# %%
# The thin lines are single patients, the thick dashed one is their mean, the partial dependence.
# Lines that are parallel mean that the effect of a column does not depend on the others. The
# marks at the bottom are the deciles of the column: where there are few rows, the curve is
# extrapolated.

names = list(X.columns[order[::-1][:3]])
fig, axes = plt.subplots(1, 3, figsize=(9, 3.8), layout="constrained", sharey=True)
PartialDependenceDisplay.from_estimator(
    model,
    X_test,
    names,
    kind="both",
    subsample=40,
    grid_resolution=25,
    random_state=0,
    ax=axes,
    ice_lines_kw={"color": "C0", "alpha": 0.3},
    pd_line_kw={"color": "C1", "linewidth": 3},
)
for ax in axes[1:]:
    ax.set_ylabel("")
    ax.get_legend().remove()
axes[0].get_legend().remove()
axes[0].set_ylabel("predicted disease progression")
plt.show()
