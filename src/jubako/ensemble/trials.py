"""Trials: one member after the other learns the same rows, as long as there is time for it."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice, repeat
from typing import Any, cast

import numpy as np
from joblib import Parallel, delayed, effective_n_jobs

from jubako.training.loop import Record
from jubako.training.native.engine import best_engine

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

PRESETS = {"fast": 2, "default": len(MEMBERS), "best": 32}
"""How many members are tried; those beyond `MEMBERS` are random."""

HOPELESS = 1.5, 1.1  # times the first member's `lows` with which another is given up
FIRST = 0.5  # share of the time that the first member may take
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
        Each is called with a `Progress` after each epoch; True ends the member's training.
    stopped : {"complete", "time", "interrupted"}
        What ended the trials.
    """

    rows: Rows
    preset: str
    began: float
    end: float
    n_jobs: int | None = None
    callbacks: Sequence[Callable[[Progress], object]] = ()
    stopped: str = "complete"

    def run(self, share: float = 1.0) -> list[list[Trained]]:
        """Train one member after the other, for this share of the time: each one's candidates."""
        tried = list[list[Trained]]()
        for some in self._candidates(self.began + share * (self.end - self.began)):
            tried.append(some)
            forget_the_worst(tried)
            if some[0].reason == "interrupted":
                self.stopped = "interrupted"
                break
        return tried

    def _candidates(self, end: float) -> Iterator[list[Trained]]:
        """Train the first member, which says how long the others are to learn, and then those."""
        rows, engine = self.rows, best_engine()
        listed = [one for one in MEMBERS if rows.loss.target == "class" or not one.smoothing]
        n_members = len(listed) if self.preset == "default" else PRESETS[self.preset]
        rng = np.random.default_rng(rows.seed)
        members = chain(listed, (random_member(rng) for _ in repeat(None)))
        alone = effective_n_jobs(cast(int, self.n_jobs)) == 1

        def task(i: int, member: Member, epochs: int, most: Any = (np.inf, np.inf)) -> Any:
            observe = self._observer(member, i, n_members, epochs, end)
            told = observe if alone or not i else None  # it can't be sent to another process
            return delayed(fit_member)(member, rows, engine, epochs, most, told)

        def tasks() -> Iterator[Any]:
            for i, member in enumerate(islice(members, n_members - 1), start=1):
                affordable = epochs
                if end < np.inf:
                    left = max(0.0, end - time.perf_counter())
                    affordable = int(left / seconds_an_epoch(member, rows, engine)) if left else 0
                if affordable < SHORTEST * epochs:
                    self.stopped = "time"
                    if affordable < 1:
                        return
                    continue
                yield task(i, member, min(epochs, affordable), most)

        first = next(members)
        epochs = epochs_for(rows.n_learned, rows.view(first.ranks).shape[1])
        if end < np.inf:
            left = FIRST * (end - time.perf_counter())
            epochs = max(1, min(epochs, int(left / seconds_an_epoch(first, rows, engine))))
        function, given, _ = task(0, first, epochs)
        trained = function(*given)
        yield trained
        # what is given up, and for how long others learn, depends on no other: so the result is
        # the same for any number of workers
        epochs, before = epochs_after(trained[0]), epochs
        soon, later = (factor * low for factor, low in zip(HOPELESS, trained[0].lows, strict=True))
        most = (soon if epochs >= before else np.inf), later
        pool = Parallel(n_jobs=self.n_jobs, return_as="generator", pre_dispatch="n_jobs")
        yield from cast(Any, pool(tasks()))

    def again(self, chosen: list[Trained]) -> list[Trained]:
        """Train members again, on all rows; those for which there is no time stay as they are."""
        engine, n_rows, result = best_engine(), len(self.rows.y), list(chosen)
        more = n_rows / self.rows.n_learned
        for i, one in enumerate(chosen):
            lull = nearest_lull(one.best, one.planned)
            cost = more * one.seconds * lull / max(one.epochs, 1)
            if time.perf_counter() + cost > self.end:
                self.stopped = "time"
                continue
            observe = self._observer(one.member, i, len(chosen), lull, self.end, again=True)
            result[i] = fit_again(one, self.rows, engine, observe)
        return result

    def _observer(
        self, member: Member, i: int, n: int, epochs: int, end: float, again: bool = False
    ) -> Callable[[Record], bool]:
        """Return what is called after each epoch: it tells the callbacks, and may stop."""

        def observe(record: Record) -> bool:
            now, stop = time.perf_counter(), False
            seconds = now - self.began
            progress = Progress(member, i + 1, n, record.epoch, epochs, record, seconds, again)
            for callback in self.callbacks:
                stop |= callback(progress) is True
            return stop or now >= end

        return observe


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
