"""The page: what a learner sees, and what happens when something is pressed.

All that stands on the page follows from the learner's session. It is made anew when the network
changes; while the network learns, only numbers and pictures are sent, at most twelve times a second
and never faster than the browser draws them.
"""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from nicegui import run, ui
from nicegui.events import GenericEventArguments

from jubako.cli.language import Language
from jubako.core.activations import ACTIVATIONS
from jubako.core.initializers import INITIALIZERS
from jubako.table.read import BUILT_IN
from jubako.training.optimizers import OPTIMIZERS

from . import pictures
from .controls import block, button, choice, number, text, tick
from .data import SHAPES
from .figures import figure, read_number
from .inside import Walk
from .learners import Learner
from .lessons import LESSONS, Lesson, as_html, begin, finish, following, is_near, leave
from .pictures import Canvas, Changes
from .session import PACES, Look, Wrong, can_bridge
from .setup import CHOICES, Box, Setup
from .tabs import TABS
from .texts import Say

SECOND = 1 / 12  # between two looks at a session that learns
SLOW = 0.4  # seconds between two looks at what is below
READ_ALOUD = 3.0  # seconds between two sentences for screen readers
VALUE = "(e) => emit(e.target.value)"  # what a field sends
MOST_EDITED = 16  # weights of a unit that can be edited at once


@dataclass
class Shown:
    """What the browser has, so that only news is sent."""

    builds: int = -1
    version: int = -1
    running: bool = False
    tab_at: float = 0.0
    said_at: float = 0.0


class Page:
    """One tab of a browser.

    Parameters
    ----------
    learner : Learner
    """

    def __init__(self, learner: Learner) -> None:
        self.learner = learner
        self.say = Say(learner.language)
        self.unit: tuple[int, int] | None = None  # which is open: layer, unit
        self.shown = Shown()
        self.walk = Walk()
        self.canvas: Canvas | None = None
        self.note = ""  # the last thing that was said to the learner
        self.client = ui.context.client

    @property
    def session(self) -> Any:
        """The learner's session."""
        return self.learner.session

    # Making

    def make(self) -> None:
        """Put everything on the page."""
        ui.on("unit", lambda e: self.open_unit(e.args["value"]))
        ui.on("sending", lambda e: self.tell(self.say("reading", name=e.args["name"])))
        ui.on("sent", self.sent)
        ui.on("copied", lambda: self.tell(self.say("copied")))
        self.body()
        ui.timer(SECOND, self.tick)

    @ui.refreshable_method
    def body(self) -> None:
        """Make all of the page."""
        self.look = self.session.look()
        self.canvas = Canvas(self.look)
        self.shown = Shown(builds=self.session.builds)
        hidden = self.look.setup.hide
        self.header()
        with block("div", "lab", id="main", data_builds=str(self.session.builds)):
            text("p", self.note, "note-line", id="note", role="status")
            if "lessons" not in hidden:
                self.lesson()
            self.bar()
            with block("div", "columns"):
                with block("div", "left"):
                    if "data" not in hidden:
                        self.data()
                    if "training" not in hidden:
                        self.training()
                with block("div", "middle"):
                    with block("section", "card", aria_labelledby="h-network"):
                        self.network()
                    if "result" not in hidden:
                        with block("section", "card curves", aria_label=self.say("curves")):
                            ui.html(pictures.curves(self.look, self.say), sanitize=False)
                if "result" not in hidden:
                    with block("section", "card right", aria_labelledby="h-result"):
                        self.result()
            if "tabs" not in hidden:
                self.tabs()
            if hidden:
                everything = self.look.setup.but(hide=())
                button("show-all", self.say("show all"), lambda: self.rebuild(everything))
        text("p", self.say("keys"), "keys")
        text("p", "", "unseen", id="aloud", aria_live="polite")
        changes, self.shown.version = self.news()  # at once, so that nothing is seen empty
        letters = json.dumps(self.look.setup.to_address())
        self.javascript(
            f"jubako.show({json.dumps(changes)}); jubako.refocus(); jubako.address({letters})"
        )

    def header(self) -> None:
        """Say who we are, and offer lessons and languages."""
        say = self.say
        with block("header", "top"):
            with block("div", "brand"):
                text("span", "重箱", "seal", aria_hidden="true")
                with block("div"):
                    text("h1", say("title"))
                    text("p", say("subtitle"))
            with block("div", "row"):
                if "lessons" not in self.look.setup.hide:
                    titles = {"": say("free")}
                    for i, (key, lesson) in enumerate(LESSONS.items(), start=1):
                        mark = " ✓" if key in self.learner.done else ""
                        titles[key] = (
                            f"{i}. {lesson.say(lesson.title, self.learner.language)}{mark}"
                        )
                    choice(
                        "lesson", say("choose lesson"), titles, self.learner.lesson,
                        self.choose_lesson, bare=True,
                    )  # fmt: skip
                themes = {name: say(f"theme {name}") for name in ("auto", "light", "dark")}
                choice("theme", say("theme"), themes, self.learner.theme, self.set_theme, bare=True)
                button("language", say("other language"), self.switch_language)

    def lesson(self) -> None:
        """Show the guided lesson that the learner is in."""
        say, learner = self.say, self.learner
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
                    self.task(lesson)

    def task(self, lesson: Lesson) -> None:
        """Say what to do, take an answer, and lead on."""
        say, learner = self.say, self.learner
        text("b", say("do"))
        text("p", lesson.say(lesson.task, learner.language))
        if lesson.question:
            with block("div", "row"):
                with block("label", "row"):
                    text("span", lesson.say(lesson.question, learner.language))
                    field = block("input", "answer", id="answer", type="text", inputmode="decimal")
                    field.props["autocomplete"] = "off"
                    field.on("change", lambda e: self.answer(str(e.args)), js_handler=VALUE)
                button("check-answer", say("check answer"), lambda: None)
            text("p", "", "said", id="answered", role="status")
        done, after = learner.lesson in learner.done, following(learner.lesson)
        text("p", say("done") if done else "", "done", id="done", role="status")
        with block("div", "row"):
            if after:
                kind = "main" if done else ""
                button("next-lesson", say("next lesson"), lambda: self.choose_lesson(after), kind)
            button("again", say("again"), lambda: self.choose_lesson(learner.lesson))
            button("leave", say("leave"), lambda: self.choose_lesson(""))

    def bar(self) -> None:
        """Offer to run and step, and show how far it is."""
        say, session = self.say, self.session
        classify = self.look.data.task == "classify"
        with block("section", "bar", aria_label=say("controls")):
            with block("div", "row"):
                button("run", say("pause" if session.running else "run"), self.run, "main")
                button("step-batch", say("step batch"), self.stepped(session.step_batch))
                button("step-epoch", say("step epoch"), self.stepped(session.step_epoch))
                button("step-back", say("step back"), self.stepped(session.step_back))
                button("reset", say("reset"), lambda: self.rebuild(session.setup))
                paces = {name: say(f"pace {name}") for name in PACES}
                choice("pace", say("pace"), paces, session.pace, self.set_pace)
            with block("dl", "figures"):
                for key, label in (("epoch", "epoch"), ("loss", "loss"),
                                   ("score", "accuracy" if classify else "r2")):  # fmt: skip
                    with block("div"):
                        text("dt", say(label))
                        with block("dd"):
                            text("span", "", "big", id=f"s-{key}")
                            if key != "epoch":
                                text("span", "", "small", id=f"s-{key}-test")
            text("p", "", "trouble", id="trouble", role="alert")

    def data(self) -> None:
        """Show what to learn from."""
        say, setup, data = self.say, self.look.setup, self.look.data
        with block("section", "card", aria_labelledby="h-data"):
            text("h2", say("data"), id="h-data")
            options = {
                say("shapes"): {name: say(name) for name in SHAPES},
                say("tables"): {name: say(name) for name in BUILT_IN},
            }
            own = self.session.own
            if own is not None:
                options[say("upload")] = {"own": own.name}
            choice("data", say("data set"), options, setup.data, self.choose_data)
            if setup.data not in SHAPES:
                names = self.session.columns
                choice(
                    "target", say("target"), {name: name for name in names}, data.target,
                    lambda name: self.change(target=name, loss="", axes=("", "")),
                )  # fmt: skip
            if setup.data in SHAPES:
                self.field("noise")
            self.field("held_out")
            tick("scaled", say("scaled"), setup.scaled, lambda on: self.change(scaled=on))
            self.field("seed")
            said = say("rows", train=len(data.y), test=len(data.y_test))
            if own is not None and setup.data == "own" and own.n_rows > own.table.num_rows:
                said += " " + say("drawn", n=own.table.num_rows, all=own.n_rows)
            text("p", said, "note")
            text("h3", say("upload"))
            with block("label", "button file"):
                text("span", say("choose file"))
                block(
                    "input",
                    id="file",
                    type="file",
                    accept=".csv,.tsv,.txt,.parquet,.arrow,.json,.jsonl",
                )
            text("p", say("upload hint"), "note")

    def training(self) -> None:
        """Show how to learn."""
        say, setup = self.say, self.look.setup
        task = self.look.data.task
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
            choice("loss", say("loss name"), losses, loss, lambda name: self.change(loss=name))
            solvers = {name: say(name) for name in OPTIMIZERS}
            choice("solver", say("solver"), solvers, setup.solver, lambda s: self.change(solver=s))
            self.field("rate")
            if setup.solver == "sgd":
                self.field("momentum")
            self.field("batch")
            self.field("alpha")
            self.field("dropout")
            inits = {name: name for name in INITIALIZERS}
            choice("init", say("init"), inits, setup.init, lambda name: self.change(init=name))
            self.field("epochs")

    def network(self) -> None:
        """Draw the boxes, with what can be done to them."""
        say, look = self.say, self.look
        setup = look.setup
        text("h2", say("network"), id="h-network")
        open_to_change = "network" not in setup.hide
        frame = block("div", "scroll", tabindex="0", role="group", aria_label=say("network"))
        with frame, block("div", "stack"):
            with block("div", "heads"):
                text("div", say("inputs"), "head")
                for i, box in enumerate(setup.boxes):
                    with block("div", "head"):
                        if open_to_change:
                            self.box(i, box)
                        else:
                            text("span", f"{box.units} · {say.activation(box.activation)}")
                text("div", say("outputs"), "head outer")
            ui.html(pictures.network(look, say), sanitize=False)
        if open_to_change:
            with block("div", "row"):
                button(
                    "add-layer", "＋ " + say("add layer"), self.add_layer, off=len(setup.boxes) >= 8
                )
                if can_bridge(setup):
                    tick(
                        "residual",
                        say("residual"),
                        setup.residual,
                        lambda on: self.change(residual=on),
                    )
        text("p", say("network hint"), "note")
        self.unit_card()

    def box(self, i: int, box: Box) -> None:
        """Make the head of one hidden layer."""
        say, setup = self.say, self.look.setup

        def units(n: float) -> None:
            self.try_to(lambda: setup.with_box(i, units=round(n)))

        fewer, more, away = (say(key, i=i + 1) for key in ("fewer", "more units", "remove layer"))
        with block("div", "row tight"):
            down, up = box.units - 1, box.units + 1
            button(f"fewer-{i}", "−", lambda: units(down), name=fewer, off=box.units < 2)
            number(f"units-{i}", say("units", i=i + 1), box.units, units, self.tell, bare=True)
            button(f"more-{i}", "＋", lambda: units(up), name=more)
        with block("div", "row tight"):
            names = {name: say.activation(name) for name in ACTIVATIONS}
            choice(
                f"activation-{i}", say("activation", i=i + 1), names, box.activation,
                lambda name: self.try_to(lambda: setup.with_box(i, activation=name)), bare=True,
            )  # fmt: skip
            button(f"remove-{i}", "×", lambda: self.remove_layer(i), name=away)

    @ui.refreshable_method
    def unit_card(self) -> None:
        """Show one unit, with its weights to look at and to change."""
        say, look = self.say, self.session.look()
        if self.unit is None or self.unit[0] >= len(look.layers):
            return
        i, k = self.unit
        layer = look.layers[i]
        if k >= layer.n_out:
            return
        last = i == len(look.layers) - 1
        name = pictures.output_names(look)[k] if last else say("unit", i=i + 1, k=k + 1)
        sources = look.data.inputs if i == 0 else [f"h{j + 1}" for j in range(layer.n_in)]
        w, b = layer.w(look.parts)[:, k], float(layer.b(look.parts)[0, k])
        grads, _ = look.gradients()
        dw, db = layer.w(grads)[:, k], float(layer.b(grads)[0, k])
        rows = abs(w).argsort()[::-1][:MOST_EDITED] if len(w) > MOST_EDITED else range(len(w))
        with block("div", "unit-card", id="unit-card"):
            with block("div", "row spread"):
                text("h3", say("unit title", name=name))
                button("close-unit", "×", self.close_unit, name=say("close"))
            with block("div", "row top-aligned"):
                picture = pictures.unit(self.unit_picture(look), say("answers of", name=name))
                ui.html(picture, sanitize=False)
                with block("table", "weights"):
                    with block("thead"), block("tr"):
                        for key in ("from", "weight", "gradient"):
                            text("th", say(key), scope="col")
                    with block("tbody"):
                        for j in map(int, rows):
                            self.weight_row(sources[j], float(w[j]), float(dw[j]), (i, "w", (j, k)))
                        self.weight_row(say("bias"), b, db, (i, "b", (0, k)))
            if len(w) > MOST_EDITED:
                text("p", say("largest", n=MOST_EDITED, all=len(w)), "note")
            text("p", say("edit hint"), "note")

    def unit_picture(self, look: Look) -> str:
        """Paint what the open unit puts out, large."""
        assert self.unit
        assert self.canvas
        i, k = self.unit
        hidden, prediction = look.outputs(self.canvas.fine)
        last = pictures.output_sign(look, prediction)
        return pictures.painted([*hidden, last][i][:, k])

    def weight_row(self, name: str, value: float, slope: float, place: Any) -> None:
        """Show one weight, and its gradient."""
        i, kind, (j, k) = place

        def edit(new: float) -> None:
            self.session.edit(i, kind, (j, k), new)

        with block("tr"):
            text("th", name, scope="row")
            with block("td"):
                key = f"w-{i}-{kind}-{j}-{k}"
                number(key, self.say("edit weight", name=name), value, edit, self.tell, bare=True)
            text("td", figure(slope), id=f"g-{i}-{kind}-{j}-{k}")

    def result(self) -> None:
        """Show what is predicted."""
        say, look = self.say, self.look
        text("h2", say("result"), id="h-result")
        ui.html(pictures.surface(look, self.canvas, say), sanitize=False)  # type: ignore[arg-type]
        axes = look.data.axes
        if self.canvas and self.canvas.axes and len(axes) > 2:
            names = {name: name for name in axes}
            x, y = self.canvas.axes
            with block("div", "row"):
                choice("axis-x", say("axis x"), names, x, lambda name: self.change_axes(name, y))
                choice("axis-y", say("axis y"), names, y, lambda name: self.change_axes(x, name))
            text("p", say("other columns"), "note")

    def tabs(self) -> None:
        """Make what is below: one part at a time."""
        say = self.say
        with block("section", "card tabs", aria_label=say("tabs")):
            with block("div", "tablist", role="tablist"):
                for name in TABS:
                    made = button(
                        f"tab-{name}",
                        say(TABS[name].title),
                        lambda name=name: self.open_tab(name),
                        "tab",
                    )
                    made.props["role"] = "tab"
                    made.props["aria-selected"] = "true" if name == self.learner.tab else "false"
                    made.props["aria-controls"] = "panel"
            with block("div", "panel", id="panel", role="tabpanel") as self.panel_block:
                self.panel()

    @ui.refreshable_method
    def panel(self) -> None:
        """Make the part below that is open."""
        self.panel_block.props["aria-labelledby"] = f"tab-{self.learner.tab}"
        TABS[self.learner.tab].make(self)

    # What happens

    def change(self, **changes: Any) -> None:
        """Change the setup."""
        self.try_to(lambda: self.look.setup.but(**changes))

    def try_to(self, make: Callable[[], Setup]) -> None:
        """Build what `make` returns, or say why not."""
        try:
            setup = make()
        except ValueError as error:
            self.tell(str(error))
            return
        self.rebuild(setup)

    def rebuild(self, setup: Setup) -> None:
        """Start anew with a setup, or say why not."""
        try:
            self.session.build(setup)
            self.note = ""
        except Wrong as error:
            self.note = str(error)
        self.refresh()

    def refresh(self) -> None:
        """Make the page anew, and keep the focus."""
        self.body.refresh()

    def field(self, name: str) -> None:
        """Add a field for one number of the setup."""
        value = getattr(self.look.setup, name)
        whole = isinstance(value, int)
        number(
            name, self.say(name), value,
            lambda new: self.change(**{name: round(new) if whole else new}), self.tell,
        )  # fmt: skip

    def choose_data(self, name: str) -> None:
        """Learn from other data."""
        self.change(data=name, target="", loss="", axes=("", ""))

    def change_axes(self, x: str, y: str) -> None:
        """Look at the same network over other columns: it goes on learning."""
        with self.session.lock:
            self.session.setup = self.session.setup.but(axes=(x, y))
        self.refresh()

    def choose_lesson(self, key: str) -> None:
        """Begin a lesson, or leave them."""
        self.note, self.unit = "", None
        if key:
            begin(self.learner, key)
        else:
            leave(self.learner)
        self.refresh()

    def answer(self, typed: str) -> None:
        """Compare what was typed with the lesson's answer."""
        lesson = LESSONS[self.learner.lesson]
        assert lesson.answer
        try:
            self.learner.answer = read_number(typed)
        except ValueError as error:
            self.tell(str(error))
            return
        right = is_near(self.learner.answer, lesson.answer(self.session))
        said = self.say("right") if right else self.say("not right", given=typed)
        self.javascript(f"jubako.show({json.dumps({'answered': {'text': said}})})")
        self.shown.version = -1  # the lesson may be done

    def add_layer(self) -> None:
        """Add a box like the last one."""
        boxes = self.look.setup.boxes
        self.change(boxes=(*boxes, boxes[-1] if boxes else Box()))

    def remove_layer(self, i: int) -> None:
        """Take a box away."""
        boxes = self.look.setup.boxes
        self.change(boxes=boxes[:i] + boxes[i + 1 :])

    def run(self) -> None:
        """Run, or pause."""
        (self.session.pause if self.session.running else self.session.run)()

    def stepped(self, step: Callable[[], None]) -> Callable[[], Any]:
        """Return what pauses and makes a step, beside the loop that serves the pages."""

        def pause_and_step() -> None:
            self.session.pause()
            step()

        async def press() -> None:
            await run.io_bound(pause_and_step)

        return press

    def set_pace(self, name: str) -> None:
        """Train slower or faster."""
        self.session.pace = name

    def set_theme(self, name: str) -> None:
        """Make it light or dark."""
        self.learner.theme = name
        self.javascript(f"jubako.theme({json.dumps(name)})")

    def switch_language(self) -> None:
        """Say everything in the other language, and leave everything else as it is."""
        languages = list(Language)
        i = languages.index(self.learner.language)
        self.learner.language = languages[1 - i]
        self.say = Say(self.learner.language)
        self.note = ""
        self.javascript(f"document.documentElement.lang = {json.dumps(self.learner.language)}")
        self.refresh()

    def open_unit(self, place: str) -> None:
        """Show one unit."""
        layer, unit = map(int, str(place).split(","))
        self.unit = layer, unit
        self.unit_card.refresh()
        self.javascript("document.getElementById('unit-card')?.scrollIntoView({block: 'nearest'})")

    def close_unit(self) -> None:
        """Close it again."""
        self.unit = None
        self.unit_card.refresh()

    def open_tab(self, name: str) -> None:
        """Show another part below."""
        self.learner.tab = name
        self.learner.seen.add(name)
        self.look = self.session.look()
        self.panel.refresh()
        self.shown.version = -1  # a lesson may be done
        changes = {
            f"tab-{tab}": {"aria-selected": "true" if tab == name else "false"} for tab in TABS
        }
        self.javascript(f"jubako.show({json.dumps(changes)}); jubako.refocus()")

    def sent(self, event: GenericEventArguments) -> None:
        """Say that a file has arrived, or was refused."""
        if event.args["good"]:
            self.note = event.args["said"]
            self.refresh()
        else:
            self.tell(event.args["said"])

    def tell(self, sentence: str) -> None:
        """Say something to the learner."""
        self.note = sentence
        self.javascript(f"jubako.show({json.dumps({'note': {'text': sentence}})})")

    def javascript(self, code: str) -> None:
        """Run something in the browser."""
        self.client.run_javascript(code)

    # News

    async def tick(self) -> None:
        """Send what is new. The answer is awaited, so that a slow browser is not flooded."""
        session, shown = self.session, self.shown
        if self.say.language != self.learner.language:
            self.say = Say(self.learner.language)
            shown.builds = -1  # switched in another tab
        if session.builds != shown.builds:
            self.refresh()
            return
        if session.version == shown.version and session.running == shown.running:
            return
        if not session.running and finish(self.learner):
            self.refresh()
            return
        running = session.running
        news = await run.io_bound(self.news)
        if news is None:  # the lab is being closed
            return
        changes, version = news
        now = time.monotonic()
        if not running or now - shown.tab_at > SLOW:
            shown.tab_at = now
            part = TABS[self.learner.tab]
            if part.changes and "tabs" not in self.look.setup.hide:
                changes |= await run.io_bound(part.changes, self) or {}
            if self.unit is not None:
                changes |= self.unit_changes()
        if not running or now - shown.said_at > READ_ALOUD:
            shown.said_at = now
            changes["aloud"] = {"text": self.sentence()}
        code = f"jubako.show({json.dumps(changes)})"
        try:
            await self.client.run_javascript(code, timeout=10)
        except TimeoutError:
            return
        shown.version, shown.running = version, running

    def news(self) -> tuple[Changes, int]:
        """Return what has changed since the page was made, and of which version that is."""
        running = self.session.running
        look = self.look = self.session.look()
        assert self.canvas
        if look.data is not self.canvas.data:
            return {}, -1  # the page is about to be made anew
        changes = pictures.network_changes(look, self.canvas)
        changes |= pictures.surface_changes(look, self.canvas) | pictures.curve_changes(look)
        last, say = look.points[-1], self.say
        message = self.session.message
        if message == "blown up":
            message = say("blown up")
        elif message:
            message = say("crash", error=message)
        changes |= {
            "s-epoch": {"text": f"{last.epoch:.6g}"},
            "s-loss": {"text": figure(last.loss)},
            "s-loss-test": {"text": f"{say('held')} {figure(last.test_loss)}"},
            "s-score": {"text": figure(last.score, 3)},
            "s-score-test": {"text": f"{say('held')} {figure(last.test_score, 3)}"},
            "run": {
                "text": say("pause" if running else "run"),
                "data-running": "true" if running else "false",
            },
            "trouble": {"text": message},
            "main": {"data-version": str(look.version)},
        }
        return changes, look.version

    def unit_changes(self) -> Changes:
        """Return the weights and gradients of the unit that is open."""
        assert self.unit
        i, k = self.unit
        look = self.look
        layer, (grads, _) = look.layers[i], look.gradients()
        changes: Changes = {"unit-picture": {"href": self.unit_picture(look)}}
        for kind, now, slope in (
            ("w", layer.w(look.parts), layer.w(grads)),
            ("b", layer.b(look.parts), layer.b(grads)),
        ):
            for j in range(len(now)):
                changes[f"g-{i}-{kind}-{j}-{k}"] = {"text": figure(float(slope[j, k]))}
                changes[f"w-{i}-{kind}-{j}-{k}"] = {"number": f"{now[j, k]:.6g}"}
        return changes

    def sentence(self) -> str:
        """Say how far it is, for a screen reader."""
        last, say = self.look.points[-1], self.say
        name = say("accuracy" if self.look.data.task == "classify" else "r2")
        return say(
            "status", epoch=f"{last.epoch:.6g}", loss=figure(last.test_loss), name=name,
            score=figure(last.test_score, 3),
        )  # fmt: skip
