"""The state of a search: its inputs, its results so far, and why it has ended."""

import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from sklearn.exceptions import ConvergenceWarning

from jubako.i18n.messages import Message
from jubako.model.candidate import Candidate
from jubako.training.history import Record

from .budget import SEARCH_SHARE
from .config import Progress, SearchConfig, candidates_of
from .crossval import CrossValResult
from .encoded import EncodedRows
from .run_folder import RunFolder
from .selection import discard_snapshots
from .stored_rows import StoredRows
from .tasks import Task


@dataclass(slots=True)
class SearchState:
    """A search in progress: its inputs, its results so far, and why it has ended.

    Parameters
    ----------
    rows : EncodedRows
    config : SearchConfig
    callbacks : sequence of callables
    folder : RunFolder or None
    stored : StoredRows or None
    stopped : {"complete", "time", "callback", "interrupted", "memory", "disk"}
        Why the search has ended.
    tried : list of lists of CrossValResult
        Results of the tasks that have ended, in the order of the tasks.
    early : dict of int to list of CrossValResult
        Results, by place, of tasks that have ended before an earlier one.
    n_in_order : int
        Number of tasks before the first one that has not ended.
    done : dict of int to float
        Completed fraction of each task, by place.
    n_running : int
        Number of candidates in training.
    """

    rows: EncodedRows
    config: SearchConfig
    callbacks: Sequence[Callable[[Progress], object]] = ()
    folder: RunFolder | None = None
    stored: StoredRows | None = None
    stopped: str = "complete"
    tried: list[list[CrossValResult]] = field(default_factory=list)
    early: dict[int, list[CrossValResult]] = field(default_factory=dict)
    n_in_order: int = 0
    done: dict[int, float] = field(default_factory=dict)
    n_running: int = 1

    @property
    def is_over(self) -> bool:
        """Whether the search was ended early."""
        return self.stopped in ("callback", "interrupted", "memory", "disk")

    @property
    def search_end(self) -> float:
        """The time at which cross-validation ends, which leaves time for a refit."""
        began, end = self.config.began, self.config.end
        return began + (SEARCH_SHARE if self.config.refit else 1.0) * (end - began)

    @property
    def n_candidates(self) -> int:
        """The number of candidates to try."""
        return len(self.candidates())

    def candidates(self) -> list[Candidate]:
        """Return the candidates to try, in order."""
        is_class = self.rows.loss.target == "class"
        found = candidates_of(self.config.preset, is_class, self.rows.seed)
        if self.rows.n_discrete:  # the others follow the better of the first two
            found.insert(1, replace(found[0], discrete=True))
        return found

    def results(self) -> list[list[CrossValResult]]:
        """Return the results of the candidates that have ended, in order."""
        return self.tried + [results for _, results in sorted(self.early.items()) if results]

    def has_ended(self, task: Task) -> bool:
        """Return whether a task has ended."""
        return task.place < self.n_in_order or task.place in self.early

    def note_end(self, task: Task, results: list[CrossValResult]) -> None:
        """Store the results of a task, in the order of the tasks."""
        self.early[task.place], self.done[task.place] = results, 1.0
        while self.n_in_order in self.early:
            if in_order := self.early.pop(self.n_in_order):
                self.tried.append(in_order)
                discard_snapshots(self.tried)
            self.n_in_order += 1
        if results:
            warn_if_diverged(results[0], task.i, self.n_candidates)

    def end_early(self, why: str, error: BaseException, advice: str = "") -> None:
        """Warn that the search ends with the finished candidates.

        Parameters
        ----------
        why : {"memory", "disk"}
        error : BaseException
        advice : str
            A sentence for the user, or "".

        Raises
        ------
        BaseException
            The error, if no candidate is finished.
        """
        if not self.tried:
            raise error
        self.stopped = why
        text = error.args[0] if error.args and isinstance(error.args[0], Message) else ""
        if why == "memory":
            text = Message(
                "no memory was left, or a worker was killed ({kind}: {error}).",
                kind=type(error).__name__,
                error=str(error).split("\n")[0],
            )
        warnings.warn(
            Message(
                "The search has ended early, with {n} candidates: {text} {advice}",
                n=len(self.tried),
                text=text or str(error).split("\n")[0],
                advice=advice,
            ),
            stacklevel=3,
        )

    def observer(self, task: Task, n: int, end: float) -> Callable[[Record], bool]:
        """Return the function to call after each epoch, which returns True to stop training.

        Parameters
        ----------
        task : Task
        n : int
            Number of candidates.
        end : float
            End of the time limit, by `time.perf_counter`.

        Returns
        -------
        callable
            From a `Record` to bool; it calls the callbacks.
        """

        def observe(record: Record) -> bool:
            self.call_back(task, n, record)
            is_late = time.perf_counter() >= end
            if is_late and record.epoch < task.epochs and not self.is_over:
                self.stopped = "time"
            return self.is_over or is_late

        return observe

    def call_back(self, task: Task, n: int, record: Record) -> None:
        """Call the callbacks after an epoch of a task; the search ends if one returns True.

        Parameters
        ----------
        task : Task
        n : int
            Number of candidates.
        record : Record
            Of the epoch.
        """
        refit, share = task.stage == "refit", record.epoch / task.epochs
        if refit:
            done = task.i + share
        else:
            self.done[task.place] = share
            done = sum(self.done.values())
        progress = Progress(
            task.candidate,
            task.i + 1,
            n,
            record.epoch,
            task.epochs,
            record,
            time.perf_counter() - self.config.began,
            refit,
            done / n,
            self.n_running,
        )
        for callback in self.callbacks:
            if callback(progress) is True:
                self.stopped = "callback"


def warn_if_diverged(result: CrossValResult, i: int, n: int, refit: bool = False) -> None:
    """Warn if the training of a candidate has ended because its loss was no longer finite.

    Parameters
    ----------
    result : CrossValResult
    i, n : int
        Number of the candidate, from 0, and number of candidates.
    refit : bool
    """
    if result.reason != "diverged":
        return
    fitted = result.fitted
    kept = Message("of epoch {epoch}", epoch=fitted.best_epoch)
    if refit:
        kept = Message("before the refit")
    elif not fitted.best_epoch:
        kept = Message("before training")
    warnings.warn(
        Message(
            "Candidate {number} of {n} ({candidate}) diverged: its loss overflowed, "
            "even at lower learning rates. Its weights {kept} are kept.",
            number=i + 1,
            n=n,
            candidate=result.candidate.describe(),
            kept=kept,
        ),
        ConvergenceWarning,
        stacklevel=3,
    )
