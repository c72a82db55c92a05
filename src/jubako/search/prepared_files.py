"""A table in files, prepared for the search: readings, schema and target coding."""

import json
import time
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pyarrow as pa

from jubako.core.activations import Array
from jubako.core.losses import CrossEntropy, SquaredError
from jubako.data.casting.reading import Reading, cast
from jubako.data.casting.values import as_numbers
from jubako.data.column_encoding import n_continuous, n_inputs
from jubako.data.columns.base import Column, Dropped
from jubako.data.columns.numeric import FEW_ROWS, IDENTIFIER, Numeric, are_row_numbers
from jubako.data.dataset import Dataset, prepare, with_target
from jubako.data.errors import TableError, rows_of_file
from jubako.data.held_out_rows import RowRange
from jubako.data.inference import Declared
from jubako.data.table_files import TableFiles
from jubako.data.table_summary import MOST_WORDS, TableSummary, summarize
from jubako.data.target import ClassTarget, NumericTarget
from jubako.data.target_column import Task, find_target
from jubako.data.weight_column import WeightColumn, find_weights
from jubako.i18n.messages import Message
from jubako.model.features import Features
from jubako.model.model_json import schema_to_plain
from jubako.model.schema import Schema
from jubako.model.target_json import target_to_plain

from .budget import ENCODE_SHARE, FIRST_SHARE, PILOT, rows_in_time
from .config import SearchConfig
from .encoded import encode_rows
from .encoded_cache import NAME, fingerprint_of, note_encoded, read_encoded
from .encoded_files import EncodedFile, FileEncoder, encode_files
from .metric import loss_function
from .row_file import RowFile
from .search import SearchInputs
from .windows import Windows

SAMPLE_SEED = 0
LATEST = 1.5  # times its share of the time, after which encoding ends
FEWEST = 1000  # rows that are encoded, whatever the time


@dataclass(frozen=True)
class PreparedFiles:
    """A table in files, with the decisions made in a pass over all rows.

    Parameters
    ----------
    files : TableFiles
    n_rows : int
        Number of rows, including those without a target.
    target : str
    task : {"classify", "regress"}
    readings : dict of str to Reading
        How the values of each column besides the target are read.
    target_reading : Reading
    coding : ClassTarget or NumericTarget
        The encoding of the target.
    class_counts : array, shape (n_classes,)
        Number of rows of each class; empty for regression.
    sample : Dataset
        Some of the rows.
    schema : Schema
        The encoding of the columns.
    notes : list of str
        One sentence for each ambiguity.
    weights : WeightColumn, optional
        Weights of the rows.
    val : RowRange, TableFiles or None
        The validation rows, among these or in other files. None: some at random.
    n_val : int
        Number of validation rows, if `val` is given.
    seconds : float
        Duration of the pass over all rows.
    """

    files: TableFiles
    n_rows: int
    target: str
    task: Task
    readings: dict[str, Reading]
    target_reading: Reading
    coding: ClassTarget | NumericTarget
    class_counts: Array
    sample: Dataset
    schema: Schema
    notes: list[str]
    weights: WeightColumn | None = None
    val: RowRange | TableFiles | None = None
    n_val: int = 0
    seconds: float = 0.0

    @property
    def w(self) -> Array:
        """The mean weight of the rows of each class, shape (n_classes,)."""
        coding, n = self.coding, len(self.class_counts)
        if self.weights is None or not isinstance(coding, ClassTarget):
            return np.ones(n)
        codes, w = coding.encode(self.sample.target)[:, 0], self.sample.w
        counts = np.bincount(codes, minlength=n)
        return np.where(counts, np.bincount(codes, w, n) / np.maximum(counts, 1), 1.0)

    @property
    def epochs_in_pass(self) -> int:
        """The estimated number of windows of the rows, each of which is an epoch."""
        columns = self.schema.columns
        n_again = n_continuous(columns) if self.schema.codes else 0
        width = n_inputs(columns, codes=self.schema.codes) + n_again + 2
        return Windows(RowFile(Path(), self.n_rows, width), 0, 0, 0, 0).n_windows

    def settings(self, class_weights: Array | None, seed: int) -> str:
        """Return how rows are encoded, for a fingerprint.

        Parameters
        ----------
        class_weights : array, shape (n_classes,), or None
        seed : int
        """
        plain = schema_to_plain(self.schema), target_to_plain(self.coding)
        counts = None if class_weights is None else class_weights.tolist()
        return repr(
            (json.dumps(plain), self.target, self.target_reading, self.weights, counts, seed)
        )

    def encode(self, folder: Path, config: SearchConfig) -> SearchInputs:
        """Read all rows again, and encode them into a file.

        Parameters
        ----------
        folder : Path
            Where the file is created, or found if it is in a run folder.
        config : SearchConfig

        Returns
        -------
        SearchInputs

        Raises
        ------
        TableError, OSError, ParameterError
            If a row can't be encoded, the disk is full, or the metric can't be used.
        """
        encoded, encoder, start = self.encoded(folder, config)
        rows, coding = encoded.rows(encoder, start, config.seed), self.coding_of(encoded)
        metric = loss_function(config.eval_metric, coding, rows.y.astype(np.float64), rows.w)
        n_left_out = self.n_rows - encoded.n_rows - encoded.n_left_out
        return SearchInputs(coding, self.schema, rows, metric, n_left_out)

    def coding_of(self, encoded: EncodedFile) -> ClassTarget | NumericTarget:
        """Return the encoding of the target, with its range in the encoded rows."""
        if isinstance(self.coding, NumericTarget):
            return self.coding.with_range(encoded.low, encoded.high)
        return self.coding

    def encoded(self, folder: Path, config: SearchConfig) -> tuple[EncodedFile, FileEncoder, Array]:
        """Return the file of encoded rows; see `encode`.

        Parameters
        ----------
        folder : Path
        config : SearchConfig

        Returns
        -------
        encoded : EncodedFile
        encoder : FileEncoder
        start : array, shape (n_out,)
            Output before training.
        """
        coding, weights, start = self.coding, None, np.zeros(1)
        if isinstance(coding, ClassTarget):
            codes, counts = np.arange(len(coding.classes))[:, None], self.class_counts * self.w
            if config.class_weight is not None:
                weights = coding.weights(codes, counts, config.class_weight)
                weights = weights / (weights @ counts / counts.sum())
            start = coding.constant_output(codes, counts * (1 if weights is None else weights))
        encoder = FileEncoder(
            self.schema.columns,
            self.target,
            coding,
            self.target_reading,
            self.sample.target,
            weights,
            self.weights,
            self.schema.codes,
        )
        files, share = self.in_time(encoder, start, config)
        n_others = self.n_rows if isinstance(self.val, TableFiles) else self.n_rows - self.n_val
        n_rows, path = (self.n_val, n_others), folder / NAME
        is_kept = config.run_dir is not None
        fingerprint = fingerprint_of(self.files, self.val, self.settings(weights, config.seed))
        encoded = read_encoded(folder, fingerprint) if is_kept else None
        if encoded is None:
            encoded = encode_files(files, self.val, n_rows, encoder, path, config.seed, share)
            encoded = note_encoded(encoded, fingerprint) if is_kept else encoded
        if encoded.n_left_out:
            n, total = encoded.n_left_out, encoded.n_left_out + encoded.n_rows
            warnings.warn(
                Message(
                    "{n} of {total} rows are dropped: the target {target!r} is missing.",
                    n=n,
                    total=total,
                    target=self.target,
                ),
                UserWarning,
                stacklevel=3,
            )
        return encoded, encoder, start

    def in_time(
        self, encoder: FileEncoder, start: Array, config: SearchConfig
    ) -> tuple[TableFiles, float]:
        """Choose how many rows are encoded in the time.

        They are all, or a random part, such that encoding takes a share of the time, and one epoch
        of the first candidate another. In a run folder they are always all, so that a resumed
        search has the same rows.

        Parameters
        ----------
        encoder : FileEncoder
        start : array, shape (n_out,)
            Output before training.
        config : SearchConfig

        Returns
        -------
        files : TableFiles
            With the time at which encoding ends.
        share : float
            Of the rows.
        """
        left = config.end - time.perf_counter()
        if left == np.inf or config.run_dir is not None or not encoder.codes:
            return self.files, 1.0
        part = self.sample.take(np.arange(min(PILOT, len(self.sample.target))))
        began = time.perf_counter()
        encoder.inputs(part.table)
        per_row = (time.perf_counter() - began) / len(part.target)
        n_encodable = max(0.0, ENCODE_SHARE * left - self.seconds) / per_row
        target = self.coding.encode(part.target, self.target)[:, :1].astype(np.float64)
        loss = CrossEntropy() if isinstance(self.coding, ClassTarget) else SquaredError()
        pilot = encode_rows(
            self.schema,
            replace(part, target=target, weights=None),
            loss,
            start,
            [np.arange(1)],
            config.seed,
        )
        seconds = FIRST_SHARE * (1 - ENCODE_SHARE) * left
        n = min(n_encodable, rows_in_time(pilot, seconds) / 2)  # by two networks
        end = time.perf_counter() + LATEST * ENCODE_SHARE * left
        return replace(self.files, end=end), min(1.0, max(n, FEWEST) / self.n_rows)


def prepare_files(
    files: TableFiles,
    target: str | None,
    wanted: str = "auto",
    column_types: Mapping[str, Declared] | None = None,
    weights: str | None = None,
    val: RowRange | TableFiles | None = None,
    codes: bool = True,
) -> PreparedFiles:
    """Read all rows once; decide how columns are read and encoded.

    Parameters
    ----------
    files : TableFiles
        Its column of groups, if any, is not an input.
    target : str or None
        None to detect it.
    wanted : {"auto", "classify", "regress"}
    column_types : mapping of str to type, optional
        Declared types by column name.
    weights : str, optional
        The column of sample weights, which is not an input.
    val : RowRange, TableFiles or None
        See `PreparedFiles`.
    codes : bool
        Whether categories are encoded as codes; else as one number for each level.

    Returns
    -------
    PreparedFiles

    Raises
    ------
    TableError
        If a file or a value can't be read, or the target can't be predicted; with file and row.
    """
    began = time.perf_counter()
    first = next(iter(files), None)
    if first is None:
        raise TableError(Message("{name!r} has no rows.", name=files.name))
    target = find_target(first.table, files.name, target)
    declared = column_types or {}
    categorical = [name for name, kind in declared.items() if kind == "categorical"]
    range_of_val = val if isinstance(val, RowRange) else None
    summary = summarize(files, target, categorical, SAMPLE_SEED, range_of_val)
    n_val = sum(len(batch.rows) for batch in val) if isinstance(val, TableFiles) else summary.n_val
    with summary.named():
        prepared = prepare(summary.table, target, wanted, declared)
        dataset, sample, weight_column = with_weights(prepared.dataset, summary, weights)
    notes = notes_of(summary, prepared.notes)
    if time.perf_counter() > files.end:
        notes.append(
            Message(
                "The time limit does not permit reading all rows: a part of the files is used, "
                "with {n} rows.",
                n=summary.n_rows,
            )
        )
    task, readings = prepared.task, {n: prepared.readings[n] for n in dataset.table.column_names}
    counts = np.empty(0, int)
    if task == "classify":
        check_few_values(summary, target)
        coding: ClassTarget | NumericTarget = ClassTarget.fit(dataset.target)
        counts = class_counts(summary, target, prepared.target_reading, coding.classes)
    else:
        coding = NumericTarget.fit(sample.target, sample.w)
    features = Features(tuple(dataset.table.column_names), named=True)
    schema = Schema.fit(features, dataset.table, readings, codes)
    return PreparedFiles(
        summary.files,
        summary.n_rows,
        target,
        task,
        readings,
        prepared.target_reading,
        coding,
        counts,
        sample,
        without_identifiers(schema, summary),
        notes,
        weight_column,
        val,
        n_val,
        time.perf_counter() - began,
    )


def with_weights(
    dataset: Dataset, summary: TableSummary, name: str | None
) -> tuple[Dataset, Dataset, WeightColumn | None]:
    """Split off the column of weights.

    Parameters
    ----------
    dataset : Dataset
        The rows of the sample, and those that complete it.
    summary : TableSummary
    name : str or None
        Column name.

    Returns
    -------
    dataset : Dataset
        The rows without that column.
    sample : Dataset
        The rows of the sample with weights > 0.
    weights : WeightColumn or None

    Raises
    ------
    TableError
        If a weight of the sample can't be read.
    """
    rows = np.arange(len(dataset.target)) if dataset.row_numbers is None else dataset.row_numbers
    sampled = np.flatnonzero(rows < len(summary.sample.rows))
    if name is None:
        return dataset, dataset.take(sampled), None
    sample = dataset.take(sampled)
    with rows_of_file(sample.row_numbers):
        weights = find_weights(sample.table, name)
        w = weights.read(sample.table) / weights.mean
    sample = replace(sample, table=sample.table.drop_columns([name]), weights=w)
    dataset = replace(dataset, table=dataset.table.drop_columns([name]))
    return dataset, sample.take(np.flatnonzero(w)), weights


def check_few_values(summary: TableSummary, target: str) -> None:
    """Check that a target has few enough different values for classes.

    Parameters
    ----------
    summary : TableSummary
    target : str

    Raises
    ------
    TableError
        If not.
    """
    if not summary.words[target].covers_all:
        raise TableError(
            Message(
                "The target {target!r} has more than {n} different values, too many for classes: "
                "choose another column.",
                target=target,
                n=MOST_WORDS,
            )
        )


def notes_of(summary: TableSummary, notes: Sequence[str]) -> list[str]:
    """Return the first note of each kind on a file, and those on columns, with file and row.

    Parameters
    ----------
    summary : TableSummary
    notes : sequence of str
        On columns.

    Returns
    -------
    list of str
    """
    on_files = dict[str, str]()
    for file, some in summary.files.notes.items():
        for note in some:
            kind = getattr(note, "pattern", note)
            on_files.setdefault(kind, Message("{file}: {note}", file=file, note=note))
    on_columns = [summary.located(note) for note in notes if not is_left_out(note)]
    return [*on_files.values(), *on_columns]


def is_left_out(note: str) -> bool:
    """Return whether a note counts rows without a target, of which a sample has only some."""
    return getattr(note, "pattern", "").startswith("{n} of {total} rows are dropped")


def class_counts(summary: TableSummary, target: str, reading: Reading, classes: Array) -> Array:
    """Return the number of rows of each class.

    Parameters
    ----------
    summary : TableSummary
    target : str
    reading : Reading
        How the target is read.
    classes : array, shape (n_classes,)

    Returns
    -------
    array of int, shape (n_classes,)
    """
    words = summary.words[target].counts
    kind = summary.sample.table.schema.field(target).type
    kind = kind.value_type if pa.types.is_dictionary(kind) else kind
    table = pa.table({target: pa.array(list(words), kind), "rows": pa.array(words.values())})
    labels, _ = with_target(table, target, "classify", classes, reading)
    codes = np.searchsorted(classes, labels.target)
    return np.bincount(codes, labels.table["rows"].to_numpy(), minlength=len(classes))


def without_identifiers(schema: Schema, summary: TableSummary) -> Schema:
    """Drop numeric columns that only number the rows, unless no column would be left.

    In a sample their values have gaps, but are as dense as row numbers of the whole table can be.

    Parameters
    ----------
    schema : Schema
    summary : TableSummary

    Returns
    -------
    Schema
    """
    table, kept, dropped = summary.sample.table, list[Column](), list(schema.dropped)
    for column in schema.columns:
        if isinstance(column, Numeric) and not column.missing and not column.reading.declared:
            numbers = as_numbers(cast(table[column.name], column.reading, column.name), column.name)
            if len(numbers) > FEW_ROWS and are_row_numbers(numbers, summary.n_rows):
                dropped.append(Dropped(column.name, IDENTIFIER))
                continue
        kept.append(column)
    return replace(schema, columns=kept, dropped=dropped) if kept else schema
