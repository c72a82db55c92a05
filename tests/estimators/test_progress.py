"""What `verbose` shows."""

import re
import sys

import numpy as np
import pytest

from jubako import TabularClassifier, TabularRegressor
from jubako.estimators import progress as module
from jubako.estimators.progress import Status, duration, progress
from jubako.estimators.single_network import SingleNetworkClassifier, SingleNetworkRegressor

N = 60
X = np.random.default_rng(0).normal(size=(N, 2))
Y = (X[:, 0] > 0).astype(int)
SMALL = {"preset": "fast", "n_folds": 2, "random_state": 0}


@pytest.fixture(autouse=True)
def few_epochs(monkeypatch):
    monkeypatch.setattr("jubako.search.crossval.EPOCHS", (4, 4))


def test_nothing_is_shown_unless_asked(capsys):
    TabularClassifier(**SMALL).fit(X, Y)
    SingleNetworkClassifier(max_iter=2).fit(X, Y)
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("n_jobs", [None, 2])
def test_each_candidate_has_a_line_where_there_is_no_terminal(n_jobs, capsys):
    TabularRegressor(verbose=True, refit=True, n_jobs=n_jobs, **SMALL).fit(X, X[:, 0])
    out, err = capsys.readouterr()
    assert out == ""
    lines = err.splitlines()
    assert re.fullmatch(
        r"candidate 1 of 2 \(128-128-128\), epoch 4 of 4, held-out loss \d\.\d+, about \d s left",
        lines[0],
    )
    assert lines[1].startswith("candidate 2 of 2 (linear), epoch ")
    assert re.match(r"refit, candidate 1 of \d .*, epoch \d of \d", lines[2])


@pytest.mark.parametrize("model", [SingleNetworkClassifier, SingleNetworkRegressor])
def test_one_network_has_a_line_with_its_losses(model, capsys):
    model(verbose=1, max_iter=3, random_state=0).fit(X, Y, X_val=X, y_val=Y)
    line = r"epoch 3 of 3, loss \d\.\d{4}, validation loss \d\.\d{4}\n"
    assert re.fullmatch(line, capsys.readouterr().err)


def test_a_terminal_has_a_bar(capsys, monkeypatch):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    TabularClassifier(verbose=True, **SMALL).fit(X, Y)
    err = capsys.readouterr().err
    assert "━" in err
    assert "candidate 2 of 2 (linear)" in err


def test_verbose_changes_no_prediction():
    plain, shown = (TabularClassifier(verbose=v, **SMALL).fit(X, Y) for v in (0, 2))
    np.testing.assert_array_equal(plain.predict_proba(X), shown.predict_proba(X))


def test_the_time_left_is_that_of_the_stage_and_of_the_limit(capsys, monkeypatch):
    monkeypatch.setattr(module, "LINE_EVERY", 0.0)
    with progress(time_limit=100) as show:
        show(Status("search", 1, 0.25, 10.0, "a"))
        show(Status("search", 1, 0.5, 95.0, "b"))
        show(Status("refit", 1, 0.5, 96.0, "c"))
        show(Status("refit", 1, 0.75, 98.0, "d"))
        show(Status("refit", 1, 1.0, 99.0, "[e]"))
    assert capsys.readouterr().err.splitlines() == [
        "a, about 30 s left",
        "b, about 5 s left",
        "c, about 0 s left",
        "d, about 1 s left",
        "[e]",
    ]


def test_a_step_is_printed_once_and_when_it_takes_long(capsys, monkeypatch):
    with progress() as show:
        for step, done in ((1, 0.1), (1, 0.2), (2, 0.6), (2, 1.0)):
            show(Status("search", step, done, 10 * done, f"{step}: {done}"))
    assert capsys.readouterr().err.splitlines() == ["1: 0.2, about 8 s left", "2: 1.0"]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.4, "0 s"), (59.6, "1 min 0 s"), (200, "3 min 20 s"), (7300, "2 h 1 min")],
)
def test_durations_are_readable(seconds, words):
    assert duration(seconds) == words
