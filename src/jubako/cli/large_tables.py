"""Tables that may not fit into memory: their estimated size, and a sample of their rows."""

import os

from jubako.data.memory import available_memory
from jubako.data.readers.builtin import BUILT_IN
from jubako.data.readers.csv import Keep
from jubako.data.readers.files import find_files, is_several
from jubako.data.readers.read import TableFile
from jubako.data.table_files import sample_of
from jubako.data.table_size import TableSize, estimated_size, in_gib
from jubako.data.table_summary import SAMPLE
from jubako.i18n.messages import Message

from .table_options import TextFormat

SMALL = 2**23  # bytes of files that are always read into memory
SHOWN = 2**30  # bytes of memory from which the estimate is shown


def size_of(data: str, text: TextFormat) -> TableSize | None:
    """Return the estimated size of a table; None if it is small, or can be read only once."""
    if data in BUILT_IN or not (os.path.isfile(data) or is_several(data)):
        return None
    files = find_files(data) if is_several(data) else [data]
    if sum(map(os.path.getsize, files)) < SMALL:
        return None
    return estimated_size(text.files(data))


def about(size: TableSize, data: str) -> Message:
    """Return a sentence on the memory for training."""
    how = Message("in memory") if size.fits else Message("from disk")
    return Message(
        "{data}: about {n} rows, which take {need} of memory; {free} are free. Training {how}.",
        data=data,
        n=size.n_rows,
        need=in_gib(size.n_bytes),
        free=in_gib(available_memory()),
        how=how,
    )


def is_worth_showing(size: TableSize) -> bool:
    """Return whether the user should know the estimated size of a table."""
    return size.n_bytes > SHOWN or not size.fits


def read_or_sample(
    data: str, text: TextFormat, keep: Keep, size: TableSize | None, fits: bool
) -> TableFile:
    """Read a table, or a random sample of its rows if it does not fit into memory.

    Parameters
    ----------
    data : str
    text : TextFormat
    keep : mapping
        See `read_table`.
    size : TableSize or None
        Of the table.
    fits : bool
        Whether it fits into memory.

    Returns
    -------
    TableFile
        With a note on its size if it is large, and on the sample.

    Raises
    ------
    TableError
        If a file can't be read.
    """
    if fits or size is None:
        return text.table(data, keep)
    files = text.files(data, keep)
    table = sample_of(files, SAMPLE, seed=0).table
    note = Message(
        "This is a random sample of the {n} rows, which do not fit into memory.",
        n=sum(files.counts.values()),
    )
    return TableFile(table, Message("{n} files", n=len(files.files)), (note,))
