import re
import subprocess
import sys
from contextlib import contextmanager

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


@pytest.fixture
def visit(browser, lab):
    """Opens the lab in a browser of its own: another learner each time."""
    yield from visits(browser, lab)


@pytest.fixture
def visit_hasty(browser, hasty_lab):
    """Opens the hasty lab so."""
    yield from visits(browser, hasty_lab)


@pytest.fixture(scope="module", params=Language)
def pupil(request, browser, lab):
    """A language, and a page in it, on which one lesson after another is walked."""
    visiting = visits(browser, lab)
    page = next(visiting)()
    if request.param == "ja":
        page.click("#language")
        expect(page.locator("html")).to_have_attribute("lang", "ja")
    yield request.param, page
    next(visiting, None)


def visits(browser, lab):
    """Yield what opens a lab in a browser of its own.

    Whatever goes wrong in the browser fails the test: errors, and requests to anywhere else.
    """
    contexts, wrong = [], []
    home = lab.partition("?")[0]

    def open_page(context=None, query="", **options):
        if context is None:
            context = browser.new_context(**options)
            contexts.append(context)
            context.on(
                "request", lambda r: wrong.append(r.url) if not is_home(r.url, home) else None
            )
        page = context.new_page()
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda m: wrong.append(m.text) if is_trouble(m) else None)
        page.goto(lab + query)
        expect(page.locator("#s-epoch")).not_to_be_empty()
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert wrong == []


def is_home(url, home):
    return url.startswith((home, "data:", "blob:"))


def is_trouble(message):
    """An error, but not that a file was refused: the browser reports that too."""
    refused = re.search(r"status of (413|422)", message.text)
    return message.type == "error" and not refused
