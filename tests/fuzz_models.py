"""Model files that are damaged or made to harm, with a checksum that is right all the same.

Each is refused in one sentence, or else it is a model: it predicts finite numbers, is inspected and
saved again. `tests/fuzzing.py` runs the cases.
"""

import contextlib
import io
import json
import unicodedata
import warnings
from copy import deepcopy

import numpy as np
import pyarrow as pa
from safetensors.numpy import save

import jubako
from jubako.cli.inspect import run as inspect
from jubako.core.errors import ParameterError
from jubako.data.errors import TableError
from jubako.estimators import (
    MLPClassifier,
    MLPRegressor,
    SingleNetworkClassifier,
    SingleNetworkRegressor,
    TabularClassifier,
    TabularRegressor,
)
from jubako.evaluation import latency
from jubako.model.errors import ModelFileError
from jubako.model.model_file import VERSION, fingerprint, read_file

N = 60
JUNK = (
    *(None, True, False, 0, 1, -1, 2, 3, 1.5, -0.5, 1e-300, 1e300, -1e300, 2**31, 2**62, 2**64),
    *(10**400, "", "a", "0", "nan", "inf", "__class__", "a\nb", "\x1b[31m", "[/x]", "[red]", "赤"),
    *("x" * 100_000, [], {}, [1], ["a"], [[]], {"a": 1}, [0.0] * 50, ["a"] * 50, "relu", "dense"),
    *("categorical", "numeric", "date", "classify", "2026-01-05", "month first", "\ud800"),
)
NUMBERS = (np.nan, np.inf, -np.inf, 0.0, -1.0, 1e-45, 1e30, 3e38, -3e38)


def prepare(folder):
    """Train one small model of each kind; return their files' content and rows to predict."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(N, 3))
    table = pa.table(
        {
            "size": pa.array(np.where(x[:, 0] > 1, np.nan, x[:, 0]), from_pandas=True),
            "color": pa.array(rng.choice(np.array(["red", "blue", "赤", None], object), N)),
            "ok": x[:, 1] > 0,
            "two": np.where(x[:, 2] > 0, 1.0, 2.0),
            "when": pa.array(np.datetime64("2026-01-01", "s") + 86400 * np.arange(N)),
        }
    )
    y, labels = x[:, 0] + x[:, 1], np.where(x[:, 0] + x[:, 1] > 0, "yes", "no")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        models = [
            (MLPClassifier((4, 4), residual=True, dropout=0.1, max_iter=3).fit(x, labels), x),
            (MLPRegressor("huber", (4,), max_iter=3).fit(x, x[:, :2]), x),
            (SingleNetworkClassifier((4,), max_iter=3).fit(table, labels), table),
            (SingleNetworkRegressor((4,), max_iter=3).fit(table, y), table),
            # stopped in its first epoch, so that its file says how to go on
            (
                SingleNetworkRegressor((4,), max_iter=3, callbacks=[lambda _: True]).fit(table, y),
                table,
            ),
            (TabularClassifier("fast", n_folds=2, random_state=0).fit(table, labels), table),
            (TabularRegressor("fast", n_folds=2, random_state=0).fit(table, y), table),
        ]
    path, contents = folder / "m.jubako", []
    for model, rows in models:
        model.save(path, {"target": "y", "task": "classify"})
        words, arrays = read_file(path)
        contents.append((json.dumps(words), arrays, rows))
    return path, contents


def attempt(prepared, rng):
    """Change a model's file, load it, and use what was loaded."""
    latency.SECONDS = 0.0  # a measurement takes its few calls, and not all of a tenth of a second
    warnings.simplefilter("ignore", UserWarning)  # of names that a changed file no longer has
    path, contents = prepared
    text, arrays, rows = contents[rng.integers(len(contents))]
    words, arrays = json.loads(text), {name: array.copy() for name, array in arrays.items()}
    kind = rng.random()
    if kind < 0.8:
        for _ in range(rng.integers(1, 4)):
            words = changed(words, rng)
    if kind > 0.7:
        change_arrays(arrays, rng)
    write(path, words, arrays)
    if kind > 0.95:
        flip_bytes(path, rng)
    try:
        model = jubako.load(path)
    except ModelFileError as error:
        check_sentence(error)
        return
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        inspect(path, as_json=False)
        inspect(path, as_json=True)
    # scikit-learn's warning for a model whose file has lost them
    warnings.filterwarnings("ignore", "X has feature names")
    try:
        predictions = model.predict(rows)
        check_intervals(model, rows)
    except (TableError, ModelFileError, ParameterError) as error:
        check_sentence(error)
        return
    if predictions.dtype.kind == "f":
        assert np.isfinite(predictions).all(), "predictions that are not finite"
    if hasattr(model, "classes_"):
        p = model.predict_proba(rows)
        assert np.isfinite(p).all(), "probabilities that are not finite"
        assert abs(p.sum(1) - 1).max() < 1e-5, "probabilities that do not sum to one"
        assert np.isin(predictions, model.classes_).all(), "predictions that are no classes"
    model.save(path)
    np.testing.assert_array_equal(jubako.load(path).predict(rows), predictions)


def check_intervals(model, rows):
    """Check the intervals or sets of a model that has held-out errors."""
    if model.model_.conformal is None:
        return
    if hasattr(model, "classes_"):
        assert model.predict_set(rows, 0.8).any(1).all(), "a set without a class"
        return
    low, high = model.predict_interval(rows, 0.8).T
    assert np.isfinite(low).all(), "an interval that is not finite"
    assert (low <= high).all(), "an interval that ends before it begins"


def check_sentence(error):
    """Refuse messages that are long, or that would do something to a terminal."""
    message = str(error)
    assert 10 < len(message) < 1000, f"a message of {len(message)} characters"
    assert not any(unicodedata.category(c) in ("Cc", "Cs") for c in message), repr(message)


def places(words):
    """Return all (container, key) of a tree of dicts and lists."""
    found = []
    keys = words.keys() if isinstance(words, dict) else range(len(words))
    for key in keys:
        found.append((words, key))
        if isinstance(words[key], dict | list):
            found += places(words[key])
    return found


def changed(words, rng):
    """Change one place of a description; some of the changes add or remove whole parts of it."""
    spots = places(words)
    if not spots:
        return words
    container, key = spots[rng.integers(len(spots))]
    other, key_of_other = spots[rng.integers(len(spots))]
    copy = deepcopy(other[key_of_other])
    match rng.integers(7):
        case 0 | 1:
            container[key] = deepcopy(JUNK[rng.integers(len(JUNK))])
        case 2:
            del container[key]
        case 3:
            container[key] = copy
        case 4 if isinstance(container, list):
            container[key:key] = [copy] * int(rng.choice([1, 2, 500]))
        case 5 if isinstance(container[key], int | float) and abs(container[key]) < 1e300:
            container[key] *= int(rng.choice([-1, 2, 1000, 10**9]))
        case _ if isinstance(container, dict):
            container[str(rng.choice(["rate", "name", "x", key]))] = copy
    return words


def change_arrays(arrays, rng):
    """Change numbers, type or shape of one array, or take it away."""
    name = sorted(arrays)[rng.integers(len(arrays))]
    array = arrays[name]
    match rng.integers(7):
        case 0:
            number = np.float64(NUMBERS[rng.integers(len(NUMBERS))])
            with np.errstate(all="ignore"):
                array.flat[rng.integers(array.size)] = number.astype(array.dtype)
        case 1:
            with np.errstate(all="ignore"):
                arrays[name] = (array * 10.0 ** rng.integers(38)).astype(array.dtype)
        case 2:
            with np.errstate(all="ignore"):
                arrays[name] = array.astype(rng.choice(["f2", "f4", "f8", "i4", "u1", "?"]))
        case 3:
            arrays[name] = array.reshape(array.shape[::-1])
        case 4:
            arrays[name] = array[..., : rng.integers(array.shape[-1])].copy()
        case 5:
            arrays[name] = np.repeat(array, rng.integers(0, 4), axis=0)
        case 6:
            arrays[f"theta.{rng.integers(9)}"] = arrays.pop(name)


def write(path, words, arrays):
    """Write a file as Jubako does, whatever is in it."""
    with np.errstate(all="ignore"):
        text = json.dumps(words, ensure_ascii=True)
        metadata = {"format": "jubako", "format_version": str(VERSION), "description": text}
        path.write_bytes(save(arrays, metadata | {"sha256": fingerprint(text, arrays)}))


def flip_bytes(path, rng):
    """Change some bytes of a file, or cut it off."""
    data = bytearray(path.read_bytes())
    for place in rng.integers(len(data), size=rng.integers(1, 4)):
        data[place] = rng.integers(256)
    path.write_bytes(data[: len(data) if rng.random() < 0.7 else rng.integers(len(data))])
