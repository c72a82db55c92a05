"""`jubako trace`: every number of one training step, for a few rows."""

from pathlib import Path

import numpy as np

from jubako.estimators.tracing import trace
from jubako.explain.render.page import page
from jubako.explain.render.terminal import render, units_in
from jubako.explain.selection import choose
from jubako.i18n.language import Language
from jubako.i18n.messages import Message

from .console import err, out
from .errors import UsageError
from .loading import load_with_rows
from .localization import localization
from .output_files import check_output, write_page
from .table_options import TextFormat

MOST_ROWS = 10  # shown on a page; sums and JSON cover all rows


def run(
    path: Path,
    data: str,
    n_rows: int,
    target: str | None,
    rate: float | None,
    part: int,
    html: Path | None,
    as_json: bool,
    as_csv: bool,
    text: TextFormat,
    force: bool,
    language: Language,
) -> None:
    """Compute a step for the first rows, and print or write its numbers."""
    if as_json and as_csv:
        raise UsageError(Message("--json and --csv are two forms of the same numbers: choose one."))
    if html is not None:
        check_output(html, [data, path], (".html", ".htm"), force)
    loaded = load_with_rows(path, data, target, text)
    rows = loaded.rows.take(np.arange(min(n_rows, len(loaded.rows.target))))
    t = trace(loaded.model, rows.table, rows.target, learning_rate=rate, target=loaded.target)
    if not as_json and not as_csv:
        t = t.with_features([localization.text(name) for name in t.features])
    shown = range(min(len(t.rows), MOST_ROWS))
    if html is not None:
        view = choose(t, rows=shown, page=part - 1)
        write_page(html, page(t, view=view, language=language.value))
    if as_json:
        print(t.to_json())
    elif as_csv:
        print(t.to_csv(), end="")
    elif html is None:
        view = choose(t, rows=shown, most=units_in(out.width), page=part - 1)
        out.print(render(t, view, language.value))
        err.print(Message("To open every number in a browser, add: --html trace.html"))
