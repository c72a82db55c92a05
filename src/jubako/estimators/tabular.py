"""`TabularClassifier` and `TabularRegressor`: raw tables in, best predictions out."""

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass
from typing import Any

from sklearn.base import ClassifierMixin, RegressorMixin
from sklearn.utils.validation import check_is_fitted

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

    task = "classify"

    preset: str = "default"
    _: KW_ONLY
    class_weight: Mapping[Any, float] | str | None = None

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

    task = "regress"

    preset: str = "default"
    _: KW_ONLY
