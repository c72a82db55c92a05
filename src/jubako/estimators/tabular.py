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
    """Tells classes apart, given a raw table: numbers, categories, dates, missing values.

    It tries networks of several depths, widths and kinds. Each is trained on folds of the rows, so
    that it can be judged on rows that it has not seen; the prediction is a mean of those that
    predict best together, with probabilities made bolder where they were too cautious.

    Parameters
    ----------
    preset : {"fast", "default", "best"}, default "default"
        How many kinds of networks to try: 2, 11 (numbers: 10) or 32. "best" also trains each of
        them on three times as many folds, if there are fewer than 40,000 rows, or 50 for each
        second of the time limit.
    time_limit : float > 0 or None
        Seconds after which training ends with what there is. If they are too few for one look at
        each row, a random part of the rows is learned from.
    eval_metric : str, callable or None
        A scorer of scikit-learn, such as "roc_auc", by which the ensemble is chosen. None means the
        log-loss, or the squared error. It is tried on made-up predictions before anything is
        trained, and refused if it does not fit the target.
    class_weight : dict, "balanced" or None
        How much the rows of each class count, on top of `sample_weight`.
    n_folds : int >= 2, default 5
    refit : bool, default False
        Whether the candidates in the ensemble are trained again, on all rows, for as many epochs as
        were best. That takes the time of a few candidates more; it pays where the held-out rows are
        the latest, and rarely elsewhere, where most networks have learned from each row anyway.
    n_jobs : int or None
        How many candidates joblib trains at once, with any backend. None means one, whose networks
        use all cores. The result is the same for any number.
    random_state : int, RandomState or None
    verbose : bool or int, default False
        Whether to show progress with the time left on stderr: a bar in a terminal or a notebook
        (with ipywidgets), else lines.
    callbacks : list of callables or None
        Each is called with a `Progress` after each epoch, in the thread that called `fit`; True
        ends the fit, with the candidates that there are. With `n_jobs` too, they hear the epochs of
        all candidates while these are trained.
    column_types : dict or None
        What some columns are, against any guess: "numeric", "categorical", "boolean", "date",
        "drop", or a `jubako.data.casting.reading.Reading`.
    run_dir : str, Path or None
        A folder for the search: what has been trained is kept there, so that a fit that was killed
        goes on where it was, if `fit` is called again with the same data and parameters. It is then
        the same model, bit for bit, unless there is a time limit. The folder holds the rows as
        numbers; delete it when it is of no more use. Where workers run on several machines, all of
        them must see it.

    Attributes
    ----------
    leaderboard_ : DataFrame
        The candidates, the best first: their configuration, loss, ensemble weight and cost.
    ensemble_, weights_ : list, array
        The candidates in the ensemble, and their weights.
    loss_ : float
        Out-of-fold loss of the ensemble: the log-loss, the squared error where the target has the
        spread 1, or minus `eval_metric`. It is optimistic, as are the losses of the leaderboard: on
        the same held-out rows the best epoch of each network, the ensemble weights and the
        temperature are chosen. Measure on a test set that `fit` has not had.
    n_features_in_, feature_names_in_ : int, array of str
        The number of columns in `fit`; and their names, if they were all strings.
    columns_, dropped_ : list
        How each column becomes numbers, and the columns that are not used, and why.
    readings_ : dict
        How the values of each column are read: a `jubako.data.casting.reading.Reading`.
    classes_ : array of shape (n_classes,)
    temperature_ : float
        Probabilities are taken to the power of 1 / temperature.
    stopped_ : {"complete", "time", "callback", "interrupted", "memory", "disk"}
        What ended the fit: all candidates were trained; or the time limit, a callback, Ctrl-C, a
        want of memory, or a run folder that could not be written ended it with those that there
        were.
    seconds_ : float

    Notes
    -----
    Ctrl-C ends the training with what there is, and raises nothing; `stopped_` is then
    "interrupted". Inside
    `GridSearchCV` or `cross_val_score` it ends the fit that is running, and the search goes on with
    the next: to end the search, press it again between two fits, or raise an exception of your own
    in a callback.

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
    """Predicts a number, given a raw table: numbers, categories, dates, missing values.

    All parameters and attributes are those of `TabularClassifier`, but those about classes and
    probabilities. Predictions stay within the range of the targets that it has learned.
    """

    task = "regress"

    preset: str = "default"
    _: KW_ONLY
