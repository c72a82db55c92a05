"""`jubako report`: a page on a model and a table with its target, or the same as JSON."""

import hashlib
import shlex
from pathlib import Path
from typing import Any

from jubako.estimators.reporting import call_of
from jubako.i18n.language import Language
from jubako.i18n.messages import Message
from jubako.model.errors import ModelFileError
from jubako.model.model_file import read_file
from jubako.report.compute import compute_report
from jubako.report.display import SUFFIXES, DisplayedReport
from jubako.report.report import Source

from .console import err
from .loading import Loaded, load_with_rows
from .output_files import check_output, note_written, whole_file
from .table_options import TextFormat

NOTES = "data", "rows", "seconds"  # of the training, that the report shows


def run(
    path: Path,
    data: str,
    out: Path | None,
    target: str | None,
    n_worst: int,
    text: TextFormat,
    force: bool,
    language: Language,
) -> None:
    """Compute a report and write it.

    Parameters
    ----------
    path : Path
        File of the model.
    data : str
    out : Path or None
        File to write, whose suffix is the format; named like the model if None.
    target : str or None
        The target column, if its name is not that in training.
    n_worst : int
        Number of rows with the largest errors to show.
    text : TextFormat
    force : bool
        Whether an existing file is overwritten.
    language : Language
        Of the page.
    """
    if not path.exists():
        raise ModelFileError(Message("There is no model file {path!r}.", path=str(path)))
    out = path.with_name(f"{path.stem}-report.html") if out is None else out
    check_output(out, [data, path], SUFFIXES, force)
    loaded = load_with_rows(path, data, target, text, known_only=False)
    err.print(Message("Computing the report on {n} rows ...", n=len(loaded.rows.target)))
    source = source_of(path, data, target, out, n_worst, language, loaded)
    report = DisplayedReport(
        compute_report(loaded.model.model_, loaded.rows, source, n_worst), language
    )
    with whole_file(out) as part:
        report_text = report.html() if out.suffix.lower() == ".html" else report.json()
        part.write_text(report_text, encoding="utf-8")
    note_written(out)


def source_of(
    path: Path,
    data: str,
    target: str | None,
    out: Path,
    n_worst: int,
    language: Language,
    loaded: Loaded,
) -> Source:
    """Return where the model and the rows come from, and the command that reports on them.

    Parameters
    ----------
    path : Path
    data : str
    target : str or None
    out : Path
    n_worst : int
    language : Language
    loaded : Loaded

    Returns
    -------
    Source
    """
    saved, _ = read_file(path)
    note: dict[str, Any] = saved["note"]
    words = ["jubako", "report", str(path), data, "-o", str(out)]
    words += [] if target is None else ["--target", target]
    words += ["--rows", str(n_worst)] if n_worst else []
    words += ["--lang", language.value] if language is not Language.en else []
    return Source(
        model=path.name,
        data=Path(data).name,
        target=loaded.target,
        estimator=call_of(loaded.model),
        command=shlex.join(words),
        seed=note.get("seed"),
        version=saved["library_version"],
        file_sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
        training={name: note[name] for name in NOTES if name in note},
        n_without_target=loaded.n_dropped,
        notes=tuple(loaded.notes),
    )
