import re
import warnings

import numpy as np
import pytest
from sklearn import neural_network as theirs
from sklearn.exceptions import ConvergenceWarning

from jubako import TabularClassifier, TabularRegressor
from jubako.estimators import SingleNetworkClassifier, SingleNetworkRegressor
from jubako.training.engines.native.engine import best_engine
from jubako.training.history import Record
from small import SCORE, X, Y, classifier

# Telling


@pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs"])
def test_callbacks_are_called_each_epoch_and_stop_training_by_true(solver):
    seen, also = [], []

    def stop_after_four(record):
        seen.append(record)
        return record.epoch == 4

    callbacks = [stop_after_four, lambda record: also.append(record.epoch)]
    model = classifier(solver=solver, callbacks=callbacks).fit(X, Y)
    assert [record.epoch for record in seen] == also == [1, 2, 3, 4]
    assert all(type(record) is Record for record in seen)
    assert [record.train_loss for record in seen] == model.loss_curve_
    assert model.n_iter_ == 4


def test_a_callback_stops_only_by_true_itself():
    model = classifier(callbacks=[lambda record: 1, lambda record: "yes"]).fit(X, Y)
    assert model.n_iter_ == 10


def test_partial_fit_calls_callbacks_and_prints_too(capsys):
    seen = []
    model = classifier(callbacks=[seen.append], verbose=True)
    for _ in range(3):
        model.partial_fit(X, Y, classes=[0, 1, 2])
    assert [record.epoch for record in seen] == [1, 2, 3]
    assert [line.split(",")[0] for line in capsys.readouterr().out.splitlines()] == [
        "Iteration 1",
        "Iteration 2",
        "Iteration 3",
    ]


@pytest.mark.parametrize("early_stopping", [False, True])
def test_verbose_prints_the_lines_of_scikit_learn(capsys, early_stopping):
    settings = {"max_iter": 3, "early_stopping": early_stopping, "verbose": True}
    settings |= {"n_iter_no_change": 100, "random_state": 0}
    with pytest.warns(ConvergenceWarning):
        theirs.MLPClassifier(8, **settings | {"early_stopping": False}).fit(X, Y)
    if early_stopping:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            capsys.readouterr()
            theirs.MLPClassifier(8, **settings).fit(X, Y)
    there = capsys.readouterr().out
    classifier(**settings | {"n_iter_no_change": np.inf}).fit(X, Y)
    here = capsys.readouterr().out
    # the random numbers differ, not the words and the places after the point
    blank = lambda text: re.sub(r"\d+\.(\d+)", lambda m: "#" * len(m[1]), text)
    assert blank(here) == blank(there)
    assert here.count("Iteration") == 3
    assert here.count("Validation score: 0.") == 3 * early_stopping
    classifier().fit(X, Y)
    assert capsys.readouterr().out == ""


def test_history_makes_a_data_frame():
    pd = pytest.importorskip("pandas")
    model = classifier(early_stopping=True, warm_start=True, hidden_layer_sizes=(4, 4)).fit(X, Y)
    table = pd.DataFrame(model.fit(X, Y).history_)
    names = "epoch train_loss val_loss val_score learning_rate grad_norms seconds message"
    assert list(table.columns) == names.split()
    assert len(table) == 20
    assert table["seconds"][:10].is_monotonic_increasing
    assert table["train_loss"].tolist() == model.loss_curve_
    assert {len(norms) for norms in table["grad_norms"]} == {3}


@pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs"])
@pytest.mark.parametrize("n_networks", [1, 2])
def test_what_a_fit_leaves_behind_agrees(solver, n_networks):
    model = classifier(solver=solver, n_networks=n_networks).fit(X, Y)
    assert model.loss_ == model.loss_curve_[-1]
    assert model.best_loss_ == min(model.loss_curve_)
    assert model.n_iter_ == len(model.loss_curve_) <= 10
    assert model.t_ == model.n_iter_ * 120
    assert model.engine_ == ("numpy" if solver == "lbfgs" else best_engine().name)
    assert all(np.shares_memory(part, model.theta_) for part in model.coefs_ + model.intercepts_)
    assert sum(part.size for part in model.coefs_ + model.intercepts_) == model.theta_.size
    p = model.predict_proba(X)[np.arange(120), Y]
    if solver == "lbfgs" and n_networks == 1:  # there the loss is that after the last step
        penalty = 0.0001 / 2 * sum(np.square(w).sum() for w in model.coefs_) / 120
        # float64 sums in another order
        assert model.loss_ == pytest.approx(-np.log(p).mean() + penalty, rel=1e-9)


# scikit-learn's callbacks


class Watch:
    """A FitCallback that notes its calls and scores, and stops after some epochs."""

    def __init__(self, last=np.inf, scores=True):
        self.last, self.calls, self.scores = last, [], [] if scores else None

    def setup(self, estimator, context):
        self.calls.append("setup")

    def teardown(self, estimator, context):
        self.calls.append("teardown")

    def on_fit_task_begin(self, estimator, context):
        self.calls.append(f"begin {context.task_name}")

    def on_fit_task_end(self, estimator, context, *, X, y, fitted_estimator):
        self.calls.append(f"end {context.task_name}")
        if self.scores is not None:
            self.scores.append(fitted_estimator.score(X, y))
        return context.task_name == "epoch" and context.task_id + 1 >= self.last


def test_scikit_learn_s_callbacks_hear_of_each_epoch():
    pytest.importorskip("sklearn.callback")
    watch = Watch()
    model = classifier(max_iter=3).set_callbacks(watch).fit(X, Y)
    epoch = ["begin epoch", "end epoch"]
    assert watch.calls == ["setup", "begin fit", *3 * epoch, "end fit", "teardown"]
    assert watch.scores[-1] == model.score(X, Y)
    assert len(set(watch.scores)) > 1  # each epoch's own weights were scored


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_scikit_learn_s_callbacks_stop_training_by_true(solver):
    pytest.importorskip("sklearn.callback")
    assert classifier(solver=solver).set_callbacks(Watch(4)).fit(X, Y).n_iter_ == 4


def test_scikit_learn_s_callbacks_are_set_up_and_torn_down_by_partial_fit_too():
    pytest.importorskip("sklearn.callback")
    watch = Watch()
    model = classifier().set_callbacks(watch).partial_fit(X, Y, classes=[0, 1, 2])
    assert watch.calls.count("setup") == watch.calls.count("teardown")
    assert not hasattr(model, "_callback_fit_ctx")


def test_scikit_learn_s_callbacks_hear_of_each_iteration_of_several_networks_by_lbfgs():
    pytest.importorskip("sklearn.callback")
    watch = Watch()
    classifier(solver="lbfgs", n_networks=2, max_iter=5).set_callbacks(watch).fit(X, Y)
    assert watch.calls.count("end epoch") == 10


def test_scikit_learn_s_callbacks_are_torn_down_after_a_hopeless_run():
    pytest.importorskip("sklearn.callback")
    watch = Watch(scores=False)
    model = classifier(solver="sgd", learning_rate_init=1e6, max_iter=100).set_callbacks(watch)
    with (
        pytest.warns(ConvergenceWarning),
        pytest.raises(ValueError, match=r"non-finite .* Scale X"),
    ):
        model.fit(100 * X, Y)
    assert watch.calls[-1] == "teardown"


def test_scoring_monitor_logs_a_row_each_epoch():
    callback = pytest.importorskip("sklearn.callback")
    monitor = callback.ScoringMonitor(scoring="accuracy")
    model = classifier(early_stopping=False).set_callbacks(monitor).fit(X, Y)
    log = [row for row in monitor.get_logs().data if row["task_name"] == "epoch"]
    assert [row["task_id"] for row in log] == list(range(10))
    assert log[-1]["accuracy"] == model.score(X, Y)


def test_progress_bar_runs(capsys):
    callback = pytest.importorskip("sklearn.callback")
    classifier().set_callbacks(callback.ProgressBar()).fit(X, Y)
    assert "MLPClassifier" in capsys.readouterr().out


def test_scikit_learn_s_callbacks_pass_through_a_grid_search():
    callback = pytest.importorskip("sklearn.callback")
    from sklearn.model_selection import GridSearchCV

    monitor = callback.ScoringMonitor(scoring="accuracy")
    stopper = Watch(2)
    model = classifier(max_iter=4).set_callbacks(monitor, stopper)
    search = GridSearchCV(model, {"alpha": [0.1, 1]}, cv=2).fit(X, Y)
    log = [row for row in monitor.get_logs().data if row["task_name"] == "epoch"]
    # two values in two folds, and once more with the better, two epochs each
    assert len(log) == (2 * 2 + 1) * 2
    assert search.best_estimator_.n_iter_ == 2


RAW = {
    "SingleNetworkClassifier": lambda: SingleNetworkClassifier(4, max_iter=3, random_state=0),
    "SingleNetworkRegressor": lambda: SingleNetworkRegressor(4, max_iter=3, random_state=0),
    "TabularClassifier": lambda: TabularClassifier("fast", n_folds=2, random_state=0),
    "TabularRegressor": lambda: TabularRegressor("fast", n_folds=2, random_state=0),
}
each_raw = pytest.mark.parametrize("name", RAW)


@each_raw
def test_scikit_learn_s_callbacks_hear_of_fits_on_raw_tables(name):
    pytest.importorskip("sklearn.callback")
    watch, y = Watch(scores=False), Y if name.endswith("Classifier") else SCORE
    model = RAW[name]().set_callbacks(watch).fit(X, y)
    assert watch.calls[:3] == ["setup", "begin fit", "begin epoch"]
    assert watch.calls[-3:] == ["end epoch", "end fit", "teardown"]
    n_epochs = watch.calls.count("end epoch")
    assert n_epochs == 3 if name.startswith("SingleNetwork") else n_epochs > 20
    assert model.stopped_ in ("epochs", "complete")
    np.testing.assert_array_equal(model.predict(X), RAW[name]().fit(X, y).predict(X))
    assert not hasattr(getattr(model, "mlp_", None), "_skl_callbacks")


@each_raw
def test_scikit_learn_s_callbacks_stop_fits_on_raw_tables_by_true(name):
    pytest.importorskip("sklearn.callback")
    watch, y = Watch(2, scores=False), Y if name.endswith("Classifier") else SCORE
    model = RAW[name]().set_callbacks(watch).fit(X, y)
    assert model.stopped_ == "callback"
    assert watch.calls.count("end epoch") >= 2
    if name.startswith("SingleNetwork"):
        assert model.n_iter_ == 2


@each_raw
def test_scoring_monitor_scores_fits_on_raw_tables(name):
    callback = pytest.importorskip("sklearn.callback")
    y, metric = (Y, "accuracy") if name.endswith("Classifier") else (SCORE, "r2")
    monitor = callback.ScoringMonitor(scoring=metric)
    model = RAW[name]().set_callbacks(monitor).fit(X, y)
    rows = monitor.get_logs().data
    (fit,) = (row for row in rows if row["task_name"] == "fit")
    assert fit[metric] == model.score(X, y)
    # a single network can predict after each epoch, an ensemble only once it is selected
    assert len(rows) == (4 if name.startswith("SingleNetwork") else 1)


@each_raw
def test_scikit_learn_s_callbacks_are_torn_down_if_a_fit_on_a_raw_table_fails(name):
    pytest.importorskip("sklearn.callback")

    class Failing(Watch):
        def on_fit_task_end(self, estimator, context):
            raise LookupError("in a callback")

    watch, y = Failing(), Y if name.endswith("Classifier") else SCORE
    model = RAW[name]().set_callbacks(watch)
    with pytest.raises(LookupError):
        model.fit(X, y)
    assert watch.calls[-1] == "teardown"
    assert not hasattr(model, "_callback_fit_ctx")
    assert not hasattr(model, "columns_")
