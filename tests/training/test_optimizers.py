import warnings
from itertools import pairwise

import numpy as np
import pytest
import sklearn
from hypothesis import given
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.datasets import load_iris
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.utils.fixes import parse_version

from jubako.core.layers import Dense
from jubako.core.losses import BinaryCrossEntropy, CrossEntropy, Poisson, SquaredError
from jubako.core.network import Network
from jubako.training.config import TrainConfig
from jubako.training.engines.base import Problem
from jubako.training.engines.numpy_engine import NumpyEngine
from jubako.training.loop import train
from jubako.training.optimizers import OPTIMIZERS, SGD, Adam, Update
from jubako.training.state import TrainState
from strategies import SEEDS

EPOCHS = 20

needs_1_7 = pytest.mark.skipif(
    parse_version(sklearn.__version__) < parse_version("1.7"),
    reason="scikit-learn < 1.7 has neither Poisson's loss nor sample weights",
)

# scikit-learn's own networks are the reference


def rows(task):
    """Return x, and y as scikit-learn and as the loss take it, the loss, and the estimator."""
    x, species = load_iris(return_X_y=True)
    x = (x - x.mean(0)) / x.std(0)
    order = np.random.default_rng(0).permutation(len(x))[:100]
    x, species = x[order], species[order]
    number = x[:, 3] - 2 * x[:, 0]
    y, loss, estimator = {
        "two classes": ((species == 1).astype(int), BinaryCrossEntropy(), MLPClassifier),
        "three classes": (species, CrossEntropy(), MLPClassifier),
        "regression": (number, SquaredError(), MLPRegressor),
        "counts": (np.round(np.exp(x[:, 3])), Poisson(), MLPRegressor),
    }[task]
    return x, y, y[:, None].astype(float), loss, estimator


def fit(model, x, y, w=None):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that 20 epochs are few
        return model.fit(x, y) if w is None else model.fit(x, y, w)


def parts(model):
    """Flatten scikit-learn's weights in the order of theta."""
    pairs = zip(model.coefs_, model.intercepts_, strict=True)
    return np.concatenate([np.concatenate([w.ravel(), b]) for w, b in pairs])


def check_against_sklearn(task, optimizer, w=None, activation="tanh", hidden=(7, 5), **settings):
    """Train both from the same weights, and return our outcome."""
    x, y, target, loss, estimator = rows(task)
    if isinstance(optimizer, SGD):
        names = {"momentum": optimizer.momentum, "nesterovs_momentum": optimizer.nesterov}
        names["solver"] = "sgd"
    else:
        names = {"beta_1": optimizer.beta_1, "beta_2": optimizer.beta_2, "solver": "adam"}
        names["epsilon"] = optimizer.epsilon
    settings = {"learning_rate_init": 0.02, "tol": 0, "n_iter_no_change": 99} | settings
    theirs = estimator(
        hidden_layer_sizes=hidden,
        activation=activation,
        alpha=0.3,
        batch_size=32,
        max_iter=EPOCHS,
        shuffle=False,
        random_state=1,
        **({"loss": "poisson"} if task == "counts" else {}),
        **names,
        **settings,
    )
    still = {"solver": "sgd", "learning_rate_init": 1e-300, "max_iter": 1}
    start = parts(fit(clone(theirs).set_params(**still), x, y))
    fit(theirs, x, y, w)

    sizes = [x.shape[1], *hidden]
    layers = [Dense(m, n, activation) for m, n in pairwise(sizes)]
    layers.append(Dense(sizes[-1], theirs.n_outputs_))
    theta = start[None].copy()
    learner = TrainState.start(theta, optimizer.init(theta), [0], settings["learning_rate_init"])
    plan = TrainConfig(
        Update(optimizer),
        EPOCHS,
        batch_size=32,
        shuffle=False,
        learning_rate=settings.get("learning_rate", "constant"),
        power_t=settings.get("power_t", 0.5),
        tol=settings["tol"],
        patience=settings["n_iter_no_change"],
    )
    w = np.ones(len(x)) if w is None else w
    problem = Problem(Network(tuple(layers), loss), x, target, w, alpha=0.3)
    outcome = train(problem, learner, plan, NumpyEngine())
    losses = [record.train_loss for record in outcome.records]
    # Rounding of sums over 32 rows, carried through 80 steps. It would be 1e-16 at once.
    np.testing.assert_allclose(losses, theirs.loss_curve_, rtol=1e-10)
    np.testing.assert_allclose(learner.theta[0], parts(theirs), rtol=0, atol=1e-10)
    assert np.abs(parts(theirs) - start).max() > 0.01
    return outcome


tasks = pytest.mark.parametrize("task", ["two classes", "three classes", "regression"])
optimizers = pytest.mark.parametrize(
    "optimizer",
    [SGD(), SGD(0.7, False), SGD(0.0), Adam(), Adam(0.8, 0.9, 1e-3)],
    ids=repr,
)


@tasks
@optimizers
def test_training_is_scikit_learns(task, optimizer):
    check_against_sklearn(task, optimizer)


@tasks
@pytest.mark.parametrize("activation", ["relu", "logistic", "identity"])
def test_training_is_scikit_learns_with_other_activations(task, activation):
    check_against_sklearn(task, Adam(), activation=activation, hidden=(6,))


@needs_1_7
@optimizers
def test_training_on_counts_is_scikit_learns(optimizer):
    check_against_sklearn("counts", optimizer)


@needs_1_7
@tasks
@optimizers
def test_training_with_weights_is_scikit_learns(task, optimizer):
    w = np.random.default_rng(0).uniform(0.1, 3, 100)
    check_against_sklearn(task, optimizer, w)


@tasks
@pytest.mark.parametrize("power_t", [0.5, 0.2])
def test_invscaling_is_scikit_learns(task, power_t):
    outcome = check_against_sklearn(task, SGD(), learning_rate="invscaling", power_t=power_t)
    # one rounding of a power
    last = 0.02 * (1 + 19 * 100) ** -power_t
    assert outcome.records[-1].learning_rate == pytest.approx(last, rel=1e-14)


@tasks
def test_adaptive_is_scikit_learns(task):
    outcome = check_against_sklearn(
        task, SGD(), learning_rate="adaptive", tol=0.02, n_iter_no_change=2
    )
    rates = [record.learning_rate for record in outcome.records]
    assert rates[0] == 0.02
    assert rates[-1] < 0.01  # or this has tested nothing


@tasks
def test_the_end_by_tol_is_scikit_learns(task):
    outcome = check_against_sklearn(task, SGD(), tol=0.05, n_iter_no_change=2)
    assert outcome.reason == "converged"
    assert len(outcome.records) < EPOCHS


# What every optimizer promises

each = pytest.mark.parametrize("name", OPTIMIZERS)
dtypes = pytest.mark.parametrize("dtype", [np.float32, np.float64])


def walk(update, n_steps, lead=(), seed=0, lr=0.05, dtype=np.float64, is_weight=None):
    """Descend the bowl |scale * theta|² / 2; return theta of all steps."""
    rng = np.random.default_rng(seed)
    theta = rng.normal(size=(*lead, 6)).astype(dtype)
    scale = np.linspace(0.5, 2, 6).astype(dtype)
    is_weight = np.ones(6, dtype) if is_weight is None else is_weight
    state, path = update.optimizer.init(theta), [theta.copy()]
    for _ in range(n_steps):
        update.apply(theta, scale * scale * theta, state, lr, (1.0, is_weight))
        path.append(theta.copy())
    return np.array(path)


@each
def test_descends_a_bowl(name):
    path = walk(Update(OPTIMIZERS[name]()), 300)
    # from a length of about 2.4; to nearly nothing, not merely downhill
    assert np.linalg.norm(path[-1]) < 0.02 * np.linalg.norm(path[0])


@each
def test_first_step_goes_against_the_gradient(name):
    path = walk(Update(OPTIMIZERS[name]()), 1)
    np.testing.assert_array_equal(np.sign(path[1] - path[0]), -np.sign(path[0]))


@each
@dtypes
def test_theta_and_state_change_in_place_and_in_their_precision(name, dtype):
    optimizer = OPTIMIZERS[name]()
    theta = np.ones((2, 3), dtype)
    state = optimizer.init(theta)
    arrays = dict(state)
    lr = np.full((2, 1), 0.1, dtype)
    grad = np.ones_like(theta)
    result = Update(optimizer).apply(theta, grad, state, lr, (1.0, np.ones(3, dtype)))
    assert result is None
    assert theta.dtype == dtype
    assert (theta < 1).all()
    assert state.keys() == arrays.keys()
    for key, array in state.items():
        assert array is arrays[key]
        assert array.shape[0] == 2  # K in front: one network can be rolled back without the others
        assert array.dtype in (dtype, np.float64)


@each
@dtypes
@pytest.mark.parametrize("settings", [{}, {"weight_decay": 0.1, "max_grad_norm": 0.5}], ids=str)
@given(seed=SEEDS)
def test_networks_side_by_side_step_as_alone_bit_for_bit(name, dtype, settings, seed):
    update = Update(OPTIMIZERS[name](), **settings)
    lr = np.array([[0.1], [0.02], [0.3]], dtype)
    together = walk(update, 3, (3,), seed, lr, dtype)
    scale = np.linspace(0.5, 2, 6).astype(dtype)
    for k in range(3):
        theta = together[0, k : k + 1].copy()
        state = update.optimizer.init(theta)
        for step in range(1, 4):
            update.apply(
                theta, scale * scale * theta, state, lr[k : k + 1], (1.0, np.ones(6, dtype))
            )
            np.testing.assert_array_equal(theta[0], together[step, k])


@each
@given(seed=SEEDS, decay=st.floats(0.01, 2), lr=st.floats(0.001, 0.3))
def test_weight_decay_shrinks_weights_and_leaves_the_step(name, seed, decay, lr):
    is_weight = np.array([1.0, 1, 1, 0, 0, 1])
    optimizer = OPTIMIZERS[name]()
    start, plain = walk(Update(optimizer), 1, (), seed, lr)
    _, decayed = walk(Update(optimizer, weight_decay=decay), 1, (), seed, lr, is_weight=is_weight)
    expected = start * (1 - lr * decay * is_weight) + (plain - start)
    # a few roundings of numbers near 1
    np.testing.assert_allclose(decayed, expected, rtol=0, atol=1e-14)
    np.testing.assert_array_equal(decayed[is_weight == 0], plain[is_weight == 0])


@given(
    seed=SEEDS,
    largest=st.floats(1e-3, 100),
    lead=st.sampled_from([(), (1,), (3,)]),
    exponent=st.integers(-4, 4),
)
def test_clipping_leaves_the_smaller_of_norm_and_limit(seed, largest, lead, exponent):
    rng = np.random.default_rng(seed)
    grad = rng.normal(size=(*lead, 5)) * 10.0**exponent * rng.uniform(0.1, 10, (*lead, 1))
    theta = np.zeros((*lead, 5))
    update = Update(SGD(momentum=0), max_grad_norm=largest)
    update.apply(theta, grad.copy(), update.optimizer.init(theta), 1.0, (1.0, np.ones(5)))
    before, after = (np.linalg.norm(a, axis=-1) for a in (grad, theta))
    # a few roundings of the norm
    np.testing.assert_allclose(after, np.minimum(before, largest), rtol=1e-14)
    np.testing.assert_allclose(theta / after[..., None], -grad / before[..., None], 1e-13)


def test_clipping_changes_no_gradient_within_the_limit():
    grad, theta = np.array([3.0, -4.0]), np.zeros(2)
    update = Update(SGD(momentum=0), max_grad_norm=5.0)
    update.apply(theta, grad, update.optimizer.init(theta), 1.0, (1.0, np.ones(2)))
    np.testing.assert_array_equal(theta, [-3, 4])


def test_clipping_comes_before_decay_and_decay_is_not_clipped():
    theta = np.array([100.0])
    update = Update(SGD(momentum=0), weight_decay=0.5, max_grad_norm=1.0)
    update.apply(theta, np.array([40.0]), update.optimizer.init(theta), 0.1, (1.0, np.ones(1)))
    # 100 * (1 - 0.1 * 0.5) - 0.1 * 1: two roundings
    assert theta[0] == pytest.approx(94.9, rel=1e-15)


def test_adam_steps_as_far_as_the_rate_whatever_the_gradients_size():
    for size in 1e-3, 1.0, 1e3:
        theta = np.zeros(2)
        Update(Adam()).apply(
            theta, size * np.array([1.0, -1]), Adam().init(theta), 0.1, (1.0, np.ones(2))
        )
        # epsilon, 1e-8, against sqrt(v) = sqrt(0.001) * size
        np.testing.assert_allclose(theta, [-0.1, 0.1], rtol=1e-3)
