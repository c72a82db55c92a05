"""Drift: how a table differs from the one in training, by what a model file keeps of it.

It keeps quantiles of numbers, the number of rows of each level of categories, and the center, scale
and range of dates.
"""

from dataclasses import replace

import numpy as np
import pyarrow as pa

from jubako.core.activations import Array
from jubako.data.arrow_compute import pc
from jubako.data.casting.reading import cast
from jubako.data.casting.values import as_texts
from jubako.data.columns.base import Column, Distribution
from jubako.data.columns.numeric import TOGETHER
from jubako.i18n.messages import Message
from jubako.model.model import Model

from .report import Drift

SHIFTED = 0.1  # distance from which a shift matters
CRITICAL = 1.95  # quantile of Kolmogorov's distribution: a false alarm in 1 of 1,000 columns
FAR = 0.5  # shift of the center, in scales, from which it matters
SHARE, ROWS = 0.01, 5  # of rows with a missing or new value, from which they matter


def compute_drift(model: Model, table: pa.Table) -> list[Drift]:
    """Compare the columns of a table with those in training.

    Parameters
    ----------
    model : Model
    table : pyarrow.Table

    Returns
    -------
    list of Drift
        One for each column that the model uses, the shifted ones first, by distance.
    """
    found = [drift_of(column, table) for column in model.columns_by_name.values()]
    return sorted(found, key=lambda drift: (not drift.reasons, -(drift.distance or 0.0)))


def drift_of(column: Column, table: pa.Table) -> Drift:
    """Compare the values of a column with those in training.

    Parameters
    ----------
    column : Column
    table : pyarrow.Table

    Returns
    -------
    Drift
    """
    values = cast(table[column.name], column.reading, column.name)
    was, missing = column.distribution(), values.null_count / max(len(values), 1)
    drift = Drift(column.name, column.kind, missing=missing, was_missing=was.missing)
    numbers = column.numbers(values)
    if numbers is not None:
        drift = drift_of_numbers(was, numbers[~np.isnan(numbers)], drift)
    else:
        texts = as_texts(values, column.name)
        if not was.is_complete:
            drift = drift_of_levels(was, texts, drift)
        drift = drift_of_shares(was.levels, was.counts, texts, drift)
    n_missing = values.null_count
    if drift.was_missing is False and matters(n_missing, len(values)):
        why = Message("{share:.1%} missing, none in training", share=drift.missing)
        drift = replace(drift, reasons=(*drift.reasons, why))
    return drift


def matters(count: int, n_rows: int) -> bool:
    """Return whether a number of rows is more than an accident."""
    return count >= ROWS and count >= SHARE * n_rows


def drift_of_levels(was: Distribution, texts: pa.ChunkedArray, drift: Drift) -> Drift:
    """Compare the levels of a category with those in training.

    If levels were rare in training, which the model does not keep, only a level that is frequent
    now has shifted.

    Parameters
    ----------
    was : Distribution
        Of levels.
    texts : pyarrow.ChunkedArray
    drift : Drift
        To complete.

    Returns
    -------
    Drift
    """
    n_rows, texts = len(texts), texts.drop_null()
    known = pc.is_in(texts, value_set=pa.array(was.levels, pa.string()))
    counts = texts.filter(pc.invert(known)).value_counts()
    new = np.asarray(counts.field(1))
    drift = replace(drift, unseen=float(new.sum()) / max(n_rows, 1))
    if not len(new):
        return drift
    most = int(new.argmax())
    example = str(counts.field(0)[most].as_py())
    drift = replace(drift, example=example)
    if matters(int(new[most] if was.has_rare_levels else new.sum()), n_rows):
        pattern = Message(
            "levels that were rare or absent in training in {share:.1%} of the rows, such as "
            "{example!r}",
            share=drift.unseen,
            example=example,
        )
        drift = replace(drift, reasons=(pattern,))
    return drift


def drift_of_shares(
    levels: tuple[str, ...], counts: tuple[int, ...], texts: pa.ChunkedArray, drift: Drift
) -> Drift:
    """Compare the shares of known levels with those in training: their total variation distance.

    Its limit is 0.1, or above what is due to chance: without a shift, the mean of the distance is
    about the sum of the standard deviations of the differences over the root of 2 pi, and in 1 of
    1,000 columns it exceeds its mean by more than a term of McDiarmid's inequality (1989).

    Parameters
    ----------
    levels : tuple of str
    counts : tuple of int
        The number of training rows of each; empty if the model does not keep it.
    texts : pyarrow.ChunkedArray
    drift : Drift
        To complete.

    Returns
    -------
    Drift
    """
    if not counts:
        return drift
    found = pc.index_in(texts, value_set=pa.array(levels, pa.string()))
    codes = np.asarray(found.drop_null().to_numpy(), np.intp)
    if not len(codes):
        return drift
    was = np.array(counts) / sum(counts)
    now = np.bincount(codes, minlength=len(levels)) / len(codes)
    distance, per_row = float(abs(now - was).sum() / 2), 1 / len(codes) + 1 / sum(counts)
    pooled = np.bincount(codes, minlength=len(levels)) + np.array(counts)
    pooled = pooled / pooled.sum()
    by_chance = np.sqrt(pooled * (1 - pooled) * per_row).sum() / np.sqrt(2 * np.pi)
    limit = float(max(SHIFTED, by_chance + np.sqrt(np.log(1000) / 2 * per_row)))
    drift = replace(drift, distance=distance, limit=limit)
    if distance > limit:
        most = int(abs(now - was).argmax())
        why = Message(
            "other shares of levels: {level!r} in {now:.1%} of the rows, in training in {was:.1%}",
            level=levels[most],
            now=float(now[most]),
            was=float(was[most]),
        )
        drift = replace(drift, reasons=(*drift.reasons, why))
    return drift


def drift_of_numbers(was: Distribution, numbers: Array, drift: Drift) -> Drift:
    """Compare numbers, dates or times with those in training.

    Parameters
    ----------
    was : Distribution
        Of numbers.
    numbers : array, shape (N,)
    drift : Drift
        To complete.

    Returns
    -------
    Drift
    """
    if not len(numbers) or was.center is None:
        return drift
    if was.knots:
        return drift_of_quantiles(was, numbers, drift)
    center = float(np.mean(numbers) if was.center_is_mean else np.median(numbers))
    shift = (center - was.center) / was.scale
    drift = replace(drift, shift=shift)
    if abs(shift) > FAR and abs(shift) > CRITICAL * 2 / np.sqrt(len(numbers)):
        why = Message("the center has moved by {shift:+.2f} scales", shift=shift)
        drift = replace(drift, reasons=(why,))
    return drift if was.range is None else with_outside(drift, numbers, *was.range)


def drift_of_quantiles(was: Distribution, numbers: Array, drift: Drift) -> Drift:
    """Compare numbers with their quantiles in training.

    Parameters
    ----------
    was : Distribution
        With knots.
    numbers : array, shape (N,)
    drift : Drift
        To complete.

    Returns
    -------
    Drift
    """
    n_train = TOGETHER * (len(was.knots) - 2)  # at least
    distance = quantile_distance(np.array(was.knots), numbers)
    limit = max(SHIFTED, CRITICAL * np.sqrt(1 / len(numbers) + 1 / n_train))
    drift = replace(drift, distance=distance, limit=float(limit))
    if distance > limit:
        low, high = was.knots[1], was.knots[-2]
        middle = float(np.median(numbers))
        middle_was = float(np.median(was.knots[1:-1]))
        why = Message(
            "another distribution: median {now:.4g}, not {was:.4g}", now=middle, was=middle_was
        )
        if abs(middle - middle_was) < 0.1 * was.scale:
            why = Message(
                "another distribution: from {low:.4g} to {high:.4g} for 98% of the rows, in "
                "training from {was_low:.4g} to {was_high:.4g}",
                low=float(np.quantile(numbers, 0.01)),
                high=float(np.quantile(numbers, 0.99)),
                was_low=low,
                was_high=high,
            )
        drift = replace(drift, reasons=(why,))
    return with_outside(drift, numbers, was.knots[0], was.knots[-1])


def quantile_distance(knots: Array, numbers: Array) -> float:
    """Return the Kolmogorov-Smirnov distance of numbers to the quantiles in training.

    Parameters
    ----------
    knots : array, shape (n + 2,)
        As `jubako.data.columns.numeric.quantiles_of` returns them.
    numbers : array, shape (N,)

    Returns
    -------
    float in [0, 1]
    """
    unit = 1e-8 * (np.ptp(knots) or 1.0)  # means of equal numbers differ in their last digits
    parts, numbers = np.round(knots[1:-1] / unit), np.round(numbers / unit)
    values, first, counts = np.unique(parts, return_index=True, return_counts=True)
    n, numbers = len(parts), np.sort(numbers)
    # a knot stands for the middle of its part, and several equal ones for all of their parts
    half = np.where(counts == 1, 0.5, 0.0)
    below, up_to = (first + half) / n, (first + counts - half) / n
    now_below = np.searchsorted(numbers, values, "left") / len(numbers)
    now_up_to = np.searchsorted(numbers, values, "right") / len(numbers)
    single = counts == 1
    now_middle = (now_below + now_up_to) / 2
    now_below = np.where(single, now_middle, now_below)
    now_up_to = np.where(single, now_middle, now_up_to)
    return float(max(abs(now_below - below).max(), abs(now_up_to - up_to).max()))


def with_outside(drift: Drift, numbers: Array, low: float, high: float) -> Drift:
    """Add the share of numbers outside of the range in training.

    Parameters
    ----------
    drift : Drift
    numbers : array, shape (N,)
    low, high : float
        The range.

    Returns
    -------
    Drift
    """
    outside = (numbers < low) | (numbers > high)
    drift = replace(drift, outside=float(outside.mean()))
    if matters(int(outside.sum()), len(numbers)):
        why = Message("{share:.1%} outside of the range in training", share=drift.outside)
        drift = replace(drift, reasons=(*drift.reasons, why))
    return drift
