"""A table in files, prepared for the search: readings, schema and target coding."""

import json
import time
import warnings
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from jubako.core.activations import Array
from jubako.core.losses import CrossEntropy, SquaredError
from jubako.data.casting.reading import Reading
from jubako.data.column_encoding import n_continuous, n_inputs
from jubako.data.dataset import Dataset
from jubako.data.held_out_rows import RowRange
from jubako.data.table_files import TableFiles
from jubako.data.target import ClassTarget, NumericTarget
from jubako.data.target_column import Task
from jubako.data.weight_column import WeightColumn
from jubako.i18n.messages import Message
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
