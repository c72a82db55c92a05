import json
import pickle

import numpy as np
import pyarrow as pa
import pytest
from safetensors.numpy import save

import jubako
from jubako.estimators import (
    MLPClassifier,
    MLPRegressor,
    SingleNetworkClassifier,
    SingleNetworkRegressor,
    TabularClassifier,
    TabularRegressor,
)
from jubako.estimators.loading import revive
from jubako.model.errors import ModelFileError
from jubako.model.model_file import VERSION, fingerprint, read_file, write_file

X = np.random.default_rng(0).normal(size=(60, 3))
SPECIES = (X[:, 0] > 0).astype(int) + (X[:, 1] > 0)
LABELS = {
    "int": SPECIES,
    "two": SPECIES > 0,
    "str": np.array(["赤", "blue", "緑"])[SPECIES],
    "object": np.array(["赤", "blue", "緑"], object)[SPECIES],
    "float": SPECIES * 1.0,
    "multilabel": np.stack([SPECIES > 0, SPECIES > 1], 1).astype(int),
}
SMALL = {"max_iter": 5, "random_state": 0}


def again(model, tmp_path):
    model.save(tmp_path / "m.jubako")
    return jubako.load(tmp_path / "m.jubako")


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("kind", LABELS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_loaded_classifier_predicts_the_same_bits(kind, dtype, tmp_path):
    model = MLPClassifier((5, 5), residual=True, n_networks=2, dtype=dtype, **SMALL)
    model.fit(X, LABELS[kind])
    loaded = again(model, tmp_path)
    np.testing.assert_array_equal(loaded.predict_proba(X), model.predict_proba(X))
    np.testing.assert_array_equal(loaded.predict(X), model.predict(X))
    np.testing.assert_array_equal(loaded.classes_, model.classes_)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("loss", ["squared_error", "huber", "quantile", "poisson", "log_cosh"])
def test_a_loaded_regressor_predicts_the_same_bits(loss, tmp_path):
    model = MLPRegressor(loss, (4,), n_iter_no_change=np.inf, **SMALL)
    model.fit(X, abs(X[:, 0] if loss == "poisson" else X[:, :2]))
    np.testing.assert_array_equal(again(model, tmp_path).predict(X), model.predict(X))


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_what_fit_left_is_there_after_loading(tmp_path):
    model = MLPClassifier((4,), early_stopping=True, **SMALL).fit(X, SPECIES)
    loaded = again(model, tmp_path)
    assert loaded.get_params() == model.get_params()
    for name in (
        "history_",
        "loss_curve_",
        "loss_",
        "best_loss_",
        "validation_scores_",
        "n_iter_",
        "t_",
        "best_validation_score_",
        "n_layers_",
        "n_outputs_",
        "out_activation_",
        "stopped_",
        "n_features_in_",
        "engine_",
    ):
        assert getattr(loaded, name) == getattr(model, name), name
    weights = (m.coefs_ + m.intercepts_ for m in (loaded, model))
    for w, v in zip(*weights, strict=True):
        np.testing.assert_array_equal(w, v)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_training_goes_on_after_loading(tmp_path):
    model = MLPClassifier((4,), warm_start=True, **SMALL).fit(X, SPECIES)
    loaded = again(model, tmp_path)
    np.testing.assert_array_equal(loaded.fit(X, SPECIES).theta_, model.fit(X, SPECIES).theta_)


@pytest.mark.parametrize("cls", [SingleNetworkClassifier, SingleNetworkRegressor])
def test_a_loaded_table_model_predicts_the_same_bits(cls, tmp_path):
    table = {"a": X[:, 0].tolist(), "one": [1] * 60}
    table |= {"色": ["赤", "青", None] * 20, "b": [True, False] * 30}
    table = pa.table(table)
    model = cls((6,), max_iter=3, random_state=0).fit(table, SPECIES)
    loaded = again(model, tmp_path)
    assert loaded.columns_ == model.columns_
    assert loaded.feature_names_in_.tolist() == table.column_names
    assert loaded.n_features_in_ == 4
    assert loaded.get_params()["hidden_layer_sizes"] == (6,)
    np.testing.assert_array_equal(loaded.predict(table), model.predict(table))


@pytest.mark.parametrize(
    ("name", "cls"),
    [("PlainClassifier", SingleNetworkClassifier), ("PlainRegressor", SingleNetworkRegressor)],
)
def test_a_file_with_the_earlier_name_of_the_estimator_is_read(name, cls, tmp_path):
    model = cls((3,), max_iter=2, random_state=0).fit(X, SPECIES)
    model.save(tmp_path / "m.jubako")
    description, arrays = read_file(tmp_path / "m.jubako")
    write_file(tmp_path / "m.jubako", description | {"estimator": name}, arrays)
    loaded = jubako.load(tmp_path / "m.jubako")
    assert type(loaded) is cls
    np.testing.assert_array_equal(loaded.predict(X), model.predict(X))


def test_no_row_and_no_code_is_in_the_file(tmp_path):
    secret = 1234.56789
    table = {"a": np.r_[X[:, 0], secret]}
    model = SingleNetworkClassifier((3,), max_iter=1).fit(pa.table(table), np.r_[SPECIES, 1])
    model.save(tmp_path / "m.jubako")
    data = (tmp_path / "m.jubako").read_bytes()
    assert str(secret).encode() not in data
    for number in (secret, np.float32(secret)):
        assert np.array(number).tobytes() not in data
    with pytest.raises(pickle.UnpicklingError):
        pickle.loads(data)


def change_nothing(words, arrays):
    pass


def wrong_estimator(words, arrays):
    words["estimator"] = "builtins.eval"


def wrong_param(words, arrays):
    words["params"]["solver"] = "rm -rf"


def unknown_param(words, arrays):
    words["params"]["__class__"] = "x"


def nan_weights(words, arrays):
    arrays["theta.0"][0, 0] = np.nan


def too_few_weights(words, arrays):
    arrays["theta.0"] = arrays["theta.0"][:, :-1].copy()


def integer_weights(words, arrays):
    arrays["theta.0"] = arrays["theta.0"].astype(np.int32)


def other_classes(words, arrays):
    words["target"]["classes"].append(7)


def double_class(words, arrays):
    words["target"]["classes"][0] = words["target"]["classes"][1]


def wrong_features(words, arrays):
    words["feature_names"] = list("abcd")


def no_history(words, arrays):
    del words["training"]["history"]


def endless(words, arrays):
    words["training"]["epochs"] = float("inf")


def names_of_no_kind(words, arrays):
    words["feature_names"] = "abc"


def wrong_end(words, arrays):
    words["training"]["stopped"] = "exploded"


def an_end_of_a_search(words, arrays):
    words["training"]["stopped"] = "complete"


def unsorted_classes(words, arrays):
    words["target"]["classes"].reverse()


def huge_label(words, arrays):  # an array of labels is as wide as the longest: here 12 GB
    words["target"]["classes"] = ["x" * 1_000_000, *map(str, range(3000))]


def no_library_version(words, arrays):
    del words["library_version"]


def a_note_of_no_kind(words, arrays):
    words["note"] = [["target", "y"]]


def another_loss(words, arrays):
    words["networks"][0]["network"]["loss"] = {"loss": "squared_error"}


def endless_networks(words, arrays):
    words["networks"][0]["network"]["layers"] = [{"layer": "dropout", "n": 3, "rate": 0.1}]
    arrays["theta.0"] = np.empty((10**9, 0), np.float32)


def a_column_of_history_less(words, arrays):
    words["training"]["history"]["val_loss"].pop()


def a_loss_that_is_a_word(words, arrays):
    words["training"]["history"]["train_loss"][-1] = "low"


def wrong_batch_size(words, arrays):
    words["params"]["batch_size"] = "[red]"


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize(
    "change",
    [
        wrong_estimator,
        wrong_param,
        unknown_param,
        nan_weights,
        too_few_weights,
        integer_weights,
        other_classes,
        double_class,
        wrong_features,
        no_history,
        names_of_no_kind,
        wrong_end,
        an_end_of_a_search,
        endless,
        unsorted_classes,
        huge_label,
        no_library_version,
        a_note_of_no_kind,
        another_loss,
        endless_networks,
        a_column_of_history_less,
        a_loss_that_is_a_word,
        wrong_batch_size,
    ],
)
def test_a_hostile_file_with_the_right_fingerprint_is_refused(change, tmp_path):
    path = tmp_path / "m.jubako"
    MLPClassifier((4,), **SMALL).fit(X, SPECIES).save(path)

    def rewrite(change):
        words, arrays = read_file(path)
        change(words, arrays)
        text = json.dumps(words)
        metadata = {"format": "jubako", "format_version": str(VERSION), "description": text}
        path.write_bytes(save(arrays, metadata | {"sha256": fingerprint(text, arrays)}))

    rewrite(change_nothing)
    jubako.load(path)  # so the rewriting itself is not what is refused
    rewrite(change)
    with pytest.raises(ModelFileError, match="invalid model"):
        jubako.load(path)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize(
    "cls", [MLPClassifier, MLPRegressor, SingleNetworkClassifier, SingleNetworkRegressor]
)
def test_predictions_that_are_not_finite_are_refused_with_the_row(cls, tmp_path):
    path = tmp_path / "m.jubako"
    cls(hidden_layer_sizes=(4,), max_iter=2, random_state=0).fit(X, SPECIES).save(path)
    words, arrays = read_file(path)
    arrays["theta.0"][...] = 3e38 if arrays["theta.0"].dtype == np.float32 else 1e308
    write_file(path, words, arrays)
    with pytest.raises(ModelFileError, match="row 1 is not finite"):
        jubako.load(path).predict(X)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_labels_that_no_file_could_hold_are_refused_when_saved(tmp_path):
    labels = np.array(["x" * 6_000_000, "y", "z"], object)[SPECIES]
    model = MLPClassifier((4,), **SMALL).fit(X, labels)
    with pytest.raises(ModelFileError, match="3 labels of up to 6000000 characters"):
        model.save(tmp_path / "m.jubako")


@pytest.fixture(scope="module")
def described():
    table = {"a": X[:, 0], "b": np.where(X[:, 1] > 0, "x", "y")}
    model = TabularClassifier("fast", n_folds=2, random_state=0).fit(pa.table(table), X[:, 2] > 0)
    words, arrays = model.describe()
    about = {"estimator": "TabularClassifier", "library_version": "0", "note": {}}
    return json.dumps(words | about), arrays


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("training", "leaderboard"), []),
        (("training", "leaderboard", 0, "layers"), [1]),
        (("training", "leaderboard", 1, "oof_loss"), "x"),
        (("training", "leaderboard", 0, "epochs"), 2**70),
        (("networks", 0, "loss"), np.nan),
        (("networks", 0, "best_epoch"), 1.5),
        (("schema", "columns", 0, "knots"), [1.0]),
        (("schema", "features"), "ab"),
        (("target", "classes"), [True]),
        (("training", "seconds"), np.nan),
        (("params", "preset"), "a\nb"),
    ],
)
def test_hostile_words_about_an_ensemble_are_refused(described, path, value):
    words, arrays = json.loads(described[0]), described[1]
    revive("m.jubako", words, arrays)
    place = words
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    with pytest.raises(ModelFileError, match="invalid model") as caught:
        revive("m.jubako", words, arrays)
    assert "\n" not in str(caught.value)


def test_a_numeric_target_without_its_range_is_refused():
    model = TabularRegressor("fast", n_folds=2, random_state=0).fit(X, X[:, 2])
    words, arrays = model.describe()
    words |= {"estimator": "TabularRegressor", "library_version": "0", "note": {}}
    del words["target"]["range"]
    with pytest.raises(ModelFileError, match="lacks 'range'"):
        revive("m.jubako", words, arrays)
