import json

import numpy as np
import pyarrow as pa
import pytest

from command import jubako
from jubako.data.errors import TableError
from jubako.data.profile import profile
from jubako.data.readers.read import read_table

N = 60
X = np.random.default_rng(0).normal(size=N)


def test_columns_are_profiled_with_their_missing_values():
    table = pa.table({"size": X, "id": range(N), "color": ["red", None, None] * 20, "y": X**2})
    found = profile(table, "y")
    size, number, color, y = found.columns
    assert (size.name, size.type, size.missing, size.remarks) == ("size", "numeric", 0, ())
    assert number.use == "numeric, dropped: identifier"
    assert color.missing == 40
    assert color.remarks == ("'color' is missing in more than half of the rows.",)
    assert (y.type, y.use) == ("numeric", "numeric, target")


def test_duplicate_rows_are_counted():
    found = profile(pa.table({"a": [1.5, 1.5, 2.5], "b": ["x", "x", "y"]}))
    assert len(found.remarks) == 1
    assert found.remarks[0].startswith("1 duplicate row")


@pytest.mark.parametrize("target", [X, np.where(X > 0, "yes", "no")])
def test_a_column_that_determines_the_target_is_found(target):
    copy = 3 * target + 1 if target.dtype.kind == "f" else np.where(X > 0, "up", "down")
    found = profile(pa.table({"copy": copy, "other": X[::-1], "y": target}), "y")
    leaks = [remark for remark in found.remarks if "nearly determines 'y'" in remark]
    assert len(leaks) == 1
    assert leaks[0].startswith("'copy'")


def test_a_column_that_can_not_be_read_is_profiled_with_the_reason():
    values = [*map(str, X[:-1]), "abc"]
    column = profile(pa.table({"a": values})).columns[0]
    assert column.use == "not usable as it is"
    assert "'a', row 60: 'abc' is not a number" in column.remarks[0]


def test_a_target_that_is_empty_is_refused():
    with pytest.raises(TableError, match="The target 'y' is empty"):
        profile(pa.table({"a": X, "y": pa.nulls(N)}), "y")


DAYS = np.datetime64("2026-01-01") + np.arange(N)
USES = {
    "numeric": (X.round(3).astype(str), "numeric, median "),
    "skewed": (["0"] * 50 + ["1", "2"] * 5, "numeric, mean 0.25, standard deviation 0.5951"),
    "unit": ([f"{i % 7} kg" for i in range(N)], "numeric in kg, median 3, IQR "),
    "single": (["5", ""] * 30, "numeric, 5 or missing"),
    "constant": (["5"] * N, "numeric, dropped: constant"),
    "identifier": ([str(i) for i in range(N)], "numeric, dropped: identifier"),
    "categorical": (["a", "b", "c"] * 20, "categorical, 3 levels: a, b, c"),
    "boolean": (["true", "false"] * 30, "boolean"),
    "date": (DAYS.astype(str), "date, median 2026-01-30, range 2026-01-01 to 2026-03-01"),
    "time of day": ([f"{i % 24}:30" for i in range(N)], "time of day, median 10:00"),
    "duration": ([f"{24 + i}:30:00" for i in range(N)], "duration in days, median 2.25, IQR "),
    "text": ([f"item {i}" for i in range(N)], "dropped: text, distinct in nearly every row"),
    "empty": ([""] * N, "dropped: empty"),
}


@pytest.mark.parametrize("name", USES)
def test_the_use_of_each_column_of_a_csv_is_shown(name, tmp_path):
    values, use = USES[name]
    lines = ["a,b", *(f"{value},{x:.3f}" for value, x in zip(values, X, strict=True))]
    (tmp_path / "t.csv").write_text("\n".join(lines))
    column = profile(read_table(str(tmp_path / "t.csv")).table).columns[0]
    of_other_types = {"skewed", "unit", "single", "constant", "identifier"}
    assert column.type == ("numeric" if name in of_other_types else name)
    assert column.use.startswith(use)
    done = jubako("check", "t.csv", "--json", cwd=tmp_path)
    shown = json.loads(done.stdout)["columns"][0]
    assert (shown["type"], shown["use"]) == (column.type, column.use)
    assert column.use[:30] in jubako("check", "t.csv", cwd=tmp_path).stdout


@pytest.mark.parametrize("values", [X, np.r_[X[:-9], [50.0] * 9], np.arange(N) % 5])
def test_the_statistics_that_are_shown_are_median_and_iqr(values):
    first, median, third = np.quantile(values, [0.25, 0.5, 0.75])
    column = profile(pa.table({"a": values})).columns[0]
    assert column.use == f"numeric, median {median:.4g}, IQR {third - first:.4g}"
