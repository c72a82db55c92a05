"""Predictions as a table: with repeated columns, probabilities, and intervals or sets."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from jubako.data.target import NumericTarget

from .model import Model

FAR = 1000  # mean / standard deviation above which float32 has too few digits
SEPARATOR = " | "  # between the classes of a set
LARGEST = 1e30  # absolute value of float32 with room to spare


def prediction_table(
    model: Model,
    table: pa.Table,
    name: str,
    kept: Sequence[str] = (),
    proba: bool = False,
    coverages: Sequence[float] = (),
) -> pa.Table:
    """Predict the rows of a table.

    Numbers are in float32, the precision of the networks, with the exception in `number_type`.

    Parameters
    ----------
    model : Model
        Of a table.
    table : pyarrow.Table of N rows
    name : str
        Name of the column of predictions.
    kept : sequence of str
        Columns of the table to repeat.
    proba : bool
        Whether to add the probability of each class.
    coverages : sequence of float, in (0, 1)
        Of the intervals or sets to add.

    Returns
    -------
    pyarrow.Table of N rows
        The columns `kept`, `name`, "p(label)", "lower(coverage)" and "upper(coverage)", or
        "set(coverage)".

    Raises
    ------
    TableError
        If a column is missing, or a value does not fit the type of its column.
    ParameterError, ModelFileError
        See `Model.predict_interval`.
    """
    columns = {column: table[column] for column in kept}
    if model.task == "regress":
        kind = number_type(model)
        if not coverages:
            columns[free(name, kept)] = pa.array(model.predict(table), pa.float64()).cast(kind)
        else:
            prediction, ends = model.predict_with_intervals(table, list(coverages))
            columns[free(name, kept)] = pa.array(prediction, pa.float64()).cast(kind)
            for i, coverage in enumerate(coverages):
                for side, end in zip(("lower", "upper"), ends[..., i].T, strict=True):
                    columns[free(f"{side}({coverage:g})", kept)] = pa.array(end).cast(kind)
        return pa.table(columns)
    assert model.classes is not None
    labels = model.classes.tolist()
    if proba:
        probabilities = model.predict_proba(table)
        columns[free(name, kept)] = pa.array(model.decide(probabilities).tolist())
        for label, p in zip(labels, probabilities.T, strict=True):
            columns[free(f"p({label})", kept)] = pa.array(p, pa.float32())
    else:
        columns[free(name, kept)] = pa.array(model.predict(table).tolist())
    if coverages:
        sets = model.predict_set(table, list(coverages))
        words = np.array([str(label) for label in labels], object)
        for i, coverage in enumerate(coverages):
            texts = [SEPARATOR.join(words[included]) for included in sets[..., i]]
            columns[free(f"set({coverage:g})", kept)] = pa.array(texts, pa.string())
    return pa.table(columns)


def number_type(model: Model) -> pa.DataType:
    """Return float32, or float64 for targets that differ by less than float32 can represent.

    Parameters
    ----------
    model : Model
        For regression.

    Returns
    -------
    pyarrow.DataType
    """
    target = model.target
    assert isinstance(target, NumericTarget)
    far = abs(target.center) > FAR * target.scale
    large = abs(target.center) + target.scale > LARGEST
    return pa.float64() if far or large else pa.float32()


def free(name: str, taken: Sequence[str]) -> str:
    """Return a column name that is not yet in use."""
    return f"predicted {name}" if name in taken else name
