"""Seconds that predictions take: default ensembles, their students and ONNX files, boosted trees.

    python bench/prediction.py DATA_DIR [--tables california_housing,adult] [--rows 1,1000]

DATA_DIR is that of `bench/accuracy.py`. The models are trained on 8,000 rows and kept in the folder
`--models`, where they are found again: so two versions predict with the same networks. Rows are
repeated until there are enough. Each model gets them in the form that it takes at once: the
ensemble and its student a DataFrame of pandas and an Arrow table, LightGBM and
HistGradientBoosting a DataFrame with categories, CatBoost its Pool, ONNX an array for each column.
Rounds alternate between the models; the best counts. Of a million rows there is one round.
"""

import argparse
import time
import warnings
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from accuracy import machine, spread_dates, words

N_TRAIN = 8000
ROUNDS = 5
LONGEST = 2.0  # seconds of one round, for which a call is repeated


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("data_dir", type=Path)
    options.add_argument("--tables", type=words, default=("california_housing", "adult"))
    options.add_argument("--rows", type=words, default=("1", "1000", "100000", "1000000"))
    options.add_argument("--models", type=Path, default=Path("prediction_models"))
    options.add_argument("--ours", action="store_true", help="without the peers")
    given = options.parse_args()
    warnings.simplefilter("ignore")
    given.models.mkdir(exist_ok=True)
    print(machine())
    for name in given.tables:
        frame = pd.read_parquet(given.data_dir / name / "data.parquet")
        measure(name, frame, list(map(int, given.rows)), given.models, given.ours)


def measure(name, frame, sizes, folder, only_ours):
    """Print the microseconds for a row of each model, for each number of rows."""
    x, y = frame.iloc[:, :-1], frame.iloc[:, -1]
    regress = y.dtype.kind == "f" or y.nunique() > 100
    chosen = np.random.default_rng(0).permutation(len(x))[:N_TRAIN]
    train, target = x.iloc[chosen], y.iloc[chosen]
    model = ensemble(folder / f"{name}.jubako", train, target, regress)
    small = student(folder / f"{name}-small.jubako", model, train)
    peers = {} if only_ours else peers_of(x, chosen, target, regress)
    print(f"\n{name}: microseconds for a row")
    labels = "ensemble", "from Arrow", "student", "from Arrow", *peers
    print(f"{'rows':>8}" + "".join(f"{label:>14}" for label in labels), end="")
    print("" if only_ours else f"{'onnxruntime':>14}")
    for n in sizes:
        rows = x.iloc[np.arange(n) % len(x)].reset_index(drop=True)
        table = pa.Table.from_pandas(rows, preserve_index=False)
        calls = [partial(ours.predict, given) for ours in (model, small) for given in (rows, table)]
        repeated = np.arange(n) % len(x)
        calls += [partial(predict, prepare(repeated)) for prepare, predict in peers.values()]
        if not only_ours:
            calls.append(onnx_call(model, folder / f"{name}.onnx", table))
        best = alternate(calls, ROUNDS if n < 1_000_000 else 1)
        print(f"{n:8}" + "".join(f"{seconds / n * 1e6:14.2f}" for seconds in best), flush=True)


def alternate(calls, rounds):
    """Return the best seconds of each call, over rounds in which each has its turn."""
    best = [np.inf] * len(calls)
    for _ in range(rounds):
        for i, call in enumerate(calls):
            until = time.perf_counter() + LONGEST / len(calls)
            while True:
                began = time.perf_counter()
                call()
                best[i] = min(best[i], time.perf_counter() - began)
                if time.perf_counter() > until:
                    break
    return best


def ensemble(path, x, y, regress):
    """Return the default ensemble, trained once."""
    import jubako

    if not path.exists():
        cls = jubako.TabularRegressor if regress else jubako.TabularClassifier
        cls(random_state=0).fit(x, y).save(path)
    return jubako.load(path)


def student(path, model, x):
    """Return the small network that predicts like an ensemble, distilled once."""
    import jubako

    if not path.exists():
        model.distill(x).save(path)
    return jubako.load(path)


def peers_of(x, chosen, y, regress):
    """Return for each peer, trained with its default settings, how it takes rows and predicts."""
    from catboost import CatBoostClassifier, CatBoostRegressor, Pool
    from lightgbm import LGBMClassifier, LGBMRegressor
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

    categories = spread_dates(x)
    for name in categories:
        if categories[name].dtype.kind not in "biuf":
            categories[name] = categories[name].astype(object).fillna("missing").astype("category")
    texts = [name for name in categories if categories[name].dtype == "category"]

    def rows(i):
        return categories.iloc[i].reset_index(drop=True)

    def pool(i):
        return Pool(rows(i), cat_features=texts)

    train = rows(chosen)
    lightgbm = (LGBMRegressor if regress else LGBMClassifier)(verbose=-1).fit(train, y)
    cls = CatBoostRegressor if regress else CatBoostClassifier
    catboost = cls(verbose=False, allow_writing_files=False, cat_features=texts).fit(train, y)
    cls = HistGradientBoostingRegressor if regress else HistGradientBoostingClassifier
    histogram = cls(categorical_features="from_dtype").fit(train, y)
    return {
        "LightGBM": (rows, lightgbm.predict),
        "CatBoost": (pool, catboost.predict),
        "HistGB": (rows, histogram.predict),
    }


def onnx_call(model, path, table):
    """Return a function that predicts the rows of a table with onnxruntime."""
    import onnxruntime

    model.export(path)
    session = onnxruntime.InferenceSession(str(path))
    feed = {}
    for column in session.get_inputs():
        values = table[column.name]
        if column.type == "tensor(string)":
            array = np.array([v or "" for v in values.cast(pa.string()).to_pylist()], object)
        elif column.type == "tensor(double)":
            array = values.cast(pa.float64(), safe=False).to_numpy()
        else:
            array = values.cast(pa.timestamp("us")).to_numpy().astype(np.int64)
        feed[column.name] = array[:, None]
    return lambda: session.run(["prediction"], feed)


if __name__ == "__main__":
    main()
