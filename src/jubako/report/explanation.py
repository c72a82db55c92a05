"""What the predictions of a report depend on: feature importance and partial dependence."""

import numpy as np

from jubako.data.columns.base import Column
from jubako.data.columns.numeric import Numeric
from jubako.data.dataset import Dataset
from jubako.evaluation.dependence import Dependence, dependence_on
from jubako.evaluation.importance import importances
from jubako.evaluation.scorer import Scorer
from jubako.model.model import Model

from .report import DependenceFacts, Explanation, ImportanceFacts

MOST_ROWS = 2000  # on which importances are measured
MOST_SECONDS = 30.0  # for importances, after which no further column is shuffled
ROWS_OF_CURVES = 300
N_CURVES = 6  # of the most important columns
POINTS = 15  # of a curve


def explain(model: Model, rows: Dataset, target: str, seed: int) -> Explanation | None:
    """Compute the permutation importance of columns, and the partial dependence on some.

    Parameters
    ----------
    model : Model
    rows : Dataset
        Of labels that the model knows.
    target : str
    seed : int

    Returns
    -------
    Explanation or None
        None if the metric is undefined: for a single row, or R² of a constant target.
    """
    y = rows.target
    if len(y) < 2 or (model.task == "regress" and np.ptp(y) == 0):
        return None
    rng = np.random.default_rng(seed)
    sample = rows.take(rng.permutation(len(y))[:MOST_ROWS])
    scorer = Scorer(model, sample)
    columns = model.columns_by_name or {
        name: Numeric(name, 0, 1) for name in rows.table.column_names
    }
    found = importances(scorer.score, sample.table, list(columns), rng, seconds=MOST_SECONDS)
    few = sample.table.slice(0, ROWS_OF_CURVES)
    outputs = [target] if model.classes is None else [str(label) for label in model.classes]
    dependences = [
        plain_dependence(columns[one.name], dependence, outputs)
        for one in found[:N_CURVES]
        if (dependence := dependence_on(scorer.predict, few, columns[one.name], POINTS))
    ]
    facts = [
        ImportanceFacts(one.name, one.mean, None if np.isnan(one.error) else one.error, one.repeats)
        for one in found
    ]
    return Explanation(
        scorer.metric, scorer.value, len(sample.target), facts, len(columns), dependences
    )


def plain_dependence(column: Column, dependence: Dependence, outputs: list[str]) -> DependenceFacts:
    """Return a partial dependence as plain data.

    Parameters
    ----------
    column : Column
    dependence : Dependence
    outputs : list of str
        Names of the outputs.

    Returns
    -------
    DependenceFacts
    """
    values = dependence.values
    ordered = not isinstance(values[0], bool | str)
    plain = [v if isinstance(v, bool | int | float | str) else str(v) for v in values]
    means = dict(zip(outputs, dependence.means.T.tolist(), strict=True))
    return DependenceFacts(column.name, ordered, plain, means)
