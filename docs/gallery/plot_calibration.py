"""
Calibration and temperature
===========================

Of the rows with a predicted probability of 0.8, do 80 % belong to the class? Networks that were
trained for too long are overconfident. Temperature scaling corrects that with a single number.
"""

# %%
# We train one network for many epochs on few, noisy rows, and predict many other rows.

import matplotlib.pyplot as plt
import numpy as np
from sklearn.calibration import calibration_curve
from sklearn.datasets import make_moons
from sklearn.metrics import log_loss
from sklearn.model_selection import train_test_split

from jubako import MLPClassifier, TabularClassifier

X, y = make_moons(6300, noise=0.45, random_state=0)
X_train, X_rest, y_train, y_rest = train_test_split(X, y, train_size=300, random_state=0)
X_val, X_test, y_val, y_test = train_test_split(X_rest, y_rest, test_size=0.9, random_state=0)
network = MLPClassifier(
    (64, 64), learning_rate_init=0.01, max_iter=250, n_iter_no_change=np.inf, random_state=0
)
network.fit(X_train, y_train)


def with_temperature(p, temperature):
    """Raise probabilities to the power of 1 / temperature, and normalize them."""
    p = np.clip(p, 1e-12, 1) ** (1 / temperature)
    return p / p.sum(axis=1, keepdims=True)


# %%
# The temperature is chosen on validation rows, by the log loss. It does not change which class is
# the most probable one.

temperatures = np.geomspace(0.5, 8, 60)
on_val = [log_loss(y_val, with_temperature(network.predict_proba(X_val), t)) for t in temperatures]
best = temperatures[np.argmin(on_val)]
p_test = network.predict_proba(X_test)
on_test = [log_loss(y_test, with_temperature(p_test, t)) for t in temperatures]

# %%
# ``TabularClassifier`` keeps the best epoch of each network, averages several, and calibrates the
# result on out-of-fold predictions.

tabular = TabularClassifier("fast", random_state=0).fit(X_train, y_train)
predictions = {
    "one network": p_test,
    f"the same, temperature {best:.1f}": with_temperature(p_test, best),
    "TabularClassifier": tabular.predict_proba(X_test),
}

fig, axes = plt.subplots(1, 2, figsize=(9.5, 4.4), layout="constrained")
axes[0].plot([0, 1], [0, 1], color="gray", linestyle=":", label="perfect")
for (name, p), marker in zip(predictions.items(), "osD", strict=True):
    share, mean = calibration_curve(y_test, p[:, 1], n_bins=10)
    loss = log_loss(y_test, p)
    axes[0].plot(mean, share, marker=marker, label=f"{name}: log loss {loss:.2f}")
axes[0].set(
    xlabel="mean predicted probability", ylabel="share of the class", title="reliability diagram"
)
axes[0].legend(fontsize="small", loc="lower right")
axes[1].semilogx(temperatures, on_val, label="validation rows")
axes[1].semilogx(temperatures, on_test, "--", label="test rows")
axes[1].axvline(best, color="gray", linewidth=0.8)
axes[1].set_xticks([0.5, 1, 2, 4, 8], ["0.5", "1", "2", "4", "8"])
axes[1].minorticks_off()
axes[1].set(xlabel="temperature", ylabel="log loss", title="one network")
axes[1].legend()
plt.show()
