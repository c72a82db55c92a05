"""A report as one page, or as a piece of HTML for a notebook. It loads nothing."""

from importlib.resources import files

from jubako.explain.render.frame import asset
from jubako.explain.render.markup import Markup, element, fragment
from jubako.i18n.language import Language
from jubako.i18n.messages import Message

from .page_data import drift_section, rows_section, table_section
from .page_explanation import explanation_section
from .page_model import candidates_section, repeat_section, training_section
from .page_predictions import coverage_section, predictions_section
from .page_scores import scores_section, verdict_section
from .parts import Writer
from .report import Report


def report_page(report: Report, language: Language) -> str:
    """Return a report as a complete page.

    Parameters
    ----------
    report : Report
    language : Language

    Returns
    -------
    str
        HTML.
    """
    writer = Writer(language)
    head = element(
        "head",
        {},
        element("meta", {"charset": "utf-8"}),
        element("meta", {"name": "viewport", "content": "width=device-width, initial-scale=1"}),
        element("meta", {"name": "color-scheme", "content": "light dark"}),
        element("title", {}, f"{writer.text(title_of(report))}: Jubako"),
    )
    content = report_content(report, writer, "main")
    body = element("body", {"class": "report-page"}, content)
    return f"<!doctype html>{element('html', {'lang': language.value}, head, body)}\n"


def report_fragment(report: Report, language: Language) -> str:
    """Return a report as an element for a notebook.

    Parameters
    ----------
    report : Report
    language : Language

    Returns
    -------
    str
        HTML.
    """
    return report_content(report, Writer(language), "div")


def report_content(report: Report, writer: Writer, tag: str) -> Markup:
    """Write all sections, with their style.

    Parameters
    ----------
    report : Report
    writer : Writer
    tag : str
        Of the element.

    Returns
    -------
    Markup
    """
    sections = [
        verdict_section(report, writer),
        table_section(report, writer),
        scores_section(report, writer),
        training_section(report, writer),
        predictions_section(report, writer),
        coverage_section(report, writer),
        candidates_section(report, writer),
        explanation_section(report, writer),
        rows_section(report, writer),
        drift_section(report, writer),
        repeat_section(report, writer),
    ]
    return element(
        tag,
        {"class": "jubako report", "lang": writer.language.value},
        element("style", {}, asset("page.css"), style()),
        heading(report, writer),
        *sections,
    )


def style() -> Markup:
    """Return the style sheet of reports."""
    return Markup((files(__package__ or "") / "report.css").read_text(encoding="utf-8"))


def title_of(report: Report) -> Message:
    """Return the title."""
    return Message("Report: prediction of {target}", target=report.source.target)


def heading(report: Report, writer: Writer) -> Markup:
    """Write the title, and what the report is about.

    Parameters
    ----------
    report : Report
    writer : Writer

    Returns
    -------
    Markup
    """
    about = Message(
        "{model} on {n:,} rows of {data}, {date}",
        model=report.source.model,
        n=report.n_rows,
        data=report.source.data,
        date=report.environment.date,
    )
    title = element("h1", {}, writer.text(title_of(report)))
    return element("header", {}, fragment(title, writer.paragraph(about, "how")))
