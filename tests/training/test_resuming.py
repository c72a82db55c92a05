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
from jubako.training import loop
from jubako.training.checkpoint import from_arrays, to_arrays
from jubako.training.engine import Learner, PlainEngine, Problem
from jubako.training.loop import Plan, Validation, train
from jubako.training.native.engine import best_engine
from jubako.training.optimizers import SGD, Adam, Update

NET = Network((Dense(2, 3, "tanh"), Dropout(3, 0.2), Dense(3, 1)), SquaredError())
ENGINES = [PlainEngine(), best_engine()]
RATES = 0.05, 3e18  # with the second, losses blow up


def rows(n=20, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 2)).astype(np.float32)
    return Problem(NET, x, x[:, :1] ** 2, np.ones(n, np.float32), alpha=0.01)


def newborn(plan, n_networks, rate):
    theta = np.stack([NET.init("he", np.random.default_rng(k)) for k in range(n_networks)])
    theta = theta.astype(np.float32)
    return Learner.start(theta, plan.update.optimizer.init(theta), range(n_networks), rate)


def held_out(stops):
    other = rows(8, seed=1)
    return Validation(
        other.x, other.y, other.w, lambda b: -float(np.square(b - other.y).mean()), stops
    )


def records_of(outcomes):
    records = [record for outcome in outcomes for record in outcome.records]
    return [repr(record._replace(seconds=0)) for record in records]


def check_same(learner, outcomes, whole, expected):
    assert outcomes[-1].reason == expected.reason
    np.testing.assert_array_equal(outcomes[-1].theta, expected.theta)
    for found, there in zip(learner.numbers(), whole.numbers(), strict=True):
        np.testing.assert_array_equal(found, there)
    assert learner.runs == whole.runs
    assert records_of(outcomes) == records_of([expected])


class Interrupting:
    """Raise KeyboardInterrupt before the n-th line of the loop that is run from here on."""

    def __init__(self, n):
        self.n = n

    def trace(self, frame, event, arg):
        if frame.f_code.co_filename != loop.__file__:
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


plans = st.builds(
    Plan,
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
    plans,
    st.integers(1, 3),
    st.sampled_from(RATES),
    st.sampled_from([None, True, False]),
    st.lists(st.integers(1, 400), min_size=1, max_size=3),
    st.sampled_from(ENGINES),
)
def test_interrupted_at_any_line_and_resumed_is_uninterrupted(
    plan, n_networks, rate, stops, moments, engine
):
    validation = None if stops is None else held_out(stops)
    whole = newborn(plan, n_networks, rate)
    expected = train(rows(), whole, plan, engine, validation)
    learner, outcomes = newborn(plan, n_networks, rate), []
    for moment in [*moments, 10**9]:
        left = plan.epochs - learner.epoch
        if outcomes and outcomes[-1].reason != "interrupted":
            break
        try:
            with Interrupting(moment):
                outcomes.append(train(rows(), learner, plan, engine, validation, epochs=left))
        except KeyboardInterrupt:  # before the first epoch or after the last: nothing is returned
            return
    check_same(learner, outcomes, whole, expected)


class Fragile(PlainEngine):
    """An engine that Ctrl-C meets in the middle of an epoch, when numbers are half changed."""

    def __init__(self, epoch):
        self.epoch = epoch

    def run_epoch(self, problem, update, learner, *rest):
        if learner.epoch != self.epoch:
            return super().run_epoch(problem, update, learner, *rest)
        self.epoch = None
        super().run_epoch(problem, update, learner, *rest)
        learner.theta[:, ::2] = np.nan
        raise KeyboardInterrupt


@pytest.mark.parametrize("epoch", [0, 3, 5])
def test_interrupted_within_an_epoch_and_resumed_is_uninterrupted(epoch):
    plan = Plan(Update(Adam()), epochs=6, batch_size=7, schedule="cosine", tol=0, patience=np.inf)
    whole, learner = newborn(plan, 2, 0.05), newborn(plan, 2, 0.05)
    expected = train(rows(), whole, plan, PlainEngine())
    engine = Fragile(epoch)
    first = train(rows(), learner, plan, engine)
    assert (first.reason, learner.epoch) == ("interrupted", epoch)
    check_same(
        learner, [first, train(rows(), learner, plan, engine, epochs=6 - epoch)], whole, expected
    )


def stopped(n_networks=2, rate=0.05):
    plan = Plan(Update(Adam()), epochs=6, batch_size=7, tol=0, patience=2)
    learner = newborn(plan, n_networks, rate)
    train(rows(), learner, plan, PlainEngine(), held_out(True), epochs=3)
    return learner, plan


@pytest.mark.parametrize("rate", RATES)
def test_a_learner_from_arrays_goes_on_as_itself(rate):
    learner, plan = stopped(rate=rate)
    arrays = {name: array.copy() for name, array in to_arrays(learner).items()}
    other = from_arrays(arrays, learner.theta, learner.state)
    results = [train(rows(), one, plan, PlainEngine(), held_out(True)) for one in (learner, other)]
    check_same(other, results[1:], learner, results[0])


def test_arrays_that_are_no_learner_are_refused():
    learner, _ = stopped()
    arrays = to_arrays(learner)
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
                from_arrays(damaged, learner.theta, learner.state)


def test_a_copy_goes_on_whatever_becomes_of_the_first():
    learner, plan = stopped()
    copy, again = learner.copy(), learner.copy()
    first = train(rows(), learner, plan, PlainEngine(), held_out(True))
    second = train(rows(), copy, plan, PlainEngine(), held_out(True))
    check_same(copy, [second], learner, first)
    assert again.epoch == 3
    assert replace(again, epoch=0).epoch == 0
