"""What the two perceptrons share: from checked data to a trained network, and what it leaves."""

import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, fields, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal, Self, cast

import numpy as np
from sklearn.base import BaseEstimator, is_regressor
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted, column_or_1d, validate_data

from jubako.core.activations import Array
from jubako.core.errors import ParameterError
from jubako.core.layers import Dense, Dropout, Layer, Residual
from jubako.core.losses import BinaryCrossEntropy, CrossEntropy, Loss, Poisson
from jubako.core.network import Network
from jubako.data.target import ClassTarget
from jubako.training.checkpoint import from_arrays, to_arrays
from jubako.training.config import TrainConfig
from jubako.training.engines.base import Problem
from jubako.training.engines.native.engine import best_engine
from jubako.training.engines.numpy_engine import PlainEngine
from jubako.training.history import Observer, Outcome, Record
from jubako.training.lbfgs import train_lbfgs
from jubako.training.loop import MOST_BLOW_UPS, train
from jubako.training.optimizers import OPTIMIZERS, Update
from jubako.training.state import TrainState
from jubako.training.validation import Validation

from .callbacks import CallbackSupport, fit_task, with_callbacks
from .saving import Saving, check_finite, describe_network, restore_network
from .targets import Numbers, split_rows
from .validation import RULES, as_floats, check_fits, check_weights, is_bool

SMALL = 10_000  # numbers in X up to which float64 costs no time worth naming


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


@dataclass
class Checkpoint:
    """Where the last training ended, so that it can go on there.

    Parameters
    ----------
    state : TrainState
    kind : {"finished", "stopped", "partial_fit"}
        Whether `fit` came to its end, was ended before it by Ctrl-C or a callback, or whether this
        was a call of `partial_fit`.
    settings : dict
        The parameters that decide what is learned: a fit that was stopped goes on with the same.
    n_rows : int
        How many rows there were, validation included.
    split_seed : int or None
        Which of them were held out.
    """

    state: TrainState
    kind: Literal["finished", "stopped", "partial_fit"]
    settings: dict[str, str]
    n_rows: int
    split_seed: int | None


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
        network_: Network
        theta_: Array
        n_outputs_: int
        n_features_in_: int
        _targets: Any

    # What the classifier and the regressor answer differently

    def _meet(self, y: Any, classes: Any) -> ClassTarget | Numbers:
        """Say what the targets of a new network are."""
        raise NotImplementedError

    def _loss(self, targets: Any) -> Loss:
        """Choose the loss for these targets."""
        raise NotImplementedError

    def _weigh(self, targets: Any, y: Array, w: Array) -> Array:
        """Return the weights of the rows, given the encoded targets."""
        return w

    def _score(self, y: Array, prediction: Array, w: Array) -> float:
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
            hidden = self._check_parameters()
            if once and self.early_stopping:
                raise ParameterError("partial_fit does not support early_stopping=True")
            fresh = not hasattr(self, "theta_") or not (self.warm_start or once)
            rows = self._open(X, y, sample_weight, reset=fresh)
            random = check_random_state(self.random_state)
            targets = self._meet(rows[1], classes) if fresh else self._targets
            net = self._network(self.n_features_in_, hidden, targets)
            if not fresh and (net != self.network_ or len(self.theta_) != self.n_networks):
                raise ParameterError(
                    "Training goes on with the network of the last fit, but its parameters have "
                    "changed since: set them back, or call fit with warm_start=False."
                )
            dtype = self._precision(rows[0]) if fresh else self.theta_.dtype
            problem, validation = self._problem(net, targets, *rows, dtype), None
            n_rows, split_seed = len(problem.y), None
            stopped = None if fresh or once else self._stopped_fit(n_rows)
            if val is not None:
                val_rows = self._open(*val, reset=False, where="y_val")
                validation = self._validation(self._problem(net, targets, *val_rows, dtype))
            elif self.early_stopping and self.solver != "lbfgs":
                split_seed = stopped.split_seed if stopped else random.randint(2**31 - 1)
                rng = np.random.default_rng(split_seed)
                strata = problem.y if targets.split_evenly else None
                kept, held = split_rows(strata, len(problem.y), self.validation_fraction, rng)
                validation = self._validation(problem.only(held))
                problem = problem.only(kept)
        if fresh:
            self.network_, self._targets, self.n_outputs_ = net, targets, targets.n_outputs
            self.history_: dict[str, list[Any]] = {name: [] for name in Record._fields}
            self.t_ = 0
        if stopped:
            state = stopped.state.copy()
        else:
            state = self._train_state(random, dtype, fresh=fresh, once=once)
        with self._announced(state, X, y, sample_weight, once=once) as observe:
            outcome = self._train(problem, state, validation, observe, once=once)
        self._checkpoint = self._new_checkpoint(outcome, state, n_rows, split_seed, once=once)
        self._remember(outcome, state, len(problem.y), once=once)
        self._report(outcome, problem.x, once=once)
        return self

    def _check_parameters(self) -> tuple[int, ...]:
        """Check all parameters, and return the sizes of the hidden layers."""
        owner = type(self).__name__
        for name, value in self.get_params(deep=False).items():
            RULES[name].check(owner, name, value)
        sizes = self.hidden_layer_sizes
        hidden = tuple(int(size) for size in np.atleast_1d(np.array(sizes, int)))
        for name in ("activation", "dropout"):
            given = getattr(self, name)
            if np.ndim(given) and len(given) != len(hidden):
                raise ParameterError(
                    f"{name}={given!r} has {len(given)} entries, but there are {len(hidden)} "
                    f"hidden layers: hidden_layer_sizes={sizes!r}. Pass one for each, or one for "
                    "all."
                )
        if self.residual and not any(a == b for a, b in pairwise(hidden)):
            raise ParameterError(
                "residual=True bridges hidden layers as wide as the one before, but there is none "
                f"in hidden_layer_sizes={sizes!r}: try (64, 64)."
            )
        if self.solver == "lbfgs" and np.any(self.dropout):
            raise ParameterError(
                "solver='lbfgs' needs the same loss at every look, so it cannot drop units: set "
                "dropout=0, or solver='adam'."
            )
        return hidden

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

    def _precision(self, X: Any) -> Any:
        """Choose the precision of a new network."""
        if self.dtype != "auto":
            return np.dtype(self.dtype)
        exact = self.solver == "lbfgs" or X.shape[0] * X.shape[1] <= SMALL
        return np.dtype(np.float64 if exact else np.float32)

    def _network(
        self, n_in: int, hidden: tuple[int, ...], targets: ClassTarget | Numbers
    ) -> Network:
        """Describe the network that the parameters ask for."""
        activations = np.broadcast_to(self.activation, len(hidden))
        dropouts = np.broadcast_to(self.dropout, len(hidden))
        layers = list[Layer]()
        for n_out, activation, rate in zip(hidden, activations, dropouts, strict=True):
            box: tuple[Layer, ...] = (Dense(n_in, n_out, str(activation)),)
            if rate:
                box += (Dropout(n_out, float(rate)),)
            layers += (Residual(box),) if self.residual and layers and n_in == n_out else box
            n_in = n_out
        return Network((*layers, Dense(n_in, targets.n_outputs)), self._loss(targets))

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

    def _validation(self, held_out: Problem) -> Validation:
        """Measure the loss and the score of these rows after each epoch."""
        return Validation(
            held_out.x,
            held_out.y,
            held_out.w,
            score=lambda prediction: self._score(held_out.y, prediction, held_out.w),
            stops=self.early_stopping,
        )

    def _train_state(self, random: Any, dtype: Any, *, fresh: bool, once: bool) -> TrainState:
        """Return the state to train from: new, the last fit's weights, or where training ended."""
        last: Checkpoint | None = getattr(self, "_checkpoint", None)
        if once and not fresh and last is not None:
            state = last.state.copy()
            if not np.array_equal(state.theta, self.theta_):  # set by hand, or of a best epoch
                state.theta[...] = self.theta_
                state.milestones.restart = [a.copy() for a in state.numbers()]
            for network in state.progress:  # an epoch that was asked for is not refused
                network.learning = True
                if network.blow_ups == MOST_BLOW_UPS:
                    network.blow_ups = 0
            optimizer_state = self._update().optimizer.init(state.theta)
            if optimizer_state.keys() != state.optimizer_state.keys():  # of another solver
                state = TrainState.start(
                    state.theta, optimizer_state, state.seeds.tolist(), self.learning_rate_init
                )
                state.epoch = last.state.epoch
            return state
        seeds = random.randint(2**31 - 1, size=self.n_networks).tolist()
        if fresh:
            rngs = [np.random.default_rng([seed, 1]) for seed in seeds]
            theta = np.stack([self.network_.init(self.init, rng) for rng in rngs]).astype(dtype)
        else:
            theta = self.theta_.copy()
        optimizer_state = {} if self.solver == "lbfgs" else self._update().optimizer.init(theta)
        return TrainState.start(theta, optimizer_state, seeds, self.learning_rate_init)

    def _stopped_fit(self, n_rows: int) -> Checkpoint | None:
        """Return where the last fit was stopped, if this is to go on there.

        That is so if nothing but the will to go on has changed: neither a parameter, nor the
        number of rows, nor the weights by hand.
        """
        last: Checkpoint | None = getattr(self, "_checkpoint", None)
        if (
            last is None
            or last.kind != "stopped"
            or last.n_rows != n_rows
            or last.settings != self._settings_that_count()
            or not np.array_equal(self.theta_, last.state.result(self.early_stopping))
        ):
            return None
        return last

    def _settings_that_count(self) -> dict[str, str]:
        """Return the parameters that decide what is learned, once the seeds are drawn."""
        free = "callbacks", "random_state", "verbose", "warm_start"
        params = self.get_params(deep=False).items()
        return {name: repr(value) for name, value in params if name not in free}

    def _new_checkpoint(
        self,
        outcome: Outcome,
        state: TrainState,
        n_rows: int,
        split_seed: int | None,
        *,
        once: bool,
    ) -> Checkpoint | None:
        """Return where training has ended; L-BFGS can't go on from there."""
        if self.solver == "lbfgs":
            return None
        if once:
            kind = "partial_fit"
        else:
            kind = "stopped" if outcome.reason in ("callback", "interrupted") else "finished"
        if kind == "finished":  # `partial_fit` may go on from its result: no need for more copies
            theta = outcome.theta
            restart = [theta, *state.optimizer_state.values()]
            milestones = replace(state.milestones, best=theta, restart=restart)
            state = replace(state, theta=theta, milestones=milestones)
        return Checkpoint(state, kind, self._settings_that_count(), n_rows, split_seed)

    def describe_stopped_fit(self) -> tuple[dict[str, Any], dict[str, Array]]:
        """Return what a fit that was stopped needs to go on, or nothing if it came to its end."""
        last: Checkpoint | None = getattr(self, "_checkpoint", None)
        if last is None or last.kind != "stopped":
            return {}, {}
        words = {"n_rows": last.n_rows, "split_seed": last.split_seed}
        arrays = to_arrays(last.state)
        return {"checkpoint": words}, {f"checkpoint.{name}": arrays[name] for name in arrays}

    def restore_stopped_fit(self, words: dict[str, Any], arrays: dict[str, Array]) -> None:
        """Take back what `describe_stopped_fit` has returned.

        Raises
        ------
        ValueError
            If it makes no sense for this network.
        """
        given = words.get("checkpoint")
        if given is None:
            return
        prefix, n_rows, split_seed = "checkpoint.", given["n_rows"], given["split_seed"]
        if type(n_rows) is not int or n_rows < 1:
            raise ValueError(f"a checkpoint of {n_rows!r} rows")
        if split_seed is not None and not (type(split_seed) is int and 0 <= split_seed < 2**31):
            raise ValueError(f"a checkpoint with the seed {split_seed!r}")
        own = {k.removeprefix(prefix): a for k, a in arrays.items() if k.startswith(prefix)}
        state = from_arrays(own, self.theta_, self._update().optimizer.init(self.theta_))
        settings = self._settings_that_count()
        self._checkpoint = Checkpoint(state, "stopped", settings, n_rows, split_seed)

    def __getstate__(self) -> dict[str, Any]:
        """Return what a pickle holds: what a finished fit needs to go on is left out."""
        state: dict[str, Any] = super().__getstate__()
        last: Checkpoint | None = state.get("_checkpoint")
        if last is not None and last.kind == "finished":
            return state | {"_checkpoint": None}
        return state

    def _update(self) -> Update:
        """Describe a step."""
        given = {
            "momentum": self.momentum,
            "nesterov": self.nesterovs_momentum,
            "beta_1": self.beta_1,
            "beta_2": self.beta_2,
            "epsilon": self.epsilon,
        }
        return Update(
            make(OPTIMIZERS[self.solver], given),
            self.weight_decay,
            np.inf if self.max_grad_norm is None else self.max_grad_norm,
        )

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
        update = None if self.solver == "lbfgs" else self._update()
        self.engine_ = engine.name_for(problem, state.theta, update)
        if self.solver == "lbfgs":
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
        config = TrainConfig(
            update=cast(Update, update),
            epochs=self.max_iter,
            batch_size=batch_size,
            shuffle=bool(self.shuffle),
            schedule=self.schedule,
            warm_up=self.warmup_fraction,
            learning_rate=self.learning_rate if self.solver == "sgd" else "constant",
            power_t=self.power_t,
            tol=self.tol,
            patience=self.n_iter_no_change,
        )
        epochs = 1 if once else max(0, self.max_iter - state.epoch)
        return train(problem, state, config, engine, validation, observe, epochs)

    @contextmanager
    def _announced(
        self, state: TrainState, X: Any, y: Any, sample_weight: Any, *, once: bool
    ) -> Iterator[Observer | None]:
        """Give the observer that tells the user, `callbacks`, and scikit-learn's callbacks."""

        def weights() -> dict[str, Array]:
            return {"theta_": state.theta.copy()}

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
                stop |= end_epoch(weights)
            return stop

        max_epochs = None if self.solver == "lbfgs" else self.max_iter
        task = fit_task(self, X, y, sample_weight, weights, max_epochs)
        with nullcontext() if once else task as end_epoch:
            yield observe if self.verbose or self.callbacks or end_epoch else None

    def _remember(self, outcome: Outcome, state: TrainState, n_rows: int, *, once: bool) -> None:
        """Set the attributes that a fit leaves behind."""
        for record in outcome.records:
            for name, column in self.history_.items():
                column.append(getattr(record, name))
        self.theta_ = outcome.theta
        self.t_ += len(outcome.records) * n_rows
        self.stopped_: str = outcome.reason
        # those before a stop count too
        whole = self.solver != "lbfgs" and not once
        self._summarize(state.epoch if whole else len(outcome.records))

    def _summarize(self, n_iter: int) -> None:
        """Set what follows from the weights, and from the history of the last n_iter epochs."""
        self.n_iter_ = n_iter
        self.n_layers_ = len(self.coefs_) + 1
        self.loss_curve_: list[float] = self.history_["train_loss"]
        self.loss_ = self.loss_curve_[-1] if self.loss_curve_ else np.nan
        by_score = self.early_stopping and self.solver != "lbfgs"
        scores = self.history_["val_score"]
        self.validation_scores_ = scores if by_score else None
        last = [score for score in scores[len(scores) - n_iter :] if score is not None]
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
        if not hasattr(self, "theta_"):
            raise AttributeError(f"This {type(self).__name__} has no weights: call fit first.")
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

    def _predict(self, X: Any) -> Array:
        """Return the networks' mean prediction, shape (N, n_outputs)."""
        check_is_fitted(self, "theta_")
        X = validate_data(self, X, reset=False, accept_sparse="csr")
        x = check_fits(as_floats(X, "X"), self.theta_.dtype, "X")
        with np.errstate(over="ignore", invalid="ignore"):
            b = best_engine().predict(self.network_, self.theta_, x)
            prediction = self.network_.loss.mean(b).mean(0)
        check_finite(prediction)
        return prediction

    def describe(self) -> tuple[dict[str, Any], dict[str, Array]]:
        check_is_fitted(self, "theta_")
        return describe_network(self)

    def restore(self, words: dict[str, Any], arrays: dict[str, Array]) -> None:
        restore_network(self, words, arrays)
        self.engine_ = best_engine().name

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags


def make(cls: type, given: dict[str, float]) -> Any:
    """Make one of a class with those of the given settings that it has."""
    return cls(**{field.name: given[field.name] for field in fields(cls) if field.name in given})


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
