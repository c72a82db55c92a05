"""A fit that was stopped goes on as if it had not been."""

import pickle

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.base import clone

import jubako
from jubako import MLPClassifier, MLPRegressor
from jubako.estimators import SingleNetworkClassifier, SingleNetworkRegressor, mlp_training
from jubako.training.engines.native.engine import best_engine
from jubako.training.engines.numpy_engine import NumpyEngine
from small import SCORE, X, Y

pytestmark = [
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
    pytest.mark.filterwarnings("ignore:Training interrupted"),
]
LEFT = (
    "n_iter_",
    "t_",
    "stopped_",
    "loss_",
    "best_loss_",
    "loss_curve_",
    "validation_scores_",
    "best_validation_score_",
)
TABLE = pa.table({"a": X[:, 0], "b": X[:, 1], "color": ["red", "blue", None] * 40})


def interrupt_at(*epochs):
    def callback(record):
        if record.epoch in epochs:
            raise KeyboardInterrupt

    return callback


def stop_at(*epochs):
    return lambda record: record.epoch in epochs


def same_fit(found, expected):
    np.testing.assert_array_equal(found.theta_, expected.theta_)
    for name in LEFT:
        assert repr(getattr(found, name)) == repr(getattr(expected, name)), name
    for name, column in expected.history_.items():
        if name != "seconds":
            assert repr(found.history_[name]) == repr(column), name
    seconds = found.history_["seconds"]
    assert seconds == sorted(seconds)


settings = st.fixed_dictionaries(
    {
        "solver": st.sampled_from(["adam", "sgd"]),
        "n_networks": st.sampled_from([1, 2]),
        "batch_size": st.sampled_from([16, 50, "auto"]),
        "max_iter": st.integers(1, 8),
        "n_iter_no_change": st.sampled_from([2, np.inf]),
        "early_stopping": st.booleans(),
        "dropout": st.sampled_from([0.0, 0.2]),
        "schedule": st.sampled_from(["constant", "cosine"]),
        "learning_rate": st.sampled_from(["constant", "adaptive"]),
        "learning_rate_init": st.sampled_from([0.02, 1e200]),
        "random_state": st.sampled_from([0, 1]),
    }
)


@given(
    settings,
    st.lists(st.integers(1, 8), max_size=3, unique=True).map(sorted),
    st.sampled_from([interrupt_at, stop_at]),
    st.sampled_from([NumpyEngine(), best_engine()]),
    st.booleans(),
)
def test_a_stopped_fit_goes_on_as_if_it_had_not_been(given, epochs, stop, engine, pickled):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mlp_training, "best_engine", lambda: engine)
        whole = MLPClassifier((6,), tol=0.02, **given)
        model = clone(whole).set_params(warm_start=True)
        errors = []
        for one, callbacks in [(whole, [None]), (model, [*map(stop, epochs), None])]:
            error = None
            for callback in callbacks:
                one.set_params(callbacks=callback and [callback])
                try:
                    one.fit(X, Y)
                except ValueError as diverged:
                    error = str(diverged)
                if one.stopped_ not in ("interrupted", "callback"):
                    break
                if pickled:
                    one = pickle.loads(pickle.dumps(one.set_params(callbacks=None)))
            errors.append(error)
        assert errors[0] == errors[1]
        same_fit(one, whole)


@pytest.mark.parametrize("epoch", [0, 2])
def test_ctrl_c_within_an_epoch_loses_nothing_before_it(monkeypatch, epoch):
    class Fragile(NumpyEngine):
        def run_epoch(self, problem, update, state, *rest):
            losses = super().run_epoch(problem, update, state, *rest)
            if state.epoch == epoch and not model.callbacks:
                model.set_params(callbacks=[lambda record: None])
                state.theta[...] = np.nan
                raise KeyboardInterrupt
            return losses

    whole = MLPRegressor("huber", (5,), max_iter=5, random_state=None, dropout=0.1)
    model = clone(whole).set_params(warm_start=True)
    monkeypatch.setattr(mlp_training, "best_engine", Fragile)
    model.fit(X, SCORE)
    assert (model.stopped_, model.n_iter_) == ("interrupted", epoch)
    seeds, theta = model._checkpoint.state.seeds, model.theta_
    assert np.isfinite(theta).all()
    model.fit(X, SCORE)
    assert (model.stopped_, model.n_iter_) == ("epochs", 5)
    np.testing.assert_array_equal(model._checkpoint.state.seeds, seeds)


@pytest.mark.parametrize("early_stopping", [True, False])
@pytest.mark.parametrize("cls", [SingleNetworkClassifier, SingleNetworkRegressor])
def test_a_stopped_model_goes_on_from_its_file(cls, early_stopping, tmp_path):
    y = Y if cls is SingleNetworkClassifier else 1000 + SCORE
    val = {"X_val": TABLE[:40], "y_val": y[:40]} if early_stopping else {}
    given = {"max_iter": 7, "random_state": 3, "early_stopping": early_stopping}
    whole = cls((6, 6), **given).fit(TABLE, y, **val)
    model = cls((6, 6), callbacks=[interrupt_at(3)], **given).fit(TABLE, y, **val)
    for stop in stop_at(5), None:
        model.save(tmp_path / "m.jubako")
        model = jubako.load(tmp_path / "m.jubako")
        assert model.mlp_.stopped_ in ("interrupted", "callback")
        model.set_params(warm_start=True, callbacks=stop and [stop]).fit(TABLE, y, **val)
    same_fit(model.mlp_, whole.mlp_)
    np.testing.assert_array_equal(model.predict(TABLE), whole.predict(TABLE))


@pytest.mark.parametrize("damage", ["n_rows", "split_seed", "theta"])
def test_a_file_with_an_impossible_checkpoint_is_refused(damage):
    model = SingleNetworkClassifier((4,), max_iter=3, callbacks=[stop_at(1)]).fit(TABLE, Y)
    words, arrays = model.describe()
    if damage == "theta":
        del arrays["checkpoint.theta"]
    else:
        words["checkpoint"][damage] = -1
    with pytest.raises(ValueError, match="a checkpoint"):
        SingleNetworkClassifier().restore(words, arrays)


def test_partial_fit_goes_on_where_a_fit_was_stopped():
    given = {"hidden_layer_sizes": (6,), "max_iter": 6, "n_iter_no_change": np.inf, "tol": 0}
    whole = MLPClassifier(random_state=0, n_networks=2, **given).fit(X, Y)
    model = MLPClassifier(random_state=0, n_networks=2, callbacks=[interrupt_at(2)], **given)
    model.fit(X, Y).set_params(callbacks=None)
    for _ in range(4):
        model.partial_fit(X, Y)
    np.testing.assert_array_equal(model.theta_, whole.theta_)
    assert model.loss_curve_ == whole.loss_curve_


CHANGES = {
    "a parameter": lambda model: model.set_params(alpha=0.5),
    "the length": lambda model: model.set_params(max_iter=9),
    "the weights": lambda model: model.coefs_[0].fill(0.1),
}


@pytest.mark.parametrize("change", CHANGES)
def test_with_something_changed_a_new_run_starts_from_the_weights(change):
    model = MLPClassifier((4,), max_iter=6, warm_start=True, callbacks=[interrupt_at(2)])
    CHANGES[change](model.fit(X, Y))
    model.set_params(callbacks=None).fit(X, Y)
    assert model.n_iter_ == model.max_iter
    assert len(model.loss_curve_) == 2 + model.max_iter


def test_other_rows_start_a_new_run_from_the_weights():
    model = MLPClassifier((4,), max_iter=6, warm_start=True, callbacks=[interrupt_at(2)])
    model.fit(X, Y).set_params(callbacks=None).fit(X[:100], Y[:100])
    assert model.n_iter_ == 6


def test_a_finished_fit_is_pickled_without_what_it_needed_to_go_on():
    large = {"hidden_layer_sizes": (200, 200), "max_iter": 2}
    model = MLPClassifier(**large).fit(X, Y)
    weights = model.theta_.nbytes
    assert len(pickle.dumps(model)) < 1.1 * weights + 5000
    stopped = MLPClassifier(callbacks=None, **large).set_params(callbacks=[interrupt_at(1)])
    stopped.fit(X, Y).set_params(callbacks=None)
    assert len(pickle.dumps(stopped)) > 4 * weights


def test_a_callback_that_fails_does_not_move_where_a_fit_goes_on():
    def fail(record):
        if record.epoch == 4:
            raise RuntimeError("full disk")

    given = {"hidden_layer_sizes": (4,), "max_iter": 6, "random_state": 0}
    whole = MLPClassifier(**given).fit(X, Y)
    model = MLPClassifier(warm_start=True, callbacks=[interrupt_at(2)], **given).fit(X, Y)
    with pytest.raises(RuntimeError, match="full disk"):
        model.set_params(callbacks=[fail]).fit(X, Y)
    same_fit(model.set_params(callbacks=None).fit(X, Y), whole)
