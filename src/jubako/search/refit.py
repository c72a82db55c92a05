"""Refit: train selected candidates again on all rows."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from jubako.training.engines.base import Engine
from jubako.training.history import Record
from jubako.training.loop import train

from .checkpoint import CheckpointFile
from .crossval import CrossValResult, prepare
from .encoded import EncodedRows
from .held_out import cycle_ends


def refit_candidate(
    result: CrossValResult,
    rows: EncodedRows,
    engine: Engine,
    observe: Callable[[Record], object] | None = None,
    checkpoint: CheckpointFile | None = None,
) -> CrossValResult:
    """Train the networks of a candidate on all rows, up to the cycle end nearest its best epoch.

    Each fold had its own best epoch; at their mean the learning rate may be high, and the
    parameters noisy.

    Parameters
    ----------
    result : CrossValResult
    rows : EncodedRows
    engine : Engine
    observe : callable or None
        Called with the `Record` of each epoch; training stops if it returns True.
    checkpoint : CheckpointFile or None
        If there is a checkpoint, training resumes from it, bit for bit.

    Returns
    -------
    CrossValResult
        If training ended early, with the parameters of `result`.
    """
    fitted, planned = result.fitted, result.planned_epochs
    state, problem, config = prepare(result.candidate, rows, planned, range(len(rows.held)))
    epochs = nearest_cycle_end(fitted.best_epoch, planned)
    trainer = rows.engine(engine, result.candidate.quantiles, refit=True)
    all_rows = [np.arange(rows.n_refit)] * len(rows.held)
    records = list[Record]()
    if checkpoint and (earlier := checkpoint.read(state)):
        state, records, _ = earlier

    def watch(record: Record) -> bool:
        records.append(record)
        ended = observe is not None and observe(record) is True
        if checkpoint and (ended or checkpoint.is_due()):
            checkpoint.write(state, records)
        return ended

    n_left = epochs - state.epoch
    outcome = train(problem, state, config, trainer, None, watch, epochs=n_left, rows=all_rows)
    if outcome.reason == "epochs":
        fitted = replace(fitted, theta=outcome.theta)
    return replace(result, fitted=fitted, reason=outcome.reason)


def nearest_cycle_end(epoch: int, epochs: int) -> int:
    """Return the one of the `CYCLE_ENDS` that is nearest to an epoch, on the scale of the schedule.

    Parameters
    ----------
    epoch, epochs : int
        The epoch, and the planned number of epochs.

    Returns
    -------
    int
    """
    ends = cycle_ends(epochs)
    cycle, *cycles = np.log2(1 + 15 * np.array([epoch, *ends]) / max(epochs, 1))
    return ends[int(abs(np.array(cycles) - cycle).argmin())]
