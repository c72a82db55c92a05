"""A time limit shortens reading and encoding."""

import time

import numpy as np

from jubako import TabularRegressor
from jubako.data import table_files
from jubako.data.split_files import split_files
from jubako.data.table_files import open_files
from jubako.search import encoded_files
from jubako.search.config import SearchConfig
from jubako.search.first_pass import prepare_files

from .test_files import from_disk, numbers, r2, write_parts

__all__ = ["from_disk"]


def test_reading_ends_in_time_with_a_random_part_of_the_files(tmp_path, monkeypatch):
    monkeypatch.setattr(table_files, "BATCH", 50)
    folder = write_parts(tmp_path / "big", numbers(3000), n_files=10)
    late = open_files(folder).until(time.perf_counter() - 1, seed=0)
    assert [len(batch.rows) for batch in late] == [50]
    files = [next(iter(open_files(folder).until(0, seed))).file for seed in range(9)]
    assert len(set(files)) > 3
    early = open_files(folder).until(time.perf_counter() + 60, seed=0)
    assert sum(len(batch.rows) for batch in early) == 3000


def test_the_second_pass_reads_no_rows_that_the_first_has_not_read(tmp_path, monkeypatch):
    monkeypatch.setattr(table_files, "BATCH", 50)
    folder = write_parts(tmp_path / "big", numbers(3000), n_files=10)
    files = open_files(folder).until(time.perf_counter() - 1, seed=0)
    prepared = prepare_files(files, "price")
    assert prepared.n_rows == 50
    assert any("time limit" in note for note in prepared.notes)
    again = prepared.files.until(time.perf_counter() + 60, seed=0)
    assert sum(len(batch.rows) for batch in again) == 50


def test_parts_by_column_are_found_in_time(tmp_path, monkeypatch):
    monkeypatch.setattr(table_files, "BATCH", 50)
    folder = write_parts(tmp_path / "big", numbers(3000), n_files=10)
    files = open_files(folder).until(time.perf_counter() - 1, seed=0)
    first, rest = split_files(files, None, "price", [0.25], 0)
    assert first.high == rest.low


def slow(monkeypatch, seconds):
    """Slow encoding down to a number of seconds per row."""
    inputs = encoded_files.FileEncoder.inputs

    def slowly(self, table):
        time.sleep(seconds * table.num_rows)
        return inputs(self, table)

    monkeypatch.setattr(encoded_files.FileEncoder, "inputs", slowly)


def test_a_random_part_of_the_rows_is_encoded_in_time(tmp_path, from_disk, monkeypatch):
    slow(monkeypatch, 1e-3)  # 20 seconds for all rows
    folder = write_parts(tmp_path / "big", numbers(20_000))
    began = time.perf_counter()
    model = TabularRegressor("fast", time_limit=10, random_state=0).fit(folder, "price")
    assert time.perf_counter() - began < 15  # of which the pilot takes two
    assert model.stopped_ == "time"
    assert r2(model, numbers(1000)) > 0.8


def test_the_rows_that_are_encoded_are_spread_over_all(tmp_path, from_disk, monkeypatch):
    slow(monkeypatch, 5e-4)
    folder = write_parts(tmp_path / "big", numbers(20_000))
    prepared = prepare_files(open_files(folder), "price", column_types={"id": "numeric"})
    config = SearchConfig("fast", task="regress", time_limit=12, end=time.perf_counter() + 12)
    rows = prepared.encode(tmp_path, config)
    file = rows.rows.windows.file
    assert 1000 < file.n_rows < 12_000
    assert rows.n_left_out == 20_000 - file.n_rows
    numbers_read = prepared.schema.columns[0]
    assert numbers_read.name == "id"
    encoded = file.read(0, file.n_rows)[:, 0]
    assert abs(np.mean(encoded)) < 0.1 * np.std(encoded)


def test_without_a_limit_or_in_a_run_folder_all_rows_are_encoded(tmp_path, from_disk):
    folder = write_parts(tmp_path / "big", numbers(2000))
    model = TabularRegressor("fast", time_limit=60, random_state=0, run_dir=tmp_path / "run")
    model.fit(folder, "price")
    size = (tmp_path / "run" / "rows" / "encoded").stat().st_size
    assert size % (4 * 2000) == 0
