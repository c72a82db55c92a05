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

from . import parts, pictures
from .controls import block, button, text, yes
from .figures import figure, read_number
from .guard import LARGEST_UPLOAD
from .inside import Walk
from .learners import Learner
from .lessons import LESSONS, begin, finish, is_near, leave
from .pictures import Canvas, Changes
from .session import Look, Session, Wrong
from .setup import Box, Setup
from .tabs import TABS
from .texts import Say

SECOND = 1 / 12  # between two looks at a session that learns
SLOW = 0.4  # seconds between two looks at what is below
READ_ALOUD = 3.0  # seconds between two sentences for screen readers


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
        self.look = self.session.look()
        self.canvas = Canvas(self.look)
        self.fresh: Changes = {}  # what was new when the page was made
        self.hidden = False  # behind other tabs, where nobody looks
        self.note = ""  # the last thing that was said to the learner
        self.offered: Setup | None = None  # by the address, in place of a network that has learned
        self.client = ui.context.client

    @property
    def session(self) -> Session:
        """The learner's session."""
        return self.learner.session

    # Making

    def make(self) -> None:
        """Put everything on the page."""
        ui.on("press", self.press)
        ui.on("unit", lambda e: self.open_unit(e.args["value"]))
        ui.on("sending", lambda e: self.tell(self.say("reading", name=e.args["name"])))
        ui.on("sent", self.sent)
        ui.on("hidden", self.hide)
        ui.on("copied", lambda: self.tell(self.say("copied")))
        self.client.on_connect(lambda: self.learner.come(self.client.id))
        self.client.on_disconnect(lambda: self.learner.go(self.client.id))
        if self.learner.paused_alone:
            self.note, self.learner.paused_alone = self.say("paused alone"), False
        self.body()
        self.javascript("emitEvent('hidden', {hidden: document.hidden})")  # opened behind others
        ui.timer(SECOND, self.tick)

    @ui.refreshable_method
    def body(self) -> None:
        """Make all of the page."""
        self.look = self.session.look()
        self.canvas = Canvas(self.look)
        self.shown = Shown(builds=self.session.builds)
        if self.unit is not None and not self.look.has(*self.unit):
            self.unit = None
        self.fresh, self.shown.version = self.news()
        self.fresh |= self.whole(self.shown.version)
        hidden = self.look.setup.hide
        parts.header(self)
        with block("div", "lab", id="main", data_builds=str(self.session.builds)):
            parts.offer(self)
            if "lessons" not in hidden:
                parts.welcome(self)
                parts.lesson(self)
            parts.bar(self)
            with block("div", "columns"):
                with block("div", "left"):
                    if "data" not in hidden:
                        parts.data(self)
                    if "training" not in hidden:
                        parts.training(self)
                with block("div", "middle"):
                    with block("section", "card", aria_labelledby="h-network"):
                        parts.network(self)
                    if "result" not in hidden:
                        with block("section", "card curves", aria_label=self.say("curves")):
                            ui.html(pictures.curves(self.look, self.say), sanitize=False)
                if "result" not in hidden:
                    with block("section", "card right", aria_labelledby="h-result"):
                        parts.result(self)
            if "tabs" not in hidden:
                parts.tabs(self)
            if hidden:
                button("show-all", self.say("show all"), lambda: self.change(hide=()))
        text("p", self.say("keys"), "keys")
        text("p", "", "unseen", id="aloud", aria_live="polite")
        letters = json.dumps(self.look.setup.to_address())
        self.javascript(
            f"jubako.show({json.dumps(self.fresh)}); jubako.refocus(); jubako.address({letters})"
        )

    @ui.refreshable_method
    def unit_card(self) -> None:
        """Show the unit that is open."""
        parts.unit_card(self)

    def unit_picture(self, look: Look) -> str:
        """Paint what the open unit puts out, large."""
        assert self.unit
        i, k = self.unit
        hidden, prediction = look.outputs(self.canvas.fine)
        last = pictures.output_sign(look, prediction)
        return pictures.painted([*hidden, last][i][:, k])

    @ui.refreshable_method
    def panel(self) -> None:
        """Make the part below that is open."""
        TABS[self.learner.tab].make(self)

    # What happens

    async def change(self, **changes: Any) -> None:
        """Change the setup."""
        await self.rebuild(lambda setup: setup.but(**changes))

    async def rebuild(self, make: Callable[[Setup], Setup]) -> None:
        """Start anew with what `make` makes of the setup, or say why not."""

        def build() -> None:
            self.session.build(make(self.session.setup))

        try:
            await self.learner.in_turn(build)
            self.note = ""
        except Wrong as error:
            self.note = self.say.said(error)
        self.refresh()

    async def come_with(self, letters: str) -> None:
        """Start with the setup of an address, unless a network has learned: then offer it."""
        session = self.session
        try:
            setup = Setup.from_address(letters)
            if session.steps or session.edited or session.running:
                self.offered = setup  # a link must not destroy anything
            else:
                await self.learner.in_turn(session.build, setup)
        except Wrong as error:
            self.note = self.say.said(error)

    async def take_offer(self, accepted: bool) -> None:
        """Start with the setup that was offered, or forget it."""
        setup, self.offered = self.offered, None
        if accepted and setup is not None:
            await self.rebuild(lambda _: setup)
        else:
            self.refresh()

    def refresh(self) -> None:
        """Make the page anew."""
        self.body.refresh()

    async def choose_data(self, name: str) -> None:
        """Learn from other data."""
        await self.change(data=name, target="", loss="", axes=("", ""))

    def change_axes(self, x: str, y: str) -> None:
        """Look at the same network over other columns: it goes on learning."""
        with self.session.lock:
            self.session.setup = self.session.setup.but(axes=(x, y))
        self.refresh()

    async def choose_lesson(self, key: str) -> None:
        """Begin a lesson, or leave them."""
        self.note, self.unit = "", None
        if key:
            await self.learner.in_turn(begin, self.learner, key)
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
            self.tell(error)
            return
        right = is_near(self.learner.answer, lesson.answer(self.session))
        given = f"{self.learner.answer:.10g}"  # as it was read
        said = self.say("right") if right else self.say("not right", given=given)
        self.javascript(f"jubako.show({json.dumps({'answered': {'text': said}})})")
        self.shown.version = -1  # the lesson may be done

    async def add_layer(self) -> None:
        """Add a box like the last one."""
        await self.rebuild(
            lambda setup: setup.but(boxes=(*setup.boxes, *(setup.boxes[-1:] or [Box()])))
        )

    async def remove_layer(self, i: int) -> None:
        """Take a box away."""
        await self.rebuild(lambda setup: setup.but(boxes=setup.boxes[:i] + setup.boxes[i + 1 :]))

    async def press(self, event: GenericEventArguments) -> None:
        """Run or pause, start anew, or pause and make a step."""
        name, session = event.args["value"], self.session
        if name == "run":
            await self.learner.in_turn(session.run_or_pause)  # what it does then, not now
        elif name == "reset":
            await self.rebuild(lambda setup: setup)
        else:
            steps = {
                "step-batch": session.step_batch,
                "step-epoch": session.step_epoch,
                "step-back": session.step_back,
            }

            def pause_and_step() -> None:
                session.pause()
                steps[name]()

            await self.learner.in_turn(pause_and_step)

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
        changes = {f"tab-{tab}": {"aria-selected": yes(tab == name)} for tab in TABS} | {
            "panel": {"aria-labelledby": f"tab-{name}"}
        }
        self.javascript(f"jubako.show({json.dumps(changes)}); jubako.refocus()")

    def sent(self, event: GenericEventArguments) -> None:
        """Say that a file has arrived, or was refused."""
        said, status = event.args["said"], event.args["status"]
        if status == 200:
            self.note = said
            self.refresh()
        elif status == 413:
            self.tell(self.say("too large", n=LARGEST_UPLOAD >> 20))
        else:
            self.tell(said or self.say("not sent"))

    def hide(self, event: GenericEventArguments) -> None:
        """Note that the tab is hidden, or seen again: it gets no news while nobody looks."""
        self.hidden = bool(event.args["hidden"])

    def tell(self, what: Exception | str) -> None:
        """Say something to the learner."""
        self.note = self.say.said(what)
        self.javascript(f"jubako.show({json.dumps({'note': {'text': self.note}})})")

    def javascript(self, code: str) -> None:
        """Run something in the browser."""
        self.client.run_javascript(code)

    # News

    async def tick(self) -> None:
        """Send what is new. The answer is awaited, so that a slow browser is not flooded."""
        session, shown = self.session, self.shown
        if self.hidden or not self.client.has_socket_connection:
            return
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
        if not running or now - shown.said_at > READ_ALOUD:
            shown.said_at = now
            changes["aloud"] = {"text": self.sentence()}
        whole = self.whole(version)
        try:
            if not running:  # that it has stopped is seen at once: the rest takes longer to draw
                await self.show(changes)
                changes = await run.io_bound(self.slow_news) or {}
            elif now - shown.tab_at > SLOW:
                shown.tab_at = now
                changes |= await run.io_bound(self.slow_news) or {}
            await self.show(changes | whole)
        except TimeoutError:
            return
        shown.version, shown.running = version, running

    async def show(self, changes: Changes) -> None:
        """Send what is new, and wait until the browser has drawn it.

        Raises
        ------
        TimeoutError
            If it does not.
        """
        await self.client.run_javascript(f"jubako.show({json.dumps(changes)})", timeout=10)

    def slow_news(self) -> Changes:
        """Return what is new below the network, and in the unit that is open."""
        part, changes = TABS[self.learner.tab], Changes()
        if part.changes and "tabs" not in self.look.setup.hide:
            changes |= part.changes(self)
        if self.unit is not None:
            changes |= self.unit_changes()
        return changes

    def news(self) -> tuple[Changes, int]:
        """Return what has changed since the page was made, and of which version that is."""
        session, what = self.session, ("news", self.say.language, self.canvas.axes)
        version = session.builds, session.version, session.running, id(self.canvas.data)
        self.look, changes = self.learner.once(what, version, self.draw_news)
        if self.look.data is not self.canvas.data:
            return {}, -1  # the page is about to be made anew
        return dict(changes), self.look.version

    def whole(self, version: int) -> Changes:
        """Tell that all of a version is shown, and whether the network learned then."""
        return {"main": {"data-version": str(version), "data-running": yes(self.look.running)}}

    def draw_news(self) -> tuple[Look, Changes]:
        """Draw the network and its figures."""
        look = self.session.look()
        if look.data is not self.canvas.data:
            return look, {}
        changes = pictures.network_changes(look, self.canvas)
        changes |= pictures.surface_changes(look, self.canvas) | pictures.curve_changes(look)
        last, say = look.points[-1], self.say
        message = self.session.message
        if message == "blown up":
            message = say("blown up")
        elif message:
            message = say("crash", error=message)
        changes |= {
            "s-epoch": {"text": f"{round(last.epoch, 3):.6g}"},
            "s-loss": {"text": figure(last.loss)},
            "s-loss-test": {"text": f"{say('held')} {figure(last.test_loss)}"},
            "s-score": {"text": figure(last.score, 3)},
            "s-score-test": {"text": f"{say('held')} {figure(last.test_score, 3)}"},
            "run": {
                "text": say("pause" if look.running else "run"),
                "data-running": yes(look.running),
            },
            "trouble": {"text": message},
        }
        return look, changes

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
