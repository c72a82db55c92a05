"""Reading tables: a CSV file, or one of the tables that come with scikit-learn."""

from difflib import get_close_matches
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as csv

from .errors import TableError

BUILT_IN = {  # name: name of its target column
    "iris": "species",
    "wine": "cultivar",
    "breast_cancer": "diagnosis",
    "digits": "digit",
    "diabetes": "progression",
}


def read_table(source: str) -> pa.Table:
    """Read a CSV file, or a built-in table by its name.

    Parameters
    ----------
    source : str
        A path, or a name in `BUILT_IN`. The target of a built-in table is its last column.

    Returns
    -------
    pyarrow.Table

    Raises
    ------
    TableError
        If there is no such file, or it is not a CSV file with a header and rows.
    """
    if source in BUILT_IN:
        return built_in(source)
    path = Path(source)
    if not path.exists():
        near = get_close_matches(source, [*BUILT_IN, *map(str, path.parent.glob("*"))], n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"built in are {', '.join(BUILT_IN)}."
        raise TableError(f"There is no file {source!r}: {hint}")
    if path.is_dir():
        raise TableError(f"{source!r} is a folder: name a CSV file in it.")
    try:
        table = csv.read_csv(path, convert_options=csv.ConvertOptions(strings_can_be_null=True))
    except (pa.ArrowInvalid, UnicodeDecodeError) as error:
        raise TableError(f"{source!r} can't be read as CSV: {str(error).rstrip('.')}.") from error
    if not table.num_rows:
        raise TableError(f"{source!r} has a header but no rows.")
    doubles = {name for name in table.column_names if table.column_names.count(name) > 1}
    if doubles:
        raise TableError(f"{source!r} has several columns called {sorted(doubles)[0]!r}.")
    return table


def built_in(name: str) -> pa.Table:
    """Return a table that scikit-learn carries, with its target as the last column."""
    from sklearn import datasets

    data = getattr(datasets, f"load_{name}")()
    columns = {
        str(feature).replace(" (cm)", "").replace(" ", "_"): values
        for feature, values in zip(data.feature_names, data.data.T, strict=True)
    }
    labels = data.get("target_names")
    columns[BUILT_IN[name]] = data.target if labels is None else labels[data.target]
    return pa.table(columns)
