"""Tables in files that do not fit into memory."""

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.dataset
import pyarrow.parquet as pq
import pytest

import jubako
from jubako import TabularClassifier, TabularRegressor
from jubako.core.errors import ParameterError
from jubako.data import memory, table_size, table_summary
from jubako.data.errors import TableError
from jubako.data.split_files import split_files
from jubako.data.table_files import open_files, sample_of
from jubako.search import row_file, windows
from jubako.search.errors import SearchFileError
from jubako.search.first_pass import prepare_files
from jubako.search.row_file import write_shuffled
from jubako.search.windows import Windows


@pytest.fixture
def from_disk(monkeypatch):
    """Let nothing fit into memory, and windows and samples be small."""
    monkeypatch.setattr(table_size.TableSize, "fits", False)
    monkeypatch.setattr(windows, "WINDOW", 2**16)
    monkeypatch.setattr(row_file, "BUCKET", 2**15)
    monkeypatch.setattr(table_summary, "SAMPLE", 1000)


@pytest.fixture
def few_epochs(monkeypatch):
    """For tests in which it does not matter how well a model predicts."""
    monkeypatch.setattr("jubako.search.crossval.EPOCHS", (6, 6))


def shop(n, seed=0):
    """Return a table with numbers, categories, missing values, an identifier and a target."""
    rng = np.random.default_rng(seed)
    size, shape = rng.normal(size=n), rng.integers(0, 5, n)
    kind = np.array(["red", "green", "blue", "white", "black"])[shape]
    price = 3 * np.sin(size) + shape + 0.1 * rng.normal(size=n)
    gone = pa.array(size, mask=rng.random(n) < 0.05)
    label = np.where(price > 3, "dear", np.where(price > 1, "fair", "cheap"))
    return pa.table(
        {"id": np.arange(n), "size": gone, "kind": kind, "price": price, "label": label}
    )


def write_parts(folder, table, n_files=3, ending="parquet"):
    folder.mkdir(exist_ok=True)
    n = -(-table.num_rows // n_files)
    for i in range(n_files):
        part, path = table.slice(i * n, n), folder / f"part-{i}.{ending}"
        if ending == "parquet":
            pq.write_table(part, path)
        elif ending == "csv":
            pa.csv.write_csv(part, path)
        else:
            with pa.ipc.new_file(path, part.schema) as file:
                file.write_table(part)
    return folder


def r2(model, table, target="price"):
    y = table[target].to_numpy()
    return 1 - ((model.predict(table.drop_columns([target])) - y) ** 2).mean() / y.var()


def numbers(n=6000):
    return shop(n).drop_columns(["label"])


# What it learns


def test_a_table_from_disk_is_learned_as_well_as_in_memory(tmp_path, from_disk):
    folder, test = write_parts(tmp_path / "big", numbers()), numbers(2000)
    from_files = TabularRegressor("fast", random_state=0).fit(folder, "price")
    in_memory = TabularRegressor("fast", random_state=0).fit(
        numbers().drop_columns(["price"]), numbers()["price"].to_numpy()
    )
    assert [column.name for column in from_files.dropped_] == ["id"]
    assert r2(from_files, test) > r2(in_memory, test) - 0.01 > 0.9
    again = jubako.load(save(from_files, tmp_path))
    features = test.drop_columns(["price"])
    assert (again.predict(features) == from_files.predict(features)).all()


def save(model, folder):
    model.save(folder / "m.jubako")
    return folder / "m.jubako"


def test_the_same_seed_gives_the_same_bits_for_any_form_of_the_files(
    tmp_path, from_disk, few_epochs
):
    table = numbers(3000)
    write_parts(tmp_path / "a", table)
    write_parts(tmp_path / "b", table, n_files=5, ending="arrow")
    inputs = [tmp_path / "a", f"{tmp_path}/a/*.parquet", tmp_path / "b"]
    inputs.append(pa.dataset.dataset(tmp_path / "a"))
    x = table.drop_columns(["price"])
    predictions = [
        TabularRegressor("fast", random_state=1).fit(files, "price").predict(x) for files in inputs
    ]
    for prediction in predictions[1:]:
        assert (prediction == predictions[0]).all()


def test_a_folder_that_fits_into_memory_is_learned_as_its_table(tmp_path, few_epochs):
    table = numbers(400)
    folder = write_parts(tmp_path / "small", table)
    x, y = table.drop_columns(["price"]), table["price"].to_numpy()
    in_memory = TabularRegressor("fast", random_state=0).fit(x, y)
    from_files = TabularRegressor("fast", random_state=0).fit(folder, "price")
    assert (from_files.predict(x) == in_memory.predict(x)).all()


def test_a_class_that_first_appears_in_the_last_file_is_learned(tmp_path, from_disk, few_epochs):
    table = shop(4000).drop_columns(["price"])
    label = pc_list(table["label"])
    label[-3:] = ["gift"] * 3
    table = table.set_column(3, "label", pa.array(label))
    folder = write_parts(tmp_path / "big", table)
    model = TabularClassifier("fast", random_state=0, class_weight="balanced")
    model.fit(folder, "label")
    assert model.classes_.tolist() == ["cheap", "dear", "fair", "gift"]
    prepared = prepare_files(open_files(folder), "label")
    assert prepared.class_counts.tolist() == [label.count(c) for c in model.classes_]


def pc_list(values):
    return values.to_pylist()


def test_a_level_that_the_sample_lacks_is_a_level(tmp_path, from_disk, monkeypatch):
    monkeypatch.setattr(table_summary, "SAMPLE", 50)
    kind = ["a"] * 3000
    kind[1000], kind[2000], kind[2999], kind[500] = "b", "b", "b", "once"
    table = pa.table({"kind": kind, "y": np.arange(3000) * 1.5, "x": np.arange(3000) % 7 * 0.5})
    prepared = prepare_files(open_files(write_parts(tmp_path / "big", table)), "y")
    category = next(c for c in prepared.schema.columns if c.name == "kind")
    assert category.levels == ("a", "b")
    assert category.rare


def test_rows_without_a_target_are_left_out_and_refit_uses_all_rows(tmp_path, from_disk):
    table = numbers(3000)
    price = pa.array(table["price"].to_numpy(), mask=np.arange(3000) % 10 == 0)
    table = table.set_column(3, "price", price)
    folder = write_parts(tmp_path / "big", table)
    model = TabularRegressor("fast", random_state=0, refit=True)
    with pytest.warns(UserWarning, match="300 of 3000 rows are dropped"):
        model.fit(folder, "price")
    assert r2(model, numbers(1000)) > 0.9


# How rows are kept


@pytest.mark.parametrize("case", ["none first", "all first", "some first"])
def test_rows_are_written_in_an_order_that_depends_on_hashes_only(case, tmp_path, monkeypatch):
    monkeypatch.setattr(row_file, "BUCKET", 4 * 100)
    hashes = np.random.default_rng(0).integers(2**32, size=1000, dtype=np.uint32)
    first = {
        "none first": np.zeros(1000, bool),
        "all first": np.ones(1000, bool),
        "some first": np.arange(1000) % 7 == 2,
    }[case]
    rows = np.arange(2000, dtype=np.float32).reshape(1000, 2)
    files = []
    for n in (1000, 70):
        pieces = [(first[i : i + n], hashes[i : i + n], rows[i : i + n]) for i in range(0, 1000, n)]
        path, n_rows = tmp_path / str(n), (int(first.sum()), int((~first).sum()))
        file, n_first = write_shuffled(path, pieces, n_rows, 2, seed=1)
        assert n_first == n_rows[0]
        files.append(file.read(0, file.n_rows))
    assert (files[0] == files[1]).all()
    assert (np.sort(files[0][:, 0]) == rows[:, 0]).all()
    assert (np.sort(files[0][:n_first, 0]) == rows[first, 0]).all()
    if case != "some first":
        assert abs(np.corrcoef(files[0][:, 0], np.arange(1000))[0, 1]) < 0.1


def test_rows_whose_file_is_gone_are_an_error_of_the_search(tmp_path):
    file = row_file.RowFile(tmp_path / "rows", 1003, 4)
    with pytest.raises(SearchFileError, match="rows can't be read any more: No such file"):
        file.read(0, 1)


def test_a_pass_over_the_windows_sees_each_row(tmp_path, monkeypatch):
    monkeypatch.setattr(windows, "WINDOW", 4 * 4 * 100)
    rows = np.arange(4 * 1003, dtype=np.float32).reshape(1003, 4)
    rows.tofile(tmp_path / "rows")
    file = row_file.RowFile(tmp_path / "rows", 1003, 4)
    view = Windows(file, first=100, n_inputs=1, n_continuous=1, seed=0)
    passes = []
    for a_pass in range(2):
        seen = [view.load(a_pass * view.n_windows + i, False)[0] for i in range(view.n_windows)]
        assert all(len(x) == view.n_in_window for x in seen)
        assert set(np.concatenate(seen)[:, 0]) == set(rows[100:, 0])
        passes.append(seen[0])
    assert (passes[0] != passes[1]).any()
    x, y, w = view.load(0, quantiles=True)
    assert (x[:, 0] == y[:, 0] - 1).all()
    assert (w == y[:, 0] + 1).all()


def test_a_sample_is_random_and_bounded(tmp_path):
    table = pa.table({"x": np.arange(20_000)})
    folder = write_parts(tmp_path / "big", table)
    sample = sample_of(open_files(folder), 500, seed=0)
    values = sample.table["x"].to_numpy()
    assert len(values) == 500
    assert 9000 < values.mean() < 11_000
    assert (np.diff(values) > 0).all()
    assert sample.place(0)[1] == values[0] % 6667


def test_parts_of_the_rows_do_not_overlap(tmp_path):
    files = open_files(write_parts(tmp_path / "big", pa.table({"x": np.arange(5000)})))
    some, rest = (
        np.concatenate([batch.table["x"].to_numpy() for batch in part])
        for part in map(files.part, split_files(files, None, None, [0.25], 3))
    )
    assert 1100 < len(some) < 1400
    assert sorted([*some, *rest]) == list(range(5000))


# What is refused


def bad_folder(folder, change):
    write_parts(folder, numbers(300), n_files=4)
    change(folder / "part-2.parquet", pq.read_table(folder / "part-2.parquet"))
    return folder


def rewrite(path, table):
    pq.write_table(table, path)


BAD = {
    "another column": (
        lambda path, table: rewrite(path, table.rename_columns(["id", "Size", "kind", "price"])),
        "part-2.parquet' has no column 'size', which .*part-0.parquet' has",
    ),
    "another type": (
        lambda path, table: rewrite(
            path, table.set_column(1, "size", pa.array(["1"] * table.num_rows))
        ),
        "Column 'size' holds values of type string in .*part-2.parquet'.*type double",
    ),
    "an empty file": (lambda path, table: path.write_bytes(b""), "part-2.parquet' is empty"),
    "no rows": (lambda path, table: rewrite(path, table.slice(0, 0)), "part-2.parquet' has a head"),
    "a damaged file": (
        lambda path, table: path.write_bytes(path.read_bytes()[:200]),
        "part-2.parquet' is damaged",
    ),
    "an infinite number": (
        lambda path, table: rewrite(
            path, table.set_column(1, "size", pa.array([np.inf] * table.num_rows))
        ),
        ".*part-2.parquet': Column 'size', row 1: a number is infinite",
    ),
    "a target far from all others": (
        lambda path, table: rewrite(
            path, table.set_column(3, "price", pa.array([1.0] * (table.num_rows - 1) + [1e12]))
        ),
        ".*part-2.parquet': The target of row 75 is 1e.12,",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_file_is_named(case, tmp_path, from_disk):
    change, words = BAD[case]
    folder = bad_folder(tmp_path / "big", change)
    with pytest.raises(TableError, match=words) as caught:
        TabularRegressor("fast").fit(folder, "price")
    assert "\n" not in str(caught.value)


def test_a_word_in_a_column_of_numbers_is_named_wherever_it_is(tmp_path, from_disk, monkeypatch):
    monkeypatch.setattr(table_summary, "SAMPLE", 50)
    folder = write_parts(tmp_path / "big", numbers(3000), ending="csv")
    lines = (folder / "part-1.csv").read_text().split("\n")
    lines[500] = lines[500].replace(lines[500].split(",")[1], "many", 1)
    (folder / "part-1.csv").write_text("\n".join(lines))
    model = TabularRegressor("fast", column_types={"size": "numeric"})
    with pytest.raises(TableError, match=r".*part-1.csv': Column 'size', row 500: 'many'"):
        model.fit(folder, "price")


def test_a_file_that_vanishes_or_changes_is_named(tmp_path, from_disk):
    folder = write_parts(tmp_path / "big", numbers(300))
    prepared = prepare_files(open_files(folder), "price")
    pq.write_table(numbers(50), folder / "part-1.parquet")
    with pytest.raises(
        TableError, match=r"part-1.parquet' has changed .* 100 rows, and now has 50"
    ):
        TabularRegressor("fast").fit(prepared, "price")
    (folder / "part-1.parquet").unlink()
    with pytest.raises(TableError, match=r"no file .*part-1.parquet'"):
        TabularRegressor("fast").fit(prepared, "price")


def test_arguments_that_need_the_table_in_memory_are_refused(tmp_path):
    folder = write_parts(tmp_path / "big", numbers(300))
    with pytest.raises(ParameterError, match="name of the target column"):
        TabularRegressor().fit(folder, np.zeros(300))
    with pytest.raises(ParameterError, match="sample_weight must be the name of a column"):
        TabularRegressor().fit(folder, "price", sample_weight=np.ones(300))
    with pytest.raises(ParameterError, match="X_val must be a path"):
        TabularRegressor().fit(folder, "price", X_val=numbers(30), y_val="price")
    with pytest.raises(ParameterError, match="y_val must be 'price'"):
        TabularRegressor().fit(folder, "price", X_val=folder, y_val="size")
    with pytest.raises(ParameterError, match="pass one of them"):
        TabularRegressor().fit(folder, "price", groups="kind", time="size")
    with pytest.raises(TableError, match="no column 'kinds' for groups: did you mean 'kind'"):
        TabularRegressor().fit(folder, "price", groups="kinds")
    with pytest.raises(TableError, match="no column 'prize': did you mean 'price'"):
        TabularRegressor().fit(folder, "prize")


def test_a_full_disk_is_refused_before_anything_is_written(tmp_path, from_disk, monkeypatch):
    folder = write_parts(tmp_path / "big", numbers(300))
    monkeypatch.setattr(row_file.shutil, "disk_usage", lambda _: type("", (), {"free": 10})())
    with pytest.raises(OSError, match="TMPDIR"):
        TabularRegressor("fast").fit(folder, "price")


def test_workers_and_a_resumed_run_give_the_same_bits(tmp_path, from_disk, few_epochs):
    folder = write_parts(tmp_path / "big", numbers(2000))
    x = numbers(200).drop_columns(["price"])
    predictions = [
        TabularRegressor("fast", random_state=0, n_jobs=n_jobs, run_dir=run_dir)
        .fit(folder, "price")
        .predict(x)
        for n_jobs, run_dir in ((None, None), (2, None), (None, tmp_path / "run"))
    ]
    assert (predictions[0] == predictions[1]).all()
    assert (predictions[0] == predictions[2]).all()
    candidate = tmp_path / "run" / "candidate-001.safetensors"
    written = candidate.stat().st_mtime_ns
    resumed = TabularRegressor("fast", random_state=0, run_dir=tmp_path / "run")
    assert (resumed.fit(folder, "price").predict(x) == predictions[0]).all()
    assert candidate.stat().st_mtime_ns == written


def test_the_size_of_a_table_is_estimated_before_it_is_read(tmp_path):
    table = numbers(5000)
    sizes = []
    for ending in ("parquet", "arrow", "csv"):
        folder = write_parts(tmp_path / ending, table, ending=ending)
        sizes.append(table_size.estimated_size(open_files(folder)).n_rows)
    dataset = pa.dataset.dataset(table.to_batches(max_chunksize=700))
    sizes.append(table_size.estimated_size(open_files(dataset)).n_rows)
    assert sizes[0] == sizes[3] == 5000
    assert 3500 < sizes[1] < 7000
    assert 3500 < sizes[2] < 7000


def test_memory_is_what_the_machine_the_group_and_the_limit_leave(monkeypatch, tmp_path):
    monkeypatch.setattr(memory, "GROUPS", tmp_path)
    group = tmp_path / "a"
    group.mkdir()
    (group / "memory.max").write_text("1000\n")
    (group / "memory.current").write_text("700\n")
    (group / "memory.stat").write_text("anon 500\ninactive_file 100\n")
    assert memory.left_in_group(group, "memory.max", "memory.current") == 400
    (group / "memory.max").write_text("max\n")
    assert memory.left_in_group(group, "memory.max", "memory.current") == np.inf
    free = memory.free_memory()  # once: other programs change it at any moment
    monkeypatch.setattr(memory, "free_memory", lambda: free)
    assert 0 < memory.available_memory() <= free
