"""
What periodic embeddings see
============================

Networks learn smooth functions first, and jumps or fast oscillations late or never. A periodic
embedding gives them oscillating functions of each number as inputs. Its frequency scale decides
how fast they are.
"""

# %%
# ``Periodic`` is a layer: from a number it computes sums of cosines with frequencies and phases
# that are drawn at first, and then trained. We show its initial outputs, before training.

import matplotlib.pyplot as plt
import numpy as np

from jubako.core.embeddings import Periodic
from jubako.core.initializers import INITIALIZERS

x = np.linspace(-2, 2, 400)[:, None]


def embed(x, spread):
    """Return what a periodic embedding of a frequency scale computes from numbers (N, 1)."""
    layer = Periodic(n_in=1, n_numbers=1, spread=spread)
    p = {name: np.zeros(shape) for name, shape in layer.shapes().items()}
    layer.init(p, INITIALIZERS["lecun"], np.random.default_rng(0))
    return layer.forward(p, x, None)[0]


spreads = [0.1, 1, 5]
fig, axes = plt.subplots(1, 3, figsize=(9, 3), layout="constrained", sharey=True)
for ax, spread in zip(axes, spreads, strict=True):
    ax.plot(x, embed(x, spread)[:, 1:])
    ax.set(title=f"frequency scale {spread}", xlabel="number x")
axes[0].set_ylabel("three sums of cosines")
plt.show()

# %%
# Now we train the same network on 400 noisy rows of a function with a jump and an oscillation:
# once on x alone, and once with each embedding. (In ``TabularRegressor`` the embedding is
# trained, too.)

from jubako import MLPRegressor

random = np.random.default_rng(1)


def truth(x):
    """A slow wave, a jump at 0, and on the right a fast oscillation."""
    return np.sin(2 * x) + (x > 0) + (x > 0.5) * 0.5 * np.sin(14 * x)


x_train = random.uniform(-2, 2, (400, 1))
y_train = truth(x_train[:, 0]) + random.normal(0, 0.2, 400)
inputs = {"x alone": lambda x: x}
inputs |= {f"scale {s}": lambda x, s=s: embed(x, s) for s in spreads}

# %%
# Without the embedding, the network finds the slow wave, but not the oscillation. With the
# smallest scale it is the same; with scale 1 it fits both, and the jump. With scale 5 it also
# fits the noise. Which scale is best depends on the table, so that the candidates of
# ``TabularRegressor`` have different ones.

fig, axes = plt.subplots(2, 2, figsize=(9, 5.6), layout="constrained", sharex=True, sharey=True)
for ax, (name, encode) in zip(axes.flat, inputs.items(), strict=True):
    network = MLPRegressor(
        hidden_layer_sizes=(64, 64),
        activation="mish",
        learning_rate_init=0.01,
        schedule="cosine",
        batch_size=50,
        max_iter=150,
        n_iter_no_change=np.inf,
        random_state=0,
    )
    network.fit(encode(x_train), y_train)
    predicted = network.predict(encode(x))
    rmse = np.sqrt(np.mean((predicted - truth(x[:, 0])) ** 2))
    ax.plot(x_train, y_train, ".", color="gray", alpha=0.4, markersize=4, label="training rows")
    ax.plot(x, truth(x), ":", color="black", label="truth")
    ax.plot(x, predicted, color="C3", label="network")
    ax.set_title(f"{name}: RMSE {rmse:.2f} from the truth")
axes[0, 0].legend()
fig.supxlabel("number x")
plt.show()
