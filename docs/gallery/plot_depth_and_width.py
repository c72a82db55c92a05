"""
Depth and width on iris
=======================

How many hidden layers does a table need, and how many units in each? We train networks of
various shapes on the iris table, on ten random splits each, and compare their log loss on test
rows.
"""

# %%
# A network without hidden layers is a linear model. All networks are trained for the same number
# of epochs, with the same schedule of the learning rate.

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_iris
from sklearn.metrics import log_loss
from sklearn.model_selection import ShuffleSplit
from sklearn.preprocessing import StandardScaler

from jubako import MLPClassifier

X, y = load_iris(return_X_y=True)
X = StandardScaler().fit_transform(X)
depths, widths = [0, 1, 2, 3, 4], [2, 4, 8, 16, 32]
splits = list(ShuffleSplit(n_splits=10, test_size=0.3, random_state=0).split(X))


def losses(depth, width):
    """Return the log loss on the test rows of each split."""
    network = MLPClassifier(
        [width] * depth,
        activation="tanh",
        learning_rate_init=0.02,
        schedule="cosine",
        max_iter=100,
        n_iter_no_change=np.inf,
        random_state=0,
    )
    return [
        log_loss(y[test], network.fit(X[train], y[train]).predict_proba(X[test]))
        for train, test in splits
    ]


mean = {
    (depth, width): np.mean(losses(depth, width))
    for depth in depths
    for width in (widths if depth else [0])
}

# %%
# The dashed line is the linear model. One hidden layer of eight or more units is clearly better,
# but more layers do not help on a table of 150 rows: networks that are wide and deep fit the
# training rows so closely that they are too certain of their errors. Two units are too few for
# any depth, since each layer must pass on all that the next ones need.

fig, ax = plt.subplots(figsize=(7, 4.2), layout="constrained")
ax.axhline(mean[0, 0], color="gray", linestyle="--", label="0 (linear)")
for depth, color in zip(depths[1:], plt.cm.viridis([0, 0.3, 0.6, 0.85]), strict=True):
    values = [mean[depth, width] for width in widths]
    ax.plot(widths, values, "o-", color=color, label=str(depth))
ax.set_xscale("log", base=2)
ax.set_xticks(widths, widths)
ax.set(
    xlabel="units in each hidden layer",
    ylabel="log loss on test rows (mean of 10 splits)",
    title="More layers are not always better",
)
ax.legend(title="hidden layers")
plt.show()
