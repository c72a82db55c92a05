"""`jubako check`: how the columns of a table are read and used, and what is odd about it."""

import json
from collections.abc import Mapping
from dataclasses import asdict

from rich.table import Table

from jubako.data.inference import Declared
from jubako.data.profile import profile
from jubako.data.readers.builtin import BUILT_IN
from jubako.data.target_column import SIGNS, find_target

from .console import err, out
from .table_options import TextFormat


def run(
    data: str,
    target: str | None,
    text: TextFormat,
    types: Mapping[str, Declared],
    as_json: bool,
) -> None:
    """Print the profile of a table."""
    table, file_format, notes = text.table(data, {target: SIGNS} if target else {})
    if target is not None or data in BUILT_IN:
        target = find_target(table, data, target)
    found = profile(table, target, types)
    notes = [*notes, *found.notes]
    if as_json:
        answer = {
            "schema_version": 1,
            "data": data,
            "read_as": file_format,
            "rows": table.num_rows,
            "notes": notes,
            "columns": [asdict(column) for column in found.columns],
            "remarks": list(found.remarks),
        }
        print(json.dumps(answer, ensure_ascii=False))
        return
    shown = Table(title=f"{data}: {file_format}, {table.num_rows} rows", title_justify="left")
    for head in ("column", "missing", "used as"):
        shown.add_column(head, justify="right" if head == "missing" else "left")
    for column in found.columns:
        shown.add_row(column.name, str(column.missing or ""), column.use)
    out.print(shown)
    for remark in [*notes, *found.remarks]:
        out.print(f"- {remark}", soft_wrap=True)
    if not notes and not found.remarks:
        out.print("Nothing odd was found.")
    if target is None:
        err.print("With --target COLUMN the target is checked too: classes, leaks, order.")
