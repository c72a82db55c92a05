"""Tasks of a search, as plain data that can be sent to workers."""

from dataclasses import dataclass, replace
from typing import Literal

from jubako.model.candidate import Candidate


@dataclass(frozen=True, slots=True)
class Task:
    """A candidate to train.

    Parameters
    ----------
    place : int
        Position in the order of tasks.
    i : int
        Number of the candidate, from 0; equal to the place unless candidates were skipped.
    candidate : Candidate
    epochs : int
    stage : {"candidate", "refit"}
        Whether it is cross-validated, or trained again on all rows.
    fold : int or None
        The fold whose network is trained, from 0; None means all folds.
    """

    place: int
    i: int
    candidate: Candidate
    epochs: int
    stage: Literal["candidate", "refit"] = "candidate"
    fold: int | None = None

    @property
    def name(self) -> str:
        """The name of its files."""
        name = f"{self.stage}-{self.i + 1:03}"
        return name if self.fold is None else f"{name}.fold-{self.fold + 1:02}"

    def describe(self) -> str:
        """Return a description of the training, which identifies checkpoints."""
        fold = "" if self.fold is None else f", fold {self.fold}"
        return f"{self.stage}: {self.candidate}, {self.epochs} epochs{fold}"

    def folds(self, n: int) -> list["Task"]:
        """Return the tasks of the n networks of a candidate, one for each fold."""
        return [replace(self, fold=k) for k in range(n)]

    def whole(self) -> "Task":
        """Return the task of all folds."""
        return replace(self, fold=None)
