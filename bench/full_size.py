"""Accuracy and time on whole tables: our presets, variations of them, LightGBM and CatBoost.

    python bench/full_size.py DATA_DIR [--tables letter,adult] [--models default,lightgbm]
    python bench/full_size.py --report

DATA_DIR is that of `bench/accuracy.py`. A tenth of the rows is held out for testing; nothing is
capped. Every model is trained in a process of its own on the same rows and `--threads` cores, one
after the other, table by table. LightGBM and CatBoost stop early by a tenth of the training rows.

A model may be varied: `default+epochs24` trains each network for twice the epochs that large tables
get, `wide` doubles the units of all layers, `folds5` trains five networks for each candidate, each
on four fifths of the rows, and `first` tries the first candidate only, `first4` the first four. The
candidates after the first get twice as many epochs with `double`, and half as many again with
`as_before`, if it was best at the end. Variations add up: `default+first+wide+epochs24`.

Results are kept in `bench/results/full_size.jsonl`, so that nothing runs twice.
"""

import argparse
import json
import os
import subprocess
import sys
import time
import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.metrics import log_loss

from accuracy import machine, words
from peers import held_out, with_categories, with_texts

KEPT = Path(__file__).parent / "results" / "full_size.jsonl"
TABLES = "letter", "adult", "diamonds", "skin_seg", "covertype_177k", "sgemm_gpu"
MODELS = "fast", "default", "lightgbm", "catboost"
MOST_TREES = 1000
PATIENCE = 100  # trees without a lower loss


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("data_dir", type=Path, nargs="?")
    options.add_argument("--report", action="store_true", help="only print what is known")
    options.add_argument("--tables", type=words, default=TABLES)
    options.add_argument("--models", type=words, default=MODELS)
    options.add_argument("--seed", type=int, default=0)
    options.add_argument("--threads", type=int, default=1)
    options.add_argument("--results", type=Path, default=KEPT)
    options.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.one:
        print(json.dumps(measure(given.data_dir, given.models[0], given.seed, given.threads)))
        return
    if not given.report:
        if given.data_dir is None:
            options.error("name the folder of the tables, or --report")
        run_missing(given)
    report(read(given.results))


def read(path):
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def run_missing(given):
    """Run what is not yet known, each in a process of its own, and keep each result at once."""
    done = {(line["table"], line["model"], line["seed"]) for line in read(given.results)}
    for table in given.tables:
        for model in given.models:
            if (table, model, given.seed) in done:
                continue
            command = [sys.executable, __file__, str(given.data_dir / table), "--one"]
            command += [f"--models={model}", f"--seed={given.seed}", f"--threads={given.threads}"]
            run = subprocess.run(command, stdout=subprocess.PIPE, text=True)
            if run.returncode == 0:
                print(run.stdout.strip(), flush=True)
                with given.results.open("a") as file:
                    file.write(run.stdout)


def load(folder, seed):
    """Return whether the target is a number, and the rows to learn from and to measure on."""
    meta = json.loads((folder / "meta.json").read_text())
    table = pd.read_parquet(folder / "data.parquet")
    table = table[table[meta["target"]].notna()].reset_index(drop=True)
    y = table.pop(meta["target"])
    regress = meta["task"] == "regression"
    y = y.astype(float).to_numpy() if regress else np.unique(y.astype(str), return_inverse=True)[1]
    x, x_test, y, y_test = held_out(table, y, regress, seed)
    return regress, x.reset_index(drop=True), x_test.reset_index(drop=True), y, y_test


def measure(folder, model, seed, threads):
    """Train a model and test it; return a line of the results."""
    warnings.simplefilter("ignore")
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:threads])
    regress, x, x_test, y, y_test = load(folder, seed)
    load_average = [round(os.getloadavg()[0], 1)]
    began, cpu_began = time.perf_counter(), time.process_time()
    predict, about = fit(model, regress, x, y, seed, threads)
    seconds, cpu = time.perf_counter() - began, time.process_time() - cpu_began
    predicted = predict(x_test)
    line = {"table": folder.name, "model": model, "seed": seed, "rows": len(x)}
    if regress:
        line["rmse"] = float(np.sqrt(np.mean((predicted - y_test) ** 2)))
    else:
        line["log_loss"] = float(log_loss(y_test, predicted, labels=np.unique(y)))
        line["error_rate"] = float(np.mean(predicted.argmax(1) != y_test))
    line |= {"seconds": round(seconds, 1), "processor_seconds": round(cpu, 1)}
    load_average.append(round(os.getloadavg()[0], 1))
    return line | about | {"load": load_average, "threads": threads, "machine": machine()}


def fit(model, regress, x, y, seed, threads):
    """Train a model; return its predict function and facts on the fit."""
    if model == "lightgbm":
        return fit_lightgbm(regress, with_categories(x), y, seed, threads)
    if model == "catboost":
        return fit_catboost(regress, x, y, seed, threads)
    preset, *changes = model.split("+")
    for change in changes:
        vary(change)
    from jubako import TabularClassifier, TabularRegressor

    ours = TabularRegressor if regress else TabularClassifier
    fitted = ours(preset, random_state=seed).fit(x, y)
    board = fitted.leaderboard_
    about = {"candidates": len(board), "loss": fitted.loss_, "epochs": board["epochs"].tolist()}
    return fitted.predict if regress else fitted.predict_proba, about


def vary(change):
    """Change what the search does with a table, in this process."""
    from jubako.search import budget, config, crossval, folds, search_run

    if change.startswith("first"):
        n = int(change.removeprefix("first") or 1)
        config.PRESETS = dict.fromkeys(config.PRESETS, n)
        config.CANDIDATES = config.CANDIDATES[:n]
    elif change == "wide":
        config.CANDIDATES = budget.CANDIDATES = tuple(
            replace(candidate, hidden=tuple(2 * n for n in candidate.hidden))
            for candidate in config.CANDIDATES
        )
    elif change.startswith("epochs"):
        crossval.EPOCHS = int(change.removeprefix("epochs")), crossval.EPOCHS[1]
    elif change == "double":
        crossval.FALLING = -np.inf
    elif change == "as_before":
        crossval.FALLING = 1.0
    elif change == "not_wide":
        search_run.widen = lambda candidate: candidate
    elif change == "folds5":
        folds.MANY = np.inf
    else:
        raise SystemExit(f"There is no variation {change!r}.")


def fit_lightgbm(regress, x, y, seed, threads):
    import lightgbm

    cls = lightgbm.LGBMRegressor if regress else lightgbm.LGBMClassifier
    model = cls(
        n_estimators=MOST_TREES,
        learning_rate=0.05,
        num_leaves=50,
        min_child_samples=40,
        subsample=0.75,
        subsample_freq=1,
        random_state=seed,
        n_jobs=threads,
        verbose=-1,
    )
    x, x_val, y, y_val = held_out(x, y, regress, seed)
    model.fit(
        x,
        y,
        eval_set=[(x_val, y_val)],
        callbacks=[lightgbm.early_stopping(PATIENCE, verbose=False)],
    )
    about = {"trees": int(model.best_iteration_)}
    if regress:
        return lambda rows: model.predict(with_categories(rows, x)), about
    return lambda rows: model.predict_proba(with_categories(rows, x)), about


def fit_catboost(regress, x, y, seed, threads):
    import catboost

    x, texts = with_texts(x)
    cls = catboost.CatBoostRegressor if regress else catboost.CatBoostClassifier
    model = cls(
        iterations=MOST_TREES,
        random_seed=seed,
        thread_count=threads,
        cat_features=texts,
        allow_writing_files=False,
        verbose=False,
    )
    x, x_val, y, y_val = held_out(x, y, regress, seed)
    model.fit(x, y, eval_set=(x_val, y_val), early_stopping_rounds=PATIENCE)
    about = {"trees": int(model.tree_count_)}
    predict = model.predict if regress else model.predict_proba
    return lambda rows: predict(with_texts(rows)[0]), about


def report(lines):
    """Print what each model reaches on each table."""
    for table in TABLES:
        some = [line for line in lines if line["table"] == table]
        if some:
            print(f"\n{table}, {some[0]['rows']} training rows")
            frame = pd.DataFrame(some)
            shown = "rmse" if "rmse" in some[0] else "log_loss", "error_rate"
            columns = ["model", *shown, "seconds", "processor_seconds", "load"]
            frame = frame[[name for name in columns if name in frame]]
            print(frame.to_string(index=False, float_format=lambda v: f"{v:.4g}"))
    print("\nmeasured on " + "; ".join(sorted({line["machine"] for line in lines})))


if __name__ == "__main__":
    main()
