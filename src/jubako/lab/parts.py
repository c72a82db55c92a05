"""The parts of the page: what stands where. What happens when one is pressed is in `page`."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nicegui import ui

from jubako.core.activations import ACTIVATIONS
from jubako.core.initializers import INITIALIZERS
from jubako.table.builtin import BUILT_IN
from jubako.training.optimizers import OPTIMIZERS

from . import pictures
from .controls import block, button, choice, number, pressed, text, tick, yes
from .data import SHAPES
from .figures import figure
from .lessons import LESSONS, Lesson, as_html, following
from .session import PACES, can_bridge
from .setup import CHOICES, MOST_BOXES, Box
from .tabs import TABS

if TYPE_CHECKING:
    from .page import Page

VALUE = "(e) => emit(e.target.value)"  # what a field sends
FILES = ".csv,.tsv,.txt,.parquet,.arrow,.json,.jsonl"
MOST_EDITED = 16  # weights of a unit that can be edited at once


def header(page: "Page") -> None:
    """Say who we are, and offer lessons and languages."""
    say = page.say
    with block("header", "top"):
        with block("div", "brand"):
            text("span", "重箱", "seal", aria_hidden="true")
            with block("div"):
                text("h1", say("title"))
                text("p", say("subtitle"))
        with block("div", "row"):
            if "lessons" not in page.look.setup.hide:
                titles = {"": say("free")}
                for i, (key, lesson) in enumerate(LESSONS.items(), start=1):
                    mark = " ✓" if key in page.learner.done else ""
                    titles[key] = f"{i}. {lesson.say(lesson.title, page.learner.language)}{mark}"
                choice(
                    "lesson", say("choose lesson"), titles, page.learner.lesson,
                    page.choose_lesson, bare=True,
                )  # fmt: skip
            themes = {name: say(f"theme {name}") for name in ("auto", "light", "dark")}
            choice("theme", say("theme"), themes, page.learner.theme, page.set_theme, bare=True)
            button("language", say("other language"), page.switch_language)


def welcome(page: "Page") -> None:
    """Say how to begin, to who has not trained a network yet."""
    say, learner = page.say, page.learner
    if learner.lesson or page.session.all_tries():
        return
    key, first = next(iter(LESSONS.items()))
    with block("section", "card welcome", aria_label=say("title")):
        text("p", say("welcome"))
        title = first.say(first.title, learner.language)
        button("begin", say("begin", title=title), lambda: page.choose_lesson(key))


def offer(page: "Page") -> None:
    """Ask whether the setup of the address may replace a network that has learned."""
    say = page.say
    if page.offered is None:
        return
    with block("section", "card welcome", role="alert", aria_label=say("offer title")):
        text("p", say("offer", epoch=f"{round(page.session.epoch, 3):.6g}"))
        with block("div", "row"):
            button("take-offer", say("take offer"), lambda: page.take_offer(True))
            button("leave-offer", say("leave offer"), lambda: page.take_offer(False))


def lesson(page: "Page") -> None:
    """Show the guided lesson that the learner is in."""
    say, learner = page.say, page.learner
    lesson = LESSONS.get(learner.lesson)
    if lesson is None:
        return
    language, names = learner.language, list(LESSONS)
    with block("section", "card lesson", aria_labelledby="h-lesson"):
        text("p", say("lesson number", i=names.index(learner.lesson) + 1, n=len(names)), "note")
        text("h2", lesson.say(lesson.title, language), id="h-lesson")
        with block("div", "two"):
            prose = as_html(lesson.say(lesson.text, language))
            ui.html(prose, sanitize=False).classes("prose")
            with block("div", "task"):
                task(page, lesson)


def task(page: "Page", lesson: Lesson) -> None:
    """Say what to do, take an answer, and lead on."""
    say, learner = page.say, page.learner
    text("b", say("do"))
    text("p", lesson.say(lesson.task, learner.language))
    if lesson.question:
        with block("div", "row"):
            with block("label", "row"):
                text("span", lesson.say(lesson.question, learner.language))
                field = block("input", "answer", id="answer", type="text", inputmode="decimal")
                field.props["autocomplete"] = "off"
                field.on("change", lambda e: page.answer(str(e.args)), js_handler=VALUE)
            button("check-answer", say("check answer"), lambda: None)
        text("p", "", "said", id="answered", role="status")
    done, after = learner.lesson in learner.done, following(learner.lesson)
    text("p", say("done") if done else "", "done", id="done", role="status")
    with block("div", "row"):
        if after:
            kind = "main" if done else ""
            button("next-lesson", say("next lesson"), lambda: page.choose_lesson(after), kind)
        button("again", say("again"), lambda: page.choose_lesson(learner.lesson))
        button("leave", say("leave"), lambda: page.choose_lesson(""))


def bar(page: "Page") -> None:
    """Offer to run and step, and show how far it is."""
    say, session = page.say, page.session
    classify = page.look.data.task == "classify"
    with block("section", "bar", aria_label=say("controls")):
        with block("div", "row"):
            pressed("run", say("pause" if page.look.running else "run"), "main")
            for name in ("step-batch", "step-epoch", "step-back", "reset"):
                pressed(name, say(name.replace("-", " ")))
            paces = {name: say(f"pace {name}") for name in PACES}
            choice("pace", say("pace"), paces, session.pace, page.set_pace)
        with block("dl", "figures"):
            for key, label in (("epoch", "epoch"), ("loss", "loss"),
                               ("score", "accuracy" if classify else "r2")):  # fmt: skip
                with block("div"):
                    text("dt", say(label))
                    with block("dd"):
                        for name, kind in ((f"s-{key}", "big"), (f"s-{key}-test", "small")):
                            if name in page.fresh:
                                text("span", page.fresh[name]["text"], kind, id=name)
        text("p", "", "trouble", id="trouble", role="alert")
        text("p", page.note, "note-line", id="note", role="status")


def data(page: "Page") -> None:
    """Show what to learn from."""
    say, setup, data = page.say, page.look.setup, page.look.data
    with block("section", "card", aria_labelledby="h-data"):
        text("h2", say("data"), id="h-data")
        options = {
            say("shapes"): {name: say(name) for name in SHAPES},
            say("tables"): {name: say(name) for name in BUILT_IN},
        }
        own = page.session.own
        if own is not None:
            options[say("upload")] = {"own": Path(own.name).name}
        choice("data", say("data set"), options, setup.data, page.choose_data)
        if setup.data not in SHAPES:
            names = page.session.columns
            choice(
                "target", say("target"), {name: name for name in names}, data.target,
                lambda name: page.change(target=name, loss="", axes=("", "")),
            )  # fmt: skip
        if setup.data in SHAPES:
            field(page, "noise")
        field(page, "held_out")
        tick("scaled", say("scaled"), setup.scaled, lambda on: page.change(scaled=on))
        field(page, "seed")
        said = say("rows", train=len(data.y), test=len(data.y_test))
        if own is not None and setup.data == "own" and own.n_rows > own.table.num_rows:
            said += " " + say("drawn", n=own.table.num_rows, all=own.n_rows)
        text("p", said, "note")
        text("h3", say("upload"))
        with block("label", "button file"):
            text("span", say("choose file"))
            block("input", id="file", type="file", accept=FILES)
        text("p", say("upload hint"), "note")


def training(page: "Page") -> None:
    """Show how to learn."""
    say, setup = page.say, page.look.setup
    task = page.look.data.task
    with block("section", "card", aria_labelledby="h-training"):
        text("h2", say("training"), id="h-training")
        usual = "cross_entropy" if task == "classify" else "squared_error"
        other = [name for name in CHOICES["loss"][1:] if name != usual]
        if task == "classify":
            other = ["squared_error"]
        else:
            other.remove("cross_entropy")
        losses = {"": say(usual)} | {name: say(name) for name in other}
        loss = "" if setup.loss == usual else setup.loss
        choice("loss", say("loss name"), losses, loss, lambda name: page.change(loss=name))
        solvers = {name: say(name) for name in OPTIMIZERS}
        choice("solver", say("solver"), solvers, setup.solver, lambda s: page.change(solver=s))
        field(page, "rate")
        if setup.solver == "sgd":
            field(page, "momentum")
        field(page, "batch")
        field(page, "alpha")
        field(page, "dropout")
        inits = {name: name for name in INITIALIZERS}
        choice("init", say("init"), inits, setup.init, lambda name: page.change(init=name))
        field(page, "epochs")


def field(page: "Page", name: str) -> None:
    """Add a field for one number of the setup."""
    value = getattr(page.look.setup, name)
    whole = isinstance(value, int)
    number(
        name, page.say(name), value,
        lambda new: page.change(**{name: round(new) if whole else new}), page.tell,
    )  # fmt: skip


def network(page: "Page") -> None:
    """Draw the boxes, with what can be done to them."""
    say, look = page.say, page.look
    setup = look.setup
    text("h2", say("network"), id="h-network")
    open_to_change = "network" not in setup.hide
    frame = block("div", "scroll", tabindex="0", role="group", aria_label=say("network"))
    narrow = " narrow" if pictures.is_narrow(len(setup.boxes)) else ""
    with frame, block("div", f"stack{narrow}"):
        with block("div", "heads"):
            text("div", say("inputs"), "layer-head outer")
            for i, box in enumerate(setup.boxes):
                with block("div", "layer-head"):
                    if open_to_change:
                        head_of(page, i, box)
                    else:
                        text("span", f"{box.units} · {say.activation(box.activation)}")
            text("div", say("outputs"), "layer-head outer")
        ui.html(pictures.network(look, say), sanitize=False)
    text("p", say("scroll hint"), "scroll-hint")
    if open_to_change:
        with block("div", "row"):
            button(
                "add-layer",
                "＋ " + say("add layer"),
                page.add_layer,
                off=len(setup.boxes) >= MOST_BOXES,
            )
            if can_bridge(setup):
                bridged = setup.residual
                tick("residual", say("residual"), bridged, lambda on: page.change(residual=on))
    text("p", say("network hint"), "note")
    page.unit_card()


def head_of(page: "Page", i: int, box: Box) -> None:
    """Make the head of one hidden layer."""
    say = page.say

    def units(n: float) -> Any:
        return page.rebuild(lambda setup: setup.with_box(i, units=round(n)))

    fewer, more, away = (say(key, i=i + 1) for key in ("fewer", "more units", "remove layer"))
    with block("div", "row tight"):
        down, up = box.units - 1, box.units + 1
        button(f"fewer-{i}", "−", lambda: units(down), name=fewer, off=box.units < 2)
        number(f"units-{i}", say("units", i=i + 1), box.units, units, page.tell, bare=True)
        button(f"more-{i}", "＋", lambda: units(up), name=more)
    with block("div", "row tight"):
        names = {name: say.activation(name) for name in ACTIVATIONS}
        choice(
            f"activation-{i}", say("activation", i=i + 1), names, box.activation,
            lambda name: page.rebuild(lambda setup: setup.with_box(i, activation=name)), bare=True,
        )  # fmt: skip
        button(f"remove-{i}", "×", lambda: page.remove_layer(i), name=away)


def unit_card(page: "Page") -> None:
    """Show one unit, with its weights to look at and to change."""
    say, look = page.say, page.session.look()
    if page.unit is None or not look.has(*page.unit):
        return
    i, k = page.unit
    layer = look.layers[i]
    last = i == len(look.layers) - 1
    name = pictures.output_names(look)[k] if last else say("unit", i=i + 1, k=k + 1)
    hidden = [f"h{j + 1}" for j in range(layer.n_in)]
    sources = pictures.input_names(look, say) if i == 0 else hidden
    w, b = layer.w(look.parts)[:, k], float(layer.b(look.parts)[0, k])
    grads, _ = look.gradients()
    dw, db = layer.w(grads)[:, k], float(layer.b(grads)[0, k])
    rows = abs(w).argsort()[::-1][:MOST_EDITED] if len(w) > MOST_EDITED else range(len(w))
    with block("div", "unit-card", id="unit-card"):
        with block("div", "row spread"):
            text("h3", say("unit title", name=name))
            button("close-unit", "×", page.close_unit, name=say("close"))
        with block("div", "row top-aligned"):
            picture = pictures.unit(page.unit_picture(look), say("answers of", name=name))
            ui.html(picture, sanitize=False)
            with block("table", "weights"):
                with block("thead"), block("tr"):
                    for key in ("from", "weight", "gradient"):
                        text("th", say(key), scope="col")
                with block("tbody"):
                    for j in map(int, rows):
                        weight_row(page, sources[j], float(w[j]), float(dw[j]), (i, "w", (j, k)))
                    weight_row(page, say("bias"), b, db, (i, "b", (0, k)))
        if len(w) > MOST_EDITED:
            text("p", say("largest", n=MOST_EDITED, all=len(w)), "note")
        text("p", say("edit hint"), "note")


def weight_row(page: "Page", name: str, value: float, slope: float, place: Any) -> None:
    """Show one weight, and its gradient."""
    i, kind, (j, k) = place

    def edit(new: float) -> None:
        page.session.edit(i, kind, (j, k), new)

    with block("tr"):
        text("th", name, scope="row")
        with block("td"):
            key = f"w-{i}-{kind}-{j}-{k}"
            number(key, page.say("edit weight", name=name), value, edit, page.tell, bare=True)
        text("td", figure(slope), id=f"g-{i}-{kind}-{j}-{k}")


def result(page: "Page") -> None:
    """Show what is predicted."""
    say, look = page.say, page.look
    text("h2", say("result"), id="h-result")
    ui.html(pictures.surface(look, page.canvas, say), sanitize=False)
    axes = look.data.axes
    if page.canvas.axes and len(axes) > 2:
        names = {name: name for name in axes}
        x, y = page.canvas.axes
        with block("div", "row"):
            choice("axis-x", say("axis x"), names, x, lambda name: page.change_axes(name, y))
            choice("axis-y", say("axis y"), names, y, lambda name: page.change_axes(x, name))
    if page.canvas.axes and look.data.train.table.num_columns > len(set(page.canvas.axes) - {""}):
        text("p", say("other columns"), "note")


def tabs(page: "Page") -> None:
    """Make what is below: one part at a time."""
    say = page.say
    with block("section", "card tabs", aria_label=say("tabs")):
        with block("div", "tablist", role="tablist"):
            for name in TABS:
                press = partial(page.open_tab, name)
                made = button(f"tab-{name}", say(TABS[name].title), press, "tab")
                made.props["role"] = "tab"
                made.props["aria-selected"] = yes(name == page.learner.tab)
                made.props["aria-controls"] = "panel"
        opened = f"tab-{page.learner.tab}"
        with block("div", "panel", id="panel", role="tabpanel", aria_labelledby=opened):
            page.panel()
