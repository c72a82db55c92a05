"""The documentation site: complete, without dead links and outside requests, usable offline."""

import importlib.util
import inspect
import os
import re
import runpy
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from filelock import FileLock

import jubako
import jubako.estimators

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
LONGEST_PAGE = 300_000  # bytes
PHONE = {"width": 390, "height": 844}
PUBLIC = {f"jubako.{name}" for name in jubako.__all__ if name != "__version__"} | {
    f"jubako.estimators.{name}" for name in jubako.estimators.__all__ if "Single" in name
}
ACCESSIBLE = {
    "light": ["index.html", "reference/TabularClassifier.html", "accuracy.html", "ja/start.html"],
    "dark": ["start.html", "reference/commands.html", "step.html", "ja/index.html"],
}


@pytest.fixture(scope="session")
def site(tmp_path_factory, worker_id):
    """The folder of the site, built once for all processes; a warning fails the build."""
    if importlib.util.find_spec("sphinx") is None:
        why = "no Sphinx here: pip install --group docs"
        pytest.fail(why) if os.environ.get("CI") else pytest.skip(why)
    base = tmp_path_factory.getbasetemp()
    folder = (base if worker_id == "master" else base.parent) / "site"
    with FileLock(f"{folder}.lock"):
        if not folder.exists():
            runpy.run_path(str(DOCS / "build.py"))["build"](folder)
    return folder


@pytest.fixture(scope="session")
def pages(site):
    """The pages by their path: their text, links and anchors."""
    paths = [path for path in sorted(site.rglob("*.html")) if "_static" not in path.parts]
    return {path.relative_to(site): Page(path) for path in paths}


class Page(HTMLParser):
    """The addresses and the anchors of a page."""

    def __init__(self, path):
        super().__init__()
        self.path, self.links, self.loads, self.anchors = path, [], [], set()
        self.text = path.read_text(encoding="utf-8")
        self.feed(self.text)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        self.anchors.add(given.get("id"))
        if tag == "a" and given.get("href"):
            self.links.append(given["href"])
        elif tag in ("img", "script", "iframe", "source", "video") and given.get("src"):
            self.loads.append(given["src"])
        elif tag == "link" and given.get("href"):
            self.loads.append(given["href"])


def test_no_link_is_dead(site, pages):
    dead = []
    for name, page in pages.items():
        for link in [*page.links, *page.loads]:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (
                Path(os.path.normpath(name.parent / unquote(parts.path))) if parts.path else name
            )
            anchors = pages[target].anchors if target in pages else {unquote(parts.fragment)}
            if not (site / target).is_file() or unquote(parts.fragment or "") not in {*anchors, ""}:
                dead.append((str(name), link))
    assert dead == []


def test_nothing_is_loaded_from_outside(site, pages):
    for name, page in pages.items():
        assert not [one for one in page.loads if re.match("(https?:)?//", one)], name
    for sheet in site.rglob("*.css"):
        found = re.findall(
            r"(?:url\(|@import )[\"']?(?:https?:)?//[^)\"']*", sheet.read_text("utf-8")
        )
        assert found == [], sheet


def test_no_page_is_long(pages):
    long = {str(n): p.path.stat().st_size for n, p in pages.items()}
    assert {name: size for name, size in long.items() if size > LONGEST_PAGE} == {}


def test_every_public_name_is_documented(site):
    from sphinx.util.inventory import InventoryFile

    with (site / "objects.inv").open("rb") as file:
        known = InventoryFile.load(file, "", os.path.join)
    classes, functions, methods = (known[f"py:{kind}"] for kind in ("class", "function", "method"))
    for name in PUBLIC:
        module, _, short = name.rpartition(".")
        thing = getattr(sys.modules[module], short)
        assert name in (classes if inspect.isclass(thing) else functions), name
        for method, value in inspect.getmembers(thing if inspect.isclass(thing) else None):
            if callable(value) and (getattr(value, "__module__", "") or "").startswith("jubako"):
                assert method.startswith("_") or f"{name}.{method}" in methods, (name, method)


def test_every_option_is_documented(site):
    from typer.main import get_command

    from jubako.cli.commands import app

    text = (site / "reference" / "commands.html").read_text(encoding="utf-8")
    group = get_command(app)
    commands = {"jubako": group} | {f"jubako-{n}": each for n, each in group.commands.items()}
    for name, command in commands.items():
        for parameter in command.params:
            if parameter.param_type_name == "argument":
                assert f">{parameter.metavar or parameter.name.upper()}<" in text, (name, parameter)
                continue
            for form in (*parameter.opts, *parameter.secondary_opts):
                assert f'id="cmdoption-{name}-{form.lstrip("-")}"' in text or (
                    f'id="cmdoption-{name}-{form[1]}"' in text
                ), (name, form)


def test_pages_in_two_languages_have_the_same_sections():
    twins = [path for path in DOCS.rglob("*.ja.md") if path.name != "index.ja.md"]
    assert len(twins) >= 6
    for japanese in twins:
        english = japanese.with_name(japanese.name.replace(".ja.md", ".md"))
        outlines = [
            re.findall(r"^#+(?= )", re.sub(r"(?ms)^```.*?^```$", "", path.read_text("utf-8")), re.M)
            for path in (japanese, english)
        ]
        assert outlines[0] == outlines[1], japanese


@pytest.fixture
def visit(browser, site):
    """Open a page from the disk, and notice what it asks for and what fails in it."""
    opened, trouble = [], []

    def visit(name, **settings):
        context = browser.new_context(**settings)
        opened.append(context)
        page = context.new_page()
        page.on("request", lambda request: note(request.url))
        page.on("pageerror", lambda error: trouble.append(str(error)))
        page.goto((site / name).as_uri())
        return page

    def note(address):
        if not address.startswith(("file:", "data:", "blob:")):
            trouble.append(address)

    yield visit
    for context in opened:
        context.close()
    assert trouble == []


@pytest.mark.parametrize("scheme", ACCESSIBLE)
def test_pages_are_accessible(visit, site, scheme):
    page = visit("index.html", color_scheme=scheme)
    for name in ACCESSIBLE[scheme]:
        page.goto((site / name).as_uri())
        found = Axe().run(page)
        serious = [
            v for v in found.response["violations"] if v["impact"] in ("serious", "critical")
        ]
        assert serious == [], (name, scheme, found.generate_report())


def test_every_page_fits_a_phone(visit, site, pages):
    page = visit("index.html", viewport=PHONE, java_script_enabled=False)  # faster
    wide = []
    for name, read in pages.items():
        # without leaving the first page, so that the style, of 400 kB, is parsed once
        base = f'<head><base href="{(site / name).as_uri()}">'
        page.set_content(read.text.replace("<head>", base, 1))
        assert page.evaluate("document.styleSheets.length") >= 4
        if page.evaluate("document.documentElement.scrollWidth") > PHONE["width"]:
            wide.append(str(name))
    assert wide == []


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("search.html?q=conformal", "intervals.html"),
        ("search.html?q=predict_interval", "TabularRegressor.html"),
        ("search.html?q=skip-rows", "commands.html"),
        ("ja/search.html?q=誤差逆伝播", "step.html"),
        ("ja/search.html?q=勾配消失", "lab.html"),
    ],
)
def test_search_finds_pages_offline(visit, site, address, found):
    page = visit("index.html")
    page.goto(f"{site.as_uri()}/{address}")
    page.wait_for_selector(f"#search-results a[href*='{found}']", timeout=10_000)
