"""Random tables of every type of column, and models with random parameters for them."""

import warnings

import numpy as np
import pyarrow as pa

from jubako.core.losses import CrossEntropy, SquaredError
from jubako.data.casting.reading import Reading
from jubako.data.column_encoding import n_continuous
from jubako.data.inference import infer_table
from jubako.data.readers.frames import to_table
from jubako.data.target import ClassTarget, NumericTarget
from jubako.data.unscaled_target import UnscaledTarget
from jubako.model.candidate import Candidate
from jubako.model.features import Features
from jubako.model.fitted_network import FittedNetwork
from jubako.model.model import Model
from jubako.model.schema import Schema
from jubako.model.training_log import TrainingLog
from jubako.model.training_step import TrainingStep

WORDS = ["red", "blue", "green", "été", "赤", "a b", 'say "hi"', "1.0", "x.y", "-", "None", "Ü"]
RARE = [f"rare {i}" for i in range(30)]
DATES = "1969-12-31", "1970-01-01", "1999-12-31", "2000-02-29", "2023-01-01", "2024-12-31"
ODD_DATES = "1600-02-29", "1700-03-01", "0001-01-01", "9999-12-31", "1900-02-28", "-0044-03-15"
DECLARED = {
    "code": Reading("categorical", declared=True),
    "size": Reading("categorical", levels=("small", "medium", "large")),
    "level": Reading("categorical", levels=("1", "2", "3"), declared=True),
    "wish": Reading("boolean", missing=("?", "(a|b)")),
    "share": Reading("numeric", unit="%"),
}


def some(rng, values, n, missing=0.2):
    """Draw n of these values, some of them missing."""
    drawn = [values[i] for i in rng.integers(len(values), size=n)]
    return [None if rng.uniform() < missing else value for value in drawn]


def numbers(rng, n, scale):
    """Draw numbers, some of them missing, equal or far away."""
    drawn = rng.normal(size=n) * scale
    drawn[rng.uniform(size=n) < 0.2] = np.round(scale / 3, 2)
    drawn[rng.uniform(size=n) < 0.05] *= 1e6
    return some(rng, drawn, n, 0.1)


def times(rng, n, unit, odd):
    """Draw dates with times of day, some of them missing, or centuries away."""
    days = np.array(some(rng, DATES + (ODD_DATES if odd else ()), n, 0.1), "datetime64[us]")
    days += rng.integers(0, 86_400 * 10**6, n).astype("timedelta64[us]")
    return pa.array(days).cast(pa.timestamp("us")).cast(unit, safe=False)


def random_table(rng, n, seen=True):
    """Draw a table with each type of column; where not `seen`, with values that a fit has not."""
    new = [] if seen else ["unseen", "7.5", "01", ".0"]
    scale = 10.0 ** rng.integers(-3, 6)
    booleans = ["yes", "NO", " On", "0", "T", "?"] + (
        [] if seen else ["(a|b)", "\u3000fAlSe\u2009"]
    )
    table = pa.table(
        {
            "number": pa.array(numbers(rng, n, scale), pa.float64()),
            "whole": pa.array(some(rng, [-7, 0, 1, 2, 3, 500], n, 0), pa.int64()),
            "constant or missing": pa.array(some(rng, [3.5], n, 0.5), pa.float64()),
            "share": pa.array([f"{x}%" for x in rng.integers(0, 100, n)]),
            "hour": pa.array(some(rng, np.arange(12 if seen else 15) / 8, n, 0.1), pa.float64()),
            "two": pa.array(some(rng, [0.0, 5.0], n, 0.1), pa.float32()),
            "color": pa.array(some(rng, WORDS[: rng.integers(2, 12)] + RARE[:9] + new, n)),
            "code": pa.array(
                some(rng, ["1.0", "1", "2.00", "0.0", "x.0", "-3.0", " \u3000", *new], n)
            ),
            "size": pa.array(some(rng, ["small", "medium", "large", *new], n)),
            "level": pa.array(some(rng, ["1.0", "2", "3.000", *new], n)),
            "flag": pa.array(some(rng, [True, False], n, 0.1)),
            "wish": pa.array(some(rng, booleans, n)),
            "day": times(rng, n, pa.date32(), not seen),
            "moment": times(rng, n, pa.timestamp("us", "UTC"), not seen),
            "clock": times(rng, n, pa.time64("us"), False),
            "trip": pa.array(some(rng, [0, 90, 3600, -86_400, 10**6], n), pa.duration("s")),
        }
    )
    return to_table(table)


def fitted_schema(rng, table, codes):
    """Fit the encodings of some columns of a table."""
    names = [name for name in table.column_names if rng.uniform() < 0.6] or table.column_names
    table = table.select(names)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        declared = {name: reading for name, reading in DECLARED.items() if name in names}
        readings = infer_table(table, declared).readings
        return Schema.fit(Features(tuple(names), named=True), table, readings, codes)


def random_model(rng, schema, task):
    """Draw networks for the columns, and make a model with them."""
    n_classes, loss = int(rng.integers(2, 5)), SquaredError()
    n_out, target = 1, NumericTarget(5.0, 3.0, -1.0, 20.0)
    if task == "classify":
        loss, n_out = CrossEntropy(), n_classes
        kind = "binary" if n_classes == 2 else "multiclass"
        target = ClassTarget(np.array(["no", "yes", "はい", "~"][:n_classes]), kind)
        target = ClassTarget(np.sort(target.classes), kind)
    weights = rng.dirichlet([5] * int(rng.integers(1, 4)))
    return Model(
        target=target,
        networks=[random_networks(rng, schema, n_out, loss, float(w)) for w in weights],
        log=TrainingLog("complete"),
        schema=schema,
        temperature=float(rng.uniform(0.4, 1)) if task == "classify" else None,
        costs=random_costs(rng, n_classes) if task == "classify" and rng.integers(2) else None,
    )


def random_costs(rng, n_classes):
    """Draw the costs of errors."""
    return rng.uniform(0.2, 5, (n_classes, n_classes)) * (1 - np.eye(n_classes))


def random_networks(rng, schema, n_out, loss, weight):
    """Draw networks of one candidate."""
    candidate = Candidate(
        hidden=[(), (8,), (8, 8)][rng.integers(3)],
        activation=["relu", "mish", "selu"][rng.integers(3)],
        quantiles=bool(rng.integers(2)),
        frequency_scale=float(rng.choice([0, 0.3])),
        residual=bool(rng.integers(2)),
        discrete=bool(rng.integers(2)),
    )
    n_numbers = n_continuous(schema.columns)
    net = candidate.network(
        schema.n_inputs, n_numbers, schema.levels, n_out, loss, schema.n_discrete
    )
    n_networks = int(rng.integers(1, 4))
    theta = np.stack([net.init("he", rng) for _ in range(n_networks)]).astype(np.float32)
    step = candidate.training_step(loss)
    return FittedNetwork(net, theta, step, candidate, weight, 0.5, 3, 2, 1.0)


def array_model(net, theta, target=None, names=()):
    """Return the model of a network for arrays."""
    target = UnscaledTarget(net.layers[-1].n_out) if target is None else target
    fitted = FittedNetwork(net, theta, TrainingStep(None, 0.1))
    return Model(target=target, networks=[fitted], log=TrainingLog("epochs"), feature_names=names)
