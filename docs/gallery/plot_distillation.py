"""
Distillation: size against error
================================

How small can a network be that predicts like an ensemble? We train networks of several sizes on
the predictions of an ensemble, and on the targets themselves.
"""

# %%
# The diabetes table has 442 rows, of which we use 250 for training, and noisy targets.

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_diabetes
from sklearn.metrics import root_mean_squared_error
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import scale

from jubako import MLPRegressor, TabularRegressor

X, y = load_diabetes(return_X_y=True)
X, y = scale(X), scale(y)
X, X_test, y, y_test = train_test_split(X, y, train_size=250, random_state=0)
teacher = TabularRegressor("fast", random_state=0).fit(X, y)

# %%
# The teacher can label as many rows as we like, without noise. Here the new rows are mixtures of
# the old ones: a fifth of the values are those of another row. ``model.distill(X)`` draws such
# rows as well, chooses the size, and works with columns of any type.

random = np.random.default_rng(0)
rows, others = random.integers(len(X), size=(2, 2000))
X_mixed = np.where(random.random((2000, X.shape[1])) < 0.2, X[others], X[rows])
X_more = np.vstack([X, X_mixed])
y_more = teacher.predict(X_more)


def train(width, X, y):
    """Return the error on the test rows and the number of parameters of a network."""
    network = MLPRegressor(
        hidden_layer_sizes=(width, width),
        activation="mish",
        learning_rate_init=0.01,
        schedule="cosine",
        batch_size=100,
        max_iter=40 if len(X) > 1000 else 200,
        n_iter_no_change=np.inf,
        n_networks=3,
        dtype="float32",
        random_state=0,
    )
    network.fit(X, y)
    errors = [root_mean_squared_error(y_test, p) for p in single_predictions(network)]
    return np.mean(errors), network.theta_.shape[1]


def single_predictions(network):
    """Yield the predictions of each network, which ``predict`` averages."""
    for k in range(network.n_networks):
        u = X_test
        for w, b in zip(network.coefs_, network.intercepts_, strict=True):
            a = u @ w[k] + b[k]
            u = a * np.tanh(np.logaddexp(0, a))  # mish
        yield a[:, 0]


widths = [2, 4, 8, 16, 32, 64]
students = np.array([train(width, X_more, y_more) for width in widths])
singles = np.array([train(width, X, y) for width in widths])
small = teacher.distill(X)


def size(model):
    """Return the number of parameters of all networks."""
    return sum(network.theta.size for network in model.ensemble_)


# %%
# Trained on the noisy targets, the error grows with the size: larger networks fit the noise.
# Trained on the predictions of the teacher, even the smallest networks have its error, with a
# fraction of its parameters.

fig, ax = plt.subplots(figsize=(7, 4.4), layout="constrained")
ax.plot(singles[:, 1], singles[:, 0], "o--", label="trained on the targets")
ax.plot(students[:, 1], students[:, 0], "s-", label="trained on the predictions of the teacher")
points = ("*", "C3", "model.distill(X)", small), ("D", "black", "teacher: the ensemble", teacher)
for marker, color, label, model in points:
    error = root_mean_squared_error(y_test, model.predict(X_test))
    ax.plot(size(model), error, marker, markersize=10, color=color, label=label)
ax.axhline(error, color="black", linestyle=":", linewidth=0.8)
ax.set_xscale("log")
ax.set(xlabel="number of parameters", ylabel="RMSE on test rows (in standard deviations)")
ax.legend()
plt.show()
