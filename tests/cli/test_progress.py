from io import StringIO
from types import SimpleNamespace

import pytest
from rich.console import Console

from jubako.cli import progress
from jubako.cli.progress import TimeLeft, progress_bar


@pytest.mark.parametrize(
    ("limit", "estimate", "elapsed", "shown"),
    [
        (None, None, 1.0, "-:--:--"),
        (None, 61.2, 1.0, "0:01:02"),
        (10.0, None, 4.0, "0:00:06"),
        (10.0, 47.0, 4.0, "0:00:06"),
        (10.0, 2.0, 4.0, "0:00:02"),
        (10.0, 2.0, 11.0, "0:00:00"),
    ],
)
def test_the_time_left_is_estimated_and_not_more_than_the_limit_leaves(
    limit, estimate, elapsed, shown
):
    task = SimpleNamespace(time_remaining=estimate, elapsed=elapsed)
    assert TimeLeft(limit).render(task).plain == shown


@pytest.mark.parametrize("width", [60, 80, 200])
def test_a_progress_bar_shows_its_text_and_the_time_left_on_a_terminal_of_any_width(
    width, monkeypatch
):
    text = "candidate 10 of 11 (256-256-256), epoch 12 of 64, lowest loss 0.1842"
    terminal = Console(width=width, record=True, force_terminal=True, file=StringIO())
    monkeypatch.setattr(progress, "err", terminal)
    bar = progress_bar("training", "{task.fields[text]}", 90.0)
    bar.add_task("training", total=10, completed=3, text=text)
    terminal.print(bar)
    shown = terminal.export_text()
    assert {*text.split(), "training", "0:01:30"} <= {*shown.split()}
    assert "━━━━━━━━" in shown
