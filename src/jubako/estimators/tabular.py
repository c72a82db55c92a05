"""`TabularClassifier` and `TabularRegressor`: an ensemble of networks for raw tables."""

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Any, ClassVar

import numpy as np
from sklearn.base import ClassifierMixin, RegressorMixin
from sklearn.utils.validation import check_is_fitted

from jubako.core.activations import Array
from jubako.core.errors import ParameterError
from jubako.data.target_column import Task
from jubako.model.decision import threshold_of_costs

from .base_tabular import BaseTabular
from .table_estimator import TableClassifier


@dataclass(eq=False, repr=False)
class TabularClassifier(TableClassifier, ClassifierMixin, BaseTabular):
    """Classify the rows of a raw table: numbers, categories, dates, missing values.

    Candidate networks of various architectures are compared by cross-validation, and combined by
    greedy ensemble selection. Probabilities are calibrated by temperature scaling.

    Parameters
    ----------
    preset : {"fast", "default", "best"}, default "default"
        Number of candidates: 2, 11 (10 for regression) or 32. "best" also repeats cross-validation
        three times, for tables of fewer than 40,000 rows, or of 50 rows for each second of the time
        limit.
    time_limit : float > 0 or None
        Seconds after which training ends with the candidates so far. If they do not suffice for one
        pass over the rows, a random sample of the rows is used.
    eval_metric : str, callable or None
        A scorer of scikit-learn, such as "roc_auc", for selecting the ensemble. None means the log
        loss, or the squared error. It is tried on example predictions before training, and refused
        if it does not fit the target.
    class_weight : dict, "balanced" or None
        Weights of the classes, which multiply `sample_weight`.
    threshold : float in (0, 1), "auto" or None
        For two classes: the probability of the second of `classes_` above which `predict` returns
        it. "auto" chooses the one with the best `eval_metric`, out-of-fold: the metric must compare
        classes, such as "f1". None means 0.5.
    cost_matrix : array-like of shape (n_classes, n_classes) or None
        The cost of predicting each class (column) where another, or it, is true (row), in the order
        of `classes_`. `predict` returns the class with the lowest expected cost.
    n_folds : int >= 2, default 5
        Number of folds of cross-validation.
    refit : bool, default False
        Whether to refit the candidates in the ensemble on all rows, for their best number of
        epochs. This takes the time of a few more candidates. It helps if the held-out rows are the
        latest ones, but rarely otherwise, since most networks are trained on each row anyway.
    n_jobs : int or None
        Number of candidates that joblib trains in parallel, with any backend. None means one, whose
        networks use all cores. The result is the same for any number.
    random_state : int, RandomState or None
    verbose : bool or int, default False
        Whether to show progress with the remaining time on stderr: a bar in a terminal or a
        notebook (with ipywidgets), else lines.
    callbacks : list of callables or None
        Each is called with a `Progress` after each epoch, in the thread that called `fit`; the fit
        ends with the candidates so far if one returns True. With `n_jobs`, they are called for the
        epochs of all candidates in training.
    column_types : dict or None
        Declared types by column name, which override the inference: "numeric", "categorical",
        "boolean", "date", "drop", or a `jubako.data.casting.reading.Reading`.
    run_dir : str, Path or None
        A folder for the results and checkpoints of the search. If the process was killed, `fit`
        with the same data and parameters resumes, and the model is bit-identical, unless there is a
        time limit. The folder contains the encoded rows; delete it when the model is saved. All
        workers need access to it.

    Attributes
    ----------
    leaderboard_ : DataFrame
        The candidates, the best first: their configuration, loss, ensemble weight and cost.
    ensemble_, weights_ : list, array
        The candidates in the ensemble, and their weights.
    loss_ : float
        Out-of-fold loss of the ensemble: the log loss, the squared error of the standardized
        target, or minus `eval_metric`. Like the losses of the leaderboard it is optimistic, since
        the best epoch of each network, the ensemble weights and the temperature are chosen on the
        same held-out rows. Use a separate test set to evaluate the model.
    n_features_in_, feature_names_in_ : int, array of str
        Number of columns in `fit`, and their names if all are strings.
    columns_, dropped_ : list
        The encoding of each column, and the columns that are not used, with the reason.
    readings_ : dict
        How the values of each column are read: a `jubako.data.casting.reading.Reading`.
    classes_ : array of shape (n_classes,)
    threshold_ : float or None
        Of two classes, the probability of the second above which it is predicted.
    temperature_ : float
        Probabilities are raised to the power of 1 / temperature.
    stopped_ : {"complete", "time", "callback", "interrupted", "memory", "disk"}
        Why the fit ended: all candidates were trained, or it was ended early by the time limit, a
        callback, Ctrl-C, lack of memory, or a run folder that could not be written.
    seconds_ : float
        Duration of the fit.

    Notes
    -----
    Ctrl-C ends the training with the candidates so far, without an exception; `stopped_` is then
    "interrupted". Inside `GridSearchCV` or `cross_val_score` it ends the current fit, and the next
    one begins: to end the whole search, press it again between two fits, or raise an exception in a
    callback.

    Examples
    --------
    >>> import pandas as pd
    >>> from jubako import TabularClassifier
    >>> shop = pd.DataFrame({"color": ["red", "blue", None, "red"] * 10, "size": [1, 2, 3, 9] * 10})
    >>> model = TabularClassifier("fast", random_state=0)
    >>> model = model.fit(shop, ["apple", "plum", "plum", "apple"] * 10)
    >>> model.predict(shop[:2]).tolist()
    ['apple', 'plum']
    """

    task: ClassVar[Task] = "classify"

    preset: str = "default"
    _: KW_ONLY
    class_weight: Mapping[Any, float] | str | None = None
    threshold: float | str | None = None
    cost_matrix: Any = None

    def predict_set(self, X: Any, coverage: float | Sequence[float] = 0.9) -> Array:
        """Predict sets of classes that hold the true class in a share of the rows.

        Parameters
        ----------
        X : DataFrame of pandas or polars, pyarrow.Table, or array of shape (n_samples, n_features)
        coverage : float in (0, 1) or a sequence of them, default 0.9
            This share. It holds on average over rows that are like those in `fit`, but not for each
            class: of a rare class it may be lower.

        Returns
        -------
        array of bool, shape (n_samples, n_classes), or (n_samples, n_classes, n_coverages)
            Whether a class, in the order of `classes_`, is in the set of a row; the likeliest
            always is.

        Raises
        ------
        ParameterError
            If a coverage is not in (0, 1), or too high for the number of rows in `fit`.

        Notes
        -----
        The sets come from the out-of-fold predictions of `fit`: split conformal prediction with the
        probability of the true class as the score (Sadinle et al. 2019, arXiv:1609.00451).
        """
        rows = self.find_rows(X)
        sets = self.model_.predict_set(rows, as_list(coverage))
        return sets[..., 0] if np.isscalar(coverage) else sets

    @property
    def threshold_(self) -> float | None:
        """The probability of the second class above which it is predicted; None if more classes."""
        check_is_fitted(self, "model_")
        if len(self.classes_) != 2:
            return None
        return 0.5 if self.model_.costs is None else threshold_of_costs(self.model_.costs)

    @property
    def temperature_(self) -> float:
        """Probabilities are raised to the power of 1 / temperature."""
        check_is_fitted(self, "model_")
        assert self.model_.temperature is not None
        return self.model_.temperature


@dataclass(eq=False, repr=False)
class TabularRegressor(RegressorMixin, BaseTabular):
    """Predict a number for each row of a raw table: numbers, categories, dates, missing values.

    Parameters and attributes are those of `TabularClassifier`, except those of classes and
    probabilities. Predictions are clipped to the range of the targets in training.
    """

    task: ClassVar[Task] = "regress"

    preset: str = "default"
    _: KW_ONLY

    def predict_interval(self, X: Any, coverage: float | Sequence[float] = 0.9) -> Array:
        """Predict intervals that hold the true number in a share of the rows.

        Parameters
        ----------
        X : DataFrame of pandas or polars, pyarrow.Table, or array of shape (n_samples, n_features)
        coverage : float in (0, 1) or a sequence of them, default 0.9
            This share. It holds on average over rows that are like those in `fit`, which does not
            mean that it holds for each part of them.

        Returns
        -------
        array of shape (n_samples, 2), or (n_samples, 2, n_coverages)
            The lower and the upper end of each interval. They stay within the range of the targets
            in `fit`, as predictions do.

        Raises
        ------
        ParameterError
            If a coverage is not in (0, 1), or too high for the number of rows in `fit`.

        Notes
        -----
        The intervals come from the errors of the out-of-fold predictions of `fit`, each divided by
        the error that a small network expects of the row: normalized split conformal prediction
        (Lei et al. 2018, arXiv:1604.04173). Where `time` was given, they are the errors on the
        latest rows; where `groups` were given, on groups that the networks had not seen.

        Examples
        --------
        >>> import numpy as np
        >>> from jubako import TabularRegressor
        >>> x = np.linspace(0, 1, 300)[:, None]
        >>> noise = np.random.default_rng(0).normal(size=300)
        >>> model = TabularRegressor("fast", random_state=0).fit(x, 10 * x[:, 0] + noise * x[:, 0])
        >>> low, high = model.predict_interval([[0.1], [0.9]]).T
        >>> narrow, wide = high - low
        >>> bool(narrow < 0.7 * wide)
        True
        """
        rows = self.find_rows(X)
        intervals = self.model_.predict_interval(rows, as_list(coverage))
        return intervals[..., 0] if np.isscalar(coverage) else intervals


def as_list(coverage: float | Sequence[float]) -> list[float]:
    """Return coverages as a list of floats.

    Raises
    ------
    ParameterError
        If they are not numbers, or there are none.
    """
    try:
        coverages = np.atleast_1d(np.asarray(coverage, float)).tolist()
    except (TypeError, ValueError):
        coverages = []
    if not coverages:
        raise ParameterError(
            f"coverage={coverage!r} must be a number between 0 and 1, or a list of them."
        )
    return coverages
