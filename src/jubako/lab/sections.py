"""The sections of the page."""

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from nicegui import ui

from jubako.core.activations import ACTIVATIONS
from jubako.core.initializers import INITIALIZERS
from jubako.data.readers.builtin import BUILT_IN
from jubako.training.optimizers import OPTIMIZERS

from .actions import Actions
from .configuration import CHOICES, MAX_BOXES, Box
from .controls import block, button, choice, number, on_change, pressed, text, tick, yes
from .estimator import allows_residual
from .lesson_text import as_html
from .lessons import LESSONS, Lesson, following
from .page_state import PageState
from .pictures.network import (
    draw_network,
    is_narrow,
)
from .pictures.surface import draw_surface
from .runner import PACES
from .shapes import SHAPES
from .tabs import TABS

FILES = ".csv,.tsv,.txt,.parquet,.arrow,.json,.jsonl"


def header(state: PageState, actions: Actions) -> None:
    """Create the title, the list of lessons, and the choice of theme and language."""
    translate = state.translate
    with block("header", "top"):
        with block("div", "brand"):
            text("span", "重箱", "seal", aria_hidden="true")
            with block("div"):
                text("h1", translate("title"))
                text("p", translate("subtitle"))
        with block("div", "row"):
            if "lessons" not in state.snapshot.setup.hide:
                titles = {"": translate("free")}
                for i, (key, lesson) in enumerate(LESSONS.items(), start=1):
                    mark = " ✓" if key in state.client.done else ""
                    titles[key] = f"{i}. {lesson.text(state.client.language).title}{mark}"
                choice(
                    "lesson",
                    translate("choose lesson"),
                    titles,
                    state.client.lesson,
                    actions.choose_lesson,
                    bare=True,
                )
            themes = {name: translate(f"theme {name}") for name in ("auto", "light", "dark")}
            choice(
                "theme",
                translate("theme"),
                themes,
                state.client.theme,
                actions.set_theme,
                bare=True,
            )
            button("language", translate("other language"), actions.switch_language)


def welcome(state: PageState, actions: Actions) -> None:
    """Show how to start, until a network has been trained."""
    translate, client = state.translate, state.client
    if client.lesson or state.session.all_trials():
        return
    key, first = next(iter(LESSONS.items()))
    with block("section", "card welcome", aria_label=translate("title")):
        text("p", translate("welcome"))
        title = first.text(client.language).title
        button("begin", translate("begin", title=title), lambda: actions.choose_lesson(key))


def offer(state: PageState, actions: Actions) -> None:
    """Ask whether the setup of the address may replace a trained network."""
    translate = state.translate
    if state.offered is None:
        return
    with block("section", "card welcome", role="alert", aria_label=translate("offer title")):
        text("p", translate("offer", epoch=f"{round(state.session.epoch, 3):.6g}"))
        with block("div", "row"):
            button("take-offer", translate("take offer"), lambda: actions.take_offer(True))
            button("leave-offer", translate("leave offer"), lambda: actions.take_offer(False))


def lesson(state: PageState, actions: Actions) -> None:
    """Show the lesson that is open."""
    translate, client = state.translate, state.client
    lesson = LESSONS.get(client.lesson)
    if lesson is None:
        return
    content, names = lesson.text(client.language), list(LESSONS)
    with block("section", "card lesson", aria_labelledby="h-lesson"):
        text(
            "p", translate("lesson number", i=names.index(client.lesson) + 1, n=len(names)), "note"
        )
        text("h2", content.title, id="h-lesson")
        with block("div", "two"):
            ui.html(as_html(content.body), sanitize=False).classes("prose")
            with block("div", "task"):
                task(state, actions, lesson)


def task(state: PageState, actions: Actions, lesson: Lesson) -> None:
    """Show the task, an answer field, and a link to the next lesson."""
    translate, client = state.translate, state.client
    text("b", translate("do"))
    content = lesson.text(client.language)
    text("p", content.task)
    if content.question:
        with block("div", "row"):
            with block("label", "row"):
                text("span", content.question)
                field = block("input", "answer", id="answer", type="text", inputmode="decimal")
                field.props["autocomplete"] = "off"
                on_change(field, "answer", lambda typed: actions.answer(str(typed)))
            button("check-answer", translate("check answer"), lambda: None)
        text("p", "", "answered", id="answered", role="status")
    done, after = client.lesson in client.done, following(client.lesson)
    text("p", translate("done") if done else "", "done", id="done", role="status")
    with block("div", "row"):
        if after:
            kind = "main" if done else ""
            button(
                "next-lesson", translate("next lesson"), lambda: actions.choose_lesson(after), kind
            )
        button("again", translate("again"), lambda: actions.choose_lesson(client.lesson))
        button("leave", translate("leave"), lambda: actions.choose_lesson(""))


def bar(state: PageState, actions: Actions) -> None:
    """Create the controls of training, with epoch, loss and score."""
    translate, session = state.translate, state.session
    classify = state.snapshot.data.task == "classify"
    with block("section", "bar", aria_label=translate("controls")):
        with block("div", "row"):
            pressed("run", translate("pause" if state.snapshot.running else "run"), "main")
            for name in ("step-batch", "step-epoch", "step-back", "reset"):
                pressed(name, translate(name.replace("-", " ")))
            paces = {name: translate(f"pace {name}") for name in PACES}
            choice("pace", translate("pace"), paces, session.runner.pace, actions.set_pace)
        with block("dl", "figures"):
            for key, label in (
                ("epoch", "epoch"),
                ("loss", "loss"),
                ("score", "accuracy" if classify else "r2"),
            ):
                with block("div"):
                    text("dt", translate(label))
                    with block("dd"):
                        for name, kind in ((f"s-{key}", "big"), (f"s-{key}-test", "small")):
                            if name in state.fresh:
                                text("span", state.fresh[name]["text"], kind, id=name)
        text("p", "", "trouble", id="trouble", role="alert")
        text("p", state.note, "note-line", id="note", role="status")


def data(state: PageState, actions: Actions) -> None:
    """Create the settings of the data."""
    translate, setup, data = state.translate, state.snapshot.setup, state.snapshot.data
    with block("section", "card", aria_labelledby="h-data"):
        text("h2", translate("data"), id="h-data")
        options = {
            translate("shapes"): {name: translate(name) for name in SHAPES},
            translate("tables"): {name: translate(name) for name in BUILT_IN},
        }
        uploaded = state.session.uploaded
        if uploaded is not None:
            options[translate("upload")] = {"uploaded": Path(uploaded.name).name}
        choice("data", translate("data set"), options, setup.data, actions.choose_data)
        if setup.data not in SHAPES:
            names = state.session.columns
            choice(
                "target",
                translate("target"),
                {name: name for name in names},
                data.target,
                lambda name: actions.change(target=name, loss="", axes=("", "")),
            )
        if setup.data in SHAPES:
            field(state, actions, "noise")
        field(state, actions, "held_out")
        tick("scaled", translate("scaled"), setup.scaled, lambda on: actions.change(scaled=on))
        field(state, actions, "seed")
        counts = translate("rows", train=len(data.y), test=len(data.y_test))
        if (
            uploaded is not None
            and setup.data == "uploaded"
            and uploaded.n_rows > uploaded.table.num_rows
        ):
            counts += " " + translate("drawn", n=uploaded.table.num_rows, all=uploaded.n_rows)
        text("p", counts, "note")
        text("h3", translate("upload"))
        with block("label", "button file"):
            text("span", translate("choose file"))
            block("input", id="file", type="file", accept=FILES)
        text("p", translate("upload hint"), "note")


def training(state: PageState, actions: Actions) -> None:
    """Create the settings of training."""
    translate, setup = state.translate, state.snapshot.setup
    task = state.snapshot.data.task
    with block("section", "card", aria_labelledby="h-training"):
        text("h2", translate("training"), id="h-training")
        default = "cross_entropy" if task == "classify" else "squared_error"
        other = [name for name in CHOICES["loss"][1:] if name != default]
        if task == "classify":
            other = ["squared_error"]
        else:
            other.remove("cross_entropy")
        losses = {"": translate.option(default)} | {name: translate.option(name) for name in other}
        loss = "" if setup.loss == default else setup.loss
        choice("loss", translate("loss name"), losses, loss, lambda name: actions.change(loss=name))
        solvers = {name: translate.option(name) for name in OPTIMIZERS}
        choice(
            "solver", translate("solver"), solvers, setup.solver, lambda s: actions.change(solver=s)
        )
        field(state, actions, "rate")
        if setup.solver == "sgd":
            field(state, actions, "momentum")
        field(state, actions, "batch")
        field(state, actions, "alpha")
        field(state, actions, "dropout")
        inits = {name: name for name in INITIALIZERS}
        choice("init", translate("init"), inits, setup.init, lambda name: actions.change(init=name))
        field(state, actions, "epochs")


def field(state: PageState, actions: Actions, name: str) -> None:
    """Add a field for one number of the setup."""
    value = getattr(state.snapshot.setup, name)
    whole = isinstance(value, int)
    number(
        name,
        state.translate(name),
        value,
        lambda new: actions.change(**{name: round(new) if whole else new}),
        actions.notify,
    )


def network(state: PageState, actions: Actions) -> None:
    """Draw the network, with its controls."""
    translate, snapshot = state.translate, state.snapshot
    setup = snapshot.setup
    text("h2", translate("network"), id="h-network")
    open_to_change = "network" not in setup.hide
    frame = block("div", "scroll", tabindex="0", role="group", aria_label=translate("network"))
    narrow = " narrow" if is_narrow(len(setup.boxes)) else ""
    with frame, block("div", f"stack{narrow}"):
        with block("div", "heads"):
            text("div", translate("inputs"), "layer-head outer")
            for i, box in enumerate(setup.boxes):
                with block("div", "layer-head"):
                    if open_to_change:
                        head_of(state, actions, i, box)
                    else:
                        text("span", f"{box.units} · {translate.activation(box.activation)}")
            text("div", translate("outputs"), "layer-head outer")
        ui.html(draw_network(snapshot, translate), sanitize=False)
    text("p", translate("scroll hint"), "scroll-hint")
    if open_to_change:
        with block("div", "row"):
            button(
                "add-layer",
                "＋ " + translate("add layer"),
                actions.add_layer,
                off=len(setup.boxes) >= MAX_BOXES,
            )
            if allows_residual(setup):
                residual = setup.residual
                tick(
                    "residual",
                    translate("residual"),
                    residual,
                    lambda on: actions.change(residual=on),
                )
    text("p", translate("network hint"), "note")


def head_of(state: PageState, actions: Actions, i: int, box: Box) -> None:
    """Create the head of one hidden layer."""
    translate = state.translate

    def units(n: float) -> Any:
        return actions.rebuild(lambda setup: setup.with_box(i, units=round(n)))

    def activation(name: str) -> Any:
        return actions.rebuild(lambda setup: setup.with_box(i, activation=name))

    fewer, more, away = (translate(key, i=i + 1) for key in ("fewer", "more units", "remove layer"))
    with block("div", "row tight"):
        down, up = box.units - 1, box.units + 1
        button(f"fewer-{i}", "−", lambda: units(down), name=fewer, off=box.units < 2)
        number(
            f"units-{i}", translate("units", i=i + 1), box.units, units, actions.notify, bare=True
        )
        button(f"more-{i}", "＋", lambda: units(up), name=more)
    with block("div", "row tight"):
        names = {name: translate.activation(name) for name in ACTIVATIONS}
        label = translate("activation", i=i + 1)
        choice(f"activation-{i}", label, names, box.activation, activation, bare=True)
        button(f"remove-{i}", "×", lambda: actions.remove_layer(i), name=away)


def result(state: PageState, actions: Actions) -> None:
    """Draw the prediction."""
    translate, snapshot = state.translate, state.snapshot
    text("h2", translate("result"), id="h-result")
    ui.html(draw_surface(snapshot, state.canvas, translate), sanitize=False)
    axes = snapshot.data.axes
    if state.canvas.axes and len(axes) > 2:
        names = {name: name for name in axes}
        x, y = state.canvas.axes
        with block("div", "row"):
            choice(
                "axis-x", translate("axis x"), names, x, lambda name: actions.change_axes(name, y)
            )
            choice(
                "axis-y", translate("axis y"), names, y, lambda name: actions.change_axes(x, name)
            )
    columns = snapshot.data.train.table.num_columns
    if state.canvas.axes and columns > len(set(state.canvas.axes) - {""}):
        text("p", translate("other columns"), "note")


def tabs(state: PageState, actions: Actions, panel: Callable[[], None]) -> None:
    """Create the tabs; `panel` creates the content of the open one."""
    translate, client = state.translate, state.client

    def press(opened: str) -> None:
        actions.open_tab(opened)
        changes = {f"tab-{name}": {"aria-selected": yes(name == opened)} for name in TABS}
        changes["panel"] = {"aria-labelledby": f"tab-{opened}"}
        actions.javascript(f"jubako.show({json.dumps(changes)}); jubako.refocus()")

    with block("section", "card tabs", aria_label=translate("tabs")):
        with block("div", "tablist", role="tablist"):
            for name in TABS:
                made = button(
                    f"tab-{name}", translate(TABS[name].title), partial(press, name), "tab"
                )
                made.props["role"] = "tab"
                made.props["aria-selected"] = yes(name == client.tab)
                made.props["aria-controls"] = "panel"
        opened = f"tab-{client.tab}"
        with block("div", "panel", id="panel", role="tabpanel", aria_labelledby=opened):
            panel()
