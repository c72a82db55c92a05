"""Trials: one member after the other learns the same rows, as long as there is time for it."""

import time
import warnings
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import BrokenExecutor
from contextlib import closing
from dataclasses import dataclass
from itertools import chain, count, islice, repeat
from typing import cast

import numpy as np
from joblib import effective_n_jobs
from sklearn.exceptions import ConvergenceWarning

from jubako.training.engines.native.engine import best_engine
from jubako.training.history import Record

from .folds import MANY
from .members import MEMBERS, Member, random_member
from .pack import (
    Rows,
    Trained,
    epochs_after,
    epochs_for,
    fit_again,
    fit_member,
    nearest_lull,
    seconds_an_epoch,
)
from .workers import Deadline, Finished, Task, side_by_side

PRESETS = {"fast": 2, "default": len(MEMBERS), "best": 32}
"""How many members are tried; those beyond `MEMBERS` are random."""

HOPELESS = 1.5, 1.1  # times the first member's `lows` with which another is given up
FIRST = 0.5  # share of the time that the first member may take
GRACE = 0.1  # of the time, after which workers that have not answered are not waited for
SHORTEST = 0.3  # of its epochs with which a member is still worth training
MEMORY = 2**29  # bytes that snapshots may take until the choice, beside each member's best epoch


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a fit is: what callbacks get, after each epoch of each member."""

    member: Member
    number: int  # of the member, from 1
    n_members: int
    epoch: int
    n_epochs: int
    record: Record
    seconds: float  # since the fit began
    again: bool = False  # whether these are members chosen, trained again on all rows
    done: float = 0.0  # share of the search that is over, or of the training again


@dataclass(slots=True)
class Trials:
    """What is tried on some rows, and until when.

    Parameters
    ----------
    rows : Rows
    preset : str
        A name in `PRESETS`.
    began, end : float
        On the clock of `time.perf_counter`; the end may be infinite.
    n_jobs : int or None
        How many members joblib trains at once.
    callbacks : sequence of callables
        Each is called with a `Progress` after each epoch, in the thread that runs the trials; True
        ends them.
    stopped : {"complete", "time", "callback", "interrupted", "memory"}
        What ended the trials.
    """

    rows: Rows
    preset: str
    began: float
    end: float
    n_jobs: int | None = None
    callbacks: Sequence[Callable[[Progress], object]] = ()
    stopped: str = "complete"

    @property
    def is_over(self) -> bool:
        """Whether the trials have ended before their time."""
        return self.stopped in ("callback", "interrupted", "memory")

    def run(self, share: float = 1.0) -> list[list[Trained]]:
        """Train one member after the other, for this share of the time: each one's candidates.

        What ends the trials keeps all members that have finished. Theirs are the same, in the same
        order, for any number of workers.
        """
        tried, early, n_in_order = list[list[Trained]](), dict[int, list[Trained]](), 0
        end = self.began + share * (self.end - self.began)
        try:
            with closing(self._finished(end)) as results:
                for n_done, result in enumerate(results):
                    early[result.place] = result.candidates
                    while n_in_order in early:
                        if early[n_in_order]:
                            tried.append(early[n_in_order])
                            forget_the_worst(tried)
                        del early[n_in_order]
                        n_in_order += 1
                    self._hear(result, n_done)
                    if self.is_over:
                        break
        except KeyboardInterrupt:
            if not tried:
                raise
            self.stopped = "interrupted"
        except (MemoryError, BrokenExecutor) as error:
            if not tried:
                raise
            self.stopped = "memory"
            warnings.warn(
                f"The search has ended early, with {len(tried)} candidates: no memory was left, or "
                f"a worker was killed ({type(error).__name__}: {str(error).split(chr(10))[0]}). "
                "Lower n_jobs, or free memory.",
                stacklevel=2,
            )
        return tried + [candidates for _, candidates in sorted(early.items()) if candidates]

    def _finished(self, end: float) -> Generator[Finished]:
        """Train the first member, which says how long the others are to learn, and then those."""
        rows, engine = self.rows, best_engine()
        rng = np.random.default_rng(rows.seed)
        members = chain(self._listed(), (random_member(rng) for _ in repeat(None)))
        first = next(members)
        epochs = epochs_for(rows.n_learned, rows.view(first.ranks).shape[1])
        if end < np.inf:
            left = FIRST * (end - time.perf_counter())
            epochs = max(1, min(epochs, int(left / seconds_an_epoch(first, rows, engine))))
        observe = self._observer(first, 0, self.n_members, epochs, end)
        candidates = fit_member(first, rows, engine, epochs, observe=observe)
        yield Finished(Task(0, 0, first, epochs), candidates)
        # what is given up, and for how long others learn, depends on no other: so the result is
        # the same for any number of workers
        epochs, before = epochs_after(candidates[0]), epochs
        soon, later = (f * low for f, low in zip(HOPELESS, candidates[0].lows, strict=True))
        most = (soon if epochs >= before else np.inf), later
        tasks = self._tasks(islice(members, self.n_members - 1), epochs, end)
        if effective_n_jobs(cast(int, self.n_jobs)) == 1:
            for task in tasks:
                observe = self._observer(task.member, task.i, self.n_members, task.epochs, end)
                candidates = fit_member(task.member, rows, engine, task.epochs, most, observe)
                yield Finished(task, candidates)
        else:
            deadline = Deadline(time.time() + end - time.perf_counter(), GRACE * (end - self.began))
            with closing(side_by_side(tasks, rows, engine, most, deadline, self.n_jobs)) as results:
                try:
                    yield from results
                except TimeoutError:
                    self.stopped = "time"

    def _tasks(self, members: Iterable[Member], epochs: int, end: float) -> Iterator[Task]:
        """Yield the members after the first for which there is time, each with its epochs."""
        places, engine = count(1), best_engine()
        for i, member in enumerate(members, start=1):
            affordable = epochs
            if end < np.inf:
                left = max(0.0, end - time.perf_counter())
                affordable = int(left / seconds_an_epoch(member, self.rows, engine)) if left else 0
            if affordable < SHORTEST * epochs:
                self.stopped = "time"
                if affordable < 1:
                    return
                continue
            yield Task(next(places), i, member, min(epochs, affordable))

    def _listed(self) -> list[Member]:
        """Return the `MEMBERS` that suit the target."""
        return [one for one in MEMBERS if self.rows.loss.target == "class" or not one.smoothing]

    @property
    def n_members(self) -> int:
        """How many members there are to try."""
        return len(self._listed()) if self.preset == "default" else PRESETS[self.preset]

    def again(self, chosen: list[Trained]) -> list[Trained]:
        """Train members again, on all rows; those for which there is no time stay as they are."""
        engine, n_rows, result = best_engine(), len(self.rows.y), list(chosen)
        more = n_rows / self.rows.n_learned
        try:
            for i, one in enumerate(chosen):
                lull = nearest_lull(one.best, one.planned)
                cost = more * one.seconds * lull / max(one.epochs, 1)
                if time.perf_counter() + cost > self.end:
                    self.stopped = "time"
                    continue
                observe = self._observer(one.member, i, len(chosen), lull, self.end, again=True)
                result[i] = fit_again(one, self.rows, engine, observe)
                self._warn_if_diverged([result[i]], i, len(chosen), again=True)
                if result[i].reason == "interrupted":
                    self.stopped = "interrupted"
                if self.is_over:
                    break
        except KeyboardInterrupt:
            self.stopped = "interrupted"
        return result

    def _observer(
        self, member: Member, i: int, n: int, epochs: int, end: float, again: bool = False
    ) -> Callable[[Record], bool]:
        """Return what is called after each epoch: it tells the callbacks, and may stop."""

        def observe(record: Record) -> bool:
            now = time.perf_counter()
            done = (i + record.epoch / epochs) / n
            seconds = now - self.began
            self._tell(
                Progress(member, i + 1, n, record.epoch, epochs, record, seconds, again, done)
            )
            if now >= end and record.epoch < epochs and not self.is_over:
                self.stopped = "time"
            return self.is_over or now >= end

        return observe

    def _tell(self, progress: Progress) -> None:
        """Call the callbacks; any may end the trials."""
        for callback in self.callbacks:
            if callback(progress) is True:
                self.stopped = "callback"

    def _hear(self, result: Finished, n_done: int) -> None:
        """Note how a member has ended; tell the callbacks of the epochs that they have not heard.

        Parameters
        ----------
        n_done : int
            How many members were finished before it.
        """
        task, n = result.task, self.n_members
        self._warn_if_diverged(result.candidates, task.i, n)
        if result.candidates and result.candidates[0].reason == "interrupted":
            self.stopped = "interrupted"
        elif result.is_late and not self.is_over:
            self.stopped = "time"
        began = time.time() - (time.perf_counter() - self.began)
        for then, record in result.records:
            done, seconds = (n_done + record.epoch / task.epochs) / n, then - began
            self._tell(
                Progress(
                    task.member,
                    task.i + 1,
                    n,
                    record.epoch,
                    task.epochs,
                    record,
                    seconds,
                    done=done,
                )
            )
            if self.stopped == "callback":
                break

    def _warn_if_diverged(
        self, candidates: list[Trained], i: int, n: int, again: bool = False
    ) -> None:
        """Warn of a member whose training has ended because its loss grew beyond all numbers."""
        if not candidates or candidates[0].reason != "diverged":
            return
        one = candidates[0]
        when, kept = "", f"of epoch {one.best}" if one.best else "before training"
        if again:
            when, kept = " when trained again", "from before"
        warnings.warn(
            f"Candidate {i + 1} of {n} ({one.member.describe()}) diverged{when}: its loss grew "
            f"beyond all numbers, even at lower learning rates. Its weights {kept} are kept.",
            ConvergenceWarning,
            stacklevel=2,
        )


def affordable_rows(pilot: Rows, seconds: float, n_folds: int) -> int:
    """Return of how many rows the first member's networks can see each once in these seconds.

    Parameters
    ----------
    pilot : Rows
        Some of the rows, by which the cost of the others is estimated.
    """
    a_row = seconds_an_epoch(MEMBERS[0], pilot, best_engine()) / len(pilot.y)
    most = seconds / a_row / 2  # with two networks,
    if most < MANY:  # or as many as there are folds
        most = min(MANY - 1, 2 * most / n_folds)
    return max(4, int(most))


def forget_the_worst(tried: list[list[Trained]]) -> None:
    """Drop the snapshots of those members that did worst, if all take more than `MEMORY`.

    The snapshots' own losses do not say which to drop: the last ones of a good member are too bold
    alone, and good when averaged with others.
    """
    sizes = [sum(one.theta.nbytes + one.guess.nbytes for one in some[1:]) for some in tried]
    too_much = sum(sizes) - MEMORY
    for i in sorted(range(len(tried)), key=lambda i: -tried[i][0].loss):
        if too_much <= 0:
            break
        too_much -= sizes[i]
        del tried[i][1:]
