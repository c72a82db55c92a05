import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from sklearn.base import clone

from jubako.data.errors import TableError
from jubako.estimators import SingleNetworkClassifier, SingleNetworkRegressor

N = 80
RNG = np.random.default_rng(0)
COLUMNS = {
    "size": [None if i % 9 == 0 else float(v) for i, v in enumerate(RNG.normal(size=N))],
    "color": [["red", "blue", None][i % 3] for i in range(N)],
    "day": pd.date_range("2026-01-01", periods=N, freq="5D").tolist(),
    "sold": [bool(i % 2) for i in range(N)],
    "row": list(range(N)),
}
KIND = np.array(["no", "yes"])[(np.arange(N) % 3 == 0).astype(int)]
PRICE = 1e6 + 1e4 * np.arange(N) % 7
SMALL = {"max_iter": 30, "random_state": 0}


def frames():
    pandas = pd.DataFrame(COLUMNS)
    return {
        "pandas": pandas,
        "pandas categories": pandas.astype({"color": "category"}),
        "polars": pl.DataFrame(COLUMNS),
        "arrow": pa.table(COLUMNS),
    }


@pytest.mark.parametrize(
    ("cls", "y"),
    [(SingleNetworkClassifier, KIND), (SingleNetworkRegressor, PRICE)],
    ids=["classes", "number"],
)
def test_the_same_table_gives_the_same_predictions_in_any_library(cls, y):
    models = {name: cls(**SMALL).fit(frame, y) for name, frame in frames().items()}
    first = models["arrow"].predict(frames()["arrow"])
    for name, frame in frames().items():
        np.testing.assert_array_equal(models[name].predict(frame), first, name)
    assert [column.name for column in models["polars"].dropped_] == ["row"]


def test_classes_and_probabilities_fit_together():
    table = pa.table(COLUMNS)
    model = SingleNetworkClassifier(**SMALL).fit(table, KIND)
    p = model.predict_proba(table)
    assert model.classes_.tolist() == ["no", "yes"]
    # float32
    np.testing.assert_allclose(p.sum(1), 1, atol=1e-6)
    np.testing.assert_array_equal(model.classes_[p.argmax(1)], model.predict(table))
    assert model.score(table, KIND) > 0.9


def test_arrays_are_tables_too():
    x = RNG.normal(size=(N, 3))
    y = x @ [1.0, -2, 3] + 1e6
    assert SingleNetworkRegressor(random_state=0).fit(x, y).score(x, y) > 0.95


def test_new_columns_and_another_order_make_no_difference():
    table = pa.table(COLUMNS)
    model = SingleNetworkClassifier(**SMALL).fit(table, KIND)
    other = table.select(table.column_names[::-1]).append_column("more", [range(N)])
    np.testing.assert_array_equal(model.predict(other), model.predict(table))


def test_time_is_kept_to():
    model = SingleNetworkClassifier(max_iter=10**6, time_limit=0.3, random_state=0)
    model.fit(pa.table(COLUMNS), KIND)
    assert model.stopped_ == "time"
    assert model.mlp_.history_["seconds"][-2] < 0.3


@pytest.mark.parametrize("answer", [True, np.True_])
def test_a_callback_ends_the_fit_and_stopped_says_so(answer):
    seen = []

    def third_epoch(record):
        seen.append(record.epoch)
        return answer if record.epoch == 3 else None

    model = SingleNetworkClassifier(max_iter=9, random_state=0, callbacks=[third_epoch])
    model.fit(pa.table(COLUMNS), KIND)
    assert (model.stopped_, model.n_iter_, seen) == ("callback", 3, [1, 2, 3])
    model.set_params(callbacks=[lambda record: 1]).fit(pa.table(COLUMNS), KIND)
    assert (model.stopped_, model.n_iter_) == ("epochs", 9)  # 1 is not True


def test_a_single_row_is_too_few():
    with pytest.raises(TableError, match=r"too few to learn from \(n_samples=1\): give at least 2"):
        SingleNetworkClassifier().fit(np.ones((1, 3)), ["a"])


def test_the_best_epoch_for_the_validation_rows_is_kept():
    table = pa.table(COLUMNS)
    model = SingleNetworkClassifier(early_stopping=True, **SMALL)
    model.fit(table, KIND, X_val=table[:20], y_val=KIND[:20])
    scores = model.mlp_.validation_scores_
    assert model.score(table[:20], KIND[:20]) == max(scores)


def test_training_goes_on_where_it_was():
    table = pa.table(COLUMNS)
    model = SingleNetworkRegressor(warm_start=True, **SMALL).fit(table, PRICE)
    first = model.score(table, PRICE)
    columns = model.columns_
    model.fit(table, PRICE)
    assert model.columns_ is columns
    assert len(model.mlp_.loss_curve_) == 60
    assert model.score(table, PRICE) > first


def test_a_clone_trains_to_the_same_bits():
    table = pa.table(COLUMNS)
    model = SingleNetworkClassifier(**SMALL).fit(table, KIND)
    again = clone(model).fit(table, KIND)
    np.testing.assert_array_equal(again.mlp_.theta_, model.mlp_.theta_)


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"y": KIND[:-1]}, ValueError, "X has 80 rows, but y has 79 values"),
        ({"y": pa.chunked_array([[*KIND[:-1], None]])}, TableError, "lacks 1 of"),
        ({"X": np.ones((N, 2))}, TableError, "no column to learn from"),
        ({"X": np.ones(N)}, TableError, "must be a data frame"),
        ({"X": pd.DataFrame({"a": [1, "x"] * 40})}, TableError, "Column 'a' can't be used"),
    ],
)
def test_what_can_not_be_learned_from_is_said(change, error, words):
    given = {"X": pa.table(COLUMNS), "y": KIND} | change
    with pytest.raises(error, match=words):
        SingleNetworkClassifier(**SMALL).fit(**given)


@pytest.mark.parametrize(
    "wrong", [{"max_iter": -1}, {"time_limit": 0}, {"dropout": 1}, {"activation": "rellu"}]
)
def test_wrong_parameters_are_named(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        SingleNetworkClassifier(**wrong).fit(pa.table(COLUMNS), KIND)


def test_a_refused_fit_changes_nothing():
    table = pa.table(COLUMNS)
    model = SingleNetworkRegressor(**SMALL).fit(table, PRICE)
    before = model.predict(table)
    with pytest.raises(ValueError, match="Negative"):
        model.fit(table, PRICE * 2, -np.ones(N))
    np.testing.assert_array_equal(model.predict(table), before)


def test_half_of_the_validation_data_is_refused():
    with pytest.raises(ValueError, match="go together"):
        SingleNetworkClassifier(**SMALL).fit(pa.table(COLUMNS), KIND, y_val=KIND)
