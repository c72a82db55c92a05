"""Shapes: data sets of random points in the plane."""

from collections.abc import Callable

import numpy as np
import pyarrow as pa

from jubako.core.activations import Array

N_POINTS = 300

Shape = Callable[[np.random.Generator], tuple[Array, Array]]


def circle(rng: np.random.Generator) -> tuple[Array, Array]:
    """Draw a disc inside a ring."""
    y = np.arange(N_POINTS) % 2
    radius = np.where(y, rng.uniform(3, 5, N_POINTS), rng.uniform(0, 2, N_POINTS))
    angle = rng.uniform(0, 2 * np.pi, N_POINTS)
    return radius[:, None] * np.column_stack([np.cos(angle), np.sin(angle)]), y


def xor(rng: np.random.Generator) -> tuple[Array, Array]:
    """Draw the same class in opposite quadrants."""
    x = rng.uniform(0.3, 5, (N_POINTS, 2)) * rng.choice([-1, 1], (N_POINTS, 2))
    return x, (x[:, 0] * x[:, 1] > 0).astype(int)


def gaussians(rng: np.random.Generator) -> tuple[Array, Array]:
    """Draw two Gaussian clouds."""
    y = np.arange(N_POINTS) % 2
    return rng.normal(0, 1, (N_POINTS, 2)) + np.where(y, 2, -2)[:, None], y


def spiral(rng: np.random.Generator) -> tuple[Array, Array]:
    """Draw two arms around each other."""
    y = np.arange(N_POINTS) % 2
    t = (np.arange(N_POINTS) // 2 + 0.5) / (N_POINTS / 2)
    angle = 1.75 * 2 * np.pi * t + np.pi * y
    return (5 * t)[:, None] * np.column_stack([np.sin(angle), np.cos(angle)]), y


def plane(rng: np.random.Generator) -> tuple[Array, Array]:
    """Draw a target that is linear in the inputs."""
    x = rng.uniform(-5, 5, (N_POINTS, 2))
    return x, x.sum(1)


def waves(rng: np.random.Generator) -> tuple[Array, Array]:
    """Draw a target that rises and falls in both directions."""
    x = rng.uniform(-5, 5, (N_POINTS, 2))
    return x, np.sin(x[:, 0]) + np.cos(x[:, 1])


SHAPES: dict[str, Shape] = {
    "circle": circle,
    "xor": xor,
    "gaussians": gaussians,
    "spiral": spiral,
    "plane": plane,
    "waves": waves,
}


def shape_table(name: str, noise: float, seed: int) -> pa.Table:
    """Draw the points of a shape; noise 1 has about the width of a class."""
    rng = np.random.default_rng([seed, 2])
    x, y = SHAPES[name](rng)
    x = x + noise * rng.normal(0, 1.5, x.shape)
    target = np.array(["A", "B"])[y] if y.dtype.kind == "i" else y
    return pa.table({"x1": x[:, 0], "x2": x[:, 1], "y": target})
