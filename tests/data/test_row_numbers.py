"""Rows named in errors are the file's rows: the header excluded, counted from 1."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from command import jubako
from jubako import TabularClassifier, TabularRegressor
from jubako.data.dataset import prepare, with_splitting
from jubako.data.errors import TableError
from jubako.estimators.single_network import SingleNetworkRegressor

N = 60
BAD = 40  # the row with an error, counted from 1
RNG = np.random.default_rng(0)


def frame(**columns):
    """Return a table whose first five rows lack the target y, with some columns replaced."""
    y = np.r_[[None] * 5, RNG.normal(size=N - 5).round(3)]
    table = {"x": RNG.normal(size=N).round(3), "who": np.arange(N) % 6, "day": np.arange(N), "y": y}
    return pd.DataFrame(table | columns)


def with_value(values, value):
    values = np.array(values, object)
    values[BAD - 1] = value
    return values


DAYS = np.array([f"2026-01-{1 + i % 28:02}" for i in range(N)], object)
FAULTS = {
    "no group": ({"who": with_value(np.arange(N) % 6, None)}, ("--groups", "who")),
    "no time": ({"day": with_value(np.arange(N), None)}, ("--order-by", "day")),
    "no date": ({"day": with_value(DAYS, None)}, ("--order-by", "day")),
    "a target far off": ({"y": with_value(frame().y, 1e12)}, ()),
    "a target far off, one network": ({"y": with_value(frame().y, 1e12)}, ("--epochs", "1")),
    "no number among the targets": ({"y": with_value(frame().y, "many")}, ()),
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("seed", [0, 1])
def test_the_command_line_names_rows_of_the_file(fault, seed, tmp_path):
    columns, options = FAULTS[fault]
    frame(**columns).to_csv(tmp_path / "t.csv", index=False)
    arguments = "--target", "y", "--time", "1s", "--seed", seed, *options
    done = jubako("train", "t.csv", *arguments, cwd=tmp_path)
    assert done.returncode == 3, done.stderr
    assert f"row {BAD}" in " ".join(done.stderr.split())


@pytest.mark.parametrize("option", ["--test", "--val"])
def test_rows_of_another_file_are_named_as_in_that_file(option, tmp_path):
    frame().to_csv(tmp_path / "t.csv", index=False)
    frame(x=with_value(frame().x, "many")).to_csv(tmp_path / "other.csv", index=False)
    arguments = "--target", "y", "--time", "1s", option, "other.csv"
    done = jubako("train", "t.csv", *arguments, cwd=tmp_path)
    assert done.returncode == 3
    assert f"'other.csv': Column 'x', row {BAD}: 'many'" in " ".join(done.stderr.split())


def test_infinite_numbers_of_a_typed_file_are_named_as_in_that_file(tmp_path):
    frame(x=np.where(np.arange(N) == BAD - 1, np.inf, 1.0)).to_parquet(tmp_path / "t.parquet")
    for command in (("train",), ("check",)):
        done = jubako(*command, "t.parquet", "--target", "y", cwd=tmp_path)
        assert f"row {BAD}: a number is infinite" in " ".join((done.stdout + done.stderr).split())


@pytest.mark.parametrize(
    ("groups", "time", "columns"),
    [
        ("who", None, {"who": with_value(np.arange(N) % 6, None)}),
        (None, "day", {"day": with_value(DAYS, None)}),
        (None, "day", {"day": with_value(DAYS, "soon")}),
    ],
)
def test_groups_and_times_name_rows_of_the_table(groups, time, columns):
    table = pa.Table.from_pandas(frame(**columns), preserve_index=False)
    with pytest.raises(TableError, match=f"row {BAD}"):
        with_splitting(prepare(table, "y", "regress").dataset, groups, time)


def test_a_dataset_keeps_the_row_numbers_of_its_table():
    table = pa.Table.from_pandas(frame(), preserve_index=False)
    dataset = prepare(table, "y", "regress").dataset
    assert dataset.row_numbers.tolist() == list(range(5, N))
    assert dataset.take(np.array([3, 0])).row_numbers.tolist() == [8, 5]


WEIGHTS = np.r_[np.zeros(5), np.ones(N - 5)]


@pytest.mark.parametrize(
    ("model", "y"),
    [
        (TabularRegressor("fast"), with_value(np.arange(N).astype(str), "many").astype(str)),
        (TabularRegressor("fast"), with_value(np.arange(N), np.inf).astype(float)),
        (TabularRegressor("fast"), with_value(np.arange(N), 1e12).astype(float)),
        (
            SingleNetworkRegressor(max_iter=1),
            with_value(np.arange(N).astype(str), "many").astype(str),
        ),
        (SingleNetworkRegressor(max_iter=1), with_value(np.arange(N), np.inf).astype(float)),
    ],
)
def test_targets_name_rows_of_the_array_whatever_weights_they_have(model, y):
    with pytest.raises(TableError, match=rf"row {BAD}\b"):
        model.fit(frame()[["x", "who"]], y, WEIGHTS)


@pytest.mark.parametrize("model", [TabularClassifier("fast"), SingleNetworkRegressor(max_iter=1)])
def test_infinite_numbers_name_rows_of_the_table_whatever_weights_they_have(model):
    X = frame(x=np.where(np.arange(N) == BAD - 1, np.inf, 1.0))[["x", "who"]]
    with pytest.raises(TableError, match=f"row {BAD}: a number is infinite"):
        model.fit(X, np.arange(N) % 2, WEIGHTS)


def test_a_negative_weight_is_named_by_its_row():
    weights = WEIGHTS.copy()
    weights[BAD - 1] = -1
    for model in (TabularRegressor("fast"), SingleNetworkRegressor(max_iter=1)):
        with pytest.raises(TableError, match=f"row {BAD}"):
            model.fit(frame()[["x", "who"]], np.arange(N), weights)
