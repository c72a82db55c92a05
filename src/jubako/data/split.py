"""Splits into training and held-out rows: stratified, random, group-wise or by time."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from jubako.core.activations import Array
from jubako.i18n.messages import Message

from .dataset import Dataset
from .errors import TableError
from .target_column import Task

Reason = Literal["stratified", "random", "grouped", "by time"]


@dataclass(frozen=True, slots=True)
class Split:
    """Which rows are held out, and by which rule.

    Parameters
    ----------
    train : array of int, shape (N_train,)
        Row numbers, from 0.
    held_out : array of int, shape (N_held_out,)
        Row numbers, from 0.
    reason : {"stratified", "random", "grouped", "by time"}
        "stratified" if each class has the same fraction on both sides.
    """

    train: Array
    held_out: Array
    reason: Reason

    def of(self, dataset: Dataset) -> tuple[Dataset, Dataset]:
        """Return the training rows and the held-out rows of a dataset."""
        return dataset.take(self.train), dataset.take(self.held_out)


def split(dataset: Dataset, share: float, task: Task, seed: int, purpose: str) -> Split:
    """Hold out a fraction of the rows at random, stratified by class if there are enough rows.

    If rows have groups, whole groups are held out; if they have times, the latest rows.

    Parameters
    ----------
    dataset : Dataset of N rows
    share : float in (0, 1)
        Fraction of the rows to hold out.
    task : {"classify", "regress"}
    seed : int
    purpose : str
        What the held-out rows are for, for messages.

    Returns
    -------
    Split

    Raises
    ------
    TableError
        If too few rows are left on either side.
    """
    n = len(dataset.target)
    n_off = round(share * n)
    if n_off < 1 or n - n_off < 2:
        raise TableError(
            Message(
                "{n} rows are too few to hold out {share:g} of them for {what}: both sides of the "
                "split need rows.",
                n=n,
                share=share,
                what=purpose,
            )
        )
    if dataset.groups is not None:
        from sklearn.model_selection import GroupShuffleSplit

        splitter = GroupShuffleSplit(1, test_size=share, random_state=seed)
        train, held_out = next(splitter.split(dataset.target, groups=dataset.groups))
        return Split(train, held_out, "grouped")
    if dataset.time is not None:
        late = dataset.time >= np.sort(dataset.time)[-n_off]
        if late.all():
            raise TableError(
                Message(
                    "All rows have the same time: none can be held out for {what}.", what=purpose
                )
            )
        return Split(np.flatnonzero(~late), np.flatnonzero(late), "by time")
    counts: Any = np.unique(dataset.target, return_counts=True)[1]
    stratified = task == "classify" and counts.min() > 1 and len(counts) <= min(n_off, n - n_off)
    from sklearn.model_selection import train_test_split  # loads most of scikit-learn

    train, held_out = train_test_split(
        np.arange(n),
        test_size=n_off,
        random_state=seed,
        stratify=dataset.target if stratified else None,
    )
    return Split(np.asarray(train), np.asarray(held_out), "stratified" if stratified else "random")
