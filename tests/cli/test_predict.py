"""The numbers that `jubako predict` writes: as many digits as the networks compute."""

import csv
import io

import numpy as np
import pyarrow.csv
import pyarrow.parquet
import pytest

from command import jubako
from jubako import TabularClassifier, load


def digits(text):
    """The significant digits of a number."""
    mantissa = text.lower().partition("e")[0]
    return len(mantissa.replace("-", "").replace(".", "").lstrip("0"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("predict")
    rng = np.random.default_rng(0)
    x = rng.normal(size=60)
    for name, center in (("near", 3), ("far", 1.7e9)):
        values = [f"{a},{center + 10 * a + b}" for a, b in zip(x, rng.normal(size=60), strict=True)]
        (folder / f"{name}.csv").write_text("\n".join(["x,y", *values]) + "\n")
    labels = [f"{a},{'yes' if a > 0 else 'no'}" for a in x]
    (folder / "class.csv").write_text("\n".join(["x,y", *labels]) + "\n")
    for name in ("near", "far", "class"):
        done = jubako("train", f"{name}.csv", "--target", "y", "--preset", "fast", cwd=folder)
        assert done.returncode == 0, done.stderr
    return folder


def rows_of(folder, name, *options):
    done = jubako("predict", f"{name}.jubako", f"{name}.csv", *options, cwd=folder)
    assert done.returncode == 0, done.stderr
    return list(csv.DictReader(io.StringIO(done.stdout)))


def predictions(folder, name, method):
    model = load(folder / f"{name}.jubako")
    return getattr(model, method)(pyarrow.csv.read_csv(folder / f"{name}.csv"))


def test_a_number_is_the_shortest_text_that_gives_the_same_float32(folder):
    texts = [row["y"] for row in rows_of(folder, "near")]
    expected = predictions(folder, "near", "predict").astype(np.float32)
    np.testing.assert_array_equal(np.array(texts, np.float32), expected)
    assert max(map(digits, texts)) <= 9
    assert [digits(text) for text in texts] == [digits(str(value)) for value in expected]


def test_so_is_a_probability(folder):
    rows = rows_of(folder, "class", "--proba")
    expected = predictions(folder, "class", "predict_proba").astype(np.float32)
    for i, label in enumerate(("no", "yes")):
        texts = [row[f"p({label})"] for row in rows]
        np.testing.assert_array_equal(np.array(texts, np.float32), expected[:, i])
        assert max(map(digits, texts)) <= 9


def test_a_threshold_decides_beside_the_probabilities_too(folder):
    table = pyarrow.csv.read_csv(folder / "class.csv")
    model = TabularClassifier("fast", n_folds=2, threshold=0.98, random_state=0)
    model.fit(table.select(["x"]), table["y"]).save(folder / "class-at-98.jubako")
    options = "predict", "class-at-98.jubako", "class.csv"
    lists = [jubako(*options, *more, cwd=folder).stdout for more in ((), ("--proba",))]
    plain, beside = (list(csv.DictReader(io.StringIO(text))) for text in lists)
    labels = [row["prediction"] for row in beside]
    assert labels == [row["prediction"] for row in plain]
    assert labels == ["yes" if float(row["p(yes)"]) > 0.98 else "no" for row in beside]
    assert any(row["prediction"] == "no" and float(row["p(yes)"]) > 0.5 for row in beside)


def test_numbers_that_float32_cannot_tell_apart_keep_their_digits(folder):
    """Targets near 1.7e9 that differ by 10: neighbours in float32 are 128 apart."""
    texts = [row["y"] for row in rows_of(folder, "far")]
    expected = predictions(folder, "far", "predict")
    np.testing.assert_array_equal(np.array(texts, float), expected)
    assert np.ptp(expected) < 128 < 10 * len(set(texts))


def test_parquet_holds_the_same_numbers(folder):
    done = jubako("predict", "near.jubako", "near.csv", "-o", "p.parquet", "--force", cwd=folder)
    assert done.returncode == 0, done.stderr
    written = pyarrow.parquet.read_table(folder / "p.parquet")["y"].to_numpy()
    assert written.dtype == np.float32
    texts = [row["y"] for row in rows_of(folder, "near")]
    np.testing.assert_array_equal(written, np.array(texts, np.float32))


def test_intervals_and_sets_stand_beside_the_prediction(folder):
    ends = predictions(folder, "near", "predict_interval").astype(np.float32)
    rows = rows_of(folder, "near", "--interval", "0.5, 0.9")
    for name, expected in (("lower(0.9)", ends[:, 0]), ("upper(0.9)", ends[:, 1])):
        np.testing.assert_array_equal(np.array([row[name] for row in rows], np.float32), expected)
    assert all(float(row["lower(0.9)"]) <= float(row["lower(0.5)"]) for row in rows)
    sets = predictions(folder, "class", "predict_set")
    texts = [row["set(0.9)"] for row in rows_of(folder, "class", "--interval", "0.9")]
    assert texts == [" | ".join(np.array(["no", "yes"])[included]) for included in sets]


@pytest.mark.parametrize(
    ("interval", "words"),
    [
        ("most", "is not a coverage"),
        ("1.5", "is not a coverage"),
        (",", "is not a coverage"),
        ("0.9999", "the highest is"),
    ],
)
def test_what_is_no_coverage_is_refused_in_a_sentence(folder, interval, words):
    done = jubako("predict", "near.jubako", "near.csv", "--interval", interval, cwd=folder)
    assert done.returncode == 2, done.stderr
    assert words in done.stderr
    assert done.stdout == ""
