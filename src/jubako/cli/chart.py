"""A curve in the terminal, drawn with blocks of an eighth of a line."""

from collections.abc import Sequence

import numpy as np

from jubako.i18n.numbers import format_decimal

BLOCKS = " ▁▂▃▄▅▆▇█"


def chart(values: Sequence[float], title: str, width: int = 60, height: int = 6) -> str:
    """Draw a curve over epochs; the top line is its highest value.

    >>> print(chart([3, 2, 1, 0], "loss", width=4, height=2))
    loss
      3.000 ┤█▃
      0.000 ┤██▆▁
            └────
             1  4
    """
    y = np.array(values, float)
    y = y[np.isfinite(y)]
    if len(y) < 2:
        return ""
    bins = np.array_split(y, min(width, len(y)))
    bars = np.array([part.mean() for part in bins])
    low, high = float(bars.min()), float(bars.max())
    eighths = np.rint((bars - low) / ((high - low) or 1.0) * (8 * height - 1)).astype(int) + 1
    lines = [title]
    for row in reversed(range(height)):
        label = high if row == height - 1 else low if row == 0 else None
        axis = "" if label is None else format_decimal(label, 3)
        cells = "".join(BLOCKS[int(np.clip(n - 8 * row, 0, 8))] for n in eighths)
        lines.append(f"{axis:>9} ┤{cells.rstrip()}")
    lines.append(" " * 10 + "└" + "─" * len(bars))
    last = str(len(values))
    lines.append(" " * 11 + "1" + last.rjust(len(bars) - 1))
    return "\n".join(lines)
