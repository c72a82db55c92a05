"""`jubako check`: the use of each column of a table, and possible problems, before training."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from rich.table import Table

from jubako.data.inference import Declared
from jubako.data.memory import available_memory
from jubako.data.profile import profile
from jubako.data.readers.builtin import BUILT_IN
from jubako.data.table_size import TableSize
from jubako.data.target_column import SIGNS, find_target
from jubako.i18n.messages import Message

from .console import err, out, print_json
from .large_tables import about, is_worth_showing, read_or_sample, size_of
from .localization import localization
from .table_options import TextFormat


def run(
    data: str,
    target: str | None,
    text: TextFormat,
    types: Mapping[str, Declared],
    as_json: bool,
) -> None:
    """Print the profile."""
    size = size_of(data, text)
    keep = {target: SIGNS} if target else {}
    table, file_format, notes = read_or_sample(data, text, keep, size, not size or size.fits)
    if size and is_worth_showing(size):
        notes = (about(size, data), *notes)
    if target is not None or data in BUILT_IN:
        target = find_target(table, data, target)
    found = profile(table, target, types)
    notes = [*notes, *found.notes]
    if as_json:
        answer = {
            "data": data,
            "read_as": file_format,
            "rows": table.num_rows,
            "memory": estimate(size),
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


def estimate(size: TableSize | None) -> dict[str, Any] | None:
    """Return the estimated memory as the JSON output shows it; None for a small table."""
    if size is None:
        return None
    return {
        "rows": size.n_rows,
        "bytes": round(size.n_bytes),
        "bytes_from_disk": round(size.n_bytes_from_disk),
        "bytes_available": round(min(available_memory(), 2.0**63)),
        "fits": size.fits,
    }
