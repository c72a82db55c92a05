"""Updates: what has changed on a page, as new attributes of its elements."""

from jubako.i18n.numbers import format_decimal

from .page_state import PageState
from .pictures import Changes
from .pictures.curves import curve_changes
from .pictures.network import network_changes, unit_image
from .pictures.surface import surface_changes
from .snapshot import Snapshot


def network_updates(state: PageState) -> tuple[Snapshot, Changes]:
    """Return the updates of the network and its numbers; none if the page shows other data."""
    session, translate = state.session, state.translate
    snapshot = session.snapshot()
    if snapshot.data is not state.canvas.data:
        return snapshot, {}
    changes = network_changes(snapshot, state.canvas)
    changes |= surface_changes(snapshot, state.canvas)
    changes |= curve_changes(snapshot)
    last, message = snapshot.points[-1], session.message
    if message == "diverged":
        message = translate("diverged")
    elif message:
        message = translate("crash", error=message)
    changes |= {
        "s-epoch": {"text": f"{round(last.epoch, 3):.6g}"},
        "s-loss": {"text": format_decimal(last.loss)},
        "s-loss-test": {"text": f"{translate('held')} {format_decimal(last.test_loss)}"},
        "s-score": {"text": format_decimal(last.score, 3)},
        "s-score-test": {"text": f"{translate('held')} {format_decimal(last.test_score, 3)}"},
        "run": {
            "text": translate("pause" if snapshot.running else "run"),
            "data-running": "true" if snapshot.running else "false",
        },
        "trouble": {"text": message},
    }
    return snapshot, changes


def unit_updates(state: PageState) -> Changes:
    """Return the updates of the open unit: picture, weights and gradients."""
    if state.unit is None:
        return {}
    i, k = state.unit
    snapshot = state.snapshot
    layer, (grads, _) = snapshot.layers[i], snapshot.gradients()
    picture = unit_image(snapshot, state.canvas, state.unit)
    changes: Changes = {"unit-picture": {"href": picture}}
    for kind, now, gradient in (
        ("w", layer.w(snapshot.parts), layer.w(grads)),
        ("b", layer.b(snapshot.parts), layer.b(grads)),
    ):
        for j in range(len(now)):
            changes[f"g-{i}-{kind}-{j}-{k}"] = {"text": format_decimal(float(gradient[j, k]))}
            changes[f"w-{i}-{kind}-{j}-{k}"] = {"number": f"{now[j, k]:.6g}"}
    return changes


def status(state: PageState) -> str:
    """Return epoch, loss and score as a sentence, for a screen reader."""
    last, translate = state.snapshot.points[-1], state.translate
    name = translate("accuracy" if state.snapshot.data.task == "classify" else "r2")
    return translate(
        "status",
        epoch=f"{last.epoch:.6g}",
        loss=format_decimal(last.test_loss),
        name=name,
        score=format_decimal(last.test_score, 3),
    )
