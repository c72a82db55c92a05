"""Time and peak memory of training on more and more rows, from disk, under a limit of memory.

    python bench/scale.py FOLDER --rows 1e4 1e5 1e6 1e7 2e7 --limit 3 --seconds 60

Writes a table of 16 numeric and 4 categorical columns for each size into FOLDER, as Parquet files
of a million rows, and trains on it in a process of its own that gets `--limit` GiB of address
space. Reading and encoding take all rows; the first candidate, of two networks, is then trained for
`--seconds` or one pass, which gives the time that a pass takes for a row. Times are those of the
processor, all threads together, which other programs on the machine change little.
"""

import argparse
import json
import resource
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

IN_FILE = 1_000_000  # rows
PASSES = 12  # over the rows, of each candidate
HEAD = "rows      parquet  encoded     read   encode      pass     peak    fast fit"
UNIT = "               MB       MB   us/row   us/row    us/row      MiB  processor s"


def write_table(folder: Path, n_rows: int) -> None:
    """Write a table of 20 columns and a target, unless it is there."""
    if folder.exists():
        return
    folder.mkdir(parents=True)
    levels = pa.array([f"k{i}" for i in range(50)])
    for i, start in enumerate(range(0, n_rows, IN_FILE)):
        rng, n = np.random.default_rng(i), min(IN_FILE, n_rows - start)
        x, codes = rng.normal(size=(n, 16)).astype(np.float32), rng.integers(0, 50, (n, 4))
        y = x[:, 0] * x[:, 1] + np.sin(2 * x[:, 2]) + x[:, 3] + 0.1 * codes[:, 0]
        columns = {f"x{j}": x[:, j] for j in range(16)}
        columns |= {f"c{j}": levels.take(pa.array(codes[:, j])) for j in range(4)}
        columns["y"] = y + codes[:, 1] % 3 + 0.3 * rng.normal(size=n)
        pq.write_table(pa.table(columns), folder / f"{i:05}.parquet")


def measure(folder: Path, limit: float, seconds: float) -> dict[str, float]:
    """Train on a table in this process, and return what it took."""
    n_bytes = int(limit * 2**30)
    resource.setrlimit(resource.RLIMIT_AS, (n_bytes, n_bytes))
    from jubako.data.table_files import open_files
    from jubako.search.candidates import CANDIDATES
    from jubako.search.config import SearchConfig
    from jubako.search.crossval import cross_validate
    from jubako.search.first_pass import prepare_files
    from jubako.training.engines.native.engine import best_engine

    began = time.process_time()
    prepared = prepare_files(open_files(folder), "y")
    read = time.process_time()
    with TemporaryDirectory(dir=folder.parent) as encoded_in:
        config = SearchConfig("fast", task="regress")
        inputs = prepared.encode(Path(encoded_in), config)
        encoded, end = time.process_time(), time.perf_counter() + seconds
        windows = inputs.rows.windows
        first, *_ = cross_validate(
            CANDIDATES[0],
            inputs.rows,
            best_engine(),
            epochs=windows.n_windows,
            observe=lambda _: time.perf_counter() > end,
        )
        trained = time.process_time()
        n_bytes = (Path(encoded_in) / "encoded").stat().st_size
    return {
        "rows": prepared.n_rows,
        "parquet": sum(path.stat().st_size for path in folder.iterdir()),
        "encoded": n_bytes,
        "read": (read - began) / prepared.n_rows,
        "encode": (encoded - read) / prepared.n_rows,
        "pass": (trained - encoded) / first.fitted.epochs / windows.n_in_window,
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    }


def line(found: dict[str, float]) -> str:
    """Return a line of the table."""
    each = found["read"] + found["encode"] + PASSES * found["pass"]  # the linear one takes little
    return (
        f"{found['rows']:<9.0e}{found['parquet'] / 1e6:8.0f} {found['encoded'] / 1e6:8.0f} "
        f"{found['read'] * 1e6:8.2f} {found['encode'] * 1e6:8.2f} {found['pass'] * 1e6:9.2f} "
        f"{found['peak'] / 2**20:8.0f} {each * found['rows']:12.0f}"
    )


def main() -> None:
    """Measure each size in a process of its own, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rows", type=float, nargs="+", default=[1e4, 1e5, 1e6])
    parser.add_argument("--limit", type=float, default=3, help="GiB of address space")
    parser.add_argument("--seconds", type=float, default=60, help="of training")
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        print(json.dumps(measure(given.folder, given.limit, given.seconds)))
        return
    print(HEAD, UNIT, sep="\n", flush=True)
    for n_rows in map(int, given.rows):
        folder = given.folder / str(n_rows)
        write_table(folder, n_rows)
        command = [sys.executable, __file__, str(folder), "--one", f"--limit={given.limit}"]
        command += [f"--seconds={given.seconds}"]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
        print(line(json.loads(done.stdout)), flush=True)


if __name__ == "__main__":
    main()
