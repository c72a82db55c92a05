"""
From probabilities to decisions
===============================

A classifier returns probabilities; a decision also needs to know what errors cost. The
threshold of the lowest cost follows from the costs alone, if probabilities are calibrated.
"""

# %%
# One in twelve rows is of class 1. A missed case costs 9, a false alarm 1.

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import make_classification
from sklearn.metrics import precision_score, recall_score
from sklearn.model_selection import train_test_split

from jubako import TabularClassifier

X, y = make_classification(
    5000, n_features=8, n_informative=4, weights=[0.92], class_sep=1.0, random_state=0
)
X, X_test, y, y_test = train_test_split(X, y, train_size=1500, stratify=y, random_state=0)
costs = np.array([[0, 1], [9, 0]])
model = TabularClassifier("fast", cost_matrix=costs, random_state=0).fit(X, y)
p = model.predict_proba(X_test)[:, 1]

# %%
# We try all thresholds on the test rows. Precision and recall cross; the mean cost has a flat
# minimum near the threshold that the model chose without having seen these rows: that of the
# costs, 1 / (1 + 9) = 0.1.

thresholds = np.linspace(0.01, 0.95, 95)
predicted = [p > threshold for threshold in thresholds]
precision = [precision_score(y_test, decision) for decision in predicted]
recall = [recall_score(y_test, decision) for decision in predicted]
cost = [costs[y_test, decision.astype(int)].mean() for decision in predicted]

fig, axes = plt.subplots(2, 1, figsize=(7, 6), layout="constrained", sharex=True)
axes[0].plot(thresholds, precision, label="precision")
axes[0].plot(thresholds, recall, "--", label="recall")
axes[0].set(ylabel="score", title="decisions by threshold, 3,500 test rows")
axes[1].plot(thresholds, cost, color="C2", label="mean cost of a row")
axes[1].axhline(9 * y_test.mean(), color="gray", linestyle=":", label="never predict class 1")
axes[1].set(xlabel="threshold of the probability of class 1", ylabel="cost", ylim=(0, None))
for ax in axes:
    ax.axvline(model.threshold_, color="black", linewidth=1, label="threshold of the model")
    ax.axvline(0.5, color="gray", linewidth=1, linestyle="-.", label="0.5")
    ax.legend()
plt.show()
