"""The base class of the two multilayer perceptrons."""

import os
from collections.abc import Callable, Generator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal, Self, cast

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted, validate_data

from jubako.core.activations import Array
from jubako.core.errors import ParameterError
from jubako.core.losses import Loss
from jubako.core.network import Network
from jubako.data.one_row import is_pandas
from jubako.data.target import ClassTarget
from jubako.data.unscaled_target import UnscaledTarget
from jubako.model.fitted_network import FittedNetwork
from jubako.model.model import Model
from jubako.model.model_json import model_from_plain
from jubako.model.training_log import TrainingLog
from jubako.model.training_step import TrainingStep
from jubako.training.engines.native.engine import best_engine
from jubako.training.history import Outcome, Reason, Record
from jubako.training.state import TrainState

from .callbacks import CallbackSupport, with_callbacks
from .mlp_attributes import FittedAttributes
from .mlp_checkpoint import (
    Checkpoint,
    describe_checkpoint,
    new_state,
    next_state,
    restore_checkpoint,
    settings_of,
)
from .mlp_parameters import build_network, check_parameters, choose_dtype, update_of
from .mlp_rows import check_rows, encode_rows, hold_out, validation_of
from .mlp_run import check_run_dir, random_of, run_of
from .mlp_training import engine_of, observed, train_networks, warn_of
from .reporting import Reporting
from .saving import Saving, as_param
from .validation import as_floats, check_fits, is_valid_array


def has_epochs(estimator: "BaseMLP") -> bool:
    """Return True if `partial_fit` is available, else raise AttributeError."""
    if estimator.solver == "lbfgs":
        raise AttributeError("partial_fit needs solver='adam' or 'sgd': 'lbfgs' has no epochs.")
    return True


@contextmanager
def all_or_nothing(estimator: object) -> Generator[None]:
    """Restore the estimator if the block raises an error."""
    before = vars(estimator).copy()
    try:
        yield
    except BaseException:
        vars(estimator).clear()
        vars(estimator).update(before)
        raise


@dataclass(eq=False, repr=False, kw_only=True)
class BaseMLP(FittedAttributes, Saving, Reporting, CallbackSupport, BaseEstimator):
    """Base class of the multilayer perceptrons. `MLPClassifier` documents the parameters."""

    solver: str = "adam"
    alpha: float = 0.0001
    batch_size: int | str = "auto"
    learning_rate: Literal["constant", "invscaling", "adaptive"] = "constant"
    learning_rate_init: float = 0.001
    power_t: float = 0.5
    max_iter: int = 200
    shuffle: bool = True
    random_state: Any = None
    tol: float = 1e-4
    verbose: bool | int = False
    warm_start: bool = False
    momentum: float = 0.9
    nesterovs_momentum: bool = True
    early_stopping: bool = False
    validation_fraction: float = 0.1
    beta_1: float = 0.9
    beta_2: float = 0.999
    epsilon: float = 1e-8
    n_iter_no_change: float = 10
    max_fun: int = 15000
    init: str = "sklearn"
    dropout: float | Sequence[float] = 0.0
    residual: bool = False
    weight_decay: float = 0.0
    schedule: str = "constant"
    warmup_fraction: float = 0.0
    max_grad_norm: float | None = None
    n_networks: int = 1
    dtype: str = "auto"
    callbacks: Sequence[Callable[[Record], object]] | None = None
    run_dir: str | os.PathLike[str] | None = None

    if TYPE_CHECKING:  # set by the subclasses, and by fit
        hidden_layer_sizes: Any
        activation: Any
        n_features_in_: int = field(init=False)

    # Implemented by the classifier and the regressor

    def _fit_target(self, y: object, classes: object) -> ClassTarget | UnscaledTarget:
        """Decide how the target of a new network is encoded."""
        raise NotImplementedError

    def _loss(self, targets: Any) -> Loss:
        """Return the loss for a target."""
        raise NotImplementedError

    def _weigh(self, targets: Any, y: Array, w: Array) -> Array:
        """Return the weights of the rows, given the encoded targets."""
        return w

    def _score(self, targets: Any, y: Array, prediction: Array, w: Array) -> float:
        """Return the score of a prediction (N, n_outputs): accuracy, or R²."""
        raise NotImplementedError

    # Fitting

    @with_callbacks
    def fit(
        self,
        X: object,
        y: object,
        sample_weight: object = None,
        *,
        X_val: object = None,
        y_val: object = None,
        sample_weight_val: object = None,
    ) -> Self:
        """Train on X and y.

        Parameters
        ----------
        X : array, sparse array or frame of shape (n_samples, n_features)
        y : array of shape (n_samples,) or (n_samples, n_outputs)
        sample_weight : array of shape (n_samples,), >= 0, optional
            Sample weights. A row with weight 2 is equivalent to two rows, one with weight 0 to
            none.
        X_val, y_val, sample_weight_val : like X, y and sample_weight, optional
            Validation data: its loss and score are in `history_`, and with `early_stopping=True` it
            is used instead of a split of X.

        Returns
        -------
        self
        """
        val = X_val, y_val, sample_weight_val
        if X_val is None or y_val is None:
            if any(part is not None for part in val):
                raise ParameterError("X_val and y_val go together: pass both of them, or neither.")
            val = None
        return self._fit(X, y, sample_weight, val=val)

    def _fit(
        self,
        X: object,
        y: object,
        sample_weight: object,
        *,
        val: tuple[object, object, object] | None = None,
        classes: object = None,
        once: bool = False,
    ) -> Self:
        """Train a new network, or continue training; for a single epoch if `once`.

        A fit that was stopped early is resumed.
        """
        with ExitStack() as stack:
            with all_or_nothing(self):
                hidden = check_parameters(self)
                if once and self.early_stopping:
                    raise ParameterError("partial_fit does not support early_stopping=True")
                check_run_dir(self, once=once)
                fresh = not hasattr(self, "model_") or not (self.warm_start or once)
                rows = check_rows(self, X, y, sample_weight, reset=fresh)
                random, drawn_seed = random_of(self, once=once)
                target: Any = self._fit_target(rows[1], classes) if fresh else self.model_.target
                net = self._network(hidden, target, fresh=fresh)
                dtype = choose_dtype(self, rows[0]) if fresh else self.theta_.dtype
                problem, validation = encode_rows(self, net, target, *rows, dtype), None
                n_rows, split_seed = len(problem.y), None
                stopped = None if fresh or once else self._stopped_fit(n_rows)
                if val is not None:
                    val_rows = check_rows(self, *val, reset=False, where="y_val")
                    val_problem = encode_rows(self, net, target, *val_rows, dtype)
                    validation = validation_of(self, target, val_problem)
                elif self.early_stopping and self.solver != "lbfgs":
                    split_seed = stopped.split_seed if stopped else random.randint(2**31 - 1)
                    problem, held_out = hold_out(
                        problem, target, self.validation_fraction, split_seed
                    )
                    validation = validation_of(self, target, held_out)
                if stopped:
                    state = stopped.state.copy()
                elif fresh:
                    state = new_state(self, net, random, dtype)
                else:
                    state = next_state(self, getattr(self, "_checkpoint", None), random, once=once)
                seed = int(state.seeds[0]) if fresh else self.model_.networks[0].step.seed
                run = run_of(self, problem, validation, state, drawn_seed, once=once)
                run = stack.enter_context(run)
            state = run.state if run else state
            model = Model(
                target=target,
                networks=[FittedNetwork(net, state.theta, self.training_step(seed))],
                log=TrainingLog("") if fresh else self.model_.log,
                feature_names=tuple(getattr(self, "feature_names_in_", ())),
            )

            def now() -> dict[str, Any]:
                return {"model_": model.with_theta(state.theta.copy())}

            self.engine_ = engine_of(self).name_for(problem, state.theta, update_of(self))
            with observed(self, now, X, y, sample_weight, run, once=once) as observe:
                outcome = train_networks(self, problem, state, validation, observe, once=once)
            if run:
                outcome = run.finish(outcome)
        self._checkpoint = self._new_checkpoint(outcome, state, n_rows, split_seed, once=once)
        self._keep(model, outcome, state, len(problem.y), once=once)
        warn_of(self, outcome, problem.x, once=once)
        return self

    def _new_checkpoint(
        self, outcome: Outcome, state: TrainState, n_rows: int, split_seed: Any, *, once: bool
    ) -> Checkpoint | None:
        """Return where training has ended; None for L-BFGS, which can't be resumed."""
        if self.solver == "lbfgs":
            return None
        return Checkpoint.of(outcome, state, settings_of(self), n_rows, split_seed, once=once)

    def _keep(
        self, model: Model, outcome: Outcome, state: TrainState, n_rows: int, *, once: bool
    ) -> None:
        """Set the fitted attributes, given the model before the outcome of its training."""
        whole = self.solver != "lbfgs" and not once  # the epochs before a stop count too
        n_iter = state.epoch if whole else len(outcome.records)
        log = model.log.extended(outcome.records, outcome.reason, n_iter, n_rows)
        self.model_ = replace(model.with_theta(outcome.theta), log=log)
        self.set_best()

    def finish(self, outcome: Outcome, state: TrainState, n_rows: int) -> None:
        """Set the fitted attributes after training that `fit` has only initialized.

        Parameters
        ----------
        outcome : Outcome
        state : TrainState
        n_rows : int
            Number of training rows.
        """
        self._checkpoint = None
        model = replace(self.model_, log=TrainingLog(""))
        self._keep(model, outcome, state, n_rows, once=False)

    def _network(self, hidden: tuple[int, ...], target: Any, *, fresh: bool) -> Network:
        """Return the network that the parameters describe, which must be that of the last fit."""
        net = build_network(self, self.n_features_in_, hidden, target.n_outputs, self._loss(target))
        if not fresh and (net != self.network_ or len(self.theta_) != self.n_networks):
            raise ParameterError(
                "Training goes on with the network of the last fit, but its parameters have "
                "changed since: set them back, or call fit with warm_start=False."
            )
        return net

    def _stopped_fit(self, n_rows: int) -> Checkpoint | None:
        """Return where the last fit was stopped, if this fit resumes it."""
        last: Checkpoint | None = getattr(self, "_checkpoint", None)
        if last and last.fits(settings_of(self), n_rows, self.theta_, self.early_stopping):
            return last
        return None

    def training_step(self, seed: int = 0) -> TrainingStep:
        """Return the settings of a training step, with the seed of the initial weights."""
        class_weight = getattr(self, "class_weight", None)
        return TrainingStep(
            update=update_of(self),
            learning_rate=self.learning_rate_init,
            alpha=self.alpha,
            class_weight=class_weight,
            init=self.init,
            seed=seed,
        )

    def train_state(self) -> TrainState:
        """Return the state from which `partial_fit` continues.

        Raises
        ------
        ParameterError
            If there is none: before `fit`, after unpickling, and after `solver="lbfgs"`.
        """
        last: Checkpoint | None = getattr(self, "_checkpoint", None)
        if last is None:
            raise ParameterError("There is no state of training: call fit or partial_fit first.")
        return last.state

    def __getstate__(self) -> dict[str, Any]:
        """Return the state for pickling, without what is only needed to resume a finished fit."""
        state = cast(dict[str, Any], super().__getstate__())
        last: Checkpoint | None = state.get("_checkpoint")
        if last is not None and last.kind == "finished":
            return state | {"_checkpoint": None}
        return state

    # Fitted model

    def _numbers(self, X: Any) -> Any:
        """Return X as validated numbers in the precision of the networks."""
        if not hasattr(self, "model_"):  # scikit-learn's check takes as long as a prediction
            check_is_fitted(self, "model_")
        x, names = X, getattr(self, "feature_names_in_", None)
        if names is not None:
            is_alike = is_pandas(X) and X.columns.tolist() == names.tolist()
            x = X.to_numpy() if is_alike else None
        if not is_valid_array(x, self.n_features_in_):
            x = as_floats(validate_data(self, X, reset=False, accept_sparse="csr"), "X")
        return check_fits(x, self.theta_.dtype, "X")

    def check_rows(self, X: object, y: object) -> tuple[Any, Any]:
        """Validate X and y, and return them in the form that the model requires.

        Raises
        ------
        NotFittedError, TableError
            Before `fit`, or if they do not fit the fitted estimator.
        """
        check_is_fitted(self, "model_")
        rows, targets, _, _ = check_rows(self, X, y, None)
        return rows, targets

    def describe_checkpoint(self) -> tuple[dict[str, Any], dict[str, Array]]:
        """Return the data for resuming a stopped fit; empty if the fit was complete."""
        return describe_checkpoint(getattr(self, "_checkpoint", None))

    def restore_checkpoint(self, words: dict[str, object], arrays: dict[str, Array]) -> None:
        """Restore the result of `describe_checkpoint`.

        Raises
        ------
        ValueError
            If it does not fit this network.
        """
        update, settings = update_of(self), settings_of(self)
        self._checkpoint = restore_checkpoint(words, arrays, self.theta_, update, settings)

    def restore(self, words: dict[str, Any], arrays: dict[str, Array]) -> None:
        """Restore parameters and networks from the contents of a model file."""
        self.set_saved_params(words["params"])
        self.adopt(model_from_plain(words, arrays, self.training_step()))

    def set_saved_params(self, params: dict[str, object]) -> None:
        """Set the parameters from a file.

        Raises
        ------
        ValueError
            If a parameter is unknown or invalid.
        """
        self.set_params(**{key: as_param(value) for key, value in params.items()})
        check_parameters(self)

    def adopt(self, model: Model) -> None:
        """Set the fitted attributes, given a model that was trained with these parameters.

        Raises
        ------
        ValueError
            If the model does not fit the parameters.
        """
        network, *others = model.networks
        if others or model.schema is not None or model.temperature is not None:
            raise ValueError("an ensemble, or a network for tables, where one for arrays is needed")
        log = model.log
        if log.history.keys() != set(Record._fields) or log.leaderboard:
            raise ValueError("a network without a history, or with a leaderboard")
        if log.stopped not in (*Reason.__args__, "time"):
            raise ValueError(f"the training of a network can't have stopped by {log.stopped!r}")
        loss = self._loss(model.target)
        if type(network.net.loss) is not type(loss):
            raise ValueError(f"a network with the loss {network.net.loss}, but {loss} is needed")
        self.n_features_in_ = network.net.layers[0].n_in
        if model.feature_names:
            self.feature_names_in_: Array = np.array(model.feature_names, object)
        self.model_: Model = model
        self.set_best()
        self.engine_: str = best_engine().name

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags
