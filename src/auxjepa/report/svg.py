"""A small drawing surface: inline SVG with escaped text, linear scales, ticks and series marks.

Colours come from the page's CSS (classes ``s0`` to ``s7``, ``quiet``, ``rule`` …), so a figure follows the light, dark
and print schemes. Every series also has a marker shape and a dash pattern, so colour is never the only sign.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from markupsafe import Markup, escape

Number = int | float
Point = tuple[Number, Number]

SERIES = 8
"""Number of colours and markers."""
DASHES = ("none", "6 3", "2 2.5", "9 3 2 3", "12 4", "4 2 1 2 1 2", "1.5 3.5", "14 3 3 3")


def number(value: Number) -> str:
    """Return a coordinate with at most two decimals.

    Args:
        value: the coordinate.
    """
    return f"{value:.2f}".rstrip("0").rstrip(".")


def slug(text: str) -> str:
    """Return a text as part of an id; different texts have different ids.

    Letters, digits, ``_``, ``.`` and ``-`` stay; every other sign becomes its code.

    Args:
        text: any text.
    """
    return re.sub(r"[^A-Za-z0-9_.-]", lambda sign: f"~{ord(sign[0]):x}~", text)


class Scale:
    """A linear map from values to pixels, with round ticks.

    Args:
        values: values that the scale must contain.
        start: pixel of the lowest value.
        end: pixel of the highest value.
        pad: margin on both sides, as a share of the range.
        zero: whether the scale must contain zero.
    """

    def __init__(
        self, values: Sequence[Number], start: Number, end: Number, pad: Number = 0.06, zero: bool = False
    ) -> None:
        low, high = min(values), max(values)
        if zero:
            low, high = min(low, 0.0), max(high, 0.0)
        if high - low < 1e-9 * max(1.0, abs(high)):
            low, high = low - 0.5, high + 0.5
        margin = pad * (high - low)
        self.low, self.high, self.start, self.end = low - margin, high + margin, start, end

    def __call__(self, value: Number) -> float:
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)

    def ticks(self, count: int = 5) -> list[tuple[float, str]]:
        """Return round values inside the range, with their labels.

        Args:
            count: approximate number of values.
        """
        raw = (self.high - self.low) / count
        power = 10.0 ** math.floor(math.log10(raw))
        step = next(m * power for m in (1, 2, 2.5, 5, 10) if m * power >= raw * 0.999)
        first = math.ceil(self.low / step - 1e-9)
        last = math.floor(self.high / step + 1e-9)
        digits = max(0, -math.floor(math.log10(step) + 1e-9)) + (1 if round(step / power, 1) == 2.5 else 0)
        return [(i * step, _label(i * step, digits)) for i in range(first, last + 1)]


def _label(value: Number, digits: int) -> str:
    if abs(value) >= 10_000:
        return f"{value / 1000:g}k"
    return f"{value:.{digits}f}".replace("-", "\N{MINUS SIGN}")


class Drawing:
    """One figure.

    Args:
        width: width, in pixels.
        height: height, in pixels.
        name: id of the figure on the page.
        title: title for screen readers.
        description: the figure in words, as the alternative text.
    """

    def __init__(self, width: Number, height: Number, name: str, title: str, description: str) -> None:
        self.width, self.height, self.name = width, height, slug(name)
        self.title, self.description = title, description
        self.parts: list[str] = []

    def add(self, tag: str, text: object = None, **attributes: object) -> None:
        """Add an element.

        Args:
            tag: name of the element.
            text: text inside the element; none when unset.
            attributes: attributes by name; a trailing ``_`` is removed and another ``_`` becomes ``-``.
        """
        inside = "".join(f' {k.rstrip("_").replace("_", "-")}="{_value(v)}"' for k, v in attributes.items())
        self.parts.append(f"<{tag}{inside}/>" if text is None else f"<{tag}{inside}>{escape(str(text))}</{tag}>")

    def line(self, x1: Number, y1: Number, x2: Number, y2: Number, class_: str = "rule", **more: object) -> None:
        """Add a straight line.

        Args:
            x1: horizontal start.
            y1: vertical start.
            x2: horizontal end.
            y2: vertical end.
            class_: CSS class.
            more: further attributes.
        """
        self.add("line", x1=x1, y1=y1, x2=x2, y2=y2, class_=class_, **more)

    def text(self, x: Number, y: Number, text: str, class_: str = "", anchor: str = "start", room: Number = 0) -> None:
        """Add a text.

        Args:
            x: horizontal position.
            y: vertical position of the base line.
            text: the text.
            class_: CSS class.
            anchor: part of the text that is at ``x``: 'start', 'middle' or 'end'.
            room: width in pixels to which the text is cut, with the full text as a tooltip; 0 for no cut.
        """
        shown = text
        fits = int(room / 6.2) if room else len(text)
        if len(text) > max(fits, 3):
            shown = text[: max(fits, 3) - 1] + "…"
        inner = f"{escape(shown)}<title>{escape(text)}</title>" if shown != text else str(escape(text))
        self.parts.append(
            f'<text x="{number(x)}" y="{number(y)}" class="{class_}" text-anchor="{anchor}">{inner}</text>'
        )

    def polyline(self, points: Sequence[Point], class_: str, dash: str = "none") -> None:
        """Add an open line through points.

        Args:
            points: the points.
            class_: CSS class.
            dash: dash pattern.
        """
        data = " ".join(f"{number(x)},{number(y)}" for x, y in points)
        self.add("polyline", points=data, class_=class_, stroke_dasharray=dash)

    def band(self, upper: Sequence[Point], lower: Sequence[Point], class_: str) -> None:
        """Add the area between two lines.

        Args:
            upper: points of the upper line.
            lower: points of the lower line.
            class_: CSS class.
        """
        points = " ".join(f"{number(x)},{number(y)}" for x, y in [*upper, *reversed(lower)])
        self.add("polygon", points=points, class_=class_)

    def mark(self, index: int, x: Number, y: Number, class_: str, size: Number = 5) -> None:
        """Add the marker of a series.

        Args:
            index: index of the series.
            x: horizontal position.
            y: vertical position.
            class_: CSS class.
            size: radius, in pixels.
        """
        self.parts.append(mark(index, x, y, class_, size))

    def axes(self, x: Scale, y: Scale, x_label: str, y_label: str, x_ticks: int = 5, y_ticks: int = 5) -> None:
        """Add grid lines, tick labels and axis titles; the y title is above the axis and is not rotated.

        Args:
            x: horizontal scale.
            y: vertical scale.
            x_label: title of the horizontal axis.
            y_label: title of the vertical axis.
            x_ticks: approximate number of horizontal ticks.
            y_ticks: approximate number of vertical ticks.
        """
        top, bottom = min(y.start, y.end), max(y.start, y.end)
        for value, label in y.ticks(y_ticks):
            self.line(x.start, y(value), x.end, y(value), "grid")
            self.text(x.start - 6, y(value) + 4, label, "tick", "end")
        for value, label in x.ticks(x_ticks):
            self.line(x(value), bottom, x(value), bottom + 4)
            self.text(x(value), bottom + 17, label, "tick", "middle")
        self.line(x.start, bottom, x.end, bottom)
        self.text(x.end, bottom + 33, x_label, "label", "end")
        self.text(x.start - 34, top - 10, y_label, "label")

    def vertical_grid(self, x: Scale, bottom: Number, top: Number = 42, count: int = 5) -> None:
        """Add vertical grid lines with tick labels below them.

        Args:
            x: horizontal scale.
            bottom: lower end of the lines.
            top: upper end of the lines.
            count: approximate number of lines.
        """
        for value, label in x.ticks(count):
            self.line(x(value), top, x(value), bottom, "grid")
            self.text(x(value), bottom + 16, label, "tick", "middle")

    def render(self) -> Markup:
        """Return the finished element, safe to insert into a page."""
        head = (
            f'<svg viewBox="0 0 {number(self.width)} {number(self.height)}" role="img" '
            f'aria-labelledby="{self.name}-t {self.name}-d" style="max-width:{number(1.15 * self.width)}px">'
            f'<title id="{self.name}-t">{escape(self.title)}</title>'
            f'<desc id="{self.name}-d">{escape(self.description)}</desc>'
        )
        return Markup(head + "".join(self.parts) + "</svg>")


def _four_arms(points: list[Point]) -> list[Point]:
    """Return the points and their rotations by 90, 180 and 270 degrees: an outline with four equal arms."""
    outline = list(points)
    for _ in range(3):
        points = [(-b, a) for a, b in points]
        outline += points
    return outline


_OUTLINES = {
    2: [(0, -1.2), (1.1, 0.9), (-1.1, 0.9)],
    3: [(0, -1.3), (1.3, 0), (0, 1.3), (-1.3, 0)],
    4: [(0, 1.2), (1.1, -0.9), (-1.1, -0.9)],
    5: _four_arms([(-0.4, -1.2), (0.4, -1.2), (0.4, -0.4)]),
    6: [(-1.3, -0.6), (1.3, -0.6), (1.3, 0.6), (-1.3, 0.6)],
    7: _four_arms([(-0.7, -1.2), (0, -0.5), (0.7, -1.2)]),
}


def mark(index: int, x: Number, y: Number, class_: str, size: Number = 5) -> str:
    """Return a marker: circle, square, triangle, diamond, triangle down, plus, bar or cross.

    Args:
        index: index of the series; after the last marker the first is used again.
        x: horizontal position.
        y: vertical position.
        class_: CSS class.
        size: radius, in pixels.
    """
    s, shape = size, index % SERIES
    if shape == 0:
        return f'<circle cx="{number(x)}" cy="{number(y)}" r="{number(s)}" class="{class_}"/>'
    if shape == 1:
        side = 1.8 * s
        return (
            f'<rect x="{number(x - side / 2)}" y="{number(y - side / 2)}" width="{number(side)}" '
            f'height="{number(side)}" class="{class_}"/>'
        )
    points = " ".join(f"{number(x + s * a)},{number(y + s * b)}" for a, b in _OUTLINES[shape])
    return f'<polygon points="{points}" class="{class_}"/>'


def spread(positions: Sequence[Number], gap: Number, low: Number, high: Number) -> list[float]:
    """Return positions for labels that are at least ``gap`` apart.

    Args:
        positions: preferred positions.
        gap: smallest distance between two labels.
        low: lowest position.
        high: highest position.
    """
    order = sorted(range(len(positions)), key=lambda i: positions[i])
    moved = [float(value) for value in positions]
    for before, i in zip([None, *order], order, strict=False):
        moved[i] = max(moved[i], float(low) if before is None else moved[before] + gap)
    ceiling = float(high)
    for i in reversed(order):
        moved[i] = min(moved[i], ceiling)
        ceiling = moved[i] - gap
    return moved


def _value(value: object) -> str:
    return number(value) if isinstance(value, int | float) else str(escape(str(value)))
