"""Predict with a trained network, by NumPy alone.

A program and a lesson: all formulas between the values of a table and a prediction. The parameters
are in the .npz file of the same name. To predict a CSV file in UTF-8: python THIS_FILE table.csv
"""
# In Python: predict({COLUMNS})

import csv
import json
import math
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
Arrays = dict[str, Array]
Values = Sequence[Any]  # of a column
Json = dict[str, Any]  # a column, a layer or a network
DAY, ROWS = 86_400, 4096  # seconds; rows that are predicted at a time, which bounds the memory


@cache
def model() -> tuple[Json, Arrays]:
    """Read the columns and layers, and the parameters of the layers by their names."""
    with np.load(Path(__file__).with_suffix(".npz")) as file:
        arrays = dict(file)
    return json.loads(str(arrays.pop("description"))), arrays


# 1. Columns: each becomes one or several numbers near 0, the inputs of the networks.


def numeric(column: Json, values: Values, quantiles: bool) -> list[Array]:
    """Scale numbers smoothly to -3 ... 3, or replace them by the normal quantile of their rank."""
    is_time = column["column"] == "duration"
    x = seconds(values, "timedelta64[us]") if is_time else np.array(values, float)
    if np.isinf(x).any():
        raise ValueError(f"column {column['name']!r} holds an infinite number")
    missing = np.isnan(x)
    if quantiles and column["knots"]:  # interpolated from both sides, as knots can be equal
        knots, scores = np.array(column["knots"]), np.array(column["scores"])
        z = (np.interp(x, knots, scores) - np.interp(-x, -knots[::-1], -scores[::-1])) / 2
    else:
        z = bent(((x - column["center"]) / column["scale"]).clip(-1e6, 1e6))
    return [np.where(missing, 0, z), *([missing] if column["missing"] else [])]


def bent(z: Array) -> Array:
    """Return z near 0, and at most 3 far from it."""
    return z / np.sqrt(1 + (z / 3) ** 2)


def categorical(column: Json, values: Values, quantiles: bool) -> list[Array]:
    """Return a code that selects a row of a table, or 1 in the place of the level, else 0."""
    codes = {level: i for i, level in enumerate(column["levels"], 1)}
    rare = len(codes) + 1 if column["rare"] else 0
    missing = len(codes) + column["rare"] + 1 if column["missing"] else 0
    words = texts(column, values)
    code = np.array([missing if v is None else codes.get(v, rare) for v in words], int)
    n = len(codes) + column["rare"] + column["missing"]
    return [code] if column["codes"] else [code == i for i in range(1, n + 1)]


def discrete(column: Json, values: Values, quantiles: bool) -> list[Array]:
    """Return the number of a value among the most frequent ones, from 1; 0 for others."""
    codes = {np.float32(value): i for i, value in enumerate(column["values"], 1)}
    numbers = np.array(values, float).clip(-1e38, 1e38).astype(np.float32)
    return [np.array([codes.get(x, 0) for x in numbers], int)]


def ordinal(column: Json, values: Values, quantiles: bool) -> list[Array]:
    """Return the place of a level in their order, from -1.5 to 1.5; 0 if it has none."""
    levels = column["reading"]["levels"]
    places = {level: 3 * i / (len(levels) - 1) - 1.5 for i, level in enumerate(levels)}
    return [np.array([places.get(v, 0.0) for v in texts(column, values)])]


def boolean(column: Json, values: Values, quantiles: bool) -> list[Array]:
    """Return 1 for true, -1 for false, 0 where it is missing."""
    signs = {word: 1 for word in ["true", "t", "yes", "y", "on", "1"]}
    signs |= {word: -1 for word in ["false", "f", "no", "n", "off", "0"]}
    words = [None if v in column["reading"]["missing"] else v for v in texts(column, values)]
    return [np.array([0 if v is None else signs[v.strip().lower()] for v in words])]


def date(column: Json, values: Values, quantiles: bool) -> list[Array]:
    """Return the time that has passed, and sine and cosine of year, week and day."""
    s = seconds(values, "datetime64[us]")
    missing, s = np.isnan(s), np.where(np.isnan(s), column["center"], s)
    days = np.floor(s / DAY)
    january_1 = days.astype("datetime64[D]").astype("datetime64[Y]").astype("datetime64[D]")
    circles = [(days - january_1.astype(float)) / 366, (days + 3) % 7 / 7]  # 1970 began on Thursday
    circles += [s % DAY / DAY] if column["times"] else []
    return time_and_circles(column, s, circles, missing)


def time_of_day(column: Json, values: Values, quantiles: bool) -> list[Array]:
    """Return the time since midnight, and its sine and cosine."""
    s = seconds(values, "timedelta64[us]")
    missing, s = np.isnan(s), np.where(np.isnan(s), column["center"], s)
    return time_and_circles(column, s, [s / DAY], missing)


def time_and_circles(column: Json, s: Array, circles: list[Array], missing: Array) -> list[Array]:
    """Return scaled seconds, and two numbers for each circle, so that its ends meet."""
    out = [bent((s - column["center"]) / column["scale"])]
    out += [wave(2 * np.pi * share) for share in circles for wave in (np.sin, np.cos)]
    return [np.where(missing, 0, x) for x in out]


def seconds(values: Values, kind: str) -> Array:
    """Return dates or times as seconds, NaN where missing."""
    times = np.array([None if v == "" else v for v in values], kind)
    return np.where(np.isnat(times), np.nan, times.astype(np.int64) / 1e6)


def texts(column: Json, values: Values) -> list[str | None]:
    """Return values as texts, None where missing; 7.0 is 7 in columns of codes."""
    words = [None if v is None or v != v or not str(v).strip() else str(v) for v in values]
    if not column["reading"]["declared"]:
        return words
    return [v and re.sub(r"^(-?(?:0|[1-9][0-9]*))\.0+\Z", r"\1", v) for v in words]


COLUMNS: dict[str, Callable[[Json, Values, bool], list[Array]]] = {
    column.__name__.replace("_", " "): column
    for column in (numeric, categorical, discrete, ordinal, boolean, date, time_of_day)
}
COLUMNS["duration"] = numeric


def encode(rows: Mapping[str, Values], quantiles: bool) -> Array:
    """Return the inputs of the networks, shape (N, n_inputs)."""
    words, _ = model()
    if not words["columns"]:  # the networks were trained on an array
        names = words["feature_names"]
        return np.stack([rows[name] for name in names], 1) if names else np.asarray(rows["X"])
    x = np.empty((len(rows[words["columns"][0]["name"]]), words["n_inputs"]), np.float32)
    for column in words["columns"]:
        values, place = rows[column["name"]], slice(*column["place"])
        x[:, place] = np.stack(COLUMNS[column["column"]](column, values, quantiles), 1)
    return x


# 2. Layers: u goes in, v comes out. K networks are computed at once: u is (M, n) or (K, M, n).


def dense(layer: Json, p: Arrays, u: Array) -> Array:
    """Return f(u @ w + b)."""
    return ACTIVATIONS[layer["activation"]](u @ p["w"] + p["b"])


def embedding(layer: Json, p: Arrays, u: Array) -> Array:
    """Return the numbers, and for each code a row of a table."""
    levels = layer["levels"]
    n = layer["n_in"] - len(levels)
    u = np.broadcast_to(u, (*p["E1"].shape[:-2], *u.shape[-2:]))
    parts = [u[..., :n]]
    for j, n_levels in [(j, n) for j, n in enumerate(levels) if n]:  # 0: the code is not used
        code = np.rint(u[..., n + j]).astype(int)
        known = (code >= 1) & (code <= n_levels)
        row = np.where(known, code - 1, 0)[..., None]
        parts.append(np.where(known[..., None], np.take_along_axis(p[f"E{j + 1}"], row, -2), 0))
    return np.concatenate(parts, -1)


def periodic(layer: Json, p: Arrays, u: Array) -> Array:
    """Return u, and for each of its first numbers a few sums of waves."""
    n, lead = layer["n_numbers"], p["f"].shape[:-2]
    x = 2 * np.pi * u[..., :n, None].astype(p["f"].dtype)
    waves = np.cos(x * p["f"][..., None, :, :] + p["c"][..., None, :, :])
    mix = p["mix"].reshape(*lead, n, layer["n_sums"], layer["n_frequencies"])
    sums = np.einsum("...mnq,...njq->...mnj", waves, mix) + p["b"][..., None, :, :]
    sums = sums.reshape(*sums.shape[:-2], n * layer["n_sums"])
    return np.concatenate([np.broadcast_to(u, (*sums.shape[:-1], u.shape[-1])), sums], -1)


def residual(layer: Json, p: Arrays, u: Array) -> Array:
    """Return u plus what the layers inside make of it."""
    inside = [within(f"{i}.", p) for i in range(len(layer["layers"]))]
    return u + forward(layer["layers"], inside, u)


def within(start: str, arrays: Arrays) -> Arrays:
    """Return the arrays whose names begin so, by the rest of their names."""
    return {name[len(start) :]: a for name, a in arrays.items() if name.startswith(start)}


def forward(layers: list[Json], params: list[Arrays], u: Array) -> Array:
    """Pass u through one layer after the other."""
    for layer, p in zip(layers, params, strict=True):
        u = LAYERS[layer["layer"]](layer, p, u)
    return u


LAYERS: dict[str, Callable[[Json, Arrays, Array], Array]] = {
    "dense": dense,
    "dropout": lambda layer, p, u: u,  # only in training
    "scale": lambda layer, p, u: u * p["s"],
    "embedding": embedding,
    "periodic": periodic,
    "residual": residual,
}
SCALE, ALPHA = 1.0507009873554805, 1.6732632423543772  # of selu
ACTIVATIONS: dict[str, Callable[[Array], Array]] = {
    "identity": lambda a: a,
    "relu": lambda a: np.maximum(a, 0),
    "leaky_relu": lambda a: np.maximum(a, 0.01 * a),
    "elu": lambda a: np.maximum(a, np.expm1(np.minimum(a, 0))),
    "selu": lambda a: SCALE * (np.maximum(a, 0) + ALPHA * np.expm1(np.minimum(a, 0))),
    "gelu": lambda a: a * (1 + np.vectorize(math.erf, [a.dtype])(a / math.sqrt(2))) / 2,
    "quick_gelu": lambda a: a * logistic(1.702 * a),
    "silu": lambda a: a * logistic(a),
    "mish": lambda a: a * np.tanh(np.logaddexp(0, a)),
    "softplus": lambda a: np.logaddexp(0, a),
    "tanh": np.tanh,
    "logistic": lambda a: logistic(a),
}


def logistic(a: Array) -> Array:
    """Return 1 / (1 + exp(-a))."""
    return (1 + np.tanh(a / 2)) / 2


def softmax(b: Array) -> Array:
    """Return probabilities proportional to exp(b)."""
    e = np.exp(b - b.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


# what the output of the last layer stands for, by the loss in training
REAL = "squared_error", "absolute_error", "huber", "log_cosh", "quantile"
MEANS: dict[str, Callable[[Array], Array]] = dict.fromkeys(REAL, lambda b: b)
MEANS.update(poisson=np.exp, binary_cross_entropy=logistic, cross_entropy=softmax)

# 3. The ensemble: the weighted mean of all networks, then probabilities, labels or numbers.


def raw_prediction(rows: Mapping[str, Values]) -> Array:
    """Return the weighted mean of the networks, shape (N, n_outputs)."""
    words, arrays = model()
    views = {quantiles: encode(rows, quantiles) for quantiles in (False, True)}
    means: list[Array] = []
    for i, net in enumerate(words["networks"]):
        params = [within(f"{i}.{j}.", arrays) for j in range(len(net["layers"]))]
        x = views[net["quantiles"]].astype(next(a.dtype for p in params for a in p.values()))
        parts = [forward(net["layers"], params, x[k : k + ROWS]) for k in range(0, len(x), ROWS)]
        b = np.concatenate(parts, -2) if parts else forward(net["layers"], params, x)
        means.append(net["weight"] * MEANS[net["loss"]](b).mean(0, float))
    return np.sum(means, 0)


def predict_proba(rows: Mapping[str, Values]) -> Array:
    """Return the probability of each class, shape (N, n_classes)."""
    words, _ = model()
    p = raw_prediction(rows)
    if words["temperature"] is not None:
        p = softmax(np.log(p.clip(1e-12)) / words["temperature"])
    single = p.shape[1] == 1 and len(words["target"]["classes"]) == 2
    return np.hstack([1 - p, p]) if single else p


def predict(rows: Mapping[str, Values]) -> Array:
    """Return the likeliest or cheapest label of each row, or its number.

    `rows` has the values of each column by its name: numbers; texts; dates as `np.datetime64` reads
    them, in UTC if they had a zone; times of day and durations as microseconds or timedeltas. None
    stands for a missing value.
    """
    target, costs = model()[0]["target"], model()[0]["costs"]
    if target["kind"] == "number":
        numbers = (raw_prediction(rows) * target["scale"] + target["center"]).clip(*target["range"])
        return numbers[:, 0] if numbers.shape[1] == 1 else numbers
    p = predict_proba(rows)
    if target["kind"] == "multilabel":
        return (p > 0.5).astype(int)
    return np.array(target["classes"])[(-p if costs is None else p @ np.array(costs)).argmin(1)]


def main() -> None:
    """Print a prediction for each row of a CSV file."""
    if len(sys.argv) != 2 or not Path(sys.argv[1]).is_file():
        sys.exit(__doc__)
    with open(sys.argv[1], newline="", encoding="utf-8-sig") as opened:
        table = list(csv.DictReader(opened))
    types = {"numeric": float, "discrete": float, "time of day": int, "duration": int}
    read = {column["name"]: types.get(column["column"], str) for column in model()[0]["columns"]}
    rows = {n: [to(row[n]) if row[n] else None for row in table] for n, to in read.items()}
    print(*predict(rows), sep="\n")


if __name__ == "__main__":
    main()
