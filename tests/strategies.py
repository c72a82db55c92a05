"""What the tests feed in: every loss, every layer, and random networks and rows."""

from dataclasses import dataclass, fields
from typing import Any, get_type_hints

import hypothesis.strategies as st
import numpy as np

from jubako.core.activations import ACTIVATIONS
from jubako.core.layers import LAYERS, Dense, Dropout, Layer
from jubako.core.losses import LOSSES
from jubako.core.network import Network


def every_loss():
    """Make each loss with its default settings, and with each setting changed."""
    losses = []
    for cls in LOSSES.values():
        losses.append(cls())
        losses += [cls(**{field.name: value}) for field in fields(cls) for value in (0.1, 0.8)]
    return losses


def example(name, n, activation="tanh"):
    """Make a layer of this name from n units to n units: its fields say by type what they take."""
    inside = Dense(n, n + 1, activation), Dropout(n + 1, 0.3), Dense(n + 1, n, activation)
    values = {
        int: n,
        str: activation,
        float: 0.4,
        tuple[int, ...]: (3,),
        tuple[Layer, ...]: inside,
    }
    cls = LAYERS[name]
    kinds = get_type_hints(cls)
    return cls(**{f.name: values[kinds[f.name]] for f in fields(cls)})


def network(name, activation, loss, n_in=3, n=4, n_out=2):
    """Put the example between two dense layers, so that gradients pass through it."""
    box = example(name, n, activation)
    return Network((Dense(n_in, n, activation), box, Dense(box.n_out, n_out)), loss)


def targets(loss, rng, shape, dtype=np.float64):
    """Draw valid targets for raw predictions of this shape (..., M, n_out)."""
    if loss.target == "class":
        return rng.integers(shape[-1], size=(*shape[:-1], 1)).astype(dtype)
    draw = {
        "real": lambda: rng.normal(size=shape),
        "count": lambda: rng.poisson(2, shape),
        "binary": lambda: rng.integers(2, size=shape),
    }
    return draw[loss.target]().astype(dtype)


def shares(rng, shape, dtype=np.float64):
    """Draw how much each row counts (..., M): positive, with the sum one."""
    s = rng.uniform(0.1, 1, shape)
    return (s / s.sum(-1, keepdims=True)).astype(dtype)


@dataclass
class Case:
    """A network, or K of them, and the rows they see."""

    net: Network
    theta: Any
    x: Any
    y: Any
    s: Any
    seeds: Any


def case(net, seed, m=7, lead=(), shared=False, dtype=np.float64):
    """Draw theta (*lead, P), and rows: for each network, or shared by all."""
    rng = np.random.default_rng(seed)
    theta = rng.normal(size=(*lead, net.n_params)).astype(dtype) / 2
    rows = () if shared else lead
    n_in, n_out = net.layers[0].n_in, net.layers[-1].n_out
    return Case(
        net,
        theta,
        rng.normal(size=(*rows, m, n_in)).astype(dtype),
        targets(net.loss, rng, (*rows, m, n_out), dtype),
        shares(rng, (*rows, m), dtype),
        rng.integers(2**32, size=lead, dtype=np.uint32),
    )


@st.composite
def networks(draw):
    """Draw a network of any layer, activation and loss."""
    size = st.integers(1, 5)
    return network(
        draw(st.sampled_from(list(LAYERS))),
        draw(st.sampled_from(list(ACTIVATIONS))),
        draw(st.sampled_from(every_loss())),
        draw(size),
        draw(size),
        draw(size),
    )


SEEDS = st.integers(0, 2**32 - 1)
