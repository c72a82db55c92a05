"""`jubako check`: a table looked over before training."""

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
    """Print what was found."""
    table, taken_for, notes = text.table(data, {target: SIGNS} if target else {})
    if target is not None or data in BUILT_IN:
        target = find_target(table, data, target)
    found = profile(table, target, types)
    notes = [*notes, *found.notes]
    if as_json:
        answer = {
            "schema_version": 1,
            "data": data,
            "read_as": taken_for,
            "rows": table.num_rows,
            "notes": notes,
            "columns": [asdict(column) for column in found.columns],
            "remarks": list(found.remarks),
        }
        print(json.dumps(answer, ensure_ascii=False))
        return
    shown = Table(title=f"{data}: {taken_for}, {table.num_rows} rows", title_justify="left")
    for head in ("column", "type", "missing", "taken for"):
        shown.add_column(head, justify="right" if head == "missing" else "left")
    for column in found.columns:
        missing = str(column.missing or "")
        shown.add_row(column.name, column.type, missing, column.taken_for)
    out.print(shown)
    for remark in [*notes, *found.remarks]:
        out.print(f"- {remark}", soft_wrap=True)
    if not notes and not found.remarks:
        out.print("Nothing stands in the way.")
    if target is None:
        err.print("With --target COLUMN the target is looked at too: classes, leaks, order.")
