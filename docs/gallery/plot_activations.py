"""
Activation functions and their slopes
=====================================

A hidden layer applies an activation function to each of its sums. Backpropagation multiplies
the gradient by the slope of that function, once in each layer.
"""

# %%
# ``ACTIVATIONS`` is the table of all activation functions: each has a ``value`` and a ``slope``,
# which may use the value that has been computed already.

import matplotlib.pyplot as plt
import numpy as np

from jubako.core.activations import ACTIVATIONS

a = np.linspace(-4, 4, 401)
names = [name for name in ACTIVATIONS if name != "identity"]

fig, axes = plt.subplots(3, 4, figsize=(9, 6.5), layout="constrained", sharex=True, sharey=True)
for ax in axes.flat[len(names) :]:
    ax.set_axis_off()
for name, ax in zip(names, axes.flat, strict=False):
    function = ACTIVATIONS[name]
    v = function.value(a)
    ax.axhline(0, color="lightgray", linewidth=0.8)
    ax.axvline(0, color="lightgray", linewidth=0.8)
    ax.plot(a, v, label="value f(a)")
    ax.plot(a, function.slope(a, v), "--", label="slope f'(a)")
    ax.set(title=name, ylim=(-2, 3))
axes[0, 0].legend()
fig.supxlabel("a")
plt.show()

# %%
# The slope of the logistic function is at most 0.25, so that each layer shrinks the gradient to a
# quarter or less. With ReLU it is 1 for all active units. The norms of the gradients of a network
# with eight hidden layers, after the first epoch, show this.

from sklearn.datasets import load_digits

from jubako import MLPClassifier

X, y = load_digits(return_X_y=True)
X = X / 16

fig, ax = plt.subplots(figsize=(7, 4), layout="constrained")
for name, marker in ("logistic", "o"), ("tanh", "s"), ("relu", "^"), ("mish", "D"):
    network = MLPClassifier([64] * 8, activation=name, init="lecun", random_state=0)
    norms = network.partial_fit(X, y, classes=range(10)).history_["grad_norms"][0]
    ax.semilogy(range(1, len(norms) + 1), norms, marker=marker, label=name)
ax.set(
    xlabel="layer (9 is the output)",
    ylabel="norm of the gradient",
    title="Gradients vanish with the logistic function",
)
ax.legend()
plt.show()
