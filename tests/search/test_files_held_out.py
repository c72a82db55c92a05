"""Which rows of files judge networks: by groups, by time, in other files; and what rows count."""

import numpy as np
import pyarrow as pa
import pytest

from jubako import TabularClassifier, TabularRegressor
from jubako.data.errors import TableError
from jubako.data.held_out_rows import RowRange, group_hashes
from jubako.data.split_files import split_files
from jubako.data.table_files import open_files
from jubako.estimators.file_inputs import check_file_input
from jubako.search.config import SearchConfig

from .test_files import from_disk, numbers, r2, write_parts

__all__ = ["from_disk"]


def trips(n=3000, seed=0):
    """Return rows of persons, which are alike, with a day, a weight and a target."""
    rng = np.random.default_rng(seed)
    person, day = rng.integers(0, n // 10, n), rng.integers(0, 1000, n)
    size = rng.normal(size=n)
    price = 3 * np.sin(size) + day / 500 + person / n
    columns = {"person": person, "alike": person.astype(float), "day": day, "size": size}
    return pa.table({**columns, "w": rng.integers(0, 4, n), "price": price})


def encoded(folder, tmp_path, **given):
    """Return the rows that judge and those that are learned from, as they are encoded."""
    columns = {"sample_weight": None, "groups": None, "time": None, "X_val": None, "y_val": None}
    inputs = check_file_input(folder, "price", **{**columns, **given})
    prepared = inputs.prepare("regress", None, 0)
    rows = prepared.encode(tmp_path, SearchConfig("fast", task="regress")).rows
    file, n = rows.windows.file, rows.windows.first
    columns = {column.name: column for column in prepared.schema.columns}
    assert rows.windows.of_all_rows().n_rows == file.n_rows
    return prepared, columns, file.read(0, n), file.read(n, file.n_rows - n), rows


def values(columns, name, encoded_rows):
    """Undo the standardization of a numeric column; it is in the order of the columns."""
    return encoded_rows[:, list(columns).index(name)]


def test_groups_are_not_split_and_are_no_input(tmp_path, from_disk):
    folder = write_parts(tmp_path / "big", trips())
    _, columns, held_out, learned, _ = encoded(folder, tmp_path, groups="person", sample_weight="w")
    assert list(columns) == ["alike", "day", "size"]
    on_both = np.intersect1d(values(columns, "alike", held_out), values(columns, "alike", learned))
    assert not len(on_both)
    assert 0.06 < len(held_out) / (len(held_out) + len(learned)) < 0.14
    weights = trips()["w"].to_numpy()
    assert len(held_out) + len(learned) == (weights > 0).sum()


def test_the_latest_rows_judge(tmp_path, from_disk):
    folder = write_parts(tmp_path / "big", trips(900))  # all of which are in the sample
    _, columns, held_out, learned, _ = encoded(folder, tmp_path, time="day")
    assert values(columns, "day", held_out).min() > values(columns, "day", learned).max()
    day = trips(900)["day"].to_numpy()
    assert len(held_out) == (day >= np.sort(day)[-90]).sum()


def test_rows_of_other_files_judge(tmp_path, from_disk):
    folder = write_parts(tmp_path / "big", numbers(3000))
    val = write_parts(tmp_path / "val", numbers(500).slice(0, 400), n_files=2)
    prepared, _, held_out, learned, rows = encoded(folder, tmp_path, X_val=val)
    assert (len(held_out), len(learned)) == (400, 3000)
    assert prepared.n_val == 400
    price = numbers(500)["price"].to_numpy()[:400]
    decoded = prepared.coding.decode_predictions(rows.y.astype(float))
    assert np.allclose(np.sort(decoded), np.sort(price), atol=1e-4)


def test_weights_are_divided_by_their_mean_and_rows_of_weight_zero_are_left_out(
    tmp_path, from_disk
):
    table = trips(900)
    folder = write_parts(tmp_path / "big", table)
    prepared, _, held_out, learned, _ = encoded(folder, tmp_path, sample_weight="w")
    w = table["w"].to_numpy()
    all_rows = np.concatenate([held_out, learned])[:, -1]
    assert np.allclose(np.sort(all_rows), np.sort(w[w > 0]) / w.mean())
    mean = np.average(table["price"].to_numpy(), weights=w)
    assert np.isclose(prepared.coding.center, mean)


@pytest.mark.parametrize("given", [{"groups": "person"}, {"time": "day"}, {"sample_weight": "w"}])
def test_what_is_learned_is_as_good_as_in_memory(given, tmp_path, from_disk):
    table, test = trips(4000), trips(2000, seed=1)
    folder = write_parts(tmp_path / "big", table)
    from_files = TabularRegressor("fast", random_state=0).fit(folder, "price", **given)
    left_out = ["price", *(c for name, c in given.items() if name != "time")]
    arrays = {name: table[column].to_numpy() for name, column in given.items()}
    in_memory = TabularRegressor("fast", random_state=0)
    in_memory.fit(table.drop_columns(left_out), table["price"].to_numpy(), **arrays)
    assert from_files.feature_names_in_.tolist() == in_memory.feature_names_in_.tolist()
    test = test.drop_columns(left_out[1:])
    assert r2(from_files, test) > r2(in_memory, test) - 0.03 > 0.8


def test_a_folder_that_fits_is_learned_as_its_table(tmp_path):
    table, val = trips(400), trips(100, seed=1)
    folder = write_parts(tmp_path / "small", table)
    x, y, w = table.drop_columns(["price", "w"]), table["price"].to_numpy(), table["w"].to_numpy()
    test = trips(50, seed=2)
    for given, same in (
        ({"time": "day"}, {"time": table["day"].to_numpy()}),
        (
            {"X_val": write_parts(tmp_path / "val", val, n_files=1)},
            {"X_val": val.drop_columns(["price", "w"]), "y_val": val["price"].to_numpy()},
        ),
    ):
        from_files = TabularRegressor("fast", random_state=0)
        from_files.fit(folder, "price", sample_weight="w", **given)
        in_memory = TabularRegressor("fast", random_state=0).fit(x, y, w, **same)
        assert (from_files.predict(test) == in_memory.predict(test)).all()


def test_class_weights_and_sample_weights_go_together(tmp_path, from_disk):
    table = trips(2000)
    label = pa.array(np.where(table["price"].to_numpy() > 3, "dear", "cheap"))
    table = table.drop_columns(["price"]).append_column("label", label)
    folder = write_parts(tmp_path / "big", table)
    model = TabularClassifier("fast", class_weight="balanced", random_state=0)
    model.fit(folder, "label", sample_weight="w", groups="person")
    assert (model.predict(table) == label.to_numpy(zero_copy_only=False)).mean() > 0.9


def test_the_same_groups_are_held_out_whatever_their_type(tmp_path):
    numbers = np.arange(500) % 60
    kinds = pa.int8(), pa.int64(), pa.float32(), pa.float64()
    hashed = [group_hashes(pa.chunked_array([pa.array(numbers, kind)]), 3) for kind in kinds]
    for other in hashed[1:]:
        assert (other == hashed[0]).all()
    texts = pa.chunked_array([pa.array([f"p{n}" for n in numbers])])
    packed = pa.chunked_array([texts.combine_chunks().dictionary_encode()])
    assert (group_hashes(texts, 3) == group_hashes(packed.cast(pa.string()), 3)).all()
    assert len(np.unique(hashed[0])) == len(np.unique(group_hashes(texts, 3))) == 60
    assert (group_hashes(texts, 3) != group_hashes(texts, 4)).any()


def test_parts_by_column_are_complete_and_apart(tmp_path):
    table = trips(5000)
    files = open_files(write_parts(tmp_path / "big", table))
    for given in (("person", None), (None, "day")):
        parts = split_files(files, *given, [0.25, 0.1], 3)
        sizes = [sum(len(batch.rows) for batch in files.part(part)) for part in parts]
        assert sum(sizes) == 5000
        assert abs(sizes[0] - 1250) < 50
        assert abs(sizes[1] - 375) < 50


BAD = {
    "a missing group": (
        {"groups": "person"},
        {"person": None},
        "Column 'person', row 1: the value",
    ),
    "a missing time": ({"time": "day"}, {"day": None}, "Column 'day', row 1: the value is missing"),
    "one group": ({"groups": "one"}, {}, "Column 'one' has too few distinct"),
    "one time": ({"time": "one"}, {}, "Column 'one' has too few distinct"),
    "texts as times": ({"time": "word"}, {}, "can't be ordered by 'word'"),
    "a negative weight": ({"sample_weight": "w"}, {"w": -1}, "'w', row 1: -1 is not a weight"),
    "no weight": ({"sample_weight": "w"}, {"w": None}, "'w', row 1: None is not a weight"),
    "texts as weights": ({"sample_weight": "word"}, {}, "Column 'word'"),
    "all weights 0": ({"sample_weight": "none"}, {}, "All weights in column 'none' are 0"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_columns_are_refused_with_file_and_row(case, tmp_path, from_disk):
    given, wrong, words = BAD[case]
    table = trips(300).append_column("one", pa.array([7] * 300))
    table = table.append_column("word", pa.array(["red", "blue", "green"] * 100))
    table = table.append_column("none", pa.array([0.0] * 300))
    for name, value in wrong.items():
        cells = table[name].to_pylist()
        cells[200] = value
        table = table.set_column(table.column_names.index(name), name, pa.array(cells))
    folder = write_parts(tmp_path / "big", table)
    with pytest.raises(TableError, match=words) as caught:
        TabularRegressor("fast").fit(folder, "price", **given)
    assert "\n" not in str(caught.value)
    if wrong:
        assert "part-2.parquet" in str(caught.value)


def test_ranges_of_row_numbers_cut_what_is_left(tmp_path):
    test, val, rest = RowRange(seed=1).cut_at_random([0.5, 0.5])
    assert (test.share, val.share, rest.share) == (0.5, 0.25, 0.25)
