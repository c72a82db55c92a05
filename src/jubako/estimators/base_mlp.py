"""What the two multilayer perceptrons share: from checked data to a fitted model."""

import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np
from sklearn.base import BaseEstimator, is_regressor
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted, column_or_1d, validate_data

from jubako.core.activations import Array
from jubako.core.errors import ParameterError
from jubako.core.losses import BinaryCrossEntropy, CrossEntropy, Loss, Poisson
from jubako.core.network import Network
from jubako.data.target import ClassTarget
from jubako.data.unscaled_target import UnscaledTarget
from jubako.model.fitted_network import FittedNetwork
from jubako.model.model import Model
from jubako.model.model_json import model_from_plain
from jubako.model.training_log import TrainingLog
from jubako.model.training_step import TrainingStep
from jubako.training.engines.base import Problem
from jubako.training.engines.native.engine import best_engine
from jubako.training.engines.numpy_engine import PlainEngine
from jubako.training.history import Observer, Outcome, Record
from jubako.training.lbfgs import train_lbfgs
from jubako.training.loop import MOST_BLOW_UPS, train
from jubako.training.state import TrainState
from jubako.training.validation import Validation

from .callbacks import Attributes, CallbackSupport, fit_task, with_callbacks
from .mlp_checkpoint import Checkpoint, describe_checkpoint, restore_checkpoint, settings_of
from .mlp_parameters import build_network, check_parameters, choose_dtype, config_of, update_of
from .saving import Saving, as_param
from .validation import as_floats, check_fits, check_weights, is_bool
from .validation_rows import split_rows


def has_epochs(estimator: "BaseMLP") -> bool:
    """Tell whether `partial_fit` is possible; scikit-learn then shows it or not."""
    if estimator.solver == "lbfgs":
        raise AttributeError("partial_fit needs solver='adam' or 'sgd': 'lbfgs' has no epochs.")
    return True


@contextmanager
def all_or_nothing(estimator: object) -> Iterator[None]:
    """Leave the estimator as it was if what follows raises."""
    before = vars(estimator).copy()
    try:
        yield
    except BaseException:
        vars(estimator).clear()
        vars(estimator).update(before)
        raise


@dataclass(eq=False, repr=False, kw_only=True)
class BaseMLP(Saving, CallbackSupport, BaseEstimator):
    """What the classifier and the regressor share. `MLPClassifier` explains the parameters."""

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

    if TYPE_CHECKING:  # set by the subclasses, and by fit
        hidden_layer_sizes: Any
        activation: Any
        n_features_in_: int
        model_: Model

    # What the classifier and the regressor answer differently

    def _meet(self, y: Any, classes: Any) -> ClassTarget | UnscaledTarget:
        """Say what the targets of a new network are."""
        raise NotImplementedError

    def _loss(self, targets: Any) -> Loss:
        """Choose the loss for these targets."""
        raise NotImplementedError

    def _weigh(self, targets: Any, y: Array, w: Array) -> Array:
        """Return the weights of the rows, given the encoded targets."""
        return w

    def _score(self, targets: Any, y: Array, prediction: Array, w: Array) -> float:
        """Return how good a prediction (N, n_outputs) is: accuracy, or R²."""
        raise NotImplementedError

    # Fitting

    @with_callbacks
    def fit(
        self,
        X: Any,
        y: Any,
        sample_weight: Any = None,
        *,
        X_val: Any = None,
        y_val: Any = None,
        sample_weight_val: Any = None,
    ) -> Self:
        """Train on X and y.

        Parameters
        ----------
        X : array, sparse array or frame of shape (n_samples, n_features)
        y : array of shape (n_samples,) or (n_samples, n_outputs)
        sample_weight : array of shape (n_samples,), >= 0, optional
            How much each row counts. A row of weight 2 is like two rows, one of weight 0 like none.
        X_val, y_val, sample_weight_val : like X, y and sample_weight, optional
            Your own validation data: its loss and score appear in `history_`, and with
            `early_stopping=True` it takes the place of rows split off from X.

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
        X: Any,
        y: Any,
        sample_weight: Any,
        *,
        val: tuple[Any, Any, Any] | None = None,
        classes: Any = None,
        once: bool = False,
    ) -> Self:
        """Train a new network or train on; for one epoch if `once`, else as long as it takes.

        A fit that was stopped before its end goes on there, as if it had not been.
        """
        with all_or_nothing(self):
            hidden = check_parameters(self)
            if once and self.early_stopping:
                raise ParameterError("partial_fit does not support early_stopping=True")
            fresh = not hasattr(self, "model_") or not (self.warm_start or once)
            rows = self._open(X, y, sample_weight, reset=fresh)
            random = check_random_state(self.random_state)
            targets: Any = self._meet(rows[1], classes) if fresh else self.model_.target
            n_in, loss = self.n_features_in_, self._loss(targets)
            net = build_network(self, n_in, hidden, targets.n_outputs, loss)
            if not fresh and (net != self.network_ or len(self.theta_) != self.n_networks):
                raise ParameterError(
                    "Training goes on with the network of the last fit, but its parameters have "
                    "changed since: set them back, or call fit with warm_start=False."
                )
            dtype = choose_dtype(self, rows[0]) if fresh else self.theta_.dtype
            problem, validation = self._problem(net, targets, *rows, dtype), None
            n_rows, split_seed = len(problem.y), None
            stopped = None if fresh or once else self._stopped_fit(n_rows)
            if val is not None:
                val_rows = self._open(*val, reset=False, where="y_val")
                validation = self._validation(
                    targets, self._problem(net, targets, *val_rows, dtype)
                )
            elif self.early_stopping and self.solver != "lbfgs":
                split_seed = stopped.split_seed if stopped else random.randint(2**31 - 1)
                rng = np.random.default_rng(split_seed)
                strata = problem.y if targets.split_evenly else None
                kept, held = split_rows(strata, len(problem.y), self.validation_fraction, rng)
                validation = self._validation(targets, problem.only(held))
                problem = problem.only(kept)
        if stopped:
            state = stopped.state.copy()
        elif fresh:
            state = self._new_state(net, random, dtype)
        else:
            state = self._next_state(random, once=once)
        seed = int(state.seeds[0]) if fresh else self.model_.networks[0].step.seed

        def model(theta: Array, log: TrainingLog) -> Model:
            names = tuple(getattr(self, "feature_names_in_", ()))
            network = FittedNetwork(net, theta, self.training_step(seed))
            return Model(target=targets, networks=[network], log=log, feature_names=names)

        def now() -> dict[str, Any]:
            return {"model_": model(state.theta.copy(), TrainingLog(""))}

        history = {name: [] for name in Record._fields} if fresh else self.history_
        rows_seen = 0 if fresh else self.t_
        with self._announced(now, X, y, sample_weight, once=once) as observe:
            outcome = self._train(problem, state, validation, observe, once=once)
        settings = settings_of(self)
        self._checkpoint = None  # L-BFGS can't go on
        if self.solver != "lbfgs":
            self._checkpoint = Checkpoint.of(
                outcome, state, settings, n_rows, split_seed, once=once
            )
        for record in outcome.records:
            for name, column in history.items():
                column.append(getattr(record, name))
        rows_seen += len(outcome.records) * len(problem.y)
        whole = self.solver != "lbfgs" and not once  # those before a stop count too
        n_iter = state.epoch if whole else len(outcome.records)
        self.model_ = model(outcome.theta, log_of(history, outcome.reason, n_iter, rows_seen))
        self._summarize()
        self._report(outcome, problem.x, once=once)
        return self

    def _open(
        self, X: Any, y: Any, sample_weight: Any, *, reset: bool = False, where: str = "y"
    ) -> tuple[Any, Any, Array, str]:
        """Check X, y and weights, and drop the rows without weight."""
        X, y = validate_data(
            self,
            X,
            y,
            reset=reset,
            accept_sparse="csr",
            multi_output=True,
            y_numeric=is_regressor(self),
        )
        X = as_floats(X, "X")
        if is_regressor(self):
            if hasattr(y, "toarray"):
                y = y.toarray() if y.shape[1] > 1 else column_or_1d(y)  # which refuses it
            y = as_floats(y, where)
        w = check_weights(sample_weight, X.shape[0])
        if not w.all():
            X, y, w = X[w > 0], y[w > 0], w[w > 0]
        return X, y, w, where

    def _problem(
        self, net: Network, targets: Any, X: Any, y: Any, w: Array, where: str, dtype: Any
    ) -> Problem:
        """Turn checked rows into the numbers that an engine takes."""
        x, y = check_fits(X, dtype, "X"), targets.encode(y, where)
        if net.loss.target != "class":
            y = check_fits(y, dtype, where)
        w = check_fits(self._weigh(targets, y, w), dtype, "sample_weight")
        problem = Problem(net, x, y, w, self.alpha)
        return problem if w.all() else problem.only(np.flatnonzero(w))

    def _validation(self, targets: Any, held_out: Problem) -> Validation:
        """Measure the loss and the score of these rows after each epoch."""
        return Validation(
            held_out.x,
            held_out.y,
            held_out.w,
            score=lambda prediction: self._score(targets, held_out.y, prediction, held_out.w),
            stops=self.early_stopping,
        )

    def _new_state(self, net: Network, random: Any, dtype: Any) -> TrainState:
        """Return the state to train a new network from."""
        seeds = random.randint(2**31 - 1, size=self.n_networks).tolist()
        steps = [self.training_step(seed) for seed in seeds]
        theta = np.stack([step.initial_theta(net) for step in steps]).astype(dtype)
        update = update_of(self)
        optimizer_state = {} if update is None else update.optimizer.init(theta)
        return TrainState.start(theta, optimizer_state, seeds, self.learning_rate_init)

    def _next_state(self, random: Any, *, once: bool) -> TrainState:
        """Return the state to train on from: where training ended, or the last fit's weights."""
        update = update_of(self)
        last: Checkpoint | None = getattr(self, "_checkpoint", None)
        if not once or last is None or update is None:
            seeds = random.randint(2**31 - 1, size=self.n_networks).tolist()
            theta = self.theta_.copy()
            optimizer_state = {} if update is None else update.optimizer.init(theta)
            return TrainState.start(theta, optimizer_state, seeds, self.learning_rate_init)
        state = last.state.copy()
        if not np.array_equal(state.theta, self.theta_):  # set by hand, or of a best epoch
            state.theta[...] = self.theta_
            state.milestones.restart = [a.copy() for a in state.numbers()]
        for network in state.progress:  # an epoch that was asked for is not refused
            network.learning = True
            if network.blow_ups == MOST_BLOW_UPS:
                network.blow_ups = 0
        optimizer_state = update.optimizer.init(state.theta)
        if optimizer_state.keys() != state.optimizer_state.keys():  # of another solver
            state = TrainState.start(
                state.theta, optimizer_state, state.seeds.tolist(), self.learning_rate_init
            )
            state.epoch = last.state.epoch
        return state

    def _stopped_fit(self, n_rows: int) -> Checkpoint | None:
        """Return where the last fit was stopped, if this is to go on there."""
        last: Checkpoint | None = getattr(self, "_checkpoint", None)
        if last and last.fits(settings_of(self), n_rows, self.theta_, self.early_stopping):
            return last
        return None

    def training_step(self, seed: int = 0) -> TrainingStep:
        """Return how the network is trained, with the seed of its initial weights."""
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
        """Return the state from which `partial_fit` goes on.

        Raises
        ------
        ParameterError
            If there is none: before `fit`, in a copy by pickle, and after `solver="lbfgs"`.
        """
        last: Checkpoint | None = getattr(self, "_checkpoint", None)
        if last is None:
            raise ParameterError("There is no state of training: call fit or partial_fit first.")
        return last.state

    def __getstate__(self) -> dict[str, Any]:
        """Return what a pickle holds: what a finished fit needs to go on is left out."""
        state: dict[str, Any] = super().__getstate__()
        last: Checkpoint | None = state.get("_checkpoint")
        if last is not None and last.kind == "finished":
            return state | {"_checkpoint": None}
        return state

    def _train(
        self,
        problem: Problem,
        state: TrainState,
        validation: Validation | None,
        observe: Observer | None,
        *,
        once: bool,
    ) -> Outcome:
        """Train, and update the state in place."""
        n_rows = len(problem.y)
        # L-BFGS compares losses to their last digits, and NumPy adds in pairs, which loses fewer
        engine = PlainEngine() if self.solver == "lbfgs" else best_engine()
        update = update_of(self)
        self.engine_ = engine.name_for(problem, state.theta, update)
        if update is None:
            limits = {"tol": self.tol, "max_iter": self.max_iter, "max_fun": self.max_fun}
            outcomes = [
                train_lbfgs(problem, theta, engine, validation, observe, **limits)
                for theta in state.theta
            ]
            longest = max(outcomes, key=lambda outcome: len(outcome.records))
            return replace(longest, theta=state.theta)
        if self.batch_size == "auto":
            batch_size = min(200, n_rows)
        else:
            batch_size = min(int(self.batch_size), n_rows)
            if batch_size < int(self.batch_size):
                warnings.warn(
                    f"batch_size={self.batch_size} is larger than the {n_rows} rows to train on: "
                    f"{n_rows} is used.",
                    stacklevel=5,
                )
        config = config_of(self, update, batch_size)
        epochs = 1 if once else max(0, self.max_iter - state.epoch)
        return train(problem, state, config, engine, validation, observe, epochs)

    @contextmanager
    def _announced(
        self, now: Attributes, X: Any, y: Any, sample_weight: Any, *, once: bool
    ) -> Iterator[Observer | None]:
        """Give the observer that prints epochs and calls `callbacks`, and scikit-learn's.

        `now` returns the attributes of the estimator as it is fitted so far.
        """

        def observe(record: Record) -> bool:
            stop = False
            if self.verbose:
                print(f"Iteration {record.epoch}, loss = {record.train_loss:.8f}")
                if record.val_score is not None:
                    print(f"Validation score: {record.val_score:f}")
            for callback in self.callbacks or ():
                answer = callback(record)
                stop |= is_bool(answer) and bool(answer)
            if end_epoch is not None:
                stop |= end_epoch(now)
            return stop

        max_epochs = None if self.solver == "lbfgs" else self.max_iter
        task = fit_task(self, X, y, sample_weight, now, max_epochs)
        with nullcontext() if once else task as end_epoch:
            yield observe if self.verbose or self.callbacks or end_epoch else None

    def _summarize(self) -> None:
        """Set what follows from the history of the last fit."""
        by_score = self.early_stopping and self.solver != "lbfgs"
        scores = self.history_["val_score"]
        self.validation_scores_ = scores if by_score else None
        last = [score for score in scores[len(scores) - self.n_iter_ :] if score is not None]
        best = max(filter(np.isfinite, last), default=None)
        self.best_validation_score_ = best if by_score else None
        losses = filter(np.isfinite, self.loss_curve_)
        self.best_loss_ = None if by_score else min(losses, default=np.inf)

    def _report(self, outcome: Outcome, x: Any, *, once: bool) -> None:
        """Warn of what went wrong, and advise."""
        for record in outcome.records:
            if record.message:
                warnings.warn(record.message, ConvergenceWarning, stacklevel=5)
        is_lbfgs = self.solver == "lbfgs"
        if outcome.reason == "diverged":
            text = (
                "Solver produced non-finite parameter weights. The input data may contain large "
                "values and need to be preprocessed. Training has stopped: the loss kept growing, "
                "even at lower learning rates. The estimator holds the best weights it had. Scale "
                "X (and y), lower learning_rate_init or set max_grad_norm."
            )
            if self.best_validation_score_ is None:
                raise ParameterError(text)
            warnings.warn(text, ConvergenceWarning, stacklevel=5)  # as in scikit-learn
        if outcome.reason == "interrupted":
            warnings.warn("Training interrupted by user.", stacklevel=5)
        wanted = once or self.max_iter == 0
        wanted |= self.n_iter_no_change == np.inf and not self.warm_start
        if not is_lbfgs:
            wanted |= self.early_stopping or self.schedule != "constant"
        if outcome.reason == "epochs" and not wanted:
            warnings.warn(
                f"The loss was still falling after max_iter={self.max_iter} epochs: "
                f"{advice(x, self.loss_curve_)}",
                ConvergenceWarning,
                stacklevel=5,
            )

    # What was learned

    def _fitted(self) -> Model:
        """Return the model."""
        if not hasattr(self, "model_"):
            raise AttributeError(f"This {type(self).__name__} is not fitted: call fit first.")
        return self.model_

    @property
    def network_(self) -> Network:
        """The description of the network: layers and loss."""
        return self._fitted().networks[0].net

    @property
    def theta_(self) -> Array:
        """All parameters, shape (K, P). `coefs_` and `intercepts_` are views of it."""
        return self._fitted().networks[0].theta

    @property
    def n_outputs_(self) -> int:
        """The number of units of the output layer."""
        return self.network_.layers[-1].n_out

    @property
    def n_layers_(self) -> int:
        """The number of layers, with input and output."""
        return len(self.coefs_) + 1

    @property
    def history_(self) -> dict[str, list[Any]]:
        """For each epoch the fields of a `jubako.training.history.Record`."""
        return self._fitted().log.history

    @property
    def n_iter_(self) -> int:
        """The number of epochs of the last call."""
        return self._fitted().log.epochs

    @property
    def t_(self) -> int:
        """The number of rows seen in all epochs."""
        return self._fitted().log.rows_seen

    @property
    def stopped_(self) -> str:
        """Why the last training ended."""
        return self._fitted().log.stopped

    @property
    def loss_curve_(self) -> list[float]:
        """The training loss of each epoch."""
        return self.history_["train_loss"]

    @property
    def loss_(self) -> float:
        """The training loss of the last epoch; NaN if there was none."""
        return self._fitted().log.loss

    @property
    def coefs_(self) -> list[Array]:
        """The weights of each dense layer, (n_in, n_out), or (K, n_in, n_out) for K networks."""
        return self._parts("w")

    @property
    def intercepts_(self) -> list[Array]:
        """The biases of each dense layer, (n_out,), or (K, n_out) for K networks."""
        return [b[..., 0, :] for b in self._parts("b")]

    def _parts(self, kind: str) -> list[Array]:
        """Return views of theta_: one for each dense layer, in the order of the pass."""
        theta = self.theta_ if len(self.theta_) > 1 else self.theta_[0]
        return [
            part
            for parts in self.network_.views(theta)
            for name, part in parts.items()
            if name.endswith(kind)
        ]

    @property
    def out_activation_(self) -> str:
        """What turns the output layer's sums into predictions."""
        names: dict[type, str] = {
            BinaryCrossEntropy: "logistic",
            CrossEntropy: "softmax",
            Poisson: "exp",
        }
        return names.get(type(self.network_.loss), "identity")

    def _numbers(self, X: Any) -> Any:
        """Return X as the networks take it: checked, and in their precision."""
        check_is_fitted(self, "model_")
        X = validate_data(self, X, reset=False, accept_sparse="csr")
        return check_fits(as_floats(X, "X"), self.theta_.dtype, "X")

    def check_rows(self, X: Any, y: Any) -> tuple[Any, Any]:
        """Return X and y as the model takes them.

        Raises
        ------
        NotFittedError, TableError
            Before `fit`, or if they are not what the estimator was fitted to.
        """
        check_is_fitted(self, "model_")
        X, y, _, _ = self._open(X, y, None)
        return X, y

    def describe_checkpoint(self) -> tuple[dict[str, Any], dict[str, Array]]:
        """Return what a fit that was stopped needs to go on, or nothing if it came to its end."""
        return describe_checkpoint(getattr(self, "_checkpoint", None))

    def restore_checkpoint(self, words: dict[str, Any], arrays: dict[str, Array]) -> None:
        """Take back what `describe_checkpoint` has returned.

        Raises
        ------
        ValueError
            If it makes no sense for this network.
        """
        update, settings = update_of(self), settings_of(self)
        self._checkpoint = restore_checkpoint(words, arrays, self.theta_, update, settings)

    def restore(self, words: dict[str, Any], arrays: dict[str, Array]) -> None:
        self.set_saved_params(words["params"])
        self.adopt(model_from_plain(words, arrays, self.training_step()))

    def set_saved_params(self, params: dict[str, Any]) -> None:
        """Set the parameters of a file.

        Raises
        ------
        ValueError
            If there is no such parameter, or it has an impossible value.
        """
        self.set_params(**{key: as_param(value) for key, value in params.items()})
        check_parameters(self)

    def adopt(self, model: Model) -> None:
        """Become fitted: the model was trained with these parameters.

        Raises
        ------
        ValueError
            If it can't have been.
        """
        network, *others = model.networks
        if others or model.schema is not None or model.temperature is not None:
            raise ValueError("an ensemble, or a network for tables, where one for arrays is needed")
        if model.log.history.keys() != set(Record._fields):
            raise ValueError("a network without a history")
        loss = self._loss(model.target)
        if type(network.net.loss) is not type(loss):
            raise ValueError(f"a network with the loss {network.net.loss}, but {loss} is needed")
        self.n_features_in_ = network.net.layers[0].n_in
        if model.feature_names:
            self.feature_names_in_ = np.array(model.feature_names, object)
        self.model_ = model
        self._summarize()
        self.engine_ = best_engine().name

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags


def log_of(history: dict[str, list[Any]], reason: str, n_iter: int, rows_seen: int) -> TrainingLog:
    """Return the log of a training with this history."""
    losses, seconds = history["train_loss"], history["seconds"]
    return TrainingLog(
        stopped=reason,
        loss=losses[-1] if losses else np.nan,
        seconds=seconds[-1] if n_iter else 0.0,
        epochs=n_iter,
        rows_seen=rows_seen,
        history=history,
    )


def advice(x: Any, losses: Sequence[float]) -> str:
    """Say what would help a run that ended before it converged, judging by its loss curve."""
    if not hasattr(x, "toarray"):
        center, spread = x.mean(0), x.std(0)
        spread = spread[spread > 0]
        if spread.size and (
            spread.max() > 100 * spread.min() or (abs(center) > 10 * x.std(0).max()).any()
        ):
            return "scale the columns of X first, for example with StandardScaler."
    late = np.diff(losses[-20:])
    if len(late) and (late > 0).mean() > 0.4:
        return "it goes up and down, so try a lower learning_rate_init."
    return "raise max_iter, or learning_rate_init."
