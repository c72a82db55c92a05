"""The rows of a report with the largest errors."""

import numpy as np

from jubako.data.casting.values import plain
from jubako.data.dataset import Dataset
from jubako.model.model import Model

from .predictions import Predictions
from .report import WorstRow


def find_worst_rows(
    model: Model, rows: Dataset, predictions: Predictions, n: int
) -> list[WorstRow]:
    """Return the rows with the largest errors.

    Parameters
    ----------
    model : Model
    rows : Dataset
    predictions : Predictions
        Of these rows.
    n : int >= 0

    Returns
    -------
    list of at most n WorstRow
        The worst first. Rows of labels that the model does not know are left out.
    """
    at = predictions.known
    known = predictions.take(at)
    if known.probabilities is None:
        errors = np.abs(known.true - known.predicted)
    else:
        codes = known.coded().true
        errors = 1 - known.probabilities[np.arange(len(codes)), codes]
    order = np.argsort(-errors, kind="stable")[:n]
    numbers = np.arange(len(predictions.true)) if rows.row_numbers is None else rows.row_numbers
    used = {column.name for column in model.columns} or set(rows.table.column_names)
    names = [name for name in rows.table.column_names if name in used]
    return [
        WorstRow(
            row=int(numbers[at[i]]) + 1,
            true=label_or_number(known.true[i]),
            predicted=label_or_number(known.predicted[i]),
            error=float(errors[i]),
            values={name: text_of(rows, name, int(at[i])) for name in names},
        )
        for i in order
    ]


def label_or_number(value: object) -> str | float:
    """Return a label as text, and a number as a float."""
    return float(value) if isinstance(value, np.floating) else str(value)


def text_of(rows: Dataset, name: str, row: int) -> str:
    """Return a value of a table as text; empty if it is missing.

    Parameters
    ----------
    rows : Dataset
    name : str
        The column.
    row : int
        From 0.

    Returns
    -------
    str
    """
    value = plain(rows.table[name])[row].as_py()
    if value is None:
        return ""
    return f"{value:.6g}" if isinstance(value, float) else str(value)
