import json
from dataclasses import asdict, replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from scipy.stats import ttest_1samp

from house_prices import label_of, make_frame, price_of
from jubako import MLPClassifier, MLPRegressor, TabularClassifier
from jubako.data.readers.frames import to_table
from jubako.evaluation.metrics import evaluate
from jubako.i18n.messages import Message
from jubako.report.compute import summarize_folds, training_warnings
from jubako.report.display import DisplayedReport
from jubako.report.drift import compute_drift, drift_of_shares, quantile_distance
from jubako.report.page import report_page
from jubako.report.report import Drift, Scores, Source
from jubako.report.scores import verdict


def test_the_metrics_are_those_of_evaluate(regressor, classifier, new, number_report, class_report):
    for model, y, report in (
        (regressor, price_of(new), number_report),
        (classifier, label_of(new), class_report),
    ):
        assert report.facts.scores.metrics == evaluate(model, new, y.to_numpy())


def test_the_intervals_hold_the_metrics_and_get_narrower_with_more_rows(regressor, number_report):
    scores = number_report.facts.scores
    assert set(scores.intervals) == {"r2", "rmse", "mae"}
    for name, (low, high) in scores.intervals.items():
        assert low < scores.metrics[name] < high
    few = make_frame(2, 40)
    wide = regressor.report(few, price_of(few)).facts.scores.intervals["rmse"]
    assert np.ptp(wide) > np.ptp(scores.intervals["rmse"])


def test_the_baselines_are_held_out(number_report, class_report):
    assert set(number_report.facts.scores.baselines) == {"mean", "linear_model"}
    assert number_report.facts.scores.baselines["mean"]["r2"] <= 0.01
    assert set(class_report.facts.scores.baselines) == {"majority_class", "linear_model"}


@pytest.mark.parametrize(
    ("accuracy", "log_loss", "words"),
    [
        ((0.01, 0.04), (0.1, 0.2), "better than the baselines"),
        ((-0.01, 0.04), (-0.1, 0.2), "not clearly better"),
        ((-0.01, 0.04), (0.1, 0.2), "its probabilities are better"),
        ((-0.04, -0.01), (0.1, 0.2), "worse than the baseline"),
    ],
)
def test_the_verdict_compares_with_the_best_baseline(accuracy, log_loss, words):
    scores = Scores(
        metrics={"accuracy": 0.9, "log_loss": 0.3},
        intervals={"accuracy": (0.88, 0.92), "log_loss": (0.25, 0.35)},
        n_resamples=200,
        baselines={
            "majority_class": {"accuracy": 0.5, "log_loss": 0.7},
            "linear_model": {"accuracy": 0.88, "log_loss": 0.4},
        },
        differences={"linear_model": {"accuracy": accuracy, "log_loss": log_loss}},
        n_compared=100,
    )
    found = verdict(scores)
    assert words in found
    assert "0.900 (95 % interval 0.880 – 0.920)" in found


def test_the_difference_to_a_baseline_is_of_the_same_rows(class_report, number_report):
    for report in (class_report, number_report):
        scores = report.facts.scores
        for name, differences in scores.differences.items():
            for metric, (low, high) in differences.items():
                sign = -1 if metric == "log_loss" else 1
                better = sign * (scores.metrics[metric] - scores.baselines[name][metric])
                assert low <= better <= high


def test_one_row_and_one_class_do_not_suffice_to_compare(classifier, regressor, new):
    report = classifier.report(new[:1], label_of(new)[:1])
    assert "do not suffice" in report.facts.verdict
    assert report.facts.explanation is None
    assert report.html()
    y = label_of(new)
    assert "do not suffice" in classifier.report(new[y == "low"], y[y == "low"]).facts.verdict
    assert "do not suffice" in regressor.report(new[:30], np.ones(30)).facts.verdict


def test_columns_without_any_value_are_reported_as_missing(regressor, new):
    empty = new.assign(size=np.nan, color=None)
    report = regressor.report(empty, price_of(new), rows=1)
    columns = {column.name: column.missing for column in report.facts.columns}
    assert columns["size"] == columns["color"] == len(new)
    assert set(shifted(report.facts.drift)) == {"size", "color"}
    assert report.facts.worst_rows[0].values["color"] == ""
    assert report.html()


def test_the_table_is_described_as_the_model_reads_it(number_report):
    columns = {column.name: column for column in number_report.facts.columns}
    assert columns["size"].use.startswith("numeric, median")
    assert (columns["size"].missing, columns["same"].dropped) == (0, "constant")


def test_leaks_and_duplicates_are_suspected(frame):
    y = label_of(frame)
    leaky = frame.assign(answer=y)
    model = TabularClassifier("fast", n_folds=2, random_state=0).fit(leaky, y)
    twice = pd.concat([leaky[:60], leaky[:2]], ignore_index=True)
    remarks = model.report(twice, pd.concat([y[:60], y[:2]])).facts.remarks
    assert any("'answer' alone nearly determines 'level'" in remark for remark in remarks)
    assert any("2 duplicate rows" in remark for remark in remarks)


def test_curves_and_confusion_are_of_the_known_rows(class_report, new):
    found = class_report.facts.classes
    (curve,) = found.roc
    assert curve.label == "low"
    assert (curve.x[0], curve.y[0], curve.x[-1], curve.y[-1]) == (0, 0, 1, 1)
    assert np.sum(found.confusion) == len(new)
    metrics = class_report.facts.scores.metrics
    right = np.trace(found.confusion) / len(new)
    assert right == pytest.approx(metrics["accuracy"])
    bins = found.calibration
    error = sum(b["rows"] * abs(b["probability"] - b["accuracy"]) for b in bins) / len(new)
    assert error == pytest.approx(metrics["calibration_error"])


def test_bins_of_numbers_hold_all_rows(number_report, new):
    found = number_report.facts.numbers
    assert sum(b["rows"] for b in found.by_prediction) == len(new)
    assert sum(b["rows"] for b in found.residuals) == len(new)
    means = [b["predicted"] for b in found.by_prediction]
    assert means == sorted(means)


def test_the_coverage_is_that_of_the_intervals(regressor, new, number_report):
    low, high = regressor.predict_interval(new, 0.9).T
    y = price_of(new).to_numpy()
    (found,) = [c for c in number_report.facts.coverage if c.nominal == 0.9]
    assert found.covered == pytest.approx(np.mean((low <= y) & (y <= high)))
    assert found.size == pytest.approx(np.mean(high - low))


def test_the_worst_rows_are_the_worst(regressor, new, number_report):
    y = price_of(new).to_numpy()
    errors = np.abs(y - regressor.predict(new))
    rows = number_report.facts.worst_rows
    assert [row.row - 1 for row in rows] == np.argsort(-errors)[:4].tolist()
    assert [row.error for row in rows] == pytest.approx(np.sort(errors)[::-1][:4])
    assert float(rows[0].values["size"]) == pytest.approx(new["size"][rows[0].row - 1], rel=1e-5)


def test_no_row_is_shown_unless_asked_for(class_report):
    assert class_report.facts.worst_rows == []
    assert 'id="rows"' not in class_report.html()


def test_what_matters_is_important(number_report):
    found = number_report.facts.explanation
    assert {one.column for one in found.importances[:2]} == {"size", "rooms"}
    (size,) = [one for one in found.dependences if one.column == "size"]
    assert np.all(np.diff(size.mean_prediction["price"]) > 0)


# Drift


def shifted(drifts):
    return {drift.column: drift for drift in drifts if drift.reasons}


def test_the_training_table_has_not_drifted(regressor, frame, number_report):
    assert shifted(compute_drift(regressor.model_, to_table(frame))) == {}
    assert shifted(number_report.facts.drift) == {}


@pytest.mark.parametrize(
    ("column", "change", "reason"),
    [
        ("size", lambda frame: frame["size"] + 2, "another distribution: median"),
        ("size", lambda frame: 5 + 3 * (frame["size"] - 5), "outside of the range"),
        ("size", lambda frame: frame["size"].where(frame.index % 10 > 0), "missing, none in"),
        ("rooms", lambda frame: np.minimum(frame["rooms"] + 1, 5), "another distribution"),
        (
            "color",
            lambda frame: frame["color"].where(frame.index % 9 > 0, "pink"),
            "levels that were rare or absent in training in 11.2% of the rows, such as 'pink'",
        ),
        ("day", lambda frame: frame["day"] + pd.Timedelta("90D"), "outside of the range"),
        (
            "color",
            lambda frame: frame["color"].where(frame.index % 3 > 0, "red"),
            "other shares of levels: 'red' in 5",
        ),
        (
            "sold",
            lambda frame: frame["sold"] & (frame.index % 2 > 0),
            "other shares of levels",
        ),
    ],
)
def test_a_column_that_has_shifted_is_found(regressor, new, column, change, reason):
    table = to_table(new.assign(**{column: change(new)}))
    found = shifted(compute_drift(regressor.model_, table))
    assert list(found) == [column]
    assert any(reason in why for why in found[column].reasons)


def test_levels_that_are_drawn_alike_have_hardly_ever_shifted():
    rng, n_shifted = np.random.default_rng(0), 0
    for _ in range(200):
        levels = tuple(map(str, range(rng.integers(2, 100))))
        p = rng.dirichlet(np.ones(len(levels)))
        counts = tuple(1 + rng.multinomial(rng.integers(100, 1000), p))
        values = pa.chunked_array([pa.array(rng.choice(levels, rng.integers(50, 500), p=p))])
        drift = drift_of_shares(levels, counts, values, Drift("level", "categorical"))
        n_shifted += len(drift.reasons)
    assert n_shifted == 0


def test_a_model_of_an_earlier_version_keeps_no_shares(new):
    values = pa.chunked_array([pa.array(new["color"])])
    drift = Drift("color", "categorical")
    assert drift_of_shares(("red", "green"), (), values, drift) == drift


def test_equal_numbers_have_no_distance():
    numbers = np.repeat([1.1, 2.2, 3.3], 100)
    knots = np.r_[1.0, np.repeat([1.1, 2.2, 3.3], 25) * (1 + 1e-15), 4.0]
    assert quantile_distance(knots, numbers) == pytest.approx(0, abs=1e-12)
    assert quantile_distance(knots, numbers[100:]) == pytest.approx(1 / 3)


# Models and languages


def test_a_model_of_arrays_has_a_report_too():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(120, 3))
    y = np.digitize(X[:, 0] + 0.1 * X[:, 1], [-0.5, 0.5])
    model = MLPClassifier(8, max_iter=20, random_state=0, n_iter_no_change=np.inf).fit(X, y)
    facts = model.report(X, y).facts
    assert facts.scores.metrics == evaluate(model, X, y)
    assert facts.explanation.importances[0].column == "x1"
    assert len(facts.history["train_loss"]) == 20
    assert facts.drift == []
    model = MLPRegressor(hidden_layer_sizes=8, max_iter=3, n_iter_no_change=np.inf, random_state=0)
    report = model.fit(X, X[:, 0]).report(X, X[:, 0])
    assert "R²" in report.html()
    assert report.facts.fold_losses is None


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"rows": -1}, "rows=-1 must be an int >= 0"),
        ({"language": "fr"}, "language='fr' must be 'en' or 'ja'"),
    ],
)
def test_invalid_parameters_are_refused(regressor, new, arguments, words):
    with pytest.raises(ValueError, match=words):
        regressor.report(new, price_of(new), **arguments)


def test_labels_that_the_model_does_not_know_are_refused(classifier, new):
    with pytest.raises(ValueError, match="none of the classes that the model knows"):
        classifier.report(new, ["other"] * len(new))
    with pytest.raises(ValueError, match="no rows"):
        classifier.report(new[:0], [])


def test_an_ensemble_has_the_learning_curves_of_its_candidates(regressor, number_report):
    board = regressor.model_.log.leaderboard
    chosen = sorted((line for line in board if line["weight"]), key=lambda line: line["oof_loss"])
    curves = number_report.facts.curves
    assert [curve.configuration for curve in curves] == [line["configuration"] for line in chosen]
    for curve, line in zip(curves, chosen, strict=True):
        assert len(curve.val_loss) == line["epochs"]
        assert min(curve.val_loss) < curve.val_loss[0] / 2


def test_it_is_saved_as_a_page_or_as_json(number_report, tmp_path):
    number_report.save(tmp_path / "r.html")
    number_report.save(tmp_path / "r.json")
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert page == number_report.html()
    facts = json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))
    assert facts.pop("schema_version") == 1
    assert facts == json.loads(json.dumps(asdict(number_report.facts)))
    loss = {"epoch": [1, 2], "train_loss": [1.0, np.nan], "val_loss": [None, None]}
    diverged = DisplayedReport(replace(number_report.facts, history=loss))
    assert json.loads(diverged.json())["history"]["train_loss"] == [1.0, None]
    assert diverged.html()
    with pytest.raises(ValueError, match=r"must end with \.html / \.json"):
        number_report.save(tmp_path / "r.pdf")


def test_the_same_rows_give_the_same_report(regressor, new, number_report):
    again = regressor.report(new, price_of(new), rows=4)
    assert report_page(again.facts, again.language) == number_report.html()


def test_rows_that_may_have_been_used_in_training_are_warned_of():
    note = {"data": "shop.csv", "rows": 90}
    (warning,) = training_warnings(Source("m", "shop.csv", "y", training=note), 120)
    assert isinstance(warning, Message)
    assert "trained on 90 rows of a table named 'shop.csv'" in warning
    assert training_warnings(Source("m", "new.csv", "y", training=note), 120) == []


def test_the_interval_of_losses_that_are_not_negative_is_not_negative():
    assert summarize_folds([0.0001, 0.0011, 0.0012, 0.0014, 0.0158]).low == 0
    assert summarize_folds([-0.9, -0.5]).low < -0.9


def test_the_loss_by_fold_has_the_interval_of_its_mean(regressor, number_report):
    folds = number_report.facts.fold_losses
    assert folds.losses == regressor.model_.log.fold_losses
    assert len(folds.losses) == 2
    low, high = ttest_1samp(folds.losses, 0).confidence_interval(0.95)
    np.testing.assert_allclose((folds.low, folds.high), (max(low, 0), high))
    for loss in folds.losses:
        assert f"{loss:.4f}" in number_report.html()
