"""The configuration and the progress of a search."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from jubako.data.target_column import Task
from jubako.model.candidate import Candidate
from jubako.training.history import Record

from .candidates import CANDIDATES, random_candidate

PRESETS = {"fast": 2, "default": len(CANDIDATES), "best": 32}
"""The number of candidates; those beyond `CANDIDATES` are random."""


def candidates_of(preset: str, is_class: bool, seed: int) -> list[Candidate]:
    """Return the candidates to try, in order.

    Parameters
    ----------
    preset : str
        A name in `PRESETS`.
    is_class : bool
        Whether the task is classification.
    seed : int
        Seed of random candidates.

    Returns
    -------
    list of Candidate
    """
    listed = [candidate for candidate in CANDIDATES if is_class or not candidate.label_smoothing]
    n, rng = len(listed) if preset == "default" else PRESETS[preset], np.random.default_rng(seed)
    return [*listed, *(random_candidate(rng) for _ in range(n - len(listed)))][:n]


@dataclass(frozen=True, slots=True)
class Progress:
    """The progress of a fit, passed to callbacks after each epoch of each candidate.

    Parameters
    ----------
    candidate : Candidate
    number : int
        Number of the candidate, from 1.
    n_candidates : int
    epoch, n_epochs : int
        Number of the epoch, from 1, and planned number of epochs.
    record : Record
    seconds : float
        Since the start of the fit.
    refit : bool
        Whether selected candidates are trained again on all rows.
    done : float in [0, 1]
        Completed fraction of the search, or of the refit.
    n_running : int
        Number of candidates in training.
    """

    candidate: Candidate
    number: int
    n_candidates: int
    epoch: int
    n_epochs: int
    record: Record
    seconds: float
    refit: bool = False
    done: float = 0.0
    n_running: int = 1


@dataclass(frozen=True, slots=True)
class SearchConfig:
    """The configuration of a search.

    Parameters
    ----------
    preset : str
        A name in `PRESETS`.
    began : float
        Start, by `time.perf_counter`.
    end : float
        End, by `time.perf_counter`; may be infinite.
    refit : bool
        Whether to train the selected candidates again on all rows.
    n_jobs : int or None
        Number of candidates that joblib trains in parallel.
    run_dir : Path or None
        Run folder: the search is stored in it, and resumed if it was killed.
    task : {"classify", "regress"}
    eval_metric : str, callable or None
        The metric for selecting the ensemble; None means the log loss, or the squared error.
    class_weight : dict, "balanced" or None
        Weights of the classes, which multiply the sample weights.
    threshold : float in (0, 1), "auto" or None
        Probability of the second class above which it is predicted; "auto" chooses it by the
        metric.
    cost_matrix : array-like, shape (n_classes, n_classes), or None
        Cost of each predicted class (column) for each true class (row).
    n_folds : int >= 2
    seed : int >= 0
    time_limit : float > 0 or None
        Seconds, including time for prediction; it decides how many rows are used.
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
    threshold: float | Literal["auto"] | None = None
    cost_matrix: Any = None
    n_folds: int = 5
    seed: int = 0
    time_limit: float | None = None
