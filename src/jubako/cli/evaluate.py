"""`jubako evaluate`: a model measured on a table that holds the truth."""

import json
from pathlib import Path
from typing import Any

from jubako.data.target_column import class_counts
from jubako.evaluation.metrics import evaluate

from .console import err, out
from .errors import DONE, TOO_LOW, UsageError
from .loading import load_with_rows
from .score_tables import detail_table, score_table
from .table_options import TextFormat


def run(
    path: Path,
    data: str,
    target: str | None,
    fail_under: str | None,
    text: TextFormat,
    as_json: bool,
) -> int:
    """Measure, print, and return the exit code."""
    limit = parse_limit(fail_under)
    loaded = load_with_rows(path, data, target, text, known_only=False)
    model, rows = loaded.model, loaded.rows
    measured = evaluate(model, rows.table, rows.target)
    if as_json:
        answer = {"schema_version": 1, "model": str(path), "rows": len(rows.target)}
        answer |= {"left_out": loaded.left_out, "notes": loaded.notes, "scores": measured}
        print(json.dumps(answer, ensure_ascii=False))
    else:
        out.print(
            score_table(f"{loaded.target}: on {len(rows.target)} rows", {str(path): measured})
        )
        counts = class_counts(rows.target) if model.model_.task == "classify" else {}
        details = detail_table(measured, counts)
        if details:
            out.print(details)
    return verdict(measured, limit)


def parse_limit(text: str | None) -> tuple[str, float] | None:
    """Read what a score must reach, as in accuracy=0.9."""
    if text is None:
        return None
    name, _, value = text.partition("=")
    try:
        return name.strip(), float(value)
    except ValueError:
        raise UsageError(f"--fail-under {text!r} must read like accuracy=0.9.") from None


def verdict(measured: dict[str, Any], limit: tuple[str, float] | None) -> int:
    """Compare a score with what it must reach."""
    if limit is None:
        return DONE
    name, least = limit
    known = [key for key in ("accuracy", "r2") if key in measured]
    if name not in known:
        raise UsageError(f"--fail-under knows {' and '.join(known)} here, not {name!r}.")
    if measured[name] is not None and measured[name] >= least:
        return DONE
    err.print(f"{name} is {measured[name]}, lower than {least}.")
    return TOO_LOW
