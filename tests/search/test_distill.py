from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import jubako
from jubako import TabularClassifier, TabularRegressor
from jubako.core.losses import CrossEntropy, Poisson
from jubako.data.errors import TableError
from jubako.evaluation.latency import latency
from jubako.model.conformal import Conformal, Scores
from jubako.model.errors import ModelFileError
from jubako.model.model import Model
from jubako.search import distill as module
from jubako.search.distill import distill
from jubako.search.mixed_rows import SHARE, mixed_rows
from jubako.search.student_scores import class_scores_of, quantiles

FAST = {"preset": "fast", "n_folds": 2, "random_state": 0}
RNG = np.random.default_rng(0)
N = 300
TABLE = pa.table(
    {
        "size": RNG.normal(size=N),
        "color": np.resize(["red", "blue", None, "green"], N),
        "day": pd.date_range("2026-01-01", periods=N, freq="D"),
    }
)
PRICE = 5 + 3 * TABLE["size"].to_numpy() + (np.arange(N) % 4 == 0) + 0.3 * RNG.normal(size=N)
KIND = np.array(["a", "b", "c"])[np.digitize(PRICE, [3, 6])]


@pytest.fixture(scope="module", autouse=True)
def few_rows():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "N_ROWS", 3000)
        patch.setattr(module, "MOST_ROWS", 3000)
        yield


@pytest.fixture(scope="module")
def regressor():
    return TabularRegressor(**FAST).fit(TABLE, PRICE)


@pytest.fixture(scope="module")
def classifier():
    return TabularClassifier(**FAST, cost_matrix=[[0, 1, 2], [1, 0, 1], [5, 1, 0]]).fit(TABLE, KIND)


@pytest.fixture(scope="module")
def small_regressor(regressor):
    return regressor.distill(TABLE)


@pytest.fixture(scope="module")
def small_classifier(classifier):
    return classifier.distill(TABLE)


def same_model(one, other):
    pairs = zip(one.ensemble_, other.ensemble_, strict=True)
    return all((mine.theta == yours.theta).all() for mine, yours in pairs)


def test_one_network_predicts_like_the_ensemble(
    regressor, classifier, small_regressor, small_classifier
):
    for small in small_regressor, small_classifier:
        (network,) = small.ensemble_
        assert len(network.theta) == 1
    error = small_regressor.predict(TABLE) - regressor.predict(TABLE)
    assert (error**2).mean() < 0.01 * PRICE.var()
    p, q = classifier.predict_proba(TABLE), small_classifier.predict_proba(TABLE)
    np.testing.assert_allclose(q.sum(1), 1, rtol=1e-6)
    assert (p * np.log(p / q)).sum(1).mean() < 0.02


def test_the_student_of_a_linear_teacher_is_linear(regressor):
    """On new rows: y = 2 a - b, exactly."""
    x = RNG.normal(size=(200, 2))
    teacher = TabularRegressor(**FAST).fit(x, 2 * x[:, 0] - x[:, 1])
    student = teacher.distill(x)
    new = RNG.normal(size=(500, 2))
    y = 2 * new[:, 0] - new[:, 1]
    gap = np.sqrt(((student.predict(new) - y) ** 2).mean())
    assert gap < np.sqrt(((teacher.predict(new) - y) ** 2).mean()) + 0.1 * y.std()


def test_what_was_lost_is_what_the_held_out_rows_show(regressor, small_regressor):
    """The loss of the student is its squared distance from the teacher, in units of the target."""
    found = distill(regressor.model_, TABLE, 7)
    assert found.n_held_out == N // 5
    assert found.added_loss == found.model.log.loss
    assert 0.98 < found.agreement <= 1
    raw = found.model.predict_raw(TABLE) - regressor.model_.predict_raw(TABLE)
    assert found.added_loss == pytest.approx((raw**2).mean(), rel=0.9)
    (chosen,) = (line for line in small_regressor.model_.log.leaderboard if line["weight"])
    assert small_regressor.loss_ == chosen["oof_loss"]


@pytest.mark.parametrize(
    ("losses", "n_tried", "chosen"),
    [
        ([0.5, 0.3, 0.299], 3, "64-64"),  # the next is no better
        ([0.5, 0.4, 0.3], 3, "128-128-128"),
        ([0.5, 0.6], 2, "32-32"),
    ],
)
def test_the_smallest_size_that_suffices_is_chosen(monkeypatch, regressor, losses, n_tried, chosen):
    train, rest = module.train_student, iter(losses)

    def trained(candidate, rows):
        result = train(replace(candidate, frequency_scale=0), rows)
        result = replace(result, fitted=replace(result.fitted, loss=next(rest)))
        return replace(result, fitted=replace(result.fitted, candidate=candidate))

    monkeypatch.setattr(module, "train_student", trained)
    monkeypatch.setattr(module, "tolerance", lambda teacher: 0.01)
    monkeypatch.setattr(module, "N_ROWS", 0)
    board = distill(regressor.model_, TABLE, 0).model.log.leaderboard
    assert len(board) == n_tried
    assert [line["layers"] for line in board if line["weight"]] == [chosen]


def test_the_same_seed_gives_the_same_bits(regressor, small_regressor):
    assert same_model(small_regressor, regressor.distill(TABLE))
    other = regressor.set_params(random_state=1).distill(TABLE)
    regressor.set_params(random_state=0)
    assert not same_model(small_regressor, other)


def test_a_student_keeps_what_the_ensemble_was_told(classifier, small_classifier):
    assert small_classifier.get_params()["preset"] == "fast"
    np.testing.assert_array_equal(small_classifier.classes_, classifier.classes_)
    np.testing.assert_array_equal(small_classifier.model_.costs, classifier.model_.costs)
    assert small_classifier.temperature_ == 1
    assert small_classifier.columns_ == classifier.columns_
    assert (small_classifier.predict(TABLE) == classifier.predict(TABLE)).mean() > 0.95


@pytest.mark.parametrize("kind", ["regressor", "classifier"])
def test_a_student_is_saved_exported_and_measured_as_any_model(kind, request, tmp_path):
    small = request.getfixturevalue(f"small_{kind}")
    small.save(tmp_path / "small.jubako")
    loaded = jubako.load(tmp_path / "small.jubako")
    assert loaded.model_.log.distilled
    np.testing.assert_array_equal(loaded.predict(TABLE), small.predict(TABLE))
    assert (tmp_path / "small.jubako").stat().st_size < 100_000
    small.export(tmp_path / "small.py")
    small.export(tmp_path / "small.html")
    small.export(tmp_path / "small.onnx")
    assert latency(small.model_).keys() == {1, 1000}
    with pytest.raises(ModelFileError, match="a single network already"):
        small.distill(TABLE)


def test_intervals_and_sets_of_a_student_cover_as_those_of_the_ensemble(
    regressor, classifier, small_regressor, small_classifier
):
    """The rows are those of `fit`, which both predict too well: what matters is the difference."""
    intervals = [
        model.predict_interval(TABLE, [0.8, 0.95]) for model in (regressor, small_regressor)
    ]
    widths = [np.ptp(each, axis=1).mean(0) for each in intervals]
    np.testing.assert_allclose(widths[0], widths[1], rtol=0.1)
    assert small_regressor.model_.conformal.spread.network.theta.shape[0] == 1
    sets = [model.predict_set(TABLE, [0.8, 0.95]) for model in (classifier, small_classifier)]
    sizes = [each.sum(1).mean(0) for each in sets]
    np.testing.assert_allclose(sizes[0], sizes[1], atol=0.1)


def test_a_student_far_from_its_teacher_has_wide_sets():
    """Scores rise by as much as the student's probabilities of the true classes fall."""
    p = RNG.dirichlet([1, 1, 1], size=500)
    scores = np.sort(1 - p.max(1))
    teacher = Conformal(Scores.fit(scores, np.ones(500)))
    same = class_scores_of(teacher, p, p)
    np.testing.assert_allclose(same.scores.values, teacher.scores.values)
    rough = class_scores_of(teacher, p, np.full_like(p, 1 / 3))
    assert rough.scores.quantile(0.2) > teacher.scores.quantile(0.2)
    assert (np.diff(rough.scores.values) >= 0).all()
    assert rough.scores.values.max() <= 1


def test_weighted_quantiles():
    values, w = np.array([3.0, 1.0, 2.0]), np.array([2.0, 1.0, 1.0])
    np.testing.assert_allclose(quantiles(values, w, np.array([0.125, 0.375, 0.75])), [1, 2, 3])


def test_without_rows_they_are_drawn_and_intervals_are_refused(regressor):
    student = regressor.distill()
    error = student.predict(TABLE) - regressor.predict(TABLE)
    assert (error**2).mean() < 0.05 * PRICE.var()
    with pytest.raises(ModelFileError, match="distilled without rows"):
        student.predict_interval(TABLE)


@pytest.mark.parametrize("shape", ["frame", "array"])
def test_rows_are_found_as_in_predict(shape):
    x = pd.DataFrame(RNG.normal(size=(60, 2)), columns=["a", "b"])
    y = x["a"].to_numpy() > 0
    given = x if shape == "frame" else x.to_numpy()
    student = TabularClassifier(**FAST).fit(given, y).distill(given)
    assert student.score(given, y) > 0.8
    assert hasattr(student, "feature_names_in_") == (shape == "frame")


def test_too_few_rows_and_other_columns_are_refused(regressor):
    with pytest.raises(TableError, match=r"There are 9 rows to distill with: at least 10"):
        regressor.distill(TABLE.slice(0, 9))
    with pytest.raises(TableError, match="has no column 'size'"):
        regressor.distill(TABLE.drop_columns(["size"]))


def test_ctrl_c_keeps_the_student_so_far(monkeypatch, regressor):
    train, sizes = module.train_student, []

    def interrupted(candidate, rows):
        sizes.append(candidate.hidden)
        return replace(train(candidate, rows), reason="interrupted")

    monkeypatch.setattr(module, "train_student", interrupted)
    student = distill(regressor.model_, TABLE, 0).model
    assert isinstance(student, Model)
    assert (student.log.stopped, len(sizes)) == ("interrupted", 1)


def test_mixed_rows_have_values_of_the_columns_and_are_mostly_as_they_were():
    table = pa.table({"a": range(100), "b": range(100), "c": range(100)})
    mixed = mixed_rows(table, 5000, np.random.default_rng(0))
    columns = np.array([mixed[name].to_numpy() for name in "abc"])
    assert columns.min() >= 0
    assert columns.max() < 100
    same = (columns[0] == columns[1]) & (columns[1] == columns[2])
    assert same.mean() == pytest.approx((1 - SHARE) ** 3 + SHARE**3, abs=0.03)
    assert mixed_rows(table, 0, np.random.default_rng(0)).num_rows == 0


def test_the_loss_for_probabilities_is_a_bound_on_the_divergence_and_zero_for_the_teacher():
    p = RNG.dirichlet([1, 1, 1, 1], size=50)
    b = RNG.normal(size=p.shape)
    divergence = (p * np.log(p / CrossEntropy().mean(b))).sum(1)
    assert (Poisson().value(b, p) >= divergence - 1e-12).all()
    np.testing.assert_allclose(Poisson().value(np.log(p), p), 0, atol=1e-12)
    np.testing.assert_allclose(CrossEntropy().mean(np.log(p)), p)
