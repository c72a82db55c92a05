"""The leaderboard: which networks were tried, how good they were, and what they cost."""

from typing import Any

from rich.markup import escape
from rich.table import Table

MOST = 12  # lines shown


def leaderboard(model: Any) -> Table:
    """Draw the lines of a Tabular estimator's board, the best first."""
    board = sorted(model.board_, key=lambda line: line["loss"])
    table = Table(title="Networks tried", title_justify="left", title_style="bold")
    for head in ("layers", "activation", "what is special"):
        table.add_column(head, no_wrap=head == "layers")
    for head in ("loss", "share", "best epoch", "seconds"):
        table.add_column(head, justify="right")
    for line in board[:MOST]:
        table.add_row(
            line["layers"],
            line["activation"],
            escape(line["special"]),
            f"{line['loss']:.4f}",
            f"{line['share']:.0%}" if line["share"] else "",
            f"{line['best']} of {line['epochs']}",
            f"{line['seconds']:.1f}",
        )
    if len(board) > MOST:
        table.add_row(f"... and {len(board) - MOST} more")
    return table
