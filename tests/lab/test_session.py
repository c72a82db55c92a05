import threading
import time

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jubako.data.errors import TableError
from jubako.data.readers.builtin import BUILT_IN
from jubako.i18n.language import Language
from jubako.lab.configuration import Box, Setup
from jubako.lab.data import load
from jubako.lab.estimator import estimator
from jubako.lab.pictures.canvas import grid
from jubako.lab.pictures.network import draw_network
from jubako.lab.session import Session
from jubako.lab.shapes import SHAPES
from jubako.lab.translator import Translator
from jubako.lab.uploaded_table import prepare_upload

SMALL = Setup(data="xor", boxes=(Box(4, "tanh"), Box(4, "relu")))


def numbers(session):
    return [a.copy() for a in session.train_state.numbers()]


def same(before, after):
    return all(np.array_equal(a, b) for a, b in zip(before, after, strict=True))


def wait_until(condition, seconds=20.0):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.mark.parametrize(
    "setup",
    [
        SMALL,
        SMALL.but(data="iris", dropout=0.3, solver="adam", rate=0.01),
        SMALL.but(data="diabetes", residual=True, alpha=0.1, batch=0, momentum=0.9),
        SMALL.but(data="iris", loss="squared_error", scaled=False, rate=0.001, init="he"),
        SMALL.but(data="waves", loss="huber", solver="nadam", rate=0.01, boxes=()),
    ],
    ids=["xor", "dropout", "residual", "squares of classes", "linear"],
)
def test_epochs_in_the_lab_are_the_epochs_of_the_estimator(setup, monkeypatch):
    monkeypatch.setenv("JUBAKO_ENGINE", "numpy")
    session = Session(setup)
    for _ in range(5):
        session.step_epoch()
    model, y = estimator(setup, session.data)
    model.set_params(max_iter=5, n_iter_no_change=np.inf).fit(session.data.x, y)
    # both run the same lines; how BLAS adds up may depend on where an array lies in memory
    np.testing.assert_allclose(session.theta, model.theta_[0], rtol=1e-12, atol=1e-14)


def test_the_batches_of_an_epoch_are_the_epoch():
    by_epoch, by_batch = Session(SMALL), Session(SMALL)
    by_epoch.step_epoch()
    while by_batch.epoch < 1:
        by_batch.step_batch()
    assert same(numbers(by_epoch), numbers(by_batch))
    assert by_epoch.points[-1] == by_batch.points[-1]


@given(st.lists(st.sampled_from(["batch", "epoch", "edit"]), max_size=6))
def test_steps_back_undo_steps_and_edits_to_the_last_bit(kinds):
    session = Session(SMALL.but(solver="adam", rate=0.01, dropout=0.2))
    seen = []
    for kind in kinds:
        seen.append((numbers(session), list(session.points), session.epoch))
        if kind == "edit":
            session.edit(0, "w", (1, 2), 0.5)
        else:
            (session.step_batch if kind == "batch" else session.step_epoch)()
    after = numbers(session)
    for before, points, epoch in reversed(seen):
        session.step_back()
        assert same(numbers(session), before)
        assert session.points == points
        assert session.epoch == epoch
    for kind in kinds:  # and forward again
        if kind == "edit":
            session.edit(0, "w", (1, 2), 0.5)
        else:
            (session.step_batch if kind == "batch" else session.step_epoch)()
    assert same(numbers(session), after)


def test_back_at_the_start_there_is_nothing_to_undo():
    session = Session(SMALL)
    before = numbers(session)
    session.step_back()
    assert same(numbers(session), before)


def test_reset_gives_the_first_weights_again():
    session = Session(SMALL)
    first = numbers(session)
    session.step_epoch()
    session.reset()
    assert same(numbers(session), first)
    assert session.epoch == 0
    assert len(session.points) == 1


def test_an_edit_sets_that_weight_and_no_other():
    session = Session(SMALL)
    before = session.theta.copy()
    session.edit(1, "b", (0, 3), -2.5)
    changed = np.flatnonzero(session.theta != before)
    assert len(changed) == 1
    assert session.theta[changed[0]] == -2.5
    assert session.layers[1].b(session.net.views(session.theta))[0, 3] == -2.5


def test_running_trains_until_it_is_paused():
    session = Session(SMALL)
    session.run(1_000_000)
    wait_until(lambda: session.epoch > 20)
    session.pause()
    version, theta = session.version, session.theta.copy()
    time.sleep(0.05)
    assert not session.running
    assert session.version == version
    assert np.array_equal(session.theta, theta)


def test_two_presses_of_run_are_run_and_pause():
    session = Session(SMALL.but(epochs=1_000_000))
    session.run_or_pause()
    assert session.running
    session.run_or_pause()
    assert not session.running


def test_a_thread_that_is_slow_to_stop_never_touches_the_next_network(monkeypatch):
    session = Session(SMALL.but(epochs=1_000_000))
    go_on, in_step, made = threading.Event(), threading.Event(), []
    train_batch = session.train_batch

    def slow_step():
        made.append(threading.current_thread())
        if len(made) == 3:
            in_step.set()
            session.lock.release()  # as if the step were longer than anyone waits
            assert go_on.wait(20)
            session.lock.acquire()
        return train_batch()

    with monkeypatch.context() as patch:
        patch.setattr(session, "train_batch", slow_step)
        session.run()
        assert in_step.wait(20)
        session.pause()
    session.build(session.setup)
    session.run()  # a thread of its own, that the old one must not join
    old = made[0]
    go_on.set()
    old.join(20)
    assert not old.is_alive()
    assert session.running
    session.pause()


def test_a_pause_within_an_epoch_is_measured():
    session = Session(SMALL.but(epochs=1_000_000))
    session.run()
    wait_until(lambda: session.epoch > 1)
    session.pause()
    assert session.points[-1].epoch == session.epoch


def test_a_curve_has_an_end_however_long_training_goes_on(monkeypatch):
    monkeypatch.setattr("jubako.lab.measurements.MAX_POINTS", 40)
    session = Session(SMALL)
    for _ in range(200):
        session.step_batch()
        assert len(session.points) <= 40
    epochs = np.array([point.epoch for point in session.points])
    assert epochs[0] == 0
    assert epochs[-1] == session.epoch
    assert np.diff(epochs).max() < 0.1 * session.epoch  # spread evenly
    before = numbers(session), session.points[-1]
    session.step_batch()
    session.step_back()
    assert same(numbers(session), before[0])
    assert session.points[-1] == before[1]
    for _ in range(150):
        session.step_back()
    epochs = [point.epoch for point in session.points]
    assert epochs == sorted(set(epochs))
    assert epochs[-1] == session.epoch


def test_running_ends_after_the_epochs_that_were_asked_for():
    session, stepped = Session(SMALL.but(epochs=30)), Session(SMALL)
    session.run()
    wait_until(lambda: not session.running)
    for _ in range(30):
        stepped.step_epoch()
    assert session.epoch == 30
    assert same(numbers(session), numbers(stepped))


def test_training_never_waits_for_who_looks():
    session = Session(SMALL)
    session.run(1_000_000)
    snapshot = session.snapshot()  # never given back: nothing is held
    wait_until(lambda: session.epoch > snapshot.points[-1].epoch + 10)
    session.pause()


def test_a_look_does_not_change_while_training_goes_on():
    session = Session(SMALL)
    snapshot = session.snapshot()
    before = snapshot.theta.copy()
    session.step_epoch()
    assert np.array_equal(snapshot.theta, before)
    assert len(snapshot.points) == 1


def test_a_blow_up_stops_training_and_a_step_back_mends_it():
    session = Session(SMALL.but(data="waves", loss="squared_error", rate=100.0, boxes=(Box(8),)))
    session.run(1_000_000)
    wait_until(lambda: not session.running)
    assert session.message == "diverged"
    session.step_back()
    assert session.message == ""
    assert np.isfinite(session.theta).all()


def test_a_crash_in_training_is_said_and_the_session_lives_on(monkeypatch):
    session = Session(SMALL)

    def crash(*_):
        raise MemoryError("no room")

    with monkeypatch.context() as patch:
        patch.setattr(session.engine, "stepper", crash)
        session.run()
        wait_until(lambda: not session.running)
    assert session.message == "MemoryError: no room"
    session.reset()
    session.step_epoch()
    assert session.epoch == 1
    assert session.message == ""


@pytest.mark.parametrize(
    "changes",
    [
        {"data": "uploaded"},
        {"data": "iris", "target": "nothing"},
        {"data": "iris", "loss": "huber"},
        {"data": "waves", "loss": "cross_entropy"},
        {"data": "iris", "target": "nothing", "scaled": False},
    ],
)
def test_a_refused_setup_changes_nothing(changes):
    session = Session(SMALL)
    session.step_epoch()
    before, setup = numbers(session), session.setup
    with pytest.raises((ValueError, TableError)):
        session.build(session.setup.but(**changes))
    assert session.setup == setup
    assert same(numbers(session), before)
    session.step_epoch()


def test_sessions_do_not_disturb_each_other():
    alone, one, other = Session(SMALL), Session(SMALL), Session(SMALL.but(seed=1))
    threads = [
        threading.Thread(target=lambda s=s: [s.step_epoch() for _ in range(20)])
        for s in (one, other)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for _ in range(20):
        alone.step_epoch()
    assert same(numbers(one), numbers(alone))
    assert not same(numbers(other), numbers(alone))


@pytest.mark.parametrize("name", [*SHAPES, *BUILT_IN])
def test_every_data_set_can_be_learned_from(name):
    session = Session(Setup(data=name, solver="adam", rate=0.01))
    for _ in range(10):
        session.step_epoch()
    assert session.points[-1].loss < session.points[0].loss


@pytest.mark.parametrize("name", SHAPES)
def test_noise_zero_draws_the_shape_itself_and_the_seed_repeats_it(name):
    setup = Setup(data=name, noise=0.0)
    first, again = load(setup), load(setup)
    assert np.array_equal(first.x, again.x)
    assert not np.array_equal(first.x, load(setup.but(noise=0.5)).x)
    assert not np.array_equal(first.x, load(setup.but(seed=1)).x)


def test_inputs_and_outputs_carry_names():
    data = load(Setup(data="iris"))
    assert data.inputs == ["sepal_length", "sepal_width", "petal_length", "petal_width"]
    assert data.outputs == ["setosa", "versicolor", "virginica"]


def test_own_tables_have_categories_gaps_and_dates():
    table = pa.table(
        {
            "colour": ["red", "blue", None, "green"] * 20,
            "day": ["25/12/2026", "01/02/2026", None, "13/01/2026"] * 20,
            "size": [1.5, None, 2.5, 9.0] * 20,
            "old": [True, False, None, True] * 20,
            "price": np.arange(80) % 7 / 10,
        }
    )
    setup = Setup(data="uploaded", target="price", boxes=(Box(3),))
    session = Session(setup, prepare_upload("shop.csv", table, "CSV"))
    session.step_epoch()
    assert session.data.task == "regress"
    assert session.data.inputs[:3] == ["colour=blue", "colour=green", "colour=red"]
    assert "size missing" in session.data.inputs
    assert "day cos week" in session.data.inputs
    assert "day sin (年)" in draw_network(session.snapshot(), Translator(Language.ja))
    assert session.data.axes == ["size"]
    with pytest.raises(TableError, match="standardize the inputs"):
        session.build(setup.but(scaled=False))


def test_large_own_tables_are_drawn_from():
    uploaded = prepare_upload(
        "big.csv", pa.table({"a": np.arange(30_000), "b": np.arange(30_000)}), "CSV"
    )
    assert uploaded.n_rows == 30_000
    assert uploaded.table.num_rows == 20_000


def test_a_picture_holds_the_other_columns_at_what_is_usual():
    data = load(Setup(data="iris", scaled=False))
    x, (left, right, bottom, top) = grid(data, ("petal_length", "petal_width"), 5)
    assert x.shape == (25, 4)
    assert len(np.unique(x[:, 0])) == 1  # sepal_length
    assert x[0, 3] > x[-1, 3]  # the top row is painted first
    assert left < data.x[:, 2].min() < data.x[:, 2].max() < right
    assert bottom < data.x[:, 3].min() < data.x[:, 3].max() < top


@pytest.mark.parametrize("steps", [0, 1, 20])
def test_the_next_batch_is_the_one_that_the_next_step_learns_from(steps):
    session = Session(SMALL.but(rate=0.5, alpha=0.1))
    for _ in range(steps):
        session.step_batch()
    snapshot = session.snapshot()
    session.step_batch()
    grads, _ = snapshot.gradients(snapshot.batch)
    flat = np.concatenate([part.ravel() for parts in grads for part in parts.values()])
    # plain SGD without momentum: the step is rate * gradient
    np.testing.assert_allclose(snapshot.theta - 0.5 * flat, session.theta, rtol=1e-12, atol=1e-14)
