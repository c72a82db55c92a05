"""Lessons: each has a text, an initial network, a task, and a check of the result.

A lesson is one entry in `LESSONS`, and two files in `lesson_texts`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jubako.core.layers import forward
from jubako.i18n.language import Language

from .configuration import Box, Setup
from .lesson_text import LessonText, read_text

if TYPE_CHECKING:
    from .clients import Client
    from .session import Session

TOLERANCE = 0.01  # of an answer: relative, and absolute below one

Action = tuple[str, ...]
"""An action on the page: ("press", id), ("choose", id, value), ("type", id, text), or ("answer",)."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """One lesson.

    Parameters
    ----------
    name : str
        Name of its texts.
    setup : Setup
        The initial network.
    check : callable
        Returns whether the task is done.
    solution : tuple of actions
        A solution of the task, which the tests follow.
    tab : str
        The tab that is open.
    answer : callable, optional
        Returns the answer to the question of the lesson.
    """

    name: str
    setup: Setup
    check: Callable[["Client"], bool]
    solution: tuple[Action, ...]
    tab: str = "inside"
    answer: Callable[["Session"], float] | None = None

    def text(self, language: Language) -> LessonText:
        """Return its text in a language."""
        return read_text(self.name, language)


def is_near(given: float | None, right: float) -> bool:
    """Return whether an answer is right, within `TOLERANCE`."""
    return given is not None and abs(given - right) <= TOLERANCE * max(1.0, abs(right))


# Answers and checks


def hidden_sum(session: "Session") -> float:
    """Return a of the first hidden unit, for the first row of the batch."""
    snapshot = session.snapshot()
    _, pages = forward(snapshot.net.layers, snapshot.parts, snapshot.batch.x)
    return float(pages[0].a[0, 0])


def hidden_error(session: "Session") -> float:
    """Return ud of the first hidden unit, for the first row of the batch."""
    snapshot = session.snapshot()
    _, deltas = snapshot.gradients(snapshot.batch)
    return float(deltas[0][0, 0])


def first_gradient(session: "Session") -> float:
    """Return dL/dv from the first input to the first hidden unit, over the batch."""
    snapshot = session.snapshot()
    grads, _ = snapshot.gradients(snapshot.batch)
    return float(snapshot.layers[0].w(grads)[0, 0])


def first_bias_gradient(session: "Session") -> float:
    """Return dL/d(bias) of the first hidden unit, over the training set."""
    snapshot = session.snapshot()
    grads, _ = snapshot.gradients()
    return float(snapshot.layers[0].b(grads)[0, 0])


def answered(client: "Client") -> bool:
    """Return whether the answer to the lesson's question is right."""
    answer = LESSONS[client.lesson].answer
    return answer is not None and is_near(client.answer, answer(client.session))


def scored(client: "Client", minimum: float) -> bool:
    """Return whether the score on the held-out rows is high enough."""
    return client.session.points[-1].test_score >= minimum


def depths(client: "Client", epochs: int) -> set[int]:
    """Return the numbers of hidden layers that were trained for `epochs` epochs or more."""
    return {len(t.setup.boxes) for t in client.session.all_trials() if t.epochs >= epochs}


ONE_ROW = Setup(
    data="iris", boxes=(Box(3, "tanh"),), batch=1, rate=0.1, epochs=100, init="glorot", held_out=0.3
)
DEEP = Setup(
    data="iris", boxes=(Box(16, "logistic"),) * 5, init="glorot", batch=0, held_out=0.3, epochs=300
)
LADDER = Setup(
    data="iris",
    boxes=(Box(128, "relu"),),
    init="he",
    loss="squared_error",
    scaled=False,
    batch=0,
    rate=0.01,
    held_out=0.3,
    epochs=100,
    seed=13,
)

ALL_LESSONS = (
    Lesson(
        "hidden",
        setup=Setup(data="xor", noise=0.05, boxes=(), epochs=200),
        tab="errors",
        check=lambda client: bool(client.session.setup.boxes) and scored(client, 0.9),
        solution=(("press", "run"), ("press", "add-layer"), ("press", "run")),
    ),
    Lesson(
        "forward",
        answer=hidden_sum,
        setup=ONE_ROW,
        check=answered,
        solution=(("answer",),),
    ),
    Lesson(
        "backwards",
        setup=ONE_ROW,
        check=lambda client: client.session.edited and "flow" in client.opened_tabs,
        solution=(("press", "t2-0"), ("type", "w-1-w-0-0", "0"), ("press", "tab-flow")),
    ),
    Lesson(
        "formulas",
        answer=hidden_error,
        setup=ONE_ROW,
        check=answered,
        solution=(("answer",),),
    ),
    Lesson(
        "chain",
        answer=first_gradient,
        setup=ONE_ROW.but(seed=2),
        check=answered,
        solution=(("answer",),),
    ),
    Lesson(
        "sigmoid",
        setup=DEEP,
        tab="flow",
        check=lambda client: (
            len(client.session.setup.boxes) >= 5
            and {box.activation for box in client.session.setup.boxes} == {"relu"}
            and scored(client, 0.85)
        ),
        solution=(
            ("press", "run"),
            *(("choose", f"activation-{i}", "relu") for i in range(5)),
            ("press", "run"),
        ),
    ),
    Lesson(
        "he",
        setup=Setup(
            data="wine",
            boxes=(Box(128, "relu"),) * 8,
            init="lecun",
            batch=0,
            rate=0.05,
            held_out=0.3,
            epochs=20,
        ),
        tab="flow",
        check=lambda client: (
            client.session.setup.init == "he"
            and client.session.epoch <= 20
            and len(client.session.setup.boxes) == 8
            and scored(client, 0.85)
        ),
        solution=(("press", "run"), ("choose", "init", "he"), ("press", "run")),
    ),
    Lesson(
        "cost",
        setup=Setup(data="digits", boxes=(), batch=32, rate=0.1, epochs=20),
        tab="trials",
        check=lambda client: len(depths(client, 20)) >= 3,
        solution=(
            ("press", "run"),
            ("press", "add-layer"),
            ("press", "run"),
            ("press", "add-layer"),
            ("press", "run"),
        ),
    ),
    Lesson(
        "ladder",
        setup=LADDER,
        tab="trials",
        check=lambda client: (
            len({t.setup for t in client.session.all_trials() if t.epochs >= 100}) >= 4
            and scored(client, 0.95)
        ),
        solution=(
            ("press", "run"),
            ("choose", "loss", ""),
            ("press", "run"),
            ("press", "scaled"),
            ("press", "run"),
            ("type", "rate", "0,1"),
            ("press", "run"),
        ),
    ),
    Lesson(
        "gradient",
        answer=first_bias_gradient,
        setup=Setup(data="waves", boxes=(Box(4, "tanh"),), batch=0, seed=3),
        check=lambda client: client.session.edited and answered(client),
        solution=(("press", "t1-0"), ("type", "w-0-w-0-0", "1.5"), ("answer",)),
    ),
    Lesson(
        "trial",
        setup=Setup(data="spiral", noise=0.02, boxes=(Box(4, "tanh"),), epochs=300),
        tab="trials",
        check=lambda client: scored(client, 0.9),
        solution=(
            ("press", "run"),
            ("press", "add-layer"),
            ("type", "units-0", "１６"),
            ("type", "units-1", "8"),
            ("choose", "solver", "adam"),
            ("type", "rate", "0.01"),
            ("press", "run"),
        ),
    ),
)

LESSONS = {lesson.name: lesson for lesson in ALL_LESSONS}
"""All lessons by name, in their order."""


def finish(client: "Client") -> bool:
    """Return whether the learner has just done the lesson, and remember it."""
    lesson = LESSONS.get(client.lesson)
    if lesson is None or client.lesson in client.done or not lesson.check(client):
        return False
    client.done.add(client.lesson)
    return True


def begin(client: "Client", key: str) -> None:
    """Start a lesson: build its network, and delete earlier trials."""
    lesson = LESSONS[key]
    client.session.build(lesson.setup)
    client.session.trials.clear()
    client.lesson, client.tab, client.answer = key, lesson.tab, None
    client.opened_tabs = {lesson.tab}
    client.done.discard(key)


def leave(client: "Client") -> None:
    """End the lesson; the network is kept."""
    client.lesson = ""


def following(key: str) -> str:
    """Return the lesson after this one; "" after the last."""
    names = list(LESSONS)
    i = names.index(key) + 1
    return names[i] if i < len(names) else ""
