"""Train the models of this folder, once for each format: `python tests/model/golden/make.py`.

The files stay for ever, as saved by the Jubako of their time. Predictions are kept beside them.
"""

import json
from pathlib import Path

import numpy as np
import pandas as pd

from jubako import MLPClassifier, MLPRegressor, TabularClassifier, TabularRegressor
from jubako.model.model_file import VERSION
from jubako.search import config
from jubako.search.candidates import Candidate

HERE = Path(__file__).parent
N = 150


def table():
    """Return a table with every type of column and missing values, and two targets."""
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "size": rng.normal(100, 20, N).round(2),
            "color": rng.choice(["red", "green", "blue"], N),
            "grade": pd.Categorical(
                rng.choice(["low", "mid", "high"], N), ["low", "mid", "high"], True
            ),
            "fresh": rng.choice([True, False], N),
            "day": pd.date_range("2026-01-01", periods=N).astype("datetime64[us]"),
            "weight": rng.choice(["1.5 kg", "2 kg", "3 kg"], N),
        }
    )
    frame.loc[::9, "size"] = np.nan
    frame.loc[::11, "color"] = None
    target = frame["size"].fillna(100) / 50 + (frame["color"] == "red") + frame["fresh"]
    return frame, target.to_numpy(), np.where(target > 3, "high", "low")


def numbers_of(frame):
    """Return the columns of the table that estimators of numbers take."""
    return frame[["size", "fresh"]].fillna(0).to_numpy(float)


def models():
    """Return a small model of each kind, fitted to the table, and what to predict for."""
    frame, target, label = table()
    numbers = numbers_of(frame)
    small = {"max_iter": 20, "random_state": 0}
    yield "mlp-classifier", MLPClassifier((6, 4), **small).fit(numbers, label), numbers
    config.CANDIDATES = [  # small ones, for small files
        Candidate((4,), "selu", quantiles=False, frequency_scale=0.1, dropout=0.3),
        Candidate((4, 4), "silu", residual=True, frequency_scale=1.0),
    ]
    residual = {"activation": "gelu", "residual": True, "dropout": 0.1, "n_networks": 2}
    yield (
        "mlp-regressor",
        MLPRegressor(hidden_layer_sizes=(5, 5), **residual, **small).fit(numbers, target),
        numbers,
    )
    yield "tabular-classifier", TabularClassifier("fast", random_state=0).fit(frame, label), frame
    yield "tabular-regressor", TabularRegressor("fast", random_state=0).fit(frame, target), frame


def predictions(model, X):
    """Return all kinds of predictions of a model for some rows."""
    found = {"predict": model.predict(X[:10]).tolist()}
    if hasattr(model, "predict_proba"):
        found["predict_proba"] = model.predict_proba(X[:10]).tolist()
    if hasattr(model, "predict_interval"):
        found["predict_interval"] = np.asarray(model.predict_interval(X[:10])).tolist()
    return found


if __name__ == "__main__":
    expected = {}
    for name, model, X in models():
        model.save(HERE / f"format-{VERSION}-{name}.jubako")
        expected[name] = predictions(model, X)
    (HERE / f"format-{VERSION}.json").write_text(json.dumps(expected, indent=1) + "\n")
