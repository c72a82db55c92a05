"""`jubako article`: the experiment of an introduction to neural networks, run live as a lesson.

The article is 機械学習入門(ニューラルネットワークモデル), 2022: one hidden layer, written out in
NumPy, on iris. `train_article` is its program; `train_network` are the improvements, with
Jubako's core. Its texts are in `lesson_texts`.
"""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy import maximum
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from sklearn.datasets import load_iris
from threadpoolctl import threadpool_limits

from jubako.core.activations import Array
from jubako.core.initializers import he
from jubako.core.layers import Dense, forward
from jubako.core.losses import CrossEntropy
from jubako.core.network import Network, loss_and_grad
from jubako.i18n.language import Language, translate
from jubako.training.history import norms_by_layer

from .console import err, heading, out, paragraph, print_json
from .lesson_texts import ARTICLE

TEST_FRACTION = 0.3
H, C = 128, 3  # hidden units, classes
AT_ONCE = 5  # networks in one buffer: few enough to stay in the processor's cache


@dataclass(frozen=True, slots=True)
class Experiment:
    """One network of the lesson. The defaults are those of the article."""

    key: str
    hidden: tuple[str, ...] = ("relu",)  # activation of each hidden layer
    output: str = "relu"
    standardized: bool = False
    biases: bool = False
    learning_rate: float = 0.01
    steps: int = 100


ARTICLE_AS_IT_IS = Experiment("article")
SOFTMAX = replace(ARTICLE_AS_IT_IS, key="softmax", output="softmax")
STANDARDIZED = replace(SOFTMAX, key="standardized", standardized=True)
BIASES = replace(STANDARDIZED, key="biases", biases=True)
RATE = replace(BIASES, key="rate", learning_rate=0.1)
EXPERIMENTS = (
    ARTICLE_AS_IT_IS,
    SOFTMAX,
    STANDARDIZED,
    BIASES,
    RATE,
    replace(RATE, key="steps", steps=1000),
    replace(RATE, key="sigmoid", hidden=("logistic",) * 5),
    replace(RATE, key="relu", hidden=("relu",) * 5),
    replace(ARTICLE_AS_IT_IS, key="patience", steps=1000),
)


@dataclass(frozen=True, slots=True)
class Splits:
    """Iris, split at random K times into a training set of M rows and a test set."""

    x: Array  # (K, M, 4)
    y: Array  # class numbers (K, M, 1)
    x_test: Array
    y_test: Array
    rngs: list[np.random.Generator]  # of each split's initial weights

    @classmethod
    def draw(cls, seed: int, numbers: range, standardized: bool) -> "Splits":
        """Draw the splits of these numbers. Each is the same whatever the others are."""
        iris: Any = load_iris()
        x, y = iris.data, iris.target
        rngs = [np.random.default_rng([seed, number]) for number in numbers]
        rows = np.array([rng.permutation(len(y)) for rng in rngs])
        test, train = np.split(rows, [round(TEST_FRACTION * len(y))], axis=1)
        x_train, x_test = x[train], x[test]
        if standardized:  # by the training set alone
            mean, sd = (f(x_train, axis=1, keepdims=True) for f in (np.mean, np.std))
            x_train, x_test = (x_train - mean) / sd, (x_test - mean) / sd
        return cls(x_train, y[train][..., None], x_test, y[test][..., None], rngs)

    def accuracy(self, outputs: Array) -> Array:
        """Return the accuracy on each test set, shape (K,), given outputs (K, N_test, C)."""
        return (outputs.argmax(-1, keepdims=True) == self.y_test).mean((1, 2))


@dataclass(frozen=True, slots=True)
class Result:
    """The accuracy of the K networks of an experiment on their test sets."""

    before: Array  # accuracy before training, shape (K,)
    after: Array  # accuracy after training, shape (K,)
    grad_norms: Array  # norm of each layer's gradient in the first step, shape (K, layers)

    @property
    def cells(self) -> float:
        """The score of the article: the fraction of correct cells in the one-hot table.

        A correct row has three correct cells, and a wrong one still has one, where both are 0.
        """
        return (1 + 2 * float(self.after.mean())) / 3

    @property
    def standard_error(self) -> float:
        """The standard error of the mean accuracy over the splits; 0 for a single split."""
        n = len(self.after)
        return float(self.after.std(ddof=1)) / n**0.5 if n > 1 else 0.0


def relu(a: Array) -> Array:
    """Return a where it is positive, else 0."""
    return maximum(a, 0)


def train_article(experiment: Experiment, splits: Splits) -> Result:
    """Run the program of the article on K splits at once: v has shape (K, D, H), w (K, H, C).

    The derivative of the output's ReLU is omitted from yd, as in the article.
    """
    x, yt = splits.x, np.eye(C)[splits.y[..., 0]]
    M, D = x.shape[1:]
    # The article's np.random.randn(D, H) / np.sqrt(D / 2)
    weights = [(he(rng, D, H, "relu")[0], he(rng, H, C, "relu")[0]) for rng in splits.rngs]
    v, w = (np.array(part) for part in zip(*weights, strict=True))

    def predict(x: Array) -> Array:
        return relu(relu(x @ v) @ w)

    before = splits.accuracy(predict(splits.x_test))
    for _ in range(experiment.steps):
        a = x @ v
        u = relu(a)
        b = u @ w
        yp = relu(b)
        yd = yp - yt
        ud = (a > 0) * (yd @ w.mT)
        w -= experiment.learning_rate * u.mT @ yd / M
        v -= experiment.learning_rate * x.mT @ ud / M
    return Result(before, splits.accuracy(predict(splits.x_test)), np.empty((len(x), 0)))


def train_network(experiment: Experiment, splits: Splits) -> Result:
    """Train a network of Jubako on each of the K splits, all at once."""
    sizes = [splits.x.shape[-1], *[H] * len(experiment.hidden), C]
    activations = [*experiment.hidden, "identity"]  # softmax belongs to the loss
    net = Network(tuple(map(Dense, sizes, sizes[1:], activations)), CrossEntropy())
    x, y, x_test = (a.astype(np.float32) for a in (splits.x, splits.y, splits.x_test))
    theta = np.array([net.init("he", rng) for rng in splits.rngs], np.float32)  # (K, P)
    grad, learned = np.empty_like(theta), net.is_weight.astype(np.float32)
    if experiment.biases:
        learned[:] = 1  # else they stay at 0, their initial value
    params, grads = net.views(theta), net.views(grad)
    s = np.full(x.shape[:2], 1 / x.shape[1], np.float32)
    norms = np.empty((len(x), len(net.layers)))
    before = splits.accuracy(forward(net.layers, params, x_test)[0])
    for step in range(experiment.steps):
        loss_and_grad(net, params, x, y, s, grads)
        if step == 0:
            norms[:] = [norms_by_layer(net, grad[[k]]) for k in range(len(grad))]
        theta -= experiment.learning_rate * learned * grad
    after = splits.accuracy(forward(net.layers, params, x_test)[0])
    return Result(before, after, norms)


def run_experiment(
    experiment: Experiment, n_splits: int, seed: int, observe: Callable[[Result], object]
) -> Result:
    """Train the network of an experiment on every split, and report after each few."""
    learn = train_network if experiment.output == "softmax" else train_article
    done = list[Result]()
    for start in range(0, n_splits, AT_ONCE):
        numbers = range(start, min(start + AT_ONCE, n_splits))
        done.append(learn(experiment, Splits.draw(seed, numbers, experiment.standardized)))
        observe(done[-1])
    fields = ("before", "after", "grad_norms")
    return Result(*(np.concatenate([getattr(r, field) for r in done]) for field in fields))


def run(n_splits: int, seed: int, language: Language, as_json: bool) -> None:
    """Run the experiments as a lesson, or print JSON."""
    results = list[tuple[Experiment, Result]]()
    threadpool_limits(1, "blas")  # for matrices as small as these, threads only wait for each other
    if not as_json:
        introduce(n_splits, language)
    for number, experiment in enumerate(EXPERIMENTS, 1):
        if not as_json:
            announce(number, experiment, language)
        with progress(n_splits, number, language) as observe:
            result = run_experiment(experiment, n_splits, seed, observe)
        results.append((experiment, result))
        if not as_json:
            show(experiment, result, language)
    if as_json:
        print_json(as_object(results, n_splits, seed, language))
    else:
        conclude(results, n_splits, language)


def introduce(n_splits: int, language: Language) -> None:
    """Print a description of the network and of the score."""
    heading(translate(ARTICLE, "title", language))
    paragraph(translate(ARTICLE, "introduction", language, splits=n_splits))


def announce(number: int, experiment: Experiment, language: Language) -> None:
    """Print what the experiment changes, and the reason."""
    name = translate(ARTICLE, f"{experiment.key}.name", language)
    out.print(f"\n{number}. {name}", style="bold", soft_wrap=True)
    paragraph(translate(ARTICLE, f"{experiment.key}.why", language), indent=3)


def show(experiment: Experiment, result: Result, language: Language) -> None:
    """Print the result of an experiment."""
    before, after, worst = result.before.mean(), result.after.mean(), result.after.min()
    numbers = {"before": before, "after": after, "worst": worst, "cells": result.cells}
    out.print("   => " + translate(ARTICLE, "result", language, **numbers), soft_wrap=True)
    if len(experiment.hidden) > 1:
        norms = " ".join(f"{norm:.2g}" for norm in result.grad_norms.mean(0))
        paragraph(translate(ARTICLE, "gradients", language) + f"\n   {norms}", indent=3)


@contextmanager
def progress(n_splits: int, number: int, language: Language) -> Generator[Callable[[Result], None]]:
    """Show on stderr, if it is a terminal, the number of splits done and their accuracy."""
    bar = Progress(
        TextColumn(f"   {number}/{len(EXPERIMENTS)}"),
        BarColumn(bar_width=20),
        TextColumn("{task.completed:.0f}/{task.total:.0f}"),
        TextColumn(translate(ARTICLE, "progress", language) + " {task.fields[mean]:.2f}"),
        TimeRemainingColumn(),
        console=err,
        transient=True,
        disable=not err.is_terminal,
    )
    task = bar.add_task("", total=n_splits, right=0.0, mean=0.0)

    def advance(result: Result) -> None:
        fields = bar.tasks[0].fields
        done = bar.tasks[0].completed + len(result.after)
        right = fields["right"] + result.after.sum()
        bar.update(task, completed=done, right=right, mean=right / done)

    with bar:
        yield advance


def conclude(results: list[tuple[Experiment, Result]], n_splits: int, language: Language) -> None:
    """Print the summary table and the conclusion."""
    heading(translate(ARTICLE, "table", language, splits=n_splits))
    table = Table()
    table.add_column("", justify="right")
    table.add_column(translate(ARTICLE, "network", language))
    for name in ("before", "after", "worst", "cells"):
        table.add_column(translate(ARTICLE, name, language), justify="right")
    for number, (experiment, result) in enumerate(results, 1):
        scores = result.before.mean(), result.after.mean(), result.after.min(), result.cells
        name = translate(ARTICLE, f"{experiment.key}.name", language)
        table.add_row(str(number), name, *(f"{score:.2f}" for score in scores))
    out.print(table)
    if n_splits > 1:
        errors = [2 * result.standard_error for _, result in results]
        paragraph(
            translate(ARTICLE, "noise", language, first=errors[0], rest=float(np.median(errors)))
        )
    out.print()
    paragraph(translate(ARTICLE, "conclusion", language))
    err.print("\n" + translate(ARTICLE, "next", language))


def as_object(
    results: list[tuple[Experiment, Result]], n_splits: int, seed: int, language: Language
) -> dict[str, Any]:
    """Return the summary as JSON values; accuracies in [0, 1], on the test sets."""
    return {
        "table": "iris",
        "splits": n_splits,
        "seed": seed,
        "experiments": [
            {
                "key": experiment.key,
                "name": translate(ARTICLE, f"{experiment.key}.name", language),
                "hidden": list(experiment.hidden),
                "units": H,
                "output": experiment.output,
                "standardized": experiment.standardized,
                "biases": experiment.biases,
                "learning_rate": experiment.learning_rate,
                "steps": experiment.steps,
                "accuracy_before": float(result.before.mean()),
                "accuracy_after": float(result.after.mean()),
                "accuracy_after_standard_error": result.standard_error,
                "accuracy_after_worst": float(result.after.min()),
                "cell_accuracy_after": result.cells,
            }
            for experiment, result in results
        ],
    }
