"""Columns: how each column of a table becomes numbers. What was fitted is plain data.

A kind of column is one class here and one line in `COLUMNS`. All numbers come out near 0 with a
spread near 1, which is what networks learn from best.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute
from scipy.special import ndtri

from jubako.core.activations import Array
from jubako.i18n.messages import Message

from .casting.date_column import Date, TimeOfDay, fit_date
from .casting.date_values import as_seconds, kind_of, seconds_of, typed_seconds
from .casting.reading import BOOLEAN, CATEGORICAL, DATE, NUMERIC, Reading, cast
from .casting.values import as_numbers, as_texts, plain
from .errors import TableError, nearest
from .inference import infer_table

pc: Any = pyarrow.compute  # its functions are made at run time, unseen by type checkers

MOST_PLACES = 100  # levels of a category that get a place of their own
MOST_CODES = 30_000  # levels that get a code of their own
MOST_KNOTS = 256  # values that say where a number ranks
TOGETHER = 4  # numbers of which such a value is at least the mean
LARGEST = float(np.finfo(float).max)
TIME_UNITS = ((Message("days"), 86400), (Message("h"), 3600), (Message("min"), 60))
RARE = 3  # rows that a level needs for that
SMALLEST = 1e-300  # range or scale of numbers: less can't be told apart
FEW_ROWS = 20  # a table must have more before a column of distinct values is taken for names


class Column(Protocol):
    """What a fitted column is."""

    @property
    def name(self) -> str: ...
    @property
    def reading(self) -> Reading:
        """How its values are read."""
        ...

    @property
    def width(self) -> int:
        """How many numbers it becomes."""
        ...

    @property
    def numbers(self) -> tuple[str, ...]:
        """What each of these numbers is called."""
        ...

    def encode(self, values: pa.ChunkedArray, out: Array, ranks: bool = False) -> None:
        """Write the numbers of each row into out, shape (N, width).

        Values are as `cast` gives them. With `ranks`, sizes come by their place among all: see
        `Number.rank`.

        Raises
        ------
        TableError
            If a value is not of the column's kind.
        """
        ...

    def describe(self) -> str:
        """Say what it holds, in a few words."""
        ...


@dataclass(frozen=True)
class Number:
    """z / sqrt(1 + (z/3)²) with z = (value - center) / scale, and 0 where it is missing.

    This bends what lies far out towards -3 and 3 (Holzmüller et al. 2024, arXiv:2407.04491). The
    second number, if there is one, is 1 where the value is missing, else 0.
    """

    name: str
    center: float
    scale: float  # > 0
    missing: bool = False  # whether there is that second number
    knots: tuple[float, ...] = ()  # see `knots_of`; none if there are only two values
    reading: Reading = NUMERIC

    @property
    def width(self) -> int:
        return 1 + self.missing

    @property
    def numbers(self) -> tuple[str, ...]:
        return self.name, *([f"{self.name} missing"] * self.missing)

    def encode(self, values: pa.ChunkedArray, out: Array, ranks: bool = False) -> None:
        numbers = as_numbers(values, self.name)
        gone = np.isnan(numbers)
        if ranks and self.knots:
            out[:, 0] = np.where(gone, 0, self.rank(numbers))
        else:
            with np.errstate(over="ignore"):
                z = np.where(gone, 0, (numbers - self.center) / self.scale).clip(-1e6, 1e6)
            out[:, 0] = z / np.sqrt(1 + (z / 3) ** 2)
        if self.missing:
            out[:, 1] = gone

    def rank(self, numbers: Array) -> Array:
        """Return the normal quantile of each number's share of smaller values.

        Equal values have the share in the middle of theirs. So crowded ranges are spread out, and
        a number's unit does not matter, nor its logarithm.
        """
        knots, n = np.array(self.knots), len(self.knots) - 2
        shares = np.r_[1 / (16 * n), (np.arange(n) + 0.5) / n, 1 - 1 / (16 * n)]
        scores = ndtri(shares)
        below = np.interp(numbers, knots, scores)
        above = np.interp(-numbers, -knots[::-1], -scores[::-1])
        return (below - above) / 2

    def describe(self) -> str:
        if self.reading.unit:
            return Message(
                "number in {unit}, around {center:.4g}, spread {scale:.4g}",
                unit=self.reading.unit, center=self.center, scale=self.scale,
            )  # fmt: skip
        return Message(
            "number, around {center:.4g}, spread {scale:.4g}", center=self.center, scale=self.scale
        )


@dataclass(frozen=True)
class Duration(Number):
    """A `Number` of seconds."""

    reading: Reading = DATE
    order: str = ""  # how texts are read, a name in `DURATIONS`; none if there were no texts

    def encode(self, values: pa.ChunkedArray, out: Array, ranks: bool = False) -> None:
        numbers = pa.chunked_array([pa.array(self.seconds(values), from_pandas=True)])
        super().encode(numbers, out, ranks)

    def seconds(self, values: pa.ChunkedArray) -> Array:
        """Return seconds, NaN where missing, shape (N,)."""
        return seconds_of(values, self.name, "duration", self.order)[0]

    def typed(self, values: pa.ChunkedArray) -> pa.ChunkedArray:
        """Return texts as values of a type of durations."""
        return typed_seconds(self.seconds(values), pa.duration("us"))

    def describe(self) -> str:
        fitting = [(unit, size) for unit, size in TIME_UNITS if abs(self.center) >= size]
        unit, size = fitting[0] if fitting else (Message("s"), 1)
        return Message(
            "duration, median {median:.4g} {unit}, IQR {iqr:.4g} {unit}",
            median=self.center / size, iqr=self.scale / size, unit=unit,
        )  # fmt: skip


@dataclass(frozen=True)
class Category:
    """1 in the place of the value's level, else 0.

    The last two places, where there are such, are for levels that are rare or were not seen when
    this was fitted, and for missing values.
    """

    name: str
    levels: tuple[str, ...]
    rare: bool = False
    missing: bool = False
    reading: Reading = CATEGORICAL

    @property
    def width(self) -> int:
        return len(self.levels) + self.rare + self.missing

    @property
    def numbers(self) -> tuple[str, ...]:
        rest = ["rare"] * self.rare + ["missing"] * self.missing
        return (
            *(f"{self.name}={level}" for level in self.levels),
            *(f"{self.name} {r}" for r in rest),
        )

    def encode(self, values: pa.ChunkedArray, out: Array, ranks: bool = False) -> None:
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
            codes[gone] = self.width
        return codes

    def describe(self) -> str:
        shown = ", ".join(self.levels[:4]) + (", ..." if len(self.levels) > 4 else "")
        if self.rare:
            return Message(
                "category, {n} levels and rare ones: {shown}", n=len(self.levels), shown=shown
            )
        return Message("category, {n} levels: {shown}", n=len(self.levels), shown=shown)


@dataclass(frozen=True)
class Flag:
    """1 for true, -1 for false, 0 where it is missing."""

    name: str
    reading: Reading = BOOLEAN

    @property
    def width(self) -> int:
        return 1

    @property
    def numbers(self) -> tuple[str, ...]:
        return (self.name,)

    def encode(self, values: pa.ChunkedArray, out: Array, ranks: bool = False) -> None:
        numbers = as_numbers(values, self.name)
        out[:, 0] = np.where(np.isnan(numbers), 0, np.where(numbers > 0, 1, -1))

    def describe(self) -> str:
        return Message("true or false")


@dataclass(frozen=True)
class Rank:
    """The place of a level in the order of an ordered category, from -1.5 to 1.5; 0 if it has none.

    It comes on top of the `Category` of the same column.
    """

    name: str
    reading: Reading  # with at least two levels

    @property
    def width(self) -> int:
        return 1

    @property
    def numbers(self) -> tuple[str, ...]:
        return (f"{self.name} rank",)

    def encode(self, values: pa.ChunkedArray, out: Array, ranks: bool = False) -> None:
        levels = self.reading.levels
        found = pc.index_in(as_texts(values, self.name), value_set=pa.array(levels, pa.string()))
        places = np.asarray(pc.cast(found, pa.float64()).to_numpy(), float)
        out[:, 0] = np.nan_to_num(3 * places / (len(levels) - 1) - 1.5)

    def describe(self) -> str:
        levels = self.reading.levels
        return Message("order of levels: {first} < ... < {last}", first=levels[0], last=levels[-1])


COLUMNS = {
    "number": Number,
    "category": Category,
    "flag": Flag,
    "date": Date,
    "time of day": TimeOfDay,
    "duration": Duration,
    "rank": Rank,
}


@dataclass(frozen=True)
class Dropped:
    """A column that nothing can be learned from, and why."""

    name: str
    reason: str


def fit_columns(
    table: pa.Table, codes: bool = False, readings: Mapping[str, Reading] | None = None
) -> tuple[list[Column], list[Dropped]]:
    """Decide for each column how it becomes numbers, or that it is left out.

    With `codes`, as in `encode`, categories may have many more levels. Without `readings`, how
    columns are read is inferred from the table.

    Left out are columns with one value, and columns that only name the row: numbers that count
    1, 2, 3 ..., and texts that differ in nearly every row. If all others are left out, columns that
    count stay.
    """
    if readings is None:
        readings = infer_table(table).readings
    columns, dropped = list[Column](), list[Dropped]()
    for counters in (False, True):
        columns, dropped = [], []
        for name in table.column_names:
            fitted = fit_column(name, table[name], codes, readings[name], counters)
            if isinstance(fitted, Dropped):
                dropped.append(fitted)
            else:
                columns.append(fitted)
                if isinstance(fitted, Category) and len(fitted.reading.levels) > 2:
                    columns.append(Rank(name, fitted.reading))
        if columns:
            break
    return columns, dropped


def fit_column(
    name: str,
    values: pa.ChunkedArray,
    codes: bool = False,
    reading: Reading | None = None,
    counters: bool = False,
) -> Column | Dropped:
    """Decide how one column becomes numbers; with `counters`, also where it only counts."""
    if reading is None:
        reading = infer_table(pa.table({name: values})).readings[name]
    kind = plain(values).type
    if reading.kind == "drop":
        if reading.declared:
            return Dropped(name, Message("declared to be left out"))
        return Dropped(
            name, Message("values of type {kind} are no numbers and no categories", kind=str(kind))
        )
    values = cast(values, reading, name)
    if values.null_count == len(values):
        return Dropped(name, Message("empty"))
    if reading.kind == "boolean":
        same = pc.count_distinct(values).as_py() < 2 and not values.null_count
        return Dropped(name, Message("always the same")) if same else Flag(name, reading)
    if reading.kind == "date":
        if kind_of(values.type, reading.order) == "duration":
            return fit_duration(name, values, reading)
        column = fit_date(name, values, reading.order)
        if column is None:
            return Dropped(name, Message("always the same"))
        return replace(column, reading=reading)
    if reading.kind == "numeric":
        return fit_number(name, as_numbers(values, name), reading, counters)
    return fit_category(name, values, MOST_CODES if codes else MOST_PLACES, reading)


def fit_duration(name: str, values: pa.ChunkedArray, reading: Reading) -> Column | Dropped:
    """Fit a column of durations, texts in the given order."""
    seconds = as_seconds(values, name, reading.order)
    missing = bool(np.isnan(seconds).any())
    seconds = seconds[~np.isnan(seconds)]
    if np.ptp(seconds) == 0 and not missing:
        return Dropped(name, Message("always the same"))
    center, scale = middle_and_spread(seconds)
    return Duration(name, center, scale, missing, knots_of(seconds), reading, reading.order)


def fit_number(name: str, numbers: Array, reading: Reading, counters: bool) -> Column | Dropped:
    """Fit a column of numbers, shape (N,), NaN where missing."""
    missing, n_rows = bool(np.isnan(numbers).any()), len(numbers)
    numbers = numbers[~np.isnan(numbers)]
    if not len(numbers):
        return Dropped(name, Message("empty"))
    if np.ptp(numbers / 2) > np.finfo(float).max / 2:
        return Dropped(name, Message("its numbers are too large"))
    if np.ptp(numbers) < SMALLEST and not missing:
        return Dropped(name, Message("always the same"))
    counts = n_rows > FEW_ROWS and not missing and counts_rows(numbers)
    if counts and not counters and not reading.declared:
        return Dropped(name, Message("it only numbers the rows"))
    center, scale = middle_and_spread(numbers)
    scale = max(scale, SMALLEST)
    return Number(name, center, scale, missing, knots_of(numbers), reading)


def fit_category(
    name: str, values: pa.ChunkedArray, most: int, reading: Reading
) -> Column | Dropped:
    """Decide which levels of a text column are told apart: the commonest, at most so many."""
    counts = as_texts(values, name).drop_null().value_counts()
    levels = dict(zip(counts.field(0).to_pylist(), counts.field(1).to_pylist(), strict=True))
    n_rows, missing = len(values), values.null_count > 0
    if len(levels) == 1 and not missing:
        return Dropped(name, Message("always the same"))
    common = [level for level, count in levels.items() if count >= RARE]
    common.sort(key=lambda level: (-levels[level], level))
    if n_rows > FEW_ROWS and not common:
        return Dropped(name, Message("text that differs in nearly every row"))
    kept = tuple(sorted(common[:most] or list(levels)))
    return Category(name, kept, len(kept) < len(levels), missing, reading)


def middle_and_spread(numbers: Array) -> tuple[float, float]:
    """Return the median and the distance of the quartiles.

    Where most numbers are the same, or there are only two, the mean and the standard deviation: a
    rare value then stands far out, and the common one near 0.
    """
    first, middle, third = np.quantile(numbers, [0.25, 0.5, 0.75])
    if third > first and len(np.unique(numbers)) > 2:
        return float(middle), float(third - first)
    size = float(abs(numbers).max()) or 1.0  # squares of huge numbers would overflow
    mean, deviation = (numbers / size).mean() * size, (numbers / size).std() * size
    return float(mean), float(deviation) or 1.0


def knots_of(numbers: Array) -> tuple[float, ...]:
    """Return values at equal steps of rank, and one beyond them at each end.

    Each is the mean of several, so that nobody's own number is in a saved model.
    """
    if len(np.unique(numbers)) < 3:
        return ()
    size = float(abs(numbers).max())  # squares of huge numbers would overflow
    n_parts = min(MOST_KNOTS, max(1, len(numbers) // TOGETHER))
    numbers = np.sort(numbers) / size
    lengths = len(numbers) // n_parts + (np.arange(n_parts) < len(numbers) % n_parts)
    ends = np.cumsum(lengths)
    means = np.add.reduceat(numbers, ends - lengths) / lengths
    first = means[0] - 2 * numbers[: lengths[0]].std()
    last = means[-1] + 2 * numbers[-lengths[-1] :].std()
    knots = np.maximum.accumulate([first, *means, last])
    with np.errstate(over="ignore"):
        return tuple((knots * size).clip(-LARGEST, LARGEST).tolist())


def counts_rows(numbers: Array) -> bool:
    """Tell whether these are whole numbers like 1, 2, 3 ...: all different, with few left out."""
    steps = np.diff(np.sort(numbers))
    whole = (numbers == np.floor(numbers)).all()
    return bool(whole and (steps > 0).all() and np.ptp(numbers) < 2 * len(numbers))


def encode(
    columns: list[Column],
    table: pa.Table,
    source: str = "the table",
    ranks: bool = False,
    codes: bool = False,
) -> Array:
    """Return the table as numbers, shape (N, sum of widths), float32. Other columns are ignored.

    `placed` says where each column stands. With `ranks`, sizes come by their place among all. With
    `codes`, a category is one number, as in `Category.codes`, and these are the last columns.

    Raises
    ------
    TableError
        If a column is missing, or holds something that is not of its kind.
    """
    check_names([column.name for column in columns], table, source)
    x = np.empty((table.num_rows, width(columns, codes)), np.float32)
    for column, part in placed(columns, codes):
        values = cast(table[column.name], column.reading, column.name)
        if codes and isinstance(column, Category):
            x[:, part.start] = column.codes(values)
        else:
            column.encode(values, x[:, part], ranks)
    return x


def placed(columns: list[Column], codes: bool = False) -> Iterator[tuple[Column, slice]]:
    """Say in which columns of `encode`'s result each column stands: first those with sizes."""
    start = 0
    coded = Category if codes else ()
    for column in sorted(columns, key=lambda c: 2 if isinstance(c, coded) else not has_sizes(c)):
        n = 1 if isinstance(column, coded) else column.width
        yield column, slice(start, start := start + n)


def width(columns: list[Column], codes: bool = False) -> int:
    """Return how many columns `encode`'s result has."""
    return max((part.stop for _, part in placed(columns, codes)), default=0)


def has_sizes(column: Column) -> bool:
    """Tell whether a column is one of numbers that can be more or less."""
    return isinstance(column, Number) and bool(column.knots)


def n_sizes(columns: list[Column]) -> int:
    """Return how many columns of `encode`'s result come from columns with sizes."""
    return sum(column.width for column in columns if has_sizes(column))


def levels_of(columns: list[Column]) -> tuple[int, ...]:
    """Return how many levels each category has, in the order of their codes."""
    return tuple(column.width for column in columns if isinstance(column, Category))


def check_names(names: list[str], table: pa.Table, source: str) -> None:
    """Refuse a table that lacks one of these columns."""
    there = set(table.column_names)
    for name in names:
        if name not in there:
            others = [other for other in table.column_names if other not in names]
            near = nearest(name, others)
            if near:
                hint = Message("is it {near!r}? Rename it.", near=near)
            else:
                hint = Message("the model was trained with it.")
            raise TableError(
                Message(
                    "{source!r} has no column {name!r}: {hint}", source=source, name=name, hint=hint
                )
            )


def unseen(columns: list[Column], table: pa.Table) -> dict[str, tuple[int, str]]:
    """Count the values of each category that were not seen when it was fitted, with an example."""
    found = dict[str, tuple[int, str]]()
    for column in columns:
        if isinstance(column, Category) and not column.rare:
            texts = cast(table[column.name], column.reading, column.name).drop_null()
            known = pc.is_in(texts, value_set=pa.array(column.levels, pa.string()))
            new = texts.filter(pc.invert(known))
            if len(new):
                found[column.name] = len(new), str(new[0].as_py())
    return found
