"""The page: what stands where in one tab of a browser, and when it is sent.

The page shows the state of the learner's session. It is rebuilt when the network
changes; while the network learns, only numbers and pictures are sent, at most twelve times a second
and never faster than the browser draws them.
"""

import json
import time
from typing import Final

from nicegui import run, ui
from nicegui.events import GenericEventArguments

from . import sections
from .actions import Actions
from .clients import Client
from .controls import block, button, handle_change, text, yes
from .lessons import finish
from .page_state import PageState
from .pictures import Changes
from .pictures.curves import draw_curves
from .tabs import TABS
from .translator import Translator
from .unit_card import unit_card
from .updates import network_updates, status, unit_updates

SECOND = 1 / 12  # between two looks at a session that learns
SLOW = 0.4  # seconds between two looks at what is below
READ_ALOUD = 3.0  # seconds between two sentences for screen readers


class Page:
    """The page in one tab of a browser.

    Parameters
    ----------
    client : Client
    """

    def __init__(self, client: Client) -> None:
        self.client: Client = client
        self.connection: Final = ui.context.client
        self.state: Final = PageState(client)
        self.actions: Final = Actions(
            self.state,
            self.connection,
            self.body.refresh,
            self.unit_card.refresh,
            self.panel.refresh,
        )
        self.hidden: bool = False  # hidden by other tabs

    # Creation

    def make(self) -> None:
        """Create all elements of the page."""
        state, actions, client = self.state, self.actions, self.client
        ui.on("press", actions.press)
        ui.on("edited", handle_change)
        ui.on("unit", lambda e: actions.open_unit(e.args["value"]))
        ui.on("sending", lambda e: actions.notify(state.translate("reading", name=e.args["name"])))
        ui.on("sent", actions.receive)
        ui.on("hidden", self.hide)
        ui.on("copied", lambda: actions.notify(state.translate("copied")))
        self.connection.on_connect(lambda: client.open_page(self.connection.id))
        self.connection.on_disconnect(self.disconnected)
        if client.paused_without_pages:
            state.note, client.paused_without_pages = state.translate("paused without pages"), False
        self.body()
        # a tab that was opened behind others
        actions.javascript("emitEvent('hidden', {hidden: document.hidden})")
        ui.timer(SECOND, self.tick)

    @ui.refreshable_method
    def body(self) -> None:
        """Create the body of the page."""
        state, actions = self.state, self.actions
        state.take_snapshot()
        state.fresh, state.sent.version = self.news()
        state.fresh |= self.whole(state.sent.version)
        hidden = state.snapshot.setup.hide
        sections.header(state, actions)
        with block("div", "lab", id="main", data_builds=str(state.session.builds)):
            sections.offer(state, actions)
            if "lessons" not in hidden:
                sections.welcome(state, actions)
                sections.lesson(state, actions)
            sections.bar(state, actions)
            with block("div", "columns"):
                with block("div", "left"):
                    if "data" not in hidden:
                        sections.data(state, actions)
                    if "training" not in hidden:
                        sections.training(state, actions)
                with block("div", "middle"):
                    with block("section", "card", aria_labelledby="h-network"):
                        sections.network(state, actions)
                        self.unit_card()
                    if "result" not in hidden:
                        with block("section", "card curves", aria_label=state.translate("curves")):
                            ui.html(draw_curves(state.snapshot, state.translate), sanitize=False)
                if "result" not in hidden:
                    with block("section", "card right", aria_labelledby="h-result"):
                        sections.result(state, actions)
            if "tabs" not in hidden:
                sections.tabs(state, actions, lambda: self.panel())
            if hidden:
                button("show-all", state.translate("show all"), lambda: actions.change(hide=()))
        text("p", state.translate("keys"), "keys")
        text("p", "", "unseen", id="aloud", aria_live="polite")
        letters = json.dumps(state.snapshot.setup.to_address())
        actions.javascript(
            f"jubako.show({json.dumps(state.fresh)}); jubako.refocus(); jubako.address({letters})"
        )

    @ui.refreshable_method
    def unit_card(self) -> None:
        """Show the open unit."""
        unit_card(self.state, self.actions)

    @ui.refreshable_method
    def panel(self) -> None:
        """Create the panel of the open tab."""
        TABS[self.client.tab].make(self.state, self.actions)

    async def disconnected(self) -> None:
        """Note that the tab was closed; an old connection may end after the tab has a new one."""
        if not self.connection.has_socket_connection:
            await self.client.close_page(self.connection.id)

    def hide(self, event: GenericEventArguments) -> None:
        """Record that the tab was hidden or shown: hidden tabs get no updates."""
        self.hidden = bool(event.args["hidden"])

    # Updates

    async def tick(self) -> None:
        """Send what is new. The answer is awaited, so that a slow browser is not flooded."""
        state, session, sent = self.state, self.state.session, self.state.sent
        if self.hidden or not self.connection.has_socket_connection:
            return
        if state.translate.language != self.client.language:
            state.translate = Translator(self.client.language)
            sent.builds = -1  # switched in another tab
        if session.builds != sent.builds:
            self.actions.refresh()
            return
        if session.version == sent.version and session.running == sent.running:
            return
        if not session.running and finish(self.client):
            self.actions.refresh()
            return
        running = session.running
        news = await run.io_bound(self.news)
        if news is None:  # the lab is being closed
            return
        changes, version = news
        now = time.monotonic()
        if not running or now - sent.status_at > READ_ALOUD:
            sent.status_at = now
            changes["aloud"] = {"text": status(state)}
        whole = self.whole(version)
        try:
            if not running:  # that it has stopped is seen at once: the rest takes longer to draw
                await self.actions.show(changes)
                changes = await run.io_bound(self.slow_news) or {}
            elif now - sent.tab_at > SLOW:
                sent.tab_at = now
                changes |= await run.io_bound(self.slow_news) or {}
            await self.actions.show(changes | whole)
        except TimeoutError:
            return
        sent.version, sent.running = version, running

    def news(self) -> tuple[Changes, int]:
        """Return the updates since the page was created, and their version."""
        state, session = self.state, self.state.session
        what = "news", state.translate.language, state.canvas.axes
        version = session.builds, session.version, session.running, id(state.canvas.data)
        state.snapshot, changes = self.client.cached(what, version, lambda: network_updates(state))
        if state.snapshot.data is not state.canvas.data:
            return {}, -1  # the page is about to be rebuilt
        return dict(changes), state.snapshot.version

    def slow_news(self) -> Changes:
        """Return the updates of the panel and of the open unit."""
        tab, changes = TABS[self.client.tab], Changes()
        if tab.changes and "tabs" not in self.state.snapshot.setup.hide:
            changes |= tab.changes(self.state)
        return changes | unit_updates(self.state)

    def whole(self, version: int) -> Changes:
        """Return the version that is shown completely, and whether training was running."""
        running = yes(self.state.snapshot.running)
        return {"main": {"data-version": str(version), "data-running": running}}
