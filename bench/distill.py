"""What a distilled network keeps of the ensemble's lead, and what it gains.

    python bench/distill.py DATA_DIR [--tables ames] [--preset default] [--cap 4000] [--drawn]
        [--teachers FOLDER]

DATA_DIR is that of `bench/accuracy.py`, whose splits are used: up to `cap` rows to learn from, up
to 8,000 of the test rows. Three are compared: the teacher is the ensemble of the preset; the single
network is the first candidate of the search (3 x 128 units, with the same encoding), trained on the
labels with a fifth of the rows held out for its best epoch; the student is distilled from the
teacher with the rows that it learned from, or with `--drawn` without rows. The loss is the log loss
or the RMSE on the test rows, "kept" the student's share of the teacher's lead over the single
network. Times are medians of `Model.predict`. Teachers are kept in the folder, if one is given.
"""

import argparse
import time
import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
from sklearn.metrics import log_loss

import jubako
from accuracy import load, words
from jubako import TabularClassifier, TabularRegressor
from jubako.core.losses import CrossEntropy, SquaredError
from jubako.evaluation.latency import seconds_per_call
from jubako.model.candidate import Candidate
from jubako.search.distill import StudentRows, distill, train_student
from jubako.search.encoded import EncodedTable

MOST_TEST = 8000
COVERAGE = 0.9
HEAD = (
    f"{'table':20}{'teacher':>10}{'single':>10}{'student':>10}{'kept':>7}{'added':>9}{'cover':>7}"
    f"{'cover':>7}{'us 1':>7}{'x':>6}{'us/row':>8}{'x':>7}{'kB':>7}{'x':>6}{'s':>5}  size"
)
"""The coverage is of 90 % intervals or sets, the teacher's first; x is times as fast, or small."""


def main():
    options = argparse.ArgumentParser()
    options.add_argument("data_dir", type=Path)
    options.add_argument("--tables", type=words, default=[])
    options.add_argument("--preset", default="default")
    options.add_argument("--cap", type=int, default=4000)
    options.add_argument("--seed", type=int, default=0)
    options.add_argument("--teachers", type=Path)
    options.add_argument("--drawn", action="store_true", help="distill without rows")
    wish = options.parse_args()
    warnings.simplefilter("ignore")
    lines = []
    print(HEAD)
    for path in sorted(wish.data_dir.glob("*/meta.json")):
        if not wish.tables or path.parent.name in wish.tables:
            lines.append(measure(path.parent, wish))
            print(text_of(lines[-1]), flush=True)
    kept, one, many = (np.mean([x[name] for x in lines]) for name in ("kept", "x_one", "x_many"))
    print(f"mean: kept {kept:.2f}; times as fast: {one:.1f} for one row, {many:.1f} for many")


def measure(folder, wish):
    regress, x, y, x_test, y_test = load(folder, wish.seed, wish.cap)
    x_test, y_test = x_test[:MOST_TEST], y_test[:MOST_TEST]
    teacher = teacher_of(folder, regress, x, y, wish)
    rows, test = (teacher.find_features(table) for table in (x, x_test))
    began = time.perf_counter()
    student = teacher.with_model(distill(teacher.model_, None if wish.drawn else rows, 0).model)
    seconds = time.perf_counter() - began
    models = teacher.model_, single_network(teacher.model_, rows, y), student.model_
    losses = [loss_of(model, test, y_test) for model in models]
    one, many = test.slice(0, 1), test
    times = [[seconds_per_call(model, part) for part in (one, many)] for model in models]
    sizes = [size_of(estimator) for estimator in (teacher, student)]
    (one_before, many_before), _, (one_after, many_after) = times
    return {
        "name": folder.name,
        "losses": losses,
        "kept": (losses[1] - losses[2]) / (losses[1] - losses[0]),
        "added": student.loss_,
        "covered": [covered(model, test, y_test) for model in (models[0], models[2])],
        "one": one_after,
        "x_one": one_before / one_after,
        "many": many_after / len(y_test),
        "x_many": many_before / many_after,
        "bytes": sizes[1],
        "x_bytes": sizes[0] / sizes[1],
        "seconds": seconds,
        "size": student.ensemble_[0].candidate.hidden,
    }


def teacher_of(folder, regress, x, y, wish):
    """Return the ensemble, as it was saved if it was."""
    cls = TabularRegressor if regress else TabularClassifier
    if wish.teachers is None:
        return cls(wish.preset, random_state=wish.seed).fit(x, y)
    wish.teachers.mkdir(exist_ok=True)
    path = wish.teachers / f"{folder.name}.{wish.preset}.{wish.cap}.{wish.seed}.jubako"
    if not path.exists():
        cls(wish.preset, random_state=wish.seed).fit(x, y).save(path)
    return jubako.load(path)


def single_network(teacher, rows, y):
    """Return the model of the first candidate, trained on labels, a fifth of them held out."""
    classify = teacher.task == "classify"
    codes = teacher.target.encode(y)
    held_out = np.sort(np.random.default_rng(0).permutation(len(y))[: len(y) // 5])
    student_rows = StudentRows(rows, EncodedTable(teacher.schema, rows), held_out, 0)
    encoded = student_rows.with_targets(
        teacher,
        codes,
        CrossEntropy() if classify else SquaredError(),
        teacher.target.constant_output(codes, np.ones(len(y))),
    )
    network = replace(train_student(Candidate(), encoded).fitted, weight=1.0)
    return replace(
        teacher, networks=[network], temperature=1.0 if classify else None, conformal=None
    )


def loss_of(model, table, y):
    if model.task == "classify":
        return log_loss(y, model.predict_proba(table), labels=np.arange(len(model.classes)))
    return np.sqrt(np.mean((model.predict(table) - y) ** 2))


def covered(model, table, y):
    """Return the share of rows in 90 % intervals or sets; NaN if the model has none."""
    if model.conformal is None or model.conformal.scores.highest_coverage < COVERAGE:
        return np.nan
    if model.task == "classify":
        return model.predict_set(table, [COVERAGE])[np.arange(len(y)), y, 0].mean()
    low, high = model.predict_interval(table, [COVERAGE])[..., 0].T
    return ((low <= y) & (y <= high)).mean()


def size_of(estimator):
    """Return the bytes of the file of an estimator."""
    path = Path("distilled.jubako.tmp")
    estimator.save(path)
    size = path.stat().st_size
    path.unlink()
    return size


def text_of(line):
    teacher, single, student = line["losses"]
    return (
        f"{line['name']:20}{teacher:10.4g}{single:10.4g}{student:10.4g}{line['kept']:7.2f}"
        f"{line['added']:9.2g}{line['covered'][0]:7.3f}{line['covered'][1]:7.3f}"
        f"{1e6 * line['one']:7.0f}{line['x_one']:6.1f}{1e6 * line['many']:8.2f}"
        f"{line['x_many']:7.1f}{line['bytes'] / 1000:7.0f}{line['x_bytes']:6.1f}"
        f"{line['seconds']:5.0f}  {'-'.join(map(str, line['size']))}"
    )


if __name__ == "__main__":
    main()
