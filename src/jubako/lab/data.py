"""What there is to learn from: shapes in the plane, built-in tables, and the learner's own."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pyarrow as pa
import pyarrow.compute

from jubako.core.activations import Array
from jubako.data.casting.reading import Reading, cast_table
from jubako.data.casting.values import is_number, plain
from jubako.data.dataset import Dataset, with_target
from jubako.data.errors import TableError
from jubako.data.inference import infer_table, read_numbers
from jubako.data.readers.builtin import BUILT_IN
from jubako.data.readers.read import read_table
from jubako.data.schema import (
    Column,
    Dropped,
    Numeric,
    encode,
    fit_columns,
)
from jubako.data.split import Reason, split
from jubako.data.target_column import Task, find_target, find_task
from jubako.i18n.messages import Message

from .configuration import Setup

MOST_ROWS = 20_000  # of an own table; more are drawn from at random
MOST_INPUTS = 500
N_POINTS = 300

Shape = Callable[[np.random.Generator], tuple[Array, Array]]


def circle(rng: np.random.Generator) -> tuple[Array, Array]:
    """Draw a disc inside a ring."""
    y = np.arange(N_POINTS) % 2
    radius = np.where(y, rng.uniform(3, 5, N_POINTS), rng.uniform(0, 2, N_POINTS))
    angle = rng.uniform(0, 2 * np.pi, N_POINTS)
    return radius[:, None] * np.column_stack([np.cos(angle), np.sin(angle)]), y


def xor(rng: np.random.Generator) -> tuple[Array, Array]:
    """Draw the same class in opposite quarters."""
    x = rng.uniform(0.3, 5, (N_POINTS, 2)) * rng.choice([-1, 1], (N_POINTS, 2))
    return x, (x[:, 0] * x[:, 1] > 0).astype(int)


def gaussians(rng: np.random.Generator) -> tuple[Array, Array]:
    """Draw two round clouds."""
    y = np.arange(N_POINTS) % 2
    return rng.normal(0, 1, (N_POINTS, 2)) + np.where(y, 2, -2)[:, None], y


def spiral(rng: np.random.Generator) -> tuple[Array, Array]:
    """Draw two arms around each other."""
    y = np.arange(N_POINTS) % 2
    t = (np.arange(N_POINTS) // 2 + 0.5) / (N_POINTS / 2)
    angle = 1.75 * 2 * np.pi * t + np.pi * y
    return (5 * t)[:, None] * np.column_stack([np.sin(angle), np.cos(angle)]), y


def plane(rng: np.random.Generator) -> tuple[Array, Array]:
    """Draw a number that rises evenly in one direction."""
    x = rng.uniform(-5, 5, (N_POINTS, 2))
    return x, x.sum(1)


def waves(rng: np.random.Generator) -> tuple[Array, Array]:
    """Draw a number that goes up and down in both directions."""
    x = rng.uniform(-5, 5, (N_POINTS, 2))
    return x, np.sin(x[:, 0]) + np.cos(x[:, 1])


SHAPES: dict[str, Shape] = {
    "circle": circle,
    "xor": xor,
    "gaussians": gaussians,
    "spiral": spiral,
    "plane": plane,
    "waves": waves,
}


def shape_table(name: str, noise: float, seed: int) -> pa.Table:
    """Draw the points of a shape; noise 1 moves them by about the width of a class."""
    rng = np.random.default_rng([seed, 2])
    x, y = SHAPES[name](rng)
    x = x + noise * rng.normal(0, 1.5, x.shape)
    target = np.array(["A", "B"])[y] if y.dtype.kind == "i" else y
    return pa.table({"x1": x[:, 0], "x2": x[:, 1], "y": target})


@dataclass(frozen=True, slots=True)
class UploadedTable:
    """A table that the learner has brought.

    Parameters
    ----------
    name : str
    table : pyarrow.Table
        With columns of numbers and truths that are typed.
    taken_for : str
        What its file was taken for, in a few words.
    n_rows : int
        Before rows were drawn from it.
    notes : tuple of str
        How it was read, where that was a choice.
    readings : dict of str to Reading
        How the values in its file are read, by column.
    """

    name: str
    table: pa.Table
    taken_for: str
    n_rows: int
    notes: tuple[str, ...]
    readings: dict[str, Reading]


def own_table(
    name: str, table: pa.Table, taken_for: str, notes: tuple[str, ...] = ()
) -> UploadedTable:
    """Keep a table, or `MOST_ROWS` of its rows, in their order.

    Raises
    ------
    TableError
        If the values of a column can't be read.
    """
    n_rows = table.num_rows
    readings, more, _ = infer_table(table)
    table = cast_table(table, readings)
    if n_rows > MOST_ROWS:
        chosen = np.random.default_rng(0).choice(n_rows, MOST_ROWS, replace=False)
        table = table.take(np.sort(chosen)).combine_chunks()
    return UploadedTable(name, table, taken_for, n_rows, (*notes, *more), readings)


def typed(readings: Mapping[str, Reading]) -> dict[str, Reading]:
    """Return how columns are read once `cast_table` has typed them."""
    return {
        name: Reading(reading.kind, declared=reading.declared)
        if reading.kind in ("numeric", "boolean")
        else reading
        for name, reading in readings.items()
    }


@lru_cache(maxsize=len(BUILT_IN))
def built_in(name: str) -> pa.Table:
    """Read a built-in table once."""
    return read_table(name).table


def whole_table(setup: Setup, own: UploadedTable | None) -> pa.Table:
    """Return the table that the setup names.

    Raises
    ------
    TableError
        If there is none of that name.
    """
    if setup.data in SHAPES:
        return shape_table(setup.data, setup.noise, setup.seed)
    if setup.data in BUILT_IN:
        return built_in(setup.data)
    if setup.data == "own" and own is not None:
        return own.table
    if setup.data == "own":
        raise TableError(Message("Your own table is not here: drop its file on the page."))
    raise TableError(
        Message("There is no data {name!r}: choose other data, or drop a file.", name=setup.data)
    )


@dataclass(frozen=True, slots=True)
class Data:
    """Rows as the network gets them, and what their columns were.

    Parameters
    ----------
    task : {"classify", "regress"}
    target : str
        The name of the column that is predicted.
    columns : list of Column
        How each column becomes numbers; empty if they stay as they are.
    dropped : list of Dropped
        What is not used, and why.
    inputs, outputs : list of str
        A name for each number that goes in, and for each that comes out.
    train, test : Dataset
        The raw rows.
    split_reason : {"stratified", "random"}
        How the test rows were chosen.
    x, x_test : array, shape (M, n_in), float64
    y, y_test : array
        Labels, shape (M,), or numbers (M, 1): the target less `center`, over `scale`.
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
        """Return raw rows as the network gets them, shape (M, n_in)."""
        return numbers(table, self.columns, self.inputs)

    @property
    def axes(self) -> list[str]:
        """The columns over which a picture can be drawn: those of numbers."""
        if self.columns:
            return [column.name for column in self.columns if isinstance(column, Numeric)]
        return self.inputs


def load(setup: Setup, own: UploadedTable | None = None) -> Data:
    """Read, split and encode what the setup names.

    Raises
    ------
    TableError
        If it can't be learned from.
    """
    table = whole_table(setup, own)
    name = own.name if own and setup.data == "own" else setup.data
    target = find_target(table, name, setup.target or table.column_names[-1])
    task = find_task(table[target], target, "auto")
    rows, _ = with_target(table, target, task)
    if task == "classify" and len(np.unique(rows.target)) < 2:
        raise TableError(
            Message(
                "The target {target!r} is {value} in all rows: choose another column.",
                target=target, value=str(rows.target[0]),
            )
        )  # fmt: skip
    parts = split(rows, setup.held_out, task, setup.seed, Message("measuring"))
    train, test = parts.of(rows)
    readings = typed(own.readings) if own and setup.data == "own" else None
    columns, dropped = fit_columns(train.table, readings=readings) if setup.scaled else ([], [])
    if setup.scaled:
        inputs = [name for column in columns for name in column.input_names]
        if not inputs:
            raise TableError(
                Message("There is no column to learn from: all are empty or always the same.")
            )
    else:
        inputs = train.table.column_names
        check_raw(train.table)
    if len(inputs) > MOST_INPUTS:
        raise TableError(
            Message(
                "{n} inputs are too many for the lab, which takes {most}: use `jubako train`, or "
                "leave columns out.",
                n=len(inputs), most=MOST_INPUTS,
            )
        )  # fmt: skip
    center, scale = 0.0, 1.0
    if task == "regress":
        center, scale = float(train.target.mean()), float(train.target.std()) or 1.0
        y, y_test = ((part.target[:, None] - center) / scale for part in (train, test))
        outputs = [target]
    else:
        y, y_test = train.target, test.target
        outputs = [str(label) for label in np.unique(train.target)]
        known = np.isin(y_test, train.target)
        test, y_test = test.take(np.flatnonzero(known)), y_test[known]
        if not len(y_test):
            raise TableError(
                Message(
                    "{target!r} differs in nearly every row: choose another column.", target=target
                )
            )
    x, x_test = (numbers(part.table, columns, inputs) for part in (train, test))
    return Data(
        task, target, columns, dropped, inputs, outputs, train, test, parts.reason,
        x, x_test, y, y_test, center, scale,
    )  # fmt: skip


def numbers(table: pa.Table, columns: list[Column], inputs: list[str]) -> Array:
    """Return raw rows as the network gets them, shape (M, n_in)."""
    if columns:
        return encode(columns, table).astype(np.float64)
    return np.column_stack([read_numbers(table[name], name) for name in inputs])


def check_raw(table: pa.Table) -> None:
    """Refuse to take as they are columns that are no numbers, or lack some.

    Raises
    ------
    TableError
        With the name of the column.
    """
    for name in table.column_names:
        if not is_number(table[name].type) or table[name].null_count:
            raise TableError(
                Message(
                    "Column {name!r} can't be used as it is, since it does not hold a number in "
                    "every row: scale the inputs.",
                    name=name,
                )
            )


def grid(data: Data, axes: tuple[str, str], n: int) -> tuple[Array, tuple[float, ...]]:
    """Return the n * n points of a picture, and its edges.

    Where the second axis is "", there is one column of numbers: the rows of the picture are all the
    same, and it goes up as the target does, class by class or number by number.

    The other columns stand at what is usual in the rows to learn from: the median of numbers, the
    commonest of everything else.

    Returns
    -------
    x : array, shape (n * n, n_in)
        Row by row, the highest value of the second axis first, as pictures are painted.
    edges : tuple of float
        Left, right, bottom, top.
    """
    table, columns, edges = data.train.table, dict[str, pa.ChunkedArray | pa.Array](), list[float]()
    sides = list[Array]()
    for name in axes:
        if not name and data.task == "classify":
            edges += [0.0, float(len(data.outputs))]
        else:
            values = read_numbers(table[name], name) if name else data.train.target
            low, high = float(np.nanmin(values)), float(np.nanmax(values))
            margin = 0.08 * (high - low) or 1.0
            edges += [low - margin, high + margin]
        step = (edges[-1] - edges[-2]) / n
        sides.append(edges[-2] + step * (np.arange(n) + 0.5))  # the middle of each pixel
    for name in table.column_names:
        if name == axes[0]:
            columns[name] = pa.array(np.tile(sides[0], n))
        elif name == axes[1]:
            columns[name] = pa.array(np.repeat(sides[1][::-1], n))
        else:
            columns[name] = pa.chunked_array([pa.repeat(usual(plain(table[name])), n * n)])
    return data.encode(pa.table(columns)), tuple(edges)


def usual(values: pa.ChunkedArray) -> pa.Scalar:
    """Return the median of numbers, the commonest of everything else."""
    counted = values.drop_null()
    if is_number(values.type) and len(counted):
        ordered = np.sort(counted.to_numpy())
        return pa.scalar(ordered[len(ordered) // 2], values.type)
    if not len(counted):
        return pa.scalar(None, values.type)
    counts = counted.value_counts()
    return counts.field(0)[int(np.argmax(counts.field(1).to_numpy()))]
