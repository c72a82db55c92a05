"""The task of one fold: a candidate is cut into its folds where there are many workers.

Each network is trained alone, with the same bits as beside the others. What decides whether a
candidate is given up is the mean loss over all folds at two of its epochs: so each fold leaves its
result at these epochs, and whichever comes last decides. Until then the others train on, and what
they have learned meanwhile does not count. No worker waits for another.
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from jubako.training.engines.base import Engine
from jubako.training.history import Record

from .checkpoint import merge_records
from .crossval import CrossValResult, FoldTraining, cross_validate, network_for, out_of_fold
from .encoded import EncodedRows
from .held_out import LossCurve, cycle_ends
from .racing import Race
from .run_folder import RunFolder
from .tasks import Task


def cross_validate_fold(
    task: Task,
    rows: EncodedRows,
    engine: Engine,
    race: Race,
    observe: Callable[[Record], object],
    folder: RunFolder,
) -> None:
    """Train the network of one fold, and write its result.

    The last of the folds also writes the result of the candidate.

    Parameters
    ----------
    task : Task
    rows : EncodedRows
    engine : Engine
    race : Race
        See `cross_validate`.
    observe : callable
        Called with the `Record` of each epoch; training stops if it returns True.
    folder : RunFolder
    """
    assert task.fold is not None
    candidate, decisions = task.candidate, set(cycle_ends(task.epochs)[1:3])
    if not folder.read_fold(task, network_for(candidate, rows), task.epochs):
        checkpoint = folder.checkpoint(task)
        training = FoldTraining(candidate, rows, engine, task.epochs, [task.fold], checkpoint)

        def watch(record: Record) -> bool:
            ended = observe(record) is True
            if record.epoch in decisions and record.epoch < task.epochs:
                folder.write_fold(task, record.epoch, training.results())
                conclude(task.whole(), rows, engine, race, folder)
            gives_up = folder.has_ended(task.whole())  # by another fold, too
            training.save_if_due(is_partial=ended and not gives_up, gives_up=gives_up)
            return ended or gives_up

        training.run(watch)
        results = training.results()
        if training.is_partial:
            folder.write(task, results)
        elif not folder.has_ended(task.whole()):
            folder.write_fold(task, task.epochs, results)
    conclude(task.whole(), rows, engine, race, folder)


def conclude(
    task: Task,
    rows: EncodedRows,
    engine: Engine,
    race: Race,
    folder: RunFolder,
) -> None:
    """Write the result of a candidate, if its folds have come far enough to know it.

    Parameters
    ----------
    task : Task
        Of all folds.
    rows : EncodedRows
    engine : Engine
    race : Race
        See `cross_validate`.
    folder : RunFolder
    """
    if folder.has_ended(task):
        return
    net, folds = network_for(task.candidate, rows), task.folds(len(rows.held))
    for epoch in sorted({*cycle_ends(task.epochs)[1:3], task.epochs}):
        paths = [folder.fold_path(fold, epoch) for fold in folds]
        if not all(path.exists() for path in paths):
            continue  # to the last epoch, which a network that diverges has, too
        parts = [folder.read_fold(fold, net, epoch) for fold in folds]
        if folder.has_ended(task):
            return
        if not all(parts) or any(first.reason == "diverged" for first, *_ in parts):
            # a file is damaged; or all networks end in the epoch in which the first one diverges,
            # and their weights of that epoch are gone
            results = cross_validate(task.candidate, rows, engine, task.epochs, race)
            folder.write(task, results)
            return
        results, gives_up = merge(parts, rows, race)
        if gives_up or epoch == task.epochs:
            folder.write(task, results)
            return
    parts = [
        folder.read_fold(fold, net, task.epochs) or folder.read_partial(fold, net) for fold in folds
    ]
    if all(parts):  # this command ends before training does
        results, _ = merge(parts, rows, race)
        folder.write(task, [replace(result, is_partial=True) for result in results])


def merge(
    parts: list[list[CrossValResult]], rows: EncodedRows, race: Race
) -> tuple[list[CrossValResult], bool]:
    """Return the result of a candidate, given that of each fold.

    Parameters
    ----------
    parts : list of K lists of CrossValResult
    rows : EncodedRows
    race : Race
        See `cross_validate`.

    Returns
    -------
    results : list of CrossValResult
    gives_up : bool
        Whether the candidate is given up after the last of these epochs.
    """
    firsts = [first for first, *_ in parts]
    curve = LossCurve(firsts[0].planned_epochs)
    for records in zip(*(first.history for first in firsts), strict=False):
        curve.note(merge_records(records))
    by_epoch = [{result.fitted.best_epoch: result for result in part[1:]} for part in parts]
    snapshots = [
        [results[epoch] for results in by_epoch]
        for epoch in by_epoch[0]
        if all(epoch in results for results in by_epoch)
    ]

    def merged(networks: list[CrossValResult]) -> CrossValResult:
        fitted = [network.fitted for network in networks]
        whole = replace(
            fitted[0],
            theta=np.concatenate([part.theta for part in fitted]),
            loss=float(np.mean([part.loss for part in fitted])),
            epochs=len(curve.records),
            best_epoch=round(float(np.mean([part.best_epoch for part in fitted]))),
            seconds=sum(part.seconds for part in fitted),
        )
        predictions = [  # in the order of each fold
            network.oof_prediction[np.searchsorted(np.sort(held), held)]
            for network, held in zip(networks, rows.held, strict=True)
        ]
        oof_prediction = out_of_fold(rows, range(len(rows.held)), predictions)
        return replace(
            networks[0],
            fitted=whole,
            oof_prediction=oof_prediction,
            lows=curve.lows,
            history=curve.records,
        )

    results = [merged(networks) for networks in (firsts, *snapshots)]
    predictions = [result.oof_prediction for result in results]
    gives_up = race.is_lost(results[0].candidate, curve, rows, lambda: predictions)
    if gives_up:
        results = [replace(result, reason="callback") for result in results]
    return results, gives_up
