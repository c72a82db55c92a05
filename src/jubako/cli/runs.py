"""`jubako runs`: the progress of the training in a run folder."""

from dataclasses import asdict
from pathlib import Path

from rich.table import Table

from jubako.i18n.messages import Message
from jubako.model.leaderboard import name_of
from jubako.search.run_status import NetworkStatus, RunStatus, status_of

from .console import out, print_json
from .leaderboard import configuration_text, plain_table

NOT_RUNNING = Message("No command is running: give the same command again to continue.")


def run(path: Path, as_json: bool) -> None:
    """Print the status of a run folder."""
    status = status_of(path)
    if as_json:
        print_json({"run": str(path), **asdict(status)})
    elif isinstance(status, NetworkStatus):
        show_network(status)
    else:
        show_search(status)


def show_network(status: NetworkStatus) -> None:
    """Print the progress of the training of one network."""
    loss, val_loss = map(loss_text, (status.train_loss, status.val_loss))
    n, total = status.epoch, status.n_epochs
    text = Message("epoch {n} of {total}, loss {loss}", n=n, total=total, loss=loss)
    if status.val_loss is not None:
        text = Message(
            "epoch {n} of {total}, loss {loss}, validation loss {val_loss}",
            n=n,
            total=total,
            loss=loss,
            val_loss=val_loss,
        )
    out.print(Message("Single network: {status}.", status=text))
    if status.is_running:
        if status.seconds_left is not None:
            out.print(Message("About {n} s are left.", n=round(status.seconds_left)))
    elif n < total:
        out.print(NOT_RUNNING)


def show_search(status: RunStatus) -> None:
    """Print the leaderboard so far, and the candidates in training."""
    if status.finished:
        out.print(leaderboard_so_far(status))
    n_done = len(status.finished)
    total = status.n_candidates
    out.print(Message("{done} of {total} candidates are finished.", done=n_done, total=total))
    for line in status.running:
        out.print(
            Message(
                "Candidate {number} is in training: epoch {epoch}, validation loss {loss}.",
                number=line["candidate"],
                epoch=line["epoch"],
                loss=loss_text(line["val_loss"]),
            )
        )
    if status.n_refitted:
        out.print(Message("{n} candidates are refitted.", n=status.n_refitted))
    if n_done < status.n_candidates:
        if status.is_running and status.seconds_left is not None:
            out.print(Message("About {n} s are left.", n=round(status.seconds_left)))
        elif not status.is_running:
            out.print(NOT_RUNNING)


def leaderboard_so_far(status: RunStatus) -> Table:
    """Draw the finished candidates."""
    table = plain_table()
    for head in (Message("candidate"), Message("configuration")):
        table.add_column(head)
    for head in (Message("validation\nloss"), Message("best\nepoch"), Message("seconds")):
        table.add_column(head, justify="right")
    for line in status.finished:
        table.add_row(
            name_of(line["layers"], line["activation"]),
            configuration_text(line["configuration"]),
            f"{line['val_loss']:.4f}",
            f"{line['best_epoch']}/{line['epochs']}",
            f"{line['seconds']:.1f}",
        )
    return table


def loss_text(loss: float | None) -> str:
    """Format a loss."""
    return "-" if loss is None else f"{loss:.4f}"
