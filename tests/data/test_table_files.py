"""Tables in files: which rows are read, in what order, and what a sample and a summary hold."""

import gzip
from collections import Counter
from itertools import chain

import numpy as np
import pyarrow as pa
import pyarrow.dataset
import pyarrow.feather
import pyarrow.parquet as pq
import pytest

from jubako.data import table_files, table_size, table_summary
from jubako.data.columns.categorical import RARE
from jubako.data.errors import TableError
from jubako.data.held_out_rows import RowRange
from jubako.data.split_files import split_files
from jubako.data.table_files import open_files, sample_of
from jubako.data.table_size import estimated_size
from jubako.data.table_summary import WordCounter, summarize

N = 300
TABLE = pa.table({"n": np.arange(N), "word": [f"w{i % 7}" for i in range(N)]})


@pytest.fixture
def folder(tmp_path):
    """Return a folder with three files of 100 rows."""
    for i in range(3):
        pq.write_table(TABLE.slice(100 * i, 100), tmp_path / f"part-{i}.parquet")
    return tmp_path


def rows_read(files, name="n"):
    return [value for batch in files for value in batch.table[name].to_pylist()]


def test_batches_count_their_rows_in_the_file_and_over_all_files(folder, monkeypatch):
    monkeypatch.setattr(table_files, "BATCH", 60)
    batches = list(open_files(folder))
    assert [len(batch.rows) for batch in batches] == [60, 40] * 3
    assert [batch.rows[0] for batch in batches] == [0, 60] * 3
    numbers = np.concatenate([batch.numbers for batch in batches])
    np.testing.assert_array_equal(numbers, np.arange(N))
    assert rows_read(batches) == list(range(N))


def test_disjoint_ranges_give_each_row_once(folder):
    files = open_files(folder)
    parts = split_files(files, None, None, [0.2, 0.25], seed=1)
    read = [rows_read(files.part(rows)) for rows in parts]
    assert sorted(chain(*read)) == list(range(N))
    assert min(map(len, read)) > 30


def test_files_split_by_time_hold_out_the_latest_rows(folder):
    files = open_files(folder)
    latest, rest = split_files(files, None, "n", [0.1], seed=0)
    assert rows_read(files.part(latest)) == list(range(N - 30, N))
    assert len(rows_read(files.part(rest))) == N - 30


def test_a_missing_time_is_refused_with_its_file_and_row(folder):
    pq.write_table(pa.table({"n": [7, None], "word": ["a", "b"]}), folder / "part-3.parquet")
    with pytest.raises(TableError, match=r"part-3.parquet': Column 'n', row 2: .* is missing"):
        split_files(open_files(folder), None, "n", [0.1], seed=0)


def test_a_file_that_has_changed_between_two_passes_is_refused(folder):
    files = open_files(folder)
    assert len(rows_read(files)) == N
    pq.write_table(TABLE.slice(0, 99), folder / "part-1.parquet")
    with pytest.raises(TableError, match="had 100 rows, and now has 99"):
        rows_read(files)


def test_more_rows_than_the_hash_tells_apart_are_refused(folder, monkeypatch):
    monkeypatch.setattr(table_files, "MOST_ROWS", 250)
    with pytest.raises(TableError, match="more than 250 rows"):
        rows_read(open_files(folder))


def test_after_the_time_limit_at_least_one_batch_is_read_and_later_passes_read_the_same(folder):
    files = open_files(folder).until(-np.inf, seed=0)
    summary = summarize(files, "n")
    read = rows_read(summary.files)
    assert summary.n_rows == len(read) == 100
    assert rows_read(summary.files.until(np.inf, seed=0)) == read
    assert {open_files(folder).until(0.0, seed).files[0][0] for seed in range(9)} == {
        str(path) for path in folder.iterdir()
    }


def test_a_sample_is_random_and_keeps_the_order_and_the_places_of_its_rows(folder, monkeypatch):
    monkeypatch.setattr(table_files, "BATCH", 20)
    sample = sample_of(open_files(folder), 40, 0, ["n"])
    n = sample.table["n"].to_numpy()
    assert len(n) == 40
    assert sample.table.column_names == ["n"]
    assert (np.diff(n) > 0).all()
    np.testing.assert_array_equal(sample.rows, n % 100)
    assert sample.place(0) == (str(folder / f"part-{n[0] // 100}.parquet"), n[0] % 100)
    assert set(n // 100) == {0, 1, 2}
    assert sample_of(open_files(folder), 40, 0).table["n"].to_pylist() == n.tolist()
    assert sample_of(open_files(folder), 40, 1).table["n"].to_pylist() != n.tolist()


def test_a_sample_of_no_rows_is_refused(folder):
    with pytest.raises(TableError, match="too few rows"):
        sample_of(open_files(folder).part(RowRange(low=2.0)), 40, 0)


def test_datasets_of_arrow_are_read_by_their_fragments(folder):
    files = open_files(pyarrow.dataset.dataset(folder))
    assert rows_read(files) == list(range(N))
    assert files.n_rows == N
    in_memory = open_files(pyarrow.dataset.dataset(TABLE))
    assert [name for name, _ in in_memory.files] == ["part 1"]
    (folder / "part-1.parquet").write_bytes(b"PAR1 no table PAR1")
    with pytest.raises(TableError, match=r"part-1\.parquet' can't be read"):
        rows_read(files)


def test_a_summary_counts_rows_and_words(folder):
    val = RowRange(high=0.3)
    summary = summarize(open_files(folder), "n", val=val)
    assert summary.n_rows == N
    assert summary.n_val == val.chosen(TABLE, np.arange(N)).sum()
    assert summary.words["word"].counts == Counter(TABLE["word"].to_pylist())
    assert summary.table.equals(summary.sample.table)
    assert set(summary.words) == {"n", "word"}


def test_a_summary_is_completed_with_the_words_that_the_sample_lacks(tmp_path, monkeypatch):
    monkeypatch.setattr(table_summary, "SAMPLE", 20)
    words = ["common"] * N
    words[7], words[50] = "once", "twice"
    words[51] = "twice"
    table = pa.table({"n": np.arange(N), "word": words, "packed": pa.array(words)})
    table = table.set_column(2, "packed", table["packed"].dictionary_encode())
    pyarrow.feather.write_feather(table, str(tmp_path / "a.arrow"))
    files = open_files(tmp_path / "a.arrow")
    summary = summarize(files, "y", categorical=["n"], seed=0)
    for name in ("word", "packed"):
        counts = Counter(summary.table[name].to_pylist())
        assert counts["once"] >= 1
        assert counts["twice"] >= 2
        assert counts["common"] >= RARE
    assert set(summary.table["n"].to_pylist()) == set(range(N))
    row = summary.table["word"].to_pylist().index("once")
    assert summary.place(row, "word") == (str(tmp_path / "a.arrow"), 7)
    assert summary.place(row, "") == summary.sample.place(row % 20)
    with pytest.raises(TableError, match=r"a.arrow': Column 'word', row 8: wrong"), summary.named():
        raise TableError(
            table_files.Message("Column {name!r}, row {row}: wrong", name="word", row=row + 1)
        )


def chunked(*values):
    return pa.chunked_array([pa.array(values)])


def test_of_too_many_words_only_those_that_are_no_plain_numbers_are_counted(monkeypatch):
    monkeypatch.setattr(table_summary, "MOST_WORDS", 4)
    counter = WordCounter()
    counter.add(chunked("1", "2", "x", None))
    counter.add(chunked("3", "4", "x"))
    assert (counter.counts, counter.covers_all) == ({"x": 2}, False)
    counter.add(chunked("5", "6", "y"))
    assert counter.counts == {"x": 2, "y": 1}
    counter.add(chunked("a", "b", "c"))
    assert (counter.counts, counter.is_over) == ({}, True)
    counter.add(chunked("d"))
    assert counter.lacking(chunked("d")) == []


def test_a_batch_of_too_many_words_is_not_counted_value_by_value(monkeypatch):
    monkeypatch.setattr(table_summary, "MOST_WORDS", 4)
    counter = WordCounter()
    counter.add(chunked(*map(str, range(9)), "x"))
    assert (counter.counts, counter.covers_all) == ({"x": 1}, False)
    numbers = WordCounter()
    numbers.add(chunked(*range(9)))
    assert (numbers.counts, numbers.is_over) == ({}, False)


@pytest.mark.parametrize("ending", ["csv", "csv.gz", "arrow", "parquet"])
def test_the_size_of_a_table_is_estimated_from_its_first_rows(ending, tmp_path):
    path = tmp_path / f"table.{ending}"
    table = pa.table({"n": np.arange(10_000) / 7, "word": ["word"] * 10_000})
    if ending == "parquet":
        pq.write_table(table, path)
    elif ending == "arrow":
        pyarrow.feather.write_feather(table, str(path), compression="uncompressed")
    else:
        rows = "".join(f"{n},word\n" for n in table["n"].to_pylist())
        data = f"n,word\n{rows}".encode()
        path.write_bytes(gzip.compress(data) if ending == "csv.gz" else data)
    size = estimated_size(open_files(path))
    assert 10_000 / 2 < size.n_rows < 10_000 * 2.1
    if ending == "parquet":
        assert size.n_rows == 10_000
    assert size.n_bytes > size.n_bytes_to_read > table.nbytes


def test_a_part_of_the_rows_needs_its_share_of_the_memory(folder):
    files = open_files(folder)
    assert estimated_size(files.part(RowRange(high=0.5))).n_rows == N / 2
    assert estimated_size(files.part(RowRange(low=2.0))) == table_size.TableSize(0, 0, 0, 0)


def test_a_table_that_fits_neither_into_memory_nor_on_disk_is_refused(monkeypatch):
    monkeypatch.setattr(table_size, "available_memory", lambda: 2.0**30)
    sizes = [table_size.TableSize(1, share * 2.0**30, 2.0**31, 1) for share in (0.5, 0.9, 1.1)]
    assert [size.fits for size in sizes[:2]] == [True, False]
    with pytest.raises(MemoryError, match="takes about 2 GiB, and 1 GiB are free"):
        _ = sizes[2].fits
