"""Candidates: the configurations of networks that are tried on a table.

Adding one is one line in `CANDIDATES`. They are tried in this order, so the first ones must suit
most tables, and later ones differ from them.
"""

from dataclasses import replace

import numpy as np

from jubako.model.candidate import Candidate

CANDIDATES = (
    Candidate(),
    Candidate((), "identity", quantiles=False, frequency_scale=0, dropout=0),  # a linear model
    Candidate(quantiles=False, frequency_scale=1.0),
    Candidate(frequency_scale=5.0, dropout=0.3),
    Candidate((256, 256), "relu", frequency_scale=0, dropout=0.3, weight_decay=0.02),
    Candidate((256, 256, 256)),
    Candidate(dropout=0),
    Candidate((128, 128, 128), "selu", quantiles=False, frequency_scale=0.1, dropout=0.3),
    Candidate((512,), frequency_scale=1.0, dropout=0.2),
    Candidate((128, 128, 128, 128), "silu", residual=True, frequency_scale=1.0, dropout=0.2),
    Candidate(label_smoothing=0.1),  # for classes only
)
WIDE = 256  # units


def widen(candidate: Candidate) -> Candidate:
    """Return the candidate with twice the units in each hidden layer, but at most `WIDE`.

    Parameters
    ----------
    candidate : Candidate

    Returns
    -------
    Candidate
        The same if its layers have as many units.
    """
    return replace(candidate, hidden=tuple(max(n, min(2 * n, WIDE)) for n in candidate.hidden))


def random_candidate(rng: np.random.Generator) -> Candidate:
    """Draw a random candidate from ranges that have worked well on many tables.

    Parameters
    ----------
    rng : Generator

    Returns
    -------
    Candidate
    """
    depth, width = int(rng.integers(1, 5)), int(rng.choice([64, 128, 192, 256]))
    return Candidate(
        hidden=(width,) * depth,
        activation=str(rng.choice(["mish", "selu", "relu", "silu"])),
        quantiles=bool(rng.random() < 0.6),
        frequency_scale=float(np.exp(rng.uniform(np.log(0.05), np.log(6))))
        * bool(rng.random() < 0.8),
        dropout=float(rng.choice([0, 0.1, 0.2, 0.3, 0.4])),
        weight_decay=float(rng.choice([0, 0.02, 0.05])),
        lr_multiplier=float(np.exp(rng.uniform(np.log(0.3), np.log(1.5)))),
        residual=bool(rng.random() < 0.3),
    )
