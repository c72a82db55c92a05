"""Reading what a learner has dropped on the page, in a process of its own.

No file can take the lab down with it: the process has limits of time and memory. It is run as
`python -m jubako.lab.reader FILE RESULT`, in the folder of both.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path, PurePosixPath
from typing import Any

import pyarrow as pa

from jubako.table.errors import TableError
from jubako.table.read import read_table
from jubako.table.sentence import Sentence

from .data import Own, own_table

REFUSED = 3  # the exit code where the file is no table that can be used
SECONDS = 60
MEMORY = 8 << 30  # bytes of address space, of which most is never used
MOST_COLUMNS = 2000


def read_upload(name: str, content: bytes) -> Own:
    """Read a table from the bytes of a file.

    Raises
    ------
    TableError
        If it holds no table, or takes too long or too much memory.
    """
    name = PurePosixPath(name.replace("\\", "/")).name[:100].strip(". ") or "table"
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "in").mkdir()
        Path(folder, "in", name).write_bytes(content)
        try:
            done = subprocess.run(
                [sys.executable, "-m", "jubako.lab.reader", name, "../result"],
                cwd=Path(folder, "in"), capture_output=True, timeout=SECONDS, check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            raise TableError(
                Sentence("{name!r} takes more than {n} seconds to read.", name=name, n=SECONDS)
            ) from None
        said = done.stdout.decode("utf-8", "replace").strip()
        if done.returncode not in (0, REFUSED):
            raise TableError(
                Sentence("{name!r} can't be read here: it may need too much memory.", name=name)
            )
        words = json.loads(said)
        if done.returncode:
            raise TableError(from_plain(words))
        with pa.OSFile(str(Path(folder, "result"))) as file:
            table = pa.ipc.open_file(file).read_all()
    return Own(name, table, from_plain(words["taken_for"]), words["n_rows"])


def main(name: str, result: str) -> int:
    """Read a file, and write what is kept of it. Return the exit code."""
    limit_memory()
    try:
        table, taken_for, _ = read_table(name)
        if table.num_columns > MOST_COLUMNS:
            raise TableError(
                Sentence(
                    "{name!r} has {n} columns: the lab takes {most} at most.",
                    name=name, n=table.num_columns, most=MOST_COLUMNS,
                )
            )  # fmt: skip
        own = own_table(name, table, taken_for)
    except TableError as error:
        print(json.dumps(to_plain(error.args[0])))
        return REFUSED
    with pa.OSFile(result, "wb") as file, pa.ipc.new_file(file, own.table.schema) as writer:
        writer.write_table(own.table)
    print(json.dumps({"taken_for": to_plain(own.taken_for), "n_rows": own.n_rows}))
    return 0


def to_plain(value: Any) -> Any:
    """Describe a sentence, and what is in it, as JSON can."""
    if not isinstance(value, Sentence):
        return value if isinstance(value, str | int | float | None) else str(value)
    values = {name: to_plain(inner) for name, inner in value.values.items()}
    return {"pattern": value.pattern, "values": values}


def from_plain(words: Any) -> Any:
    """Make the sentence that was described."""
    if not isinstance(words, dict):
        return words
    values = {name: from_plain(inner) for name, inner in words["values"].items()}
    return Sentence(words["pattern"], **values)


def limit_memory() -> None:
    """Let no more memory be taken, where the system can say so."""
    try:
        import resource
    except ImportError:  # Windows
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
