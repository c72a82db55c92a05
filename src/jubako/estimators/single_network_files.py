"""Training a single network on a table in files, which need not fit into memory."""

import warnings
from collections.abc import Callable
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from jubako.data.target import ClassTarget, NumericTarget
from jubako.search.config import SearchConfig
from jubako.search.encoded_files import MAX_HELD_OUT, EncodedFile
from jubako.search.network_run import open_network_run
from jubako.search.prepared_files import PreparedFiles
from jubako.search.run_folder import folder_for_rows
from jubako.search.windows import Windows
from jubako.training.engines.base import Problem
from jubako.training.engines.native.engine import best_engine
from jubako.training.engines.windows import WindowEngine
from jubako.training.history import Record
from jubako.training.loop import train

from .base_mlp import BaseMLP
from .mlp_parameters import config_of, update_of
from .mlp_rows import validation_of
from .mlp_run import run_settings

FEW = 1000  # rows with which a network is initialized


def train_on_files(
    new: Callable[[int], BaseMLP],
    files: PreparedFiles,
    seeds: tuple[int, int | None],
    observe: Callable[[Record], bool],
    epochs: int | None,
    run_dir: Path | None = None,
) -> tuple[BaseMLP, ClassTarget | NumericTarget]:
    """Encode the rows of files, and train a network on windows of them.

    Parameters
    ----------
    new : callable
        Returns an untrained network for a number of rows.
    files : PreparedFiles
        Without codes of categories.
    seeds : pair of int
        Seed of the order of the rows; and that of the network, if a run folder stores it.
    observe : callable
        Called after each epoch; True ends training.
    epochs : int or None
        Number of passes over all rows; that of the network by default.
    run_dir : Path or None
        Run folder, in which a killed training is continued.

    Returns
    -------
    mlp : BaseMLP
        Fitted.
    target : ClassTarget or NumericTarget
    """
    seed, stored_seed = seeds
    with folder_for_rows(run_dir) as folder:
        config = SearchConfig("fast", task=files.task, seed=seed, run_dir=run_dir)
        encoded, encoder, _ = files.encoded(folder, config)
        windows, target = encoded.windows(encoder, seed), files.coding_of(encoded)
        mlp = new(windows.n_rows)
        if stored_seed is not None:
            mlp.set_params(random_state=stored_seed)
        initialized(mlp, windows, target)
        passes = mlp.max_iter if epochs is None else epochs
        mlp.set_params(max_iter=passes * windows.n_windows, early_stopping=files.val is not None)
        held_out = held_out_rows(mlp, windows, encoded)
        validation = validation_of(mlp, mlp.model_.target, held_out) if encoded.n_val else None
        update, state = update_of(mlp), mlp.train_state()
        assert update is not None
        settings = run_settings(mlp, state, stored_seed, windows.n_rows)
        settings |= {"table": encoded.file.sha256, "validation": encoded.n_val}
        opened = nullcontext() if run_dir is None else open_network_run(run_dir, settings, state)
        with opened as run:

            def note_and_observe(record: Record) -> bool:
                if run:
                    run.note(record)
                return observe(record)

            state = run.state if run else state
            outcome = train(
                held_out,  # of which the windows take the place
                state,
                config_of(mlp, update, int(mlp.batch_size)),
                WindowEngine(best_engine(), partial(windows.load, quantiles=False)),
                validation,
                note_and_observe,
                mlp.max_iter - state.epoch,
                [np.arange(windows.n_in_window)],
            )
            outcome = run.finish(outcome) if run else outcome
        mlp.finish(outcome, state, windows.n_in_window)
    return mlp, target


def initialized(mlp: BaseMLP, windows: Windows, target: ClassTarget | NumericTarget) -> BaseMLP:
    """Initialize a network for encoded rows, with all classes, without training it."""
    x, y, _ = windows.parts(windows.file.read(windows.first, min(FEW, windows.n_rows)), False)
    labels: Any = y[:, 0]
    if isinstance(target, ClassTarget):
        n = len(target.classes)
        x = np.concatenate([x, x[np.zeros(n, int)]])
        labels = np.concatenate([target.classes[y[:, 0].astype(int)], target.classes])
    epochs = mlp.max_iter
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that they are fewer than the rows of a batch
        warnings.filterwarnings("default", "Jubako computes with")  # it comes only once
        mlp.set_params(max_iter=0, dtype="float32").fit(x, labels)
    return mlp.set_params(max_iter=epochs)


def held_out_rows(mlp: BaseMLP, windows: Windows, encoded: EncodedFile) -> Problem:
    """Return the validation rows, or some rows if there are none."""
    n = min(encoded.n_val or 1, MAX_HELD_OUT)
    x, y, w = windows.parts(windows.file.read(0, n), False)
    return Problem(mlp.network_, x, y, w, mlp.alpha)
