"""`jubako evaluate`: the metrics of a model on a table with its target."""

from pathlib import Path

from jubako.evaluation.metrics import Metrics, evaluate, main_metric
from jubako.i18n.messages import Message

from .console import err, out, print_json
from .errors import DONE, TOO_LOW, UsageError
from .loading import load_with_rows
from .metric_tables import detail_table, metric_table, threshold_table
from .table_options import TextFormat


def run(
    path: Path,
    data: str,
    target: str | None,
    fail_under: str | None,
    text: TextFormat,
    as_json: bool,
) -> int:
    """Compute and print the metrics, and return the exit code."""
    limit = parse_limit(fail_under)
    loaded = load_with_rows(path, data, target, text, known_only=False)
    rows = loaded.rows
    metrics = evaluate(loaded.model, rows.table, rows.target)
    n_rows = len(rows.target)
    if as_json:
        answer = {"model": str(path), "rows": n_rows, "rows_without_target": loaded.n_dropped}
        print_json(answer | {"notes": loaded.notes, "metrics": metrics})
    else:
        title = Message("{target}: {n} rows of {data}", target=loaded.target, n=n_rows, data=data)
        out.print(metric_table(title, {Message("model"): metrics}))
        details = detail_table(metrics)
        if details:
            out.print(details)
        if "by_threshold" in metrics:
            out.print(threshold_table(metrics, str(loaded.model.classes_[1])))
    return verdict(metrics, limit)


def parse_limit(text: str | None) -> tuple[str, float] | None:
    """Return the metric and its lowest accepted value, from a text such as accuracy=0.9."""
    if text is None:
        return None
    name, _, value = text.partition("=")
    try:
        return name.strip(), float(value)
    except ValueError:
        raise UsageError(
            Message("--fail-under {text!r} must read like accuracy=0.9.", text=text)
        ) from None


def verdict(metrics: Metrics, limit: tuple[str, float] | None) -> int:
    """Compare a metric with its lowest accepted value, and return the exit code."""
    if limit is None:
        return DONE
    name, least = limit
    known = main_metric(metrics)
    if name != known:
        raise UsageError(
            Message("--fail-under supports {known} here, not {name!r}.", known=known, name=name)
        )
    value = metrics[name]
    if value is not None and value >= least:
        return DONE
    err.print(
        Message("{name} is {value}, lower than {least}.", name=name, value=value, least=least)
    )
    return TOO_LOW
