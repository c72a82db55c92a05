"""The rows of `jubako train` if a table does not fit into memory: read from disk in batches."""

import time
from dataclasses import replace

import numpy as np
import pyarrow as pa

from jubako.data.column_encoding import check_names
from jubako.data.dataset import Dataset, Prepared, with_target
from jubako.data.errors import TableError
from jubako.data.held_out_rows import ALL_ROWS, RowRange
from jubako.data.split_files import split_files
from jubako.data.table_files import TableFiles, sample_of
from jubako.data.target import ClassTarget
from jubako.data.target_column import SIGNS, find_target
from jubako.estimators.file_inputs import READ_SHARE, VALIDATION
from jubako.i18n.messages import Message
from jubako.search.first_pass import prepare_files
from jubako.search.prepared_files import PreparedFiles

from .console import err
from .errors import UsageError
from .large_tables import about, is_worth_showing, size_of
from .output_files import check_output
from .train_data import TrainData, check_earlier, check_others, check_roles, read, words_of
from .train_options import TrainOptions, fraction, is_file, seconds

MOST_TESTED = 100_000  # rows of the test set, which is in memory


def read_in_memory_or_not(options: TrainOptions) -> TrainData:
    """Read the table into memory if it fits, or else prepare it to be read from disk."""
    size = size_of(options.data, options.text)
    if size and is_worth_showing(size):
        err.print(about(size, options.data))
    return read(options) if size is None or size.fits else read_from_disk(options)


def read_from_disk(options: TrainOptions) -> TrainData:
    """Read all rows once, without keeping them, and a sample of the test rows."""
    check_supported(options)
    began, limit = time.perf_counter(), None if options.run else seconds(options.time)
    given = [file for file in (options.test, options.val) if file and is_file(file)]
    check_output(options.path, [options.data, *given])
    keep = {options.target: SIGNS} if options.target else {}
    files = options.text.files(options.data, keep)
    check_roles(options, first_rows(files))

    def in_time(part: TableFiles, share: float) -> TableFiles:
        return part if limit is None else part.until(began + share * limit, options.seed)

    files = in_time(files, READ_SHARE / 2)
    test_range, val, rows = ranges(options, files)
    train = in_time(files.part(rows), READ_SHARE)
    if options.val and is_file(options.val):
        val = options.text.files(options.val, keep)
        roles = options.groups, options.weights
        names = [name for name in first_rows(train).column_names if name not in roles]
        check_names(names, first_rows(val), options.val)
    prepared = prepare_files(
        train,
        options.target,
        options.task,
        options.types,
        options.weights,
        val,
        codes=not options.single_network,
    )
    check_earlier(options.path, prepared.target, options)
    found = Prepared(
        prepared.sample, prepared.task, prepared.readings, prepared.target_reading, 0, []
    )
    test_files = files.part(test_range) if test_range else None
    if test_files is None:
        classes = prepared.coding.classes if isinstance(prepared.coding, ClassTarget) else None
        keep = {prepared.target: words_of(classes)} if classes is not None else {}
        test_files = options.text.files(options.test, keep)
    test = test_rows(in_time(test_files, 1.5 * READ_SHARE), prepared, found, options)
    return TrainData(
        prepared.sample,
        test,
        None,
        prepared.target,
        found,
        prepared.n_rows,
        Message("{n} files", n=len(files.files)),
        prepared.notes,
        prepared,
        time.perf_counter() - began,
    )


def check_supported(options: TrainOptions) -> None:
    """Refuse `--resume`, which needs the table in memory.

    Raises
    ------
    UsageError
        If it is given.
    """
    if options.resume:
        raise UsageError(
            Message(
                "{data!r} does not fit into memory, which {option} needs: train with --run, which "
                "continues a training also from disk.",
                data=options.data,
                option="--resume",
            )
        )


def first_rows(files: TableFiles) -> pa.Table:
    """Return some rows of a table.

    Raises
    ------
    TableError
        If there are none.
    """
    first = next(iter(files.part(ALL_ROWS)), None)
    if first is None:
        raise TableError(Message("{name!r} has no rows.", name=files.name))
    return first.table


def ranges(
    options: TrainOptions, files: TableFiles
) -> tuple[RowRange | None, RowRange | None, RowRange]:
    """Return which rows are for the test, for validation, and for training with validation.

    By groups or times, some rows validate networks even if that is not asked for.
    """
    shares = dict[str, float]()
    if not is_file(options.test):
        shares["test"] = fraction(options.test)
    if options.val and not is_file(options.val):
        shares["val"] = fraction(options.val)
    elif not options.val and (options.groups or options.order_by):
        shares["val"] = VALIDATION
    *cut, rest = split_files(
        files, options.groups, options.order_by, list(shares.values()), options.seed
    )
    parts = dict(zip(shares, cut, strict=True))
    test, val = parts.get("test"), parts.get("val")
    return test, val, replace(rest, low=val.low) if val else rest


def test_rows(
    files: TableFiles, prepared: PreparedFiles, found: Prepared, options: TrainOptions
) -> Dataset:
    """Return a sample of the rows of the test set that have a target.

    Those of classes that no training row has are left out, and refused in a file of their own.

    Raises
    ------
    TableError
        If there are none, or one can't be read.
    """
    sample, coding = sample_of(files, MOST_TESTED, options.seed), prepared.coding
    classes = coding.classes if isinstance(coding, ClassTarget) else None
    find_target(sample.table, files.name, prepared.target)
    with sample.named():
        rows, _ = with_target(
            sample.table, prepared.target, prepared.task, classes, prepared.target_reading
        )
    names = list(prepared.schema.features.names)
    if is_file(options.test):
        check_others(rows, names, classes, found, options.test, options.data)
    elif classes is not None:
        rows = rows.take(np.flatnonzero(np.isin(rows.target, classes)))
    if not len(rows.target):
        raise TableError(Message("{name!r} has too few rows.", name=files.name))
    return replace(rows, table=rows.table.select(names))
