import time

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from sklearn.base import clone
from sklearn.metrics import log_loss, make_scorer, mean_absolute_error

import jubako
from jubako import TabularClassifier, TabularRegressor
from jubako.data.errors import TableError
from jubako.model.errors import ModelFileError
from jubako.model.model_file import read_file, write_file
from jubako.search.selection import select

N = 120
RNG = np.random.default_rng(0)
SIZE = RNG.normal(size=N)
COLUMNS = {
    "size": [None if i % 9 == 0 else float(v) for i, v in enumerate(SIZE)],
    "color": [["red", "blue", None][i % 3] for i in range(N)],
    "day": pd.date_range("2026-01-01", periods=N, freq="5D").tolist(),
    "sold": [bool(i % 2) for i in range(N)],
    "row": list(range(N)),
}
KIND = np.array(["no", "yes"])[(np.arange(N) % 3 == 0).astype(int)]
PRICE = 1e6 + 1e4 * (np.arange(N) % 3) + 1e3 * SIZE
FAST = {"preset": "fast", "n_folds": 2, "random_state": 0}
TABLE = pa.table(COLUMNS)


@pytest.fixture(scope="module")
def classifier():
    return TabularClassifier(**FAST).fit(TABLE, KIND)


@pytest.fixture(scope="module")
def regressor():
    return TabularRegressor(**FAST).fit(TABLE, PRICE)


def test_classes_are_learned_and_probabilities_fit_them(classifier):
    p = classifier.predict_proba(TABLE)
    np.testing.assert_allclose(p.sum(1), 1)
    np.testing.assert_array_equal(classifier.classes_[p.argmax(1)], classifier.predict(TABLE))
    assert classifier.score(TABLE, KIND) > 0.95
    assert classifier.stopped_ == "complete"


def test_numbers_are_learned_and_stay_near_the_range_of_the_target(regressor):
    assert regressor.score(TABLE, PRICE) > 0.9
    far = TABLE.set_column(0, "size", [[1e9] * N])
    spread = PRICE.std()
    assert (regressor.predict(far) <= PRICE.max() + spread / 10).all()
    assert (regressor.predict(far) >= PRICE.min() - spread / 10).all()


def test_the_same_table_gives_the_same_predictions_in_any_library(classifier):
    first = classifier.predict_proba(TABLE)
    for frame in (pd.DataFrame(COLUMNS), pl.DataFrame(COLUMNS)):
        again = clone(classifier).fit(frame, KIND)
        np.testing.assert_array_equal(again.predict_proba(frame), first)


def test_the_leaderboard_says_what_was_tried(classifier):
    board = classifier.leaderboard_
    settings = ["layers", "activation", "configuration"]
    results = ["oof_loss", "weight", "epochs", "best_epoch", "seconds"]
    assert list(board) == ["rank", *settings, *results]
    assert len(board) == 2
    assert board.oof_loss.is_monotonic_increasing
    assert board.weight.sum() == pytest.approx(1)
    assert len(classifier.ensemble_) == (board.weight > 0).sum()


@pytest.mark.parametrize("which", ["classifier", "regressor"])
def test_a_loaded_model_predicts_the_same_bits(which, request, tmp_path):
    model = request.getfixturevalue(which)
    model.save(tmp_path / "m.jubako")
    loaded = jubako.load(tmp_path / "m.jubako")
    np.testing.assert_array_equal(loaded.predict(TABLE), model.predict(TABLE))
    if which == "classifier":
        np.testing.assert_array_equal(loaded.predict_proba(TABLE), model.predict_proba(TABLE))
    pd.testing.assert_frame_equal(loaded.leaderboard_, model.leaderboard_)
    loaded.save(tmp_path / "again.jubako")


def spoil(words, path, value):
    for step in path[:-1]:
        words = words[step]
    if value is None:
        del words[path[-1]]
    else:
        words[path[-1]] = value


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("networks", 0, "weight"), 0.5),
        (("networks", 0, "weight"), -1.0),
        (("networks", 0, "candidate", "hidden"), "128"),
        (("networks", 0, "candidate", "eval"), "import os"),
        (("networks", 0, "network"), None),
        (("networks",), []),
        (("temperature",), 0.0),
        (("target", "classes"), ["no"]),
        (("schema", "columns", 0, "knots"), [1.0, 0.0]),
        (("schema", "columns", 1, "levels"), ["blue"]),
        (("schema", "columns", 1, "levels"), ["blue", "mauve", "red"]),
        (("networks", 0, "network", "layers", 0, "levels"), [4]),
        (("params", "preset"), "everything"),
    ],
)
def test_a_description_that_makes_no_sense_is_refused(path, value, classifier, tmp_path):
    classifier.save(tmp_path / "m.jubako")
    words, arrays = read_file(tmp_path / "m.jubako")
    spoil(words, path, value)
    write_file(tmp_path / "m.jubako", words, arrays)
    with pytest.raises(ModelFileError):
        jubako.load(tmp_path / "m.jubako")


def test_no_out_of_fold_predictions_are_kept(classifier):
    model = classifier.model_
    objects = [classifier, model, model.schema, model.target, model.log, *model.networks]
    arrays = [value for each in objects for value in vars(each).values() if hasattr(value, "shape")]
    assert len(arrays) > len(classifier.ensemble_)
    assert not any(N in array.shape for array in arrays)


def test_no_number_of_a_row_is_in_the_file(regressor, tmp_path):
    regressor.save(tmp_path / "m.jubako")
    data = (tmp_path / "m.jubako").read_bytes()
    for number in [*SIZE, *PRICE]:
        assert repr(float(number)).encode() not in data


@pytest.fixture
def n_held_out(monkeypatch):
    """Collect the numbers of out-of-fold predictions."""
    numbers = []

    def spy(predictions, loss):
        numbers.append(len(predictions[0]))
        return select(predictions, loss)

    monkeypatch.setattr("jubako.search.selection.select", spy)
    return numbers


def test_time_is_kept_to_and_a_usable_model_is_left():
    x = RNG.normal(size=(3000, 5))
    y = (x[:, 0] * x[:, 1] > 0).astype(int)
    model = TabularClassifier("best", time_limit=2, random_state=0).fit(x, y)
    assert model.stopped_ == "time"
    assert model.score(x, y) > 0.8


def test_a_time_too_short_for_all_rows_is_kept_with_some_of_them(n_held_out):
    x = RNG.normal(size=(60_000, 12))
    y = x[:, 0] * x[:, 1]
    TabularRegressor(time_limit=1, **FAST).fit(x[:500], y[:500])  # compiled code is loaded now
    began = time.perf_counter()
    model = TabularRegressor("best", time_limit=1, random_state=0).fit(x, y)
    assert time.perf_counter() - began < 3  # the machine may be busy with other tests
    assert model.stopped_ == "time"
    assert n_held_out[-1] < len(y) // 2
    assert model.score(x, y) > -0.1


def test_a_metric_of_ones_own_chooses_the_ensemble():
    asked = []

    def spy(*args, **kwargs):
        asked.append(args)
        return mean_absolute_error(*args, **kwargs)

    TabularRegressor(eval_metric=make_scorer(spy, greater_is_better=False), **FAST).fit(
        TABLE, PRICE
    )
    # the target's own units
    assert all(abs(np.mean(said) - 1e6) < 1e5 for _, said in asked)
    assert TabularClassifier(eval_metric="roc_auc", **FAST).fit(TABLE, KIND).temperature_ == 1


def test_own_rows_can_judge(n_held_out):
    model = TabularRegressor("fast", n_folds=3, random_state=0)
    model.fit(TABLE[:90], PRICE[:90], X_val=TABLE[90:], y_val=PRICE[90:])
    assert len(model.ensemble_[0].theta) == 3  # that differ in their first weights
    assert n_held_out[-1] == 30
    with pytest.raises(ValueError, match="go together"):
        TabularRegressor(**FAST).fit(TABLE, PRICE, X_val=TABLE)


def test_groups_are_not_split():
    # the color says the target within a group only: held out by group it is of no use
    groups = np.arange(N) // 10
    target = groups % 2 * 1.0
    x = pa.table({"group": [f"g{g}" for g in groups], "size": SIZE})
    apart = TabularRegressor(**FAST).fit(x, target, groups=groups)
    mixed = TabularRegressor(**FAST).fit(x, target)
    assert apart.leaderboard_.oof_loss[0] > 5 * mixed.leaderboard_.oof_loss[0]


def test_the_latest_rows_judge_where_time_is_given(n_held_out):
    day = np.arange(N)[::-1]  # the latest come first
    for times in (
        day,
        pa.array(day.tolist()),
        pd.Timestamp("2026-01-01") + pd.to_timedelta(day, "D"),
    ):
        TabularRegressor(**FAST).fit(TABLE, PRICE, time=times)
        assert n_held_out[-1] == N // 2
    moved = PRICE + 1e5 * (day >= N - N // 5)  # what was never so before can't be foreseen
    x, five = TABLE.drop_columns(["day", "row"]), FAST | {"n_folds": 5}
    apart = TabularRegressor(**five).fit(x, moved, time=day)
    mixed = TabularRegressor(**five).fit(x, moved)
    assert apart.leaderboard_.oof_loss[0] > 2 * mixed.leaderboard_.oof_loss[0]


def test_trained_again_on_all_rows_it_knows_the_latest():
    new = (np.arange(N) >= N - N // 2) & (np.arange(N) % 2 == 0)  # was never seen before
    x = pa.table({"kind": np.where(new, "new", np.where(SIZE > 0, "a", "b")), "size": SIZE})
    level = SIZE + 5.0 * new
    seen = []
    once = TabularRegressor(**FAST).fit(x, level, time=np.arange(N))
    again = TabularRegressor(refit=True, callbacks=[seen.append], **FAST)
    again.fit(x, level, time=np.arange(N))
    wrong, less = (abs(model.predict(x) - level)[new].mean() for model in (once, again))
    assert less < 0.85 * wrong  # they stop early: nothing said that there was more to learn
    assert [one.refit for one in seen] == sorted(one.refit for one in seen)
    assert seen[-1].refit
    np.testing.assert_array_equal(again.weights_, once.weights_)


def test_a_row_without_weight_counts_as_none(n_held_out):
    w = (np.arange(N) >= 20).astype(float)
    TabularRegressor(**FAST).fit(TABLE, PRICE, w)
    assert n_held_out == [N - 20]


def test_own_rows_judge_beside_rows_without_weight(n_held_out):
    w = (np.arange(90) >= 20).astype(float)
    model = TabularRegressor(**FAST)
    model.fit(TABLE[:90], PRICE[:90], w, X_val=TABLE[90:], y_val=PRICE[90:])
    assert n_held_out[-1] == 30


def test_best_draws_folds_several_times_where_there_is_the_time():
    def interrupt(now):
        raise KeyboardInterrupt

    def networks(**settings):
        model = TabularRegressor(random_state=0, callbacks=[interrupt], **settings)
        return len(model.fit(x, x[:, 0]).ensemble_[0].theta)

    x = np.random.default_rng(0).normal(size=(600, 1))
    assert networks(preset="fast") == 5
    assert networks(preset="best") == 15
    assert networks(preset="best", time_limit=20) == 15
    assert networks(preset="best", time_limit=10) == 5


def test_ctrl_c_in_the_selection_loses_nothing(monkeypatch):
    pressed = []

    def press(predictions, loss):
        if not pressed:
            pressed.append(0)
            raise KeyboardInterrupt
        return select(predictions, loss)

    monkeypatch.setattr("jubako.search.selection.select", press)
    model = TabularClassifier(refit=True, **FAST).fit(TABLE, KIND)
    assert model.stopped_ == "interrupted"
    assert len(model.leaderboard_) == 2


@pytest.mark.parametrize("epoch", [1, 2])
def test_ctrl_c_in_the_first_candidate_ends_the_fit_with_a_usable_model(epoch):
    seen = []

    def interrupt(now):
        seen.append(now.number)
        if now.epoch == epoch:
            raise KeyboardInterrupt

    model = TabularClassifier(callbacks=[interrupt], **FAST).fit(TABLE, KIND)
    assert model.stopped_ == "interrupted"
    assert set(seen) == {1}
    assert np.isfinite(model.predict_proba(TABLE)).all()


def test_class_weights_shift_the_probabilities():
    x = RNG.normal(size=(400, 1))
    y = (RNG.random(400) < 0.1).astype(int)
    plain = TabularClassifier(**FAST).fit(x, y).predict_proba(x)[:, 1].mean()
    balanced = TabularClassifier(class_weight="balanced", **FAST).fit(x, y)
    assert plain < 0.2
    assert abs(balanced.predict_proba(x)[:, 1].mean() - 0.5) < 0.1


def test_callbacks_see_every_epoch_and_can_end_the_fit():
    seen = []
    model = TabularClassifier(
        callbacks=[lambda now: seen.append(now) or (now.number, now.epoch) == (2, 3)], **FAST
    ).fit(TABLE, KIND)
    n = seen[-4].epoch
    assert [(now.number, now.epoch) for now in seen] == [
        *((1, epoch) for epoch in range(1, n + 1)),
        (2, 1),
        (2, 2),
        (2, 3),
    ]
    assert model.stopped_ == "callback"
    assert model.leaderboard_.epochs.tolist() in ([n, 3], [3, n])


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"y": KIND[:-1]}, ValueError, "X has 120 rows, but y has 119 values"),
        ({"y": pa.chunked_array([[*KIND[:-1], None]])}, TableError, "lacks 1 of"),
        ({"y": np.full(N, "yes")}, ValueError, "only one class"),
        ({"X": np.ones((N, 2))}, TableError, "no column to learn from"),
        ({"X": TABLE[:3], "y": KIND[:3]}, TableError, "3 rows are too few"),
        ({"groups": np.zeros(N)}, ValueError, "of one group"),
        ({"groups": [1, 2]}, ValueError, "groups has 2 values"),
        ({"time": [1] * N}, ValueError, "times must differ"),
        (
            {"time": [*range(N - 1), None]},
            TableError,
            "time lacks 1 of 120 values, the first in row 120",
        ),
        ({"time": range(N), "groups": range(N)}, ValueError, "pass one of them"),
    ],
)
def test_what_can_not_be_learned_from_is_said(change, error, words):
    given = {"X": TABLE, "y": KIND} | change
    with pytest.raises(error, match=words):
        TabularClassifier(**FAST).fit(**given)


@pytest.mark.parametrize(
    "wrong",
    [
        {"preset": "slow"},
        {"refit": 1},
        {"time_limit": 0},
        {"n_folds": 1},
        {"n_jobs": 0},
        {"eval_metric": 3},
    ],
)
def test_wrong_parameters_are_refused(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        TabularClassifier(**wrong).fit(TABLE, KIND)


@pytest.mark.parametrize("y", [np.r_[PRICE[:-1], np.inf], np.r_[PRICE[:-1], np.nan]])
def test_a_target_that_is_no_number_is_refused(y):
    with pytest.raises(TableError, match="row 120"):
        TabularRegressor(**FAST).fit(TABLE, y)


# Odd tables


def test_a_constant_number_is_predicted():
    model = TabularRegressor(**FAST).fit(TABLE, np.full(N, 7.0))
    np.testing.assert_allclose(model.predict(TABLE), 7)


@pytest.mark.filterwarnings("ignore:The number of unique classes:UserWarning")
def test_classes_of_one_row_and_many_classes_are_learned():
    labels = [*(f"c{i % 60}" for i in range(N - 1)), "alone"]
    model = TabularClassifier(**FAST).fit(TABLE, labels)
    assert model.predict_proba(TABLE).shape == (N, 61)
    assert np.isfinite(log_loss(labels, model.predict_proba(TABLE), labels=model.classes_))


def test_huge_values_harm_nobody():
    x = np.c_[SIZE, SIZE * 1e300, np.where(np.arange(N) == 5, 1e30, SIZE)]
    model = TabularRegressor(**FAST).fit(x, SIZE)
    assert model.score(x, SIZE) > 0.95
    huge = TabularRegressor(**FAST).fit(x, SIZE * 1e200)
    np.testing.assert_allclose(huge.predict(x) / 1e200, model.predict(x), atol=0.05)


@pytest.mark.parametrize("far", [1e9, -1e308])
def test_an_absurd_target_is_named(far):
    with pytest.raises(
        TableError, match=r"row 120 is -?1e\+(09|308), but half of them lie between"
    ):
        TabularRegressor(**FAST).fit(TABLE, np.r_[SIZE[:-1], far])


def test_long_tails_are_no_reason_to_refuse():
    rich = np.exp(3 * SIZE)
    assert np.isfinite(TabularRegressor(**FAST).fit(TABLE, rich).predict(TABLE)).all()


def test_empty_columns_are_left_out_and_an_infinite_number_is_named():
    x = TABLE.append_column("gone", pa.nulls(N, pa.float64())).append_column("none", pa.nulls(N))
    model = TabularClassifier("fast", time_limit=1, random_state=0).fit(x, KIND)
    assert {"gone", "none"} <= {column.name for column in model.dropped_}
    endless = TABLE.append_column("far", [[np.inf, *SIZE[1:]]])
    with pytest.raises(TableError, match="'far', row 1: a number is infinite"):
        TabularClassifier(**FAST).fit(endless, KIND)


def test_thousands_of_columns_and_hundreds_of_classes_are_learned():
    x = np.random.default_rng(0).normal(size=(60, 3000))
    model = TabularClassifier("fast", time_limit=5, random_state=0).fit(x, x[:, 0] > 0)
    assert model.predict_proba(x).shape == (60, 2)
    many = np.arange(600) % 300
    labels = TabularClassifier("fast", time_limit=3, random_state=0)
    labels.fit(np.c_[many, many % 17, many // 17], many)
    assert labels.predict_proba(np.c_[many, many % 17, many // 17]).shape == (600, 300)


def test_only_unseen_categories_can_be_predicted(classifier):
    other = TABLE.set_column(1, "color", [["green"] * N])
    assert np.isfinite(classifier.predict_proba(other)).all()


def test_a_table_with_all_missing_columns_is_predicted(classifier):
    gone = pa.table({name: pa.nulls(N, TABLE[name].type) for name in TABLE.column_names})
    assert np.isfinite(classifier.predict_proba(gone)).all()
