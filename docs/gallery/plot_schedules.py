"""
Learning rate schedules
=======================

A schedule multiplies the learning rate by a factor that depends on the progress of training. We
compare the three of ``MLPClassifier`` with the same network and the same number of epochs.
"""

# %%
# ``constant`` keeps the learning rate; ``cosine`` lowers it to 0; ``coslog4`` consists of four
# periods, each twice as long as the one before. Without a schedule training may end early, when
# the loss has converged; ``n_iter_no_change=inf`` prevents that here. A tenth of the labels are
# random, so that there is noise in the gradients.

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits

from jubako import MLPClassifier

X, y = load_digits(return_X_y=True)
X = X / 16
random = np.random.default_rng(0)
y = np.where(random.random(len(y)) < 0.1, random.integers(0, 10, len(y)), y)
histories = {}
for schedule in "constant", "cosine", "coslog4":
    network = MLPClassifier(
        (64,),
        schedule=schedule,
        learning_rate_init=0.03,
        max_iter=60,
        batch_size=32,
        n_iter_no_change=np.inf,
        warmup_fraction=0.05 if schedule == "cosine" else 0,
        random_state=0,
    )
    histories[schedule] = network.fit(X, y).history_

# %%
# With a constant learning rate the loss never settles. With ``cosine`` it does at the end, and at
# a lower loss. ``coslog4`` settles at the end of each period, and then leaves that minimum again:
# at the ends of its last periods, ``TabularClassifier`` takes snapshots for its ensemble.

fig, axes = plt.subplots(2, 1, figsize=(7, 6), layout="constrained", sharex=True)
for name, history in histories.items():
    label = f"{name}, with warm-up" if name == "cosine" else name
    axes[0].plot(history["epoch"], history["learning_rate"])
    axes[1].semilogy(history["epoch"], history["train_loss"], label=label)
axes[0].set(ylabel="learning rate", title="Handwritten digits with some wrong labels")
axes[1].set(xlabel="epoch", ylabel="training loss")
axes[1].set_yticks([0.2, 0.4, 0.8], ["0.2", "0.4", "0.8"])
axes[1].minorticks_off()
axes[1].legend()
plt.show()
