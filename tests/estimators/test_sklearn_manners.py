import pickle
from importlib.util import find_spec

import joblib
import numpy as np
import pytest
import sklearn
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse
from sklearn.base import clone, is_classifier, is_regressor
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import BaggingRegressor
from sklearn.inspection import permutation_importance
from sklearn.model_selection import GridSearchCV, cross_val_score, cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from jubako import MLPClassifier, MLPRegressor

RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 3)) * (RNG.random((60, 3)) < 0.7)  # some zeros, for sparse tables
SCORE = X @ [1, -1, 0.5]
Y = np.digitize(SCORE, [-0.5, 0.5])
SMALL = {
    "hidden_layer_sizes": 6,
    "learning_rate_init": 0.02,
    "max_iter": 5,
    "n_iter_no_change": np.inf,
    "batch_size": 16,
    "random_state": 0,
}
BOTH = [MLPClassifier, MLPRegressor]
both = pytest.mark.parametrize("cls", BOTH)
CONTAINERS = [
    kind for name in ("csr", "csc", "coo") for kind in (f"{name}_array", f"{name}_matrix")
]


def target(cls):
    return Y if cls is MLPClassifier else SCORE


def outcome(model, table=X):
    return model.predict_proba(table) if is_classifier(model) else model.predict(table)


# Inside scikit-learn's tools


@both
def test_a_pipeline_scales_before_it_trains(cls):
    wild, y = X * [1, 1e4, 1e-4] + [5, 0, 1], target(cls)
    pipe = make_pipeline(StandardScaler(), cls(**SMALL)).fit(wild, y)
    scaled = StandardScaler().fit_transform(wild)
    alone = cls(**SMALL).fit(scaled, y)
    np.testing.assert_array_equal(outcome(pipe[-1], scaled), outcome(alone, scaled))
    np.testing.assert_array_equal(pipe.predict(wild), alone.predict(scaled))
    assert pipe.set_params(**{f"{cls.__name__.lower()}__alpha": 3})[-1].alpha == 3


@both
def test_a_grid_search_chooses_among_hidden_layers(cls):
    grid = {"hidden_layer_sizes": [(), 1, (8, 8)], "activation": ["relu", "tanh"]}
    search = GridSearchCV(cls(**SMALL), grid, cv=2).fit(X, target(cls))
    assert search.best_params_["hidden_layer_sizes"] in grid["hidden_layer_sizes"]
    scores = search.cv_results_["mean_test_score"]
    assert len(scores) == 6
    assert np.isfinite(scores).all()
    assert len(set(scores)) > 1
    assert search.best_estimator_.hidden_layer_sizes == search.best_params_["hidden_layer_sizes"]


@both
def test_two_processes_cross_validate_to_the_same_scores(cls):
    one, two = (
        cross_val_score(cls(**SMALL), X, target(cls), cv=2, n_jobs=n_jobs) for n_jobs in (1, 2)
    )
    np.testing.assert_array_equal(one, two)
    assert one.shape == (2,)


def test_meta_estimators_take_the_estimators():
    calibrated = CalibratedClassifierCV(MLPClassifier(**SMALL), cv=2).fit(X, Y)
    assert calibrated.predict_proba(X).shape == (60, 3)
    bagged = BaggingRegressor(MLPRegressor(**SMALL), 2, random_state=0).fit(X, SCORE)
    assert bagged.predict(X).shape == (60,)
    fitted = MLPRegressor(**{**SMALL, "max_iter": 100}).fit(X, SCORE)
    importances = permutation_importance(fitted, X, SCORE, random_state=0).importances_mean
    assert importances.argmin() == 2  # the column that counts half


@pytest.mark.parametrize("weighted", [False, True])
def test_metadata_are_routed_to_fit(weighted):
    w = np.resize([1.0, 0.0, 3.0], 60)
    seen = []

    class Spy(MLPClassifier):
        def fit(self, X, y, sample_weight=None):
            seen.append(sample_weight)
            return super().fit(X, y, sample_weight)

    with sklearn.config_context(enable_metadata_routing=True):
        spy = (
            Spy(**SMALL)
            .set_fit_request(sample_weight=weighted)
            .set_score_request(sample_weight=weighted)
        )
        cross_validate(spy, X, Y, cv=3, params={"sample_weight": w} if weighted else {})
        model = MLPClassifier(**SMALL).set_fit_request(sample_weight=True)
        model.set_score_request(sample_weight=True)
        result = cross_validate(model, X, Y, cv=3, params={"sample_weight": w})
    assert len(seen) == 3
    assert all((got is not None) == weighted for got in seen)
    assert np.isfinite(result["test_score"]).all()


def test_validation_data_and_classes_can_be_requested_too():
    with sklearn.config_context(enable_metadata_routing=True):
        model = MLPClassifier(**SMALL).set_fit_request(X_val=True, y_val=True)
        pipe = make_pipeline(FunctionTransformer(), model)
        pipe.fit(X, Y, X_val=X, y_val=Y)
        assert len(pipe[-1].history_["val_loss"]) == 5
        assert None not in pipe[-1].history_["val_loss"]
        model.set_partial_fit_request(classes=True, sample_weight=False)


@both
def test_set_output_passes_frames_through_a_pipeline(cls):
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame(X, columns=["a", "b", "c"])
    pipe = make_pipeline(StandardScaler(), cls(**SMALL)).set_output(transform="pandas")
    pipe.fit(frame, target(cls))
    assert pipe[-1].feature_names_in_.tolist() == ["a", "b", "c"]
    assert pipe.predict(frame).shape == (60,)


@both
@pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs"])
@pytest.mark.parametrize("answer", [True, np.True_])
def test_a_callback_ends_the_fit_and_stopped_says_so(cls, solver, answer):
    settings = {**SMALL, "max_iter": 9, "batch_size": "auto", "solver": solver}
    stop = lambda record: answer if record.epoch == 3 else None
    model = cls(**settings, callbacks=[stop]).fit(X, target(cls))
    assert (model.stopped_, model.n_iter_) == ("callback", 3)
    model.set_params(callbacks=[lambda record: 1]).fit(X, target(cls))
    assert (model.stopped_, model.n_iter_) == ("epochs", 9)


# Copies


@both
def test_a_clone_has_the_parameters_and_nothing_learned(cls):
    model = cls(**SMALL, callbacks=[print], dropout=[0.5]).set_params(callbacks=None)
    model.fit(X, target(cls))
    other = clone(model)
    assert other.get_params() == model.get_params()
    assert set(vars(other)) == set(vars(cls()))
    np.testing.assert_array_equal(other.fit(X, target(cls)).theta_, model.theta_)


@both
@pytest.mark.parametrize("n_networks", [1, 2])
@pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs"])
def test_a_pickle_predicts_the_same_bits_and_trains_on(cls, solver, n_networks, tmp_path):
    y = target(cls)
    model = cls(**SMALL, solver=solver, n_networks=n_networks).fit(X, y)
    joblib.dump(model, tmp_path / "model")
    for other in pickle.loads(pickle.dumps(model)), joblib.load(tmp_path / "model"):
        np.testing.assert_array_equal(outcome(other), outcome(model))
        assert other.history_ == model.history_
        assert all(np.shares_memory(part, other.theta_) for part in other.coefs_)
        if solver != "lbfgs":
            expected = pickle.loads(pickle.dumps(model)).partial_fit(X, y)
            np.testing.assert_array_equal(other.partial_fit(X, y).theta_, expected.theta_)
            assert not np.array_equal(other.theta_, model.theta_)  # and the first stays as it was


@both
def test_weights_set_by_hand_are_used_and_trained_on(cls):
    y = target(cls)
    model = cls(**SMALL).fit(X, y)
    model.coefs_[-1][...] = 0
    model.intercepts_[-1][...] = 0
    zero = 1 / 3 if cls is MLPClassifier else 0
    np.testing.assert_allclose(outcome(model), zero, rtol=1e-15)  # one division
    assert len(np.unique(outcome(model.partial_fit(X, y)))) > 1


# Words


@both
def test_the_repr_shows_only_what_was_changed(cls):
    name = cls.__name__
    assert repr(cls()) == f"{name}()"
    assert repr(cls(alpha=1)) == f"{name}(alpha=1)"
    # as scikit-learn does: the default given by name is no change
    assert repr(cls(alpha=0.0001, hidden_layer_sizes=(8,))) == f"{name}(hidden_layer_sizes=(8,))"


@both
def test_the_html_repr_names_the_class_before_and_after_fit(cls):
    model = cls(**SMALL)
    assert cls.__name__ in model._repr_html_()
    assert cls.__name__ in make_pipeline(StandardScaler(), model.fit(X, target(cls)))._repr_html_()


def test_scikit_learn_knows_which_is_which():
    assert is_classifier(MLPClassifier())
    assert not is_regressor(MLPClassifier())
    assert is_regressor(MLPRegressor())
    assert not is_classifier(MLPRegressor())


@both
def test_two_estimators_are_equal_only_if_they_are_the_same(cls):
    one = same = cls()
    assert one == same
    assert one != cls()
    assert len({one, cls()}) == 2


# Tables


@both
@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_column_names_are_remembered(cls, library):
    frame = pytest.importorskip(library).DataFrame(dict(zip("abc", X.T, strict=True)))
    model = cls(**SMALL).fit(frame, target(cls))
    assert model.feature_names_in_.tolist() == ["a", "b", "c"]
    plain = cls(**SMALL).fit(X, target(cls))
    np.testing.assert_array_equal(outcome(model, frame), outcome(plain))
    assert not hasattr(plain, "feature_names_in_")
    assert not hasattr(model.fit(X, target(cls)), "feature_names_in_")


@both
@pytest.mark.parametrize("container", CONTAINERS)
@pytest.mark.parametrize("settings", [{}, {"solver": "lbfgs"}, {"dtype": "float32"}], ids=str)
def test_a_sparse_table_equals_a_dense_one_bit_for_bit(monkeypatch, cls, container, settings):
    monkeypatch.setenv("JUBAKO_ENGINE", "numpy")  # which always computes sparse tables
    # the engine takes dense batches out of it, so that even the roundings are the same
    table, y = getattr(sparse, container)(X), target(cls)
    settings = {**SMALL, **settings}
    if settings.get("solver") == "lbfgs":
        settings["batch_size"] = "auto"
    one, other = (cls(**settings).fit(x, y, X_val=x, y_val=y) for x in (X, table))
    np.testing.assert_array_equal(one.theta_, other.theta_)
    np.testing.assert_array_equal(outcome(one), outcome(other, table))
    np.testing.assert_array_equal(outcome(one), outcome(one, table))
    assert one.history_["val_loss"] == other.history_["val_loss"]


@both
def test_a_sparse_table_may_be_split_weighted_and_trained_on_in_batches(monkeypatch, cls):
    monkeypatch.setenv("JUBAKO_ENGINE", "numpy")  # so that both give the same bits
    table, y = sparse.csr_array(X), target(cls)
    w = np.resize([1.0, 0.0, 2.0], 60)
    one, other = (cls(**SMALL, early_stopping=True).fit(x, y, w) for x in (X, table))
    np.testing.assert_array_equal(one.theta_, other.theta_)
    first = {"classes": [0, 1, 2]} if cls is MLPClassifier else {}
    one, other = (cls(**SMALL).partial_fit(x, y, **first).partial_fit(x, y) for x in (X, table))
    np.testing.assert_array_equal(one.theta_, other.theta_)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_a_sparse_table_gets_advice_too():
    model = MLPClassifier(**{**SMALL, "n_iter_no_change": 10}).fit(sparse.csr_array(X), Y)
    assert model.n_iter_ == 5


@both
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_floats_of_both_precisions_are_taken(cls, dtype):
    model = cls(**SMALL, dtype="float32").fit(X.astype(dtype), target(cls))
    wide = cls(**SMALL, dtype="float32").fit(X.astype(np.float32), target(cls))
    np.testing.assert_array_equal(model.theta_, wide.theta_)  # both are rounded to float32
    assert outcome(model, X.astype(dtype)).dtype == np.float32


@both
@pytest.mark.parametrize("dtype", [np.int8, np.uint16, np.int64, bool, np.float16, object])
def test_other_numbers_are_taken_as_floats(cls, dtype):
    table = (3 * np.abs(X)).astype(int).astype(dtype)
    one, other = (cls(**SMALL).fit(x, target(cls)) for x in (table, table.astype(float)))
    np.testing.assert_array_equal(one.theta_, other.theta_)
    np.testing.assert_array_equal(outcome(one, table), outcome(other, table.astype(float)))


@both
def test_auto_is_float64_for_small_tables_and_lbfgs_else_float32(cls):
    settings = {**SMALL, "max_iter": 1}
    for n_rows, n_columns, expected in [(100, 100, "float64"), (10_001, 1, "float32")]:
        table = np.resize(X, (n_rows, n_columns))
        y = np.resize(target(cls), n_rows)
        for dtype in np.float32, np.float64:
            model = cls(**settings).fit(table.astype(dtype), y)
            assert model.theta_.dtype == expected
            assert outcome(model, table[:5]).dtype == expected
    small = {**settings, "solver": "lbfgs", "batch_size": "auto"}
    assert cls(**small).fit(table, y).theta_.dtype == "float64"
    for dtype in "float32", "float64":
        assert cls(**settings, dtype=dtype).fit(X, target(cls)).theta_.dtype == dtype
        assert cls(**small, dtype=dtype).fit(X, target(cls)).theta_.dtype == dtype


def test_training_goes_on_in_the_precision_in_which_it_began():
    model = MLPRegressor(**SMALL).fit(X, SCORE)
    long = np.resize(X, (5000, 3))
    assert model.partial_fit(long, np.resize(SCORE, 5000)).theta_.dtype == "float64"


LAYOUTS = {
    "Fortran": np.asfortranarray,
    "every second row": lambda a: np.repeat(a, 2, 0)[::2],
    "every second column": lambda a: np.repeat(a, 2, 1)[:, ::2],
    "backwards": lambda a: a[::-1].copy()[::-1],
    "transposed": lambda a: a.T.copy().T,
    "big-endian": lambda a: a.astype(">f8"),
    "list": lambda a: a.tolist(),
    "read-only": lambda a: np.frombuffer(a.tobytes()).reshape(a.shape),
}


@both
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_how_a_table_lies_in_memory_changes_no_bit(cls, layout, dtype):
    table = LAYOUTS[layout](X)
    one, other = (cls(**SMALL, dtype=dtype).fit(x, target(cls)) for x in (X, table))
    np.testing.assert_array_equal(one.theta_, other.theta_)
    np.testing.assert_array_equal(outcome(one), outcome(one, table))


def frozen(a):
    a = a.copy()
    if sparse.issparse(a):
        for part in a.data, a.indices, a.indptr:
            part.flags.writeable = False
    else:
        a.flags.writeable = False
    return a


@both
@pytest.mark.parametrize("as_table", [np.asarray, sparse.csr_array])
@pytest.mark.parametrize(
    "settings",
    [
        {"dtype": "float64"},
        {"dtype": "float32"},
        {"solver": "lbfgs", "batch_size": "auto"},
        {"early_stopping": True, "dropout": 0.2, "n_networks": 2},
        {"solver": "sgd", "shuffle": False, "hidden_layer_sizes": ()},
    ],
    ids=str,
)
def test_arrays_are_neither_written_to_nor_kept(monkeypatch, cls, as_table, settings):
    monkeypatch.setenv(
        "JUBAKO_ENGINE", "numpy"
    )  # which gives sparse and dense tables the same bits
    y, w = target(cls), np.resize([1.0, 0.0, 2.0], 60)
    table = as_table(X)
    model = cls(**{**SMALL, **settings})
    expected = outcome(clone(model).fit(table, y, w))
    arrays = [frozen(a) for a in (table, y, w)]
    model.fit(*arrays)  # a write would raise
    np.testing.assert_array_equal(outcome(model, arrays[0]), expected)
    again = arrays[0].toarray() if sparse.issparse(arrays[0]) else arrays[0]
    np.testing.assert_array_equal(again, X)
    np.testing.assert_array_equal(arrays[1], y)
    np.testing.assert_array_equal(arrays[2], np.resize([1.0, 0.0, 2.0], 60))
    assert not any(np.shares_memory(model.theta_, a) for a in (*arrays[1:], again))


@both
def test_weights_read_from_a_read_only_file_predict(cls, tmp_path):
    model = cls(**SMALL).fit(X, target(cls))
    joblib.dump(model, tmp_path / "model")
    mapped = joblib.load(tmp_path / "model", mmap_mode="r")
    np.testing.assert_array_equal(outcome(mapped), outcome(model))


@both
@given(rows=st.lists(st.integers(0, 59), min_size=1, max_size=20))
def test_a_row_is_predicted_by_itself(cls, rows):
    model = FITTED[cls]
    # BLAS may add up in another order for another number of rows: float64 rounding
    np.testing.assert_allclose(
        outcome(model, X[rows]), outcome(model)[rows], rtol=1e-11, atol=1e-13
    )


FITTED = {cls: cls(**SMALL).fit(X, target(cls)) for cls in BOTH}


def test_pandas_is_here_so_that_its_tests_were_run():
    assert find_spec("pandas")
