"""Accuracy on real tables: our presets and other programs, on the same splits.

    make bench-accuracy DATA_DIR=folder
    python bench/accuracy.py DATA_DIR [--models default,hgb] [--tables ames] [--seeds 0,1,2]
    python bench/accuracy.py --report [--models ...] [--tables ...] [--seeds ...]

DATA_DIR holds a folder for each table with `data.parquet`, the target last, and `meta.json`, which
names the task and the target. A quarter of the rows is held out; training rows are capped, and test
rows at 20,000. Everybody gets the same rows and two threads. Results are kept in
`bench/results/accuracy.jsonl`, one line for each run with the machine that it ran on, so that
nothing runs twice; a run that failed is tried again. The report is printed from that file, and
`--report` runs nothing: it shows all that is kept, or the models, tables and seeds named.
"""

import argparse
import json
import os
import platform
import time
import warnings
from collections import Counter
from pathlib import Path
from unittest import mock

import numpy as np
import pandas as pd
from scipy.stats import binomtest
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, RidgeCV
from sklearn.metrics import accuracy_score, log_loss, roc_auc_score
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler

OURS = "fast", "default", "best", "unraced"
LIGHT = "linear", "sk_mlp", "hgb"
HEAVY = "lgbm", "xgb", "catboost", "realmlp", "tabm"  # through pytabkit
TIMES = {"fit_s": "fit s", "cpu_s": "fit, processor s", "predict_s": "predict s"}
CAPPED_TEST = 20_000
KEPT = Path(__file__).parent / "results" / "accuracy.jsonl"


def main():
    options = argparse.ArgumentParser()
    options.add_argument("data_dir", type=Path, nargs="?")
    options.add_argument("--report", action="store_true", help="only print what is known")
    options.add_argument("--models", type=words, default=[])
    options.add_argument("--tables", type=words, default=[])
    options.add_argument("--seeds", type=words, default=[])
    options.add_argument("--cap", type=int, default=8000)
    options.add_argument("--time", type=float, help="time_limit of our presets")
    options.add_argument("--results", type=Path, default=KEPT)
    wish = options.parse_args()
    if not wish.report:
        if wish.data_dir is None:
            options.error("say in which folder the tables are, or --report")
        run_missing(wish)
    wanted = {"model": wish.models, "dataset": wish.tables, "seed": [int(s) for s in wish.seeds]}
    lines = read(wish.results)
    report([x for x in lines if all(not some or x[k] in some for k, some in wanted.items())])


def words(text):
    return [word for word in text.split(",") if word]


def run_missing(wish):
    """Run what is not yet known, and keep each result at once."""
    warnings.simplefilter("ignore")
    folders = [path.parent for path in sorted(wish.data_dir.glob("*/meta.json"))]
    folders = [path for path in folders if not wish.tables or path.name in wish.tables]
    done = {key(line) for line in read(wish.results)}
    for seed in map(int, wish.seeds or "012"):
        for folder in folders:
            for model in wish.models or ["default", *LIGHT, *HEAVY]:
                if (folder.name, model, seed) not in done:
                    line = measure(folder, model, seed, wish)
                    print(json.dumps(line), flush=True)
                    with wish.results.open("a") as file:
                        file.write(json.dumps(line) + "\n")


def machine():
    """Return what the figures were measured on."""
    name = platform.processor() or platform.machine()
    if Path("/proc/cpuinfo").exists():
        about = Path("/proc/cpuinfo").read_text()
        name = next(
            (x.split(": ")[1] for x in about.splitlines() if x.startswith("model name")), name
        )
    return f"{name}, {os.cpu_count()} cores"


def read(path):
    if not path.exists():
        return []
    lines = [json.loads(line) for line in path.read_text().splitlines() if line.strip()]
    return [line for line in lines if "failed" not in line]


def key(line):
    return line["dataset"], line["model"], line["seed"]


def load(folder, seed, cap):
    """Return the task, and the rows to learn from and to measure on."""
    meta = json.loads((folder / "meta.json").read_text())
    table = pd.read_parquet(folder / "data.parquet")
    table = table[table[meta["target"]].notna()]
    y = table.pop(meta["target"])
    regress = meta["task"] == "regression"
    y = y.astype(float).to_numpy() if regress else np.unique(y.astype(str), return_inverse=True)[1]
    even = None if regress or np.bincount(y).min() < 2 else y
    x, x_test, y, y_test = train_test_split(
        table, y, test_size=0.25, random_state=seed, stratify=even
    )
    x, x_test = x[:cap].reset_index(drop=True), x_test[:CAPPED_TEST].reset_index(drop=True)
    return regress, x, y[:cap], x_test, y_test[:CAPPED_TEST]


def measure(folder, model, seed, wish):
    regress, x, y, x_test, y_test = load(folder, seed, wish.cap)
    line = {"dataset": folder.name, "model": model, "seed": seed, "rows": len(x)}
    line |= {"task": "regression" if regress else "classification", "machine": machine()}
    if model not in OURS:
        x, x_test = spread_dates(x), spread_dates(x_test)
    try:
        estimator = make(model, regress, x, seed, wish.time)
        start = time.perf_counter()
        cpu = time.process_time()
        estimator.fit(x, y)
        line["fit_s"] = round(time.perf_counter() - start, 2)
        line["cpu_s"] = round(time.process_time() - cpu, 2)
        start = time.perf_counter()
        if regress:
            guess = np.asarray(estimator.predict(x_test)).ravel()
            line["rmse"] = float(np.sqrt(np.mean((guess - y_test) ** 2)))
            line["error"] = line["rmse"] / float(y_test.std())  # sqrt(1 - R²)
        else:
            p, labels = np.asarray(estimator.predict_proba(x_test)), np.unique(y)
            line["acc"] = float(accuracy_score(y_test, labels[p.argmax(1)]))
            line["logloss"] = float(log_loss(y_test, p, labels=labels))
            line["error"] = 1 - line["acc"]
            if len(labels) == 2:
                line["auc"] = float(roc_auc_score(y_test, p[:, 1]))
        line["predict_s"] = round(time.perf_counter() - start, 3)
    except Exception as error:
        line["failed"] = repr(error)[:300]
    return line


def make(model, regress, x, seed, limit):
    if model in OURS:
        from jubako import TabularClassifier, TabularRegressor

        cls = TabularRegressor if regress else TabularClassifier
        if model == "unraced":
            return Unraced(cls(time_limit=limit, random_state=seed))
        return cls(model, time_limit=limit, random_state=seed)
    if model == "linear":
        last = RidgeCV() if regress else LogisticRegression(max_iter=2000)
        return make_pipeline(prepared(), last)
    if model == "sk_mlp":
        if regress:
            return Scaled(make_pipeline(prepared(), MLPRegressor(random_state=seed)))
        return make_pipeline(prepared(), MLPClassifier(random_state=seed))
    if model == "hgb":
        texts = [name for name in x if not pd.api.types.is_numeric_dtype(x[name])]
        codes = OrdinalEncoder(
            handle_unknown="use_encoded_value", unknown_value=np.nan, max_categories=250
        )
        cls = HistGradientBoostingRegressor if regress else HistGradientBoostingClassifier
        trees = cls(random_state=seed, categorical_features=list(range(len(texts))))
        return make_pipeline(
            make_column_transformer((codes, texts), remainder="passthrough"), trees
        )
    import pytabkit

    name = {"lgbm": "LGBM_TD", "xgb": "XGB_TD", "catboost": "CatBoost_TD"}.get(model)
    name = name or {"realmlp": "RealMLP_TD", "tabm": "TabM_D"}[model]
    cls = getattr(pytabkit, f"{name}_{'Regressor' if regress else 'Classifier'}")
    return Filled(cls(random_state=seed, n_threads=2))


def prepared():
    numbers = make_pipeline(SimpleImputer(), StandardScaler())
    texts = OneHotEncoder(
        handle_unknown="infrequent_if_exist", max_categories=50, sparse_output=False
    )
    return make_column_transformer(
        (numbers, make_column_selector(dtype_include="number")),
        (texts, make_column_selector(dtype_exclude="number")),
    )


def spread_dates(x):
    """Do for other programs what their users must: dates to parts, booleans to numbers."""
    x = x.copy()
    for name in list(x):
        if pd.api.types.is_datetime64_any_dtype(x[name]):
            for part in ("year", "month", "day", "dayofweek", "hour"):
                x[f"{name}_{part}"] = getattr(x[name].dt, part).astype(float)
            x = x.drop(columns=name)
        elif x[name].dtype == bool or pd.api.types.is_numeric_dtype(x[name]):
            x[name] = x[name].astype(float)
        else:
            x[name] = x[name].astype(object).where(x[name].notna(), np.nan)
    return x


class Unraced:
    """`default`, whose candidates are not stopped for a small gain of the ensemble."""

    def __init__(self, model):
        self.model = model
        self.predict = model.predict
        if hasattr(model, "predict_proba"):
            self.predict_proba = model.predict_proba

    def fit(self, x, y):
        with mock.patch("jubako.search.racing.GAINS", (-np.inf, -np.inf)):
            self.model.fit(x, y)


class Scaled:
    """A regressor whose target is scaled, as scikit-learn's network needs."""

    def __init__(self, model):
        self.model = model

    def fit(self, x, y):
        self.mean, self.scale = y.mean(), y.std() or 1
        self.model.fit(x, (y - self.mean) / self.scale)

    def predict(self, x):
        return self.model.predict(x) * self.scale + self.mean


class Filled:
    """Median and an indicator for missing numbers, which pytabkit refuses."""

    def __init__(self, model):
        self.model = model

    def filled(self, x):
        x = x.copy()
        for name in self.gaps:
            x[f"{name}_missing"] = x[name].isna().astype(float)
        return x.fillna(self.medians)

    def fit(self, x, y):
        self.medians = x.select_dtypes("number").median().fillna(0)
        self.gaps = [name for name in self.medians.index if x[name].isna().any()]
        self.model.fit(self.filled(x), y)

    def predict(self, x):
        return self.model.predict(self.filled(x))

    def predict_proba(self, x):
        return self.model.predict_proba(self.filled(x))


def report(lines):
    """Print what each model reaches on each table, and how they compare."""
    tables = {line["dataset"] for line in lines}
    n_runs = Counter(line["model"] for line in lines)
    few = {model for model, n in n_runs.items() if n < max(n_runs.values()) / 2}
    models = sorted(n_runs.keys() - few, key=[*OURS, *LIGHT, *HEAVY].index)
    seeds = {line["seed"] for line in lines}
    there = {key(line) for line in lines}
    cells = [
        (table, seed)
        for table in sorted(tables)
        for seed in sorted(seeds)
        if all((table, model, seed) in there for model in models)
    ]
    left_out = len(tables) * len(seeds) - len(cells)
    print(f"\n{len(cells)} tables x seeds that all of {', '.join(models)} have been run on", end="")
    print(f" ({left_out} others left out)" if left_out else "")
    for model in sorted(few):
        print(f"{model} is left out: only {n_runs[model]} runs (name it in --models to see them)")
    if not cells:
        return
    measured = "dataset", "model", "seed", "machine", "error", "logloss", "auc", "rmse", *TIMES
    runs = pd.DataFrame(
        [x for x in lines if (x["dataset"], x["seed"]) in cells and x["model"] in models],
        columns=measured,
    )
    runs["loss"] = runs.logloss.fillna(runs.error)
    show_tables(runs, models)
    for what, name in ("error", "error"), ("loss", "log-loss, RMSE"):
        compare(runs.pivot(index=["dataset", "seed"], columns="model", values=what)[models], name)
    for what, name in TIMES.items():
        row("total " + name, runs.groupby("model")[what].sum()[models], 0)
    row("", models)
    print("measured on " + "; ".join(sorted(runs.machine.unique())))


def show_tables(runs, models):
    """Print, for each table, the mean over the seeds of all that was measured."""
    names = {"error": "error", "logloss": "log-loss", "auc": "AUC", "rmse": "RMSE", **TIMES}
    for table, some in runs.groupby("dataset"):
        means = some.groupby("model")[list(names)].mean().loc[models].rename(columns=names)
        print(f"\n{table}, {some.seed.nunique()} seeds")
        print(means.dropna(axis=1, how="all").to_string(float_format=lambda v: f"{v:.4g}"))


def compare(values, name):
    """Print mean ranks and the like, given a frame with a row for each table and seed."""
    low, high = values.min(axis=1), values.median(axis=1)
    span = (high - low).clip(lower=1e-12)
    print()
    row(f"mean rank: {name}", values.rank(axis=1).mean())
    row(f"normalized {name}", values.sub(low, axis=0).div(span, axis=0).clip(0, 2).mean())
    by_table = values.groupby("dataset").mean().clip(lower=0.001)  # a few rows may all be right
    ratios = by_table.div(by_table.min(axis=1), axis=0)
    row("furthest from the best, times", ratios.max())
    row("on", ratios.idxmax().str[:9])
    first = values.get("default", values.iloc[:, 0])
    for model in values.columns.drop(first.name):
        won, lost = int((values[model] > first).sum()), int((values[model] < first).sum())
        sign = binomtest(won, won + lost).pvalue if won + lost else 1.0
        print(
            f"    {first.name} against {model}: {won} won, {lost} lost, "
            f"{len(values) - won - lost} even, p = {sign:.3f}"
        )


def row(name, values, digits=2):
    """Print a line of the comparison."""
    cells = (v if isinstance(v, str) else f"{v:.{digits}f}" for v in values)
    print(f"{name:32}" + "".join(f"{cell:>10}" for cell in cells))


if __name__ == "__main__":
    main()
