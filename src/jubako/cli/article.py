"""`jubako article`: the experiment of an introduction to neural networks, run live and taught.

The article is 機械学習入門(ニューラルネットワークモデル), 2022: one hidden layer, written out in
NumPy, on iris. `learn_article` is its program; `learn_network` are the steps that make it better,
with Jubako's core. Its texts are in `lesson_texts`.
"""

import json
from collections.abc import Callable, Iterator
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
from jubako.i18n.language import Language, say
from jubako.training.history import norms_by_layer

from .console import err, heading, out, paragraph
from .lesson_texts import ARTICLE

TEST_SHARE = 0.3
H, C = 128, 3  # hidden units, classes
AT_ONCE = 5  # networks in one buffer: few enough to stay in the processor's cache


@dataclass(frozen=True, slots=True)
class Rung:
    """One network of the ladder. The defaults are the article's."""

    key: str
    hidden: tuple[str, ...] = ("relu",)  # activation of each hidden layer
    output: str = "relu"
    standardized: bool = False
    biases: bool = False
    rate: float = 0.01
    steps: int = 100


ARTICLE_AS_IT_IS = Rung("article")
SOFTMAX = replace(ARTICLE_AS_IT_IS, key="softmax", output="softmax")
STANDARDIZED = replace(SOFTMAX, key="standardized", standardized=True)
BIASES = replace(STANDARDIZED, key="biases", biases=True)
RATE = replace(BIASES, key="rate", rate=0.1)
LADDER = (
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
    """Iris, split at random K times into M rows to learn from and the rest, which are not seen."""

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
        test, train = np.split(rows, [round(TEST_SHARE * len(y))], axis=1)
        x_train, x_test = x[train], x[test]
        if standardized:  # by the training rows alone: the others are not seen
            mean, sd = (f(x_train, axis=1, keepdims=True) for f in (np.mean, np.std))
            x_train, x_test = (x_train - mean) / sd, (x_test - mean) / sd
        return cls(x_train, y[train][..., None], x_test, y[test][..., None], rngs)

    def rows_right(self, outputs: Array) -> Array:
        """Return the share of unseen rows whose largest output is the right one, shape (K,)."""
        return (outputs.argmax(-1, keepdims=True) == self.y_test).mean((1, 2))


@dataclass(frozen=True, slots=True)
class Result:
    """How good the K networks of a rung are on the rows that they have not seen."""

    before: Array  # rows right, by split
    after: Array
    grad_norms: Array  # length of each layer's gradient in the first step (K, layers)

    @property
    def cells(self) -> float:
        """The article's score: the share of right cells among the 0 and 1 of the one-hot table.

        A right row has three right cells, and a wrong one still has one: where both have a 0.
        """
        return (1 + 2 * float(self.after.mean())) / 3

    @property
    def standard_error(self) -> float:
        """How far the mean over the splits may be from that over all splits; 0 of one split."""
        n = len(self.after)
        return float(self.after.std(ddof=1)) / n**0.5 if n > 1 else 0.0


def relu(a: Array) -> Array:
    """Return a where it is positive, else 0."""
    return maximum(a, 0)


def learn_article(rung: Rung, splits: Splits) -> Result:
    """Run the article's program on K splits at once, in its letters: v is (K, D, H), w (K, H, C).

    The slope of the output's relu is left out of yd, as in the article.
    """
    x, yt = splits.x, np.eye(C)[splits.y[..., 0]]
    M, D = x.shape[1:]
    # The article's np.random.randn(D, H) / np.sqrt(D / 2)
    weights = [(he(rng, D, H, "relu")[0], he(rng, H, C, "relu")[0]) for rng in splits.rngs]
    v, w = (np.array(part) for part in zip(*weights, strict=True))

    def predict(x: Array) -> Array:
        return relu(relu(x @ v) @ w)

    before = splits.rows_right(predict(splits.x_test))
    for _ in range(rung.steps):
        a = x @ v
        u = relu(a)
        b = u @ w
        yp = relu(b)
        yd = yp - yt
        ud = (a > 0) * (yd @ w.mT)
        w -= rung.rate * u.mT @ yd / M
        v -= rung.rate * x.mT @ ud / M
    return Result(before, splits.rows_right(predict(splits.x_test)), np.empty((len(x), 0)))


def learn_network(rung: Rung, splits: Splits) -> Result:
    """Train one of Jubako's networks on each of the K splits, all at once."""
    sizes = [splits.x.shape[-1], *[H] * len(rung.hidden), C]
    activations = [*rung.hidden, "identity"]  # softmax belongs to the loss
    net = Network(tuple(map(Dense, sizes, sizes[1:], activations)), CrossEntropy())
    x, y, x_test = (a.astype(np.float32) for a in (splits.x, splits.y, splits.x_test))
    theta = np.array([net.init("he", rng) for rng in splits.rngs], np.float32)  # (K, P)
    grad, learned = np.empty_like(theta), net.is_weight.astype(np.float32)
    if rung.biases:
        learned[:] = 1  # else they stay at 0, where He's rule starts them
    params, grads = net.views(theta), net.views(grad)
    s = np.full(x.shape[:2], 1 / x.shape[1], np.float32)
    norms = np.empty((len(x), len(net.layers)))
    before = splits.rows_right(forward(net.layers, params, x_test)[0])
    for step in range(rung.steps):
        loss_and_grad(net, params, x, y, s, grads)
        if step == 0:
            norms[:] = [norms_by_layer(net, grad[[k]]) for k in range(len(grad))]
        theta -= rung.rate * learned * grad
    after = splits.rows_right(forward(net.layers, params, x_test)[0])
    return Result(before, after, norms)


def climb(rung: Rung, n_splits: int, seed: int, observe: Callable[[Result], object]) -> Result:
    """Train the rung's network on every split, and report each few that are done."""
    learn = learn_network if rung.output == "softmax" else learn_article
    done = list[Result]()
    for start in range(0, n_splits, AT_ONCE):
        numbers = range(start, min(start + AT_ONCE, n_splits))
        done.append(learn(rung, Splits.draw(seed, numbers, rung.standardized)))
        observe(done[-1])
    fields = ("before", "after", "grad_norms")
    return Result(*(np.concatenate([getattr(r, field) for r in done]) for field in fields))


def run(n_splits: int, seed: int, language: Language, as_json: bool) -> None:
    """Climb the ladder, and teach on the way, or print JSON alone."""
    results = list[tuple[Rung, Result]]()
    threadpool_limits(1, "blas")  # for matrices as small as these, threads only wait for each other
    if not as_json:
        introduce(n_splits, language)
    for number, rung in enumerate(LADDER, 1):
        if not as_json:
            announce(number, rung, language)
        with progress(n_splits, number, language) as observe:
            result = climb(rung, n_splits, seed, observe)
        results.append((rung, result))
        if not as_json:
            show(rung, result, language)
    if as_json:
        print(json.dumps(as_object(results, n_splits, seed, language), ensure_ascii=False))
    else:
        conclude(results, n_splits, language)


def introduce(n_splits: int, language: Language) -> None:
    """Say what the network is, and how it is measured."""
    heading(say(ARTICLE, "title", language))
    paragraph(say(ARTICLE, "introduction", language, splits=n_splits))


def announce(number: int, rung: Rung, language: Language) -> None:
    """Say what the rung changes, and why that should help."""
    name = say(ARTICLE, f"{rung.key}.name", language)
    out.print(f"\n{number}. {name}", style="bold", soft_wrap=True)
    paragraph(say(ARTICLE, f"{rung.key}.why", language), indent=3)


def show(rung: Rung, result: Result, language: Language) -> None:
    """Print what came of the rung."""
    before, after, worst = result.before.mean(), result.after.mean(), result.after.min()
    numbers = {"before": before, "after": after, "worst": worst, "cells": result.cells}
    out.print("   => " + say(ARTICLE, "result", language, **numbers), soft_wrap=True)
    if len(rung.hidden) > 1:
        norms = " ".join(f"{norm:.2g}" for norm in result.grad_norms.mean(0))
        paragraph(say(ARTICLE, "gradients", language) + f"\n   {norms}", indent=3)


@contextmanager
def progress(n_splits: int, number: int, language: Language) -> Iterator[Callable[[Result], None]]:
    """Show on stderr, if that is a terminal, how many splits are done and how good they are."""
    bar = Progress(
        TextColumn(f"   {number}/{len(LADDER)}"),
        BarColumn(bar_width=20),
        TextColumn("{task.completed:.0f}/{task.total:.0f}"),
        TextColumn(say(ARTICLE, "progress", language) + " {task.fields[mean]:.2f}"),
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


def conclude(results: list[tuple[Rung, Result]], n_splits: int, language: Language) -> None:
    """Print the ladder as a table, and what to take away."""
    heading(say(ARTICLE, "table", language, splits=n_splits))
    table = Table()
    table.add_column("", justify="right")
    table.add_column(say(ARTICLE, "network", language))
    for name in ("before", "after", "worst", "cells"):
        table.add_column(say(ARTICLE, name, language), justify="right")
    for number, (rung, result) in enumerate(results, 1):
        scores = result.before.mean(), result.after.mean(), result.after.min(), result.cells
        name = say(ARTICLE, f"{rung.key}.name", language)
        table.add_row(str(number), name, *(f"{score:.2f}" for score in scores))
    out.print(table)
    if n_splits > 1:
        errors = [2 * result.standard_error for _, result in results]
        paragraph(say(ARTICLE, "noise", language, first=errors[0], rest=float(np.median(errors))))
    out.print()
    paragraph(say(ARTICLE, "conclusion", language))
    err.print("\n" + say(ARTICLE, "next", language))


def as_object(
    results: list[tuple[Rung, Result]], n_splits: int, seed: int, language: Language
) -> dict[str, Any]:
    """Return the table for machines. Scores are shares of 1, on the rows not seen."""
    return {
        "schema_version": 1,
        "table": "iris",
        "splits": n_splits,
        "seed": seed,
        "rungs": [
            {
                "key": rung.key,
                "name": say(ARTICLE, f"{rung.key}.name", language),
                "hidden": list(rung.hidden),
                "units": H,
                "output": rung.output,
                "standardized": rung.standardized,
                "biases": rung.biases,
                "rate": rung.rate,
                "steps": rung.steps,
                "rows_before": float(result.before.mean()),
                "rows_after": float(result.after.mean()),
                "rows_after_standard_error": result.standard_error,
                "rows_after_worst": float(result.after.min()),
                "cells_after": result.cells,
            }
            for rung, result in results
        ],
    }
