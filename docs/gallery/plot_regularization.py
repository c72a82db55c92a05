"""
Dropout and weight decay
========================

A network with more parameters than rows can memorize its training rows. Dropout and weight
decay make that harder. We watch the loss on training and validation rows.
"""

# %%
# 150 rows of the breast cancer table are a small training set for a network with 20,000
# parameters.

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import scale

from jubako import MLPClassifier

X, y = load_breast_cancer(return_X_y=True)
X_train, X_val, y_train, y_val = train_test_split(
    scale(X), y, train_size=150, stratify=y, random_state=1
)
settings = {
    "none": {},
    "dropout 0.5": {"dropout": 0.5},
    "weight decay 2": {"weight_decay": 2.0},
    "both": {"dropout": 0.5, "weight_decay": 2.0},
}
histories = {}
for name, setting in settings.items():
    network = MLPClassifier(
        (128, 128),
        learning_rate_init=0.002,
        max_iter=120,
        n_iter_no_change=np.inf,
        n_networks=4,
        dtype="float32",
        random_state=0,
        **setting,
    )
    histories[name] = network.fit(X_train, y_train, X_val=X_val, y_val=y_val).history_

# %%
# The curves are means over four networks. Without regularization the training loss falls towards
# 0, while the validation loss rises after a few epochs: the network is more and more certain of
# its errors. Dropout delays that, weight decay limits it, and both together have the lowest loss.
# (The training loss with dropout is measured with units dropped, which makes it higher still.)
# The lowest validation loss is nearly the same for all: that of early stopping, which is cheaper.

fig, axes = plt.subplots(1, 2, figsize=(9, 4), layout="constrained", sharex=True)
for name, history in histories.items():
    axes[0].semilogy(history["epoch"], history["train_loss"], label=name)
    axes[1].semilogy(history["epoch"], history["val_loss"], label=name)
for ax in axes:
    ax.yaxis.set_major_formatter("{x:g}")
    ax.yaxis.set_minor_formatter("")
axes[1].set_yticks([0.1, 0.2, 0.4])
axes[0].set(xlabel="epoch", ylabel="log loss", title="training rows")
axes[1].set(xlabel="epoch", title="validation rows")
axes[1].legend(title="regularization")
plt.show()
