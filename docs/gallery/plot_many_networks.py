"""
K networks at once
==================

Networks that differ only in their random numbers make different errors, and their mean is
better than each. With ``n_networks=K``, K networks are trained side by side in one array.
"""

# %%
# The parameters of all networks are in ``theta_``, one row for each. The same lines of code
# compute one or all of them, and the C++ engine gives each thread a network of its own.

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_diabetes
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import scale

from jubako import MLPRegressor

X, y = load_diabetes(return_X_y=True)
X, y = scale(X).astype(np.float32), scale(y)
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.4, random_state=0)
counts = [1, 2, 4, 8, 16, 32]


def error(n_networks, seed):
    """Return the mean squared error of the mean of several networks on the test rows."""
    network = MLPRegressor(
        hidden_layer_sizes=(64, 64),
        learning_rate_init=0.005,
        schedule="cosine",
        batch_size=50,
        max_iter=30,
        n_iter_no_change=np.inf,
        dtype="float32",
        n_networks=n_networks,
        random_state=seed,
    )
    return np.mean((network.fit(X_train, y_train).predict(X_test) - y_test) ** 2)


errors = np.array([[error(n_networks, seed) for seed in range(8)] for n_networks in counts])

# %%
# Each point on the left is a model with another seed. With more networks the error is lower, and
# depends less on the seed. The errors of K networks that are drawn independently have a common
# part, which no mean removes, and a variance, which the mean divides by K: on the right, the mean
# error is close to a straight line in 1 / K.

fig, axes = plt.subplots(1, 2, figsize=(9, 4), layout="constrained", sharey=True)
axes[0].plot(counts, errors, "o", color="C0", alpha=0.5)
axes[0].plot(counts, errors.mean(axis=1), color="C0", label="mean of eight seeds")
axes[0].set_xscale("log", base=2)
axes[0].set_xticks(counts, counts)
axes[0].set(xlabel="number of networks K", ylabel="mean squared error on test rows")
axes[0].legend()
inverse = 1 / np.array(counts)
slope, common = np.polyfit(inverse, errors.mean(axis=1), 1)
axes[1].plot(inverse, errors.mean(axis=1), "s", color="C1", label="mean of eight seeds")
axes[1].plot([0, 1], [common, common + slope], "--", color="gray", label="common + variance / K")
axes[1].set(xlabel="1 / K")
axes[1].legend()
plt.show()
