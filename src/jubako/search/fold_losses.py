"""The out-of-fold loss of an ensemble by fold, which shows how much it varies between rows."""

import numpy as np

from jubako.core.activations import Array
from jubako.core.errors import ParameterError
from jubako.data.target import ClassTarget, NumericTarget

from .encoded import EncodedRows
from .metric import loss_function


def fold_losses(
    oof_prediction: Array,
    rows: EncodedRows,
    eval_metric: object,
    target: ClassTarget | NumericTarget,
    costs: Array | None,
) -> list[float]:
    """Return the loss on each fold of the first split of the rows.

    Parameters
    ----------
    oof_prediction : array, shape (n_held_out, n_out)
    rows : EncodedRows
    eval_metric, target, costs
        See `loss_function`.

    Returns
    -------
    list of float
        Empty if all networks have the same validation rows, or the metric is undefined on a fold.
    """
    losses, seen = list[float](), np.empty(0, int)
    for held in rows.held:
        if np.isin(held, seen).any():  # of another split of the same rows, or the same rows
            break
        seen = np.append(seen, held)
        codes, w = rows.y[held].astype(np.float64), rows.w[held]
        try:
            loss = loss_function(eval_metric, target, codes, w, costs)
            losses.append(loss(oof_prediction[np.searchsorted(rows.held_out, held)]))
        except ParameterError:
            return []
    return losses if len(losses) > 1 and np.isfinite(losses).all() else []
