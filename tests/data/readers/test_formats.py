"""The same rows give the same numbers, in whatever format they come."""

import csv

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jubako.data.column_encoding import encode, fit_columns, unseen_levels
from jubako.data.errors import TableError
from jubako.data.inference import infer_table
from jubako.data.readers.frames import to_table
from jubako.data.readers.read import read_batches, read_table
from jubako.data.target_column import known_words

FLOATS = st.floats(-1e9, 1e9).map(lambda v: round(v, 3))
MARKED = st.integers(0, 10**7).map(lambda v: f"{v / 1000:,.3f}")
COLUMNS = [
    st.integers(-(10**9), 10**9).map(str),
    FLOATS.map(str),
    MARKED,
    MARKED.map(lambda text: text.translate(str.maketrans(",.", ".,"))),
    st.integers(0, 10**7).map(lambda v: f"{v:,}"),
    st.integers(0, 10**6).map(lambda v: f"{v:06}"),
    st.sampled_from(["red", "blue", "NA", "None", "null", "-", "?", "001", "1e5"]),
    st.sampled_from(["true", "False", "yes"]),
    st.integers(0, 99).map(lambda v: f"{v} kg"),
    st.integers(0, 99).map(lambda v: f"{v}%"),
    st.dates().map(str),
    st.sampled_from(["1", "2", "3", "n/a", "unknown"]),
    st.sampled_from(["1.0", "2.5", "#DIV/0!", "."]),
]


@st.composite
def tables(draw):
    n_rows = draw(st.integers(3, 30))
    kinds = draw(st.lists(st.sampled_from(COLUMNS), min_size=1, max_size=3))
    return {
        f"c{i}": draw(st.lists(kind | st.none(), min_size=n_rows, max_size=n_rows))
        for i, kind in enumerate(kinds)
    }


def formats(columns, folder, keep=None):
    """Write the same texts in all formats, and return the tables that come back."""
    table = pa.table({name: pa.array(values, pa.string()) for name, values in columns.items()})
    pq.write_table(table, folder / "a.parquet")
    for delimiter in ",;\t":
        path = folder / f"a{ord(delimiter)}.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, delimiter=delimiter, quoting=csv.QUOTE_ALL)
            writer.writerow(columns)
            writer.writerows(zip(*columns.values(), strict=True))
        yield read_table(str(path), keep=keep).table
        pieces = read_batches(str(path), keep=keep)
        yield pa.concat_tables(pieces)
    yield read_table(str(folder / "a.parquet")).table
    yield to_table(table)
    yield to_table(pd.DataFrame(columns, dtype=object))
    yield to_table(pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String)))


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(columns=tables())
def test_the_same_rows_are_the_same_numbers_in_every_format(tmp_path, columns):
    results, models = [], []
    for table in formats(columns, tmp_path):
        try:
            found = infer_table(table)
            fitted, _ = fit_columns(table, readings=found.readings)
        except TableError as error:
            results.append(str(error))
            continue
        models.append(fitted)
        results.append((fitted, found.notes, encode(fitted, table).tolist()))
    assert all(result == results[0] for result in results[1:])
    if models:  # and rows from one format are read by what was fitted to another
        keep = known_words(models[0])
        for table in formats(columns, tmp_path, keep):
            np.testing.assert_array_equal(encode(models[0], table), results[0][2])
            for row in range(min(2, table.num_rows)):  # each row by itself, too
                x = encode(models[0], table[row : row + 1])
                np.testing.assert_array_equal(x[0], results[0][2][row])
            unseen_levels(models[0], table)


@given(st.lists(st.integers(-(10**6), 10**6) | FLOATS, min_size=3, max_size=30))
def test_typed_numbers_and_their_texts_are_read_by_the_same_column(values):
    typed = pa.table({"a": pa.array(values, pa.float64())})
    texts = pa.table({"a": [str(value) for value in values]})
    fitted, _ = fit_columns(typed)
    if fitted:
        np.testing.assert_array_equal(encode(fitted, texts), encode(fitted, typed))
