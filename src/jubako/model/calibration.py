"""Temperature scaling of class probabilities."""

import numpy as np
from scipy.special import softmax

from jubako.core.activations import Array


def soften(p: Array, temperature: float) -> Array:
    """Return probabilities proportional to p^(1 / temperature), shape (N, n_classes)."""
    return softmax(np.log(p.clip(1e-12)) / temperature, axis=1)
