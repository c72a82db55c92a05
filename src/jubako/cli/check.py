"""`jubako check`: the use of each column of a table, and possible problems, before training."""

from collections.abc import Mapping
from dataclasses import asdict

from rich.table import Table

from jubako.data.inference import Declared
from jubako.data.profile import profile
from jubako.data.readers.builtin import BUILT_IN
from jubako.data.readers.csv import Keep
from jubako.data.readers.read import TableFile
from jubako.data.table_files import sample_of
from jubako.data.table_summary import SAMPLE
from jubako.data.target_column import SIGNS, find_target
from jubako.i18n.messages import Message

from .console import err, out, print_json
from .localization import localization
from .table_options import TextFormat
from .train_files import SHOWN, about, size_of


def run(
    data: str,
    target: str | None,
    text: TextFormat,
    types: Mapping[str, Declared],
    as_json: bool,
) -> None:
    """Print the profile."""
    table, file_format, notes = read(data, text, {target: SIGNS} if target else {})
    if target is not None or data in BUILT_IN:
        target = find_target(table, data, target)
    found = profile(table, target, types)
    notes = [*notes, *found.notes]
    if as_json:
        answer = {
            "data": data,
            "read_as": file_format,
            "rows": table.num_rows,
            "notes": notes,
            "columns": [asdict(column) for column in found.columns],
            "remarks": list(found.remarks),
        }
        print_json(answer)
        return
    title = Message("{data}: {read_as}, {n} rows", data=data, read_as=file_format, n=table.num_rows)
    shown = Table(title=title, title_justify="left")
    shown.add_column(Message("column"))
    shown.add_column(Message("missing"), justify="right")
    shown.add_column(Message("used as"))
    for column in found.columns:
        shown.add_row(column.name, str(column.missing or ""), column.use)
    out.print(shown)
    for remark in [*notes, *found.remarks]:
        out.print(f"- {localization.text(remark)}", soft_wrap=True)
    if not notes and not found.remarks:
        out.print(Message("No problems found."))
    if target is None:
        err.print(Message("Add --target COLUMN to check the target, too: classes, leaks, order."))


def read(data: str, text: TextFormat, keep: Keep) -> TableFile:
    """Read a table, or a sample of its rows if it does not fit into memory, with a note on it."""
    size = size_of(data, text)
    if size is None or size.fits:
        found = text.table(data, keep)
        is_large = size is not None and size.n_bytes > SHOWN
        notes = (*found.notes, about(size, data)) if size and is_large else found.notes
        return found._replace(notes=notes)
    files = text.files(data, keep)
    table = sample_of(files, SAMPLE, seed=0).table
    note = Message(
        "This is a random sample of the {n} rows, which do not fit into memory.",
        n=sum(files.counts.values()),
    )
    return TableFile(table, Message("{n} files", n=len(files.files)), (about(size, data), note))
