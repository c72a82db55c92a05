"""`SingleNetworkClassifier` and `SingleNetworkRegressor`: a single network for raw tables."""

from dataclasses import dataclass

from sklearn.base import ClassifierMixin, RegressorMixin

from jubako.core.activations import Array
from jubako.data.target import ClassTarget, NumericTarget, target_numbers, target_reading

from .base_mlp import BaseMLP
from .base_single_network import BaseSingleNetwork
from .mlp import MLPClassifier, MLPRegressor
from .table_estimator import TableClassifier


@dataclass(eq=False, repr=False)
class SingleNetworkClassifier(TableClassifier, ClassifierMixin, BaseSingleNetwork):
    """Classify the rows of a raw table with a single network.

    Columns are encoded as in `TabularClassifier`, which is more accurate: this estimator is for
    choosing and examining the network.

    Parameters
    ----------
    hidden_layer_sizes : int or list of int, default (64, 64)
        Number of units of each hidden layer. () is no hidden layer: a linear model.
    activation : str or list of str, default "relu"
        See `MLPClassifier`.
    dropout : float in [0, 1) or list of float, or None
        See `MLPClassifier`. None means 0.2 up to 2,000 rows, else 0.
    max_iter : int >= 0 or None
        Maximum number of epochs; None chooses it by the number of rows.
    time_limit : float > 0 or None
        Seconds after which training ends, with the current epoch.
    early_stopping : bool, default False
        Whether to return to the epoch with the best validation score.
    warm_start : bool, default False
        Whether `fit` starts from the columns and weights of the last fit. A fit that was stopped by
        Ctrl-C, a callback or `time_limit` is resumed, also after `save` and `load`.
    random_state : int, RandomState or None
    verbose : bool or int, default False
        Whether to show progress with the remaining time on stderr: a bar in a terminal or a
        notebook (with ipywidgets), else lines.
    callbacks : list of callables or None
        Each is called after each epoch with a `jubako.training.history.Record`; training stops if
        one returns True. (scikit-learn's callbacks are set with `set_callbacks`.)
    column_types : dict or None
        Declared types by column name, which override the inference: "numeric", "categorical",
        "boolean", "date", "drop", or a `jubako.data.casting.reading.Reading`.
    run_dir : str, Path or None
        A folder for checkpoints of `fit`. See `MLPClassifier`.

    Attributes
    ----------
    columns_ : list
        The encoding of each column. See `jubako.data.columns`.
    dropped_ : list
        The columns that are not used, with the reason.
    readings_ : dict
        How the values of each column are read: a `jubako.data.casting.reading.Reading`.
    mlp_ : MLPClassifier
        The trained network.
    n_iter_ : int
        Number of epochs of the last fit.
    stopped_ : {"epochs", "converged", "callback", "time", "interrupted", "diverged"}
        Why training ended.
    n_features_in_, feature_names_in_ : int, array of str
        Number of columns in `fit`, and their names if all are strings.
    classes_ : array of shape (n_classes,)

    Examples
    --------
    >>> import pandas as pd
    >>> from jubako.estimators import SingleNetworkClassifier
    >>> shop = pd.DataFrame({"color": ["red", "blue", None, "red"] * 10, "size": [1, 2, 3, 9] * 10})
    >>> fruit = ["apple", "plum", "plum", "apple"] * 10
    >>> model = SingleNetworkClassifier(random_state=0).fit(shop, fruit)
    >>> model.predict(shop[:2]).tolist()
    ['apple', 'plum']
    """

    def _new(self, n_rows: int) -> BaseMLP:
        return MLPClassifier(**self._settings(n_rows))

    def _fit_target(self, y: Array) -> ClassTarget:
        return ClassTarget.fit(y)


@dataclass(eq=False, repr=False)
class SingleNetworkRegressor(RegressorMixin, BaseSingleNetwork):
    """Predict a number for the rows of a raw table with a single network.

    Parameters and attributes are those of `SingleNetworkClassifier`, except `classes_`. The target
    is standardized internally.
    """

    def _new(self, n_rows: int) -> BaseMLP:
        return MLPRegressor(**self._settings(n_rows))

    def _fit_target(self, y: Array) -> NumericTarget:
        reading = target_reading(y)
        numbers = target_numbers(y, reading)
        size = float(abs(numbers).max()) or 1.0  # squares of huge numbers would overflow
        center = float((numbers / size).mean()) * size
        scale = float((numbers / size).std()) * size or 1.0
        return NumericTarget(center, scale, reading=reading)
