import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import expect
from threadpoolctl import threadpool_limits

expect.set_options(timeout=20_000)


@pytest.fixture(scope="session", autouse=True)
def one_thread():
    """As the lab does: threads within a small product only get in each other's way."""
    with threadpool_limits(1):
        yield


@pytest.fixture(scope="session")
def lab():
    """The address of a lab that runs in a process of its own, with its token."""
    command = [sys.executable, "-m", "jubako.lab", "", "", "0", "", "en"]
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


@pytest.fixture
def visit(browser, lab):
    """Opens the lab in a browser of its own: another learner each time.

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


@pytest.fixture(scope="session")
def pictures():
    """Where screenshots go, for whoever wants to look at them: $JUBAKO_SCREENSHOTS."""
    folder = os.environ.get("JUBAKO_SCREENSHOTS")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
    return Path(folder) if folder else None
