"""Loss against time: `TabularClassifier` and its peers, with the same time limits on the same rows.

    make bench-anytime DATA_DIR=folder
    python bench/anytime.py DATA_DIR [--models jubako,lightgbm] [--limits 1,3,10] [--tables ...]
    python bench/anytime.py --report [--plot docs/anytime.png]

DATA_DIR is laid out as for `bench/accuracy.py`, with the same test rows and at most `--cap`
training rows. LightGBM, CatBoost and HistGradientBoosting add trees until the limit, with early
stopping on a tenth of the rows. AutoGluon uses `best_quality` without dynamic stacking. RealMLP
(pytabkit) has no time limit: it is trained once. All have two threads, and load their libraries
before the clock starts. Results are kept in `bench/results/anytime.jsonl`, so that nothing runs
twice.
"""

import argparse
import json
import os
import shutil
import tempfile
import time
import warnings
from pathlib import Path

import numpy as np
from sklearn.metrics import log_loss

from accuracy import Filled, load, machine, spread_dates, words
from peers import held_out, with_categories, with_texts

TABLES = ["adult", "california_housing", "covertype_177k", "diamonds", "letter", "sgemm_gpu"]
MODELS = ["jubako", "lightgbm", "catboost", "hgb"]
LIMITS = [1, 3, 10, 30, 100]
KEPT = Path(__file__).parent / "results" / "anytime.jsonl"
MOST_TREES, PATIENCE, THREADS = 20_000, 50, 2


def main():
    options = argparse.ArgumentParser()
    options.add_argument("data_dir", type=Path, nargs="?")
    options.add_argument("--models", type=words, default=MODELS)
    options.add_argument("--tables", type=words, default=TABLES)
    options.add_argument("--limits", type=words, default=LIMITS)
    options.add_argument("--cap", type=int, default=8000)
    options.add_argument("--seed", type=int, default=0)
    options.add_argument("--results", type=Path, default=KEPT)
    options.add_argument("--report", action="store_true")
    options.add_argument("--plot", type=Path)
    given = options.parse_args()
    if not given.report:
        if given.data_dir is None:
            options.error("name the folder of the tables, or --report")
        run_missing(given)
    lines = read(given.results)
    report(lines)
    if given.plot:
        plot(lines, given.plot)


def read(path):
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def run_missing(given):
    """Run what is not yet known, one after the other, and keep each result at once."""
    warnings.simplefilter("ignore")
    known = {(x["dataset"], x["model"], x["limit"], x["rows"]) for x in read(given.results)}
    for name in given.tables:
        regress, x, y, x_test, y_test = load(given.data_dir / name, given.seed, given.cap)
        for model in given.models:
            fit = FITS[model]
            warmed_up = False
            for limit in map(float, given.limits if model != "realmlp" else ["inf"]):
                if (name, model, limit, len(x)) in known:
                    continue
                if not warmed_up and model != "autogluon":
                    fit(regress, x[:500], y[:500], 1.0, 0)  # libraries are loaded now
                    warmed_up = True
                began = time.perf_counter()
                predict = fit(regress, x, y, limit, given.seed)
                seconds = time.perf_counter() - began
                line = {"dataset": name, "model": model, "limit": limit, "rows": len(x)}
                line |= {"seconds": round(seconds, 2), "machine": machine()}
                line["loss"] = loss(regress, y_test, predict(x_test), y)
                print(json.dumps(line), flush=True)
                with given.results.open("a") as file:
                    file.write(json.dumps(line) + "\n")


def loss(regress, y, prediction, y_train):
    """Return the RMSE divided by the target's standard deviation, or the log loss."""
    if regress:
        return float(np.sqrt(np.mean((np.ravel(prediction) - y) ** 2)) / y.std())
    p = np.clip(prediction, 1e-15, 1)
    return float(log_loss(y, p / p.sum(1, keepdims=True), labels=np.unique(y_train)))


def fit_jubako(regress, x, y, limit, seed):
    from jubako import TabularClassifier, TabularRegressor

    cls = TabularRegressor if regress else TabularClassifier
    model = cls(time_limit=limit, random_state=seed).fit(x, y)
    return model.predict if regress else model.predict_proba


def fit_lightgbm(regress, x, y, limit, seed):
    import lightgbm as lgb

    end, x = time.perf_counter() + limit, with_categories(x)

    def until_end(env):
        if time.perf_counter() > end:
            raise lgb.callback.EarlyStopException(env.iteration, env.evaluation_result_list)

    x_fit, x_val, y_fit, y_val = held_out(x, y, regress, seed)
    cls = lgb.LGBMRegressor if regress else lgb.LGBMClassifier
    model = cls(n_estimators=MOST_TREES, n_jobs=THREADS, random_state=seed, verbose=-1)
    stops = [lgb.early_stopping(PATIENCE, verbose=False), until_end]
    model.fit(x_fit, y_fit, eval_set=[(x_val, y_val)], callbacks=stops)
    predict = model.predict if regress else model.predict_proba
    return lambda test: predict(with_categories(test, x))


def fit_catboost(regress, x, y, limit, seed):
    import catboost

    end = time.perf_counter() + limit

    class UntilEnd:
        def after_iteration(self, info):
            return time.perf_counter() < end

    x, texts = with_texts(x)
    x_fit, x_val, y_fit, y_val = held_out(x, y, regress, seed)
    cls = catboost.CatBoostRegressor if regress else catboost.CatBoostClassifier
    model = cls(
        iterations=MOST_TREES,
        early_stopping_rounds=PATIENCE,
        thread_count=THREADS,
        random_seed=seed,
        verbose=False,
        allow_writing_files=False,
        cat_features=texts,
        learning_rate=0.08,
    )
    model.fit(x_fit, y_fit, eval_set=(x_val, y_val), callbacks=[UntilEnd()])
    predict = model.predict if regress else model.predict_proba
    return lambda test: predict(with_texts(test)[0])


def fit_hgb(regress, x, y, limit, seed):
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

    end, x = time.perf_counter() + limit, with_categories(x)
    x_fit, x_val, y_fit, y_val = held_out(x, y, regress, seed)
    cls = HistGradientBoostingRegressor if regress else HistGradientBoostingClassifier
    model = cls(max_iter=0, warm_start=True, early_stopping=False, random_state=seed)
    model.set_params(categorical_features="from_dtype")
    predict = model.predict if regress else model.predict_proba

    def val_loss():
        guess = predict(x_val)
        return np.mean((guess - y_val) ** 2) if regress else log_loss(y_val, guess, labels=labels)

    best, labels, since = (np.inf, 0), np.unique(y), 0
    while time.perf_counter() < end and since < PATIENCE and model.max_iter < MOST_TREES:
        model.set_params(max_iter=model.max_iter + 10).fit(x_fit, y_fit)
        now = val_loss()
        since = 0 if now < best[0] else since + 10
        best = min(best, (now, model.max_iter))
    staged = model.staged_predict if regress else model.staged_predict_proba

    def at_best(test):
        stages = staged(with_categories(test, x))
        return next(p for i, p in enumerate(stages, start=1) if i == best[1])

    return at_best


def fit_realmlp(regress, x, y, _, seed):
    from pytabkit import RealMLP_TD_Classifier, RealMLP_TD_Regressor

    cls = RealMLP_TD_Regressor if regress else RealMLP_TD_Classifier
    model = Filled(cls(random_state=seed, n_threads=THREADS, device="cpu"))
    model.fit(spread_dates(x), y)
    predict = model.predict if regress else model.predict_proba
    return lambda test: predict(spread_dates(test))


def fit_autogluon(regress, x, y, limit, seed):
    from autogluon.tabular import TabularPredictor

    folder = tempfile.mkdtemp()
    table = x.assign(__target__=y)
    task = "regression" if regress else "binary" if len(np.unique(y)) == 2 else "multiclass"
    metric = "root_mean_squared_error" if regress else "log_loss"
    model = TabularPredictor("__target__", task, metric, path=folder, verbosity=0)
    folds = {"fold_fitting_strategy": "sequential_local"}  # in parallel it needs Ray
    model.fit(
        table,
        presets="best_quality",
        time_limit=limit,
        dynamic_stacking=False,
        ag_args_ensemble=folds,
        num_cpus=THREADS,
        num_gpus=0,
    )

    def predict(test):
        guess = model.predict(test) if regress else model.predict_proba(test)
        shutil.rmtree(folder)
        return guess.to_numpy()

    return predict


FITS = {
    "jubako": fit_jubako,
    "lightgbm": fit_lightgbm,
    "catboost": fit_catboost,
    "hgb": fit_hgb,
    "realmlp": fit_realmlp,
    "autogluon": fit_autogluon,
}


def report(lines):
    """Print the loss and the seconds of each model and limit, one table for each dataset."""
    models = [model for model in FITS if any(x["model"] == model for x in lines)]
    limits = sorted({x["limit"] for x in lines})
    by_run = {(x["dataset"], x["model"], x["limit"]): x for x in lines}
    print("| table | limit, s | " + " | ".join(models) + " |")
    print("|---" * (len(models) + 2) + "|")
    for name in sorted({x["dataset"] for x in lines}):
        for limit in limits:
            runs = [by_run.get((name, model, limit)) for model in models]
            losses = [run["loss"] for run in runs if run]
            lowest = min(losses) if len(losses) > 1 else None
            cells = [cell(run, lowest) for run in runs]
            if losses:
                shown = f"{limit:g}" if limit < np.inf else "none"
                print(f"| {name} | {shown} | " + " | ".join(cells) + " |")


def cell(run, lowest):
    if run is None:
        return ""
    text = f"{run['loss']:.4f}"
    text = f"**{text}**" if run["loss"] == lowest else text
    return f"{text} ({run['seconds']:.1f} s)"


def plot(lines, path):
    """Draw the loss against the seconds that were used, one panel for each table."""
    import matplotlib.pyplot as plt

    names = sorted({x["dataset"] for x in lines})
    figure, axes = plt.subplots(2, -(-len(names) // 2), figsize=(11, 6.5), layout="constrained")
    for axis, name in zip(axes.flat, names, strict=False):
        for model in FITS:
            runs = sorted(
                (x["seconds"], x["loss"])
                for x in lines
                if x["model"] == model and x["dataset"] == name
            )
            if runs:
                axis.plot(*zip(*runs, strict=True), "o-", label=model, markersize=4)
        axis.set(title=name, xscale="log", xlabel="seconds", ylabel="test loss")
        axis.xaxis.set_major_formatter("{x:g}")
        axis.grid(which="both", alpha=0.2)
    handles = {line.get_label(): line for axis in axes.flat for line in axis.lines}
    figure.legend(handles.values(), handles, loc="outside lower center", ncols=len(handles))
    figure.savefig(path, dpi=110)


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", str(THREADS))
    main()
