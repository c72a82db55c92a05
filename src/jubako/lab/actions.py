"""Actions: the reactions to what is pressed, chosen or typed on the page."""

import json
from collections.abc import Callable
from dataclasses import dataclass

from nicegui import Client as Connection
from nicegui.events import GenericEventArguments

from jubako.data.casting.numbers import read_number
from jubako.i18n.language import Language

from .auth import LARGEST_UPLOAD
from .configuration import Box, Setup
from .lessons import LESSONS, begin, is_near, leave
from .page_state import PageState
from .pictures import Changes
from .session import SETUP_ERRORS
from .translator import Translator


@dataclass(frozen=True, slots=True)
class Actions:
    """The actions of a page.

    Parameters
    ----------
    state : PageState
    connection : nicegui.Client
        Of the page's tab in the browser.
    refresh, refresh_unit, refresh_panel : callable
        Rebuild the page, the card of the open unit, or the panel of the open tab.
    """

    state: PageState
    connection: Connection
    refresh: Callable[[], object]
    refresh_unit: Callable[[], object]
    refresh_panel: Callable[[], object]

    # The network

    async def change(self, **changes: object) -> None:
        """Change the setup."""
        await self.rebuild(lambda setup: setup.but(**changes))

    async def rebuild(self, make: Callable[[Setup], Setup]) -> None:
        """Build the network of the setup that `make` returns, or show why that fails."""
        state = self.state

        def build() -> None:
            state.session.build(make(state.session.setup))

        try:
            await state.client.in_turn(build)
            state.note = ""
        except SETUP_ERRORS as error:
            state.note = state.translate.message(error)
        self.refresh()

    async def open_address(self, letters: str) -> None:
        """Start with the setup of an address, unless a network has learned: then offer it."""
        state, session = self.state, self.state.session
        try:
            setup = Setup.from_address(letters)
            if session.steps or session.edited or session.running:
                state.offered = setup  # links must not change anything
            else:
                await state.client.in_turn(session.build, setup)
        except SETUP_ERRORS as error:
            state.note = state.translate.message(error)

    async def take_offer(self, accepted: bool) -> None:
        """Start with the setup that was offered, or forget it."""
        setup, self.state.offered = self.state.offered, None
        if accepted and setup is not None:
            await self.rebuild(lambda _: setup)
        else:
            self.refresh()

    async def choose_data(self, name: str) -> None:
        """Choose other data."""
        await self.change(data=name, target="", loss="", axes=("", ""))

    def change_axes(self, x: str, y: str) -> None:
        """Show the same network over other columns, without rebuilding it."""
        session = self.state.session
        with session.lock:
            session.setup = session.setup.but(axes=(x, y))
        self.refresh()

    async def add_layer(self) -> None:
        """Add a box like the last one."""
        await self.rebuild(
            lambda setup: setup.but(boxes=(*setup.boxes, *(setup.boxes[-1:] or [Box()])))
        )

    async def remove_layer(self, i: int) -> None:
        """Take a box away."""
        await self.rebuild(lambda setup: setup.but(boxes=setup.boxes[:i] + setup.boxes[i + 1 :]))

    # Training

    async def press(self, event: GenericEventArguments) -> None:
        """Run or pause, reset, or pause and make a step."""
        name, session, client = event.args["value"], self.state.session, self.state.client
        if name == "run":
            await client.in_turn(session.run_or_pause)  # decided in its turn, not now
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

            await client.in_turn(pause_and_step)

    def set_pace(self, name: str) -> None:
        """Set the speed of training."""
        self.state.session.runner.pace = name

    # Lessons

    async def choose_lesson(self, key: str) -> None:
        """Begin a lesson, or leave them."""
        state = self.state
        state.note, state.unit = "", None
        if key:
            await state.client.in_turn(begin, state.client, key)
        else:
            leave(state.client)
        self.refresh()

    def answer(self, typed: str) -> None:
        """Check the answer to the question of the lesson."""
        client, translate = self.state.client, self.state.translate
        lesson = LESSONS[client.lesson]
        assert lesson.answer
        try:
            client.answer = read_number(typed)
        except ValueError as error:
            self.notify(error)
            return
        right = is_near(client.answer, lesson.answer(client.session))
        given = f"{client.answer:.10g}"  # as it was read
        self.send(
            {
                "answered": {
                    "text": translate("right") if right else translate("not right", given=given)
                }
            }
        )
        self.state.sent.version = -1  # the lesson may be done

    # The page

    def set_theme(self, name: str) -> None:
        """Switch to the light or the dark theme."""
        self.state.client.theme = name
        self.javascript(f"jubako.theme({json.dumps(name)})")

    def switch_language(self) -> None:
        """Switch to the other language, without other changes."""
        client, languages = self.state.client, list(Language)
        client.language = languages[1 - languages.index(client.language)]
        self.state.translate = Translator(client.language)
        self.state.note = ""
        self.javascript(f"document.documentElement.lang = {json.dumps(client.language)}")
        self.refresh()

    def open_unit(self, place: str) -> None:
        """Show one unit."""
        layer, unit = map(int, str(place).split(","))
        self.state.unit = layer, unit
        self.refresh_unit()
        self.javascript("document.getElementById('unit-card')?.scrollIntoView({block: 'nearest'})")

    def close_unit(self) -> None:
        """Close the unit."""
        self.state.unit = None
        self.refresh_unit()

    def open_tab(self, name: str) -> None:
        """Open a tab."""
        state = self.state
        state.client.tab = name
        state.client.opened_tabs.add(name)
        state.snapshot = state.session.snapshot()
        self.refresh_panel()
        state.sent.version = -1  # a lesson may be done

    def receive(self, event: GenericEventArguments) -> None:
        """Report that a file was received or refused."""
        answer, status = event.args["answer"], event.args["status"]
        if status == 200:
            self.state.note = answer
            self.refresh()
        elif status == 413:
            self.notify(self.state.translate("too large", n=LARGEST_UPLOAD >> 20))
        else:
            self.notify(answer or self.state.translate("not sent"))

    def notify(self, what: Exception | str) -> None:
        """Show a message to the user."""
        self.state.note = self.state.translate.message(what)
        self.send({"note": {"text": self.state.note}})

    # The browser

    def javascript(self, code: str) -> None:
        """Run a script in the browser."""
        self.connection.run_javascript(code)

    def send(self, changes: Changes) -> None:
        """Send the updates."""
        self.javascript(f"jubako.show({json.dumps(changes)})")

    async def show(self, changes: Changes) -> None:
        """Send what is new, and wait until the browser has drawn it.

        Raises
        ------
        TimeoutError
            If it does not.
        """
        await self.connection.run_javascript(f"jubako.show({json.dumps(changes)})", timeout=10)
