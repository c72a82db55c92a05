import re
import subprocess
import sys
from contextlib import contextmanager

import nicegui
import pytest
from playwright.sync_api import expect
from threadpoolctl import threadpool_limits

from jubako.i18n.language import Language

expect.set_options(timeout=20_000)


@pytest.fixture(scope="session", autouse=True)
def one_thread():
    """As the lab does: threads within a small product only get in each other's way."""
    with threadpool_limits(1):
        yield


@contextmanager
def running_lab(*words):
    """A lab that runs in a process of its own, by its address with the token."""
    command = [sys.executable, *words, "", "", "0", "", "en"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, **pipes) as process:
        process.stdout.readline()
        address = process.stdout.readline().strip()
        assert address.startswith("http://127.0.0.1:")
        yield address
        process.terminate()
        complaints = process.communicate(timeout=20)[1]
    assert "Traceback" not in complaints
    assert "Warning" not in complaints


@pytest.fixture(scope="session")
def lab():
    """The lab that most tests share."""
    with running_lab("-m", "jubako.lab") as address:
        yield address


HASTY = """
import sys
from jubako.lab import __main__, auth, clients
from jubako.serve import connection
connection.HEAD_SECONDS, auth.PIECE_SECONDS, clients.PAUSE_AFTER = 1.0, 1.0, 1.0
__main__.main(*sys.argv[1:])
"""


@pytest.fixture(scope="session")
def hasty_lab():
    """A lab that waits for nobody longer than a second."""
    with running_lab("-c", HASTY) as address:
        yield address


@pytest.fixture(scope="session")
def left_pages():
    """Pages whose learners have left, for others: a browser of its own costs a second of work."""
    return []


@pytest.fixture
def visit(browser, lab, left_pages):
    """Opens the lab as another learner each time."""
    yield from visits(browser, lab, left_pages)


@pytest.fixture
def visit_hasty(browser, hasty_lab, left_pages):
    """Opens the hasty lab so."""
    yield from visits(browser, hasty_lab, left_pages)


@pytest.fixture(scope="module", params=Language)
def pupil(request, browser, lab, left_pages):
    """A language, and a page in it, on which one lesson after another is walked."""
    visiting = visits(browser, lab, left_pages)
    page = next(visiting)()
    if request.param == "ja":
        page.click("#language")
        expect(page.locator("html")).to_have_attribute("lang", "ja")
    yield request.param, page
    next(visiting, None)


def visits(browser, lab, left_pages):
    """Yield what opens a lab as another learner: without cookies and anything else stored.

    Whatever goes wrong in the browser fails the test: errors, and requests to anywhere else.
    """
    usual, special, wrong = [], [], []
    home = lab.partition("?")[0]
    watched = {
        "request": lambda r: None if is_home(r.url, home) else wrong.append(r.url),
        "weberror": lambda event: wrong.append(str(event.error)),
        "console": lambda m: wrong.append(f"{m.text} {m.location}") if is_trouble(m) else None,
    }

    def open_page(context=None, query="", **options):
        if context:
            page = context.new_page()
        else:
            page = left_pages.pop() if left_pages and not options else None
            page = page or browser.new_context(**options).new_page()
            page.context.clear_cookies()
            (special if options else usual).append(page.context)
            for event, note in watched.items():
                page.context.on(event, note)
        page.goto(lab + query)
        expect(page.locator("#s-epoch")).not_to_be_empty()
        return page

    yield open_page
    for context in special:
        context.close()
    for context in usual:
        for event, note in watched.items():
            context.remove_listener(event, note)
        page, *others = context.pages or [context.new_page()]
        for other in others:
            other.close()
        page.goto(f"{home}_nicegui/{nicegui.__version__}/static/nicegui.css")  # nothing runs there
        page.evaluate("localStorage.clear(); sessionStorage.clear()")
        left_pages.append(page)
    assert wrong == []


def is_home(url, home):
    return url.startswith((home, "data:", "blob:"))


def is_trouble(message):
    """An error, but not that a file was refused: the browser reports that too."""
    refused = re.search(r"status of (413|422)", message.text)
    return message.type == "error" and not refused
