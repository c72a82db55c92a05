"""Categorical columns: one input for each level, or a code; and the order of their levels."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute

from jubako.core.activations import Array
from jubako.data.casting.reading import CATEGORICAL, Reading
from jubako.data.casting.values import as_texts
from jubako.i18n.messages import Message

from .base import CONSTANT, Dropped
from .numeric import FEW_ROWS

pc: Any = pyarrow.compute  # its functions are made at run time, unseen by type checkers

MOST_PLACES = 100  # levels of a category that get a place of their own
MOST_CODES = 30_000  # levels that get a code of their own
RARE = 3  # rows that a level needs for that
TEXT = Message("text, distinct in nearly every row")


@dataclass(frozen=True)
class Categorical:
    """One-hot encoding: 1 in the place of the value's level, else 0.

    The last two places, where there are such, are for levels that are rare or new, and for missing
    values.
    """

    name: str
    levels: tuple[str, ...]
    rare: bool = False
    missing: bool = False
    reading: Reading = CATEGORICAL
    kind: ClassVar[str] = "categorical"
    reading_kind: ClassVar[str] = "categorical"

    @property
    def n_inputs(self) -> int:
        return len(self.levels) + self.rare + self.missing

    @property
    def input_names(self) -> tuple[str, ...]:
        return (
            *(f"{self.name}={level}" for level in self.levels),
            *([Message("{name} rare", name=self.name)] * self.rare),
            *([Message("{name} missing", name=self.name)] * self.missing),
        )

    def encode(self, values: pa.ChunkedArray, out: Array, quantiles: bool = False) -> None:
        out[...] = 0
        codes = self.codes(values)
        rows = np.flatnonzero(codes)
        out[rows, codes[rows] - 1] = 1

    def codes(self, values: pa.ChunkedArray) -> Array:
        """Return the place of each value, counted from 1, shape (N,); 0 where it has none."""
        texts = as_texts(values, self.name)
        found = pc.index_in(texts, value_set=pa.array(self.levels, pa.string()))
        codes = np.asarray(pc.fill_null(found, -1).to_numpy(), np.intp) + 1
        gone = np.asarray(pc.is_null(texts).to_numpy(zero_copy_only=False), bool)
        if self.rare:
            codes[(codes == 0) & ~gone] = len(self.levels) + 1
        if self.missing:
            codes[gone] = self.n_inputs
        return codes

    def describe(self) -> str:
        shown = ", ".join(self.levels[:4]) + (", ..." if len(self.levels) > 4 else "")
        if self.rare:
            return Message(
                "categorical, {n} levels and rare ones: {shown}", n=len(self.levels), shown=shown
            )
        return Message("categorical, {n} levels: {shown}", n=len(self.levels), shown=shown)


@dataclass(frozen=True)
class Ordinal:
    """The place of a level in the order of an ordered category, from -1.5 to 1.5; 0 if it has none.

    It comes in addition to the `Categorical` of the same column.
    """

    name: str
    reading: Reading  # with at least two levels
    kind: ClassVar[str] = "ordinal"
    reading_kind: ClassVar[str] = "categorical"

    def __post_init__(self) -> None:
        if len(self.reading.levels) < 2:
            raise ValueError(Message("There are no levels that could be in order."))

    @property
    def n_inputs(self) -> int:
        return 1

    @property
    def input_names(self) -> tuple[str, ...]:
        return (Message("{name} order", name=self.name),)

    def encode(self, values: pa.ChunkedArray, out: Array, quantiles: bool = False) -> None:
        levels = self.reading.levels
        found = pc.index_in(as_texts(values, self.name), value_set=pa.array(levels, pa.string()))
        places = np.asarray(pc.cast(found, pa.float64()).to_numpy(), float)
        out[:, 0] = np.nan_to_num(3 * places / (len(levels) - 1) - 1.5)

    def describe(self) -> str:
        levels = self.reading.levels
        return Message(
            "ordinal, {n} levels: {first} < ... < {last}",
            n=len(levels),
            first=levels[0],
            last=levels[-1],
        )


def fit_categorical(
    name: str, values: pa.ChunkedArray, reading: Reading, codes: bool = False
) -> Categorical | Dropped:
    """Fit a column of texts: its most frequent levels, of which there may be more with `codes`."""
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
    return Categorical(name, kept, len(kept) < len(levels), missing, reading)
