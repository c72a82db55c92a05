"""The arrays of a layer: its parameters by name, and a page for what one pass computes."""

from collections.abc import Sequence
from dataclasses import dataclass

from .activations import Array

ParamViews = dict[str, Array]
"""The parameters of one layer by name, or their gradients: views of a flat buffer."""

Multipliers = tuple[float, float]
"""Factors of the learning rate and of the weight decay of one parameter array."""


@dataclass
class Page:
    """The intermediate values of one layer in one pass.

    Parameters
    ----------
    u : array, shape (..., M, n_in)
        Input of the layer.
    a : array, shape (..., M, n_out)
        Pre-activation u @ w + b; in `Residual`, the output of the contained layers.
    v : array, shape (..., M, n_out)
        Output of the layer.
    delta : array, shape (..., M, n_out), or None
        dL/da, with the weights s of the rows. None before the backward pass.
    mask : array, shape (..., M, n_out), or None
        Factors of dropout: 0 or 1 / (1 - rate).
    inside : sequence of Page
        Pages of the contained layers.
    """

    u: Array
    a: Array
    v: Array
    delta: Array | None = None
    mask: Array | None = None
    inside: "Sequence[Page]" = ()
