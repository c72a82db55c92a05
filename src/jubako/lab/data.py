"""The data of a setup: read, split and encoded."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pyarrow as pa

from jubako.core.activations import Array
from jubako.data.casting.reading import Reading
from jubako.data.casting.values import is_number
from jubako.data.column_encoding import (
    Column,
    Dropped,
    Numeric,
    encode,
    fit_columns,
)
from jubako.data.dataset import Dataset, with_target
from jubako.data.errors import TableError
from jubako.data.inference import read_numbers
from jubako.data.readers.builtin import BUILT_IN
from jubako.data.readers.read import read_table
from jubako.data.split import Reason, split
from jubako.data.target_column import Task, find_target, find_task
from jubako.i18n.messages import Message

from .configuration import Setup
from .shapes import SHAPES, shape_table
from .uploaded_table import UploadedTable, cast_readings

MAX_INPUTS = 500


@lru_cache(maxsize=len(BUILT_IN))
def built_in(name: str) -> pa.Table:
    """Read a built-in table once."""
    return read_table(name).table


def whole_table(setup: Setup, uploaded: UploadedTable | None) -> pa.Table:
    """Return the table of the setup.

    Raises
    ------
    TableError
        If there is no such table.
    """
    if setup.data in SHAPES:
        return shape_table(setup.data, setup.noise, setup.seed)
    if setup.data in BUILT_IN:
        return built_in(setup.data)
    if setup.data == "uploaded" and uploaded is not None:
        return uploaded.table
    if setup.data == "uploaded":
        raise TableError(Message("Your own table is not here: drop its file on the page."))
    raise TableError(
        Message("There is no data {name!r}: choose other data, or drop a file.", name=setup.data)
    )


@dataclass(frozen=True, slots=True)
class PreparedData:
    """Encoded rows, with their columns.

    Parameters
    ----------
    task : {"classify", "regress"}
    target : str
        Name of the target column.
    columns : list of Column
        The encoding of each column; empty for raw numbers.
    dropped : list of Dropped
        The columns that are not used, and why.
    inputs, outputs : list of str
        Names of the inputs and outputs.
    train, test : Dataset
        The raw rows.
    split_reason : {"stratified", "random"}
        How the held-out rows were chosen.
    x, x_test : array, shape (M, n_in), float64
    y, y_test : array
        Labels, shape (M,), or standardized numbers (M, 1): the target minus `center`, divided by
        `scale`.
    """

    task: Task
    target: str
    columns: list[Column]
    dropped: list[Dropped]
    inputs: list[str]
    outputs: list[str]
    train: Dataset
    test: Dataset
    split_reason: Reason
    x: Array
    x_test: Array
    y: Array
    y_test: Array
    center: float = 0.0
    scale: float = 1.0

    def encode(self, table: pa.Table) -> Array:
        """Return raw rows as the network's inputs, shape (M, n_in)."""
        return encode_rows(table, self.columns, self.inputs)

    @property
    def axes(self) -> list[str]:
        """The numeric columns, over which a picture can be drawn."""
        if self.columns:
            return [column.name for column in self.columns if isinstance(column, Numeric)]
        return self.inputs


def load(setup: Setup, uploaded: UploadedTable | None = None) -> PreparedData:
    """Read, split and encode the data of the setup.

    Raises
    ------
    TableError
        If they can't be used.
    """
    table = whole_table(setup, uploaded)
    name = uploaded.name if uploaded and setup.data == "uploaded" else setup.data
    target = find_target(table, name, setup.target or table.column_names[-1])
    task = find_task(table[target], target, "auto")
    rows, _ = with_target(table, target, task)
    if task == "classify" and len(np.unique(rows.target)) < 2:
        raise TableError(
            Message(
                "The target {target!r} is {value} in all rows: choose another column.",
                target=target,
                value=str(rows.target[0]),
            )
        )
    parts = split(rows, setup.held_out, task, setup.seed, Message("measuring"))
    train, test = parts.of(rows)
    readings = cast_readings(uploaded.readings) if uploaded and setup.data == "uploaded" else None
    columns, dropped, inputs = fit_inputs(train.table, setup.scaled, readings)
    center, scale = 0.0, 1.0
    if task == "regress":
        center, scale = float(train.target.mean()), float(train.target.std()) or 1.0
        outputs = [target]
        y, y_test = ((part.target[:, None] - center) / scale for part in (train, test))
    else:
        outputs = [str(label) for label in np.unique(train.target)]
        test = test.take(np.flatnonzero(np.isin(test.target, train.target)))
        y, y_test = train.target, test.target
    if not len(y_test):
        raise TableError(
            Message(
                "{target!r} has a class of its own in nearly every row: choose another column.",
                target=target,
            )
        )
    return PreparedData(
        task=task,
        target=target,
        columns=columns,
        dropped=dropped,
        inputs=inputs,
        outputs=outputs,
        train=train,
        test=test,
        split_reason=parts.reason,
        x=encode_rows(train.table, columns, inputs),
        x_test=encode_rows(test.table, columns, inputs),
        y=y,
        y_test=y_test,
        center=center,
        scale=scale,
    )


def fit_inputs(
    table: pa.Table, standardize: bool, readings: dict[str, Reading] | None
) -> tuple[list[Column], list[Dropped], list[str]]:
    """Return the encoded columns, the dropped ones, and the names of the inputs.

    Raises
    ------
    TableError
        If there are no inputs, too many, or raw inputs that are not numbers.
    """
    if standardize:
        columns, dropped = fit_columns(table, readings=readings)
        inputs = [name for column in columns for name in column.input_names]
    else:
        check_raw(table)
        columns, dropped, inputs = [], [], table.column_names
    if not inputs:
        raise TableError(Message("There is no column to learn from: all are empty or constant."))
    if len(inputs) > MAX_INPUTS:
        raise TableError(
            Message(
                "{n} inputs are too many for the lab, which takes {most}: use `jubako train`, or "
                "leave columns out.",
                n=len(inputs),
                most=MAX_INPUTS,
            )
        )
    return columns, dropped, inputs


def encode_rows(table: pa.Table, columns: list[Column], inputs: list[str]) -> Array:
    """Return raw rows as the network's inputs, shape (M, n_in), float64."""
    if columns:
        return encode(columns, table).astype(np.float64)
    return np.column_stack([read_numbers(table[name], name) for name in inputs])


def check_raw(table: pa.Table) -> None:
    """Check that columns that are not encoded are complete and numeric.

    Raises
    ------
    TableError
        If not, with the name of the column.
    """
    for name in table.column_names:
        if not is_number(table[name].type) or table[name].null_count:
            raise TableError(
                Message(
                    "Column {name!r} can't be used as it is, since it does not hold a number in "
                    "every row: standardize the inputs.",
                    name=name,
                )
            )
