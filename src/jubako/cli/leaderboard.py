"""The leaderboard: which networks were tried, how good they were, and what they cost."""

from typing import Any

from rich.table import Table

MOST = 12  # lines shown


def leaderboard(model: Any) -> Table:
    """Draw the leaderboard of a Tabular estimator, the best candidate first.

    The losses are out-of-fold; the best epoch and the weights are chosen on the same rows, so they
    are optimistic. The scores on the test set are not.
    """
    board = sorted(model.model_.log.leaderboard, key=lambda line: line["oof_loss"])
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for head in ("candidate", "configuration"):
        table.add_column(head)
    for head in ("OOF loss", "weight", "best epoch", "seconds"):
        table.add_column(head, justify="right")
    for line in board[:MOST]:
        table.add_row(
            f"{short(line['layers'])} {line['activation']}",
            line["configuration"],
            f"{line['oof_loss']:.4f}",
            f"{line['weight']:.0%}" if line["weight"] else "",
            f"{line['best_epoch']}/{line['epochs']}",
            f"{line['seconds']:.1f}",
        )
    if len(board) > MOST:
        table.add_row(f"... and {len(board) - MOST} more")
    if len(board) > 1:
        spent = sum(line["seconds"] for line in board)
        table.add_row("ensemble", "", f"{model.loss_:.4f}", "100%", "", f"{spent:.1f}")
    return table


def by_depth(model: Any) -> Table:
    """Draw what the best network of each depth reached, and what it cost."""
    best = dict[int, dict[str, Any]]()
    for line in model.model_.log.leaderboard:
        depth = 0 if line["layers"] == "linear" else line["layers"].count("-") + 1
        if depth not in best or line["oof_loss"] < best[depth]["oof_loss"]:
            best[depth] = line
    depths = sorted(best)
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("hidden layers")
    for depth in depths:
        table.add_column(str(depth), justify="right")
    table.add_row("lowest OOF loss", *(f"{best[depth]['oof_loss']:.4f}" for depth in depths))
    table.add_row("its seconds", *(f"{best[depth]['seconds']:.1f}" for depth in depths))
    return table


def short(layers: str) -> str:
    """Return 3 x 128 for 128-128-128."""
    sizes = layers.split("-")
    return f"{len(sizes)} x {sizes[0]}" if len(sizes) > 1 and len(set(sizes)) == 1 else layers
