"""`MLPClassifier` and `MLPRegressor`: scikit-learn's multilayer perceptrons, extended."""

import warnings
from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass
from typing import Any, Self

import numpy as np
from sklearn.base import ClassifierMixin, RegressorMixin
from sklearn.utils.metaestimators import available_if
from sklearn.utils.multiclass import type_of_target

from jubako.core.activations import Array
from jubako.core.errors import ParameterError
from jubako.core.losses import LOSSES, BinaryCrossEntropy, CrossEntropy, Loss
from jubako.data.target import ClassTarget
from jubako.data.unscaled_target import UnscaledTarget

from .base_mlp import BaseMLP, has_epochs
from .mlp_parameters import make


@dataclass(eq=False, repr=False)
class MLPClassifier(ClassifierMixin, BaseMLP):
    """A multilayer perceptron classifier.

    The parameters of scikit-learn's `MLPClassifier` have the same names, defaults and meanings;
    those from `init` on are additions. `docs/from-scikit-learn.md` lists all differences.

    Parameters
    ----------
    hidden_layer_sizes : int or list of int, default (100,)
        Number of units of each hidden layer. () is no hidden layer: logistic regression.
    activation : str or list of str, default "relu"
        Activation function of the hidden layers; a list has one for each hidden layer. The names
        are in `jubako.core.activations.ACTIVATIONS`.
    solver : str, default "adam"
        The optimizer: a name in `jubako.training.optimizers.OPTIMIZERS`, or "lbfgs", which uses all
        rows in every step and is suited to small tables.
    alpha : float >= 0, default 0.0001
        L2 penalty: alpha / 2 * (sum of squared weights) / (sum of the sample weights in the batch).
    batch_size : int or "auto", default "auto"
        Number of rows in a batch; "auto" is min(200, n_samples).
    learning_rate : {"constant", "invscaling", "adaptive"}, default "constant"
        Learning rate schedule of `sgd`: "invscaling" divides the initial learning rate by (rows
        seen)^power_t after each epoch, "adaptive" divides it by 5 whenever training would otherwise
        stop.
    learning_rate_init : float > 0, default 0.001
        Initial learning rate.
    power_t : float >= 0, default 0.5
        Exponent of "invscaling".
    max_iter : int >= 0, default 200
        Maximum number of epochs, or of iterations for `lbfgs`. 0 keeps the initial weights.
    shuffle : bool, default True
        Whether to shuffle the rows in each epoch.
    random_state : int, RandomState or None
        Determines the initial weights, the order of rows, splits and dropout. Pass an int for
        reproducible results.
    tol : float >= 0, default 1e-4
        Minimum improvement of the loss, or of the validation score with early stopping.
    verbose : bool, default False
        Whether to print the loss after each epoch.
    warm_start : bool, default False
        Whether `fit` starts from the weights of the last fit. A fit that was stopped by Ctrl-C or a
        callback is resumed, with results bit-identical to an uninterrupted one.
    momentum : float in [0, 1], default 0.9
        Momentum of `sgd`.
    nesterovs_momentum : bool, default True
        Whether `sgd` uses Nesterov's momentum.
    early_stopping : bool, default False
        Whether to stop when the score on validation rows does not improve any more, and to return
        to the best epoch. The rows are `X_val` of `fit`, or a stratified split of X.
    validation_fraction : float in [0, 1), default 0.1
        Fraction of the rows to split off for early stopping.
    beta_1, beta_2 : float in [0, 1), default 0.9 and 0.999
        For `adam`: exponential decay rates of the first and second moment of the gradient.
    epsilon : float > 0, default 1e-8
        For `adam`: added to the denominator for numerical stability.
    n_iter_no_change : int >= 1 or inf, default 10
        Training stops after more than this number of epochs in a row without improvement.
    max_fun : int >= 1, default 15000
        For `lbfgs`: maximum number of evaluations of the loss.
    class_weight : dict, "balanced" or None
        Weights of the classes, which multiply `sample_weight`; "balanced" gives all classes the
        same total weight.
    label_smoothing : float in [0, 1), default 0
        Fraction of the target that is distributed evenly over all classes.
    init : {"sklearn", "he", "glorot", "lecun"}, default "sklearn"
        Initialization of the weights: a name in `jubako.core.initializers.INITIALIZERS`.
    dropout : float in [0, 1) or list of float, default 0
        Dropout rate of the hidden layers; a list has one for each hidden layer.
    residual : bool, default False
        Whether hidden layers as wide as the one before get a residual connection: v = u + f(u @ w +
        b).
    weight_decay : float >= 0, default 0
        Decoupled weight decay: each step multiplies the weights by 1 - learning rate *
        weight_decay. With `adam` this is AdamW.
    schedule : {"constant", "cosine", "coslog4"}, default "constant"
        Learning rate schedule over `max_iter` epochs, for `adam` and `sgd`.
    warmup_fraction : float in [0, 1), default 0
        Fraction of the run over which the learning rate rises linearly from 0.
    max_grad_norm : float > 0 or None
        Gradients with a larger norm are scaled down to this norm.
    n_networks : int >= 1, default 1
        Number of networks, which differ in their random numbers; their predictions are averaged.
    dtype : {"auto", "float32", "float64"}, default "auto"
        Precision of training and prediction. "auto" is float32, but float64 for `lbfgs` and for
        tables of at most 10,000 numbers, where it is as fast.
    callbacks : list of callables or None
        Each is called after each epoch with a `jubako.training.history.Record`; training stops if
        one returns True. (scikit-learn's callbacks are set with `set_callbacks`.)
    run_dir : str, Path or None
        A folder for checkpoints of `fit`, written every 30 seconds and at the end. If the process
        was killed, `fit` with the same data and parameters resumes, with bit-identical results. Not
        for `lbfgs` or `warm_start`; `partial_fit` does not use it.

    Attributes
    ----------
    classes_ : array of shape (n_classes,)
    coefs_, intercepts_ : list of arrays
        Weights (n_in, n_out) and biases (n_out,) of each layer; with K networks, K is the first
        axis.
    network_ : Network
        The architecture: layers and loss.
    theta_ : array of shape (K, P)
        All parameters. `coefs_` and `intercepts_` are views of it.
    history_ : dict of lists
        For each epoch: train_loss, val_loss, val_score, learning_rate, grad_norms (the norm of the
        gradient of each layer), seconds, message.
    loss_curve_, loss_, best_loss_ : list of float, float, float or None
        Training loss of each epoch, of the last epoch, and the lowest one (None with early
        stopping).
    validation_scores_, best_validation_score_ : list of float or None, float or None
        Accuracy on the validation rows after each epoch, and the highest one; with early stopping
        only.
    n_iter_, t_ : int
        Number of epochs of the last call, and number of rows seen in total.
    n_layers_, n_outputs_, out_activation_ : int, int, str
        Number of layers including input and output, number of output units, and their activation.
    n_features_in_, feature_names_in_ : int, array of str
    stopped_ : {"epochs", "converged", "callback", "interrupted", "diverged"}
        Why training ended.
    engine_ : str
        The engine of the last training, "native" or "numpy".

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.model_selection import train_test_split
    >>> from jubako import MLPClassifier
    >>> X, y = load_iris(return_X_y=True)
    >>> X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
    >>> model = MLPClassifier((32, 32), activation=["silu", "tanh"], learning_rate_init=0.01,
    ...                       schedule="cosine", max_iter=100, random_state=0)
    >>> model.fit(X_train, y_train).score(X_test, y_test) > 0.9
    True
    >>> model.predict(X_test[:5])
    array([2, 1, 0, 2, 0])
    """

    hidden_layer_sizes: Any = (100,)
    activation: Any = "relu"
    _: KW_ONLY
    class_weight: Mapping[Any, float] | str | None = None
    label_smoothing: float = 0.0

    def _fit_target(self, y: Any, classes: Any) -> ClassTarget:
        several = type_of_target(y, input_name="y").startswith("multilabel")
        labels = ClassTarget.fit(y if classes is None or several else classes, single_class=True)
        if len(labels.classes) == 1 and labels.kind != "multilabel":
            warnings.warn(
                f"y has only one class, {labels.classes[0].item()!r}: it is predicted for every "
                "row.",
                stacklevel=5,
            )
        return labels

    def _loss(self, targets: ClassTarget) -> Loss:
        if targets.kind == "multiclass":
            return CrossEntropy(self.label_smoothing)
        return BinaryCrossEntropy(self.label_smoothing)

    def _weigh(self, targets: ClassTarget, y: Array, w: Array) -> Array:
        return w if self.class_weight is None else w * targets.weights(y, w, self.class_weight)

    def _score(self, targets: ClassTarget, y: Array, prediction: Array, w: Array) -> float:
        right = (targets.choose(prediction) == y).all(-1)
        return float(np.average(right, weights=w))

    @property
    def classes_(self) -> Array:
        """The sorted labels, or the numbers of the columns of a multilabel y."""
        classes = self._fitted().classes
        assert classes is not None
        return classes

    @available_if(has_epochs)
    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None, classes: Any = None) -> Self:
        """Train for one more epoch over the given rows.

        k calls with the same rows are equivalent to k epochs of `fit`.

        Parameters
        ----------
        X, y, sample_weight : as in `fit`
        classes : array
            All labels that may occur in any call; required in the first call.

        Returns
        -------
        self
        """
        if classes is None and not hasattr(self, "classes_"):
            raise ParameterError("classes must be passed on the first call to partial_fit.")
        if (
            classes is not None
            and hasattr(self, "classes_")
            and not np.array_equal(self.classes_, np.unique(classes))
        ):
            raise ParameterError(
                f"`classes={classes!r}` is not the same as on last call to partial_fit, was: "
                f"{self.classes_!r}"
            )
        return self._fit(X, y, sample_weight, classes=classes, once=True)

    def predict(self, X: Any) -> Array:
        """Predict the most probable class of each row, or in multilabel problems 0 or 1 per label.

        Parameters
        ----------
        X : array, sparse array or frame of shape (n_samples, n_features)

        Returns
        -------
        array of shape (n_samples,) or (n_samples, n_labels)
        """
        x = self._numbers(X)
        return self.model_.predict(x)

    def predict_proba(self, X: Any) -> Array:
        """Predict the probability of each class, in the order of `classes_`.

        Parameters
        ----------
        X : array, sparse array or frame of shape (n_samples, n_features)

        Returns
        -------
        array of shape (n_samples, n_classes)
            Each row sums to one, except in multilabel problems.
        """
        x = self._numbers(X)
        return self.model_.predict_proba(x)

    def predict_log_proba(self, X: Any) -> Array:
        """Predict the logarithm of `predict_proba`; -inf where a probability is 0.

        Parameters
        ----------
        X : array, sparse array or frame of shape (n_samples, n_features)

        Returns
        -------
        array of shape (n_samples, n_classes)
        """
        with np.errstate(divide="ignore"):
            return np.log(self.predict_proba(X))

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags


@dataclass(eq=False, repr=False)
class MLPRegressor(RegressorMixin, BaseMLP):
    """A multilayer perceptron regressor.

    All other parameters and attributes are those of `MLPClassifier`, without `class_weight`,
    `label_smoothing` and `classes_`. Scores are R². Scale y if its values are large.

    Parameters
    ----------
    loss : str, default "squared_error"
        Loss function: "squared_error" predicts the mean, "absolute_error" the median, "quantile" a
        quantile, "huber" a mean that is robust to outliers, and "poisson" the mean of counts y >=
        0. All names are in `jubako.core.losses.LOSSES`.
    hidden_layer_sizes : int or list of int, default (100,)
        () is no hidden layer: linear regression.
    huber_delta : float > 0, default 1
        For "huber": the error beyond which the loss is linear, in units of y.
    quantile : float in (0, 1), default 0.5
        For "quantile": the fraction of targets below the prediction.

    Examples
    --------
    >>> from sklearn.datasets import load_diabetes
    >>> from jubako import MLPRegressor
    >>> X, y = load_diabetes(return_X_y=True)
    >>> model = MLPRegressor("quantile", (), quantile=0.9, learning_rate_init=1.0, max_iter=300,
    ...                      schedule="cosine", random_state=0)
    >>> below = y < model.fit(X, y).predict(X)
    >>> bool(0.85 < below.mean() < 0.95)
    True
    """

    loss: str = "squared_error"
    hidden_layer_sizes: Any = (100,)
    activation: Any = "relu"
    _: KW_ONLY
    huber_delta: float = 1.0
    quantile: float = 0.5

    def _fit_target(self, y: Any, classes: Any) -> UnscaledTarget:
        return UnscaledTarget(1 if y.ndim == 1 else y.shape[1], counts=self.loss == "poisson")

    def _loss(self, targets: UnscaledTarget) -> Loss:
        return make(LOSSES[self.loss], {"threshold": self.huber_delta, "q": self.quantile})

    def _score(self, targets: UnscaledTarget, y: Array, prediction: Array, w: Array) -> float:
        from sklearn.metrics import r2_score

        return float(r2_score(y, prediction, sample_weight=w))

    @available_if(has_epochs)
    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Train for one more epoch over the given rows.

        k calls with the same rows are equivalent to k epochs of `fit`.

        Parameters
        ----------
        X, y, sample_weight : as in `fit`

        Returns
        -------
        self
        """
        return self._fit(X, y, sample_weight, once=True)

    def predict(self, X: Any) -> Array:
        """Predict the target of each row.

        Parameters
        ----------
        X : array, sparse array or frame of shape (n_samples, n_features)

        Returns
        -------
        array of shape (n_samples,) or (n_samples, n_outputs)
        """
        x = self._numbers(X)
        return self.model_.predict(x)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags
