"""Tables in files as the input of `fit`: read into memory if they fit, else row by row."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from jubako.core.errors import ParameterError
from jubako.data.column_encoding import check_columns
from jubako.data.dataset import Dataset, prepare, with_splitting, with_target
from jubako.data.held_out_rows import RowRange
from jubako.data.readers.files import concatenated
from jubako.data.split_files import split_files
from jubako.data.table_files import TableFiles, is_arrow_dataset, open_files
from jubako.data.target_column import Task, find_target
from jubako.search.first_pass import prepare_files
from jubako.search.prepared_files import PreparedFiles

from .fit_inputs import check_one_split

READ_SHARE = 0.2  # of the time limit, after which no more rows are read in the first pass
VALIDATION = 0.1  # share of the validation rows, by groups or by time


def is_file_input(X: object) -> bool:
    """Return whether X is a table in files: a path, or a dataset of pyarrow."""
    return isinstance(X, str | Path | TableFiles | PreparedFiles) or is_arrow_dataset(X)


@dataclass(frozen=True, slots=True)
class FileInputs:
    """A table in files, with the columns of weights, groups or times, and validation files.

    Parameters
    ----------
    files : TableFiles
    target : str
    weights, groups, time : str or None
        Column names.
    val : TableFiles or None
        Validation rows.
    """

    files: TableFiles
    target: str
    weights: str | None = None
    groups: str | None = None
    time: str | None = None
    val: TableFiles | None = None

    def until(self, began: float, time_limit: float | None, seed: int) -> "FileInputs":
        """Return the inputs, of which only as many rows are read as the time limit permits.

        Parameters
        ----------
        began : float
            On the clock of `time.perf_counter`.
        time_limit : float or None
            Of training, in seconds.
        seed : int
        """
        if time_limit is None:
            return self
        return replace(self, files=self.files.until(began + READ_SHARE * time_limit, seed))

    def prepare(
        self, task: Task, column_types: Mapping[str, Any] | None, seed: int
    ) -> PreparedFiles:
        """Read all rows once, without keeping them; see `prepare_files`.

        Parameters
        ----------
        task : {"classify", "regress"}
        column_types : mapping of str to type, optional
        seed : int
            Seed of the split by groups.

        Returns
        -------
        PreparedFiles

        Raises
        ------
        TableError
            If a value can't be read, or rows can't be split.
        """
        val: RowRange | TableFiles | None = self.val
        files = self.files
        if self.groups or self.time:
            val, others = split_files(files, self.groups, self.time, [VALIDATION], seed)
            files = files.part(replace(others, low=-np.inf))
        return prepare_files(files, self.target, task, column_types, self.weights, val)

    def read(
        self, task: Task, column_types: Mapping[str, Any] | None
    ) -> tuple[Dataset, Dataset | None]:
        """Read all rows that have a target, and the validation rows.

        Parameters
        ----------
        task : {"classify", "regress"}
        column_types : mapping of str to type, optional

        Returns
        -------
        train : Dataset
        val : Dataset or None

        Raises
        ------
        TableError
            If a value can't be read.
        """
        table = whole(self.files)
        find_target(table, self.files.name, self.target)
        rows = prepare(table, self.target, task, column_types)
        dataset = with_splitting(rows.dataset, self.groups, self.time, self.weights)
        if self.val is None:
            return dataset, None
        classes = dataset.target if task == "classify" else None
        table = whole(self.val)
        find_target(table, self.val.name, self.target)
        val, _ = with_target(table, self.target, task, classes, rows.target_reading)
        return dataset, val


def whole(files: TableFiles) -> pa.Table:
    """Return all rows of files as one table."""
    return concatenated([batch.table for batch in files])


def check_file_input(
    X: Any, y: Any, sample_weight: Any, groups: Any, time: Any, X_val: Any, y_val: Any
) -> FileInputs | PreparedFiles:
    """Check the arguments of `fit` for a table in files.

    Parameters
    ----------
    X : str, Path, pyarrow.dataset.Dataset, TableFiles or PreparedFiles
    y : str
        Name of the target.
    sample_weight, groups, time : str or None
        Column names.
    X_val : like X, or None
    y_val : str or None
        Name of the target.

    Returns
    -------
    FileInputs or PreparedFiles

    Raises
    ------
    ParameterError, TableError
        If the arguments are incompatible, or there is no such file or column.
    """
    columns = {"sample_weight": sample_weight, "groups": groups, "time": time}
    for name, value in {"y": y, **columns}.items():
        if not isinstance(value, str) and (value is not None or name == "y"):
            column = "the target column" if name == "y" else "a column"
            raise ParameterError(
                f"{name} must be the name of {column} where X is a table in files, not a "
                f"{type(value).__name__}."
            )
    if isinstance(X, PreparedFiles):
        return X
    if X_val is not None and not is_file_input(X_val):
        raise ParameterError(
            "X_val must be a path, or a dataset of pyarrow, where X is one: write it into a file."
        )
    if y_val not in (None, y):
        raise ParameterError(f"y_val must be {y!r}, as y, where X_val is a table in files.")
    check_one_split(groups, time, X_val)
    files = X if isinstance(X, TableFiles) else open_files(X)
    val = X_val if X_val is None or isinstance(X_val, TableFiles) else open_files(X_val)
    first = next(iter(files), None)
    for name, column in columns.items():
        if first:
            check_columns([column] if column else [], first.table, files.name, name)
    return FileInputs(files, y, sample_weight, groups, time, val)
