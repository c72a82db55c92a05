"""
The same network in scikit-learn
================================

``MLPClassifier`` has the parameters of scikit-learn's class of that name. We train the same
network with both, and compare the loss by epoch and by time.
"""

# %%
# Both use Adam with the same settings, but other random numbers. NumPy gets a single thread,
# which is faster for matrices of this size.

import time
import warnings

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.neural_network import MLPClassifier as ScikitLearnMLPClassifier
from threadpoolctl import threadpool_limits

import jubako

X, y = load_digits(return_X_y=True)
X = (X / 16).astype(np.float32)
settings = {
    "hidden_layer_sizes": (128, 64),
    "batch_size": 64,
    "max_iter": 25,
    "n_iter_no_change": 1000,
    "random_state": 0,
}
curves = {}
for name, kind in ("scikit-learn", ScikitLearnMLPClassifier), ("Jubako", jubako.MLPClassifier):
    began = time.perf_counter()
    with warnings.catch_warnings(action="ignore"), threadpool_limits(1):
        network = kind(**settings).fit(X, y)
    seconds = time.perf_counter() - began
    curves[name] = np.array(network.loss_curve_), seconds

# %%
# By epoch, the curves are nearly the same: it is the same algorithm. By time they are not. The
# time of an epoch is the mean over the fit on the machine that built this page; it depends on the
# machine and on what else it does.

fig, axes = plt.subplots(1, 2, figsize=(9, 4), layout="constrained", sharey=True)
for (name, (loss, seconds)), style in zip(curves.items(), ["--", "-"], strict=True):
    epochs = np.arange(1, len(loss) + 1)
    axes[0].semilogy(epochs, loss, style, label=name)
    axes[1].semilogy(epochs * seconds / len(loss), loss, style, label=f"{name}: {seconds:.2f} s")
axes[0].set(xlabel="epoch", ylabel="training loss", title="by epoch")
axes[1].set(xlabel="seconds", title="by time")
for ax in axes:
    ax.legend()
plt.show()
