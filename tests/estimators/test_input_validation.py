import re
import warnings

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

import jubako
from jubako import MLPClassifier, MLPRegressor, TabularClassifier, TabularRegressor
from jubako.core.errors import ParameterError
from jubako.data.errors import TableError
from jubako.estimators import SingleNetworkClassifier
from jubako.estimators.validation import RULES

RNG = np.random.default_rng(0)
X = RNG.normal(size=(30, 3))
Y = np.arange(30) % 3
SMALL = {"hidden_layer_sizes": 4, "max_iter": 3, "n_iter_no_change": np.inf, "random_state": 0}
BOTH = [MLPClassifier, MLPRegressor]
both = pytest.mark.parametrize("cls", BOTH)


def classifier(**settings):
    return MLPClassifier(**{**SMALL, **settings})


def regressor(loss="squared_error", **settings):
    return MLPRegressor(loss, **{**SMALL, **settings})


def message(call, *args, error=ValueError, **kwargs):
    """Make a call that must fail, without a warning, and return what it says."""
    with pytest.raises(error) as caught:
        call(*args, **kwargs)
    return str(caught.value)


# Parameters

NUMBERS = [True, "1", None, np.nan, 1j, [1.0, "a"]]
BELOW = [-1, -0.1, -np.inf]
WHOLE = [True, "1", None, 1.0, np.nan, -1]
FLAG = [1, 0, "yes", None, 1.0]
NAME = ["", "ADAM", None, 1, True, ["adam"], b"adam"]
BAD = {
    "hidden_layer_sizes": [0, -3, 1.5, True, "100", None, [10, 0], [10, 2.0], [[1]], {10}],
    "activation": ["Relu", None, 1, ["relu", 3], [["relu"]], {"relu"}],
    "solver": NAME,
    "alpha": [*NUMBERS, *BELOW, np.inf],
    "batch_size": [0, -1, 1.5, "all", None, True, [10]],
    "learning_rate": ["cosine", *NAME],
    "learning_rate_init": [*NUMBERS, *BELOW, 0, np.inf],
    "power_t": [*NUMBERS, *BELOW, np.inf],
    "max_iter": WHOLE,
    "shuffle": FLAG,
    "random_state": [-1, 2**32, 1.5, "0", True, np.nan],
    "tol": [*NUMBERS, *BELOW, np.inf],
    "verbose": [-1, 1.5, "yes", None],
    "warm_start": FLAG,
    "momentum": [*NUMBERS, *BELOW, 1.01],
    "nesterovs_momentum": FLAG,
    "early_stopping": FLAG,
    "validation_fraction": [*NUMBERS, *BELOW, 1, 1.5],
    "beta_1": [*NUMBERS, *BELOW, 1],
    "beta_2": [*NUMBERS, *BELOW, 1],
    "epsilon": [*NUMBERS, *BELOW, 0, np.inf],
    "n_iter_no_change": [*NUMBERS, *BELOW, 0, 0.5],
    "max_fun": [0, *WHOLE],
    "init": ["xavier", *NAME],
    "dropout": [*NUMBERS, *BELOW, 1, [0.5, 1.0], [-0.1], "half"],
    "residual": FLAG,
    "weight_decay": [*NUMBERS, *BELOW, np.inf],
    "schedule": ["invscaling", *NAME],
    "warmup_fraction": [*NUMBERS, *BELOW, 1],
    "max_grad_norm": [True, "1", np.nan, 0, -1, np.inf, [1]],
    "n_networks": [0, *WHOLE],
    "dtype": ["float16", np.float32, "double", None, float],
    "run_dir": [1, True, b"runs", ["runs"]],
    "callbacks": [print, [1], "log", [None], {print}],
    "class_weight": ["equal", 1, True, [1, 2], np.ones(3)],
    "label_smoothing": [*NUMBERS, *BELOW, 1],
    "loss": ["cross_entropy", "binary_cross_entropy", "mse", *NAME],
    "huber_delta": [*NUMBERS, *BELOW, 0, np.inf],
    "quantile": [*NUMBERS, *BELOW, 0, 1],
}


def test_every_parameter_has_bad_values_here():
    parameters = {name for cls in BOTH for name in cls().get_params()}
    assert parameters == set(BAD) == set(RULES)


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name, values in BAD.items() for value in values]
)
def test_a_bad_value_is_refused_in_one_sentence_that_names_it(name, value):
    for cls in BOTH:
        if name in cls().get_params():
            said = message(cls(**{name: value}).fit, X, Y, error=ParameterError)
            assert repr(name) in said
            assert repr(value) in said
            assert cls.__name__ in said
            assert "\n" not in said
            # one sentence with its full stop, and a question where a name was nearly right
            assert re.fullmatch(
                r"The .* must be .*\. Got .* instead\.( Did you mean '\w+'\?)?", said
            )


@pytest.mark.parametrize("name", BAD)
def test_partial_fit_refuses_bad_values_too(name):
    cls = MLPClassifier if name in MLPClassifier().get_params() else MLPRegressor
    value = next(value for value in BAD[name] if value != "lbfgs")
    first = {"classes": [0, 1, 2]} if cls is MLPClassifier else {}
    assert repr(name) in message(cls(**{name: value}).partial_fit, X, Y, **first)


@pytest.mark.parametrize(
    ("name", "typo", "meant"),
    [
        ("activation", "rellu", "relu"),
        ("activation", "Tanh", "tanh"),
        ("activation", "leakyrelu", "leaky_relu"),
        ("solver", "adm", "adam"),
        ("solver", "l-bfgs", "lbfgs"),
        ("init", "glorrot", "glorot"),
        ("schedule", "cosin", "cosine"),
        ("learning_rate", "adaptative", "adaptive"),
        ("dtype", "float23", "float32"),
        ("batch_size", "atuo", "auto"),
        ("class_weight", "balance", "balanced"),
    ],
)
def test_a_typo_is_answered_with_the_name_that_was_meant(name, typo, meant):
    assert message(classifier(**{name: typo}).fit, X, Y).endswith(f"Did you mean {meant!r}?")


def test_a_typo_in_a_loss_or_in_a_list_is_answered_too():
    assert message(regressor("quantil").fit, X, Y).endswith("Did you mean 'quantile'?")
    bad = classifier(hidden_layer_sizes=(4, 4), activation=["relu", "tahn"])
    assert "Did you mean 'tanh'?" in message(bad.fit, X, Y)


def test_a_name_that_is_like_none_is_answered_without_a_guess():
    assert "mean" not in message(classifier(activation="xyz").fit, X, Y)


@pytest.mark.parametrize(
    "wrong",
    [
        {"hidden_layer_sizes": (4, 4), "activation": ["relu"]},
        {"hidden_layer_sizes": (4, 3), "residual": True},
        {"solver": "lbfgs", "dropout": 0.1},
        {"class_weight": {7: 1.0}},
        {"early_stopping": True, "validation_fraction": 0.01},
    ],
    ids=str,
)
def test_a_wrong_combination_of_parameters_is_a_parameter_error(wrong):
    message(classifier(**wrong).fit, X, Y, error=ParameterError)


def test_wrong_data_is_no_parameter_error():
    with pytest.raises(ValueError, match="NaN") as caught:
        classifier().fit(X, Y + np.nan)
    assert not isinstance(caught.value, ParameterError)
    message(TabularRegressor("fast").fit, X, Y[:-1], error=TableError)


def test_a_wrong_option_of_a_tabular_model_is_a_parameter_error():
    message(TabularRegressor("fats").fit, X, Y, error=ParameterError)
    message(TabularRegressor("fast").fit, X, Y, X_val=X, error=ParameterError)


GOOD = [
    {"hidden_layer_sizes": np.array([4, 3])},
    {"hidden_layer_sizes": np.int32(4)},
    {"alpha": 0},
    {"alpha": np.float32(0.1)},
    {"momentum": 1, "solver": "sgd"},
    {"momentum": 0, "solver": "sgd"},
    {"activation": ("tanh",)},
    {"activation": np.array(["tanh"])},
    {"dropout": np.array([0.5])},
    {"dropout": 0},
    {"validation_fraction": 0},
    {"n_iter_no_change": 1.5},
    {"tol": 0},
    {"verbose": np.False_},
    {"shuffle": np.True_},
    {"random_state": np.random.RandomState(0)},
    {"random_state": np.int64(2**32 - 1)},
    {"callbacks": ()},
    {"class_weight": {}},
    {"max_grad_norm": 1},
]


@pytest.mark.parametrize("settings", GOOD, ids=lambda settings: next(iter(settings)))
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_values_at_the_edge_and_of_numpy_s_types_are_taken(settings):
    assert classifier(**settings).fit(X, Y).predict(X).shape == (30,)


@pytest.mark.parametrize("name", ["activation", "dropout"])
def test_a_list_with_another_number_of_entries_than_layers_is_refused(name):
    value = {"activation": ["relu", "tanh"], "dropout": [0.1, 0.2]}[name]
    for sizes in (), 4, (4, 4, 4):
        said = message(classifier(hidden_layer_sizes=sizes, **{name: value}).fit, X, Y)
        assert said.startswith(f"{name}={value!r} has 2 entries")
        assert f"hidden_layer_sizes={sizes!r}" in said


@pytest.mark.parametrize("sizes", [(), 8, (8,), (8, 4), (8, 4, 8)])
def test_residual_without_two_layers_of_one_width_is_refused(sizes):
    said = message(classifier(residual=True, hidden_layer_sizes=sizes).fit, X, Y)
    assert "residual=True" in said
    assert f"hidden_layer_sizes={sizes!r}" in said


def test_dropout_with_lbfgs_is_refused():
    for dropout in 0.1, [0.1]:
        said = message(classifier(solver="lbfgs", dropout=dropout).fit, X, Y)
        assert "solver='lbfgs'" in said
        assert "dropout=0" in said
    classifier(solver="lbfgs", dropout=[0.0]).fit(X, Y)


@both
def test_partial_fit_is_hidden_for_lbfgs(cls):
    assert not hasattr(cls(solver="lbfgs"), "partial_fit")
    assert hasattr(cls(solver="sgd"), "partial_fit")
    with pytest.raises(AttributeError):
        cls(solver="lbfgs").partial_fit  # noqa: B018


def test_partial_fit_with_early_stopping_is_refused():
    assert "early_stopping" in message(
        classifier(early_stopping=True).partial_fit, X, Y, classes=[0, 1, 2]
    )


def test_partial_fit_needs_classes_once_and_the_same_ones():
    assert "classes" in message(classifier().partial_fit, X, Y)
    model = classifier().partial_fit(X, Y, classes=[0, 1, 2]).partial_fit(X, Y)
    said = message(model.partial_fit, X, Y, classes=[0, 1])
    assert "[0, 1]" in said
    assert message(classifier().partial_fit, X, Y, classes=[0, 1]).count("[2]") == 1


def test_a_batch_larger_than_the_table_is_told():
    with pytest.warns(UserWarning, match="batch_size=31 is larger than the 30 rows"):
        big = classifier(batch_size=31).fit(X, Y)
    np.testing.assert_array_equal(big.theta_, classifier(batch_size=30).fit(X, Y).theta_)


# X


def spoiled(value, dtype=float):
    table = X.astype(dtype)
    table[7, 1] = value
    return table


BAD_X = {
    "1-D": (X[:, 0], "2D array"),
    "3-D": (X[None], "dim 3"),
    "scalar": (1.0, "2D array"),
    "no rows": (X[:0], "0 sample"),
    "no columns": (X[:, :0], "0 feature"),
    "NaN": (spoiled(np.nan), "NaN"),
    "infinity": (spoiled(np.inf), "infinity"),
    "complex": (spoiled(1j, complex), "[Cc]omplex"),
    "strings": (spoiled("a", object), "'a'"),
    "sparse NaN": (csr_array(spoiled(np.nan)), "NaN"),
    "None": (None, "2D array"),
    "ragged": ([[1, 2], [3]] * 15, "inhomogeneous|sequence"),
}


@both
@pytest.mark.parametrize("name", BAD_X)
def test_a_bad_x_is_refused(cls, name):
    bad, words = BAD_X[name]
    model = cls(**SMALL)
    assert re.search(words, message(model.fit, bad, Y))
    fitted = cls(**SMALL).fit(X, Y)
    assert re.search(words, message(fitted.predict, bad))
    assert re.search(words, message(fitted.partial_fit, bad, Y))


@both
def test_numbers_too_large_for_the_precision_are_refused(cls):
    model = cls(**SMALL, dtype="float32")
    for table in spoiled(1e39), spoiled(-1e39), csr_array(spoiled(1e39)):
        said = message(model.fit, table, Y)
        assert "1e+39" in said
        assert "float32" in said
        assert "float64" in said
    model.fit(X, Y)
    assert "1e+39" in message(model.predict, spoiled(1e39))


@both
def test_numbers_too_large_for_float32_are_taken_in_float64(cls):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        cls(**SMALL, dtype="float64", max_grad_norm=1e-3).set_params(max_iter=0).fit(
            spoiled(1e39), Y
        )


@both
def test_another_number_of_columns_is_refused(cls):
    model = cls(**SMALL).fit(X, Y)
    for call in model.predict, lambda table: model.partial_fit(table, Y):
        said = message(call, X[:, :2])
        assert "2 features" in said
        assert "expecting 3" in said


@both
def test_frames_with_other_columns_are_refused(cls):
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame(X, columns=["a", "b", "c"])
    model = cls(**SMALL).fit(frame, Y)
    assert "- d" in message(model.predict, frame.rename(columns={"c": "d"}))
    assert "same order" in message(model.predict, frame[["b", "a", "c"]])
    said = message(model.fit, frame, Y, X_val=frame.rename(columns={"c": "d"}), y_val=Y)
    assert "- d" in said
    with pytest.warns(UserWarning, match="does not have valid feature names"):
        model.predict(X)


@both
def test_text_columns_of_a_frame_are_refused(cls):
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame({"a": X[:, 0], "b": ["red", "blue"] * 15})
    assert "'red'" in message(cls(**SMALL).fit, frame, Y)


# y


@both
@pytest.mark.parametrize("n", [0, 1, 29, 31])
def test_a_y_of_another_length_is_refused(cls, n):
    assert re.search("inconsistent|0 sample", message(cls(**SMALL).fit, X, np.resize(Y, n)))


@both
def test_a_missing_y_is_refused(cls):
    assert "y" in message(cls(**SMALL).fit, X, None)


BAD_NUMBERS = {
    "NaN": (np.where(Y, 1.0, np.nan), "NaN"),
    "infinity": (np.where(Y, 1.0, np.inf), "infinity"),
    "strings": (np.array(["a", "b", "c"])[Y], "convert|numeric|'a'"),
    "objects": (np.array(["a", "b", "c"], object)[Y], "convert|numeric|'a'"),
    "complex": (Y + 1j, "[Cc]omplex"),
    "3-D": (np.zeros((30, 1, 1)), "dim 3"),
}


@pytest.mark.parametrize("name", BAD_NUMBERS)
def test_bad_numbers_to_predict_are_refused(name):
    bad, words = BAD_NUMBERS[name]
    assert re.search(words, message(regressor().fit, X, bad))


NO_NUMBERS = {
    "dates": (np.arange(90).reshape(30, 3).astype("M8[D]"), "holds dates, and not numbers"),
    "durations": (np.arange(90).reshape(30, 3).astype("m8[s]"), "holds durations, and not"),
    "texts": (X.astype(str), "not compatible with arrays of bytes/strings"),
    "bytes": (X.astype("S"), "not compatible with arrays of bytes/strings"),
    "lists of texts": (X.astype(str).tolist(), "not compatible with arrays of bytes/strings"),
    "complex": (X + 1j, "Complex data not supported"),
    "sparse and complex": (csr_array(X + 1j), "Complex data not supported"),
    "nullable and missing": (pd.DataFrame(X).convert_dtypes().mask(X > 1), "Input X contains NaN"),
}


@both
@pytest.mark.parametrize("name", NO_NUMBERS)
def test_what_is_no_number_is_not_taken_for_one(cls, name):
    bad, words = NO_NUMBERS[name]
    assert words in message(cls(**SMALL).fit, bad, Y)
    fitted = cls(**SMALL).fit(X, Y)
    assert words in message(fitted.predict, bad)


@pytest.mark.parametrize(
    ("y", "words"),
    [
        (np.arange(30).astype("M8[D]"), "y holds dates, and not numbers"),
        (Y.astype(str), "not compatible with arrays of bytes/strings"),
        (Y.astype("S"), "not compatible with arrays of bytes/strings"),
    ],
    ids=["dates", "texts", "bytes"],
)
def test_targets_that_are_no_numbers_are_not_taken_for_some(y, words):
    assert words in message(regressor().fit, X, y)
    assert words.replace("y holds", "y_val holds") in message(
        regressor().fit, X, X[:, 0], X_val=X, y_val=y
    )


def test_sparse_targets_are_taken_where_scikit_learn_takes_them():
    model = regressor().fit(X, csr_array(X))
    np.testing.assert_array_equal(model.predict(X), regressor().fit(X, X).predict(X))
    message(regressor().fit, X, csr_array(X[:, :1]), error=TypeError)


NULLABLE = {
    "Float64": lambda x: pd.DataFrame(x).astype("Float64"),
    "Float32": lambda x: pd.DataFrame(x.astype("float32").astype("float64")).astype("Float32"),
    "pyarrow": lambda x: pd.DataFrame(x).astype("double[pyarrow]"),
    "sparse": lambda x: pd.DataFrame(x).astype(pd.SparseDtype(float, 0)),
    "object": lambda x: x.astype(object),
}


@both
@pytest.mark.parametrize("kind", NULLABLE)
def test_nullable_and_sparse_columns_of_pandas_are_numbers(monkeypatch, cls, kind):
    monkeypatch.setenv("JUBAKO_ENGINE", "numpy")  # so that sparse columns give the same bits
    x = X.astype("float32").astype("float64")
    expected = cls(**SMALL, dtype="float64").fit(x, Y)
    model = cls(**SMALL, dtype="float64").fit(NULLABLE[kind](x), Y)
    np.testing.assert_array_equal(model.theta_, expected.theta_)
    np.testing.assert_array_equal(model.predict(NULLABLE[kind](x)), expected.predict(x))


BAD_LABELS = {
    "NaN": (np.where(Y, 1.0, np.nan), "NaN"),
    "fractions": (X[:, 0], "continuous"),
    "several columns of classes": (np.column_stack([Y, Y]), "multioutput"),
    "3-D": (np.zeros((30, 1, 1)), "dim 3"),
    "lists of labels": ([[0], [1, 2], [2]] * 10, "inhomogeneous|sequence|not supported"),
}


@pytest.mark.parametrize("name", BAD_LABELS)
def test_bad_labels_are_refused(name):
    bad, words = BAD_LABELS[name]
    assert re.search(words, message(classifier().fit, X, bad))


@pytest.mark.parametrize("missing", [None, np.nan])
def test_missing_labels_among_strings_are_refused_in_words(missing):
    y = np.array(["a", "b", "c"], object)[Y]
    y[4] = missing
    message(classifier().fit, X, y, error=(ValueError, TypeError))


@pytest.mark.parametrize("label", [7, "a", True])
def test_a_single_class_is_fitted_with_a_warning_and_predicted_for_every_row(label, tmp_path):
    with pytest.warns(UserWarning, match=f"y has only one class, {label!r}"):
        model = classifier().fit(X, np.full(30, label))
    model.save(tmp_path / "model.jubako")
    for fitted in model, jubako.load(tmp_path / "model.jubako"):
        assert fitted.classes_.tolist() == [label]
        assert fitted.predict(X).tolist() == [label] * 30
        np.testing.assert_array_equal(fitted.predict_proba(X), np.ones((30, 1)))
    with pytest.raises(TableError, match="classes that are not in"):
        model.partial_fit(X, np.full(30, "b" if label == "a" else 8))


def test_a_single_class_with_weight_is_fitted_with_a_warning():
    with pytest.warns(UserWarning, match="y has only one class, 1"):
        model = classifier().fit(X, Y, (Y == 1).astype(float))
    assert set(model.predict(X)) == {1}


@pytest.mark.parametrize("cls", [SingleNetworkClassifier, TabularClassifier])
def test_a_single_class_in_a_raw_table_is_refused(cls):
    message(cls().fit, X, np.full(30, "a"), error=TableError)


def test_labels_other_than_0_and_1_in_several_columns_are_refused():
    y = np.where(X[:, :2] > 0, 1, -1)
    assert "0" in message(classifier().fit, X, y)
    fitted = classifier().fit(X, (y + 1) // 2)
    assert "0" in message(fitted.partial_fit, X, y)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_another_number_of_labels_a_row_is_refused():
    fitted = classifier(warm_start=True).fit(X, (X > 0).astype(int))
    for bad in (X[:, :2] > 0).astype(int), Y % 2:
        said = message(fitted.fit, X, bad)
        assert str(bad.shape) in said
        assert "3" in said


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize(("n_first", "n_then"), [(2, 3), (2, None), (None, 2), (3, 1)])
def test_another_number_of_outputs_is_refused(n_first, n_then):
    targets = lambda n: X[:, 0] if n is None else np.resize(X, (30, n))
    fitted = regressor(warm_start=True).fit(X, targets(n_first))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a column may be taken for a row of numbers first
        for call in fitted.fit, fitted.partial_fit:
            said = message(call, X, targets(n_then))
            assert "output" in said or "column" in said
        said = message(regressor().fit, X, targets(n_first), X_val=X, y_val=targets(n_then))
        assert "y_val" in said


def test_negative_counts_are_refused():
    counts = np.where(Y, 2.0, -3.0)
    said = message(regressor("poisson").fit, X, counts)
    assert "poisson" in said
    assert "-3" in said
    assert "`y_val`" in message(regressor("poisson").fit, X, np.abs(counts), X_val=X, y_val=counts)


def test_targets_too_large_for_the_precision_are_refused():
    said = message(regressor(dtype="float32").fit, X, np.where(Y, 1.0, 1e39))
    assert "y" in said
    assert "float32" in said


# Weights

BAD_WEIGHTS = {
    "negative": (np.where(Y, 1.0, -0.5), "Negative.*-0.5.*row 1"),
    "all zero": (np.zeros(30), "All values.*zero"),
    "NaN": (np.where(Y, 1.0, np.nan), "sample_weight.*NaN"),
    "infinity": (np.where(Y, 1.0, np.inf), "sample_weight.*infinity"),
    "too many": (np.ones(31), r"\(31,\).*\(30,\)"),
    "too few": (np.ones(1), r"\(1,\).*\(30,\)"),
    "2-D": (np.ones((30, 2)), r"\(30, 2\)"),
    "strings": (np.array(["heavy"] * 30), "heavy"),
    "a negative number": (-1.0, "Negative"),
}


@both
@pytest.mark.parametrize("name", BAD_WEIGHTS)
def test_bad_weights_are_refused(cls, name):
    bad, words = BAD_WEIGHTS[name]
    for call in cls(**SMALL).fit, cls(**SMALL).fit(X, Y).partial_fit:
        assert re.search(words, message(call, X, Y, bad))
    settings = {"X_val": X, "y_val": Y, "sample_weight_val": bad}
    assert re.search(words, message(cls(**SMALL).fit, X, Y, **settings))


@pytest.mark.parametrize("w", [1e-60, 1e60])
def test_weights_too_small_or_large_for_the_precision_are_refused_or_rescaled(w):
    model = classifier(dtype="float32", alpha=0)
    try:
        model.fit(X, Y, np.full(30, w))
    except ValueError as error:
        said = str(error)
    else:  # without a penalty, weights that are all the same are like none
        said = "sample_weight" * np.array_equal(
            model.theta_, classifier().set_params(dtype="float32", alpha=0).fit(X, Y).theta_
        )
    assert "sample_weight" in said


def test_a_class_weight_for_no_class_is_refused():
    for bad, name in ({3: 1.0}, "3"), ({"0": 1.0}, "'0'"), ({0: 1, 7: 2, 9: 3}, "7, 9"):
        said = message(classifier(class_weight=bad).fit, X, Y)
        assert "class_weight" in said
        assert name in said
        assert "[0, 1, 2]" in said


@pytest.mark.parametrize("bad", [-1.0, np.nan, np.inf, "heavy", None])
def test_a_class_weight_that_is_no_weight_is_refused(bad):
    said = message(classifier(class_weight={0: bad}).fit, X, Y)
    assert "class_weight" in said
    assert repr(bad) in said


def test_class_weights_that_are_all_zero_are_refused():
    message(classifier(class_weight={0: 0, 1: 0, 2: 0}).fit, X, Y)


def test_class_weight_for_several_labels_a_row_is_refused():
    for class_weight in "balanced", {0: 2.0}:
        said = message(classifier(class_weight=class_weight).fit, X, (X > 0).astype(int))
        assert "sample_weight" in said


# Validation


@both
def test_validation_data_come_in_pairs(cls):
    for part in {"X_val": X}, {"y_val": Y}, {"sample_weight_val": np.ones(30)}:
        said = message(cls(**SMALL).fit, X, Y, **part)
        assert "X_val" in said
        assert "y_val" in said


@both
def test_bad_validation_data_are_refused(cls):
    fit = cls(**SMALL).fit
    assert "NaN" in message(fit, X, Y, X_val=spoiled(np.nan), y_val=Y)
    assert "2 features" in message(fit, X, Y, X_val=X[:, :2], y_val=Y)
    assert "inconsistent" in message(fit, X, Y, X_val=X, y_val=Y[1:])


def test_an_unknown_class_in_y_val_is_refused_by_name():
    said = message(classifier().fit, X, Y, X_val=X, y_val=Y + 1)
    assert "`y_val`" in said
    assert "[3]" in said
    assert "[0, 1, 2]" in said


@both
@pytest.mark.parametrize(("n", "fraction"), [(9, 0.1), (30, 0.0), (30, 0.03)])
def test_too_few_rows_to_split_are_refused(cls, n, fraction):
    model = cls(**SMALL, early_stopping=True, validation_fraction=fraction)
    said = message(model.fit, X[:n], Y[:n])
    assert f"validation_fraction={fraction}" in said
    assert f"{n} rows" in said
    assert "early_stopping=False" in said


def test_classes_of_one_row_each_cannot_be_split():
    said = message(
        classifier(early_stopping=True, validation_fraction=0.5).fit, X[:4], [0, 1, 2, 3]
    )
    assert "4 rows" in said


# Before fit


@both
def test_nothing_is_predicted_before_fit(cls):
    model = cls(**SMALL)
    for name in "predict", "predict_proba", "predict_log_proba", "score":
        if hasattr(model, name):
            args = (X, Y) if name == "score" else (X,)
            assert cls.__name__ in message(getattr(model, name), *args, error=NotFittedError)


@both
def test_there_is_nothing_to_look_at_before_fit(cls):
    names = "coefs_ intercepts_ out_activation_ theta_ network_ history_ n_iter_ loss_ n_layers_"
    model = cls(**SMALL)
    for name in names.split():
        assert not hasattr(model, name)
        message(getattr, model, name, error=AttributeError)
    fitted = model.fit(X, Y)
    assert all(hasattr(fitted, name) for name in names.split())
    assert not any(hasattr(clone(fitted), name) for name in names.split())


@both
def test_a_fit_that_was_refused_leaves_nothing_that_predicts(cls):
    model = cls(**SMALL)
    message(model.fit, X, np.full(30, np.nan))
    message(model.predict, X, error=NotFittedError)
    message(model.fit, X, Y, X_val=X, y_val=np.full(30, np.nan))
    message(model.predict, X, error=NotFittedError)


def test_a_fit_that_was_refused_leaves_the_last_one_as_it_was():
    model = classifier().fit(X, Y)
    before = model.predict_proba(X)
    message(model.fit, X, Y + 5, X_val=X, y_val=Y)
    np.testing.assert_array_equal(model.predict_proba(X), before)
    np.testing.assert_array_equal(model.classes_, [0, 1, 2])
    assert set(model.predict(X)) <= {0, 1, 2}


@both
def test_a_refused_fit_of_another_table_leaves_the_last_one_as_it_was(cls):
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame(X, columns=["a", "b", "c"])
    model = cls(**SMALL).fit(frame, Y)
    before = model.predict(frame)
    message(model.fit, X[:, :2], Y, X_val=X[:, :2], y_val=X)
    message(model.fit, X[:, :2], Y, np.zeros(30))
    assert model.n_features_in_ == 3
    assert model.feature_names_in_.tolist() == ["a", "b", "c"]
    np.testing.assert_array_equal(model.predict(frame), before)


def test_a_first_partial_fit_that_was_refused_leaves_nothing_behind():
    model = classifier()
    message(model.partial_fit, X, Y, classes=[0, 1])
    assert "classes" in message(model.partial_fit, X, Y)
    model.partial_fit(X, Y, classes=[0, 1, 2])
    assert model.classes_.tolist() == [0, 1, 2]
