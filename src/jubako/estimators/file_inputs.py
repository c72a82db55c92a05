"""Tables in files as the input of `fit`: read into memory if they fit, else row by row."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow.dataset

from jubako.core.errors import ParameterError
from jubako.data.dataset import Dataset, prepare
from jubako.data.readers.files import concatenated
from jubako.data.table_files import TableFiles, open_files
from jubako.data.target_column import Task, find_target
from jubako.search.prepared_files import PreparedFiles


def is_file_input(X: Any) -> bool:
    """Return whether X is a table in files: a path, or a dataset of pyarrow."""
    kinds = (str, Path, pyarrow.dataset.Dataset, TableFiles, PreparedFiles)
    return isinstance(X, kinds)


def check_file_input(X: Any, y: Any, others: tuple[Any, ...]) -> TableFiles | PreparedFiles:
    """Return a table in files.

    Parameters
    ----------
    X : str, Path, pyarrow.dataset.Dataset, TableFiles or PreparedFiles
    y : str
        The name of the target.
    others : tuple
        The other arguments of `fit`, which must be None.

    Raises
    ------
    ParameterError, TableError
        If the arguments are incompatible, or there is no such file.
    """
    if not isinstance(y, str):
        raise ParameterError(
            f"y must be the name of the target column where X is a table in files, not a "
            f"{type(y).__name__}."
        )
    if any(value is not None for value in others):
        raise ParameterError(
            "sample_weight, groups, time, X_val and y_val can't be given where X is a table in "
            "files: read it into memory and pass the table."
        )
    return X if isinstance(X, TableFiles | PreparedFiles) else open_files(X)


def read_whole(
    files: TableFiles, target: str, task: Task, column_types: Mapping[str, Any] | None
) -> Dataset:
    """Read all rows that have a target.

    Raises
    ------
    TableError
        If there is no such column, or a value can't be read.
    """
    table = concatenated([batch.table for batch in files])
    find_target(table, files.name, target)
    return prepare(table, target, task, column_types).dataset
