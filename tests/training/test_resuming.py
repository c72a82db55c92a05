"""Training that is interrupted at any moment, and goes on, ends with the same bits."""

import sys
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jubako.core.layers import Dense, Dropout
from jubako.core.losses import SquaredError
from jubako.core.network import Network
from jubako.training import history, loop
from jubako.training import state as train_state
from jubako.training.checkpoint import from_arrays, to_arrays
from jubako.training.config import TrainConfig
from jubako.training.engines.base import Problem
from jubako.training.engines.native.engine import best_engine
from jubako.training.engines.numpy_engine import NumpyEngine
from jubako.training.loop import train
from jubako.training.optimizers import SGD, Adam, Update
from jubako.training.state import TrainState
from jubako.training.validation import Validation

NET = Network((Dense(2, 3, "tanh"), Dropout(3, 0.2), Dense(3, 1)), SquaredError())
ENGINES = [NumpyEngine(), best_engine()]
FILES = {module.__file__ for module in (history, loop, train_state)}
RATES = 0.05, 3e18  # with the second, losses blow up


def rows(n=20, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 2)).astype(np.float32)
    return Problem(NET, x, x[:, :1] ** 2, np.ones(n, np.float32), alpha=0.01)


def newborn(config, n_networks, rate):
    theta = np.stack([NET.init("he", np.random.default_rng(k)) for k in range(n_networks)])
    theta = theta.astype(np.float32)
    return TrainState.start(theta, config.update.optimizer.init(theta), range(n_networks), rate)


def held_out(stops):
    other = rows(8, seed=1)
    return Validation(
        other.x, other.y, other.w, lambda b: -float(np.square(b - other.y).mean()), stops
    )


def records_of(outcomes):
    records = [record for outcome in outcomes for record in outcome.records]
    return [repr(record._replace(seconds=0)) for record in records]


def check_same(state, outcomes, whole, expected):
    assert outcomes[-1].reason == expected.reason
    np.testing.assert_array_equal(outcomes[-1].theta, expected.theta)
    for found, there in zip(state.numbers(), whole.numbers(), strict=True):
        np.testing.assert_array_equal(found, there)
    assert state.progress == whole.progress
    assert records_of(outcomes) == records_of([expected])


class Interrupting:
    """Raise KeyboardInterrupt before the n-th line of training that is run from here on."""

    def __init__(self, n):
        self.n = n

    def trace(self, frame, event, arg):
        if frame.f_code.co_filename not in FILES:
            return None
        if event == "line":
            self.n -= 1
            if self.n == 0:
                raise KeyboardInterrupt
        return self.trace

    def __enter__(self):
        self.before = sys.gettrace()
        sys.settrace(self.trace)

    def __exit__(self, *error):
        sys.settrace(self.before)


configs = st.builds(
    TrainConfig,
    update=st.sampled_from([Update(SGD(0.5)), Update(Adam(), 0.01)]),
    epochs=st.integers(1, 9),
    batch_size=st.sampled_from([1, 7, 20]),
    shuffle=st.booleans(),
    schedule=st.sampled_from(["constant", "cosine"]),
    warm_up=st.sampled_from([0.0, 0.3]),
    learning_rate=st.sampled_from(["constant", "invscaling", "adaptive"]),
    tol=st.sampled_from([0, 0.1]),
    patience=st.sampled_from([1, np.inf]),
)


@given(
    configs,
    st.integers(1, 3),
    st.sampled_from(RATES),
    st.sampled_from([None, True, False]),
    st.lists(st.integers(1, 400), min_size=1, max_size=3),
    st.sampled_from(ENGINES),
)
def test_interrupted_at_any_line_and_resumed_is_uninterrupted(
    config, n_networks, rate, stops, moments, engine
):
    validation = None if stops is None else held_out(stops)
    whole = newborn(config, n_networks, rate)
    expected = train(rows(), whole, config, engine, validation)
    state, outcomes = newborn(config, n_networks, rate), []
    for moment in [*moments, 10**9]:
        left = config.epochs - state.epoch
        if outcomes and outcomes[-1].reason != "interrupted":
            break
        try:
            with Interrupting(moment):
                outcomes.append(train(rows(), state, config, engine, validation, epochs=left))
        except KeyboardInterrupt:  # before the first epoch or after the last: nothing is returned
            return
    check_same(state, outcomes, whole, expected)


class Fragile(NumpyEngine):
    """An engine that Ctrl-C meets in the middle of an epoch, when numbers are half changed."""

    def __init__(self, epoch):
        self.epoch = epoch

    def run_epoch(self, problem, update, state, *rest):
        if state.epoch != self.epoch:
            return super().run_epoch(problem, update, state, *rest)
        self.epoch = None
        super().run_epoch(problem, update, state, *rest)
        state.theta[:, ::2] = np.nan
        raise KeyboardInterrupt


@pytest.mark.parametrize("epoch", [0, 3, 5])
def test_interrupted_within_an_epoch_and_resumed_is_uninterrupted(epoch):
    config = TrainConfig(
        Update(Adam()), epochs=6, batch_size=7, schedule="cosine", tol=0, patience=np.inf
    )
    whole, state = newborn(config, 2, 0.05), newborn(config, 2, 0.05)
    expected = train(rows(), whole, config, NumpyEngine())
    engine = Fragile(epoch)
    first = train(rows(), state, config, engine)
    assert (first.reason, state.epoch) == ("interrupted", epoch)
    check_same(
        state, [first, train(rows(), state, config, engine, epochs=6 - epoch)], whole, expected
    )


def stopped(n_networks=2, rate=0.05):
    config = TrainConfig(Update(Adam()), epochs=6, batch_size=7, tol=0, patience=2)
    state = newborn(config, n_networks, rate)
    train(rows(), state, config, NumpyEngine(), held_out(True), epochs=3)
    return state, config


@pytest.mark.parametrize("rate", RATES)
def test_a_learner_from_arrays_goes_on_as_itself(rate):
    state, config = stopped(rate=rate)
    arrays = {name: array.copy() for name, array in to_arrays(state).items()}
    other = from_arrays(arrays, state.theta, state.optimizer_state)
    results = [train(rows(), one, config, NumpyEngine(), held_out(True)) for one in (state, other)]
    check_same(other, results[1:], state, results[0])


def test_arrays_that_are_no_learner_are_refused():
    state, _ = stopped()
    arrays = to_arrays(state)
    for name, array in arrays.items():
        wrong = [None, array[:1], array.astype(np.complex64)]
        if array.dtype.kind == "f":
            wrong.append(np.full_like(array, np.nan))
        if array.dtype == np.int64:
            wrong.append(np.full_like(array, -1))
        for other in wrong:
            damaged = {**arrays, name: other}
            if other is None:
                del damaged[name]
            with pytest.raises(ValueError, match="a checkpoint"):
                from_arrays(damaged, state.theta, state.optimizer_state)


def test_a_copy_goes_on_whatever_becomes_of_the_first():
    state, config = stopped()
    copy, again = state.copy(), state.copy()
    first = train(rows(), state, config, NumpyEngine(), held_out(True))
    second = train(rows(), copy, config, NumpyEngine(), held_out(True))
    check_same(copy, [second], state, first)
    assert again.epoch == 3
    assert replace(again, epoch=0).epoch == 0
