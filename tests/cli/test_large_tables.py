"""Tables that do not fit into memory, on the command line."""

import json
import os
import re
import subprocess
import sys

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import command

N_ROWS = 1_000_000


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder of Parquet files with a million rows, which take 1 GiB in memory."""
    folder = tmp_path_factory.mktemp("large")
    for i in range(4):
        x = np.random.default_rng(i).normal(size=(N_ROWS // 4, 20))
        y = x[:, 0] + x[:, 1] ** 2
        columns = {f"x{j}": x[:, j] for j in range(20)}
        pq.write_table(pa.table({**columns, "y": y}), folder / f"part-{i}.parquet")
    return folder


def jubako(*args, gib):
    """Run a command with so many GiB of address space."""
    if sys.platform != "linux":
        pytest.skip("ulimit -v is Linux's")
    script = f'ulimit -v {int(gib * 2**20)}; exec "$@"'
    command = ["bash", "-c", script, "-", sys.executable, "-m", "jubako", *map(str, args)]
    # what libraries reserve for each processor counts as address space
    few = {"OMP_NUM_THREADS": "2", "OPENBLAS_NUM_THREADS": "2", "MALLOC_ARENA_MAX": "2"}
    env = {**os.environ, **few, "ARROW_DEFAULT_MEMORY_POOL": "system"}
    return subprocess.run(command, capture_output=True, text=True, timeout=600, env=env)


def test_a_table_larger_than_the_memory_is_trained_from_disk(folder, tmp_path):
    out = tmp_path / "m.jubako"
    given = "train", folder, "--target", "y", "--preset", "fast", "--time", "5s", "--out", out
    done = jubako(*given, gib=1.6)
    assert done.returncode == 0, done.stderr
    assert "about 1000000 rows" in done.stderr
    assert "Training from disk." in done.stderr
    assert out.exists()
    done = jubako("predict", out, folder / "part-3.parquet", "--out", tmp_path / "p.csv", gib=1.6)
    assert done.returncode == 0, done.stderr


def test_a_table_larger_than_the_memory_is_checked_by_a_sample(folder):
    # midway between what training from disk takes and what the table does: libraries vary by 20 MB
    done = jubako("check", folder, "--target", "y", gib=1.75)
    assert done.returncode == 0, done.stderr
    assert "This is a random sample of the 1000000 rows" in " ".join(done.stdout.split())


def test_the_memory_that_training_takes_is_estimated(folder):
    done = jubako("check", folder, "--target", "y", "--json", gib=1.75)
    memory = json.loads(done.stdout)["memory"]
    assert memory["rows"] == 1_000_000
    assert not memory["fits"]
    assert memory["bytes_from_disk"] < memory["bytes_available"] < memory["bytes"]


def test_what_fits_nowhere_is_refused_before_it_is_tried(folder, tmp_path):
    done = jubako("train", folder, "--target", "y", "--out", tmp_path / "n.jubako", gib=1.2)
    assert done.returncode == 1
    assert "There is not enough memory (training from disk takes" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


# What is held out, and what rows count

FROM_DISK = """
from jubako.cli import large_tables
from jubako.data import table_size
large_tables.SMALL, table_size.TableSize.fits = 0, False
"""


KILLED = """
import os
from jubako.search import checkpoint, network_run
checkpoint.CHECKPOINT_EVERY, note = 0.0, network_run.NetworkRun.note
def note_and_die(run, record):
    note(run, record)
    if record.epoch == 2:
        os.kill(os.getpid(), 9)
network_run.NetworkRun.note = note_and_die
"""


@pytest.fixture(scope="module")
def visits(tmp_path_factory):
    """A folder of visits of persons, a test file and a validation file."""
    folder = tmp_path_factory.mktemp("visits")
    for name, i, n in (("big", 0, 1000), ("big", 1, 1000), ("test", 2, 300), ("val", 3, 300)):
        rng = np.random.default_rng(i)
        person, size = rng.integers(0, 300, n), rng.normal(size=n)
        day, w = rng.integers(0, 900, n), rng.integers(0, 4, n)
        columns = {"person": person, "day": day, "size": size, "w": w}
        columns["price"] = 3 * np.sin(size) + day / 300 + 0.1 * rng.normal(size=n)
        (folder / name).mkdir(exist_ok=True)
        pq.write_table(pa.table(columns), folder / name / f"{i}.parquet")
    return folder


GIVEN = {
    "--test FILE": ["--test", "test"],
    "--val FILE": ["--val", "val"],
    "--val": ["--val", "0.2"],
    "--groups": ["--groups", "person"],
    "--order-by": ["--order-by", "day", "--refit"],
    "--weights": ["--weights", "w"],
    "--plain": ["--plain", "--epochs", "30", "--val", "val", "--test", "test"],
    "all": ["--groups", "person", "--weights", "w", "--test", "test", "--val", "val"],
}


@pytest.mark.parametrize("case", GIVEN)
def test_options_work_from_disk_as_in_memory(case, visits, tmp_path):
    given = ["big", "--target", "price", *GIVEN[case], "--json"]
    given += [] if "--plain" in GIVEN[case] else ["--preset", "fast"]
    found = []
    for before in ("", FROM_DISK):
        out = tmp_path / f"{len(found)}.jubako"
        done = command.jubako("train", *given, "--out", out, cwd=visits, before=before)
        assert done.returncode == 0, done.stderr
        found.append(json.loads(done.stdout))
    in_memory, from_disk = found
    assert from_disk["metrics"]["model"]["r2"] > in_memory["metrics"]["model"]["r2"] - 0.02 > 0.9
    assert abs(from_disk["test_rows"] - in_memory["test_rows"]) < 40
    if "test" in GIVEN[case] or case == "--order-by":  # all rows are in the sample
        assert from_disk["test_rows"] == in_memory["test_rows"]


def test_a_network_from_disk_continues_in_its_run_folder_and_is_not_resumed_from_a_file(
    visits, tmp_path
):
    given = ["train", "big", "--target", "price", "--plain", "--out", tmp_path / "m.jubako"]
    run = [*given, "--epochs", "4", "--run", tmp_path / "run"]
    assert command.jubako(*run, cwd=visits, before=FROM_DISK + KILLED).returncode == -9
    status = command.jubako("runs", tmp_path / "run", "--json", cwd=visits)
    assert json.loads(status.stdout)["epoch"] == 2
    bits = list[bytes]()
    for more in (["--run", tmp_path / "run"], []):
        done = command.jubako(*given, "--epochs", "4", *more, cwd=visits, before=FROM_DISK)
        assert done.returncode == 0, done.stderr
        rows = [visits / "test" / "2.parquet", "--out", tmp_path / "p.csv"]
        command.jubako("predict", tmp_path / "m.jubako", *rows, cwd=visits)
        bits.append((tmp_path / "p.csv").read_bytes())
    assert bits[0] == bits[1]
    done = command.jubako(*given, "--resume", cwd=visits, before=FROM_DISK)
    assert done.returncode == 2
    assert "does not fit into memory, which --resume needs: train with --run" in done.stderr


def test_a_table_that_is_too_large_to_read_is_evaluated_and_explained_by_a_sample(visits):
    given = "test/2.parquet", "--target", "price", "--plain", "--epochs", "3", "--out", "m.jubako"
    assert command.jubako("train", *given, cwd=visits).returncode == 0
    none = "\nfrom jubako.cli import loading\nloading.available_memory = lambda: 0\n"
    for name in ("evaluate", "explain"):
        done = command.jubako(
            name, "m.jubako", "big", "--json", cwd=visits, before=FROM_DISK + none
        )
        assert done.returncode == 0, done.stderr
        notes = json.loads(done.stdout)["notes"]
        assert notes[0].startswith("This is a random sample of the 2000 rows")


def test_a_test_file_with_an_unknown_class_or_without_a_column_is_refused(visits, tmp_path):
    labels = [f"p{i % 3}" for i in range(300)]
    (tmp_path / "big").mkdir()
    size = np.arange(300.0)
    pq.write_table(pa.table({"size": size, "label": labels}), tmp_path / "big" / "0.parquet")
    pq.write_table(pa.table({"size": size[:9], "label": ["p9"] * 9}), tmp_path / "t.parquet")
    pq.write_table(pa.table({"label": labels}), tmp_path / "u.parquet")
    for test, words in (("t.parquet", "class 'p9', which 'big' lacks"), ("u.parquet", "'size'")):
        given = "big", "--target", "label", "--test", test
        done = command.jubako("train", *given, cwd=tmp_path, before=FROM_DISK)
        assert done.returncode == 3
        assert words in done.stderr
        assert len(done.stderr.strip().splitlines()) == 2  # after the estimate


def write(folder, *tables):
    for i, table in enumerate(tables):
        pq.write_table(pa.table(table), folder / f"part-{i:02}.parquet")
    return folder


SAME = {"size": [1.0, 2.5, 3.0, 4.0] * 5, "y": [1.5, 2.5, 3.5, 4.25] * 5}
OTHERS = {
    "another column": ({**SAME, "more": [0] * 20}, "part-00.parquet' has no column 'more'"),
    "a column less": ({"y": SAME["y"]}, "part-17.parquet' has no column 'size'"),
    "another type": ({**SAME, "size": ["1"] * 20}, "type string in '.*part-17.parquet'"),
    "no rows": ({"size": pa.array([], pa.float64()), "y": pa.array([], pa.float64())}, "no rows"),
}


@pytest.mark.parametrize("case", OTHERS)
def test_the_file_that_differs_is_named(case, tmp_path):
    table, words = OTHERS[case]
    write(tmp_path, *[SAME] * 17, table)
    done = command.jubako("train", tmp_path, "--target", "y", "--out", tmp_path / "m")
    assert done.returncode == 3
    assert re.search(words, done.stderr)
    assert len(done.stderr.strip().splitlines()) == 1


def test_an_empty_file_and_an_empty_folder_are_named(tmp_path):
    write(tmp_path, *[SAME] * 3)
    (tmp_path / "part-01.parquet").write_bytes(b"")
    done = command.jubako("check", tmp_path)
    assert done.returncode == 3
    assert "part-01.parquet' is empty" in done.stderr
    (tmp_path / "none").mkdir()
    done = command.jubako("check", tmp_path / "none")
    assert done.returncode == 3
    assert "There is no file in" in done.stderr


def test_a_folder_that_fits_is_trained_and_predicted_as_one_table(tmp_path):
    write(tmp_path, *[SAME] * 3)
    out = tmp_path / "m.jubako"
    done = command.jubako("train", tmp_path, "--target", "y", "--preset", "fast", "--out", out)
    assert done.returncode == 0, done.stderr
    assert "3 files: Parquet, 60 rows" in done.stderr
    done = command.jubako("predict", out, f"{tmp_path}/*.parquet")
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.split()) == 61
