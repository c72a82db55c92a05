import json
import os
from dataclasses import dataclass, replace

import numpy as np
import pytest
from rich.cells import cell_len

import textbook
from command import jubako
from jubako.cli.article import ARTICLE_AS_IT_IS, BIASES, EXPERIMENTS, SOFTMAX, Splits, train_article
from jubako.cli.article import train_network as learn
from jubako.core.layers import Dense
from jubako.core.losses import SquaredError
from jubako.core.network import Network, loss_and_grad

LOCALE = ("LC_ALL", "LC_MESSAGES", "LANG")


def article(*arguments, **environment):
    inherited = {name: value for name, value in os.environ.items() if name not in LOCALE}
    return jubako("article", *arguments, env=inherited | environment, timeout=300)


@pytest.fixture(scope="module")
def figures():
    done = article("--splits", "20", "--json")
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return json.loads(done.stdout)


# Rows right after training: mean over 100 splits as measured when the lesson was planned, by an
# independent program, and the standard deviation over splits.
MEASURED = {
    "article": (0.60, 0.21),
    "softmax": (0.70, 0.09),
    "standardized": (0.83, 0.055),
    "biases": (0.85, 0.055),
    "rate": (0.91, 0.045),
    "steps": (0.94, 0.03),
    "sigmoid": (0.34, 0.14),
    "relu": (0.92, 0.045),
    "patience": (0.96, 0.03),
}


def test_the_figures_are_those_measured_within_the_noise(figures):
    after = {
        experiment["key"]: experiment["accuracy_after"] for experiment in figures["experiments"]
    }
    for key, (mean, sd) in MEASURED.items():
        # four standard errors of the difference of two means, over 20 and over 100 splits, plus
        # half a unit of the last digit of `mean`: by chance one in 16000 lies outside
        assert after[key] == pytest.approx(mean, abs=4 * sd * (1 / 20 + 1 / 100) ** 0.5 + 0.005)


def test_each_network_starts_by_guessing(figures):
    for experiment in figures["experiments"]:
        # guesses of an untrained network scatter by 0.15 to 0.2 from split to split
        assert experiment["accuracy_before"] == pytest.approx(1 / 3, abs=4 * 0.2 / 20**0.5)


def test_what_the_lesson_says_is_in_the_figures(figures):
    experiments = {experiment["key"]: experiment for experiment in figures["experiments"]}
    after = {key: experiment["accuracy_after"] for key, experiment in experiments.items()}
    # differences of many standard errors
    assert after["article"] < after["standardized"] < after["rate"]
    assert after["sigmoid"] < 0.5 < after["relu"]
    assert after["article"] + 0.1 < after["patience"]
    assert (
        experiments["article"]["accuracy_after_worst"] < experiments["rate"]["accuracy_after_worst"]
    )


def test_json_has_a_version_and_all_experiments_with_all_they_are(figures):
    assert figures["schema_version"] == 2
    assert (figures["table"], figures["splits"], figures["seed"]) == ("iris", 20, 0)
    assert [experiment["key"] for experiment in figures["experiments"]] == [
        experiment.key for experiment in EXPERIMENTS
    ]
    for experiment, expected in zip(figures["experiments"], EXPERIMENTS, strict=True):
        assert (experiment["learning_rate"], experiment["steps"]) == (
            expected.learning_rate,
            expected.steps,
        )
        assert experiment["hidden"] == list(expected.hidden)
        assert 0 <= experiment["accuracy_after_worst"] <= experiment["accuracy_after"] <= 1
        assert experiment["cell_accuracy_after"] == pytest.approx(
            (1 + 2 * experiment["accuracy_after"]) / 3
        )


def plain_article(x, labels, x_test, v, w, steps, raw=False):
    """Run the article's listing, slips mended, on one split."""
    yt = np.eye(3)[labels]
    for _ in range(steps):
        a = x @ v
        u = a * (a > 0)
        b = u @ w
        yp = b * (b > 0)
        yd = yp - yt
        ud = (u > 0) * (yd @ w.T)
        w = w - 0.01 * u.T @ yd / len(x)
        v = v - 0.01 * x.T @ ud / len(x)
    b = np.maximum(x_test @ v, 0) @ w
    if raw:
        return b
    return np.eye(3)[np.argmax(b * (b > 0), axis=1)]


def test_the_article_s_program_is_run_on_every_split():
    experiment = replace(ARTICLE_AS_IT_IS, steps=10)  # more would blow up differences of rounding
    result = train_article(experiment, Splits.draw(3, range(4), standardized=False))
    cells = []
    for k in range(4):
        s = Splits.draw(3, range(k, k + 1), standardized=False)
        v = s.rngs[0].standard_normal((4, 128)) / np.sqrt(4 / 2)
        w = s.rngs[0].standard_normal((128, 3)) / np.sqrt(128 / 2)
        predicted = plain_article(s.x[0], s.y[0, :, 0], s.x_test[0], v, w, steps=10)
        truth = np.eye(3)[s.y_test[0, :, 0]]
        assert result.after[k] == (predicted == truth).all(axis=1).mean()
        cells.append((predicted == truth).mean())
    assert result.cells == pytest.approx(np.mean(cells))


def test_without_the_slope_the_article_minimizes_another_loss():
    @dataclass(frozen=True)
    class Article(SquaredError):
        def value(self, b, y):
            return (np.maximum(b, 0) ** 2 / 2 - y * b).sum(-1)

        def delta(self, b, y):
            return np.maximum(b, 0) - y

    rng = np.random.default_rng(0)
    net = Network((Dense(4, 8, "relu"), Dense(8, 3)), Article())
    theta, h = net.init("he", rng), 1e-6
    x, y, s = rng.normal(size=(20, 4)), np.eye(3)[rng.integers(3, size=20)], np.full(20, 1 / 20)
    grad, nowhere = np.empty_like(theta), np.empty_like(theta)
    loss_and_grad(net, net.views(theta), x, y, s, net.views(grad))
    direction = rng.normal(size=theta.shape)
    low, high = (
        loss_and_grad(net, net.views(theta + t * direction), x, y, s, net.views(nowhere))
        for t in (-h, h)
    )
    assert (high - low) / (2 * h) == pytest.approx(grad @ direction, rel=1e-6)


def test_after_five_steps_most_outputs_of_the_article_are_0_for_every_flower():
    silent = []
    for k in range(30):
        s = Splits.draw(0, range(k, k + 1), standardized=False)
        v = s.rngs[0].standard_normal((4, 128)) / np.sqrt(4 / 2)
        w = s.rngs[0].standard_normal((128, 3)) / np.sqrt(128 / 2)
        silent.append(plain_article(s.x[0], s.y[0, :, 0], s.x[0], v, w, 5, raw=True).max(0) <= 0)
    # the lesson says nine in ten (0.92 of 300); the standard error of 90 is 0.03
    assert np.mean(silent) == pytest.approx(0.9, abs=0.1)


def test_jubako_s_networks_agree_with_the_textbook():
    splits = Splits.draw(0, range(3), standardized=True)
    result = learn(BIASES, splits)
    for k in range(3):
        s = Splits.draw(0, range(k, k + 1), standardized=True)
        x, x_test, yt = s.x[0], s.x_test[0], np.eye(3)[s.y[0, :, 0]]
        v = np.vstack([s.rngs[0].normal(0, np.sqrt(2 / 4), (4, 128)), np.zeros(128)])
        w = np.vstack([s.rngs[0].normal(0, np.sqrt(2 / 128), (128, 3)), np.zeros(3)])
        v, w, _ = textbook.fit(x, yt, v, w, 0.01, 100, "classification")
        b = textbook.ones(textbook.relu(textbook.ones(x_test) @ v)) @ w
        right = (b.argmax(axis=1) == s.y_test[0, :, 0]).mean()
        assert result.after[k] == pytest.approx(right, abs=1.01 / 45)  # float32 may turn one row


def test_a_split_and_its_network_are_the_same_whatever_the_others_are():
    experiment = replace(SOFTMAX, steps=5)
    together = Splits.draw(7, range(3), standardized=True)
    alone = Splits.draw(7, range(2, 3), standardized=True)
    np.testing.assert_array_equal(together.x[2], alone.x[0])
    np.testing.assert_array_equal(together.y_test[2], alone.y_test[0])
    assert learn(experiment, together).after[2] == learn(experiment, alone).after[0]


def test_a_split_holds_each_flower_once_and_is_scaled_by_its_training_rows():
    splits = Splits.draw(0, range(2), standardized=True)
    assert splits.x.shape == (2, 105, 4)
    assert splits.x_test.shape == (2, 45, 4)
    labels = np.concatenate([splits.y[0], splits.y_test[0]])
    np.testing.assert_array_equal(np.bincount(labels[:, 0]), [50, 50, 50])
    np.testing.assert_allclose(splits.x.mean(axis=1), 0, atol=1e-12)
    np.testing.assert_allclose(splits.x.std(axis=1), 1, atol=1e-12)
    assert abs(splits.x_test.mean(axis=1)).max() > 0.01


@pytest.mark.parametrize(
    ("lang", "environment", "words"),
    [
        (["--lang", "en"], {"LANG": "ja_JP.UTF-8"}, "Number 1 again"),
        (["--lang", "ja"], {"LC_ALL": "en_US.UTF-8"}, "もう一度 1 番"),
        ([], {"LANG": "ja_JP.UTF-8"}, "もう一度 1 番"),
        ([], {"LC_ALL": "C", "LANG": "ja_JP.UTF-8"}, "Number 1 again"),
    ],
)
def test_the_lesson_is_told_in_the_reader_s_language_within_80_columns(lang, environment, words):
    done = article("--splits", "1", *lang, **environment, COLUMNS="80")
    assert done.returncode == 0, done.stderr
    assert words in done.stdout
    assert "jubako gradcheck" in done.stderr
    assert "\x1b" not in done.stdout + done.stderr
    assert max(map(cell_len, (done.stdout + done.stderr).splitlines())) <= 80
    frame = {cell_len(line) for line in done.stdout.splitlines() if line[:1] in "┏┃┡│└"} - {0}
    assert len(frame) == 1  # Japanese characters are counted as two columns


def test_the_same_seed_tells_the_same():
    runs = [article("--splits", "1", "--seed", seed, "--json").stdout for seed in "112"]
    assert runs[0] == runs[1] != runs[2]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--splits", "0"), "--splits"),
        (("--splits", "many"), "--splits"),
        (("--seed", "-1"), "--seed"),
        (("--lang", "fr"), "--lang"),
        (("--langs", "en"), "--lang"),
    ],
)
def test_wrong_options_are_answered_without_traceback(arguments, words):
    done = article(*arguments)
    assert done.returncode == 2
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
