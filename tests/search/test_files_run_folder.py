"""Encoded rows of files in a run folder: kept, used again, and encoded again where need be."""

import os
import shutil
import signal
import subprocess
import sys
import textwrap

import pyarrow.parquet as pq
import pytest

from jubako import TabularRegressor
from jubako.search import encoded_files

from .test_files import from_disk, numbers, write_parts

__all__ = ["from_disk"]
X = numbers(200).drop_columns(["price"])


def fit(folder, run_dir, seed=0):
    model = TabularRegressor("fast", random_state=seed, run_dir=run_dir)
    return model.fit(folder, "price").predict(X)


def never(*_):
    raise AssertionError("rows are encoded again")


def test_a_resumed_search_uses_the_encoded_rows(tmp_path, from_disk, monkeypatch):
    folder, run = write_parts(tmp_path / "big", numbers(2000)), tmp_path / "run"
    first = fit(folder, run)
    assert (fit(folder, None) == first).all()
    assert sorted(file.name for file in (run / "rows").iterdir())[:2] == ["encoded", "encoded.json"]
    monkeypatch.setattr(encoded_files.FileEncoder, "encode", never)
    assert (fit(folder, run) == first).all()


@pytest.mark.parametrize("damage", ["a changed byte", "a cut file", "no description", "nonsense"])
def test_damaged_rows_are_encoded_again(damage, tmp_path, from_disk):
    folder, run = write_parts(tmp_path / "big", numbers(1000)), tmp_path / "run"
    first = fit(folder, run)
    path = run / "rows" / "encoded"
    content = path.read_bytes()
    if damage == "a changed byte":
        path.write_bytes(content[:-5] + b"\1" + content[-4:])
    elif damage == "a cut file":
        path.write_bytes(content[:1000])
    elif damage == "no description":
        path.with_name("encoded.json").unlink()
    else:
        path.with_name("encoded.json").write_text("[]")
    assert (fit(folder, run) == first).all()
    assert path.read_bytes() == content


def test_a_changed_file_is_encoded_again_and_refused(tmp_path, from_disk):
    folder, run = write_parts(tmp_path / "big", numbers(1000)), tmp_path / "run"
    fit(folder, run)
    pq.write_table(numbers(334).slice(1), folder / "part-1.parquet")
    with pytest.raises(ValueError, match="holds another run, which differs in"):
        fit(folder, run)


KILLED = """
    import os, signal, sys
    from jubako import TabularRegressor
    from jubako.data import table_files, table_size
    from jubako.search import encoded_files, row_file, windows
    table_size.TableSize.fits, windows.WINDOW, row_file.BUCKET = False, 2**16, 2**15
    encode, n = encoded_files.FileEncoder.encode, 0
    def killed(self, batch):
        global n
        n += 1
        if n == 2:
            os.kill(os.getpid(), signal.SIGKILL)
        return encode(self, batch)
    encoded_files.FileEncoder.encode = killed
    TabularRegressor("fast", random_state=0, run_dir=sys.argv[2]).fit(sys.argv[1], "price")
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
def test_a_search_killed_while_it_encodes_goes_on_with_the_same_bits(tmp_path, from_disk):
    folder, run = write_parts(tmp_path / "big", numbers(1000)), tmp_path / "run"
    command = [sys.executable, "-c", textwrap.dedent(KILLED), str(folder), str(run)]
    for _ in range(2):
        assert subprocess.run(command, timeout=300).returncode == -signal.SIGKILL
    assert (fit(folder, run) == fit(folder, None)).all()
    assert not [file for file in (run / "rows").iterdir() if file.name.endswith(".part")]


def test_files_may_vanish_while_networks_are_trained(tmp_path, from_disk):
    folder = write_parts(tmp_path / "big", numbers(1000))
    expected = fit(folder, None)
    model = TabularRegressor("fast", random_state=0)
    model.callbacks = [lambda _: shutil.rmtree(folder, ignore_errors=True)]
    assert (model.fit(folder, "price").predict(X) == expected).all()
    assert not folder.exists()


def test_encoded_rows_that_vanish_end_the_search_with_what_there_is(tmp_path, from_disk):
    folder, run = write_parts(tmp_path / "big", numbers(1000)), tmp_path / "run"

    def remove(progress):
        if progress.number == 2:
            (run / "rows" / "encoded").unlink(missing_ok=True)

    model = TabularRegressor("fast", random_state=0, run_dir=run, callbacks=[remove])
    with pytest.warns(UserWarning, match="can't be read any more"):
        model.fit(folder, "price")
    assert model.stopped_ == "disk"
    assert len(model.leaderboard_) == 1
