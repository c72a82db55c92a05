import os
import shutil
import sys
from pathlib import Path

os.environ.setdefault("SCIPY_ARRAY_API", "1")  # else scikit-learn skips a check; before any import
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # several processes test at once
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # else hundreds of processes compile all modules

import pytest
from hypothesis import settings

sys.dont_write_bytecode = False
EXAMPLES = int(os.environ.get("JUBAKO_TEST_EXAMPLES", "50"))
settings.register_profile(
    "house", derandomize=True, deadline=None, database=None, max_examples=EXAMPLES
)
settings.load_profile("house")

BROWSERS = "chromium", "chromium-browser", "google-chrome"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def browser():
    """A real browser, from the system's packages; `make test BROWSER=no` skips what needs it."""
    if os.environ.get("JUBAKO_TEST_BROWSER") == "no":
        pytest.skip("BROWSER=no")
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        why = "no Chromium here: `make browser` installs it where it can"
        pytest.fail(why) if os.environ.get("CI") else pytest.skip(why)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=found, args=FLAGS)
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def pictures():
    """Where screenshots go, for whoever wants to look at them: $JUBAKO_SCREENSHOTS."""
    folder = os.environ.get("JUBAKO_SCREENSHOTS")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
    return Path(folder) if folder else None
