from dataclasses import replace

import numpy as np
import pytest
from scipy.sparse import csr_array

from jubako.core.layers import LAYERS, Dense, Dropout
from jubako.core.losses import CrossEntropy, SquaredError
from jubako.core.network import Network
from jubako.training.config import TrainConfig
from jubako.training.engines.base import Problem
from jubako.training.engines.native.engine import best_engine
from jubako.training.engines.numpy_engine import NumpyEngine
from jubako.training.loop import train
from jubako.training.optimizers import OPTIMIZERS, SGD, Adam, Update
from jubako.training.state import TrainState
from jubako.training.validation import Validation
from strategies import network, targets

SEEDS = 11, 22, 33
NET = Network((Dense(3, 8, "tanh"), Dropout(8, 0.3), Dense(8, 3)), CrossEntropy())
STILL = Network((Dense(3, 8, "tanh"), Dense(8, 3)), CrossEntropy())  # nothing is dropped
PLAN = TrainConfig(Update(Adam()), epochs=8, batch_size=10, tol=0, patience=np.inf)


def rows(net=NET, n_rows=45, seed=0, alpha=0.1, dtype=np.float64):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n_rows, net.layers[0].n_in)).astype(dtype)
    y = targets(net.loss, rng, (n_rows, net.layers[-1].n_out), dtype)
    return Problem(net, x, y, rng.uniform(0.5, 2, n_rows).astype(dtype), alpha)


def held_out(score, net=NET, stops=True, dtype=np.float64):
    other = rows(net, 20, seed=1, dtype=dtype)
    return Validation(other.x, other.y, other.w, score, stops)


def accuracy(net=NET, dtype=np.float64):
    y = rows(net, 20, seed=1, dtype=dtype).y
    return lambda prediction: float((prediction.argmax(-1) == y[:, 0]).mean())


def newborn(problem, seeds=(11,), config=PLAN, rate=0.05):
    """Make networks that have learned nothing yet."""
    theta = np.stack([problem.net.init("glorot", np.random.default_rng(seed)) for seed in seeds])
    theta = theta.astype(problem.x.dtype)
    return TrainState.start(theta, config.update.optimizer.init(theta), seeds, rate)


def fit(problem=None, seeds=(11,), config=PLAN, rate=0.05, rates=None, **settings):
    """Train new networks; return the state and the outcome."""
    problem = problem or rows()
    state = newborn(problem, seeds, config, rate)
    for progress, own in zip(state.progress, rates or [], strict=False):
        progress.rate = own
    return state, train(problem, state, config, settings.pop("engine", NumpyEngine()), **settings)


def check_side_by_side(problem=None, config=PLAN, rates=None, **settings):
    """Compare networks trained side by side with each trained alone, and return those."""
    together, outcome = fit(problem, SEEDS, config, rates=rates, **settings)
    alone = [
        fit(problem, [seed], config, rates=rates and [rates[k]], **settings)
        for k, seed in enumerate(SEEDS)
    ]
    for k, (_, other) in enumerate(alone):
        np.testing.assert_array_equal(outcome.theta[k], other.theta[0])
    lengths = [len(other.records) for _, other in alone]
    assert len(outcome.records) == max(lengths)
    for i, record in enumerate(outcome.records):
        there = [other.records[i] for _, other in alone if i < len(other.records)]
        for name in "train_loss", "val_loss", "val_score", "learning_rate", "grad_norms":
            values = [getattr(r, name) for r in there if np.isfinite(r.train_loss)]
            if name == "learning_rate":
                values = [r.learning_rate for r in there]
            if values and values[0] is not None:
                # a mean of three, added up in another order
                np.testing.assert_allclose(getattr(record, name), np.mean(values, 0), rtol=1e-14)
    return together, alone


dtypes = pytest.mark.parametrize("dtype", [np.float32, np.float64])

# Side by side


EQUAL = [np.flatnonzero(np.arange(45) % 9 != k) for k in range(3)]
UNEQUAL = [np.arange(45), np.arange(0, 45, 4), np.array([7])]


@pytest.mark.parametrize("shuffle", [True, False])
@pytest.mark.parametrize(
    "own", [EQUAL, np.array(EQUAL), UNEQUAL], ids=["equal", "array", "unequal"]
)
@pytest.mark.parametrize("engine", [NumpyEngine(), best_engine()])
def test_each_network_learns_from_its_own_rows_as_alone_bit_for_bit(engine, own, shuffle):
    config = replace(PLAN, schedule="coslog4", warm_up=0.3, learning_rate="invscaling")
    config, problem = replace(config, shuffle=shuffle), rows()
    together, outcome = fit(problem, SEEDS, config, rows=own, engine=engine)
    rates = []
    for k, seed in enumerate(SEEDS):
        alone, other = fit(problem.only(own[k]), [seed], config, engine=engine)
        np.testing.assert_array_equal(together.theta[k], alone.theta[0])
        assert together.progress[k] == alone.progress[0]
        rates.append([record.learning_rate for record in other.records])
    found = [record.learning_rate for record in outcome.records]
    np.testing.assert_allclose(found, np.mean(rates, 0), rtol=1e-14)  # added up in another order
    assert len(outcome.records) == PLAN.epochs


def test_a_network_without_rows_is_refused():
    with pytest.raises(ValueError, match="without rows"):
        fit(rows(), SEEDS, rows=[*UNEQUAL[:2], np.array([], int)])


@dtypes
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("layer", LAYERS)
def test_networks_side_by_side_learn_as_alone_bit_for_bit(layer, optimizer, dtype):
    problem = rows(network(layer, "relu", SquaredError()), dtype=dtype)
    config = replace(
        PLAN, update=Update(OPTIMIZERS[optimizer](), 0.1, 0.5), schedule="coslog4", warm_up=0.2
    )
    together, _ = check_side_by_side(problem, config)
    assert together.theta.dtype == dtype
    assert len(np.unique(together.theta[:, 0])) == 3  # or this has tested nothing


@dtypes
def test_networks_side_by_side_stop_by_tol_as_alone_bit_for_bit(dtype):
    config = replace(PLAN, epochs=60, tol=0.02, patience=2)
    _, alone = check_side_by_side(rows(dtype=dtype), config)
    assert all(outcome.reason == "converged" for _, outcome in alone)
    assert len({len(outcome.records) for _, outcome in alone}) > 1  # or this has tested nothing


@dtypes
def test_networks_side_by_side_stop_by_score_as_alone_bit_for_bit(dtype):
    config = replace(PLAN, epochs=60, tol=1e-4, patience=3)
    validation = held_out(accuracy(dtype=dtype), dtype=dtype)
    _, alone = check_side_by_side(rows(dtype=dtype), config, validation=validation)
    assert all(outcome.reason == "converged" for _, outcome in alone)
    assert len({len(outcome.records) for _, outcome in alone}) > 1


def test_networks_side_by_side_adapt_their_rates_as_alone_bit_for_bit():
    config = replace(PLAN, epochs=40, tol=0.05, patience=1, learning_rate="adaptive")
    together, alone = check_side_by_side(config=config)
    rates = [network.rate for network in together.progress]
    assert rates == [state.progress[0].rate for state, _ in alone]
    assert max(rates) < 0.05


def shaky(dtype=np.float32):
    """Return rows of ±1, for which steps of rate r multiply errors by 1 - 3r, and a config."""
    net = Network((Dense(2, 1),), SquaredError())
    rng = np.random.default_rng(0)
    x = rng.choice([-1.0, 1.0], (200, 2))
    y = x @ [[1.0], [-2.0]] + rng.normal(size=(200, 1))
    problem = Problem(net, *(a.astype(dtype) for a in (x, y, np.ones(200))))
    return problem, replace(PLAN, update=Update(SGD(momentum=0.0)), batch_size=1)


def test_one_network_rolls_back_and_the_others_learn_as_alone_bit_for_bit():
    problem, config = shaky()
    together, alone = check_side_by_side(problem, config, rates=[0.05, 1.2, 0.05])
    assert [network.rate for network in together.progress] == [0.05, 0.6, 0.05]
    messages = [any(record.message for record in outcome.records) for _, outcome in alone]
    assert messages == [False, True, False]


def test_a_learner_is_not_changed_by_its_neighbours():
    alone, _ = fit(seeds=[22])
    for seeds in (11, 22), (22, 33, 11):
        together, _ = fit(seeds=seeds)
        np.testing.assert_array_equal(together.theta[seeds.index(22)], alone.theta[0])


# Seeds and resuming


def test_same_seed_gives_the_same_bits():
    (one, _), (two, _), (other, _) = fit(), fit(), fit(seeds=[12])
    np.testing.assert_array_equal(one.theta, two.theta)
    assert (one.theta != other.theta).any()


@pytest.mark.parametrize("problem", [rows(), rows(STILL)], ids=["dropout", "order"])
def test_seed_decides_dropout_and_order(problem):
    learners = [newborn(problem, [seed]) for seed in (11, 12)]
    learners[1].theta[...] = learners[0].theta
    config = PLAN if problem.net is STILL else replace(PLAN, shuffle=False)
    for state in learners:
        train(problem, state, config, NumpyEngine())
    assert (learners[0].theta != learners[1].theta).any()


def test_without_shuffle_and_dropout_the_seed_decides_nothing():
    problem, config = rows(STILL), replace(PLAN, shuffle=False)
    learners = [newborn(problem, [seed]) for seed in (11, 12)]
    learners[1].theta[...] = learners[0].theta
    for state in learners:
        train(problem, state, config, NumpyEngine())
    np.testing.assert_array_equal(learners[0].theta, learners[1].theta)


@pytest.mark.parametrize("learning_rate", ["constant", "invscaling", "adaptive"])
@pytest.mark.parametrize("schedule", ["constant", "cosine"])
@pytest.mark.parametrize("patience", [3, np.inf])
def test_training_in_parts_is_training_at_once_bit_for_bit(learning_rate, schedule, patience):
    config = replace(PLAN, learning_rate=learning_rate, schedule=schedule, warm_up=0.3)
    config = replace(config, tol=0.05, patience=patience)
    problem = rows()
    whole, outcome = fit(problem, SEEDS, config)
    state = newborn(problem, SEEDS, config)
    parts = [train(problem, state, config, NumpyEngine(), epochs=n) for n in (3, 1, 4)]
    np.testing.assert_array_equal(parts[-1].theta, outcome.theta)
    for found, expected in zip(state.numbers(), whole.numbers(), strict=True):
        np.testing.assert_array_equal(found, expected)
    assert state.progress == whole.progress
    records = [record for part in parts for record in part.records]
    assert [r._replace(seconds=0) for r in records] == [
        r._replace(seconds=0) for r in outcome.records
    ]


def test_a_learner_that_has_stopped_learns_no_more():
    config, problem = replace(PLAN, epochs=60, tol=0.05, patience=1), rows()
    state, outcome = fit(problem, SEEDS, config)
    assert outcome.reason == "converged"
    theta, epoch = state.theta.copy(), state.epoch
    again = train(problem, state, config, NumpyEngine())
    assert again.reason == "converged"
    assert again.records == []
    assert state.epoch == epoch
    np.testing.assert_array_equal(state.theta, theta)


@pytest.mark.parametrize("shuffle", [True, False])
def test_sparse_rows_are_dense_rows(shuffle):
    problem, config = rows(), replace(PLAN, shuffle=shuffle)
    problem.x[problem.x < 0] = 0
    dense, _ = fit(problem, SEEDS, config)
    sparse, _ = fit(replace(problem, x=csr_array(problem.x)), SEEDS, config)
    np.testing.assert_array_equal(dense.theta, sparse.theta)


# What the records say


@pytest.mark.parametrize("stops", [None, True, False])
def test_history_has_a_record_for_each_epoch(stops):
    validation = None if stops is None else held_out(accuracy(), stops=stops)
    seen = []
    state, outcome = fit(validation=validation, observe=seen.append)
    assert outcome.reason == "epochs"
    assert outcome.records == seen
    assert [record.epoch for record in seen] == [1, 2, 3, 4, 5, 6, 7, 8]
    assert state.epoch == 8
    for record in seen:
        assert (record.val_loss is None) == (record.val_score is None) == (stops is None)
        assert np.isfinite(record.train_loss)
        assert record.learning_rate == 0.05
        assert record.message == ""
    seconds = [record.seconds for record in seen]
    assert seconds == sorted(seconds)
    assert seconds[0] > 0


def test_no_epochs_leave_everything_as_it_was():
    state, outcome = fit(epochs=0)
    assert outcome.records == []
    assert outcome.reason == "epochs"
    np.testing.assert_array_equal(state.theta, newborn(rows()).theta)


@pytest.mark.parametrize("layer", LAYERS)
def test_grad_norms_has_an_entry_for_each_layer_with_parameters(layer):
    problem = rows(network(layer, "tanh", SquaredError()))
    _, outcome = fit(problem, SEEDS)
    n = sum(bool(item.shapes()) for item in problem.net.layers)
    assert [len(record.grad_norms) for record in outcome.records] == [n] * 8


def test_first_record_has_the_loss_and_gradient_of_the_start():
    problem = rows(STILL)
    config = replace(PLAN, batch_size=45)
    state = newborn(problem, SEEDS, config)
    theta, grad = state.theta.copy(), np.empty_like(state.theta)
    loss = NumpyEngine().loss_and_grad(problem, theta, grad)
    record = train(problem, state, config, NumpyEngine(), epochs=1).records[0]
    # rows in another order
    assert record.train_loss == pytest.approx(loss.mean(), rel=1e-13)
    norms = [
        np.sqrt(sum(np.square(part).sum((-2, -1)) for part in parts.values())).mean()
        for parts in STILL.views(grad)
    ]
    np.testing.assert_allclose(record.grad_norms, norms, rtol=1e-12)


def test_validation_has_the_weighted_loss_and_the_score_of_the_prediction():
    predictions = []

    def score(prediction):
        predictions.append(prediction)
        return 0.25

    state, outcome = fit(rows(STILL), validation=held_out(score, stops=False), epochs=1)
    other = rows(STILL, 20, seed=1, alpha=0)
    loss, _ = NumpyEngine().loss_and_grad(other, state.theta, np.empty_like(state.theta)), 0
    record = outcome.records[0]
    assert record.val_score == 0.25
    # sums of 20 rows in another order
    assert record.val_loss == pytest.approx(loss[0], rel=1e-13)
    b = NumpyEngine().predict(STILL, state.theta, other.x)[0]
    np.testing.assert_array_equal(predictions[0], CrossEntropy().mean(b))


def test_learning_rate_is_that_of_the_last_step():
    config = replace(PLAN, schedule="cosine")
    _, outcome = fit(config=config)
    expected = [0.05 * config.factors(epoch, 45)[-1] for epoch in range(8)]
    assert [record.learning_rate for record in outcome.records] == pytest.approx(expected, 1e-15)


# When it ends

MOTIONLESS = {"problem": rows(STILL, alpha=0), "rate": 0.0}
RESTING = replace(PLAN, epochs=12, shuffle=False, tol=1e-6)


@pytest.mark.parametrize("patience", [0, 1, 4])
def test_stops_after_more_than_patience_epochs_without_improvement(patience):
    _, outcome = fit(**MOTIONLESS, config=replace(RESTING, patience=patience))
    assert outcome.reason == "converged"
    assert len(outcome.records) == 1 + patience + 1  # the first epoch improves on nothing


def test_each_epoch_drops_other_units():
    _, outcome = fit(rows(alpha=0), rate=0.0, config=replace(RESTING, patience=np.inf))
    assert len({record.train_loss for record in outcome.records}) == 12


def test_endless_patience_never_stops():
    _, outcome = fit(**MOTIONLESS, config=replace(RESTING, patience=np.inf))
    assert outcome.reason == "epochs"
    assert len(outcome.records) == 12


def scripted(scores):
    """Return a score that says these in turn, whatever the prediction."""
    turns = iter(scores)
    return lambda prediction: next(turns)


def snapshots(**settings):
    """Train, and return theta after each epoch too."""
    problem, config = rows(), settings.pop("config", PLAN)
    state, path = newborn(problem, config=config), []

    def observe(record):
        path.append(state.theta.copy())
        return settings["until"] == record.epoch if "until" in settings else None

    validation = settings.get("validation")
    outcome = train(problem, state, config, NumpyEngine(), validation, observe)
    return state, outcome, path


def test_validation_score_keeps_the_best_weights():
    scores = [1, 2, 5, 3, 4, 4, 2, 1]
    _, outcome, path = snapshots(validation=held_out(scripted(scores)))
    assert [record.val_score for record in outcome.records] == scores
    np.testing.assert_array_equal(outcome.theta, path[2])
    assert (path[2] != path[-1]).any()


def test_the_first_of_equal_scores_is_kept():
    _, outcome, path = snapshots(validation=held_out(scripted([1, 2, 2, 2, 2, 2, 2, 2])))
    np.testing.assert_array_equal(outcome.theta, path[1])


def test_validation_that_does_not_stop_keeps_the_last_weights():
    scores = [9, 8, 7, 6, 5, 4, 3, 2]
    config = replace(PLAN, patience=1, tol=-1e9)
    state, outcome, path = snapshots(
        validation=held_out(scripted(scores), stops=False), config=config
    )
    assert len(outcome.records) == 8
    np.testing.assert_array_equal(state.theta, path[-1])


@pytest.mark.parametrize(
    ("scores", "epochs"),
    [
        ([1, 2, 3, 3, 3, 3, 3, 3], 6),  # three without improvement, after the third
        ([1, 1, 1, 2, 2, 2, 2, 9], 7),  # the fourth starts the count again
        ([3, 2, 1, 4, 5, 6, 7, 8], 8),  # never three in a row
        ([1, 1.04, 1.08, 1.05, 9, 9, 9, 9], 4),  # improvements less than tol do not count ...
        ([1, 1.04, 1.5, 1.5, 1.5, 1.5, 9, 9], 6),  # ... more do
    ],
)
def test_score_stops_after_more_than_patience_epochs_without_improvement(scores, epochs):
    config = replace(PLAN, tol=0.1, patience=2)
    _, outcome, path = snapshots(validation=held_out(scripted(scores)), config=config)
    assert len(path) == epochs
    assert outcome.reason == ("converged" if epochs < 8 else "epochs")


def test_an_improvement_less_than_tol_is_kept_all_the_same():
    config = replace(PLAN, tol=0.1, patience=2)
    validation = held_out(scripted([1, 1.04, 1.08, 1.05]))
    _, outcome, path = snapshots(validation=validation, config=config)
    np.testing.assert_array_equal(outcome.theta, path[2])


def test_adaptive_divides_the_rate_by_five_instead_of_stopping():
    config = replace(RESTING, epochs=40, patience=1, learning_rate="adaptive")
    state = newborn(MOTIONLESS["problem"], config=config, rate=1e-4)
    validation = held_out(lambda prediction: 0.0, STILL, stops=True)
    outcome = train(MOTIONLESS["problem"], state, config, NumpyEngine(), validation)
    rates = [record.learning_rate for record in outcome.records]
    # three epochs, the first of which improves on nothing, then two for each rate; 1e-4 / 5³ is
    # the first rate below 1e-6
    expected = [1e-4] * 3 + [2e-5] * 2 + [4e-6] * 2 + [8e-7] * 2
    assert rates == pytest.approx(expected, rel=1e-15)  # three roundings
    assert outcome.reason == "converged"


def test_observer_that_returns_true_stops():
    state, outcome, path = snapshots(until=3)
    assert outcome.reason == "callback"
    assert len(outcome.records) == len(path) == state.epoch == 3
    np.testing.assert_array_equal(state.theta, path[-1])


def test_observer_that_returns_true_ends_with_the_best_weights_of_the_score():
    _, outcome, path = snapshots(validation=held_out(scripted([2, 3, 1])), until=3)
    np.testing.assert_array_equal(outcome.theta, path[1])


# Interruption


def interrupted(at=3, **settings):
    def observe(record):
        if record.epoch == at:
            raise KeyboardInterrupt

    return fit(observe=observe, **settings)


class Fragile(NumpyEngine):
    """An engine that Ctrl-C meets in the middle of its fourth epoch."""

    def run_epoch(self, problem, update, state, *rest):
        if state.epoch < 3:
            return super().run_epoch(problem, update, state, *rest)
        state.theta[:, ::2] = np.nan
        for array in state.optimizer_state.values():
            array += 1
        raise KeyboardInterrupt


@pytest.mark.parametrize("at", [1, 3])
def test_interruption_between_epochs_leaves_the_weights_of_the_last_one(at):
    state, outcome = interrupted(at)
    assert outcome.reason == "interrupted"
    assert len(outcome.records) == state.epoch == at
    whole, _ = fit(epochs=at)
    np.testing.assert_array_equal(state.theta, whole.theta)


def test_interruption_within_an_epoch_leaves_the_numbers_of_the_one_before():
    state, outcome = fit(engine=Fragile(), seeds=SEEDS)
    assert outcome.reason == "interrupted"
    assert len(outcome.records) == state.epoch == 3
    whole, _ = fit(epochs=3, seeds=SEEDS)
    for found, expected in zip(state.numbers(), whole.numbers(), strict=True):
        np.testing.assert_array_equal(found, expected)


def test_interruption_ends_with_the_best_weights_of_the_score():
    scores = [1, 3, 2]
    _, outcome = interrupted(validation=held_out(scripted(scores)))
    assert outcome.reason == "interrupted"
    whole, _ = fit(epochs=2)
    np.testing.assert_array_equal(outcome.theta, whole.theta)


# Blow-ups

HUGE = 1e150


def test_a_blow_up_goes_back_and_halves_the_rate():
    problem, config = shaky(np.float64)
    config = replace(config, update=Update(SGD()))
    state = newborn(problem, config=config, rate=HUGE)
    theta, states = state.theta.copy(), []

    def observe(record):
        np.testing.assert_array_equal(state.theta, theta)
        states.append((state.progress[0].rate, state.optimizer_state["z"].copy()))

    outcome = train(problem, state, config, NumpyEngine(), observe=observe, epochs=2)
    assert [rate for rate, _ in states] == [HUGE / 2, HUGE / 4]
    assert not any(z.any() for _, z in states)
    for record, epoch in zip(outcome.records, [1, 2], strict=True):
        assert f"epoch {epoch}" in record.message
        assert f"{HUGE / 2**epoch:.3g}" in record.message


def test_three_blow_ups_in_a_row_end_it():
    problem, config = shaky(np.float64)
    state, outcome = fit(problem, SEEDS, config, rate=HUGE)
    assert outcome.reason == "diverged"
    assert len(outcome.records) == 3
    assert all(record.message for record in outcome.records)
    np.testing.assert_array_equal(state.theta, newborn(problem, SEEDS).theta)


def test_getting_better_than_ever_starts_the_count_of_blow_ups_again():
    class Moody(NumpyEngine):
        def run_epoch(self, problem, update, state, *rest):
            losses, grad = super().run_epoch(problem, update, state, *rest)
            if state.epoch % 6 < 2:
                state.theta[...] = np.nan
            return losses, grad

    _, outcome = fit(engine=Moody())
    assert outcome.reason == "epochs"
    assert [bool(record.message) for record in outcome.records] == [1, 1, 0, 0, 0, 0, 1, 1]


def test_after_a_blow_up_training_goes_on_at_half_the_rate():
    problem, config = shaky()
    state, outcome = fit(problem, config=config, rate=1.2)
    assert outcome.reason == "epochs"
    assert [bool(record.message) for record in outcome.records] == [True] + [False] * 7
    assert [record.learning_rate for record in outcome.records] == pytest.approx(
        [1.2] + [0.6] * 7,
        rel=1e-7,  # single precision
    )
    assert state.epoch == 8
    assert np.isfinite(state.theta).all()


@pytest.mark.parametrize("stops", [True, False])
@pytest.mark.parametrize("rates", [[HUGE], [0.05, HUGE], [HUGE, 0.05, HUGE]], ids=str)
def test_a_score_never_sees_a_prediction_that_is_not_finite(rates, stops):
    problem, config = shaky(np.float64)

    def score(prediction):  # as scikit-learn's scores do
        if not np.isfinite(prediction).all():
            raise ValueError("Input contains NaN.")
        return float(prediction.mean())

    validation = Validation(problem.x, problem.y, problem.w, score, stops)
    state, outcome = fit(problem, SEEDS[: len(rates)], config, rates=rates, validation=validation)
    assert outcome.reason == "diverged"
    assert np.isfinite(state.theta).all()


@pytest.mark.parametrize("stops", [True, False])
def test_a_blow_up_under_validation_spares_the_other_networks(stops):
    problem, config = shaky()
    validation = Validation(
        problem.x, problem.y, problem.w, lambda prediction: -float(np.var(prediction)), stops
    )
    check_side_by_side(problem, config, rates=[0.05, 1.2, 0.05], validation=validation)
