"""
A decision boundary while a network learns
==========================================

A network with two hidden layers separates two half moons. After each epoch we ask it for the
probability of every point of the plane.
"""

# %%
# A callback gets the record of each epoch. Here ``partial_fit`` is simpler: k calls are
# equivalent to k epochs of ``fit``.

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import make_moons

from jubako import MLPClassifier

X, y = make_moons(400, noise=0.2, random_state=0)
xs, ys = np.meshgrid(np.linspace(-1.8, 2.8, 150), np.linspace(-1.3, 1.8, 120))
plane = np.c_[xs.ravel(), ys.ravel()]

network = MLPClassifier(
    (32, 32), activation="tanh", learning_rate_init=0.005, batch_size=40, random_state=0
)
shown = [1, 10, 20, 30, 60, 150]
pictures, losses = {}, []
for epoch in range(1, shown[-1] + 1):
    network.partial_fit(X, y, classes=[0, 1])
    losses.append(network.loss_)
    if epoch in shown:
        pictures[epoch] = network.predict_proba(plane)[:, 1].reshape(xs.shape)

# %%
# At first the boundary, the black line of probability 0.5, is nearly straight: the weights are
# small, and the units nearly linear. Then it bends around the moons, and the network becomes more
# certain; pale regions are those where it is not.

fig, axes = plt.subplots(2, 3, figsize=(9, 5.4), layout="constrained", sharex=True, sharey=True)
for ax, (epoch, p) in zip(axes.flat, pictures.items(), strict=True):
    image = ax.imshow(
        p,
        extent=(xs.min(), xs.max(), ys.min(), ys.max()),
        origin="lower",
        aspect="auto",
        cmap="RdBu_r",
        vmin=0,
        vmax=1,
        alpha=0.6,
    )
    ax.contour(xs, ys, p, levels=[0.5], colors="black", linewidths=1.5)
    for label, color in (0, "royalblue"), (1, "crimson"):
        ax.scatter(*X[y == label].T, 14, color=color, edgecolor="white", linewidth=0.5)
    ax.set_title(f"epoch {epoch}, loss {losses[epoch - 1]:.3f}")
fig.colorbar(image, ax=axes, label="probability of the red class", ticks=[0, 0.25, 0.5, 0.75, 1])
plt.show()
