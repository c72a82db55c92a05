"""Coverage and size of intervals and sets on real tables: ours, MAPIE's and LightGBM's quantiles.

    python bench/intervals.py DATA_DIR [--tables ames] [--seeds 0,1] [--preset fast]
        [--coverage 0.9]

DATA_DIR is that of `bench/accuracy.py`, whose splits are used: up to 8,000 rows to learn from, a
quarter of the rows to measure on. For numbers: `predict_interval`; MAPIE's cross-conformal
regression (CV+) around LightGBM; MAPIE's conformalized quantile regression with LightGBM; and
LightGBM's quantiles as they are. For classes: `predict_set`, and MAPIE's cross-conformal sets (LAC)
around LightGBM. Sizes are means over the rows: the width as a share of the target's standard
deviation, or the number of classes. MAPIE and LightGBM are run where they are installed.
"""

import argparse
import time
import warnings
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd

from accuracy import load, spread_dates, words
from jubako import TabularClassifier, TabularRegressor

SETTINGS = {"verbose": -1, "num_threads": 2}


def ours(regress, x, y, x_test, coverage, seed, preset):
    if regress:
        model = TabularRegressor(preset, random_state=seed).fit(x, y)
        return {"jubako": model.predict_interval(x_test, coverage)}
    model = TabularClassifier(preset, random_state=seed).fit(x, y)
    return {"jubako": model.predict_set(x_test, coverage)}


def mapie_cv(regress, x, y, x_test, coverage, seed, preset):
    """Return cross-conformal intervals or sets."""
    if regress:
        from lightgbm import LGBMRegressor
        from mapie.regression import CrossConformalRegressor

        model = CrossConformalRegressor(
            LGBMRegressor(random_state=seed, **SETTINGS), coverage, random_state=seed
        ).fit_conformalize(x, y)
        return {"MAPIE CV+": model.predict_interval(x_test)[1][..., 0]}
    from lightgbm import LGBMClassifier
    from mapie.classification import CrossConformalClassifier

    model = CrossConformalClassifier(
        LGBMClassifier(random_state=seed, **SETTINGS), coverage, random_state=seed
    ).fit_conformalize(x, y)
    return {"MAPIE LAC": model.predict_set(x_test)[1][..., 0]}


def mapie_cqr(regress, x, y, x_test, coverage, seed, preset):
    """Return conformalized quantile regression, and the quantiles as they are."""
    if not regress:
        return {}
    from lightgbm import LGBMRegressor
    from mapie.regression import ConformalizedQuantileRegressor

    tails = (1 - coverage) / 2, (1 + coverage) / 2, 0.5
    plain = [
        LGBMRegressor(objective="quantile", alpha=q, random_state=seed, **SETTINGS) for q in tails
    ]
    order = np.random.default_rng(seed).permutation(len(x))
    learn, judge = order[len(x) // 5 :], order[: len(x) // 5]
    models = [model.fit(x.iloc[learn], y[learn]) for model in plain]
    conformal = ConformalizedQuantileRegressor(models, coverage, prefit=True)
    conformal = conformal.conformalize(x.iloc[judge], y[judge])
    intervals = conformal.predict_interval(x_test)[1][..., 0]
    whole = [model.fit(x, y) for model in plain]
    raw = np.stack([whole[0].predict(x_test), whole[1].predict(x_test)], 1)
    return {"MAPIE CQR": intervals, "LightGBM quantiles": raw}


def measure(regress, found, y, scale):
    """Return the coverage and the mean size."""
    if regress:
        low, high = np.sort(found, axis=1).T
        return ((low <= y) & (y <= high)).mean(), (high - low).mean() / scale
    return found[np.arange(len(y)), y].mean(), found.sum(1).mean()


def main():
    options = argparse.ArgumentParser()
    options.add_argument("data_dir", type=Path)
    options.add_argument("--tables", type=words, default=[])
    options.add_argument("--seeds", type=words, default=["0"])
    options.add_argument("--preset", default="fast")
    options.add_argument("--coverage", type=float, default=0.9)
    wish = options.parse_args()
    warnings.simplefilter("ignore")
    makers = [ours]
    if find_spec("mapie") and find_spec("lightgbm"):
        makers += [mapie_cv, mapie_cqr]
    folders = [path.parent for path in sorted(wish.data_dir.glob("*/meta.json"))]
    lines = []
    for folder in folders:
        for seed in map(int, wish.seeds):
            if wish.tables and folder.name not in wish.tables:
                continue
            regress, x, y, x_test, y_test = load(folder, seed, 8000)
            coded, coded_test = categories(spread_dates(x), spread_dates(x_test))
            for maker in makers:
                rows = (x, y, x_test) if maker is ours else (coded, y, coded_test)
                began = time.perf_counter()
                try:
                    found = maker(regress, *rows, wish.coverage, seed, wish.preset)
                except Exception as error:
                    print(f"{folder.name:20} {maker.__name__} failed: {str(error)[:80]!r}")
                    continue
                seconds = time.perf_counter() - began
                for name, ends in found.items():
                    covered, size = measure(regress, np.asarray(ends), y_test, y_test.std())
                    error = np.sqrt(wish.coverage * (1 - wish.coverage) / len(y_test))
                    lines.append((regress, folder.name, seed, name, covered, size, error))
                    print(
                        f"{folder.name:20} {seed} {name:20} covered {covered:.3f} ± {error:.3f}, "
                        f"size {size:.3f}, {seconds:.1f} s",
                        flush=True,
                    )
    summarize(lines)


def categories(table, other):
    """Return both tables with texts as codes, those of the first, for LightGBM behind MAPIE."""
    texts = [name for name in table if not pd.api.types.is_numeric_dtype(table[name])]
    levels = {name: pd.CategoricalDtype(table[name].dropna().unique()) for name in texts}
    return [
        part.assign(**{name: part[name].astype(levels[name]).cat.codes for name in texts}).astype(
            float
        )
        for part in (table, other)
    ]


def summarize(lines):
    """Print the mean coverage of each, and its size relative to ours, as geometric means."""
    for regress in (True, False):
        own = {line[1:3]: line[5] for line in lines if line[0] == regress and line[3] == "jubako"}
        for name in dict.fromkeys(line[3] for line in lines if line[0] == regress):
            mine = [x for x in lines if x[0] == regress and x[3] == name and x[1:3] in own]
            ratio = np.exp(np.mean([np.log(x[5] / own[x[1:3]]) for x in mine]))
            print(
                f"{'intervals' if regress else 'sets'}: {name:20} covered "
                f"{np.mean([x[4] for x in mine]):.3f}, lowest {min(x[4] for x in mine):.3f}, "
                f"size {ratio:.3f} of ours, on {len(mine)} tables and seeds"
            )


if __name__ == "__main__":
    main()
