"""
Prediction intervals on real data
=================================

A prediction is more useful with the range in which the true value lies. ``predict_interval``
returns one for each row that contains the true value with a given probability, here 80 %.
"""

# %%
# The table has ten measurements of 442 patients with diabetes; the target is the progression of
# the disease after one year. Half of the rows are held out.

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_diabetes
from sklearn.model_selection import train_test_split

from jubako import TabularRegressor

X, y = load_diabetes(return_X_y=True, as_frame=True)
X, X_test, y, y_test = train_test_split(X, y, test_size=0.5, random_state=0)
model = TabularRegressor("fast", random_state=0).fit(X, y)

# %%
# Each vertical line is the interval of a patient, in the order of the predictions. Patients
# outside of their interval are red. The width depends on the error that the model expects of the
# row. Here it differs little between the rows; on the left, intervals end at the lowest target in
# training.

lower, upper = model.predict_interval(X_test, coverage=0.8).T
order = np.argsort(model.predict(X_test))[::2]  # every second one, to see them
inside = (lower <= y_test) & (y_test <= upper)
truth, hit = y_test.to_numpy()[order], inside.to_numpy()[order]
place = np.arange(len(order))

fig, ax = plt.subplots(figsize=(9, 4.2), layout="constrained")
ax.vlines(place, lower[order], upper[order], color="C0", alpha=0.35, linewidth=3)
ax.plot(place, model.predict(X_test)[order], color="C0", label="prediction, with 80 % interval")
ax.plot(place[hit], truth[hit], ".", color="black", label="true value inside")
ax.plot(place[~hit], truth[~hit], "X", color="C3", label="true value outside")
ax.set(
    xlabel="test rows, by prediction",
    ylabel="disease progression",
    title=f"{100 * inside.mean():.0f} % of the true values are inside the 80 % intervals",
)
ax.legend(loc="upper left")
plt.show()

# %%
# The promise is the diagonal of the next figure. The test set has 221 rows, so that the coverage
# that is measured may differ from it by a few percent.

coverages = np.linspace(0.1, 0.95, 18)
lower, upper = np.moveaxis(model.predict_interval(X_test, coverages), 1, 0)
truth = y_test.to_numpy()[:, None]
covered = ((lower <= truth) & (truth <= upper)).mean(axis=0)
error = 2 * np.sqrt(coverages * (1 - coverages) / len(y_test))

fig, ax = plt.subplots(figsize=(4.8, 4.4), layout="constrained")
band = {"color": "gray", "alpha": 0.25, "label": "two standard errors"}
ax.fill_between(coverages, coverages - error, coverages + error, **band)
ax.plot(coverages, coverages, color="gray", linestyle=":")
ax.plot(coverages, covered, "o-", label="test rows")
ax.set(xlabel="coverage that was asked for", ylabel="share of the true values inside")
ax.legend(loc="upper left")
plt.show()
