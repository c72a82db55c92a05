"""Reading of uploaded files, in a separate process.

No file can take the lab down with it: the process has limits of time and memory. It is run as
`python -m jubako.lab.uploads FILE RESULT`, in a fresh folder of both.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path, PurePosixPath
from typing import Any

import pyarrow as pa

from jubako.data.errors import TableError
from jubako.data.readers.read import read_table
from jubako.i18n.messages import Message
from jubako.model.schema_json import plain_value, reading_from_plain

from .uploaded_table import UploadedTable, prepare_upload

REFUSED = 3  # the exit code where the file is no table that can be used
SECONDS = 60
MEMORY = 8 << 30  # bytes of address space, of which most is never used
MAX_COLUMNS = 2000
LONGEST_NAME = 100  # characters
UPLOAD = "upload.bin"  # what the file is called while it is read


def shown_name(name: str) -> str:
    """Return the name shown for an uploaded file: the last part of its path, shortened.

    >>> shown_name("data/a.csv"), shown_name("/")
    ('a.csv', 'table')
    """
    last = PurePosixPath(name.replace("\\", "/")).name
    printable = "".join(c if c.isprintable() else " " for c in last)
    return printable[:LONGEST_NAME].strip(". ") or "table"


def read_upload(name: str, content: bytes) -> UploadedTable:
    """Read a table from the bytes of a file.

    The file is kept under a fixed name, since the user's may mean something else to the
    reader ("-", "iris") or be none that the system takes. Only messages know the user's.

    Raises
    ------
    TableError
        If it holds no table, or takes too long or too much memory.
    """
    name = shown_name(name)
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, UPLOAD).write_bytes(content)
        try:
            done = subprocess.run(
                [sys.executable, "-m", "jubako.lab.uploads", UPLOAD, "result"],
                cwd=folder,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise TableError(
                Message("{name!r} takes more than {n} seconds to read.", name=name, n=SECONDS)
            ) from None
        if done.returncode not in (0, REFUSED):
            raise TableError(
                Message("{name!r} can't be read here: it may need too much memory.", name=name)
            )
        words = json.loads(done.stdout)
        if done.returncode:
            raise TableError(renamed(from_plain(words), name))
        with pa.OSFile(str(Path(folder, "result"))) as file:
            table = pa.ipc.open_file(file).read_all()
    notes = tuple(renamed(from_plain(note), name) for note in words["notes"])
    readings = {name: reading_from_plain(plain) for name, plain in words["readings"].items()}
    return UploadedTable(
        name, table, from_plain(words["read_as"]), words["n_rows"], notes, readings
    )


def renamed(value: object, name: str) -> Any:
    """Return a sentence with the user's name of the file in place of ours."""
    if isinstance(value, Message):
        values = {key: renamed(item, name) for key, item in value.values.items()}
        return Message(value.pattern, **values)
    return value.replace(UPLOAD, name) if isinstance(value, str) else value


def main(name: str, result: str) -> int:
    """Read a file, and write the result. Return the exit code."""
    limit_memory()
    try:
        uploaded = prepare_upload(name, *read_table(name))
        if uploaded.table.num_columns > MAX_COLUMNS:
            raise TableError(
                Message(
                    "{name!r} has {n} columns: the lab takes {most} at most.",
                    name=name,
                    n=uploaded.table.num_columns,
                    most=MAX_COLUMNS,
                )
            )
    except TableError as error:
        print(json.dumps(to_plain(error.args[0])))
        return REFUSED
    with pa.OSFile(result, "wb") as file, pa.ipc.new_file(file, uploaded.table.schema) as writer:
        writer.write_table(uploaded.table)
    notes = [to_plain(note) for note in uploaded.notes]
    readings = {name: plain_value(reading) for name, reading in uploaded.readings.items()}
    words = {"read_as": to_plain(uploaded.read_as), "n_rows": uploaded.n_rows}
    print(json.dumps(words | {"notes": notes, "readings": readings}))
    return 0


def to_plain(value: Any) -> Any:
    """Describe a message with its values as JSON values."""
    if not isinstance(value, Message):
        return value if isinstance(value, str | int | float | None) else str(value)
    values = {name: to_plain(inner) for name, inner in value.values.items()}
    return {"pattern": value.pattern, "values": values}


def from_plain(words: object) -> Any:
    """Make the sentence that was described."""
    if not isinstance(words, dict):
        return words
    values = {name: from_plain(inner) for name, inner in words["values"].items()}
    return Message(words["pattern"], **values)


def limit_memory() -> None:
    """Limit the memory of this process, where the system supports it."""
    try:
        import resource
    except ImportError:  # Windows
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
