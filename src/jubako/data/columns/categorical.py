"""Categorical columns: one input per level, or a code; and the rank of ordered levels."""

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa

from jubako.core.activations import Array
from jubako.data.arrow_compute import pc
from jubako.data.casting.reading import CATEGORICAL, Reading
from jubako.data.casting.values import as_texts
from jubako.i18n.messages import Message

from .base import CONSTANT, MISSING, Distribution, Dropped
from .numeric import FEW_ROWS

MOST_PLACES = 100  # maximum number of levels with one-hot encoding
MOST_CODES = 30_000  # maximum number of levels with codes
UNKNOWN = "\0"  # a text that is no level
RARE = 3  # minimum number of rows of a level
TEXT = Message("text, distinct in nearly every row")

OTHER_LEVELS = "Levels that were not seen in training are treated as unknown."


@dataclass(frozen=True)
class Categorical:
    """A categorical column: one-hot encoding, 1 for the level of the row, else 0.

    The last two inputs, if they exist, are for rare or unknown levels, and for missing values.

    Parameters
    ----------
    name : str
    levels : tuple of str
    rare : bool
        Whether there is an input for rare and unknown levels.
    missing : bool
        Whether there is an input for missing values.
    reading : Reading
    counts : tuple of int
        The number of training rows of each level, for comparison with other tables; empty for
        models of earlier versions.

    Raises
    ------
    ValueError
        If the counts are not of these levels.
    """

    name: str
    levels: tuple[str, ...]
    rare: bool = False
    missing: bool = False
    reading: Reading = CATEGORICAL
    counts: tuple[int, ...] = field(default=(), compare=False)
    kind: ClassVar[str] = Message("categorical")
    reading_kind: ClassVar[str] = "categorical"

    def __post_init__(self) -> None:
        if self.counts and (len(self.counts) != len(self.levels) or min(self.counts) < 1):
            raise ValueError(Message("The counts do not fit the levels."))

    @property
    def n_inputs(self) -> int:
        """The number of levels, plus one each for rare levels and missing values."""
        return len(self.levels) + self.rare + self.missing

    @property
    def input_names(self) -> tuple[str, ...]:
        """The name of each input: "column=level", then rare and missing ones."""
        return (
            *(f"{self.name}={level}" for level in self.levels),
            *([Message("{name} rare", name=self.name)] * self.rare),
            *([Message("{name} missing", name=self.name)] * self.missing),
        )

    def encode(self, values: pa.ChunkedArray, out: Array, quantiles: bool = False) -> None:
        """Write the one-hot encoding of the values into out (N, n_inputs)."""
        out[...] = 0
        codes = self.codes(values)
        rows = np.flatnonzero(codes)
        out[rows, codes[rows] - 1] = 1

    def codes(self, values: pa.ChunkedArray) -> Array:
        """Return the number of each value's input, from 1, shape (N,); 0 for none."""
        texts = as_texts(values, self.name)
        found = pc.index_in(texts, value_set=array_of(self.levels))
        if not found.null_count:  # no value is unknown or missing
            return np.asarray(found.to_numpy(), np.intp) + 1
        codes = np.asarray(pc.fill_null(found, -1).to_numpy(), np.intp) + 1
        is_missing = np.asarray(pc.is_null(texts).to_numpy(zero_copy_only=False), bool)
        if self.rare:
            codes[(codes == 0) & ~is_missing] = len(self.levels) + 1
        if self.missing:
            codes[is_missing] = self.n_inputs
        return codes

    def sizes(self, values: pa.ChunkedArray) -> None:
        """Return None: the levels have no order."""
        return None

    def numbers(self, values: pa.ChunkedArray) -> None:
        """Return None: the levels have no order."""
        return None

    def distribution(self) -> Distribution:
        """Return the levels with their counts."""
        return Distribution(self.missing, self.levels, self.counts, has_rare_levels=self.rare)

    def sample(self, n: int, rng: np.random.Generator) -> pa.Array:
        """Draw n levels with equal probability, and missing values if some were in training."""
        texts = [*self.levels, *([UNKNOWN] * self.rare)]
        is_missing = self.missing & (rng.random(n) < MISSING)
        return pa.array(
            [texts[i] for i in rng.integers(len(texts), size=n)], pa.string(), mask=is_missing
        )

    def typical(self) -> pa.Array:
        """Return a missing value, shape (1,)."""
        return pa.nulls(1)

    def describe(self) -> str:
        """Return the number of levels, and the first four."""
        shown = ", ".join(self.levels[:4]) + (", ..." if len(self.levels) > 4 else "")
        if len(self.levels) == 1 and self.rare:
            return Message("categorical, 1 level and rare ones: {shown}", shown=shown)
        if len(self.levels) == 1:
            return Message("categorical, 1 level: {shown}", shown=shown)
        if self.rare:
            return Message(
                "categorical, {n} levels and rare ones: {shown}", n=len(self.levels), shown=shown
            )
        return Message("categorical, {n} levels: {shown}", n=len(self.levels), shown=shown)

    def json_schema(self) -> dict[str, Any]:
        """Return the JSON schema of a value: the levels and null, or another level."""
        levels = [*(self.reading.levels or self.levels), None]
        other = {"type": ["string", "number", "boolean"], "description": OTHER_LEVELS}
        return {"anyOf": [{"enum": levels}, other]}


@lru_cache(maxsize=1024)
def array_of(levels: tuple[str, ...]) -> pa.Array:
    """Return levels as an Arrow array, which is kept for the next rows."""
    return pa.array(levels, pa.string())


@dataclass(frozen=True)
class Ordinal:
    """The rank of the level of an ordered category, scaled to [-1.5, 1.5]; 0 if it is unknown.

    It complements the `Categorical` of the same column.

    Parameters
    ----------
    name : str
    reading : Reading
        With at least two levels.

    Raises
    ------
    ValueError
        If there are fewer.
    """

    name: str
    reading: Reading
    kind: ClassVar[str] = Message("ordinal")
    reading_kind: ClassVar[str] = "categorical"

    def __post_init__(self) -> None:
        if len(self.reading.levels) < 2:
            raise ValueError(Message("There are no levels that could be in order."))

    @property
    def n_inputs(self) -> int:
        """The number of inputs of the network: 1."""
        return 1

    @property
    def input_names(self) -> tuple[str, ...]:
        """The column name with "order"."""
        return (Message("{name} order", name=self.name),)

    def encode(self, values: pa.ChunkedArray, out: Array, quantiles: bool = False) -> None:
        """Write the scaled rank of each level into out (N, 1); 0 if it is unknown."""
        levels = self.reading.levels
        found = pc.index_in(as_texts(values, self.name), value_set=pa.array(levels, pa.string()))
        places = np.asarray(pc.cast(found, pa.float64()).to_numpy(), float)
        out[:, 0] = np.nan_to_num(3 * places / (len(levels) - 1) - 1.5)

    def sizes(self, values: pa.ChunkedArray) -> None:
        """Return None: `Categorical` describes the same column."""
        return None

    def numbers(self, values: pa.ChunkedArray) -> None:
        """Return None: `Categorical` describes the same column."""
        return None

    def distribution(self) -> Distribution:
        """Return the declared levels, which are all that there can be."""
        return Distribution(levels=self.reading.levels, is_complete=True)

    def sample(self, n: int, rng: np.random.Generator) -> pa.Array:
        """Draw n levels with equal probability."""
        return pa.array(
            [self.reading.levels[i] for i in rng.integers(len(self.reading.levels), size=n)]
        )

    def typical(self) -> pa.Array:
        """Return a missing value, shape (1,)."""
        return pa.nulls(1)

    def describe(self) -> str:
        """Return the number of levels, the first and the last."""
        levels = self.reading.levels
        return Message(
            "ordinal, {n} levels: {first} < ... < {last}",
            n=len(levels),
            first=levels[0],
            last=levels[-1],
        )

    def json_schema(self) -> dict[str, Any]:
        """Return the JSON schema of a value: a text or null."""
        return {"type": ["string", "null"]}


def fit_categorical(
    name: str, values: pa.ChunkedArray, reading: Reading, codes: bool = False
) -> Categorical | Dropped:
    """Fit a categorical column to the most frequent levels.

    Parameters
    ----------
    name : str
    values : pyarrow.ChunkedArray, shape (N,)
    reading : Reading
    codes : bool
        Whether levels are encoded as codes: then there may be more of them.

    Returns
    -------
    Categorical or Dropped
        Dropped if constant, or if it is text that is distinct in nearly every row.
    """
    counts = as_texts(values, name).drop_null().value_counts()
    levels = dict(zip(counts.field(0).to_pylist(), counts.field(1).to_pylist(), strict=True))
    n_rows, missing = len(values), values.null_count > 0
    if len(levels) == 1 and not missing:
        return Dropped(name, CONSTANT)
    common = [level for level, count in levels.items() if count >= RARE]
    common.sort(key=lambda level: (-levels[level], level))
    if n_rows > FEW_ROWS and not common:
        return Dropped(name, TEXT)
    kept = tuple(sorted(common[: MOST_CODES if codes else MOST_PLACES] or list(levels)))
    kept_counts = tuple(levels[level] for level in kept)
    return Categorical(name, kept, len(kept) < len(levels), missing, reading, kept_counts)
