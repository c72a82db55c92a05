"""Tasks of a search, as plain data that can be sent to workers."""

from dataclasses import dataclass
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
    """

    place: int
    i: int
    candidate: Candidate
    epochs: int
    stage: Literal["candidate", "refit"] = "candidate"

    @property
    def name(self) -> str:
        """The name of its files."""
        return f"{self.stage}-{self.i + 1:03}"

    def describe(self) -> str:
        """Return a description of the training, which identifies checkpoints."""
        return f"{self.stage}: {self.candidate}, {self.epochs} epochs"
