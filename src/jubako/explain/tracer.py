"""`trace`: run one step of training, in float64 and with the lines that train, and keep it all.

>>> import numpy as np
>>> from jubako.core.layers import Dense
>>> from jubako.core.losses import SquaredError
>>> from jubako.core.network import Network
>>> net = Network((Dense(2, 3, "tanh"), Dense(3, 1)), SquaredError())
>>> theta = net.init("he", np.random.default_rng(0))
>>> t = trace(net, theta, [[0.5, -1.0], [2.0, 1.0]], [[1.0], [0.0]], lr=0.1)
>>> hidden, output = t.layers
>>> hidden.u.shape, hidden.a.shape, hidden.v.shape, hidden.delta.shape
((2, 2), (2, 3), (2, 3), (2, 3))
>>> w = output.parts["w"]
>>> w.before.shape, w.grad.shape, bool(np.allclose(w.after, w.before - 0.1 * w.grad))
((3, 1), (3, 1), True)
>>> t.loss_after < t.loss
True
"""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from math import isfinite
from typing import cast

import numpy as np

from jubako.core.activations import Array
from jubako.core.errors import ParameterError
from jubako.core.layers import LAYERS, Dropout, Layer, backward, forward
from jubako.core.losses import BinaryCrossEntropy, CrossEntropy, Loss
from jubako.core.network import Network, loss_and_grad
from jubako.core.page import Page, ParamViews
from jubako.i18n.messages import Message
from jubako.training.engines.base import Problem
from jubako.training.optimizers import SGD, OptimizerState, Update

from .trace import Trace, mean_loss, name_of, stream
from .trace_box import STATES, Box, Pair, Part

PLAIN = Update(SGD(momentum=0.0, nesterov=False))  # theta <- theta - lr * grad


def trace(  # noqa: PLR0913 - settings by keyword
    net: Network,
    theta: object,
    x: object,
    y: object,
    *,
    w: object = None,
    alpha: float = 0.0,
    update: Update = PLAIN,
    lr: float = 0.1,
    state: OptimizerState | None = None,
    seed: int | None = None,
    step: int = 0,
    features: Sequence[str] | None = None,
    outputs: Sequence[str] | None = None,
    rows: Sequence[str] | None = None,
) -> Trace:
    """Compute one training step, and record all values. The arguments are not changed.

    Parameters
    ----------
    net : Network
    theta : array, shape (P,)
    x : array, shape (M, n_in)
    y : array, shape (M, C), or (M, 1) for class numbers
    w : array, shape (M,), all > 0, optional
        Sample weights; all count alike if not given.
    alpha : float >= 0
        L2 penalty, as in `Problem`.
    update : Update
        By default the plainest: theta <- theta - lr * grad.
    lr : float
        Learning rate.
    state : dict of arrays, optional
        What the optimizer remembers of this one network; as before the first step if not given.
    seed : int or None
        Of dropout. None: nothing is dropped, as in prediction, and those layers are left out.
    step : int
        The number of the step, for dropout.
    features, outputs, rows : sequence of str, optional
        Names to show: x1, x2 ...; y1, y2 ...; 1, 2 ... if not given.

    Returns
    -------
    Trace

    Raises
    ------
    ParameterError
        If the arrays do not fit the network or each other, or the loss is not finite.
    """
    theta, x, y = (np.array(array, np.float64) for array in (theta, x, y))
    check_shapes(net, theta, x, y)
    w = np.ones(len(x)) if w is None else np.array(w, np.float64)
    problem = Problem(net, x, y, w, alpha)
    net, grad, total = problem.net, np.empty_like(theta), w.sum()
    params, s, rng = net.views(theta), w / total, stream(seed, step)
    loss = float(loss_and_grad(net, params, x, y, s, net.views(grad), rng))
    penalty = float(problem.penalize(theta, grad, total, net.is_weight))
    loss += penalty
    if not isfinite(loss):
        raise ParameterError(
            Message(
                "The loss is {loss}, so it has no gradient: check X, y and the weights.", loss=loss
            )
        )
    before = update.optimizer.init(theta) if state is None else state
    after, memory, used = theta.copy(), deepcopy(before), grad.copy()
    with np.errstate(over="ignore", invalid="ignore"):  # a rate may be too high, and shows it
        update.apply(after, used, memory, lr, update.lr_multipliers(net, theta.dtype))
        loss_after = mean_loss(problem, after, stream(seed, step))

    # Once more, with a share of one for each row: the gradient above has the shares in its delta
    b, pages = forward(net.layers, params, x, stream(seed, step))
    yd = net.loss.delta(b, y)
    backward(net.layers, params, pages, yd, net.views(np.empty_like(theta)))

    pairs = {name: (before[name], memory[name]) for name in before}
    per_parameter = {name: pair for name, pair in pairs.items() if pair[0].shape == theta.shape}
    parts = split_by_part(net, theta, grad, after, per_parameter)
    features = numbered("x", x.shape[1]) if features is None else kept(features)
    outputs = numbered("y", b.shape[1]) if outputs is None else tuple(map(str, outputs))
    length = np.linalg.norm(grad)
    whole = Trace(
        layers=open_boxes(net.layers, pages, parts, features, outputs),
        features=features,
        outputs=outputs,
        rows=numbered("", len(x)) if rows is None else tuple(map(str, rows)),
        b=b,
        y=net.loss.mean(b),
        yt=target_cells(net.loss, y, b),
        yd=yd,
        losses=net.loss.value(b, y),
        s=s,
        penalty=penalty,
        loss=loss,
        loss_after=loss_after,
        lr=lr,
        clip=float(np.linalg.norm(used) / length) if length else 1.0,
        memory={name: pair for name, pair in pairs.items() if name not in per_parameter},
        theta=theta,
        theta_after=after,
        state_after=memory,
        problem=problem,
        update=update,
        seed=seed,
        step=step,
    )
    freeze(whole)
    return whole


def check_shapes(net: Network, theta: Array, x: Array, y: Array) -> None:
    """Refuse arrays that do not fit the network, or each other.

    Raises
    ------
    ParameterError
        Which, and what it must be.
    """
    n_in, n_out = net.layers[0].n_in, net.layers[-1].n_out
    y_shape = (len(x), 1 if net.loss.target == "class" else n_out)
    for name, array, shape in (
        ("theta", theta, (net.n_params,)),
        ("x", x, (len(x), n_in)),
        ("y", y, y_shape),
    ):
        if array.shape != shape:
            raise ParameterError(f"{name} has the shape {array.shape}, but must have {shape}.")
    if not len(x):
        raise ParameterError("x has no rows: a step needs one at least.")


def target_cells(loss: Loss, y: Array, b: Array) -> Array:
    """Return the target of each output, shape (M, C)."""
    if isinstance(loss, CrossEntropy):
        return loss.one_hot(y, b) * 1.0
    if loss.target == "class":
        return (y == np.arange(b.shape[1])) * 1.0
    return loss.smooth(y) if isinstance(loss, BinaryCrossEntropy) else y


def kept(names: Sequence[object]) -> tuple[str, ...]:
    """Return names as strings; those that are a `Message` remain one, and can be translated."""
    return tuple(name if isinstance(name, str) else str(name) for name in names)


def numbered(letter: str, n: int) -> tuple[str, ...]:
    """Return names that count: h1, h2, h3."""
    return tuple(f"{letter}{i}" for i in range(1, n + 1))


def split_by_part(
    net: Network, theta: Array, grad: Array, after: Array, memory: Mapping[str, Pair]
) -> list[dict[str, "Buffers"]]:
    """Return for each layer the views of its parts in all buffers."""
    buffers = {"before": theta, "grad": grad, "after": after, "where": np.arange(len(theta))}
    for name, (old, new) in memory.items():
        buffers |= {f"{name} before": old, f"{name} after": new}
    return [
        {name: dict(zip(buffers, arrays, strict=True)) for name, arrays in by_name(views).items()}
        for views in zip(*map(net.views, buffers.values()), strict=True)
    ]


Buffers = dict[str, Array]
"""Views of one part in several buffers, by the name of the buffer."""


def by_name(views: Sequence[ParamViews]) -> dict[str, list[Array]]:
    """Sort the views of one layer's parts in several buffers by part."""
    return {name: [view[name] for view in views] for name in views[0]}


def open_boxes(
    layers: Sequence[Layer],
    pages: Sequence[Page],
    parts: Sequence[Mapping[str, Buffers]],
    inputs: tuple[str, ...],
    outputs: tuple[str, ...],
    prefix: str = "",
) -> tuple[Box, ...]:
    """Make a box of each layer of a stack, but for dropout that is off."""
    rows = zip(layers, pages, parts, strict=True)
    active = [row for row in rows if not (isinstance(row[0], Dropout) and row[1].mask is None)]
    boxes = list[Box]()
    for i, (layer, page, views) in enumerate(active, 1):
        units = outputs if i == len(active) else numbered("h", layer.n_out)
        name, within = f"{prefix}{i}", cast(Sequence[Layer], getattr(layer, "layers", ()))
        inner = [
            {key.partition(".")[2]: part for key, part in views.items() if key.startswith(f"{j}.")}
            for j in range(len(within))
        ]
        boxes.append(
            Box(
                name=name,
                kind=name_of(layer, LAYERS),
                layer=layer,
                u=page.u,
                a=page.a,
                v=page.v,
                delta=cast(Array, page.delta),
                mask=page.mask,
                inputs=inputs,
                outputs=units,
                parts={
                    key: open_part(key, part, inputs, units)
                    for key, part in views.items()
                    if not (within and "." in key)
                },
                inside=open_boxes(within, page.inside, inner, inputs, units, f"{name}."),
            )
        )
        inputs = units
    return tuple(boxes)


def open_part(name: str, arrays: Buffers, inputs: tuple[str, ...], units: tuple[str, ...]) -> Part:
    """Return the part of one name, from its views in all buffers."""
    n, width = arrays["where"].shape
    sources = inputs if name == "w" and n == len(inputs) else numbered("", n) if n > 1 else ("",)
    memory = {
        key.removesuffix(" before"): (array, arrays[key.removesuffix("before") + "after"])
        for key, array in arrays.items()
        if key.endswith(" before")
    }
    at = {key: arrays[key] for key in (*STATES, "where")}
    targets = units if width == len(units) else numbered("", width)
    return Part(name, memory=memory, sources=sources, targets=targets, **at)


def freeze(whole: Trace) -> None:
    """Make all arrays read-only."""
    arrays = [
        whole.theta,
        whole.theta_after,
        whole.b,
        whole.y,
        whole.yt,
        whole.yd,
        whole.losses,
        whole.s,
    ]
    for box in whole.boxes:
        arrays += [box.u, box.a, box.v, box.delta, *([] if box.mask is None else [box.mask])]
        for part in box.parts.values():
            arrays += [part.before, part.grad, part.after, part.where]
            arrays += [array for pair in part.memory.values() for array in pair]
    for array in arrays:
        array.setflags(write=False)
