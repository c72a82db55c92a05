"""How to search, and how far a search is."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from jubako.data.target_column import Task
from jubako.model.candidate import Candidate
from jubako.training.history import Record

from .candidates import CANDIDATES, random_candidate

PRESETS = {"fast": 2, "default": len(CANDIDATES), "best": 32}
"""The number of candidates; those beyond `CANDIDATES` are random."""


def candidates_of(preset: str, is_class: bool, seed: int) -> list[Candidate]:
    """Return the candidates to try, in order."""
    listed = [candidate for candidate in CANDIDATES if is_class or not candidate.label_smoothing]
    n, rng = len(listed) if preset == "default" else PRESETS[preset], np.random.default_rng(seed)
    return [*listed, *(random_candidate(rng) for _ in range(n - len(listed)))][:n]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a fit is: the argument of callbacks, after each epoch of each candidate."""

    candidate: Candidate
    number: int  # of the candidate, from 1
    n_candidates: int
    epoch: int
    n_epochs: int
    record: Record
    seconds: float  # since the fit began
    refit: bool = False  # whether selected candidates are trained again on all rows
    done: float = 0.0  # fraction of the search, or of the refit
    n_running: int = 1  # candidates that are being trained


@dataclass(frozen=True, slots=True)
class SearchConfig:
    """How to search, and until when.

    Parameters
    ----------
    preset : str
        A name in `PRESETS`.
    began, end : float
        On the clock of `time.perf_counter`; the end may be infinite.
    refit : bool
        Whether to train the selected candidates again, on all rows.
    n_jobs : int or None
        The number of candidates that joblib trains at once.
    run_dir : Path or None
        The folder in which a search is kept, and goes on if it was killed.
    task : {"classify", "regress"}
    eval_metric : str, callable or None
        By which the ensemble is chosen; None means the log loss, or the squared error.
    class_weight : dict, "balanced" or None
        The weight of the rows of each class, on top of their own.
    n_folds : int >= 2
    seed : int >= 0
    time_limit : float > 0 or None
        The seconds between them, and some more to predict in; they decide how many rows are used.
    """

    preset: str
    began: float = 0.0
    end: float = np.inf
    refit: bool = False
    n_jobs: int | None = None
    run_dir: Path | None = None
    task: Task = "classify"
    eval_metric: Any = None
    class_weight: Mapping[Any, float] | str | None = None
    n_folds: int = 5
    seed: int = 0
    time_limit: float | None = None
