"""Colors, and images as data URLs."""

import base64
import struct
import zlib

import numpy as np

from jubako.core.activations import Array

# after Okabe & Ito 2008: these can be told apart with any kind of colour vision
PALETTE = np.array(
    [
        (230, 159, 0),
        (0, 114, 178),
        (0, 158, 115),
        (204, 121, 167),
        (86, 180, 233),
        (213, 94, 0),
        (240, 228, 66),
        (130, 130, 130),
        (120, 60, 0),
        (60, 60, 160),
    ],
    float,
)


def diverging(values: Array) -> Array:
    """Return colors (..., 3), uint8, of numbers from -1 to 1: orange, white, blue."""
    z = np.clip(np.nan_to_num(values), -1, 1)[..., None]
    end = np.where(z < 0, PALETTE[0], PALETTE[1])
    return (255 + (end - 255) * abs(z)).astype(np.uint8)


def mixed(p: Array) -> Array:
    """Return colors (..., 3), uint8, of classes, mixed by their probabilities (..., C)."""
    p = np.nan_to_num(p)
    colors = PALETTE[np.arange(p.shape[-1]) % len(PALETTE)]
    return (
        (255 + 0.75 * (p @ colors - 255 * p.sum(-1, keepdims=True))).clip(0, 255).astype(np.uint8)
    )


def color(i: int) -> str:
    """Return the CSS color of a class."""
    r, g, b = PALETTE[i % len(PALETTE)].astype(int)
    return f"rgb({r},{g},{b})"


def png(pixels: Array) -> str:
    """Return pixels (height, width, 3), uint8, as a data URL."""
    height, width, _ = pixels.shape
    rows = np.zeros((height, 1 + 3 * width), np.uint8)  # each row begins with its filter: none
    rows[:, 1:] = pixels.reshape(height, -1)

    def chunk(kind: bytes, body: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + body))
        return struct.pack(">I", len(body)) + kind + body + check

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header)
    data += chunk(b"IDAT", zlib.compress(rows.tobytes(), 1)) + chunk(b"IEND", b"")
    return "data:image/png;base64," + base64.b64encode(data).decode()


def painted(values: Array) -> str:
    """Return the output of a unit at the points of a square as a data URL; white is 0."""
    side = round(len(values) ** 0.5)
    size = float(abs(values).max()) if np.isfinite(values).all() else 0.0
    return png(diverging(values.reshape(side, side) / (size or 1.0)))
