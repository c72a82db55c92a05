"""A plot as SVG: axes with ticks, and marks on them. Colors and dashes are in the style sheet."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, isfinite, log10

from jubako.explain.render.markup import Markup, Value, element, fragment

from .numbers import number_text

WIDTH, HEIGHT = 440, 290
RIGHT, TOP, BOTTOM = 14, 12, 44
LETTER, WIDE_LETTER = 6.6, 12.0  # widths, as fonts have them on average
N_TICKS = 5
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Axis:
    """A range of numbers.

    Parameters
    ----------
    low, high : float
    name : str
    labels : dict of float to str
        The ticks and their labels.
    """

    low: float
    high: float
    name: str
    labels: dict[float, str]


def number_axis(values: Sequence[float], name: str, *, margin: bool = True) -> Axis:
    """Return an axis for numbers, with ticks at round ones.

    Parameters
    ----------
    values : sequence of float
    name : str
    margin : bool
        Whether the axis reaches a little beyond the values.

    Returns
    -------
    Axis
    """
    finite = [value for value in values if isfinite(value)] or [0.0]
    low, high = min(finite), max(finite)
    if high <= low:
        low, high = low - (abs(low) or 1) / 2, high + (abs(high) or 1) / 2
    room = 0.04 * (high - low) if margin else 0.0
    low, high = low - room, high + room
    return Axis(low, high, name, {tick: number_text(tick) for tick in ticks(low, high)})


def ticks(low: float, high: float) -> list[float]:
    """Return round numbers in a range, about `N_TICKS`.

    Parameters
    ----------
    low, high : float

    Returns
    -------
    list of float

    Examples
    --------
    >>> ticks(0, 1)
    [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]
    """
    rough = (high - low) / N_TICKS
    unit = 10.0 ** floor(log10(rough))
    step = next(unit * size for size in (1, 2, 5, 10) if unit * size >= rough * 0.999)
    first, last = ceil(low / step - 1e-9), floor(high / step + 1e-9)
    return [float(f"{i * step:.12g}") for i in range(first, last + 1)]


@dataclass(frozen=True, slots=True)
class Plot:
    """Two axes, on which marks are drawn.

    Parameters
    ----------
    x, y : Axis
    height : int
        Of the picture, whose width is `WIDTH`.
    """

    x: Axis
    y: Axis
    height: int = HEIGHT

    @property
    def left(self) -> float:
        """The room for the labels and the name of the vertical axis."""
        labels = max(map(text_width, self.y.labels.values()), default=0.0)
        return round(labels + (31 if self.y.name else 14))

    def at(self, x: float, y: float) -> Point:
        """Return the place of a point."""
        across = (x - self.x.low) / (self.x.high - self.x.low)
        up = (y - self.y.low) / (self.y.high - self.y.low)
        bottom = self.height - BOTTOM
        return (
            round(self.left + across * (WIDTH - self.left - RIGHT), 1),
            round(bottom - up * (bottom - TOP), 1),
        )

    def svg(self, title: str, *marks: Markup) -> Markup:
        """Return the picture; its title is read by screen readers."""
        return picture(title, self.height, [*self.axes(), *marks])

    def axes(self) -> list[Markup]:
        """Draw guides, labels of the ticks, and the names of the axes."""
        right, bottom = WIDTH - RIGHT, self.height - BOTTOM
        parts = list[Markup]()
        for value, label in self.y.labels.items():
            _, y = self.at(self.x.low, value)
            parts.append(path("guide", f"M{self.left} {y}H{right}"))
            parts.append(text(self.left - 7, y + 4, label, "tick", "end"))
        free = -99.0
        for value, label in self.x.labels.items():
            x, _ = self.at(value, self.y.low)
            half = text_width(label) / 2
            parts.append(path("axis", f"M{x} {bottom}v4"))
            if x - half >= free and x + half <= WIDTH:
                parts.append(text(x, bottom + 17, label, "tick", "middle"))
                free = x + half + 6
        parts.append(path("axis", f"M{self.left} {TOP}V{bottom}H{right}"))
        parts.append(text((self.left + right) / 2, self.height - 7, self.x.name, "name", "middle"))
        if self.y.name:
            middle = (TOP + bottom) / 2
            turned: dict[str, Value] = {"transform": f"rotate(-90 13 {middle})"}
            parts.append(text(13, middle, self.y.name, "name", "middle", turned))
        return parts

    def line(self, points: Sequence[Point], series: int = 0) -> Markup:
        """Draw a line through points, without those that are not finite."""
        places = [self.at(x, y) for x, y in points if isfinite(x) and isfinite(y)]
        d = "M" + "L".join(f"{x} {y}" for x, y in places) if places else ""
        return path(f"line s{series}", d)

    def dots(self, points: Sequence[Point], series: int = 0, radius: float = 4) -> Markup:
        """Draw points."""
        return fragment(
            *(
                element("circle", {"class": f"dot s{series}", "cx": x, "cy": y, "r": radius})
                for x, y in (self.at(*point) for point in points)
            )
        )

    def whiskers(self, spans: Sequence[tuple[float, float, float]], series: int = 0) -> Markup:
        """Draw vertical spans (x, low, high)."""
        parts = list[Markup]()
        for x, low, high in spans:
            (at, bottom), (_, top) = self.at(x, low), self.at(x, high)
            parts.append(path(f"whisker s{series}", f"M{at} {bottom}V{top}"))
        return fragment(*parts)

    def columns(self, bars: Sequence[tuple[float, float, float]]) -> Markup:
        """Draw bars (from, to, height) that stand on the lower axis."""
        parts = list[Markup]()
        for low, high, size in bars:
            (left, bottom), (right, top) = self.at(low, self.y.low), self.at(high, size)
            parts.append(rectangle(left + 0.5, top, right - left - 1, bottom - top))
        return fragment(*parts)

    def diagonal(self) -> Markup:
        """Draw the line on which both axes have the same number."""
        low, high = max(self.x.low, self.y.low), min(self.x.high, self.y.high)
        (a, b), (c, d) = self.at(low, low), self.at(high, high)
        return path("ideal", f"M{a} {b}L{c} {d}")


BAR, BAR_LEFT, BAR_RIGHT = 24, 150, 66  # height of a bar, room for names and for numbers


@dataclass(frozen=True, slots=True)
class Bar:
    """A horizontal bar.

    Parameters
    ----------
    name : str
    value : float
        Its length.
    label : str
        Its number as text.
    error : float or None
        Half of the length of its error bar.
    marked : bool
        Whether it has another color.
    """

    name: str
    value: float
    label: str
    error: float | None = None
    marked: bool = False


def bar_chart(title: str, bars: Sequence[Bar], limits: Sequence[float | None] = ()) -> Markup:
    """Draw horizontal bars, each with its number.

    Parameters
    ----------
    title : str
        For screen readers.
    bars : sequence of Bar
        Negative values have no length.
    limits : sequence of float or None
        A mark on each bar, if any.

    Returns
    -------
    Markup
    """
    room = WIDTH - BAR_LEFT - BAR_RIGHT
    ends = [bar.value + (bar.error or 0) for bar in bars] + [x for x in limits if x is not None]
    scale = room / max([*ends, 1e-12])
    height, parts = BAR * len(bars) + 10, list[Markup]()
    for i, bar in enumerate(bars):
        y = 5 + BAR * i
        length = scale * max(bar.value, 0)
        parts.append(text(BAR_LEFT - 8, y + 16, cut(bar.name, BAR_LEFT - 14), "", "end"))
        parts.append(
            rectangle(BAR_LEFT, y + 4, length, BAR - 9, "bar marked" if bar.marked else "bar")
        )
        if bar.error:
            low, high = (BAR_LEFT + scale * max(bar.value + s * bar.error, 0) for s in (-1, 1))
            parts.append(path("error", f"M{low:.1f} {y + 11.5}H{high:.1f}"))
        if limits and limits[i] is not None:
            at = BAR_LEFT + scale * (limits[i] or 0)
            parts.append(path("limit", f"M{at:.1f} {y + 1}v{BAR - 3}"))
        parts.append(text(WIDTH - 4, y + 16, bar.label, "tick", "end"))
    return picture(title, height, parts)


def dot_chart(
    title: str, names: Sequence[str], series: Sequence[Sequence[float]], axis: Axis
) -> Markup:
    """Draw a line of dots for each name, one dot for each series.

    Parameters
    ----------
    title : str
        For screen readers.
    names : sequence of str
    series : sequence of sequences of float
        A number for each name.
    axis : Axis
        Of the numbers.

    Returns
    -------
    Markup
    """
    right, bottom, parts = WIDTH - RIGHT, TOP + BAR * len(names), list[Markup]()

    def at(value: float) -> float:
        share = (value - axis.low) / (axis.high - axis.low)
        return round(BAR_LEFT + share * (right - BAR_LEFT), 1)

    for value, label in axis.labels.items():
        parts.append(path("guide", f"M{at(value)} {TOP}V{bottom}"))
        place_of_label = min(at(value), WIDTH - text_width(label) / 2)
        parts.append(text(place_of_label, bottom + 17, label, "tick", "middle"))
    for i, name in enumerate(names):
        y = TOP + BAR * (i + 0.5)
        parts.append(text(BAR_LEFT - 8, y + 4, cut(name, BAR_LEFT - 14), "", "end"))
        parts.append(path("guide", f"M{BAR_LEFT} {y}H{right}"))
        for k, values in enumerate(series):
            place: dict[str, Value] = {"cx": at(values[i]), "cy": y, "r": 4.5}
            parts.append(element("circle", {"class": f"dot s{k}", **place}))
    parts.append(path("axis", f"M{BAR_LEFT} {bottom}H{right}"))
    middle = (BAR_LEFT + right) / 2
    parts.append(text(middle, bottom + BOTTOM - 7, axis.name, "name", "middle"))
    return picture(title, bottom + BOTTOM, parts)


def picture(title: str, height: float, parts: Sequence[Markup]) -> Markup:
    """Return parts as a picture whose title screen readers read.

    Parameters
    ----------
    title : str
    height : float
    parts : sequence of Markup

    Returns
    -------
    Markup
    """
    frame: dict[str, Value] = {
        "class": "plot",
        "viewBox": f"0 0 {WIDTH} {height}",
        "role": "img",
        "aria-label": title,
    }
    return element("svg", frame, element("title", {}, title), *parts)


def path(kind: str, d: str) -> Markup:
    """Draw a path of one kind."""
    return element("path", {"class": kind, "d": d})


def rectangle(x: float, y: float, width: float, height: float, kind: str = "bar") -> Markup:
    """Draw a rectangle.

    Parameters
    ----------
    x, y, width, height : float
    kind : str

    Returns
    -------
    Markup
    """
    sizes = {"x": x, "y": y, "width": max(width, 0.0), "height": max(height, 0.0)}
    return element("rect", {"class": kind, **{k: f"{v:.1f}" for k, v in sizes.items()}})


def text(
    x: float,
    y: float,
    content: str,
    kind: str = "",
    anchor: str = "start",
    more: dict[str, Value] | None = None,
) -> Markup:
    """Write a text at a place.

    Parameters
    ----------
    x, y : float
    content : str
    kind : str
        Of the style sheet.
    anchor : {"start", "middle", "end"}
        Which part of the text is at the place.
    more : dict, optional
        Further attributes.

    Returns
    -------
    Markup
    """
    place: dict[str, Value] = {"x": x, "y": y, "text-anchor": anchor, "class": kind or None}
    return element("text", place | (more or {}), content)


def text_width(content: str) -> float:
    """Return the approximate width of a text."""
    return sum(WIDE_LETTER if ord(letter) > 0x2E7F else LETTER for letter in content)


def cut(content: str, width: float) -> str:
    """Shorten a text to a width.

    Parameters
    ----------
    content : str
    width : float

    Returns
    -------
    str
    """
    if text_width(content) <= width:
        return content
    while text_width(content + "…") > width:
        content = content[:-1]
    return content + "…"
