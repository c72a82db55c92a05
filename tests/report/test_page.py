import html
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from axe_playwright_python.sync_playwright import Axe

from jubako.i18n.language import Language
from jubako.report.numbers import metric_text, number_text
from jubako.report.page import report_page
from jubako.report.plot import bar_chart, cut, text_width, ticks


@pytest.fixture
def visit(browser, tmp_path):
    """Opens a report offline; errors and requests to anywhere fail the test."""
    contexts, wrong = [], []

    def open_page(text, **options):
        path = tmp_path / "report.html"
        path.write_text(text, encoding="utf-8")
        context = browser.new_context(offline=True, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("request", lambda r: wrong.append(r.url) if r.url != path.as_uri() else None)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda m: wrong.append(m.text) if m.type == "error" else None)
        page.goto(path.as_uri())
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert wrong == []


class Balance(HTMLParser):
    """Checks that each element is closed where it should be."""

    def __init__(self):
        super().__init__()
        self.open, self.wrong = [], []

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        pass

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)


def tables(page):
    """Return the cells of each table of a page, by its heads."""
    found = {}
    for table in re.findall(r"(?s)<table.*?</table>", page):
        rows = [
            [html.unescape(cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row)]
            for row in re.findall(r"(?s)<tr.*?</tr>", table)
        ]
        found[tuple(rows[0])] = rows[1:]
    return found


def test_the_page_is_well_formed(number_report, class_report):
    for report in (number_report, class_report):
        page = report.html()
        balance = Balance()
        balance.feed(page)
        assert (balance.open, balance.wrong) == ([], [])
        assert "<b>blue</b>" not in page
        assert not re.search(r"https?://|src=|@import|url\(", page)
        assert report._repr_html_() in page.replace("<main", "<div").replace("</main>", "</div>")


def test_the_tables_are_the_facts(number_report):
    facts, found = number_report.facts, tables(number_report.html())
    scores = found["", "model", "95 % interval", "mean", "linear model"]
    by_name = {"R²": "r2", "RMSE": "rmse", "MAE": "mae"}
    assert {row[0] for row in scores} == set(by_name)
    for head, value, interval, mean, linear in scores:
        name = by_name[head]
        assert value == metric_text(name, facts.scores.metrics[name])
        assert interval == " – ".join(metric_text(name, x) for x in facts.scores.intervals[name])
        assert mean == metric_text(name, facts.scores.baselines["mean"][name])
        assert linear == metric_text(name, facts.scores.baselines["linear_model"][name])
    bins = found["predicted", "true", "true, 10 %", "true, 90 %", "rows"]
    assert bins == [
        [*(number_text(b[k]) for k in ("predicted", "true", "low", "high")), str(b["rows"])]
        for b in facts.numbers.by_prediction
    ]
    importances = found["column", "R² decrease", "standard error"]
    assert importances == [
        [one.column, f"{one.mean:.4f}", f"{one.standard_error:.4f}"]
        for one in facts.explanation.importances
    ]
    rows = found["row", "true", "predicted", "absolute error", *facts.worst_rows[0].values]
    assert [row[0] for row in rows] == [str(row.row) for row in facts.worst_rows]
    assert len(found["column", "read as", "missing"]) == len(facts.columns)


def test_every_figure_has_alternative_text_and_a_table(number_report, class_report):
    for report in (number_report, class_report):
        figures = re.findall(r"(?s)<figure.*?</figure>", report.html())
        assert len(figures) >= 9
        for figure in figures:
            assert "<table" in figure
        pictures = re.findall(r'<svg class="plot".*?</title>', report.html())
        assert len(pictures) >= 9
        assert all(re.search('role="img" aria-label="[^"]+"', picture) for picture in pictures)


def test_a_wide_table_makes_no_large_page(number_report):
    facts = number_report.facts
    wide = replace(
        facts,
        columns=40 * facts.columns,
        drift=40 * facts.drift,
        explanation=replace(facts.explanation, importances=40 * facts.explanation.importances),
        worst_rows=20 * facts.worst_rows,
    )
    assert len(report_page(wide, Language.ja).encode()) < 1e6


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_is_accessible(visit, class_report, number_report, scheme):
    report = class_report if scheme == "light" else number_report
    page = visit(report.html(), color_scheme=scheme)
    page.evaluate("document.querySelectorAll('details').forEach((d) => (d.open = true))")
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize("width", [1280, 390])
def test_the_page_fits_the_screen(visit, class_report, number_report, width):
    for report in (class_report, number_report):
        page = visit(report.html(), viewport={"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_it_prints_on_a4(visit, number_report, tmp_path):
    page = visit(number_report.html(), color_scheme="dark")
    page.set_viewport_size({"width": 680, "height": 900})  # 180 mm
    page.emulate_media(media="print")
    assert page.evaluate("document.documentElement.scrollWidth") <= 680
    pdf = page.pdf(prefer_css_page_size=True)
    assert pdf.count(b"/MediaBox [0 0 594") + pdf.count(b"/MediaBox [0 0 595") >= 3


@pytest.mark.parametrize("language", Language)
def test_no_table_is_cut_off_on_a4(visit, class_report, number_report, language):
    for report in (class_report, number_report):
        page = visit(report_page(report.facts, language), viewport={"width": 680, "height": 1000})
        page.emulate_media(media="print")  # 680 px are A4 between the margins
        ends = "els => els.map(el => el.getBoundingClientRect().right)"
        assert max(page.locator("table").evaluate_all(ends)) <= 680


def test_only_scores_on_other_rows_are_stated_not_to_be_optimistic(number_report):
    page = report_page(number_report.facts, Language.en)
    assert "The scores on X above are not: no choice was made on these rows." in page
    warned = replace(number_report.facts, warnings=["The same rows."])
    assert "no choice was made" not in report_page(warned, Language.en)


def test_numbers_and_names_are_made_to_fit():
    assert ticks(-1, 1) == [-1.0, -0.5, 0.0, 0.5, 1.0]
    assert ticks(1e-9, 3e-9)[0] >= 1e-9
    assert text_width(cut("a long name of a column", 60)) <= 60
    assert cut("short", 60) == "short"
    assert "<rect" not in bar_chart("nothing", [])
