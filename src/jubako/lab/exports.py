"""Exports of the lab: Python programs, lab files, model files."""

import base64
import io
import json
import math
import tempfile
from copy import deepcopy
from dataclasses import astuple, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet

from jubako.core.activations import Array
from jubako.data.target import NumericTarget
from jubako.estimators import SingleNetworkClassifier, SingleNetworkRegressor
from jubako.i18n.ja import JAPANESE
from jubako.i18n.messages import Message
from jubako.model.features import Features
from jubako.model.schema import Schema
from jubako.model.schema_json import plain_value, reading_from_plain

from .configuration import Setup
from .estimator import loss_name, parameters
from .measurements import Point, thinned_curve
from .session import Session
from .shapes import SHAPES
from .uploaded_table import UploadedTable
from .uploads import from_plain, read_upload, shown_name, to_plain

FORMAT, VERSION = "jubako-lab", 1

# Python


def python_lines(session: Session) -> str:
    """Return a Python program that trains this network for the same number of epochs."""
    lines = [*import_lines(session), "", *data_lines(session), "", *training_lines(session)]
    return "\n".join(lines) + "\n"


def uploaded_table_of(session: Session) -> UploadedTable | None:
    """Return the uploaded table if the network is trained on it."""
    return session.uploaded if session.setup.data == "uploaded" else None


def learns_one_hot(session: Session) -> bool:
    """Return whether classes are trained by squared error, with an output for each."""
    setup, data = session.setup, session.data
    return data.task == "classify" and loss_name(setup, data) == "squared_error"


def import_lines(session: Session) -> list[str]:
    """Return the imports of the program."""
    setup, uploaded = session.setup, uploaded_table_of(session)
    is_shape = setup.data in SHAPES
    lines = {
        f"from jubako import {type(session.model).__name__}": True,
        "from jubako.lab.shapes import shape_table": is_shape,
        "from jubako.lab.uploaded_table import cast_readings": uploaded and setup.scaled,
        "from jubako.data.column_encoding import encode, fit_columns": setup.scaled,
        "from jubako.data.inference import infer_table": uploaded,
        "from jubako.data.readers.read import read_table": not is_shape,
        "from jubako.data.casting.reading import cast_table": uploaded,
    }
    used = [line for line, is_used in lines.items() if is_used]
    return ["import numpy as np", "from sklearn.model_selection import train_test_split", "", *used]


def data_lines(session: Session) -> list[str]:
    """Return the part of the program that reads, splits and encodes the data."""
    setup, data, uploaded = session.setup, session.data, uploaded_table_of(session)
    if setup.data in SHAPES:
        lines = [f"table = shape_table({setup.data!r}, noise={setup.noise!r}, seed={setup.seed})"]
    else:
        lines = [f"table = read_table({(uploaded.name if uploaded else setup.data)!r}).table"]
    if uploaded:
        lines += ["readings = infer_table(table).readings", "table = cast_table(table, readings)"]
        if uploaded.n_rows > uploaded.table.num_rows:
            n, total = uploaded.table.num_rows, uploaded.n_rows
            lines += [f"# the lab has drawn {n} of its {total} rows"]
        if uploaded.table[data.target].null_count:
            lines += [f"table = table.filter(table[{data.target!r}].is_valid())"]
    stratify = ", stratify=y" if data.split_reason == "stratified" else ""
    lines += [
        f"y = np.array(table[{data.target!r}].to_pylist())",
        f"table = table.drop_columns([{data.target!r}])",
        f"train, test = train_test_split(np.arange(len(y)), test_size={len(data.test.target)}, "
        f"random_state={setup.seed}{stratify})",
    ]
    if setup.scaled:
        readings = ", readings=cast_readings(readings)" if uploaded else ""
        lines += [
            f"columns, _ = fit_columns(table.take(train){readings})",
            "X = encode(columns, table).astype(float)",
        ]
    else:
        lines += ["X = np.column_stack([table[name].to_numpy() for name in table.column_names])"]
    if data.task == "regress":
        lines += ["y = (y - y[train].mean()) / y[train].std()"]
    if learns_one_hot(session):
        lines += ["y = (y[:, None] == np.unique(y)).astype(float)  # a column for each class"]
    return lines


def training_lines(session: Session) -> list[str]:
    """Return the part of the program that trains the network and prints its score."""
    setup, data, model = session.setup, session.data, session.model
    given = parameters(setup, data) | {"max_iter": int(session.epoch)}
    default = type(model)().get_params()
    loss = [] if model.model_.task == "classify" else [f"    loss={loss_name(setup, data)!r},"]
    lines = [
        f"network = {type(model).__name__}(",
        *loss,
        *(f"    {name}={value!r}," for name, value in given.items() if value != default[name]),
        "    n_iter_no_change=np.inf,  # no early stopping",
        ")",
        "network.fit(X[train], y[train])",
    ]
    if session.at:
        lines += ["# the lab is some batches further"]
    if session.edited:
        lines += ["# in the lab, weights were changed by hand"]
    if learns_one_hot(session):
        score = "(network.predict(X[test]).argmax(1) == y[test].argmax(1)).mean()"
    else:
        score = "network.score(X[test], y[test])"
    return [*lines, f"print({score})"]


# The model


def model_bytes(session: Session) -> bytes:
    """Return the trained network as a model file for `jubako predict` and `jubako.load`."""
    with session.lock:
        mlp = deepcopy(session.model)
        mlp.theta_[...] = session.train_state.theta
    model, data = mlp, session.data
    if data.columns and mlp.model_.task == data.task:  # not classes learned by squared errors
        plain: Any = SingleNetworkClassifier if data.task == "classify" else SingleNetworkRegressor
        uploaded = session.uploaded if session.setup.data == "uploaded" else None
        readings = uploaded.readings if uploaded else {}  # of the values as files hold them
        columns = [
            replace(column, reading=readings.get(column.name, column.reading))
            for column in data.columns
        ]
        features = Features(tuple(data.train.table.column_names), named=True)
        target = mlp.model_.target
        if data.task == "regress":
            target = NumericTarget(data.center, data.scale)
        schema = Schema(features, columns, data.dropped, codes=False)
        model = plain.from_network(mlp, schema, target)
    note = {
        "data": session.uploaded.name
        if session.uploaded and session.setup.data == "uploaded"
        else session.setup.data,
        "target": data.target,
        "task": data.task,
        "rows": len(data.y),
        "seed": session.setup.seed,
    }
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "model.jubako")
        model.save(path, note)
        return path.read_bytes()


# The lab file


def lab_file(session: Session) -> bytes:
    """Return the setup, the uploaded table and the exact state of training as a lab file."""
    with session.lock:
        words: dict[str, Any] = {
            "format": FORMAT,
            "version": VERSION,
            "setup": session.setup.to_plain(),
            "theta": session.theta.tolist(),
            "state": {
                name: array[0].tolist()
                for name, array in session.train_state.optimizer_state.items()
            },
            "order": session.order.tolist(),
            "at": session.at,
            "steps": session.steps,
            "edited": session.edited,
            "points": [
                [number if math.isfinite(number) else None for number in astuple(point)]
                for point in session.points
            ],
        }
    uploaded = session.uploaded if session.setup.data == "uploaded" else None
    if uploaded is not None:
        packed = io.BytesIO()
        pyarrow.parquet.write_table(uploaded.table, packed)
        words["table"] = {
            "name": uploaded.name,
            "read_as": to_plain(uploaded.read_as),
            "n_rows": uploaded.n_rows,
            "notes": [to_plain(note) for note in uploaded.notes],
            "readings": {name: plain_value(reading) for name, reading in uploaded.readings.items()},
            "parquet": base64.b64encode(packed.getvalue()).decode(),
        }
    return json.dumps(words, ensure_ascii=False, allow_nan=False).encode()


def is_lab_file(content: bytes) -> bool:
    """Return whether these bytes are meant to be a lab file."""
    return content[:100].lstrip().startswith(b"{") and f'"{FORMAT}"'.encode() in content[:100]


def open_lab_file(session: Session, content: bytes) -> None:
    """Restore a session from a lab file. The session is not changed if the file is invalid.

    Raises
    ------
    ValueError, TableError
        If the file is damaged, or of a newer version.
    """
    try:
        words = json.loads(content)
        if words["version"] != VERSION:
            raise ValueError(
                Message(
                    "its format is {given!r}, but this lab reads {known}.",
                    given=words["version"],
                    known=VERSION,
                )
            )
        setup, uploaded = Setup.from_plain(words["setup"]), None
        if "table" in words:
            given = words["table"]
            name = shown_name(str(given["name"]))
            parquet = read_upload(name, base64.b64decode(given["parquet"]))
            readings = {
                column: reading_from_plain(plain)
                for column, plain in given.get("readings", {}).items()
            }
            sentences = [given["read_as"], *given.get("notes", [])]
            for sentence in sentences:
                check_patterns(sentence)
            read_as, *notes = (from_plain(sentence) for sentence in sentences)
            uploaded = replace(
                parquet,
                name=name,
                read_as=read_as,
                n_rows=int(given["n_rows"]),
                notes=tuple(notes),
                readings=parquet.readings | readings,
            )
        other = Session(setup, uploaded)
        restore(other, words)
    except (ArithmeticError, LookupError, RecursionError, TypeError, ValueError) as error:
        why = error.args[0] if error.args else ""
        why = why if isinstance(why, Message) else Message("it is damaged.")
        raise ValueError(Message("This lab file can't be used: {why}", why=why)) from error
    session.take(other)


def check_patterns(words: Any) -> None:
    """Check that a message in a file has one of Jubako's patterns, before its values are filled in.

    Raises
    ------
    ValueError
        If not.
    """
    if not isinstance(words, dict):
        return
    if words["pattern"] not in JAPANESE or not isinstance(words["values"], dict):
        raise ValueError(Message("it is damaged."))
    for value in words["values"].values():
        check_patterns(value)


def restore(session: Session, words: dict[str, Any]) -> None:
    """Set a new session to the state in a lab file."""
    n = len(session.problem.y)
    theta = numbers(words["theta"], session.theta.shape)
    state = {
        name: numbers(words["state"][name], array[0].shape)
        for name, array in session.train_state.optimizer_state.items()
    }
    order = np.array(words["order"], np.intp)
    if sorted(order.tolist()) != list(range(n)):
        raise ValueError(Message("its order of rows is not a permutation."))
    at, steps = words["at"], words["steps"]
    if type(at) is not int or type(steps) is not int or not (0 <= at < n and steps >= 0):
        raise ValueError(Message("its number of steps does not fit its position in the epoch."))
    points = [
        Point(*(float("nan") if v is None else float(v) for v in point))
        for point in words["points"]
    ]
    epochs = [point.epoch for point in points]
    if not points or not all(a < b for a, b in pairwise(epochs)):
        raise ValueError(Message("it has no learning curve."))
    session.theta[...] = theta
    for name, array in session.train_state.optimizer_state.items():
        array[0] = state[name]
    session.order, session.at, session.steps = order, at, steps
    session.points, session.edited = thinned_curve(points), bool(words["edited"])


def numbers(given: Any, shape: tuple[int, ...]) -> Array:
    """Return an array of finite numbers of this shape.

    Raises
    ------
    ValueError
        If the value is not such an array.
    """
    array = np.array(given, np.float64)
    if array.shape != shape or not np.isfinite(array).all():
        raise ValueError(
            Message(
                "an array has the shape {given} instead of {shape}.",
                given=str(array.shape),
                shape=str(shape),
            )
        )
    return array
