"""The rows of `jubako train` where a table does not fit into memory: read from disk in batches."""

import os

import numpy as np

from jubako.data.dataset import Dataset, Prepared, with_target
from jubako.data.errors import TableError
from jubako.data.memory import available_memory
from jubako.data.readers.builtin import BUILT_IN
from jubako.data.readers.files import find_files, is_several
from jubako.data.table_files import TableFiles, sample_of
from jubako.data.table_size import TableSize, estimated_size, in_gib
from jubako.data.target import ClassTarget
from jubako.data.target_column import SIGNS
from jubako.i18n.messages import Message
from jubako.search.prepared_files import PreparedFiles, prepare_files

from .console import err
from .errors import UsageError
from .output_files import check_output
from .table_options import TextFormat
from .train_data import TrainData, check_earlier, read
from .train_options import TrainOptions, fraction, is_file

MOST_TESTED = 100_000  # rows of the test set, which is in memory
SMALL = 2**23  # bytes of files that are always read into memory
SHOWN = 2**30  # bytes of memory from which the estimate is shown


def read_in_memory_or_not(options: TrainOptions) -> TrainData:
    """Read the table into memory if it fits, or else prepare it to be read from disk."""
    size = size_of(options.data, options.text)
    if size and (size.n_bytes > SHOWN or not size.fits):
        err.print(about(size, options.data))
    return read(options) if size is None or size.fits else read_from_disk(options)


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


def read_from_disk(options: TrainOptions) -> TrainData:
    """Read all rows once, without keeping them, and a sample of the test rows."""
    share = test_fraction(options)
    check_output(options.path, [options.data])
    keep = {options.target: SIGNS} if options.target else {}
    files = options.text.files(options.data, keep)
    test_files, files = files.part(0, share, options.seed), files.part(share, 1, options.seed)
    prepared = prepare_files(files, options.target, options.task, options.types)
    check_earlier(options.path, prepared.target, options)
    return TrainData(
        prepared.sample,
        test_rows(test_files, prepared, options.seed),
        None,
        prepared.target,
        Prepared(prepared.sample, prepared.task, prepared.readings, prepared.target_reading, 0, []),
        prepared.n_rows,
        Message("{n} files", n=len(files.files)),
        prepared.notes,
        prepared,
    )


def test_fraction(options: TrainOptions) -> float:
    """Return the fraction of the rows in the test set.

    Raises
    ------
    UsageError
        If an option needs the table in memory.
    """
    given = {
        "--plain": options.single_network,
        "--val": options.val,
        "--groups": options.groups,
        "--order-by": options.order_by,
        "--test FILE": is_file(options.test),
    }
    for option, value in given.items():
        if value:
            raise UsageError(
                Message(
                    "{data!r} does not fit into memory, which {option} needs: leave it out, or "
                    "train on fewer files.",
                    data=options.data,
                    option=option,
                )
            )
    return fraction(options.test)


def test_rows(files: TableFiles, prepared: PreparedFiles, seed: int) -> Dataset:
    """Return a sample of the rows of the test set that have a target of the model.

    Raises
    ------
    TableError
        If there are none, or one can't be read.
    """
    sample, coding = sample_of(files, MOST_TESTED, seed), prepared.coding
    classes = coding.classes if isinstance(coding, ClassTarget) else None
    with sample.named():
        rows, _ = with_target(
            sample.table, prepared.target, prepared.task, classes, prepared.target_reading
        )
    if classes is not None:
        rows = rows.take(np.flatnonzero(np.isin(rows.target, classes)))
    if not len(rows.target):
        raise TableError(Message("{name!r} has too few rows.", name=files.name))
    return rows
