import ctypes
import functools
import pickle
from dataclasses import dataclass, fields, replace
from pathlib import Path

import joblib
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special

from jubako.core.activations import ACTIVATIONS, Activation
from jubako.core.counter_rng import row_order
from jubako.core.embeddings import Embedding
from jubako.core.layers import LAYERS, Dense, Dropout
from jubako.core.losses import LOSSES, CrossEntropy, SquaredError
from jubako.core.network import Network
from jubako.training.config import TrainConfig
from jubako.training.engines.base import Problem
from jubako.training.engines.native import engine as native
from jubako.training.engines.native import library as library_of
from jubako.training.engines.native.engine import NativeEngine, best_engine
from jubako.training.engines.native.library import Job, libraries
from jubako.training.engines.native.threads import LIMITS, group_limit, thread_count
from jubako.training.engines.numpy_engine import NumpyEngine
from jubako.training.loop import train
from jubako.training.optimizers import OPTIMIZERS, SGD, Adam, Update
from jubako.training.state import TrainState
from strategies import SEEDS, every_loss, example, network, targets

pytestmark = pytest.mark.skipif(not libraries(), reason="the native engine was not compiled")
PRECISIONS = np.float32, np.float64
BUILDS = {library.build: library for library in libraries()}


def table(net, n_rows, seed, dtype, alpha=0.0):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n_rows, net.layers[0].n_in)).astype(dtype)
    y = targets(net.loss, rng, (n_rows, net.layers[-1].n_out), dtype)
    return Problem(net, x, y, rng.uniform(0.5, 2, n_rows).astype(dtype), alpha)


def weights(net, seeds, dtype):
    """Draw weights with which signals keep their size."""
    return np.stack([net.init("sklearn", np.random.default_rng(s)) for s in seeds]).astype(dtype)


def learn(engine, problem, update, seeds=(1,), epochs=2, batch_size=7, rate=0.02, rows=None):
    """Train for some epochs in one call; return the outputs and the state."""
    n_rows, dtype = len(problem.y), problem.x.dtype
    theta = weights(problem.net, seeds, dtype)
    state = TrainState.start(theta, update.optimizer.init(theta), seeds, rate)
    n_steps = -(-(n_rows if rows is None else max(map(len, rows))) // batch_size)
    lrs = (rate * np.random.default_rng(3).uniform(0.5, 1, (epochs, n_steps, len(seeds)))).astype(
        dtype
    )
    with np.errstate(all="ignore"):
        outputs = engine.run_epochs(problem, update, state, rows, batch_size, lrs, shuffle=True)
    return outputs, state


def check_close(found, expected, dtype, steps):
    """Compare two trails of so many steps.

    Sums of some hundred products in another order err by some units in the last place, and each
    step passes that on. Adam divides small gradients by their own size, so the bound is relative
    to the steps' length of about the rate, and generous: 2000 units for every ten steps.
    """
    bound = 2000 * np.finfo(dtype).eps * (1 + steps / 10)
    for a, b in zip(
        [found.losses, found.grads, *found.numbers],
        [expected.losses, expected.grads, *expected.numbers],
        strict=True,
    ):
        scale = max(1.0, np.abs(b).max())
        np.testing.assert_allclose(a, b, rtol=bound, atol=bound * scale)


@st.composite
def nets(draw):
    """Draw a stack of any layers, of sizes on and beside the widths of vectors and panels."""
    size = st.sampled_from([1, 2, 3, 8, 10, 16, 17, 31, 33, 65])
    name = st.sampled_from(list(ACTIVATIONS))
    n = draw(size)
    layers = [Dense(draw(size), n, draw(name))]
    for kind in draw(st.lists(st.sampled_from(list(LAYERS)), max_size=3, unique=True)):
        layers.append(example(kind, n, draw(name)))
        n = layers[-1].n_out
    return Network((*layers, Dense(n, draw(size))), draw(st.sampled_from(every_loss())))


updates = st.builds(
    Update,
    st.sampled_from([SGD(), SGD(0.5, False), *(cls() for cls in OPTIMIZERS.values())]),
    st.sampled_from([0.0, 0.1]),
    st.sampled_from([np.inf, 0.3]),
    st.booleans(),
)


@given(
    nets(),
    updates,
    SEEDS,
    st.sampled_from(PRECISIONS),
    st.integers(1, 40),
    st.integers(1, 40),
    st.sampled_from([0, 0.5]),
    st.integers(1, 3),
    st.integers(1, 3),
)
def test_native_is_bit_equal_to_numpy(
    net, update, seed, dtype, n_rows, batch_size, alpha, k, epochs
):
    # epsilon as large as this keeps Adam from magnifying the rounding of gradients near 0
    if not isinstance(update.optimizer, SGD):
        update = replace(update, optimizer=replace(update.optimizer, epsilon=1e-2))
    problem = table(net, n_rows, seed, dtype, alpha)
    batch_size = min(batch_size, n_rows)
    native = NativeEngine()
    assert native.fits(problem, np.zeros((1, net.n_params), dtype), update)
    seeds = [seed % 1000 + i for i in range(k)]
    found, one = learn(native, problem, update, seeds, epochs, batch_size, 0.01)
    expected, other = learn(NumpyEngine(), problem, update, seeds, epochs, batch_size, 0.01)
    if not np.isfinite(expected.losses).all():
        assert (np.isfinite(found.losses) == np.isfinite(expected.losses)).all()
        return
    check_close(found, expected, dtype, epochs * -(-n_rows // batch_size))
    for a, b in zip(one.numbers(), found.numbers, strict=True):
        np.testing.assert_array_equal(a, b[-1])
    assert one.numbers()[0].dtype == other.numbers()[0].dtype == dtype


@given(nets(), SEEDS, st.sampled_from(PRECISIONS), st.sampled_from([1, 5, 47, 48, 1200]))
def test_native_gradient_and_prediction_are_those_of_numpy(net, seed, dtype, n_rows):
    problem = table(net, n_rows, seed, dtype, 0.3)
    theta = weights(net, (seed, seed + 1), dtype)
    for point in theta, theta[0]:
        grads = np.full_like(point, np.nan), np.full_like(point, np.nan)
        losses = [
            engine.loss_and_grad(problem, point, grad)
            for engine, grad in zip((NativeEngine(), NumpyEngine()), grads, strict=True)
        ]
        bound = 500 * np.finfo(dtype).eps  # sums of up to 1200 rows in another order
        assert losses[0].shape == losses[1].shape
        np.testing.assert_allclose(*losses, rtol=bound, atol=bound)
        scale = max(1, np.abs(grads[1]).max())
        np.testing.assert_allclose(*grads, rtol=bound, atol=bound * scale)
        b = [engine.predict(net, point, problem.x) for engine in (NativeEngine(), NumpyEngine())]
        assert b[0].shape == b[1].shape
        np.testing.assert_allclose(*b, rtol=bound, atol=bound * max(1, np.abs(b[1]).max()))


def wide():
    """Return a network so large that a step is shared by several threads, and its table."""
    net = Network(
        (
            Embedding(23, (3, 3000)),
            Dense(32, 257, "silu"),
            Dropout(257, 0.2),
            Dense(257, 255, "relu"),
            Dense(255, 3),
        ),
        CrossEntropy(),
    )
    problem = table(net, 700, 0, np.float32, 0.1)
    problem.x[:, -2:] = np.random.default_rng(1).integers(0, (5, 3002), (700, 2))
    return problem


@pytest.mark.parametrize("settings", [{}, {"max_grad_norm": 0.1}], ids=str)
@pytest.mark.parametrize("n_networks", [1, 3])
def test_any_number_of_threads_gives_the_same_bits(n_networks, settings):
    problem, seeds = wide(), range(n_networks)
    trails = [
        learn(NativeEngine(n_threads=n), problem, Update(Adam(), **settings), seeds, 2, 600)[0]
        for n in (1, 2, 3, 8)
    ]
    theta = trails[0].numbers[0][-1]
    predictions = [NativeEngine(n_threads=n).predict(problem.net, theta, problem.x) for n in (1, 8)]
    np.testing.assert_array_equal(*predictions)
    for outputs in trails[1:]:
        for a, b in zip(outputs.numbers, trails[0].numbers, strict=True):
            np.testing.assert_array_equal(a, b)
        np.testing.assert_array_equal(outputs.losses, trails[0].losses)


@pytest.mark.parametrize("build", BUILDS)
def test_every_build_is_bit_equal_to_numpy(build):
    problem, update = wide(), Update(Adam(epsilon=1e-2), 0.1, 0.5)
    found, _ = learn(NativeEngine(BUILDS[build]), problem, update, (1, 2), 2, 200)
    expected, _ = learn(NumpyEngine(), problem, update, (1, 2), 2, 200)
    check_close(found, expected, np.float32, 8)


@pytest.mark.parametrize("dtype", PRECISIONS)
@pytest.mark.parametrize("n_rows", [5, 600])
def test_no_code_reads_or_writes_beside_its_table(dtype, n_rows):
    layers = Embedding(5, (2, 5, 0, 2000)), Dense(1 + 2 + 5 + 0 + 8, 1)
    net = Network(layers, SquaredError())
    problem = table(net, n_rows, 0, dtype)
    codes = [-1e30, -np.inf, -1, 0.5, 2.5, 5.51, 2000, 2001, 2**24, 1e30, np.inf, np.nan]
    problem.x[:, 1:] = np.random.default_rng(0).choice(codes, (n_rows, 4))
    theta, grads = weights(net, (1, 2), dtype), np.empty((2, 2, net.n_params), dtype)
    for engine, grad in zip((NativeEngine(), NumpyEngine()), grads, strict=True):
        with np.errstate(invalid="ignore"):
            engine.loss_and_grad(problem, theta, grad)
    bound = 500 * np.finfo(dtype).eps
    np.testing.assert_allclose(*grads, rtol=bound, atol=bound * max(1, np.abs(grads).max()))
    b = [engine.predict(net, theta, problem.x) for engine in (NativeEngine(), NumpyEngine())]
    np.testing.assert_allclose(*b, rtol=bound, atol=bound)


def a_time_slice_of_nothing(monkeypatch, function):
    """Let the engine give C++ no time at all; fail where it calls for ever."""
    engine, calls = NativeEngine(n_threads=2), []
    compiled = getattr(engine.library, function)

    def call(*given):
        calls.append(given)
        assert len(calls) < 1000, "it goes on for ever"
        return compiled(*given)

    monkeypatch.setattr(native, "SLICE", 0.0)
    monkeypatch.setattr(engine.library, function, call)
    return engine, calls


DEEP = Network((*[Dropout(20, 0.5)] * 500, Dense(20, 1)), SquaredError())
WIDE = Network((Dense(20, 300), Dense(300, 300), Dense(300, 2)), SquaredError())


@pytest.mark.parametrize("net", [DEEP, WIDE], ids=["deep", "wide"])
@pytest.mark.parametrize("n_rows", [1, 60, 2000])
def test_prediction_ends_however_short_the_time_slices(monkeypatch, net, n_rows):
    engine, calls = a_time_slice_of_nothing(monkeypatch, "predict")
    theta = weights(net, (1, 2), np.float32)
    x = np.random.default_rng(0).normal(size=(n_rows, 20)).astype(np.float32)
    found = engine.predict(net, theta, x)
    assert len(calls) <= 2 * -(-n_rows // 512)  # at least one chunk of rows in each
    monkeypatch.undo()
    np.testing.assert_array_equal(found, NativeEngine().predict(net, theta, x))


def test_training_ends_however_short_the_time_slices(monkeypatch):
    engine, calls = a_time_slice_of_nothing(monkeypatch, "train")
    problem = table(WIDE, 60, 0, np.float32)
    found, _ = learn(engine, problem, Update(Adam()), (1, 2))
    assert len(calls) <= 2 * 2 * -(-60 // 7)  # at least one step in each
    monkeypatch.undo()
    expected, _ = learn(NativeEngine(), problem, Update(Adam()), (1, 2))
    np.testing.assert_array_equal(found.numbers[0], expected.numbers[0])


@pytest.mark.parametrize("struct", ["Layer", "Job", "PredictJob"])
def test_a_library_of_other_sources_is_refused(monkeypatch, struct):
    path = Path(library_of.__file__).with_name("baseline.so")
    library_of.Library(path)
    larger = type(struct, (ctypes.Structure,), {"_fields_": (("x", ctypes.c_double * 100),)})
    monkeypatch.setattr(library_of, struct, larger)
    with pytest.raises(ImportError, match=r"compiled from other sources .* build it again"):
        library_of.Library(path)


@pytest.mark.parametrize("shuffle", [True, False])
@pytest.mark.parametrize("learning_rate", ["constant", "adaptive", "invscaling"])
@pytest.mark.parametrize(("tol", "rate"), [(0, 0.05), (0.05, 0.05), (0, 1e18)])
def test_epochs_at_once_are_epochs_one_by_one_bit_for_bit(tol, rate, learning_rate, shuffle):
    net = Network((Dense(3, 8, "relu"), Dropout(8, 0.3), Dense(8, 1)), SquaredError())
    problem = table(net, 45, 0, np.float32, 0.1)
    config = TrainConfig(
        Update(SGD(0.5)), 60, 10, shuffle, tol=tol, patience=2, learning_rate=learning_rate
    )
    results = []
    for observe in None, lambda record: None:  # an observer sees each epoch, so they run one by one
        theta = np.stack([net.init("he", np.random.default_rng(k)) for k in (1, 2)])
        theta = theta.astype(np.float32)
        state = TrainState.start(theta, config.update.optimizer.init(theta), (1, 2), rate)
        outcome = train(problem, state, config, NativeEngine(), observe=observe)
        results.append((state, outcome))
    (one, first), (two, second) = results
    for a, b in zip(one.numbers(), two.numbers(), strict=True):
        np.testing.assert_array_equal(a, b)
    assert first.reason == second.reason
    assert repr([r._replace(seconds=0) for r in first.records]) == repr(
        [r._replace(seconds=0) for r in second.records]
    )
    assert one.progress == two.progress
    assert one.epoch == two.epoch


@pytest.mark.parametrize("build", BUILDS)
@given(SEEDS, st.integers(0, 2**40), st.integers(1, 5000))
def test_the_order_of_rows_is_that_of_the_core(build, seed, epoch, n):
    found, seed = np.empty(n, np.uint32), seed % 2**32
    BUILDS[build].row_order(seed, epoch, n, found.ctypes.data)
    np.testing.assert_array_equal(found, row_order(np.array(seed, np.uint32), epoch, n))


@pytest.mark.parametrize("batch_size", [1, 7, 40])
@pytest.mark.parametrize("dtype", PRECISIONS)
def test_native_networks_with_rows_of_their_own_are_those_of_numpy(dtype, batch_size):
    net = Network((Dense(3, 8, "relu"), Dropout(8, 0.3), Dense(8, 1)), SquaredError())
    problem, update = table(net, 60, 0, dtype, 0.1), Update(Adam(epsilon=1e-2))
    rows = [np.arange(50), np.arange(60)[::-3], np.array([7])]
    trails = [
        learn(engine, problem, update, (1, 2, 3), 2, batch_size, 0.01, rows)[0]
        for engine in (NativeEngine(n_threads=2), NumpyEngine())
    ]
    check_close(*trails, dtype, 100)
    assert len(np.unique(trails[0].losses)) == 6


@pytest.mark.parametrize("rows", [[0, 60], [-1, 3]])
def test_rows_that_are_not_there_are_refused(rows):
    problem = table(WIDE, 60, 0, np.float32)
    with pytest.raises(IndexError, match="rows 0 to 59"):
        learn(NativeEngine(), problem, Update(Adam()), rows=[np.array(rows)])


@pytest.mark.parametrize("name", ["sin", "cos"])
@pytest.mark.parametrize("build", BUILDS)
def test_waves_err_by_a_millionth_over_thousands_of_turns(build, name):
    x = np.linspace(-1e4, 1e4, 200_001).astype(np.float32)
    found = np.empty_like(x)
    BUILDS[build].apply(name.encode(), len(x), x.ctypes.data, found.ctypes.data)
    exact = getattr(np, name)(x.astype(np.float64))
    assert abs(found - exact).max() < 1e-6


@pytest.mark.parametrize("name", ["exp", "expm1", "log", "log1p", "tanh", "ndtr"])
@pytest.mark.parametrize("build", BUILDS)
def test_vector_functions_err_by_few_units_in_the_last_place(build, name):
    sizes = np.geomspace(1e-30, 80, 100_000)
    x = np.concatenate([-sizes, [0], sizes]).astype(np.float32)
    if name in ("log", "log1p"):
        x = np.concatenate([np.geomspace(1e-37, 1e38, 200_001)]).astype(np.float32)
    found = np.empty_like(x)
    BUILDS[build].apply(name.encode(), len(x), x.ctypes.data, found.ctypes.data)
    exact = getattr(special if name == "ndtr" else np, name)(x.astype(np.float64))
    unit = np.spacing(np.abs(exact).astype(np.float32)).astype(np.float64)
    limit = 4e-7 if name == "ndtr" else np.maximum(3 * unit, 1e-37)
    assert (np.abs(found - exact) <= limit).all()


@pytest.mark.parametrize("build", BUILDS)
def test_vector_functions_hide_neither_nan_nor_overflow(build):
    x = np.array([np.nan, np.inf, 100], np.float32)
    expected = {"exp": [np.nan, np.inf, np.inf], "expm1": [np.nan, np.inf, np.inf]}
    expected |= {"tanh": [np.nan, 1, 1], "log": [np.nan, np.inf, np.log(np.float32(100))]}
    for name, values in expected.items():
        found = np.empty_like(x)
        BUILDS[build].apply(name.encode(), 3, x.ctypes.data, found.ctypes.data)
        np.testing.assert_allclose(found, np.float32(values), rtol=1e-6)


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("loss", LOSSES)
def test_a_loss_that_is_not_finite_is_seen(activation, loss):
    net = network("dense", activation, LOSSES[loss]())
    problem = table(net, 20, 0, np.float32)
    problem.x[7, 0] = np.nan
    outputs, _ = learn(NativeEngine(), problem, Update(Adam()))
    assert not np.isfinite(outputs.losses).any()


def test_an_engine_can_be_sent_to_another_process():
    engine = NativeEngine(libraries()[-1], 3)
    sent = pickle.loads(pickle.dumps(engine))
    assert (sent.library.build, sent.n_threads) == (engine.library.build, 3)


TABLES = {
    "activations": (ACTIVATIONS, "ACTIVATIONS and with_activation in activations.hpp"),
    "losses": (LOSSES, "LOSSES and LOSS_OF_ROWS in losses.hpp"),
    "layers": (LAYERS, "LAYERS in job.hpp, and a place in layout.hpp and network.hpp"),
    "optimizers": (OPTIMIZERS, "OPTIMIZERS and Rule in optimizers.hpp"),
}


@pytest.mark.parametrize(
    ("table", "name"), [(table, name) for table in TABLES for name in TABLES[table][0]]
)
def test_every_entry_of_the_tables_is_known_in_cpp(table, name):
    entries, place = TABLES[table]
    known = getattr(libraries()[0], table)
    assert name in known, f"{name!r} is not known to C++: add it to {place}"
    assert known.keys() <= entries.keys(), "C++ knows one that the core has no more"


@pytest.mark.parametrize(
    ("table", "name"),
    [(table, name) for table in ("losses", "optimizers") for name in TABLES[table][0]],
)
def test_every_setting_is_passed_to_cpp_by_its_name(table, name):
    entries, place = TABLES[table]
    names = {field.name for field in fields(entries[name])}
    assert set(getattr(libraries()[0], table)[name].settings) == names, f"see {place}"


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_every_array_of_an_optimizer_has_a_place_in_a_job(optimizer):
    names = OPTIMIZERS[optimizer]().init(np.zeros((1, 3)))
    assert names.keys() <= native.JOB_ARRAYS.keys(), "add it to JOB_ARRAYS in native/engine.py"


@dataclass(frozen=True)
class Turned:
    """Adam, with its settings in another order."""

    epsilon: float = 1e-8
    beta_1: float = 0.9
    beta_2: float = 0.999

    init = Adam.init
    step = Adam.step


@dataclass(frozen=True)
class Extended(Turned):
    """Adam with a setting more."""

    decay: float = 0.0


def test_an_optimizer_with_a_setting_that_cpp_does_not_know_runs_on_the_numpy_engine(monkeypatch):
    monkeypatch.setitem(OPTIMIZERS, "adam", Extended)
    net = network("dense", "tanh", SquaredError())
    assert not NativeEngine().supports(net, Update(Extended()))


def test_settings_in_another_order_are_the_same_settings(monkeypatch):
    net = network("dense", "tanh", SquaredError())
    problem = table(net, 20, 0, np.float32)
    expected, _ = learn(NativeEngine(), problem, Update(Adam(0.5, 0.9, 1e-3)))
    monkeypatch.setitem(OPTIMIZERS, "adam", Turned)
    update = Update(Turned(epsilon=1e-3, beta_1=0.5, beta_2=0.9))
    assert NativeEngine().supports(net, update)
    found, _ = learn(NativeEngine(), problem, update)
    np.testing.assert_array_equal(found.numbers[0], expected.numbers[0])


def test_a_new_activation_runs_on_the_numpy_engine(monkeypatch):
    monkeypatch.setitem(ACTIVATIONS, "cube", Activation(lambda a: a**3, lambda a, v: 3 * a * a))
    net = network("residual", "cube", SquaredError())
    problem, update = table(net, 20, 0, np.float64), Update(Adam())
    assert not NativeEngine().supports(net)
    assert NativeEngine().name_for(problem, np.zeros((1, net.n_params)), update) == "numpy"
    found, _ = learn(NativeEngine(), problem, update)
    expected, _ = learn(NumpyEngine(), problem, update)
    np.testing.assert_array_equal(found.numbers[0], expected.numbers[0])


def test_rows_in_any_memory_order_are_the_same_rows():
    net = network("dense", "tanh", SquaredError(), n_in=5)
    problem = table(net, 30, 0, np.float32)
    turned = replace(problem, x=np.asfortranarray(problem.x))
    sliced = replace(problem, x=np.repeat(problem.x, 2, 0)[::2])
    first, _ = learn(NativeEngine(), problem, Update(Adam()))
    for other in turned, sliced:
        second, _ = learn(NativeEngine(), other, Update(Adam()))
        np.testing.assert_array_equal(first.numbers[0], second.numbers[0])


def test_the_environment_chooses_the_engine_and_the_threads(monkeypatch):
    monkeypatch.setenv("JUBAKO_ENGINE", "numpy")
    assert best_engine().name == "numpy"
    for name in "steam", "", "../steam":
        monkeypatch.setenv("JUBAKO_ENGINE", name)
        with pytest.raises(ValueError, match=f"JUBAKO_ENGINE='{name}' is no engine"):
            best_engine()
    monkeypatch.setenv("JUBAKO_ENGINE", "baseline")
    assert best_engine().library.path.stem == "baseline"
    monkeypatch.delenv("JUBAKO_ENGINE")
    assert best_engine().name == "native"
    monkeypatch.setenv("OMP_NUM_THREADS", "3,2")
    assert thread_count() == 3
    monkeypatch.setenv("JUBAKO_NUM_THREADS", "5")
    assert thread_count() == 5


def test_without_a_library_one_warning_says_why(monkeypatch, tmp_path):
    for function in "libraries", "open_library":
        monkeypatch.setattr(library_of, function, getattr(library_of, function).__wrapped__)
    monkeypatch.setattr(native, "warn_once", functools.cache(native.warn_once.__wrapped__))
    monkeypatch.setattr(library_of, "library_path", lambda name: tmp_path / f"{name}.so")
    with pytest.warns(UserWarning, match=r"NumPy engine, .* native engine was not compiled"):
        best_engine()
    assert best_engine().name == "numpy"  # without a second warning, which would be an error
    (tmp_path / "avx2.so").write_text("of another machine")
    with pytest.warns(UserWarning, match=r"could not be loaded \(.*avx2.so: "):
        best_engine()
    monkeypatch.setenv("JUBAKO_ENGINE", "numpy")  # as selected, there is nothing to warn of
    assert best_engine().name == "numpy"


def test_the_control_group_limits_the_threads(tmp_path):
    assert group_limit(tmp_path) == 0
    (tmp_path / "cpu.max").write_text("150000 100000\n")
    assert group_limit(tmp_path) == 2
    (tmp_path / "cpu.max").write_text("max 100000\n")
    assert group_limit(tmp_path) == 0


@pytest.mark.parametrize(("array", "table"), [("settings", OPTIMIZERS), ("loss_settings", LOSSES)])
def test_a_job_has_space_for_all_settings(array, table):
    space = len(getattr(Job(), array))
    assert all(len(fields(cls)) <= space for cls in table.values())


def test_jobs_at_once_share_the_threads():
    engine, given = NativeEngine(n_threads=4), []

    def job_with_another_inside(job, single, seconds):
        given.append(job.n_threads)
        if len(given) == 1:  # as if another thread came while this one is in C++
            engine.until_done(job_with_another_inside, Job(), np.float32)
            return 0
        return 1

    engine.until_done(job_with_another_inside, Job(), np.float32)
    assert given == [4, 2, 4]


def test_workers_of_joblib_share_the_processors(monkeypatch):
    for name in LIMITS:
        monkeypatch.delenv(name, raising=False)
    with joblib.Parallel(n_jobs=2) as parallel:
        counts = parallel(joblib.delayed(thread_count)() for _ in range(2))
    assert all(n <= max(1, thread_count() // 2) for n in counts)


@pytest.mark.skipif(
    not Path("/proc/self/statm").exists(), reason="only Linux says how much it uses"
)
def test_nothing_leaks_over_many_fits():
    net = Network((Dense(3, 8, "relu"), Dense(8, 2)), CrossEntropy())
    problem = table(net, 20, 0, np.float32)

    def pages():
        return int(Path("/proc/self/statm").read_text().split()[1])

    def fit(times):
        for _ in range(times):
            learn(NativeEngine(n_threads=2), problem, Update(Adam()), (1, 2))

    fit(300)
    before = pages()
    fit(3000)
    assert pages() - before < 250  # a leak of a batch's memory, 1 KB, would be 750 pages
